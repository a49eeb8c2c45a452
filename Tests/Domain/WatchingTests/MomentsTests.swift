import Terms
import Testing
import Watching

@testable import FleetModel

/// What looking back keeps of a large fleet in which numbers move all the time, by what can be counted.
@Suite struct MomentsTests {
  private static let start = Instant(secondsSinceEpoch: 1_795_000_000)
  private static let gates = (1...20).map { Address(host: "gate\($0)", port: 15001) }
  private static let shards = ShardList((0..<128).map { ShardName(keyspace: "k", shard: "\($0)-") })

  private static func counters(_ second: Int) -> BufferCounters {
    var counters = BufferCounters()
    counters.starts = 12
    counters.stops = [.newPrimarySeen: 12]
    counters.buffered = 4000
    counters.drained = 4000
    counters.skipped = [.disabled: 1000 + second]
    counters.lastFailoverDuration = .milliseconds(1000 + second)
    counters.lastRequestsInFlightMax = 1000
    return counters
  }

  /// A fifth more than what has moved would be a regression; so would anything that is copied whole.
  @Test func aMomentHoldsOfTheCountersWhatHasMoved() throws {
    var watch = Watch(Watch.Settings(cluster: "prod", interval: .seconds(1)), at: Self.start)
    var readings = Self.gates.map { _ in VtgateReading() }
    for second in 0..<10 {
      let now = Self.start + .seconds(second)
      for (index, gate) in Self.gates.enumerated() {
        readings[index].processStart = 1
        readings[index].buffers = ShardCounters(Self.shards, like: readings[index].buffers) { _ in
          Self.counters(second)
        }
        watch.take(
          Observation(
            of: "prod", at: now,
            .outcome(
              ScrapeOutcome(
                target: Target(.vtgate, gate), at: now, took: .zero, result: .gate(readings[index])
              ))))
      }
      _ = watch.settle(at: now)
    }
    let moments = watch.history.moments.map(\.fleet)
    #expect(moments.count == 10)
    for (before, after) in zip(moments, moments.dropFirst()) {
      let own = Self.gates.reduce(0) { sum, gate in
        let (old, new) = (
          before.vtgates[gate]?.watched.value?.buffers, after.vtgates[gate]?.watched.value?.buffers
        )
        guard let old, let new else { return sum }
        return sum + new.blocks(sharedWith: new) - new.blocks(sharedWith: old)
      }
      // Two numbers have moved, in two blocks of 64 shards each.
      #expect(own == Self.gates.count * 2 * 2)
    }
  }

  /// A moment in which something happens shares all other events with the one before it.
  @Test func aMomentHoldsOfTheEventsWhatIsNew() {
    var watch = Watch(Watch.Settings(cluster: "prod", interval: .seconds(1)), at: Self.start)
    for second in 0..<20 {
      let now = Self.start + .seconds(second)
      let event = FleetEvent(at: now, .remark(.notice, "\(second)"))
      watch.take(Observation(of: "prod", at: now, .event(event)))
      _ = watch.settle(at: now)
    }
    let logs = watch.history.moments.map(\.fleet.log.events)
    #expect(logs.last?.count == 20)
    for (before, after) in zip(logs, logs.dropFirst()) {
      #expect(after.count(sharedWith: before) == before.count)
    }
  }

  /// A failover that is going on is copied for a moment only if something of it has changed.
  @Test func aMomentSharesAFailoverOfWhichNothingIsNew() {
    var fleet = Fleet()
    var reading = VtgateReading()
    reading.processStart = 1
    for second in 0..<2 {
      reading.buffers[Self.shards.names[0]] = BufferCounters()
      reading.buffers[Self.shards.names[0]]?.starts = second
      fleet.apply(
        ScrapeOutcome(
          target: Target(.vtgate, Self.gates[0]), at: Self.start + .seconds(second), took: .zero,
          result: .gate(reading)))
    }
    fleet.settle(at: Self.start + .seconds(1))
    let before = fleet.failovers
    #expect(before.going.count == 1)
    fleet.settle(at: Self.start + .seconds(2))
    #expect(fleet.failovers.all.count(sharedWith: before.all) == 1)
  }

  /// Where there are few vtgates and many tablets, what is kept is the tablets.
  @Test func tabletsCountForWhatIsKept() {
    var watch = Watch(Watch.Settings(cluster: "prod", interval: .seconds(1)), at: Self.start)
    let tablets = (0..<1200).map { Target(.vttablet, Address(host: "db\($0)", port: 15100)) }
    for second in 0..<60 {
      let now = Self.start + .seconds(second)
      for tablet in tablets where second == 0 {
        watch.take(Observation(of: "prod", at: now, .watching(tablet)))
      }
      _ = watch.settle(at: now)
    }
    // 64 MiB of 2 kB each.
    #expect(watch.history.moments.count == 27)
  }

  /// Gauges that move tell of no failover, and cost no look at the shards of which nothing else moved.
  @Test func whatIsCalmMakesNoEvents() throws {
    var fleet = Fleet()
    var reading = VtgateReading()
    reading.processStart = 1
    let gate = Target(.vtgate, Self.gates[0])
    for second in 0..<5 {
      let now = Self.start + .seconds(second)
      reading.buffers = ShardCounters(Self.shards, like: reading.buffers) { _ in
        Self.counters(second)
      }
      fleet.apply(ScrapeOutcome(target: gate, at: now, took: .zero, result: .gate(reading)))
      fleet.settle(at: now)
      let summary = try #require(fleet.summaries.first { $0.name == Self.shards[0] })
      // Shown all the same.
      #expect(summary.counters.skipped == [.disabled: 1000 + second])
      #expect(summary.counters.lastFailoverDuration == .milliseconds(1000 + second))
    }
    #expect(fleet.log.events.isEmpty)
    #expect(fleet.failovers.all.isEmpty)
  }
}
