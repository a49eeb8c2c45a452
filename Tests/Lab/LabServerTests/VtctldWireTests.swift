import Foundation
import Lab
import LabProtobuf
import LabServer
import NIOCore
import NIOHPACK
import NIOPosix
import SwiftProtobuf
import Synchronization
import Terms
import TestSupport
import Testing

extension ServerTests {
  /// The very bytes that a real vtctldclient of v22 sent to a real vtctld, sent to the lab's.
  @Suite struct VtctldWireTests {
    @Test func everyBadInputIsRefusedInTheSameWords() async throws {
      let compared = try await replay("bad-input", throttler: true)
      #expect(compared > 20)
    }

    @Test func readsHaveTheSameFields() async throws {
      let compared = try await replay("reads", throttler: false)
      #expect(compared > 10)
    }

    @Test func theLongStoryOfTheThrottler() async throws {
      let compared = try await replay("throttler", throttler: false)
      #expect(compared > 30)
    }

    @Test func reparentsWithTheirOptions() async throws {
      let compared = try await replay("reparents", throttler: true, primary: 101)
      #expect(compared > 5)
    }

    @Test func aBrokenCustomQuery() async throws {
      let compared = try await replay("custom-query-broken", throttler: true, primary: 102)
      #expect(compared > 2)
    }

    // MARK: Replaying

    /// Sends every recorded conversation and compares the answers; returns how many were compared.
    private func replay(
      _ name: String, throttler: Bool, primary: UInt32? = nil
    ) async throws -> Int {
      let bench = try await ServerBench(.v22) { $0.isThrottlerEnabled = throttler }
      if let primary {
        var request = Reparent.Request(.planned, ServerBench.shard)
        request.newPrimary = TabletAlias(cell: "zone1", uid: primary)
        #expect(try await bench.reparent(request).failure == nil)
      }
      bench.clock.pass(.seconds(10))
      var answers = try recordedAnswers(name)[...]
      // Expiries in the bytes are moments of the recording: the lab has to live then.
      if let first = answers.first { bench.clock.reach(first.started - .seconds(10)) }
      let mover = Task { [bench] in
        while !Task.isCancelled {
          bench.clock.pass(.milliseconds(5))
          _ = try? await bench.get("/debug/health")
          try? await Task.sleep(for: .milliseconds(1))
        }
      }
      var compared = 0
      for conversation in try Fixtures.objects("vitess-22/vtctldclient/\(name).raw.ndjson.gz") {
        guard let command = conversation["command"] as? String,
          let chunks = conversation["chunks"] as? [[Any]],
          // The same command may come several times: they are in order.
          let index = answers.firstIndex(where: { $0.command == command })
        else { continue }
        let wanted = answers[index]
        answers = answers[(index + 1)...]
        bench.clock.reach(wanted.started)
        let found = try await Conversation.send(
          chunks, to: #require(bench.addresses.vtctld), deadline: .seconds(30))
        Self.compare(found, wanted)
        compared += 1
      }
      mover.cancel()
      await mover.value
      await bench.host.stop()
      return compared
    }

    private struct Recorded {
      let command: String
      let started: Instant
      let method: String
      let status: String
      let message: String
      let response: Data?
    }

    private func recordedAnswers(_ name: String) throws -> [Recorded] {
      let data = try Fixtures.data("vitess-22/vtctldclient/\(name).json.gz")
      let entries = try JSONSerialization.jsonObject(with: data) as? [[String: Any]] ?? []
      return entries.compactMap { entry in
        guard let command = entry["command"] as? String,
          let connections = entry["grpc"] as? [[String: Any]],
          let call = (connections.first?["calls"] as? [[String: Any]])?.first,
          let method = call["method"] as? String
        else { return nil }
        let isOnlyTrailers = call["trailers_only"] as? Bool ?? false
        let trailers =
          call[isOnlyTrailers ? "response_headers" : "trailers"] as? [[String]] ?? []
        let hex = (call["response"] as? [[String: Any]])?.first?["hex"] as? String
        return Recorded(
          command: command,
          started: Instant(secondsSinceEpoch: entry["started"] as? Double ?? 0),
          method: String(method.split(separator: "/").last ?? ""),
          status: trailers.first { $0[0] == "grpc-status" }?[1] ?? "",
          message: trailers.first { $0[0] == "grpc-message" }?[1] ?? "",
          response: hex.map(Self.bytes))
      }
    }

    private static func bytes(_ hex: String) -> Data {
      var data = Data()
      var rest = Substring(hex)
      while !rest.isEmpty {
        data.append(UInt8(rest.prefix(2), radix: 16) ?? 0)
        rest = rest.dropFirst(2)
      }
      return data
    }

    // MARK: Comparing

    private static func compare(_ found: Conversation.Answer, _ wanted: Recorded) {
      #expect(found.status == wanted.status, "\(wanted.command)")
      // A position is the cluster's own, and the order of three tablets is left to chance.
      func comparable(_ text: String) -> String {
        text.split(separator: "\n").sorted().joined(separator: "\n")
      }
      #expect(
        comparable(found.message.removingPercentEncoding ?? "")
          == comparable(wanted.message.removingPercentEncoding ?? ""), "\(wanted.command)")
      guard wanted.status == "0", let response = wanted.response else { return }
      do {
        let own = try shape(of: wanted.method, found.body ?? Data())
        let real = try shape(of: wanted.method, response)
        let difference = own.symmetricDifference(real).subtracting(allowed(wanted))
        #expect(difference == [], "\(wanted.command)")
      } catch {
        Issue.record("\(wanted.command): \(error)")
      }
    }

    /// Fields that may differ, and why.
    private static func allowed(_ wanted: Recorded) -> Set<String> {
      var fields: Set<String> = [
        // Zero is absent on the wire; which values are zero at the moment is chance.
        "Check.value", "status.recentlyChecked", "status.isDormant", "status.isLeader",
        "status.defaultThreshold", "status.throttledApps", "status.appCheckedMetrics",
        "Check.threshold", "Check.recentlyChecked",
        // One rule that another story had left behind.
        "keyspace.keyspace.throttlerConfig.throttledApps",
        // Nanoseconds of a round moment.
        "status.throttledApps.always-throttled-app.expiresAt.nanoseconds",
      ]
      if wanted.command.contains("--app-name online-ddl ") {
        // A rule of one half was in force: the dice decide.
        fields.formUnion(["Check.error", "Check.message"])
      }
      if wanted.method == "PlannedReparentShard" || wanted.method == "EmergencyReparentShard" {
        // INFO is zero. A warning is logged for a tablet that does not answer only.
        fields.insert("events[].level")
      }
      return fields
    }

    /// The paths of the fields that a reply has, maps by their keys.
    private static func shape(of method: String, _ data: Data) throws -> Set<String> {
      func json(_ type: any Message.Type) throws -> Set<String> {
        let message = try type.init(serializedBytes: data)
        let object = try JSONSerialization.jsonObject(
          with: Data(message.jsonUTF8Bytes() as [UInt8]))
        // Values of metrics come and go with being zero; healthy moments with the values.
        return LabServerTests.shape(object).filter { path in
          !path.contains(/Metrics\..*\.(value|error)$/) && !path.contains("metricsHealth")
            && !path.contains("recentApps")
            // A rule that another story had left behind.
            && !path.contains("throttledApps.short")
            && !path.contains(/metrics\..*\.(value|threshold|message|error)$/)
        }
      }
      switch method {
      case "GetTablets": return try json(Vtctldata_GetTabletsResponse.self)
      case "GetTablet": return try json(Vtctldata_GetTabletResponse.self)
      case "GetKeyspaces": return try json(Vtctldata_GetKeyspacesResponse.self)
      case "GetKeyspace": return try json(Vtctldata_GetKeyspaceResponse.self)
      case "GetShard": return try json(Vtctldata_GetShardResponse.self)
      case "FindAllShardsInKeyspace":
        return try json(Vtctldata_FindAllShardsInKeyspaceResponse.self)
      case "GetSrvKeyspaces": return try json(Vtctldata_GetSrvKeyspacesResponse.self)
      case "GetCellInfoNames": return try json(Vtctldata_GetCellInfoNamesResponse.self)
      case "ShardReplicationPositions":
        return try json(Vtctldata_ShardReplicationPositionsResponse.self)
      case "PlannedReparentShard": return try json(Vtctldata_PlannedReparentShardResponse.self)
      case "EmergencyReparentShard":
        return try json(Vtctldata_EmergencyReparentShardResponse.self)
      case "GetThrottlerStatus": return try json(Vtctldata_GetThrottlerStatusResponse.self)
      case "CheckThrottler": return try json(Vtctldata_CheckThrottlerResponse.self)
      case "UpdateThrottlerConfig": return try json(Vtctldata_UpdateThrottlerConfigResponse.self)
      case "PingTablet", "GetVersion": return []
      default: throw Unknown(method: method)
      }
    }

    private struct Unknown: Error {
      let method: String
    }
  }
}

/// One recorded TCP connection of a gRPC client, replayed.
struct Conversation {
  struct Answer {
    var status = ""
    var message = ""
    var body: Data?
  }

  /// True when a frame of data is among the bytes.
  private static func hasRequest(_ data: Data) -> Bool {
    var rest = Array(data)[...]
    if rest.starts(with: Array("PRI * HTTP/2.0".utf8)) { rest = rest.dropFirst(24) }
    while rest.count >= 9 {
      let head = Array(rest.prefix(9))
      if head[3] == 0 { return true }
      rest = rest.dropFirst(9 + (Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])))
    }
    return false
  }

  /// Sends what the client sent up to its request, and waits for the answer.
  static func send(
    _ chunks: [[Any]], to address: Address, deadline: Duration
  ) async throws -> Answer {
    let received = ReceivedBytes()
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(received.handler())
        }
      }
      .connect(host: address.host, port: address.port).get()
    for chunk in chunks {
      guard chunk.count == 3, let side = chunk[1] as? String, let text = chunk[2] as? String,
        let data = Data(base64Encoded: text)
      else { continue }
      if side == "s" {
        try await wait(for: "the server's settings") { received.count > 0 }
      } else {
        try await channel.writeAndFlush(channel.allocator.buffer(bytes: data))
        // What follows the request answers the real server's pings, and hangs up.
        if Self.hasRequest(data) { break }
      }
    }
    let end = ContinuousClock.now + deadline
    while !received.isDone, ContinuousClock.now < end {
      try await Task.sleep(for: .milliseconds(2))
    }
    channel.close(promise: nil)
    return try received.answer()
  }
}

/// What has come from the server, read as HTTP/2 frames.
final class ReceivedBytes: Sendable {
  private let bytes = Mutex<[UInt8]>([])

  var count: Int { bytes.withLock { $0.count } }
  /// The trailers of stream 1 have come.
  var isDone: Bool { (try? answer().status.isEmpty) == false }

  func handler() -> some ChannelInboundHandler { Handler(self) }

  /// The one call's status, message and reply.
  func answer() throws -> Conversation.Answer {
    var answer = Conversation.Answer()
    var decoder = HPACKDecoder(allocator: ByteBufferAllocator())
    var body = Data()
    var rest = bytes.withLock { $0 }[...]
    while rest.count >= 9 {
      let head = Array(rest.prefix(9))
      let length = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
      guard rest.count >= 9 + length else { break }
      let payload = Array(rest.dropFirst(9).prefix(length))
      rest = rest.dropFirst(9 + length)
      switch head[3] {
      case 0: body.append(contentsOf: payload)
      case 1:
        var block = ByteBuffer(bytes: payload)
        for header in try decoder.decodeHeaders(from: &block) {
          if header.name == "grpc-status" { answer.status = header.value }
          if header.name == "grpc-message" { answer.message = header.value }
        }
      default: break
      }
    }
    // Five bytes go before each message: a flag and its length.
    if body.count >= 5 { answer.body = body.dropFirst(5) }
    return answer
  }

  private final class Handler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let owner: ReceivedBytes

    init(_ owner: ReceivedBytes) { self.owner = owner }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      let buffer = unwrapInboundIn(data)
      owner.bytes.withLock { $0 += Array(buffer: buffer) }
    }
  }
}
