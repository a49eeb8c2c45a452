internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// Connections waiting for their next request, by server.
final class ConnectionPool: Sendable {
  /// A connection that has been unused for this long is closed, at the latest when as much time has
  /// passed again.
  private static let restTime: Duration = .seconds(30)

  private struct Resting {
    let connection: HTTPConnection
    let since: ContinuousClock.Instant
  }

  private struct Idle {
    var connections: [HTTPOrigin: [Resting]] = [:]
    /// Somebody will look for connections that have been unused for too long.
    var isLookedAfter = false

    mutating func take(_ origin: HTTPOrigin) -> HTTPConnection? {
      guard let last = connections[origin]?.popLast() else { return nil }
      if connections[origin]?.isEmpty == true { connections[origin] = nil }
      return last.connection
    }

    /// Takes out those that have been unused since before an instant.
    mutating func takeUnused(since instant: ContinuousClock.Instant) -> [HTTPConnection] {
      var unused: [HTTPConnection] = []
      for (origin, resting) in connections where resting.contains(where: { $0.since <= instant }) {
        unused += resting.filter { $0.since <= instant }.map(\.connection)
        let used = resting.filter { $0.since > instant }
        connections[origin] = used.isEmpty ? nil : used
      }
      return unused
    }
  }

  private let idle = Mutex(Idle())
  private let access: HTTPAccess

  init(_ access: HTTPAccess) { self.access = access }

  /// Sends a request over an open connection or a new one.
  ///
  /// `mayAskAgain`: a server may close a connection just as the request leaves; the request is then
  /// sent once more over a new one. If false, a new connection is used from the beginning.
  func ask(
    _ request: HTTPRequest, mayAskAgain: Bool
  ) async throws(HTTPFailure) -> HTTPAnswer {
    let end = ContinuousClock.now + request.deadline
    if mayAskAgain, let connection = take(request.origin) {
      do throws(HTTPFailure) {
        return try await send(request, over: connection, until: end)
      } catch {
        guard case .closed(hasBegun: false) = error, !Task.isCancelled else { throw error }
      }
    }
    guard DescriptorRoom.take() else {
      throw .notConnected(IOError(errnoCode: EMFILE, reason: "no descriptor to spare"))
    }
    let connection: HTTPConnection
    do throws(HTTPFailure) {
      connection = try await HTTPConnection.open(
        to: request.origin, access, forLongAnswers: request.isAnswerLong, within: end - .now)
    } catch {
      DescriptorRoom.giveBack()
      throw error
    }
    // Not the request: it holds what its answer was read into, for as long as the connection lives.
    connection.whenClosed { [weak self, weak connection, origin = request.origin] in
      DescriptorRoom.giveBack()
      if let connection { self?.forget(connection, origin) }
    }
    guard !Task.isCancelled else {
      connection.close()
      throw .timedOut
    }
    return try await send(request, over: connection, until: end)
  }

  private func send(
    _ request: HTTPRequest, over connection: HTTPConnection, until end: ContinuousClock.Instant
  ) async throws(HTTPFailure) -> HTTPAnswer {
    do {
      let answer = try await connection.send(request, within: end - .now)
      give(connection, request.origin)
      return answer
    } catch let failure as HTTPFailure {
      throw failure
    } catch {
      throw .broken(error)
    }
  }

  private func take(_ origin: HTTPOrigin) -> HTTPConnection? {
    idle.withLock { idle in
      while let connection = idle.take(origin) {
        if connection.isOpen { return connection }
      }
      return nil
    }
  }

  private func give(_ connection: HTTPConnection, _ origin: HTTPOrigin) {
    guard connection.isOpen else { return }
    let isLookedAfter = idle.withLock { idle in
      idle.connections[origin, default: []].append(Resting(connection: connection, since: .now))
      defer { idle.isLookedAfter = true }
      return idle.isLookedAfter
    }
    if !isLookedAfter { lookAfter() }
  }

  /// Closes what is unused for too long, again and again for as long as any connection waits.
  private func lookAfter() {
    _ = LoopThread.all[0].call(after: Self.restTime) { [weak self] in
      guard let self else { return }
      let (unused, goesOn) = idle.withLock { idle in
        let unused = idle.takeUnused(since: .now - Self.restTime)
        idle.isLookedAfter = !idle.connections.isEmpty
        return (unused, idle.isLookedAfter)
      }
      for connection in unused { connection.close() }
      if goesOn { lookAfter() }
    }
  }

  private func forget(_ connection: HTTPConnection, _ origin: HTTPOrigin) {
    idle.withLock { idle in
      idle.connections[origin]?.removeAll { $0.connection === connection }
      if idle.connections[origin]?.isEmpty == true { idle.connections[origin] = nil }
    }
  }

  func closeAll() {
    let all = idle.withLock { idle in
      defer { idle.connections = [:] }
      return idle.connections.values.joined().map(\.connection)
    }
    for connection in all { connection.close() }
  }
}
