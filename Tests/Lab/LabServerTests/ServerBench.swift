import Foundation
import Lab
import LabServer
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import Terms
import Testing

/// The lab's servers, one after another: each test has a cluster's worth of sockets of its own.
@Suite(.serialized) struct ServerTests {}

/// A clock that stands until it is moved.
final class ManualClock: Sendable {
  /// Before anything was recorded.
  static let start = Instant(secondsSinceEpoch: 1_795_229_000)
  private let instant = Mutex(start)

  var now: Instant { instant.withLock { $0 } }
  func pass(_ duration: Duration) { instant.withLock { $0 = $0 + duration } }
  /// Moves on to an instant; never back.
  func reach(_ later: Instant) { instant.withLock { $0 = max($0, later) } }
}

/// The lab over real sockets on a manual clock.
struct ServerBench {
  static let shard = ShardName(keyspace: "commerce", shard: "0")

  struct Answer {
    let status: Int
    let headers: [(String, String)]
    let body: Data

    var text: String { String(decoding: body, as: UTF8.self) }
    func header(_ name: String) -> String? {
      headers.first { $0.0.lowercased() == name.lowercased() }?.1
    }
    var json: Any {
      get throws { try JSONSerialization.jsonObject(with: body, options: .fragmentsAllowed) }
    }
  }

  let clock = ManualClock()
  let host: LabHost
  let addresses: LabHost.Addresses

  /// One shard, three tablets, one vtgate, as in the recordings.
  init(
    _ release: VitessRelease, door: LabHost.Door = LabHost.Door(),
    _ change: (inout LabCluster.Configuration) -> Void = { _ in }
  ) async throws {
    let clock = clock
    host = LabHost(Self.configuration(release, change)) { clock.now }
    addresses = try await host.start(.free, door: door)
  }

  static func configuration(
    _ release: VitessRelease, _ change: (inout LabCluster.Configuration) -> Void = { _ in }
  ) -> LabCluster.Configuration {
    var configuration = LabCluster.Configuration()
    configuration.release = release
    configuration.keyspaces = [("commerce", ["0"])]
    configuration.vtgates = 1
    configuration.hasBusyReplicas = false
    configuration.threshold = 1
    // As the tablets of most recordings ran.
    configuration.areHeartbeatsEnabled = true
    change(&configuration)
    return configuration
  }

  /// Traffic like that of the recordings: six connections.
  static func steady(_ configuration: inout LabCluster.Configuration) {
    configuration.traffic = [Traffic(.steady, to: shard)]
  }

  func get(
    _ path: String, from address: Address? = nil, method: String = "GET",
    headers: [(String, String)] = []
  ) async throws -> Answer {
    let target = address ?? addresses.vtgates[0]
    var head = HTTPRequestHead(version: .http1_1, method: .init(rawValue: method), uri: path)
    head.headers = ["Host": "\(target)", "Connection": "close"]
    for (name, value) in headers { head.headers.replaceOrAdd(name: name, value: value) }
    let channel = try await Self.connect(to: target)
    return try await channel.executeThenClose { [head] inbound, outbound in
      try await outbound.write(contentsOf: [.head(head), .end(nil)])
      var answers = inbound.makeAsyncIterator()
      let answer = try #require(await answers.next())
      return Answer(
        status: Int(answer.head.status.code),
        headers: answer.head.headers.map { ($0.name, $0.value) },
        body: Data(answer.body.map { Array(buffer: $0) } ?? []))
    }
  }

  /// Not by the program's own client: what both misunderstand alike would go unseen.
  private static func connect(
    to address: Address
  ) async throws -> NIOAsyncChannel<NIOHTTPClientResponseFull, HTTPClientRequestPart> {
    try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .connect(host: address.host, port: address.port) { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          try pipeline.addHTTPClientHandlers()
          try pipeline.addHandler(NIOHTTPClientResponseAggregator(maxContentLength: 64 << 20))
          return try NIOAsyncChannel(wrappingChannelSynchronously: channel)
        }
      }
  }

  func tablet(_ uid: UInt32) throws -> Address {
    try #require(addresses.tablets[TabletAlias(cell: "zone1", uid: uid)])
  }

  @discardableResult
  func run(_ command: String, _ parameters: [String: String]) async throws -> String {
    try await host.perform(DrillCommand(command, parameters, at: clock.now))
  }

  /// Does a reparent to its end while the clock is moved on.
  func reparent(_ request: Reparent.Request = .init(.planned, shard)) async throws -> Reparent {
    let host = host
    async let outcome = host.reparent(request)
    let mover = Task { [clock] in
      while !Task.isCancelled {
        clock.pass(.milliseconds(20))
        _ = try? await self.get("/debug/health")
      }
    }
    let result = await outcome
    mover.cancel()
    await mover.value
    return result
  }
}
