internal import Cutover
internal import NIOCore
internal import Synchronization
internal import Terms

/// A client's session, as others than its client may speak to it, on its own event loop.
protocol RegisteredSession: PooledSession {
  /// The proxy stops: it ends as soon as nothing of it is under way.
  func leaveWhenIdle()
  /// It ends now, whatever is under way.
  func leaveNow()
}

/// The sessions of a protocol's front by their numbers, for whoever is on another thread; and the
/// connections that they have to servers.
final class SessionRegistry<Session: RegisteredSession>: Sendable {
  private struct State {
    /// Nil for a number that is taken by one that is being made.
    var sessions: [UInt32: NIOLoopBound<Session>?] = [:]
    var isStopping = false
    var madeRoomAt: Instant?
  }

  let pool = ConnectionPool<Session>()
  private let state = Mutex(State())

  /// Takes the first number that is free; nil where the proxy stops.
  func takeNumber(_ next: () -> UInt32) -> UInt32? {
    state.withLock { state in
      guard !state.isStopping else { return nil }
      var number = next()
      while state.sessions.keys.contains(number) { number = next() }
      state.sessions[number] = .some(nil)
      return number
    }
  }

  func enter(_ session: Session, as number: UInt32, on loop: any EventLoop) {
    let bound = NIOLoopBound(session, eventLoop: loop)
    state.withLock { $0.sessions[number] = bound }
  }

  func leave(_ number: UInt32) {
    _ = state.withLock { $0.sessions.removeValue(forKey: number) }
  }

  /// Has something done on a session's own event loop; nil where there is none of that number.
  func ask<Answer: Sendable>(
    _ number: UInt32, _ what: @escaping @Sendable (Session) -> Answer
  ) -> EventLoopFuture<Answer>? {
    guard let bound = state.withLock({ $0.sessions[number] ?? nil }) else { return nil }
    return bound.eventLoop.submit { what(bound.value) }
  }

  /// Bounds how many connections there may be to each backend, from now on.
  func limit(_ backends: [ProxyConfiguration.Backend]) {
    pool.limit(backends)
    // What sessions have kept so far, and do not use, nobody knew to be short.
    tellAll { $0.park() }
  }

  func tellAll(_ what: @escaping @Sendable (Session) -> Void) {
    for bound in state.withLock({ $0.sessions.values.compactMap { $0 } }) {
      bound.eventLoop.execute { what(bound.value) }
    }
  }

  /// Returns what all have answered.
  func askAll<Answer: Sendable>(_ what: @escaping @Sendable (Session) -> Answer) async -> [Answer] {
    let asked = state.withLock { $0.sessions.values.compactMap { $0 } }
      .map { bound in bound.eventLoop.submit { what(bound.value) } }
    var answers: [Answer] = []
    for answer in asked {
      if let answer = try? await answer.get() { answers.append(answer) }
    }
    return answers
  }

  /// Has sessions that are silent give their connections back, at most every 50 ms.
  func makeRoom(at now: Instant) {
    let isDue = state.withLock { state in
      if let last = state.madeRoomAt, now - last < .milliseconds(50) { return false }
      state.madeRoomAt = now
      return true
    }
    if isDue { tellAll { $0.giveBack(nil) } }
  }

  /// Ends the sessions that have nothing under way, the others once they have not, and all that are
  /// left after the time given.
  func stop(within limit: Duration) async {
    state.withLock { $0.isStopping = true }
    tellAll { $0.leaveWhenIdle() }
    await waitUntilEmpty(for: limit)
    tellAll { $0.leaveNow() }
    // What they say last is on its way for a moment.
    await waitUntilEmpty(for: .seconds(1))
  }

  private func waitUntilEmpty(for limit: Duration) async {
    let end = ContinuousClock.now + limit
    while !state.withLock({ $0.sessions.isEmpty }), ContinuousClock.now < end {
      try? await Task.sleep(for: .milliseconds(10))
    }
  }
}
