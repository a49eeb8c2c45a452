import FleetModel
import Recording
import Terms
import TestSupport
import Testing
import Watching

/// What is kept of the last minutes makes the same watch as all that was told.
@Suite struct RecentPastTests {
  private static func watch(_ steps: [RecordedStep]) -> Watch {
    let settings = Watch.Settings(cluster: InventedCluster.name, interval: .seconds(1))
    var watch = Watch(settings, at: steps.first?.at ?? InventedCluster.began)
    for step in steps { _ = watch.follow(step) }
    _ = watch.settle(at: steps.last?.at ?? InventedCluster.began)
    return watch
  }

  /// Without what is not read at every poll.
  private static func readings(_ fleet: Fleet) -> [Address: VtgateReading?] {
    fleet.vtgates.mapValues { state in
      var reading = state.watched.value
      reading?.flags = nil
      reading?.commandLine = nil
      reading?.version = nil
      return reading
    }
  }

  private static func expectSame(_ some: Fleet, _ all: Fleet) {
    #expect(Self.readings(some) == Self.readings(all))
    #expect(some.vtgates.mapValues(\.flags) == all.vtgates.mapValues(\.flags))
    #expect(some.tablets.mapValues(\.watched.value) == all.tablets.mapValues(\.watched.value))
    #expect(some.summaries.map(\.name) == all.summaries.map(\.name))
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func theLastMinutesAreWhole(_ seed: UInt64) throws {
    var cluster = InventedCluster(seed: seed)
    let steps = cluster.steps(seconds: 400)
    var recent = RecentPast()
    for step in steps { recent.take(step) }
    let kept = recent.steps
    let all = Self.watch(steps)
    Self.expectSame(Self.watch(kept).fleet, all.fleet)
    let last = try #require(steps.last?.at)
    Self.expectSame(Self.watch(recent.present(at: last)).fleet, all.fleet)
    // Three minutes at least, step by step, and not all of it.
    let since = last - RecentPast.length
    #expect(Array(kept.suffix(steps.count { $0.at >= since })) == steps.filter { $0.at >= since })
    #expect(kept.count < steps.count)
  }

  /// As a vtgate counts that names reasons no release has, gives no duration, and comes and goes.
  @Test func countersComeBackAsTheyWere() throws {
    var dice = Dice(37)
    let target = Target(.vtgate, Address(host: "127.0.0.1", port: 15001))
    var steps: [RecordedStep] = []
    for second in 0..<300 {
      var reading = VtgateReading()
      for shard in 0..<Int.random(in: 0..<4, using: &dice) {
        var counters = BufferCounters()
        func count() -> Int { [0, 1, 300, 1_000_000_000_000_000].randomElement(using: &dice) ?? 0 }
        counters.starts = count()
        counters.buffered = count()
        counters.stops = [.newPrimarySeen: count(), .shutdown: count()].filter { $0.value > 0 }
        counters.skipped = [.disabled: count()].filter { $0.value > 0 }
        if second.isMultiple(of: 3) {
          counters.evicted = [EvictReason(rawValue: "MoonTooBright"): 1]
        }
        if Bool.random(using: &dice) { counters.lastFailoverDuration = .milliseconds(count()) }
        if Bool.random(using: &dice) { counters.lastRequestsInFlightMax = count() }
        if Bool.random(using: &dice) { counters.unreported = [.drained, .skipped] }
        reading.buffers[ShardName(keyspace: "k", shard: "\(shard)")] = counters
      }
      let at = InventedCluster.began + .seconds(second)
      let answers = second.isMultiple(of: 2) ? 2 : 1
      for _ in 0..<answers {
        let outcome = ScrapeOutcome(target: target, at: at, took: .zero, result: .gate(reading))
        steps.append(
          .observed(Observation(of: InventedCluster.name, at: at, .outcome(outcome))))
      }
    }
    var recent = RecentPast()
    for step in steps { recent.take(step) }
    #expect(recent.steps.suffix(steps.count) == steps[...])
  }

  /// What topo told of other shards, and before it could not be read.
  @Test func whatLaterNewsLeaveOutStillHolds() {
    let shards = ["a", "b"].map { ShardName(keyspace: "commerce", shard: $0) }
    func routings(_ shards: [ShardName], _ second: Int) -> Observation.News {
      .routings(
        Dictionary(
          uniqueKeysWithValues: shards.map {
            (
              $0,
              ShardRouting(
                readAt: InventedCluster.began + .seconds(second), deniedTables: [],
                isPrimaryServing: true, workflows: [])
            )
          }))
    }
    let failure = CallFailure(.unreachable, nil, .said("no", to: "GetKeyspaces"))
    let told: [Observation.News] = [
      .topo([TopoKeyspace(name: "commerce")]), routings(shards, 0), routings([shards[0]], 1),
      routings([shards[0]], 2), .topoFailed(failure),
      .source(.vtctld, SourceStanding(fault: "refused")), .source(.command, SourceStanding()),
      .source(.vtctld, SourceStanding(namesServers: true)), .shards([:]),
    ]
    var recent = RecentPast()
    for (second, news) in (told + Array(repeating: .shards([:]), count: 400)).enumerated() {
      let at = InventedCluster.began + .seconds(second)
      recent.take(.observed(Observation(of: InventedCluster.name, at: at, news)))
    }
    let news = recent.present(at: InventedCluster.began + .seconds(1000)).compactMap { step in
      if case .observed(let observation) = step { observation.news } else { nil }
    }
    #expect(
      news == [
        .topo([TopoKeyspace(name: "commerce")]), routings(shards, 0), routings([shards[0]], 2),
        .topoFailed(failure), .source(.command, SourceStanding()),
        .source(.vtctld, SourceStanding(namesServers: true)), .shards([:]),
      ])
  }

  @Test func nothingIsKeptOfNothing() {
    #expect(RecentPast().steps.isEmpty)
    #expect(RecentPast().present(at: InventedCluster.began).isEmpty)
  }
}
