internal import Cutover
internal import NIOCore
internal import Synchronization
internal import Terms

/// How many connections sessions have to each backend, and who waits for one.
///
///     slots.take(backend, on: loop, within: limit) ── true ──> connect … close ──> slots.giveBack
///                                                  └── false: none came free in time
final class ConnectionSlots: Sendable {
  private struct Pool {
    var inUse = 0
    /// In the order in which they came.
    var waiting: ArraySlice<(number: Int, promise: EventLoopPromise<Bool>)> = []
  }

  private struct State {
    var pools: [BackendName: Pool] = [:]
    var next = 0
  }

  private let state = Mutex(State())

  var inUse: [BackendName: Int] { state.withLock { $0.pools.mapValues(\.inUse) } }

  /// Whether somebody waits for a connection.
  func isWanted(at backend: ProxyConfiguration.Backend) -> Bool {
    guard backend.mostConnections != nil else { return false }
    return state.withLock { $0.pools[backend.name]?.waiting.isEmpty == false }
  }

  /// Takes a slot, at once or when one is given back; false after the time given.
  func take(
    _ backend: ProxyConfiguration.Backend, on loop: any EventLoop, within limit: Duration
  ) -> EventLoopFuture<Bool> {
    let promise = loop.makePromise(of: Bool.self)
    let number = state.withLock { state -> Int? in
      let pool = state.pools[backend.name, default: Pool()]
      if pool.inUse < backend.mostConnections ?? .max {
        state.pools[backend.name, default: Pool()].inUse += 1
        return nil
      }
      state.next += 1
      state.pools[backend.name, default: Pool()].waiting.append((state.next, promise))
      return state.next
    }
    guard let number else {
      promise.succeed(true)
      return promise.futureResult
    }
    let deadline = loop.scheduleTask(in: TimeAmount(limit)) { [self] in
      giveUp(number, backend.name)
    }
    promise.futureResult.whenComplete { _ in deadline.cancel() }
    return promise.futureResult
  }

  /// Takes a slot if one is free and nobody waits for it.
  func takeFree(_ backend: ProxyConfiguration.Backend) -> Bool {
    state.withLock { state in
      let pool = state.pools[backend.name, default: Pool()]
      guard pool.waiting.isEmpty, pool.inUse < backend.mostConnections ?? .max else {
        return false
      }
      state.pools[backend.name, default: Pool()].inUse += 1
      return true
    }
  }

  private func giveUp(_ number: Int, _ backend: BackendName) {
    let promise = state.withLock { state -> EventLoopPromise<Bool>? in
      guard let index = state.pools[backend]?.waiting.firstIndex(where: { $0.number == number })
      else { return nil }
      return state.pools[backend]?.waiting.remove(at: index).promise
    }
    promise?.succeed(false)
  }

  /// A connection is closed: its slot goes to whoever has waited longest.
  func giveBack(_ backend: ProxyConfiguration.Backend) {
    let next = state.withLock { state -> EventLoopPromise<Bool>? in
      guard var pool = state.pools.removeValue(forKey: backend.name) else { return nil }
      defer { state.pools[backend.name] = pool }
      // Fewer may be allowed by now than there are.
      if pool.inUse <= backend.mostConnections ?? .max, let next = pool.waiting.popFirst() {
        return next.promise
      }
      pool.inUse -= 1
      return nil
    }
    next?.succeed(true)
  }

  /// What is said where none came free.
  static func exhausted(
    _ backend: ProxyConfiguration.Backend, after limit: Duration
  ) -> String {
    "all \(backend.mostConnections ?? 0) connections to \(backend.name) are in use, and none came "
      + "free within \(limit.seconds) s"
  }
}
