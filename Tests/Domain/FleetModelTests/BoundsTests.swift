import FleetModel
import Terms
import TestSupport
import Testing
import Watching

/// What is kept of servers that name something else at every poll.
@Suite struct BoundsTests {
  /// How many things a value holds, all that it is made of counted one by one.
  private static func weight(_ value: Any) -> Int {
    1 + Mirror(reflecting: value).children.reduce(0) { $0 + weight($1.value) }
  }

  /// The same of a fleet, without what is bounded by a number of its own.
  private static func weight(of fleet: Fleet) -> Int {
    #expect(fleet.log.events.count <= EventLog.capacity)
    #expect(fleet.failovers.all.count <= FailoverLog.capacity)
    return weight(fleet) - weight(fleet.log) - weight(fleet.failovers)
  }

  /// Polls a vtgate that names so many shards which nobody has heard of before, each with a primary that
  /// comes, goes and is asked.
  private static func pollNewNames(_ fleet: inout Fleet, _ poll: Int, shards: Int) {
    let now = Feed.start + .seconds(poll)
    var reading = VtgateReading()
    reading.processStart = 1
    reading.bufferSize = 10
    var tablets: [GatewayTablet] = []
    for index in 0..<shards {
      let shard = ShardName(keyspace: "k\(poll)", shard: "\(index)")
      var counters = BufferCounters()
      counters.starts = 1
      counters.stops[StopReason(rawValue: "reason \(poll)")] = 1
      counters.skipped[SkipReason(rawValue: "reason \(poll)")] = poll
      reading.buffers[shard] = counters
      reading.callErrors[shard] = poll
      reading.clientErrors["k\(poll)"] = ["CODE\(index)": poll]
      tablets.append(
        GatewayTablet(
          alias: TabletAlias(cell: "c\(poll)", uid: UInt32(index)), shard: shard, type: .primary,
          isServing: poll.isMultiple(of: 2), primaryTermStart: 1,
          address: Address(host: "10.\(poll % 200).0.\(index)", port: 1)))
    }
    reading.tablets = GatewayTablets(tablets)
    fleet.apply(
      ScrapeOutcome(
        target: Target(.vtgate, Feed.vtgates[0]), at: now, took: .zero, result: .gate(reading)))
    fleet.settle(at: now)
  }

  @Test func newShardNamesAtEveryPollPileUpNowhere() {
    var fleet = Fleet()
    var trends = FleetTrends()
    var poll = 0
    func go(_ polls: Int) -> (fleet: Int, trends: Int) {
      for _ in 0..<polls {
        poll += 1
        Self.pollNewNames(&fleet, poll, shards: 5)
        trends.record(fleet, at: Feed.start + .seconds(poll))
      }
      return (Self.weight(of: fleet), Self.weight(trends))
    }
    // Client errors are remembered for a minute and a half.
    let early = go(100)
    let late = go(50)
    #expect(fleet.summaries.count <= 5)
    #expect(Double(late.fleet) <= Double(early.fleet) * 1.1, "\(early) \(late)")
    #expect(Double(late.trends) <= Double(early.trends) * 1.1, "\(early) \(late)")
  }

  /// Counters that start and stop at every poll: failovers without end.
  @Test func flappingCountersPileUpNowhere() {
    var feed = Feed()
    func go(_ polls: Int) -> Int {
      for _ in 0..<polls {
        feed.change {
          $0.starts += 1
          $0.stops[.newPrimarySeen, default: 0] += 1
          $0.buffered += 3
          $0.drained += 3
          $0.evicted[.bufferFull, default: 0] += 1
        }
        feed.poll()
        feed.fleet.settle(at: feed.now)
      }
      return Self.weight(of: feed.fleet)
    }
    let early = go(60)
    let late = go(240)
    #expect(Double(late) <= Double(early) * 1.1, "\(early) \(late)")
  }
}
