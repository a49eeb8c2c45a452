internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Synchronization

/// As many servers as a fleet has vtgates, with one page of metrics that has moved at every scrape.
///
/// Half of the lines are a buffer's counters, and all of those move as they would while requests are
/// turned away and thrown out; the other half are histograms, which nobody asked for.
final class MovingPages: Sendable {
  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  private let page: Page
  private let channels: [any Channel]

  init(servers: Int, shards: Int) async throws {
    let page = Page(shards: shards)
    self.page = page
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 256)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { channel in
        channel.pipeline.configureHTTPServerPipeline().flatMapThrowing {
          try channel.pipeline.syncOperations.addHandler(Answering(page))
        }
      }
    var channels: [any Channel] = []
    for _ in 0..<servers {
      channels.append(try await bootstrap.bind(host: "127.0.0.1", port: 0).get())
    }
    self.channels = channels
  }

  var places: [String] { channels.compactMap { $0.localAddress?.port.map { "127.0.0.1:\($0)" } } }
  var bytes: Int { page.length }

  func stop() async { try? await group.shutdownGracefully() }

  /// The page, written once and brought forward in place.
  private final class Page: Sendable {
    private struct State {
      var body: ByteBuffer
      var step = 0
      var movedAt = ContinuousClock.now
    }

    /// Where numbers of ten digits stand, and how far each moves at a step.
    private let numbers: [(at: Int, from: Int, by: Int)]
    private let state: Mutex<State>
    let length: Int

    private static let firstNumber = 1_000_000_000
    /// What moves at every step, and by how much: what is buffered is drained or thrown out.
    private static let moving: [(name: String, reason: String?, by: Int)] = [
      ("requests_buffered", nil, 4), ("requests_drained", nil, 1),
      ("requests_evicted", "BufferFull", 1), ("requests_evicted", "ContextDone", 1),
      ("requests_evicted", "WindowExceeded", 1), ("requests_skipped", "BufferFull", 1),
      ("requests_skipped", "LastFailoverTooRecent", 1),
      ("requests_skipped", "LastReparentTooRecent", 1), ("requests_skipped", "Shutdown", 1),
    ]

    init(shards: Int) {
      var text = "process_start_time_seconds 1.79e+09\nvtgate_buffer_size 1000\n"
      var numbers: [(at: Int, from: Int, by: Int)] = []
      func labels(_ shard: Int) -> String { "keyspace=\"customer\",shard_name=\"\(shard)-\"" }
      for (name, reason, by) in Self.moving {
        for shard in 0..<shards {
          let more = reason.map { ",reason=\"\($0)\"" } ?? ""
          // What was buffered is the sum of what became of it.
          let from = name == "requests_buffered" ? 4 * Self.firstNumber : Self.firstNumber
          text += "vtgate_buffer_\(name){\(labels(shard))\(more)} "
          numbers.append((text.utf8.count, from, by))
          text += "\(from)\n"
        }
      }
      for (name, reason) in [("starts", ""), ("stops", ",reason=\"NewPrimarySeen\"")] {
        for shard in 0..<shards {
          text += "vtgate_buffer_\(name){\(labels(shard))\(reason)} 12\n"
        }
      }
      for shard in 0..<shards * (Self.moving.count + 2) {
        text += "vtgate_api_bucket{operation=\"Execute\",\(labels(shard)),le=\"0.005\"} 12\n"
      }
      self.numbers = numbers
      length = text.utf8.count
      state = Mutex(State(body: ByteBuffer(string: text)))
    }

    /// The page now: it moves at most ten times a second.
    var body: ByteBuffer {
      state.withLock { state in
        guard .now - state.movedAt > .milliseconds(100) else { return state.body }
        state.movedAt = .now
        state.step += 1
        for number in numbers {
          state.body.setString("\(number.from + number.by * state.step)", at: number.at)
        }
        return state.body
      }
    }
  }

  private final class Answering: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let page: Page
    private var path = ""

    init(_ page: Page) { self.page = page }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      switch unwrapInboundIn(data) {
      case .head(let head): path = head.uri
      case .body: break
      case .end:
        let body =
          switch path {
          case "/metrics": page.body
          case "/debug/gateway": ByteBuffer(string: "[]")
          default: ByteBuffer(string: "{}")
          }
        let type = path == "/metrics" ? "text/plain; version=0.0.4" : "application/json"
        let headers = HTTPHeaders([
          ("Content-Length", "\(body.readableBytes)"), ("Content-Type", type),
        ])
        let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
      }
    }
  }
}
