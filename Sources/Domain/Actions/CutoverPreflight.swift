package import FleetModel
package import Terms

/// What speaks for and against an order to a proxy before it is sent.
///
/// The proxy itself decides what it carries out; this says what is known beforehand.
package struct CutoverPreflight: Preflight {
  package enum Check: String, Sendable, CaseIterable {
    case proxy = "proxy"
    case route = "route"
    case server = "new server"
    case newWork = "new work"
    case coolDown = "cool-down"
    case inFlight = "in flight"
    case time = "time left"
  }

  /// What a check has found; the words are `Wording`'s.
  package enum Evidence: Sendable, Equatable {
    case proxySilent(Address)
    case proxyAnswers(Address)
    /// They lead the same route, and would go on at the old server.
    case otherProxies([Address])
    case orderGoesOn

    case routeNotTold
    case leadsTo(String)
    case leadsElsewhere(String, expected: String)
    case underWay(ProxyCutover)
    case noneUnderWay
    /// Whether it takes writes already is not known.
    case mayHaveTakenOver(String)

    case noOtherServer
    case serverNotTold(String)
    case serverDown(String)
    case serverReady(String, Lag)
    case serverReadOnly(String, Lag)
    /// What the old one wrote last may be missing there.
    case serverNotAsked(String)

    /// At most this long each, and all of it.
    case newWorkWaits(window: Duration, maximum: Duration)
    case newWorkFails
    /// `size`: nil where it is not told how many can.
    case waiting(Int, size: Int?)
    case waitingNotTold
    case bufferingOff
    case bufferingNotKnown
    case coolDownLeft(Duration)
    case coolDownOver

    case inFlight(Int)
    case inFlightEnds(Int)
    case inFlightTooMany(Int, most: Int)
    case inFlightNotTold

    case timeLeft(Duration)
    case timeIsUp
  }

  /// In the order of the checks; those that are without meaning for the step are left out.
  package let lines: [Line]

  /// `isActing`: an order for the route that was sent from here has not ended.
  package init(_ order: CutoverOrder, _ shard: Shard, isActing: Bool, at now: Instant) {
    let scene = Scene(order: order, shard: shard, isActing: isActing, now: now)
    lines = Check.allCases.compactMap { check in
      scene.look(check).map { Line(check, $0.0, $0.1) }
    }
  }
}

/// What a check looks at.
private struct Scene {
  typealias Finding = (PreflightStatus, CutoverPreflight.Evidence)

  let order: CutoverOrder
  let shard: Shard
  let isActing: Bool
  let now: Instant

  /// Nil where the check is without meaning for the step.
  func look(_ check: CutoverPreflight.Check) -> Finding? {
    switch check {
    case .proxy: proxy
    case .route: route
    case .server: server
    case .newWork: newWork
    case .coolDown: coolDown
    case .inFlight: inFlight
    case .time: time
    }
  }

  private var gate: Shard.VtgateView? { shard.vtgates.first { $0.address == order.proxy } }
  private var standing: ProxyRoute? { gate?.route }

  private var proxy: Finding {
    guard gate?.freshness.isFresh == true else { return (.fail, .proxySilent(order.proxy)) }
    if isActing { return (.fail, .orderGoesOn) }
    let others = shard.vtgates.filter { $0.kind == .proxy && $0.address != order.proxy }
    guard others.isEmpty else { return (.fail, .otherProxies(others.map(\.address))) }
    return (.pass, .proxyAnswers(order.proxy))
  }

  private var route: Finding {
    guard let standing else { return (.fail, .routeNotTold) }
    if case .start = order.step {
      if let cutover = standing.cutover, cutover.isUnderWay { return (.fail, .underWay(cutover)) }
      return standing.server == order.from
        ? (.pass, .leadsTo(order.from))
        : (.fail, .leadsElsewhere(standing.server, expected: order.from))
    }
    guard let cutover = standing.cutover, cutover.isUnderWay else {
      return (.fail, .noneUnderWay)
    }
    guard cutover.from == order.from, cutover.to == order.to, cutover.phase != .takingOver else {
      return (.fail, .underWay(cutover))
    }
    if cutover.phase == .undecided, order.step == .cancel {
      return (.warn, .mayHaveTakenOver(order.to))
    }
    return (cutover.phase == .holding ? .pass : .warn, .underWay(cutover))
  }

  private var server: Finding? {
    guard order.step != .cancel else { return nil }
    if order.to.isEmpty { return (.fail, .noOtherServer) }
    guard let server = shard.tablets.first(where: { $0.database?.name == order.to }),
      let isServing = server.isServing
    else { return (.warn, .serverNotTold(order.to)) }
    guard isServing else { return (.fail, .serverDown(order.to)) }
    if case .carryThrough(isChecked: false, _) = order.step {
      return (.warn, .serverNotAsked(order.to))
    }
    let lag = server.replicaLag
    if server.database?.isReadOnly == true { return (.warn, .serverReadOnly(order.to, lag)) }
    // The same limit as for a reparent.
    return ((lag.value ?? .infinity) <= 5 ? .pass : .warn, .serverReady(order.to, lag))
  }

  private var newWork: Finding? {
    guard let gate else { return nil }
    guard case .start(let isUnbuffered) = order.step else {
      guard let held = gate.held else { return (.warn, .waitingNotTold) }
      let isFull = gate.bufferSize.map { (gate.heldOverall ?? held) >= $0 } ?? false
      return (isFull ? .warn : .pass, .waiting(held, size: gate.bufferSize))
    }
    if gate.isOff(for: order.route) {
      return isUnbuffered ? (.warn, .newWorkFails) : (.fail, .bufferingOff)
    }
    if isUnbuffered, coolDownLeft != nil { return (.warn, .newWorkFails) }
    guard gate.flags.source == .commandLine else { return (.warn, .bufferingNotKnown) }
    return (
      .pass, .newWorkWaits(window: gate.flags.window, maximum: gate.flags.maxFailoverDuration)
    )
  }

  private var coolDownLeft: Duration? { gate?.cooldown(at: now) }

  private var coolDown: Finding? {
    guard case .start(let isUnbuffered) = order.step, let gate, !gate.isOff(for: order.route)
    else { return nil }
    return coolDownLeft.map { (isUnbuffered ? .warn : .fail, .coolDownLeft($0)) }
      ?? (.pass, .coolDownOver)
  }

  private var inFlight: Finding? {
    guard let standing else { return nil }
    switch (order.step, standing.inFlight) {
    case (.cancel, _): return nil
    case (_, nil): return (.warn, .inFlightNotTold)
    case (.start, let count?): return (.pass, .inFlight(count))
    case (.carryThrough(_, nil), let count?):
      return (count == 0 ? .pass : .warn, .inFlight(count))
    case (.carryThrough(_, let most?), let count?):
      if count > most { return (.fail, .inFlightTooMany(count, most: most)) }
      return count == 0 ? (.pass, .inFlight(0)) : (.warn, .inFlightEnds(count))
    }
  }

  /// Until a hold ends by itself, by the proxy's clock.
  private var time: Finding? {
    guard order.step.endsHold, let gate, let cutover = standing?.cutover,
      cutover.phase == .holding
    else { return nil }
    let left = gate.flags.maxFailoverDuration - (now - cutover.startedAt)
    return left > .zero ? (.pass, .timeLeft(left)) : (.warn, .timeIsUp)
  }
}

extension CutoverOrder.Step {
  package var endsHold: Bool {
    switch self {
    case .start: false
    case .carryThrough, .cancel: true
    }
  }
}
