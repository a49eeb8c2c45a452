internal import NIOCore
internal import Synchronization

/// Stands between a gRPC client and its server, and breaks one call as a network would.
package final class FaultyProxy: Sendable {
  package enum Fault: Sendable, Equatable {
    case none
    /// The connection ends before the call has left.
    case beforeRequest
    /// The connection ends when the call has left and its answer has not come.
    case afterRequest
    /// The server has done it and answered, and the answer is lost with the connection.
    case beforeAnswer
  }

  private let connections: LoopbackPort
  private let state: Mutex<State>

  private struct State {
    let fault: Fault
    let number: Int
    /// Calls of all connections so far.
    var calls = 0
    var isOver = false
  }

  /// Calls that have reached the proxy.
  package var calls: Int { state.withLock { $0.calls } }

  /// `number`: which call is broken, counted from 1 over all connections; later ones pass.
  package init(to server: Int, _ fault: Fault = .none, call number: Int = 0) async throws {
    state = Mutex(State(fault: fault, number: number))
    connections = try await LoopbackPort()
    connections.serve { try await self.serve($0, server) }
  }

  package var port: Int { connections.number }

  package func stop() async { await connections.stop() }

  private func serve(_ client: LoopbackPort.Connection, _ port: Int) async throws {
    let server = try await LoopbackPort.connect(to: port)
    let broken = BrokenStream()
    try await client.executeThenClose { fromClient, toClient in
      try await server.executeThenClose { fromServer, toServer in
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask {
            // The connection preface comes before the first frame.
            var frames = Frames(skipping: 24)
            for try await chunk in fromClient {
              for frame in frames.take(chunk) where frame.kind == .headers {
                if self.isBroken() { broken.number.withLock { $0 = frame.stream } }
              }
              let stream = broken.number.withLock { $0 }
              let fault = self.state.withLock { $0.fault }
              if stream != nil, fault == .beforeRequest { return }
              try await toServer.write(chunk)
              if let stream, fault == .afterRequest, frames.ended.contains(stream) { return }
            }
          }
          group.addTask {
            var frames = Frames(skipping: 0)
            for try await chunk in fromServer {
              let stream = broken.number.withLock { $0 }
              let isAnswer = frames.take(chunk).contains {
                $0.kind == .headers && $0.stream == stream
              }
              if isAnswer, self.state.withLock({ $0.fault }) == .beforeAnswer { return }
              try await toClient.write(chunk)
            }
          }
          // Whichever ends first ends the connection.
          try await group.next()
          group.cancelAll()
          try? await client.channel.close()
          try? await server.channel.close()
        }
      }
    }
  }

  /// Counts a call, and tells whether it is the one to break.
  private func isBroken() -> Bool {
    state.withLock { state in
      state.calls += 1
      guard state.fault != .none, state.calls == state.number, !state.isOver else { return false }
      state.isOver = true
      return true
    }
  }
}

/// The stream of the call that is broken, on one connection.
private final class BrokenStream: Sendable {
  let number = Mutex<UInt32?>(nil)
}

/// HTTP/2's frames as they pass by (RFC 9113, section 4.1).
struct Frames {
  enum Kind { case headers, other }

  private var rest: [UInt8] = []
  private var skip: Int
  /// Streams that their sender has ended.
  private(set) var ended: Set<UInt32> = []

  init(skipping count: Int) { skip = count }

  mutating func take(_ chunk: ByteBuffer) -> [(kind: Kind, stream: UInt32)] {
    rest += Array(buffer: chunk)
    var frames: [(Kind, UInt32)] = []
    let skipped = min(skip, rest.count)
    rest.removeFirst(skipped)
    skip -= skipped
    while rest.count >= 9 {
      let length = Int(rest[0]) << 16 | Int(rest[1]) << 8 | Int(rest[2])
      let (type, flags) = (rest[3], rest[4])
      let stream = rest[5..<9].reduce(0) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
      guard rest.count >= 9 + length else { break }
      rest.removeFirst(9 + length)
      frames.append((type == 1 ? .headers : .other, stream))
      if type <= 1, flags & 1 == 1 { ended.insert(stream) }
    }
    return frames
  }
}
