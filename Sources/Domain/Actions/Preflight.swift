package import FleetModel
package import Terms

/// What speaks for and against a reparent before it is sent.
package struct Preflight: Sendable, Equatable {
  package enum Status: Int, Sendable, Comparable {
    case pass, warn, fail

    package static func < (left: Status, right: Status) -> Bool { left.rawValue < right.rawValue }

    /// The word for the screen, lines and JSON.
    package var word: String {
      switch self {
      case .pass: "pass"
      case .warn: "warn"
      case .fail: "FAIL"
      }
    }
  }

  package struct Line: Sendable, Equatable {
    package let check: Check
    package let status: Status
    /// What the status rests on.
    package let evidence: String
  }

  package enum Check: String, Sendable, CaseIterable {
    case topo = "primary in topo"
    case primary = "primary"
    case candidate = "candidate"
    case buffering = "buffering"
    case coolDown = "cool-down"
    case room = "room in buffers"
    case limits = "worst stall"
    case otherReparent = "other reparents"
    case apps = "throttled apps"
    case semiSync = "semi-sync"
  }

  /// What is looked up for it, beside what the fleet shows.
  package struct Facts: Sendable, Equatable {
    /// Nil as long as it was not read; see `topoFailure`.
    package var topo: TopoShard?
    package var topoFailure: String?
    /// Nil when it is not known.
    package var durabilityPolicy: String?
    /// What the primary runs, where it says it.
    package var release = Release.unknown
    /// Whether vtctld compares the expected primary once more; nil when it does not tell.
    package var checksExpectedPrimary: Bool?
    /// A reparent of the shard that was sent from here has not ended.
    package var isReparenting = false
    /// Queries a second to the shard's primary, by vtgate.
    package var rates: [Address: Double] = [:]

    package init() {}
  }

  /// In the order of the checks.
  package let lines: [Line]

  package var failed: [Check] { lines.filter { $0.status == .fail }.map(\.check) }
  package var worst: Status { lines.map(\.status).max() ?? .pass }

  package init(_ order: ReparentOrder, _ shard: Shard, _ facts: Facts, at now: Instant) {
    let scene = Scene(order: order, shard: shard, facts: facts, now: now)
    lines = Check.allCases.map { check in
      let (status, evidence) = scene.look(check)
      return Line(check: check, status: status, evidence: evidence)
    }
  }
}

/// What a check looks at.
private struct Scene {
  typealias Finding = (Preflight.Status, String)

  let order: ReparentOrder
  let shard: Shard
  let facts: Preflight.Facts
  let now: Instant

  func look(_ check: Preflight.Check) -> Finding {
    switch check {
    case .topo: topo
    case .primary: primary
    case .candidate: candidate
    case .buffering: buffering
    case .coolDown: coolDown
    case .room: room
    case .limits: limits
    case .otherReparent: otherReparent
    case .apps: apps
    case .semiSync: semiSync
    }
  }

  /// vtgates that carry traffic for the shard, or may.
  private var gates: [Shard.VtgateView] { shard.vtgates.filter(\.freshness.isFresh) }
  private var replicas: [TabletView] {
    shard.tablets.filter {
      !$0.isPrimary && $0.alias != order.expectedPrimary && $0.type == .replica
    }
  }

  private var topo: Finding {
    guard let topo = facts.topo else {
      return (.fail, facts.topoFailure ?? "not read yet")
    }
    guard let primary = topo.primary else { return (.fail, "topo names no primary") }
    guard primary == order.expectedPrimary else {
      return (.fail, "topo says \(primary.short), not \(order.expectedPrimary.short)")
    }
    // v20 and older do not look at the expected primary: only this reading guards them.
    let guarded =
      switch facts.checksExpectedPrimary {
      case true: "vtctld checks it again"
      case false: "this release of vtctld does not check it again"
      case nil: "whether vtctld checks it again is not known"
      }
    return (.pass, "\(primary.short), as expected; \(guarded)")
  }

  private var primary: Finding {
    guard !gates.isEmpty else { return (.fail, "no vtgate answers: nobody says who serves") }
    let isServing = shard.primaryIsServing && shard.primary == order.expectedPrimary
    switch order.kind {
    case .planned where isServing:
      return (.pass, "\(order.expectedPrimary.short) serves")
    case .planned:
      return (
        .fail, "no vtgate sees \(order.expectedPrimary.short) serve: a planned reparent needs it"
      )
    case .emergency where isServing:
      return (.fail, "\(order.expectedPrimary.short) serves: a planned reparent loses nothing")
    case .emergency: return (.pass, "no vtgate sees \(order.expectedPrimary.short) serve")
    }
  }

  private var candidate: Finding {
    if let wanted = order.newPrimary {
      if wanted == order.expectedPrimary { return (.fail, "\(wanted.short) is primary already") }
      guard let tablet = shard.tablets.first(where: { $0.alias == wanted }) else {
        return (.fail, "\(wanted.short) is no tablet of \(order.shard)")
      }
      return judge(tablet)
    }
    // vtctld elects across cells only when it is told to.
    let electable = replicas.filter { $0.alias?.cell == order.expectedPrimary.cell }
    guard !electable.isEmpty else {
      return (.fail, "the cell \(order.expectedPrimary.cell) has no other replica: name one")
    }
    let judged = electable.map { judge($0) }
    let best = judged.map(\.0).min() ?? .fail
    let fit = judged.count { $0.0 == .pass }
    let words =
      best == .pass
      ? "\(fit) of \(electable.count) replicas fit; vtctld chooses"
      : judged.first { $0.0 == best }?.1 ?? "no replica fits"
    return (best, words)
  }

  private func judge(_ tablet: TabletView) -> Finding {
    let name = tablet.label
    if tablet.type != .replica { return (.fail, "\(name) is \(tablet.type), not replica") }
    if tablet.isServing == false { return (.fail, "\(name) does not serve") }
    if let failure = tablet.failure { return (.warn, "\(name): \(failure.description)") }
    let lag = tablet.replicaLag
    guard let value = lag.value, let text = lag.valueText else {
      return (.warn, "\(name): \(lag.caveat ?? "its lag is not known")")
    }
    let threshold = tablet.lag.metric.isLag ? tablet.lag.threshold : nil
    let source = lag.witness == .heartbeats ? "" : " by \(lag.witness.rawValue)"
    var words = "\(name) at \(text)\(source)"
    if let threshold { words += ", threshold \(threshold.inHundredths) s" }
    // What a release throttles at by default is as good a limit as any.
    guard value <= threshold ?? 5 else {
      // It applies what it has received before it is promoted; nothing more will come.
      return (order.kind == .emergency ? .warn : .fail, words)
    }
    // The health stream alone proves little: it can say 0 while replication is stopped.
    guard tablet.lag.metric.isLag, tablet.lag.value != nil else {
      return (.warn, tablet.lag.caveat.map { "\(words); \($0)" } ?? words)
    }
    return (.pass, words)
  }

  private var buffering: Finding {
    guard !gates.isEmpty else { return (.fail, "no vtgate answers") }
    let off = gates.filter { $0.isOff(for: order.shard) }
    if !off.isEmpty {
      return (.fail, "off at \(off.map(\.address.description).joined(separator: ", "))")
    }
    let silent = shard.vtgates.count - gates.count
    if silent > 0 { return (.warn, "\(silent) of \(shard.vtgates.count) vtgates do not answer") }
    let unsure = gates.filter { $0.flags.source == .defaults && ($0.total?.buffered ?? 0) == 0 }
    if !unsure.isEmpty {
      let names = unsure.map(\.address.description).joined(separator: ", ")
      return (.warn, "whether it is on cannot be read at \(names)")
    }
    return (.pass, gates.count == 1 ? "on at the vtgate" : "on at all \(gates.count) vtgates")
  }

  private var coolDown: Finding {
    guard !gates.isEmpty else { return (.warn, "no vtgate says") }
    let waits = gates.compactMap { $0.cooldown(at: now) }
    guard let longest = waits.max() else { return (.pass, "over") }
    return (.fail, "\(longest.inTenths) left: this failover would not be buffered")
  }

  /// As long as the shard's last failover was buffered, or a second: real ones on a quiet cluster take
  /// 0.2 to 0.6 s.
  private var expectedDuration: Duration {
    max(.seconds(1), shard.lastFailover?.longestBuffering ?? .zero)
  }

  private var room: Finding {
    var worst: Finding = (.pass, "")
    var unknown = 0
    for gate in gates {
      guard let size = gate.bufferSize, let held = gate.heldOverall,
        let rate = facts.rates[gate.address]
      else {
        unknown += 1
        continue
      }
      let free = max(0, size - held)
      let needed = Int(min(rate * expectedDuration.seconds, 1e12).rounded(.up))
      // Clients that wait send nothing more: it is the most that can come.
      let words =
        "\(gate.address): \(Int(min(rate, 1e9).rounded()).grouped)/s for \(expectedDuration.inTenths) is "
        + "\(needed.grouped) at most, free \(free.grouped) of \(size.grouped)"
      let status: Preflight.Status = free == 0 ? .fail : needed > free ? .warn : .pass
      if status > worst.0 || worst.1.isEmpty { worst = (status, words) }
    }
    if worst.1.isEmpty || (unknown > 0 && worst.0 == .pass) {
      return (.warn, "the rate of queries is not known at \(unknown) of \(gates.count) vtgates")
    }
    return worst
  }

  private var limits: Finding {
    let stall = order.worstStall(facts.release)
    guard let window = gates.map(\.flags.window).min(),
      let maximum = gates.map(\.flags.maxFailoverDuration).min()
    else { return (.warn, "\(stall.inTenths); no vtgate says its limits") }
    let words =
      "\(stall.inTenths) at worst (wait timeout \(order.waitReplicasTimeout.inTenths)); "
      + "window \(window.inTenths), max \(maximum.inTenths)"
    return (stall > min(window, maximum) ? .warn : .pass, words)
  }

  private var otherReparent: Finding {
    if facts.isReparenting { return (.fail, "one that was sent from here has not ended") }
    if let last = shard.lastFailover, last.ended == nil {
      // An emergency reparent is for that.
      return (
        order.kind == .planned ? .fail : .warn, "failover \(last.id) of this shard goes on"
      )
    }
    return (.pass, "none seen")
  }

  private var apps: Finding {
    guard !shard.throttledApps.isEmpty else { return (.pass, "none: nobody holds them back") }
    let names = shard.throttledApps.prefix(4).map {
      "\($0.name.prefix(40)) (\(($0.expiresAt - now).inTenths) left)"
    }
    return (.pass, names.joined(separator: ", "))
  }

  private var semiSync: Finding {
    guard let policy = facts.durabilityPolicy else { return (.warn, "the policy is not known") }
    if policy.isEmpty, facts.release.hasDurabilityPolicies == false {
      return (.warn, "topo has no policy: before v14 each tablet has its own flag")
    }
    // vtctld takes an empty policy for none.
    guard !policy.isEmpty else { return (.pass, "no policy is set, which means none: not needed") }
    guard policy != "none" else { return (.pass, "policy none: not needed") }
    // Whoever acknowledges: replicas besides the new primary, and the old one where it lives on.
    let cell = (order.newPrimary ?? order.expectedPrimary).cell
    func counts(_ alias: TabletAlias?) -> Bool {
      policy != "cross_cell" || (alias != nil && alias?.cell != cell)
    }
    let serving = replicas.filter { $0.isServing != false && $0.alias != order.newPrimary }
    let chosen = order.newPrimary == nil && policy != "cross_cell" ? 1 : 0
    let old = order.kind == .planned && counts(order.expectedPrimary) ? 1 : 0
    let others = max(0, serving.count { counts($0.alias) } - chosen + old)
    return (others >= 1 ? .pass : .fail, "policy \(policy): \(others) tablets can acknowledge")
  }
}
