package import Cutover
internal import MySQLWire
package import NIOCore
internal import Synchronization
package import Terms

/// The switchboard as sessions reach it, from any event loop.
///
///     let (work, answer) = gate.admit(to: route, bytes: 120, on: loop)
///     // .run(on: backend): connect, send, pass the answer on
///     gate.firstStatementEnded(work)   // if it leaves a transaction open
///     gate.ended(work)                 // as soon as none is open
///
/// Work that was placed must end: a cutover waits for it. A session whose client has gone ends its
/// work only when its backend can do nothing more for it.
package final class Gate: Sendable {
  package typealias WorkID = Switchboard.WorkID

  package enum Placement: Sendable {
    case run(on: ProxyConfiguration.Backend)
    case fail(Refusal)
  }

  package enum Answer: Sendable {
    case now(Placement)
    /// It waits; the future succeeds on the loop that was named.
    case later(EventLoopFuture<Placement>)
  }

  private struct State {
    var board: Switchboard
    var nextWork: WorkID = 1
    var waiting: [WorkID: EventLoopPromise<Placement>] = [:]
    /// Who waits for a cutover to be quiet or over.
    var watchers: [ShardName: [CheckedContinuation<Void, Never>]] = [:]
    var alarm: (at: Instant, scheduled: Scheduled<Void>)?
  }

  /// What to do once the lock is free.
  private struct Chores {
    var answers: [(promise: EventLoopPromise<Placement>, placement: Placement)] = []
    var resumed: [CheckedContinuation<Void, Never>] = []
    var changed: [Cutover] = []

    func perform(_ log: (ProxyEvent) -> Void) {
      for (promise, placement) in answers { promise.succeed(placement) }
      for continuation in resumed { continuation.resume() }
      for cutover in changed { log(.cutover(cutover)) }
    }
  }

  private let settings: Mutex<ProxyConfiguration>
  package let traffic = Traffic()
  private let state: Mutex<State>
  private let now: @Sendable () -> Instant
  private let refused = RefusedClients()
  /// Records what an operator may want to know later.
  let log: @Sendable (ProxyEvent) -> Void
  /// Where time passes for the switchboard.
  private let loop: any EventLoop

  package init(
    _ configuration: ProxyConfiguration, on loop: any EventLoop,
    now: @escaping @Sendable () -> Instant, log: @escaping @Sendable (ProxyEvent) -> Void = { _ in }
  ) {
    settings = Mutex(configuration)
    tableRoutes = TableRoutes(configuration)
    self.log = log
    self.loop = loop
    self.now = now
    state = Mutex(State(board: Switchboard(configuration, at: now())))
  }

  package var instant: Instant { now() }

  // MARK: Settings

  package var configuration: ProxyConfiguration { settings.withLock { $0 } }
  package var limits: ProxyConfiguration.Limits { settings.withLock { $0.limits } }

  /// The route of a database; where none names it, the one that takes any.
  func route(ofDatabase database: String?, _ engine: Engine) -> ProxyConfiguration.Route? {
    settings.withLock { $0.route(ofDatabase: database, engine) }
  }

  let tableRoutes: TableRoutes

  /// Where a statement belongs by the tables that it names.
  func routing(of named: NamedTables, in database: String?) -> TableRouting {
    tableRoutes.routing(of: named, in: database) { route(ofDatabase: $0, .mysql)?.name }
  }

  /// The backend of that name, as it is logged in to from now on.
  func backend(_ name: BackendName) -> ProxyConfiguration.Backend? {
    settings.withLock { $0.backend(name) }
  }

  /// Goes on with a changed configuration; returns whether the buffer took its flags over.
  func reconfigure(_ changed: ProxyConfiguration) -> Bool {
    change { state, now in
      let isTaken = state.board.reconfigure(changed, at: now)
      let settled = state.board.configuration
      self.settings.withLock { $0 = settled }
      return (isTaken, [])
    }
  }

  /// How a route stands at the moment; nil where there is none of that name.
  func standing(of route: ShardName) -> Switchboard.RouteState? {
    state.withLock { $0.board.routes[route] }
  }

  /// The switchboard as it is at the moment.
  package var board: Switchboard { state.withLock { $0.board } }

  // MARK: Work

  /// Asks for a place for new work; `bytes` is what its first statement takes.
  package func admit(
    to route: ShardName, bytes: Int, on loop: any EventLoop
  ) -> (work: WorkID, answer: Answer) {
    change { state, now in
      let work = state.nextWork
      state.nextWork += 1
      let (verdict, actions) = state.board.admit(work, to: route, bytes: bytes, at: now)
      return ((work, self.answer(verdict, work, on: loop, &state)), actions)
    }
  }

  /// The backend of placed work could not be reached, and has seen nothing of it.
  package func unreachable(_ work: WorkID, on loop: any EventLoop) -> Answer {
    change { state, now in
      let (verdict, actions) = state.board.unreachable(work, at: now)
      return (self.answer(verdict, work, on: loop, &state), actions)
    }
  }

  /// The backend of placed work has refused its first statement because it is read-only; nil: the
  /// client is to get that error.
  package func refusedWrite(_ work: WorkID, on loop: any EventLoop) -> Answer? {
    change { state, now in
      let (verdict, actions) = state.board.refusedWrite(work, at: now)
      return (verdict.map { self.answer($0, work, on: loop, &state) }, actions)
    }
  }

  /// The first statement of a transaction has ended; the transaction goes on.
  package func firstStatementEnded(_ work: WorkID) {
    change { state, now in ((), state.board.firstStatementEnded(work, at: now)) }
  }

  /// Work has ended, one way or the other: nothing of it can reach the backend any more.
  package func ended(_ work: WorkID) {
    let promise = change { state, now in
      (state.waiting.removeValue(forKey: work), state.board.ended(work, at: now))
    }
    promise?.fail(ChannelError.eof)
  }

  /// The client of work is gone.
  ///
  /// Work that waits is over, and its future fails; of placed work, which goes on, returns false.
  package func clientGone(_ work: WorkID) -> Bool {
    let promise = change { state, now in
      (state.waiting.removeValue(forKey: work), state.board.clientGone(work, at: now))
    }
    promise?.fail(ChannelError.eof)
    return promise != nil
  }

  /// A client was not let in: the log is to tell.
  func noteRefusal(of client: String?, _ why: String) {
    switch refused.note(client: client ?? "?", why: why, at: now()) {
    case .told(let event): log(event)
    case .counted(isFirst: false): break
    case .counted(isFirst: true):
      loop.scheduleTask(in: RefusedClients.pause) { [self] in log(refused.takeCount()) }
    }
  }

  private func answer(
    _ verdict: Switchboard.Verdict, _ work: WorkID, on loop: any EventLoop, _ state: inout State
  ) -> Answer {
    switch verdict {
    case .run(let backend): return .now(placement(backend))
    case .fail(let refusal): return .now(.fail(refusal))
    case .wait:
      let promise = loop.makePromise(of: Placement.self)
      state.waiting[work] = promise
      return .later(promise.futureResult)
    }
  }

  private func placement(_ name: BackendName) -> Placement {
    backend(name).map(Placement.run(on:))
      ?? .fail(Refusal(.unavailable, "no backend is called \(name)"))
  }

  // MARK: Cutovers and backends

  /// `unbuffered`: also where the buffer would not take it, so that new work fails until the switch.
  package func start(
    _ route: ShardName, to target: BackendName, unbuffered: Bool = false
  ) throws(Refusal) {
    try attempt { (board, now) throws(Refusal) in
      try board.start(route, to: target, unbuffered: unbuffered, at: now)
    }
  }

  package func commit(_ cutover: Cutover) throws(Refusal) {
    try attempt { (board, now) throws(Refusal) in try board.commit(cutover, at: now) }
  }

  /// The new backend of a held route begins to take over.
  package func takeOver(_ cutover: Cutover) throws(Refusal) {
    try attempt { (board, _) throws(Refusal) in
      try board.takeOver(cutover)
      return []
    }
  }

  /// The new backend has not taken over; `doubt` says why that is not certain, where it is not.
  package func failTakeOver(_ cutover: Cutover, doubt: String?) {
    change { state, _ in
      state.board.failTakeOver(cutover, doubt: doubt)
      return ((), [])
    }
  }

  /// Begins to end what is in flight on a held route, and returns what that is, and the cutover as it
  /// stands then.
  func force(
    _ cutover: Cutover, atMost most: Int
  ) throws(Refusal) -> (cutover: Cutover, works: Set<WorkID>) {
    let result: Result<(cutover: Cutover, works: Set<WorkID>), Refusal> = change { state, _ in
      do throws(Refusal) {
        return (.success(try state.board.force(cutover, atMost: most)), [])
      } catch {
        return (.failure(error), [])
      }
    }
    return try result.get()
  }

  /// What is still in flight of that counts as ended: nobody can send more of it.
  func endInFlight(of cutover: Cutover) {
    change { state, now in ((), state.board.endInFlight(of: cutover, at: now)) }
  }

  /// A forced switch was not made.
  func release(_ cutover: Cutover) {
    change { state, _ in
      state.board.release(cutover)
      return ((), [])
    }
  }

  package func cancel(_ route: ShardName, because why: String) throws(Refusal) {
    try attempt { (board, now) throws(Refusal) in
      try board.cancel(route, because: why, at: now)
    }
  }

  /// What a look at a backend found that began at `asked`.
  package func found(_ backend: BackendName, _ examination: Examination, asked: Instant) {
    change { state, now in
      let (isUp, isReadOnly) = (examination.isUp, examination.isReadOnly)
      return (
        (), state.board.found(backend, isUp: isUp, isReadOnly: isReadOnly, asked: asked, at: now)
      )
    }
  }

  package func drain(_ backend: BackendName, _ isDraining: Bool) {
    log(.draining(backend, isDraining))
    change { state, now in ((), state.board.drain(backend, isDraining, at: now)) }
  }

  package func shutDown() {
    log(.stopping)
    change { state, now in ((), state.board.shutDown(at: now)) }
  }

  /// Returns once nothing of a held route is in flight, or its cutover is over.
  package func waitUntilQuiet(_ route: ShardName) async {
    await withCheckedContinuation { continuation in
      let isQuiet = state.withLock { state in
        let route = (name: route, state: state.board.routes[route])
        if route.state?.isHolding == true, (route.state?.inFlight ?? 0) > 0 {
          state.watchers[route.name, default: []].append(continuation)
          return false
        }
        return true
      }
      if isQuiet { continuation.resume() }
    }
  }

  // MARK: The lock

  private func attempt(
    _ body: (inout Switchboard, Instant) throws(Refusal) -> [Switchboard.Action]
  ) throws(Refusal) {
    let refusal: Refusal? = change { state, now in
      do throws(Refusal) {
        return (nil, try body(&state.board, now))
      } catch {
        return (error, [])
      }
    }
    if let refusal { throw refusal }
  }

  /// Changes the switchboard and does what follows from it, once the lock is free.
  ///
  /// Twice for each statement, and much faster where its types are known.
  @inline(__always)
  @discardableResult
  private func change<Result>(
    _ body: (inout State, Instant) -> (Result, [Switchboard.Action])
  ) -> Result {
    let (result, chores) = state.withLock { state in
      let now = now()
      let (result, actions) = body(&state, now)
      var chores = Chores()
      for action in actions { self.take(action, &state, &chores) }
      chores.changed = state.board.takeChanges()
      self.wakeWatchers(&state, &chores)
      self.setAlarm(&state, now)
      return (Transferred(result), chores)
    }
    chores.perform(log)
    return result.value
  }

  /// Lets a value out of the lock that the state no longer holds.
  private struct Transferred<Value>: @unchecked Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
  }

  private func take(_ action: Switchboard.Action, _ state: inout State, _ chores: inout Chores) {
    switch action {
    case .run(let work, let backend):
      if let promise = state.waiting.removeValue(forKey: work) {
        chores.answers.append((promise, placement(backend)))
      }
    case .fail(let work, let refusal):
      if let promise = state.waiting.removeValue(forKey: work) {
        chores.answers.append((promise, .fail(refusal)))
      }
    case .quiet: break
    }
  }

  private func wakeWatchers(_ state: inout State, _ chores: inout Chores) {
    guard !state.watchers.isEmpty else { return }
    for (route, watchers) in state.watchers {
      let own = state.board.routes[route]
      if own?.isHolding == true, (own?.inFlight ?? 0) > 0 { continue }
      chores.resumed += watchers
      state.watchers[route] = nil
    }
  }

  private func setAlarm(_ state: inout State, _ now: Instant) {
    guard let next = state.board.nextDeadline else { return }
    if let alarm = state.alarm, alarm.at <= next { return }
    state.alarm?.scheduled.cancel()
    let delay = max(.zero, next - now)
    state.alarm = (
      next,
      loop.scheduleTask(in: .nanoseconds(delay.wholeNanoseconds)) { [self] in
        self.change { state, now in
          state.alarm = nil
          return ((), state.board.advance(to: now))
        }
      }
    )
  }
}
