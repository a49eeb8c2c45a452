internal import Foundation
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import Synchronization

/// A server on loopback that answers with whatever bytes a test wants.
package final class StubServer: Sendable {
  package enum Reply: Sendable {
    case body(String, status: Int = 200, type: String = "application/json")
    case redirect(String)
    /// Bytes as they are, then the connection is closed.
    case raw(String)
    case bytes([UInt8])
    /// A body piece by piece, with a pause before each; `ends`: else more is promised than comes.
    case pieces([String], every: Duration, ends: Bool)
    /// A web page whose title quotes the headers that not every request has, and what Basic credentials
    /// say.
    case quote(status: Int)
    /// Nothing, ever.
    case silence
    case hangUp
  }

  package let port: Int
  private let channel: any Channel
  private let counts: Counts

  private final class Counts: Sendable {
    let requests = Mutex<[String]>([])
    let heads = Mutex<[String]>([])
    let inFlight = Mutex<(now: Int, most: Int)>((0, 0))
    let connections = Mutex(0)
  }

  /// The paths asked for so far, in their order.
  package var requests: [String] { counts.requests.withLock { $0 } }
  /// The heads of those, with all their headers.
  package var heads: [String] { counts.heads.withLock { $0 } }
  /// How many requests were unanswered at the same time at most.
  package var mostInFlight: Int { counts.inFlight.withLock { $0.most } }
  package var connections: Int { counts.connections.withLock { $0 } }

  /// PEM files of a server that speaks TLS.
  package struct Certificate: Sendable {
    let chain: String
    let key: String
    /// Who must have signed clients' certificates; nil where none is wanted.
    let authority: String?

    package init(chain: String, key: String, authority: String? = nil) {
      self.chain = chain
      self.key = key
      self.authority = authority
    }

    fileprivate var context: NIOSSLContext {
      get throws {
        var configuration = TLSConfiguration.makeServerConfiguration(
          certificateChain: try NIOSSLCertificate.fromPEMFile(chain).map { .certificate($0) },
          privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
        if let authority {
          configuration.trustRoots = .file(authority)
          configuration.certificateVerification = .noHostnameVerification
        }
        return try NIOSSLContext(configuration: configuration)
      }
    }
  }

  /// Starts listening on a free port, or on a given one.
  ///
  /// `greeting`: what it says when somebody connects.
  package init(
    port: Int = 0, greeting: [UInt8] = [], over certificate: Certificate? = nil,
    _ answer: @escaping @Sendable (String) async -> Reply
  ) async throws {
    let counts = Counts()
    self.counts = counts
    let tls = try certificate?.context
    let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .bind(host: "127.0.0.1", port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          if let tls {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
          }
          return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    channel = server.channel
    self.port = server.channel.localAddress?.port ?? 0
    Task {
      try await withThrowingDiscardingTaskGroup { group in
        try await server.executeThenClose { connections in
          for try await connection in connections {
            counts.connections.withLock { $0 += 1 }
            group.addTask { try? await Self.serve(connection, greeting, counts, answer) }
          }
        }
      }
    }
  }

  package func stop() async { try? await channel.close() }

  private static func serve(
    _ connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>, _ greeting: [UInt8], _ counts: Counts,
    _ answer: @Sendable (String) async -> Reply
  ) async throws {
    try await connection.executeThenClose { inbound, outbound in
      if !greeting.isEmpty { try await outbound.write(ByteBuffer(bytes: greeting)) }
      var received = ""
      for try await chunk in inbound {
        received += String(buffer: chunk)
        while let end = received.firstRange(of: "\r\n\r\n") {
          let path = received.split(separator: " ").dropFirst().first.map(String.init) ?? ""
          counts.heads.withLock { $0.append(String(received[..<end.lowerBound])) }
          received = String(received[end.upperBound...])
          counts.requests.withLock { $0.append(path) }
          counts.inFlight.withLock {
            $0.now += 1
            $0.most = max($0.most, $0.now)
          }
          defer { counts.inFlight.withLock { $0.now -= 1 } }
          switch await answer(path) {
          case .body(let body, let status, let type):
            try await outbound.write(
              ByteBuffer(
                string: "HTTP/1.1 \(status) X\r\nContent-Type: \(type)\r\nContent-Length: "
                  + "\(body.utf8.count)\r\n\r\n\(body)"))
          case .quote(let status):
            let quote = Self.quoted(counts.heads.withLock { $0.last ?? "" })
            let body = "<html><title>\(quote)</title>\(quote)</html>"
            try await outbound.write(
              ByteBuffer(
                string: "HTTP/1.1 \(status) X\r\nContent-Type: text/html\r\nContent-Length: "
                  + "\(body.utf8.count)\r\n\r\n\(body)"))
          case .redirect(let location):
            try await outbound.write(
              ByteBuffer(
                string: "HTTP/1.1 302 Found\r\nLocation: \(location)\r\nContent-Length: 0\r\n\r\n"))
          case .raw(let bytes):
            try await outbound.write(ByteBuffer(string: bytes))
            return
          case .bytes(let bytes):
            try await outbound.write(ByteBuffer(bytes: bytes))
            return
          case .pieces(let pieces, let pause, let ends):
            let length = pieces.reduce(ends ? 0 : 1) { $0 + $1.utf8.count }
            try await outbound.write(
              ByteBuffer(string: "HTTP/1.1 200 OK\r\nContent-Length: \(length)\r\n\r\n"))
            for piece in pieces {
              try await Task.sleep(for: pause)
              try await outbound.write(ByteBuffer(string: piece))
            }
            if !ends { try await Task.sleep(for: .seconds(3600)) }
          case .silence: try await Task.sleep(for: .seconds(3600))
          case .hangUp: return
          }
        }
      }
    }
  }

  private static func quoted(_ head: String) -> String {
    let own = ["Host:", "User-Agent:", "Accept-Encoding:"]
    let words = head.split(whereSeparator: \.isNewline).dropFirst()
      .filter { line in !own.contains { line.hasPrefix($0) } }.joined(separator: " ")
    let plain = words.matches(of: /Basic (\S+)/).compactMap {
      Data(base64Encoded: String($0.1)).map { String(decoding: $0, as: UTF8.self) }
    }
    return (plain + [words]).joined(separator: " ")
  }
}
