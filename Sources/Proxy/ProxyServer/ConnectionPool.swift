internal import Cutover
internal import NIOCore
internal import Synchronization
internal import Terms

/// A session that other sessions may take its server connection from while nothing is under way on it.
protocol PooledSession: AnyObject, SendableMetatype {
  associatedtype Connection: AnyObject
  /// What two sessions must have in common for one to go on with the other's connection.
  associatedtype Kind: Hashable & Sendable

  /// Offers its connection to others who need it, if it does not use it at the moment.
  func park()
  /// Parts with a connection that it has parked, if it still has it.
  func handOver(_ connection: ObjectIdentifier) -> Connection?
  /// Closes a connection that it has parked; nil: whichever, if nothing ties it to it.
  func giveBack(_ connection: ObjectIdentifier?)
}

/// The connections that sessions have to each backend, and who waits for one.
///
///     take ── opening ──> connect ─────────┐
///       ├──── used ─────> make it its own ─┴─> a statement … ── park ──> kept, until claimed
///       └──── none came free in time                             ├─────> handed to who waits
///                                                                └─────> closed for who waits
///
/// Of a backend without a limit nothing is parked and nobody waits: each session keeps its own.
final class ConnectionPool<Session: PooledSession>: Sendable {
  /// What a session gets that asks for a connection.
  enum Grant: Sendable {
    /// It may open one.
    case opening
    /// Another session's, as that one has left it.
    case used(NIOLoopBound<Session.Connection>)
    /// None came free within the time given.
    case none
  }

  /// What becomes of a connection that a session does not use at the moment.
  enum Parking {
    /// The session has it until somebody else needs it.
    case kept
    /// It is another session's by now.
    case handedOver
    /// Somebody waits who can only have it closed, or there are more than there may be.
    case unwanted
  }

  private struct Waiting {
    let number: Int
    let kind: Session.Kind?
    let loop: any EventLoop
    let since: Instant
    let promise: EventLoopPromise<Grant>

    /// Connections stay on their event loop.
    func fits(_ kind: Session.Kind?, on loop: any EventLoop) -> Bool {
      kind != nil && kind == self.kind && loop === self.loop
    }
  }

  private struct Parked {
    let session: NIOLoopBound<Session>
    let kind: Session.Kind?
  }

  /// One backend's; not a value, as each statement changes it.
  private final class Pool {
    /// So many connections sessions may have.
    var most = Int.max
    var inUse = 0
    /// In the order in which they came.
    var waiting: ArraySlice<Waiting> = []
    var parked: [ObjectIdentifier: Parked] = [:]
    /// Being closed, each for one who waits.
    var leaving: Set<ObjectIdentifier> = []
    /// Being closed because there are too many.
    var surplus: Set<ObjectIdentifier> = []

    func isClosing(_ id: ObjectIdentifier) -> Bool { leaving.contains(id) || surplus.contains(id) }

    /// Returns those that are to be closed, and who may open one.
    func limit(
      to most: Int
    ) -> (surplus: [(ObjectIdentifier, Parked)], next: ArraySlice<Waiting>) {
      self.most = most
      let surplus = Array(parked.prefix(max(0, inUse - most - self.surplus.count)))
      for (id, _) in surplus {
        parked[id] = nil
        self.surplus.insert(id)
      }
      let next = waiting.prefix(max(0, most - inUse))
      waiting.removeFirst(next.count)
      inUse += next.count
      return (surplus, next)
    }

    /// Who is next to have a connection as it is.
    ///
    /// Somebody else may come first who has to have it closed, but is not let wait much longer for it.
    func popWaiting(_ kind: Session.Kind?, on loop: any EventLoop) -> Waiting? {
      guard let first = waiting.first,
        let index = waiting.firstIndex(where: { $0.fits(kind, on: loop) }),
        waiting[index].since - first.since < .milliseconds(100)
      else { return nil }
      return waiting.remove(at: index)
    }
  }

  private struct State {
    private(set) var pools: [BackendName: Pool] = [:]
    var lastNumber = 0

    mutating func pool(of backend: BackendName) -> Pool {
      if let pool = pools[backend] { return pool }
      let pool = Pool()
      pools[backend] = pool
      return pool
    }
  }

  private let state = Mutex(State())
  /// Whether any backend has a limit.
  private let isLimited = Atomic(false)

  /// Keeps to these limits from now on, at once as far as nobody is busy.
  func limit(_ backends: [ProxyConfiguration.Backend]) {
    isLimited.store(backends.contains { $0.mostConnections != nil }, ordering: .relaxed)
    for backend in backends {
      let (surplus, next) = state.withLock { state in
        state.pool(of: backend.name).limit(to: backend.mostConnections ?? .max)
      }
      for (id, parked) in surplus {
        parked.session.eventLoop.execute { parked.session.value.giveBack(id) }
      }
      for waiting in next { waiting.promise.succeed(.opening) }
    }
  }

  var inUse: [BackendName: Int] { state.withLock { $0.pools.mapValues(\.inUse) } }

  // MARK: Taking

  private enum Taking {
    case granted
    case from(ObjectIdentifier, NIOLoopBound<Session>)
    case waits(number: Int, closing: (ObjectIdentifier, NIOLoopBound<Session>)?)
  }

  /// Takes a connection, at once or when one comes free, for up to the time given.
  ///
  /// `kind`: nil for one that must be opened.
  func take(
    _ backend: ProxyConfiguration.Backend, _ kind: Session.Kind?, on loop: any EventLoop,
    within limit: Duration, at now: Instant
  ) -> EventLoopFuture<Grant> {
    let promise = loop.makePromise(of: Grant.self)
    let taking = state.withLock { state in
      Self.take(backend, kind, loop, now, promise, &state)
    }
    switch taking {
    case .granted: promise.succeed(.opening)
    case .from(let id, let session):
      guard let connection = session.value.handOver(id) else {
        return take(backend, kind, on: loop, within: limit, at: now)
      }
      promise.succeed(.used(NIOLoopBound(connection, eventLoop: loop)))
    case .waits(let number, let closing):
      if let (id, session) = closing {
        session.eventLoop.execute { session.value.giveBack(id) }
      }
      let deadline = loop.scheduleTask(in: TimeAmount(limit)) { [self] in
        giveUp(number, backend.name)
      }
      promise.futureResult.whenComplete { _ in deadline.cancel() }
    }
    return promise.futureResult
  }

  private static func take(
    _ backend: ProxyConfiguration.Backend, _ kind: Session.Kind?, _ loop: any EventLoop,
    _ now: Instant, _ promise: EventLoopPromise<Grant>, _ state: inout State
  ) -> Taking {
    let pool = state.pool(of: backend.name)
    if pool.inUse < pool.most {
      pool.inUse += 1
      return .granted
    }
    state.lastNumber += 1
    let waiting = Waiting(
      number: state.lastNumber, kind: kind, loop: loop, since: now, promise: promise)
    if let (id, own) = pool.parked.first(where: {
      waiting.fits($0.value.kind, on: $0.value.session.eventLoop)
    }) {
      pool.parked[id] = nil
      return .from(id, own.session)
    }
    pool.waiting.append(waiting)
    guard pool.leaving.count < pool.waiting.count, let (id, other) = pool.parked.first else {
      return .waits(number: waiting.number, closing: nil)
    }
    pool.parked[id] = nil
    pool.leaving.insert(id)
    return .waits(number: waiting.number, closing: (id, other.session))
  }

  /// Takes leave to open one if there is room.
  func takeFree(_ backend: ProxyConfiguration.Backend) -> Bool {
    state.withLock { state in
      let pool = state.pool(of: backend.name)
      guard pool.waiting.isEmpty, pool.inUse < pool.most else { return false }
      pool.inUse += 1
      return true
    }
  }

  private func giveUp(_ number: Int, _ backend: BackendName) {
    let promise = state.withLock { state -> EventLoopPromise<Grant>? in
      let pool = state.pool(of: backend)
      guard let index = pool.waiting.firstIndex(where: { $0.number == number }) else { return nil }
      return pool.waiting.remove(at: index).promise
    }
    promise?.succeed(.none)
  }

  // MARK: Having

  /// A session does not use its connection at the moment; on its event loop.
  ///
  /// `kind`: nil where no other session can go on with it.
  func park(
    _ connection: Session.Connection, _ kind: @autoclosure () -> Session.Kind?,
    at backend: ProxyConfiguration.Backend, of session: Session, on loop: any EventLoop
  ) -> Parking {
    guard isLimited.load(ordering: .relaxed) else { return .kept }
    let id = ObjectIdentifier(connection)
    let kind = kind()
    let session = NIOLoopBound(session, eventLoop: loop)
    let (parking, next) = state.withLock { state -> (Parking, Waiting?) in
      let pool = state.pool(of: backend.name)
      guard pool.inUse <= pool.most, !pool.isClosing(id) else { return (.unwanted, nil) }
      if let next = pool.popWaiting(kind, on: loop) { return (.handedOver, next) }
      if pool.waiting.count > pool.leaving.count {
        pool.leaving.insert(id)
        return (.unwanted, nil)
      }
      if pool.most < .max { pool.parked[id] = Parked(session: session, kind: kind) }
      return (.kept, nil)
    }
    if let next {
      let connection = NIOLoopBound(connection, eventLoop: loop)
      // Once its session has parted with it.
      loop.execute { next.promise.succeed(.used(connection)) }
    }
    return parking
  }

  /// A session goes on with a connection that it may have parked; false where that is being taken from
  /// it.
  @discardableResult
  func claim(
    _ connection: Session.Connection, at backend: ProxyConfiguration.Backend
  ) -> Bool {
    guard isLimited.load(ordering: .relaxed) else { return true }
    let id = ObjectIdentifier(connection)
    return state.withLock { state in
      let pool = state.pool(of: backend.name)
      pool.parked[id] = nil
      return !pool.isClosing(id)
    }
  }

  /// A connection is closed, or was not made: who has waited longest may open one.
  func giveBack(_ backend: ProxyConfiguration.Backend, _ connection: ObjectIdentifier? = nil) {
    let next = state.withLock { state -> EventLoopPromise<Grant>? in
      let pool = state.pool(of: backend.name)
      if let connection {
        pool.parked[connection] = nil
        pool.leaving.remove(connection)
        pool.surplus.remove(connection)
      }
      // Fewer may be allowed by now than there are.
      if pool.inUse <= pool.most, let next = pool.waiting.popFirst() {
        return next.promise
      }
      pool.inUse -= 1
      return nil
    }
    next?.succeed(.opening)
  }

  /// What is said where none came free.
  static func exhausted(
    _ backend: ProxyConfiguration.Backend, after limit: Duration
  ) -> String {
    "all \(backend.mostConnections ?? 0) connections to \(backend.name) are in use, and none came "
      + "free within \(limit.seconds) s"
  }
}
