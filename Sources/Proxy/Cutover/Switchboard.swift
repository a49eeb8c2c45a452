package import Buffering
package import Terms

/// Decides where a route's statements go, and is the only place that does.
///
/// What is asked for a place is *work*: one statement outside of a transaction, or a transaction
/// from its first statement to its last. Work that was placed stays where it is; nothing of it asks
/// again. So a cutover has only to hold new work and to wait for that in flight: then no
/// transaction is open, and the route can change for all sessions at once.
///
///     serving ── start ──> holding ── switch ──> taking over ──> switched
///                            │                     ├── not done ──> holding
///                            │                     └── not known ──> undecided ── switch, cancel
///                            ├── force ──> forced ── switch ──> taking over
///                            ├── cancel, or work in flight too long ──> cancelled
///                            └── too long ──> timed out
///
/// A backend that has begun to take over may serve at any moment, so from then on nothing lets the
/// old one serve again but an operator who was told that it is not known.
///
/// A pure state machine like the buffer it stands on: time goes in, actions come out, and the owner
/// performs them.
package struct Switchboard: Sendable {
  package typealias WorkID = RequestBuffer.RequestID

  package enum Verdict: Sendable, Equatable {
    case run(on: BackendName)
    /// An action will say what becomes of it.
    case wait
    case fail(Refusal)
  }

  package enum Action: Sendable, Equatable {
    /// Work that waited goes on.
    case run(WorkID, on: BackendName)
    case fail(WorkID, Refusal)
    /// A cutover holds, and nothing is in flight any more.
    case quiet(ShardName)
  }

  /// What is known of a backend.
  package struct Condition: Sendable, Equatable {
    /// Nil until somebody has looked.
    package internal(set) var isUp: Bool?
    /// Marked by the operator: it gets no new work.
    package internal(set) var isDraining = false
    /// As the last look found it; nil where it did not say.
    var isReadOnly: Bool?
    /// When it refused a write because it is read-only; nil once a later look found that it is not.
    var refusedWriteAt: Instant?

    var takesWork: Bool { isUp != false && !isDraining }
  }

  struct Work: Sendable {
    let route: ShardName
    /// Where that stands among all.
    let index: Int
    /// What it costs to keep it waiting.
    let bytes: Int
    /// Nil while it waits.
    var backend: BackendName?
    /// No work waits twice.
    var hasWaited = false

    /// The same before it was placed.
    func again(hasWaited: Bool = false) -> Work {
      Work(route: route, index: index, bytes: bytes, hasWaited: hasWaited)
    }
  }

  /// How one route stands.
  package struct RouteState: Sendable {
    package internal(set) var backend: BackendName
    /// Since when that backend serves the route.
    package internal(set) var servesSince: Instant
    package internal(set) var inFlight = 0
    /// A server was seen to take writes while it served the route.
    ///
    /// Only then does one that refuses them mean that another is to serve: others are there to be
    /// read.
    var isForWrites = false
    /// The last cutover, over or not.
    package internal(set) var cutover: Cutover?

    package var isHolding: Bool { cutover?.isHolding == true }
  }

  package private(set) var configuration: ProxyConfiguration
  package internal(set) var buffer: RequestBuffer
  package internal(set) var routes = RouteStates()
  package internal(set) var conditions: [BackendName: Condition] = [:]
  var works: [WorkID: Work] = [:]
  /// Of all work that waits.
  package private(set) var heldBytes = 0
  var isStopping = false
  /// Those with a cutover that time may end: few, and mostly none.
  var holding: Set<ShardName> = []
  /// Cutovers whose phase has changed and was not told of yet.
  private var changes: [Cutover] = []

  package init(_ configuration: ProxyConfiguration, at now: Instant) {
    self.configuration = configuration
    buffer = RequestBuffer(configuration.buffering)
    open(at: now)
  }

  /// Makes a beginning for backends and routes that have none yet.
  private mutating func open(at now: Instant) {
    for backend in configuration.backends where conditions[backend.name] == nil {
      conditions[backend.name] = Condition()
    }
    for route in configuration.routes where routes[route.name] == nil {
      routes[route.name] = RouteState(backend: route.backend, servesSince: now)
      _ = buffer.keyspaceEvent(route.name, primary: alias(of: route.backend), nil, at: now)
    }
  }

  /// Goes on with a configuration that ``ProxyConfiguration/taking(over:)`` has made of its own.
  ///
  /// Returns whether the buffer took its flags over: it does so only while nothing waits.
  package mutating func reconfigure(_ changed: ProxyConfiguration, at now: Instant) -> Bool {
    let buffering = configuration.buffering
    configuration = changed
    let isTaken = buffer.reconfigure(changed.buffering)
    if !isTaken { configuration.buffering = buffering }
    open(at: now)
    return isTaken
  }

  /// The alias under which a backend is shown: its place in the configuration, from 100 on.
  package func alias(of backend: BackendName) -> TabletAlias? {
    configuration.backends.firstIndex { $0.name == backend }
      .map { TabletAlias(cell: configuration.cell, uid: UInt32(100 + $0)) }
  }

  func isOpen(_ route: ShardName) -> Bool {
    routes.index(of: route).map(isOpen(at:)) ?? false
  }

  private func isOpen(at index: Int) -> Bool {
    !routes.states[index].isHolding
      && conditions[routes.states[index].backend]?.takesWork ?? false
  }

  /// Cutovers whose phase has changed since this was asked last.
  package mutating func takeChanges() -> [Cutover] {
    defer { changes = [] }
    return changes
  }

  mutating func noteChange(of route: ShardName) {
    if let cutover = routes[route]?.cutover { changes.append(cutover) }
  }

  // MARK: Work

  /// Asks for a place for new work; `bytes` is what its first statement takes.
  package mutating func admit(
    _ id: WorkID, to route: ShardName, bytes: Int, at now: Instant
  ) -> (verdict: Verdict, actions: [Action]) {
    guard let index = routes.index(of: route) else {
      return (.fail(isStopping ? .stopping : .noHealthyBackend(route)), [])
    }
    return admit(id, Work(route: route, index: index, bytes: bytes), at: now)
  }

  /// The backend of placed work could not be reached, and has seen nothing of it.
  package mutating func unreachable(
    _ id: WorkID, at now: Instant
  ) -> (verdict: Verdict, actions: [Action]) {
    guard let work = works[id], let backend = work.backend else {
      return (.fail(Refusal(.unavailable, "it was not placed")), [])
    }
    // First, so that nothing else is let go to it.
    conditions[backend]?.isUp = false
    var actions = ended(id, at: now)
    guard !work.hasWaited else { return (.fail(.noHealthyBackend(work.route)), actions) }
    let (verdict, more) = admit(id, work.again(), at: now)
    actions += more
    return (verdict, actions)
  }

  /// The backend of placed work has refused the first statement of it because it is read-only, and
  /// nothing of the work is left there.
  ///
  /// Nil: the client is to get the error at hand, and the work ends as any other.
  package mutating func refusedWrite(
    _ id: WorkID, at now: Instant
  ) -> (verdict: Verdict?, actions: [Action]) {
    guard let work = works[id], let backend = work.backend, routes.states[work.index].isForWrites
    else { return (nil, []) }
    conditions[backend]?.refusedWriteAt = now
    // As with vtgate, what has waited once gets its error.
    guard !work.hasWaited else { return (nil, []) }
    guard hasRoom(for: work) else {
      let text = buffer.refuseForLackOfRoom(work.route)
      return (.fail(.buffer(text, work.route)), ended(id, at: now))
    }
    let (verdict, more) = buffer.admit(id, for: work.route, after: .failoverError, at: now)
    let actions = perform(more, at: now)
    switch verdict {
    case .pass: return (nil, actions)
    case .fail(let text):
      return (.fail(.buffer(text, work.route)), actions + ended(id, at: now))
    case .wait:
      hold(id, work)
      return (.wait, actions + leave(work))
    }
  }

  private func hasRoom(for work: Work) -> Bool {
    heldBytes + work.bytes <= configuration.limits.heldBytes
  }

  private mutating func hold(_ id: WorkID, _ work: Work) {
    works[id] = work.again(hasWaited: true)
    heldBytes += work.bytes
  }

  private mutating func admit(
    _ id: WorkID, _ work: Work, at now: Instant
  ) -> (verdict: Verdict, actions: [Action]) {
    let route = work.route
    if isStopping { return (.fail(.stopping), []) }
    let isOpen = isOpen(at: work.index)
    if !hasRoom(for: work), !isOpen || buffer.state(of: route) == .buffering {
      return (.fail(.buffer(buffer.refuseForLackOfRoom(route), route)), [])
    }
    let (verdict, actions) = buffer.admit(
      id, for: route, after: isOpen ? .none : .failoverError, at: now)
    let others = perform(actions, at: now)
    switch verdict {
    case .pass where isOpen: return (.run(on: place(id, work)), others)
    case .pass: return (.fail(whyClosed(route)), others)
    case .wait:
      hold(id, work)
      return (.wait, others)
    case .fail(let text): return (.fail(.buffer(text, route)), others)
    }
  }

  /// Places work where its route leads, and returns where that is.
  private mutating func place(_ id: WorkID, _ work: Work) -> BackendName {
    let backend = routes.states[work.index].backend
    var work = work
    work.backend = backend
    works[id] = work
    routes.states[work.index].inFlight += 1
    return backend
  }

  /// The first statement of a transaction has ended; the transaction goes on.
  package mutating func firstStatementEnded(_ id: WorkID, at now: Instant) -> [Action] {
    perform(buffer.finished(id, at: now), at: now)
  }

  /// Work has ended, one way or the other: nothing of it can reach the backend any more.
  package mutating func ended(_ id: WorkID, at now: Instant) -> [Action] {
    guard let work = works[id], work.backend != nil else { return clientGone(id, at: now) }
    works[id] = nil
    let quiet = leave(work)
    return perform(buffer.finished(id, at: now), at: now) + quiet
  }

  /// One less is in flight.
  private mutating func leave(_ work: Work) -> [Action] {
    routes.states[work.index].inFlight -= 1
    guard routes.states[work.index].inFlight == 0, routes.states[work.index].isHolding else {
      return []
    }
    return [.quiet(work.route)]
  }

  /// The client of work that waits is gone.
  package mutating func clientGone(_ id: WorkID, at now: Instant) -> [Action] {
    guard works.keys.contains(id), works[id]?.backend == nil else { return [] }
    _ = buffer.clientGone(id)
    forget(id)
    return []
  }

  /// Drops work that waits.
  private mutating func forget(_ id: WorkID) {
    guard let work = works.removeValue(forKey: id), work.backend == nil else { return }
    heldBytes -= work.bytes
  }

  /// What the buffer wants, as the switchboard's own actions.
  ///
  /// Work that the buffer lets go while its route is closed has waited too long. It fails here, and
  /// that lets the next one go.
  mutating func perform(
    _ actions: [RequestBuffer.Action], failing: ShardName? = nil, at now: Instant
  ) -> [Action] {
    var (queue, result) = (actions[...], [Action]())
    while let action = queue.popFirst() {
      switch action {
      case .fail(let id, let text):
        guard let work = works[id] else { continue }
        forget(id)
        result.append(.fail(id, .buffer(text, work.route)))
      case .retry(let id):
        // Its client may be gone since.
        guard let work = works[id] else {
          queue += buffer.finished(id, at: now)
          continue
        }
        if work.route != failing, isOpen(at: work.index) {
          heldBytes -= work.bytes
          result.append(.run(id, on: place(id, work)))
        } else {
          forget(id)
          result.append(.fail(id, whyClosed(work.route, failing: failing)))
          queue += buffer.finished(id, at: now)
        }
      }
    }
    return result
  }

  /// What is said of a route that lets nothing in: a cutover holds it, or its server is down.
  private func whyClosed(_ route: ShardName, failing: ShardName? = nil) -> Refusal {
    let isHeld = route == failing || routes[route]?.isHolding == true
    return isHeld ? .notServing(route) : .noHealthyBackend(route)
  }
}

extension Switchboard {
  /// Which invariant does not hold; nil when all do.
  package func violation(at now: Instant) -> String? {
    if let violation = buffer.violation(at: now) { return violation }
    let waiting = works.values.filter { $0.backend == nil }
    if waiting.reduce(0, { $0 + $1.bytes }) != heldBytes { return "held bytes do not add up" }
    for (name, state) in routes {
      if holding.contains(name) != (state.cutover?.phase == .holding) {
        return "\(name): whether time may end its cutover is not noted"
      }
      let own = works.values.filter { $0.route == name && $0.backend != nil }
      if own.count != state.inFlight { return "\(name): \(own.count) in flight, not counted so" }
      if let stray = own.first(where: { $0.backend != own.first?.backend }), state.isHolding {
        return "\(name): work on \(stray.backend.map(\.description) ?? "") while it is held"
      }
    }
    return nil
  }
}
