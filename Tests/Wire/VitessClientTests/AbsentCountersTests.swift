import FleetModel
import Foundation
import Lines
import Terms
import TestSupport
import Testing
import VitessClient
import Wording

private let low = ShardName(keyspace: "commerce", shard: "-80")
private let high = ShardName(keyspace: "commerce", shard: "80-")

/// What a vtgate does not count is unknown: not 0, not a shard called `all`, and no reason to look
/// closely for ever.
@Suite struct AbsentCountersTests {
  private static let gate = Address(host: "127.0.0.1", port: 15001)
  private static let start = Instant(secondsSinceEpoch: 1_795_300_000)

  private static func reading(_ variant: String, _ port: Int) throws -> VtgateReading {
    let path = "cases/combined-dropped-stats/\(variant)/\(port)"
    let metrics = VtgateMetrics(body: try Fixtures.data("\(path)/metrics"))
    #expect(metrics.failure == nil)
    var reading = metrics.reading
    reading.tablets = try DebugGateway.decode(try Fixtures.data("\(path)/debug_gateway"))
    return reading
  }

  private static func apply(_ reading: VtgateReading, to fleet: inout Fleet, second: Int) {
    let now = start + .seconds(second)
    fleet.apply(
      ScrapeOutcome(
        target: Target(.vtgate, gate), at: now, took: .zero, result: .gate(reading)))
    fleet.settle(at: now)
  }

  @Test(arguments: [("a", 20101), ("e", 20901)])
  func combinedShardsAreRowsOfTheirOwnWithoutCounts(_ variant: String, _ port: Int) throws {
    var fleet = Fleet()
    Self.apply(try Self.reading(variant, port), to: &fleet, second: 0)
    #expect(fleet.summaries.map(\.name) == [low, high])
    for shard in fleet.summaries {
      #expect(shard.state == .serving)
      #expect(shard.held == nil)
      #expect(shard.counters[.buffered] == nil)
      #expect(shard.counters.lost == nil)
      #expect(PlainLine.words(shard).contains("not told apart"))
    }
    let check = FleetCheck(fleet)
    #expect(check.health == .degraded)
    #expect(
      check.problems.map { Wording().words($0.finding) }.allSatisfy {
        $0.contains("not told apart")
      })
  }

  @Test func whatIsCountedOfAllShardsTogetherIsToldAsThat() throws {
    var fleet = Fleet()
    var reading = try Self.reading("e", 20901)
    Self.apply(reading, to: &fleet, second: 0)
    let all = ShardName(keyspace: "commerce", shard: "all")
    reading.combined[all]?.starts += 1
    Self.apply(reading, to: &fleet, second: 1)
    let event = try #require(fleet.log.events.last)
    #expect(event.shard == nil)
    #expect(
      Wording().sentence(event).hasPrefix(
        "buffering started in commerce, shards not told apart, on"))
  }

  /// The health check's gauges are never combined: a shard that they name is one.
  @Test func aShardReallyCalledAllIsAShard() {
    let text = """
      vtgate_buffer_starts{keyspace="k",shard_name="all"} 0
      vtgate_healthcheck_connections{keyspace="k",shard_name="all",tablet_type="primary"} 1
      """
    let reading = VtgateMetrics(body: text.utf8).reading
    #expect(reading.buffers.keys.map(\.description) == ["k/all"])
    #expect(reading.combined.isEmpty)
  }

  @Test func evictionsAndSkipsThatAreNotToldLeaveHeldAndLostUnknown() throws {
    var fleet = Fleet()
    Self.apply(try Self.reading("b", 20301), to: &fleet, second: 0)
    let shard = fleet.shard(low)
    #expect(shard.state == .serving)
    #expect(shard.held == nil)
    #expect(shard.counters[.buffered] == 60)
    #expect(shard.counters[.evicted] == nil)
    #expect(shard.counters.lost == nil)
    #expect(shard.countersCaveat == .unreported([.evicted, .skipped]))
    #expect(PlainLine.words(shard.summary).contains("failed unknown"))
  }

  @Test func stopsThatAreNotToldAreNoEndlessBuffering() throws {
    var fleet = Fleet()
    Self.apply(try Self.reading("c", 20501), to: &fleet, second: 0)
    let shard = fleet.shard(low)
    #expect(shard.state == .serving)
    #expect(shard.vtgates.first?.isPhaseUnknown == true)
    #expect(fleet.shardsShowingSigns(at: Self.start + .seconds(20)).isEmpty)
    #expect(fleet.failovers.all.isEmpty)
  }

  @Test(arguments: [("b", 20301), ("c", 20501)])
  func aFailoverOfWhichTheEndIsNotToldEndsUnknown(_ variant: String, _ port: Int) throws {
    var fleet = Fleet()
    var reading = try Self.reading(variant, port)
    Self.apply(reading, to: &fleet, second: 0)
    reading.buffers[low]?.starts += 1
    reading.buffers[low]?.buffered += 9
    Self.apply(reading, to: &fleet, second: 1)
    #expect(fleet.shardsShowingSigns(at: Self.start + .seconds(1)) == [low])
    if variant == "b" { reading.buffers[low]?.stops[.newPrimarySeen, default: 0] += 1 }
    reading.buffers[low]?.drained += 9
    for second in 2..<20 { Self.apply(reading, to: &fleet, second: second) }
    let failover = try #require(fleet.failovers.all.first)
    #expect(fleet.failovers.all.count == 1)
    #expect(failover.ended != nil)
    #expect(failover.verdict == .unknown)
    #expect(failover.counts.buffered == 9)
    #expect(failover.counts.drained == 9)
    #expect(fleet.shardsShowingSigns(at: Self.start + .seconds(20)).isEmpty)
  }

  @Test func withoutAnyFamilyOfTheBufferAVtgateIsAVtgate() throws {
    var fleet = Fleet()
    Self.apply(try Self.reading("f", 21201), to: &fleet, second: 0)
    #expect(fleet.summaries.map(\.name) == [low, high])
    #expect(fleet.summaries.allSatisfy { $0.state == .serving && !$0.hasCounters })
  }

  /// The same families, there but with what no process counts.
  @Test(arguments: ["NaN", "+Inf", "-Inf", "-1", "1e308", "9223372036854775808"])
  func aNumberThatIsNoCountIsNoData(_ value: String) throws {
    let path = "cases/combined-dropped-stats/c/20501/metrics"
    let text = String(decoding: try Fixtures.data(path), as: UTF8.self)
      .replacing(
        #"vtgate_buffer_requests_buffered{keyspace="commerce",shard_name="-80"} 60"#,
        with: #"vtgate_buffer_requests_buffered{keyspace="commerce",shard_name="-80"} \#(value)"#)
    let reading = VtgateMetrics(body: text.utf8).reading
    #expect(reading.buffers[low]?[.buffered] == nil)
    #expect(reading.buffers[low]?.held == nil)
    #expect(reading.buffers[high]?[.buffered] == 60)
    #expect(
      reading.complaint.map { Wording().words($0) }?
        .contains("vtgate_buffer_requests_buffered of commerce/-80") == true)
  }

  /// Between two readings that tell a count there may be one that does not.
  @Test func aGapIsNoDifference() {
    var before = BufferCounters()
    before.buffered = 300
    var gap = before
    gap.buffered = 0
    gap.unreported = .buffered
    #expect(!gap.isReset(from: before))
    #expect(!before.isReset(from: gap))
    #expect(gap.since(before).buffered == 0)
    #expect(before.since(gap).buffered == 0)
  }

  /// As hostile servers would have it: a start that never stops.
  @Test func bufferingThatNeverEndsIsNotWatchedCloselyForEver() throws {
    var fleet = Fleet()
    var reading = try Self.reading("b", 20301)
    Self.apply(reading, to: &fleet, second: 0)
    reading.buffers[low]?.starts += 1
    for second in 1...400 {
      reading.buffers[low]?.buffered += 1
      Self.apply(reading, to: &fleet, second: second)
    }
    #expect(fleet.shardsShowingSigns(at: Self.start + .seconds(400)).isEmpty)
  }
}
