internal import Buffering
package import Terms

// Cutovers: how they begin, go on and end.
extension Switchboard {
  /// Begins to hold a route's new work, so that it can be switched to another backend.
  ///
  /// `unbuffered`: also where the buffer would not take it, so that new work fails until the switch.
  package mutating func start(
    _ route: ShardName, to target: BackendName, unbuffered: Bool = false, at now: Instant
  ) throws(Refusal) -> [Action] {
    guard let state = routes[route], let known = configuration.route(route) else {
      throw Refusal(.failedPrecondition, "there is no route \(route)")
    }
    guard known.candidates.contains(target) else {
      throw Refusal(.failedPrecondition, "\(target) is not among the backends of \(route)")
    }
    guard target != state.backend else {
      throw Refusal(.failedPrecondition, "\(target) serves \(route) already")
    }
    guard !state.isHolding else {
      throw Refusal(.failedPrecondition, "a cutover of \(route) is under way")
    }
    guard conditions[target]?.takesWork == true else {
      throw Refusal(.failedPrecondition, "\(target) is down or draining")
    }
    guard buffer.state(of: route) != .draining else {
      throw Refusal(.failedPrecondition, "\(route) is still working off what waited")
    }
    let buffering = configuration.buffering
    guard unbuffered || buffering.isEnabled || !buffering.isDryRun else {
      throw Refusal(
        .failedPrecondition, "\(route) would not be buffered (dry run); statements would fail")
    }
    if !unbuffered, buffer.state(of: route) == .idle,
      let reason = buffer.reasonNotToStart(route, at: now)
    {
      throw Refusal(
        .failedPrecondition,
        "\(route) would not be buffered (\(reason.rawValue)); statements would fail")
    }
    routes[route]?.cutover = Cutover(route: route, from: state.backend, to: target, startedAt: now)
    enter(route, .holding)
    return state.inFlight == 0 ? [.quiet(route)] : []
  }

  /// The new backend of a held route begins to take over; from here on nothing ends the cutover
  /// before that is decided.
  ///
  /// `cutover`: the one that is meant, as it was when its checks began.
  package mutating func takeOver(_ cutover: Cutover) throws(Refusal) {
    try checkThatItMayEnd(cutover)
    enter(cutover.route, .takingOver)
  }

  /// The new backend has not taken over; `doubt` says why that is not certain, where it is not.
  package mutating func failTakeOver(_ cutover: Cutover, doubt: String?) {
    guard case .takingOver? = routes[cutover.route]?.cutover?.phase else { return }
    enter(cutover.route, doubt.map { .undecided(why: $0) } ?? .holding)
  }

  private mutating func enter(_ route: ShardName, _ phase: Cutover.Phase) {
    routes[route]?.cutover?.phase = phase
    if phase == .holding { holding.insert(route) } else { holding.remove(route) }
    if phase != .forced { noteChange(of: route) }
  }

  /// Gives a held route to its new backend, for all sessions at once, and lets go what waits.
  ///
  /// `cutover`: the one that is meant, as it was when its checks began. One that has taken over gets
  /// the route also if it has been found down since.
  package mutating func commit(_ cutover: Cutover, at now: Instant) throws(Refusal) -> [Action] {
    let route = cutover.route
    if routes[route]?.cutover?.phase != .takingOver { try checkThatItMayEnd(cutover) }
    routes[route]?.backend = cutover.to
    routes[route]?.servesSince = now
    noteWrites(of: cutover.to)
    end(route, .switched, at: now)
    return perform(
      buffer.keyspaceEvent(route, primary: alias(of: cutover.to), .newPrimarySeen, at: now),
      at: now)
  }

  /// Throws why a cutover cannot be carried through at the moment.
  package func checkThatItHolds(_ cutover: Cutover) throws(Refusal) {
    guard let current = routes[cutover.route]?.cutover, current.isSame(as: cutover) else {
      throw Refusal(.failedPrecondition, "that cutover of \(cutover.route) is over")
    }
    let what =
      switch current.phase {
      case .holding, .undecided: nil as String?
      // By whoever has the cutover in this phase.
      case .forced where cutover.phase == .forced: nil as String?
      case .takingOver, .forced: "is being carried out already"
      case .switched: "has been carried out already"
      case .cancelled(let why): "was cancelled: \(why)"
      case .timedOut: "took too long and is over"
      }
    if let what {
      throw Refusal(.failedPrecondition, "the cutover of \(cutover.route) \(what)")
    }
  }

  private func checkThatItMayEnd(_ cutover: Cutover) throws(Refusal) {
    try checkThatItHolds(cutover)
    let inFlight = routes[cutover.route]?.inFlight ?? 0
    guard inFlight == 0 else {
      throw Refusal(.failedPrecondition, "\(inFlight) statements or transactions are in flight")
    }
    try checkThatItTakesWork(cutover.to)
  }

  private func checkThatItTakesWork(_ backend: BackendName) throws(Refusal) {
    guard conditions[backend]?.takesWork == true else {
      throw Refusal(.failedPrecondition, "\(backend) is down or draining")
    }
  }

  /// Throws why what is in flight on a held route may not be ended: it is more than `most`, or it would
  /// be for nothing.
  package func checkThatWorkMayEnd(_ cutover: Cutover, atMost most: Int) throws(Refusal) {
    try checkThatItHolds(cutover)
    try checkThatItTakesWork(cutover.to)
    let count = routes[cutover.route]?.inFlight ?? 0
    guard count <= most else {
      throw Refusal(
        .failedPrecondition,
        "\(count) statements or transactions are in flight, and at most \(most) are to be ended")
    }
  }

  /// Lets the old backend go on.
  package mutating func cancel(
    _ route: ShardName, because why: String, at now: Instant
  ) throws(Refusal) -> [Action] {
    guard let cutover = routes[route]?.cutover, cutover.isHolding else {
      throw Refusal(.failedPrecondition, "no cutover of \(route) is under way")
    }
    guard cutover.phase != .takingOver else {
      throw Refusal(.failedPrecondition, "\(cutover.to) is taking \(route) over already")
    }
    guard cutover.phase != .forced else {
      throw Refusal(.failedPrecondition, "the switch of \(route) has been forced")
    }
    end(route, .cancelled(why: why), at: now)
    return reopen(route, at: now)
  }

  /// Begins to end what is in flight on a held route, and returns what that is.
  ///
  /// If it is anything, the cutover is forced: only who has it as it is now can carry it through, and
  /// nothing ends it before ``release(_:)``.
  package mutating func force(
    _ cutover: Cutover, atMost most: Int
  ) throws(Refusal) -> (cutover: Cutover, works: Set<WorkID>) {
    try checkThatWorkMayEnd(cutover, atMost: most)
    let own = Set(inFlight(on: cutover.route))
    if !own.isEmpty { enter(cutover.route, .forced) }
    return (routes[cutover.route]?.cutover ?? cutover, own)
  }

  /// A forced switch was not made: the cutover holds on as any other.
  package mutating func release(_ cutover: Cutover) {
    guard let current = routes[cutover.route]?.cutover, current.isSame(as: cutover),
      current.phase == .forced
    else { return }
    enter(cutover.route, .holding)
  }

  private func inFlight(on route: ShardName) -> [WorkID] {
    works.filter { $0.value.route == route && $0.value.backend != nil }.keys.sorted()
  }

  /// What is still in flight of that counts as ended: whoever was at it can send nothing more of it.
  package mutating func endInFlight(of cutover: Cutover, at now: Instant) -> [Action] {
    guard let current = routes[cutover.route]?.cutover, current.isSame(as: cutover),
      current.phase == .forced
    else { return [] }
    return inFlight(on: cutover.route).flatMap { ended($0, at: now) }
  }

  private mutating func end(_ route: ShardName, _ phase: Cutover.Phase, at now: Instant) {
    routes[route]?.cutover?.endedAt = now
    enter(route, phase)
  }

  /// Lets go what waits for a route if nothing keeps it closed.
  mutating func reopen(_ route: ShardName, at now: Instant) -> [Action] {
    guard isOpen(route), let backend = routes[route]?.backend,
      conditions[backend]?.refusedWriteAt == nil
    else { return [] }
    return perform(buffer.stop(route, .newPrimarySeen, at: now), at: now)
  }

  // MARK: Time

  /// Lets time pass: ends what has waited too long, and cutovers that take too long.
  package mutating func advance(to now: Instant) -> [Action] {
    var actions: [Action] = []
    for route in holding.sorted() {
      guard let state = routes[route], let cutover = state.cutover else { continue }
      if now - cutover.startedAt >= configuration.buffering.maxFailoverDuration {
        end(route, .timedOut, at: now)
        actions += perform(
          buffer.stop(route, .maxDurationExceeded, at: now), failing: route, at: now)
      } else if state.inFlight > 0, now - cutover.startedAt >= configuration.limits.inFlight {
        end(
          route,
          .cancelled(why: "\(state.inFlight) statements or transactions did not end in time"),
          at: now)
        actions += reopen(route, at: now)
      }
    }
    return actions + perform(buffer.advance(to: now), at: now)
  }

  /// When ``advance(to:)`` has something to do next; nil while nothing waits or holds.
  package var nextDeadline: Instant? {
    var next = buffer.nextDeadline
    for route in holding {
      guard let state = routes[route], let start = state.cutover?.startedAt else { continue }
      let limit =
        state.inFlight > 0
        ? min(configuration.limits.inFlight, configuration.buffering.maxFailoverDuration)
        : configuration.buffering.maxFailoverDuration
      next = min(next ?? start + limit, start + limit)
    }
    return next
  }

  /// Takes nothing new and holds nothing any more: what waits goes where its route leads, or fails.
  package mutating func shutDown(at now: Instant) -> [Action] {
    isStopping = true
    for route in holding.sorted() {
      end(route, .cancelled(why: "the proxy stops"), at: now)
    }
    return perform(buffer.shutDown(at: now), at: now)
  }
}
