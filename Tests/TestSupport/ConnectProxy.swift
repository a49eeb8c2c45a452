internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// A proxy that connects whoever asks by CONNECT to one server, whatever name is asked for.
package final class ConnectProxy: Sendable {
  package let port: Int
  private let channel: any Channel
  private let seen = Mutex<[String]>([])

  /// The heads of the requests so far.
  package var heads: [String] { seen.withLock { $0 } }

  /// `answer`: its status line, with 200 after which it connects.
  package init(to server: Int, answering answer: String = "200 Connection established")
    async throws
  {
    let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .bind(host: "127.0.0.1", port: 0) { channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    channel = listener.channel
    port = listener.channel.localAddress?.port ?? 0
    Task {
      try await withThrowingDiscardingTaskGroup { group in
        try await listener.executeThenClose { connections in
          for try await client in connections {
            group.addTask { try? await self.serve(client, server, answer) }
          }
        }
      }
    }
  }

  package func stop() async { try? await channel.close() }

  private func serve(
    _ client: NIOAsyncChannel<ByteBuffer, ByteBuffer>, _ port: Int, _ answer: String
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
      let server = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .connect(host: "127.0.0.1", port: port) { channel in
          channel.eventLoop.makeCompletedFuture {
            try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
          }
        }
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
