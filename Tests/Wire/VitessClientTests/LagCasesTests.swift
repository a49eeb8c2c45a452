import FleetModel
import Foundation
import Terms
import TestSupport
import Testing
import VitessClient
import Wording

/// A folder of `Tests/Fixtures/cases`, read once as a fleet would be polled.
private struct PolledCase {
  private static let now = Instant(secondsSinceEpoch: 1_795_262_000)
  private(set) var fleet = Fleet()

  /// `vtgates`: the ports of those that are watched.
  init(_ name: String, vtgates: [Int]) throws {
    let root = Fixtures.root.appending(path: "cases/\(name)")
    func body(_ port: Int, _ page: String) -> Data? {
      try? Data(contentsOf: root.appending(path: "\(port)/\(page)"))
    }
    for port in vtgates {
      var reading = VtgateReading()
      let tablets = try DebugGateway.decode(try #require(body(port, "debug_gateway")))
      reading.tablets = tablets
      apply(.vtgate, port, .gate(reading))
    }
    for folder in try FileManager.default.contentsOfDirectory(atPath: root.path) {
      guard let port = Int(folder), !vtgates.contains(port) else { continue }
      guard let reading = try Self.tablet({ body(port, $0) }) else { continue }
      apply(.vttablet, port, .member(reading))
    }
    fleet.settle(at: Self.now)
  }

  private static func tablet(_ body: (String) -> Data?) throws -> TabletReading? {
    var reading: TabletReading
    if let status = body("throttler_status") {
      let decoded = try ThrottlerStatus.decode(status)
      reading = TabletReading(throttler: decoded.reading)
      reading.shard = decoded.shard
    } else if let metrics = body("metrics"), let check = body("throttler_check-self") {
      let gauges = TabletMetrics(body: metrics).gauges
      let answer = try #require(ThrottlerCheck.decode(check))
      var throttler = ThrottlerReading(source: .metrics)
      (throttler.selfValue, throttler.shardValue) = (gauges.selfValue, gauges.shardValue)
      (throttler.threshold, throttler.isEnabled) = (answer.threshold, answer.isEnabled)
      throttler.isRecentlyChecked = answer.isRecentlyChecked
      reading = TabletReading(throttler: throttler)
      (reading.shard, reading.type) = (gauges.shard, gauges.type)
      reading.serverState = gauges.serverState
    } else {
      return nil
    }
    reading.alias = try body("debug_vars").flatMap { try DebugVars.decode($0).tabletAlias }
    return reading
  }

  private mutating func apply(_ kind: Target.Kind, _ port: Int, _ result: ScrapeOutcome.Result) {
    fleet.apply(
      ScrapeOutcome(
        target: Target(kind, Address(host: "127.0.0.1", port: port)), at: Self.now, took: .zero,
        result: result))
  }

  func shard(_ keyspace: String) -> Shard {
    fleet.shard(ShardName(keyspace: keyspace, shard: "0"))
  }
}

@Suite struct LagCasesTests {
  @Test(arguments: [("v16", 22401), ("v22", 22301)])
  func heartbeatsOnDemandThatNobodyAsksForAreNoLag(_ release: String, _ vtgate: Int) throws {
    let shard = try PolledCase("on-demand-heartbeats/\(release)", vtgates: [vtgate])
      .shard("commerce")
    #expect(shard.lag.value == 0)
    #expect(shard.lag.witness == .healthStream)
    #expect(shard.tablets.allSatisfy { !$0.lag.isOverThreshold })
    let advice = shard.advice(at: Instant(secondsSinceEpoch: 1_795_262_000))
    #expect(advice.filter { $0.severity >= .warning }.isEmpty)
  }

  @Test(arguments: [[22201], [22202], [22201, 22202]])
  func aTakenOverAddressCountsForItsRealShardOnly(_ vtgates: [Int]) throws {
    let cluster = try PolledCase("address-taken-over", vtgates: vtgates)
    #expect(cluster.shard("billing").lag.value == 0.1)
    let old = cluster.shard("billing").tablets.first { $0.label == "zone1-101" }
    #expect(
      old?.occupant
        == .init(
          alias: TabletAlias(cell: "zone1", uid: 302),
          shard: ShardName(keyspace: "logs", shard: "0")))
    let excess = "lag is 41.5 s, over its threshold of 5 s"
    #expect(Wording().excess(cluster.shard("logs").lag) == excess)
  }

  @Test(arguments: [
    ("a", "lag is more than 10 years, over its threshold of 5 s"),
    ("b", "lag is more than 10 years, over its threshold of 5 s"), ("c", nil),
    // The primary writes heartbeats: whatever the health stream says, this is lag.
    ("d", "lag is 16h50m, over its threshold of 5 s"),
    ("e", "lag is 5.000001 s, over its threshold of 5 s"), ("f", nil),
  ]) func numbersReadAsTheyAre(_ keyspace: String, _ excess: String?) throws {
    let shard = try PolledCase("lag-numbers", vtgates: [23501]).shard(keyspace)
    let lag = shard.lag
    #expect((lag.isOverThreshold ? Wording().excess(lag) : nil) == excess)
    #expect(Wording().value(lag)?.contains("∞") == false)
    if keyspace == "c" { #expect(lag.caveat == .clockBehindPrimary) }
  }
}
