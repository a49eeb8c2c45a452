internal import NIOCore
internal import Synchronization

/// A proxy that connects whoever asks by CONNECT to one server, whatever name is asked for.
package final class ConnectProxy: Sendable {
  private let connections: LoopbackPort
  private let seen = Mutex<[String]>([])

  /// The heads of the requests so far.
  package var heads: [String] { seen.withLock { $0 } }

  /// `answer`: its status line, with 200 after which it connects.
  package init(to server: Int, answering answer: String = "200 Connection established")
    async throws
  {
    connections = try await LoopbackPort()
    connections.serve { try await self.serve($0, server, answer) }
  }

  package var port: Int { connections.number }

  package func stop() async { await connections.stop() }

  private func serve(
    _ client: LoopbackPort.Connection, _ port: Int, _ answer: String
  ) async throws {
    try await client.executeThenClose { fromClient, toClient in
      var chunks = fromClient.makeAsyncIterator()
      var head = ""
      while !head.hasSuffix("\r\n\r\n"), let chunk = try await chunks.next() {
        head += String(buffer: chunk)
      }
      seen.withLock { $0.append(head) }
      try await toClient.write(ByteBuffer(string: "HTTP/1.1 \(answer)\r\n\r\n"))
      guard answer.hasPrefix("200") else { return }
      let server = try await LoopbackPort.connect(to: port)
      try await server.executeThenClose { fromServer, toServer in
        async let answers: Void = {
          for try await chunk in fromServer { try await toClient.write(chunk) }
        }()
        while let chunk = try await chunks.next() { try await toServer.write(chunk) }
        try? await server.channel.close()
        _ = try? await answers
      }
    }
  }
}
