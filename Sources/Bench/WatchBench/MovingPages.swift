internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Synchronization

/// As many servers as a fleet has vtgates, with one page of metrics that has moved at every scrape.
///
/// Half of the lines are a buffer's; the other half are histograms, which nobody asked for.
final class MovingPages: Sendable {
  /// What moves at every step.
  enum Motion {
    /// What a fleet in which nothing happens may change.
    case calm
    /// Every shard of every vtgate turns requests away and throws some out.
    case storm
  }

  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  private let page: Page
  private let channels: [any Channel]

  init(servers: Int, shards: Int, _ motion: Motion) async throws {
    let page = Page(shards: shards, motion)
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
    /// How far each moves at a step of a storm: what is buffered is drained or thrown out.
    private static let families: [(name: String, reason: String?, by: Int)] = [
      ("requests_buffered", nil, 4), ("requests_drained", nil, 1),
      ("requests_evicted", "BufferFull", 1), ("requests_evicted", "ContextDone", 1),
      ("requests_evicted", "WindowExceeded", 1), ("requests_skipped", "BufferFull", 1),
      ("requests_skipped", "Disabled", 1), ("requests_skipped", "LastReparentTooRecent", 1),
      ("requests_skipped", "Shutdown", 1), ("last_failover_duration_ms", nil, 1),
      ("last_requests_in_flight_max", nil, 1),
    ]
    private static let calm: Set = [
      "last_failover_duration_ms", "last_requests_in_flight_max", "Disabled",
    ]

    init(shards: Int, _ motion: Motion) {
      var text = "process_start_time_seconds 1.79e+09\nvtgate_buffer_size 1000\n"
      var numbers: [(at: Int, from: Int, by: Int)] = []
      func labels(_ shard: Int) -> String { "keyspace=\"customer\",shard_name=\"\(shard)-\"" }
      for (name, reason, storm) in Self.families {
        let by = motion == .storm || Self.calm.contains(reason ?? name) ? storm : 0
        for shard in 0..<shards {
          let more = reason.map { ",reason=\"\($0)\"" } ?? ""
          // What was buffered is the sum of what became of it.
          let from = name == "requests_buffered" ? 4 * Self.firstNumber : Self.firstNumber
          text += "vtgate_buffer_\(name){\(labels(shard))\(more)} "
          if by > 0 { numbers.append((text.utf8.count, from, by)) }
          text += "\(from)\n"
        }
      }
      for (name, reason) in [("starts", ""), ("stops", ",reason=\"NewPrimarySeen\"")] {
        for shard in 0..<shards {
          text += "vtgate_buffer_\(name){\(labels(shard))\(reason)} 12\n"
        }
      }
      for shard in 0..<shards * (Self.families.count + 2) {
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
