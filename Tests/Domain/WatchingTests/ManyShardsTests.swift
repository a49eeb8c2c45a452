import FleetModel
import Foundation
import Terms
import Testing
import Watching

/// How the work of a watch grows with what servers name.
@Suite(.serialized) struct ManyShardsTests {
  private static let start = Instant(secondsSinceEpoch: 1_795_000_000)

  /// One poll of a vtgate that names shards which nobody has heard of before, each with a failover.
  ///
  /// `stops`: of each; 0 while it goes on.
  private static func reading(_ poll: Int, shards: Int, stops: Int) -> VtgateReading {
    var reading = VtgateReading()
    reading.processStart = 1
    reading.bufferSize = 1000
    for index in 0..<shards {
      var counters = BufferCounters()
      counters.starts = 1
      counters.buffered = 3
      if stops > 0 {
        counters.stops[.newPrimarySeen] = stops
        counters.drained = 3
      }
      let shard = ShardName(keyspace: "k\(poll)", shard: "s\(index)")
      reading.buffers[shard] = counters
      reading.primaryConnections[shard] = 1
    }
    return reading
  }

  /// Of this thread alone: what else the machine does counts for nothing.
  private static var processorTime: Duration {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }

  /// The least that a watch takes to take in and settle one of those.
  private static func cost(shards: Int, stops: Int, polls: Int) -> Duration {
    var watch = Watch(Watch.Settings(cluster: "prod", interval: .seconds(1)), at: start)
    var least = Duration.seconds(3600)
    for poll in 0..<polls {
      // What began at the last poll is over.
      let now = start + .seconds(poll * 5)
      let outcome = ScrapeOutcome(
        target: Target(.vtgate, Address(host: "gate1", port: 15001)), at: now, took: .zero,
        result: .gate(reading(poll, shards: shards, stops: stops)))
      let begin = processorTime
      watch.take(Observation(of: "prod", at: now, .outcome(outcome)))
      _ = watch.settle(at: now)
      if poll > 1 { least = min(least, processorTime - begin) }
    }
    return least
  }

  /// The work grows as the number of shards does, not as its square.
  @Test(arguments: [0, 1])
  func shardsNeverSeenBeforeAreSettledInProportionToTheirNumber(_ stops: Int) {
    let few = Self.cost(shards: 60, stops: stops, polls: 20)
    let many = Self.cost(shards: 480, stops: stops, polls: 6)
    #expect(many < few * 20, "8 times the shards: \(many / few) times the work")
    let most = Self.cost(shards: 10_000, stops: stops, polls: 4)
    #expect(most < many * 50, "21 times the shards: \(most / many) times the work")
  }
}
