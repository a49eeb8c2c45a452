package import FleetModel
package import Terms

/// What speaks for and against a reparent before it is sent.
package struct ReparentPreflight: Preflight {
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

  /// What the checks need beyond what the fleet shows.
  package struct Facts: Sendable, Equatable {
    /// Nil until it has been read; see `topoFailure`.
    package var topo: TopoShard?
    package var topoFailure: CallFailure?
    /// Nil when it is not known.
    package var durabilityPolicy: String?
    /// The primary's release, where it reports one.
    package var release = Release.unknown
    /// Whether vtctld compares the expected primary once more; nil when it does not say.
    package var checksExpectedPrimary: Bool?
    /// A reparent of the shard sent from here is still running.
    package var isReparenting = false
    /// Queries a second to the shard's primary, by vtgate.
    package var rates: [Address: Double] = [:]

    package init() {}
  }

  /// In the order of the checks.
  package let lines: [Line]

  package init(_ lines: [Line]) { self.lines = lines }

  package init(_ order: ReparentOrder, _ shard: Shard, _ facts: Facts, at now: Instant) {
    let scene = Scene(order: order, shard: shard, facts: facts, now: now)
    lines = Check.allCases.map { check in
      let (status, evidence) = scene.weigh(check)
      return Line(check, status, evidence)
    }
  }
}

/// What a check looks at.
private struct Scene {
  typealias Finding = (PreflightStatus, ReparentPreflight.Evidence)

  let order: ReparentOrder
  let shard: Shard
  let facts: ReparentPreflight.Facts
  let now: Instant

  /// Where no primary serves, requests fail already: how they would fare is no reason to let more fail.
  func weigh(_ check: ReparentPreflight.Check) -> Finding {
    let (status, evidence) = look(check)
    let isOfRequests = [.buffering, .coolDown, .room].contains(check)
    guard isOfRequests, order.kind == .emergency, shard.isPrimaryMissing else {
      return (status, evidence)
    }
    return (min(status, .warn), evidence)
  }

  func look(_ check: ReparentPreflight.Check) -> Finding {
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

  /// The vtgates that carry traffic for the shard, or may.
  private var gates: [Shard.VtgateView] { shard.vtgates.filter(\.freshness.isFresh) }
  private var replicas: [TabletView] {
    shard.tablets.filter {
      !$0.isPrimary && $0.alias != order.expectedPrimary && $0.type == .replica
    }
  }

  private var topo: Finding {
    guard let topo = facts.topo else { return (.fail, .topoNotRead(facts.topoFailure)) }
    guard let primary = topo.primary else { return (.fail, .topoNamesNoPrimary) }
    guard primary == order.expectedPrimary else {
      return (.fail, .topoNamesAnother(primary, expected: order.expectedPrimary))
    }
    // v20 and older ignore the expected primary: only this reading protects them.
    return (.pass, .topoAsExpected(primary, isCheckedAgain: facts.checksExpectedPrimary))
  }

  private var primary: Finding {
    guard !gates.isEmpty else { return (.fail, .nobodySaysWhoServes) }
    if shard.primaryIsServing, let serving = shard.primary, serving != order.expectedPrimary {
      return (.fail, .anotherServes(serving, expected: order.expectedPrimary))
    }
    let isServing = shard.primaryIsServing && shard.primary == order.expectedPrimary
    let evidence =
      isServing
      ? ReparentPreflight.Evidence.primaryServes(order.expectedPrimary, for: order.kind)
      : .primaryServesNot(order.expectedPrimary, for: order.kind)
    return (isServing == (order.kind == .planned) ? .pass : .fail, evidence)
  }

  private var candidate: Finding {
    if let wanted = order.newPrimary {
      if wanted == order.expectedPrimary { return (.fail, .isPrimaryAlready(wanted)) }
      guard let tablet = shard.tablets.first(where: { $0.alias == wanted }) else {
        return (.fail, .noTabletOfShard(wanted, order.shard))
      }
      return judge(tablet)
    }
    // vtctld elects across cells only when told to.
    let cell = order.expectedPrimary.cell
    let judged = replicas.filter { $0.alias?.cell == cell }.map { judge($0) }
    guard let best = judged.min(by: { $0.0 < $1.0 }) else {
      return (.fail, .noOtherReplica(cell: cell))
    }
    let fit = judged.count { $0.0 == .pass }
    return fit > 0 ? (.pass, .replicasFit(fit, of: judged.count)) : best
  }

  private func judge(_ tablet: TabletView) -> Finding {
    if tablet.type != .replica { return (.fail, .noReplica(tablet.name, tablet.type)) }
    if tablet.isServing == false { return (.fail, .servesNot(tablet.name)) }
    if let failure = tablet.failure { return (.warn, .candidateFails(tablet.name, failure)) }
    let lag = tablet.replicaLag
    guard let value = lag.value else {
      return (.warn, .candidateLagNotKnown(tablet.name, lag.caveat))
    }
    let threshold = tablet.lag.metric.isLag ? tablet.lag.threshold : nil
    // The health stream alone proves little: it can say 0 while replication is stopped.
    let isProven = tablet.lag.metric.isLag && tablet.lag.value != nil
    // The threshold that releases use by default is as good a limit as any.
    guard value <= threshold ?? 5 else {
      // It applies what it has received before it is promoted, and nothing more will arrive.
      return (
        order.kind == .emergency ? .warn : .fail,
        .candidateLag(tablet.name, lag, threshold: threshold, caveat: nil)
      )
    }
    return (
      isProven ? .pass : .warn,
      .candidateLag(
        tablet.name, lag, threshold: threshold, caveat: isProven ? nil : tablet.lag.caveat)
    )
  }

  private var buffering: Finding {
    guard !gates.isEmpty else { return (.fail, .noVtgateAnswers) }
    let off = gates.filter { $0.isOff(for: order.shard) }
    if !off.isEmpty { return (.fail, .bufferingOff(at: off.map(\.address))) }
    let silent = shard.vtgates.count - gates.count
    if silent > 0 { return (.warn, .vtgatesSilent(silent, of: shard.vtgates.count)) }
    let unsure = gates.filter { $0.flags.source == .defaults && ($0.total?.buffered ?? 0) == 0 }
    if !unsure.isEmpty { return (.warn, .bufferingNotKnown(at: unsure.map(\.address))) }
    return (.pass, .bufferingOn(vtgates: gates.count))
  }

  private var coolDown: Finding {
    guard !gates.isEmpty else { return (.warn, .coolDownNotKnown) }
    let longest = gates.compactMap { $0.cooldown(at: now) }.max()
    return longest.map { (.fail, .coolDownLeft($0)) } ?? (.pass, .coolDownOver)
  }

  /// As long as the shard's last failover was buffered, or one second: real failovers on a quiet
  /// cluster take 0.2 to 0.6 s.
  private var expectedDuration: Duration {
    max(.seconds(1), shard.lastFailover?.longestBuffering ?? .zero)
  }

  private var room: Finding {
    var worst: Finding?
    var unknown = 0
    for gate in gates {
      guard let size = gate.bufferSize, let held = gate.heldOverall,
        let rate = facts.rates[gate.address]
      else {
        unknown += 1
        continue
      }
      let free = max(0, size - held)
      // An upper bound, because clients that are waiting send nothing more.
      let needed = Int(min(rate * expectedDuration.seconds, 1e12).rounded(.up))
      let status: PreflightStatus = free == 0 ? .fail : needed > free ? .warn : .pass
      if let worst, status <= worst.0 { continue }
      worst = (
        status,
        .room(
          at: gate.address, rate: min(rate, 1e9), lasting: expectedDuration, needed: needed,
          free: free, size: size)
      )
    }
    if let worst, unknown == 0 || worst.0 > .pass { return worst }
    return (.warn, .ratesNotKnown(unknown, of: gates.count))
  }

  private var limits: Finding {
    let stall = order.worstStall(facts.release)
    guard let window = gates.map(\.flags.window).min(),
      let maximum = gates.map(\.flags.maxFailoverDuration).min()
    else { return (.warn, .stallWithoutLimits(stall)) }
    return (
      stall > min(window, maximum) ? .warn : .pass,
      .stall(
        stall, waitTimeout: order.waitReplicasTimeout, window: window, maximum: maximum)
    )
  }

  private var otherReparent: Finding {
    if facts.isReparenting { return (.fail, .ownReparentGoesOn) }
    if let last = shard.lastFailover, last.ended == nil {
      // That is what an emergency reparent is for.
      return (order.kind == .planned ? .fail : .warn, .failoverGoesOn(last.id))
    }
    return (.pass, .noOtherReparent)
  }

  private var apps: Finding {
    (.pass, .throttledApps(shard.throttledApps.map { .init($0.name, left: $0.expiresAt - now) }))
  }

  private var semiSync: Finding {
    guard let policy = facts.durabilityPolicy else { return (.warn, .policyNotKnown) }
    if policy.isEmpty, facts.release.hasDurabilityPolicies == false {
      return (.warn, .noPoliciesInTopo)
    }
    // vtctld treats an empty policy as none.
    guard !policy.isEmpty, policy != "none" else {
      return (.pass, .noSemiSync(isPolicySet: !policy.isEmpty))
    }
    // Replicas that can acknowledge: all but the new primary, and the old primary if it lives on.
    let cell = (order.newPrimary ?? order.expectedPrimary).cell
    func counts(_ alias: TabletAlias?) -> Bool {
      policy != "cross_cell" || (alias != nil && alias?.cell != cell)
    }
    let serving = replicas.filter { $0.isServing != false && $0.alias != order.newPrimary }
    let chosen = order.newPrimary == nil && policy != "cross_cell" ? 1 : 0
    let old = order.kind == .planned && counts(order.expectedPrimary) ? 1 : 0
    let others = max(0, serving.count { counts($0.alias) } - chosen + old)
    return (others >= 1 ? .pass : .fail, .acknowledgers(others, policy: policy))
  }
}
