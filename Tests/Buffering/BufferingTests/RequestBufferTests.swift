import Buffering
import Terms
import Testing

/// Drives a buffer on a manual clock and checks the invariants after every step.
struct Bench {
  static let shard = ShardName(keyspace: "commerce", shard: "0")
  static let other = ShardName(keyspace: "commerce", shard: "1")
  static let old = TabletAlias(cell: "zone1", uid: 100)
  static let new = TabletAlias(cell: "zone1", uid: 101)

  var buffer: RequestBuffer
  var now = Instant(secondsSinceEpoch: 0)
  var actions: [RequestBuffer.Action] = []

  init(_ change: (inout RequestBuffer.Configuration) -> Void = { _ in }) {
    var configuration = RequestBuffer.Configuration()
    change(&configuration)
    buffer = RequestBuffer(configuration)
    _ = buffer.keyspaceEvent(Self.shard, primary: Self.old, .newPrimarySeen, at: now)
  }

  var counters: RequestBuffer.Counters { buffer.counters(of: Self.shard) ?? .init() }

  mutating func request(
    _ id: Int, after attempt: RequestBuffer.Attempt = .failoverError, on shard: ShardName = shard
  ) -> RequestBuffer.Verdict {
    let result = buffer.admit(id, for: shard, after: attempt, at: now)
    actions += result.actions
    check()
    return result.verdict
  }

  mutating func pass(_ duration: Duration) {
    now = now + duration
    actions += buffer.advance(to: now)
    check()
  }

  mutating func promote(_ alias: TabletAlias = new) {
    actions += buffer.keyspaceEvent(Self.shard, primary: alias, .newPrimarySeen, at: now)
    check()
  }

  mutating func finish(_ id: Int) {
    actions += buffer.finished(id, at: now)
    check()
  }

  func check(sourceLocation: SourceLocation = #_sourceLocation) {
    let violation = buffer.violation(at: now)
    #expect(violation == nil, sourceLocation: sourceLocation)
  }
}

@Suite struct RequestBufferTests {
  @Test func nothingWaitsWithoutAFailover() {
    var bench = Bench()
    #expect(bench.request(1, after: .none) == .pass)
    #expect(bench.request(1, after: .otherError) == .pass)
    #expect(bench.counters.starts == 0)
  }

  @Test func aFailoverErrorStartsAndLaterRequestsQueue() {
    var bench = Bench()
    #expect(bench.request(1) == .wait)
    #expect(bench.request(2, after: .none) == .wait)
    #expect(bench.request(3, after: .otherError) == .pass)
    #expect(bench.buffer.state(of: Bench.shard) == .buffering)
    #expect(bench.counters.starts == 1)
    #expect(bench.counters.buffered == 2)
    #expect(bench.counters.lastRequestsInFlightMax == 2)
  }

  @Test func aNewPrimaryDrainsInOrderOneAtATime() {
    var bench = Bench()
    for id in 1...3 { _ = bench.request(id) }
    bench.pass(.milliseconds(1200))
    bench.promote()
    #expect(bench.actions == [.retry(1)])
    #expect(bench.buffer.state(of: Bench.shard) == .draining)
    #expect(bench.request(4, after: .none) == .pass)
    bench.finish(1)
    bench.finish(2)
    #expect(bench.counters.drained == 0)
    bench.finish(3)
    #expect(bench.actions == [.retry(1), .retry(2), .retry(3)])
    #expect(bench.counters.drained == 3)
    #expect(bench.counters.stops[.newPrimarySeen] == 1)
    #expect(bench.counters.lastFailoverDuration == .milliseconds(1200))
    #expect(bench.buffer.state(of: Bench.shard) == .idle)
  }

  @Test func drainConcurrencyLetsSeveralGo() {
    var bench = Bench { $0.drainConcurrency = 2 }
    for id in 1...3 { _ = bench.request(id) }
    bench.promote()
    #expect(bench.actions == [.retry(1), .retry(2)])
    bench.finish(2)
    #expect(bench.actions.last == .retry(3))
  }

  @Test func theSamePrimaryComingBackEndsItToo() {
    var bench = Bench()
    _ = bench.request(1)
    bench.promote(Bench.old)
    #expect(bench.counters.stops[.newPrimarySeen] == 1)
  }

  @Test func theWindowLetsTheOldestGoWithoutAnError() {
    var bench = Bench { $0.window = .seconds(1) }
    _ = bench.request(1)
    bench.pass(.milliseconds(600))
    _ = bench.request(2)
    bench.pass(.milliseconds(400))
    #expect(bench.actions == [.retry(1)])
    #expect(bench.counters.evicted[.windowExceeded] == 1)
    // Its slot stays taken until the retry has ended.
    #expect(bench.buffer.slotsUsed == 2)
    bench.finish(1)
    #expect(bench.buffer.slotsUsed == 1)
  }

  @Test func aFullBufferEvictsItsOldest() {
    var bench = Bench { $0.size = 2 }
    for id in 1...3 { #expect(bench.request(id) == .wait) }
    #expect(bench.actions == [.fail(1, "buffer full: request evicted for newer request")])
    #expect(bench.counters.evicted[.bufferFull] == 1)
    #expect(bench.counters.buffered == 3)
    #expect(bench.counters.lastRequestsInFlightMax == 2)
  }

  @Test func aFullBufferSkipsAShardWithoutAQueue() {
    var bench = Bench { $0.size = 1 }
    _ = bench.request(1)
    #expect(bench.request(2, on: Bench.other) == .fail("primary buffer is full"))
    #expect(bench.buffer.counters(of: Bench.other)?.skipped[.bufferFull] == 1)
  }

  @Test func maxDurationEndsItAndTheQueueDrains() {
    var bench = Bench {
      $0.window = .seconds(3)
      $0.maxFailoverDuration = .seconds(3)
    }
    _ = bench.request(1)
    bench.pass(.seconds(2))
    _ = bench.request(2)
    bench.pass(.seconds(1))
    #expect(bench.counters.stops[.maxDurationExceeded] == 1)
    #expect(bench.counters.evicted[.windowExceeded] == 1)
    #expect(bench.actions == [.retry(1), .retry(2)])
    bench.finish(2)
    #expect(bench.counters.drained == 1)
  }

  @Test func aSecondFailoverTooSoonIsSkipped() {
    var bench = Bench()
    _ = bench.request(1)
    bench.promote()
    bench.finish(1)
    bench.pass(.seconds(59))
    #expect(bench.request(2) == .pass)
    #expect(bench.counters.skipped[.lastFailoverTooRecent] == 1)
    bench.pass(.seconds(1))
    #expect(bench.request(3) == .wait)
    #expect(bench.counters.failoverDurationSum == .zero)
  }

  @Test func anUnbufferedReparentAlsoCounts() {
    var bench = Bench()
    bench.promote()
    bench.pass(.seconds(5))
    #expect(bench.request(1) == .pass)
    #expect(bench.counters.skipped[.lastReparentTooRecent] == 1)
  }

  @Test func offMeansEveryRequestIsSkippedAsDisabled() {
    var bench = Bench { $0.isEnabled = false }
    #expect(bench.request(1, after: .none) == .pass)
    #expect(bench.counters.skipped[.disabled] == 1)
    var listed = Bench { $0.keyspaceShards = ["commerce/1"] }
    #expect(listed.request(1) == .pass)
    #expect(listed.request(2, on: Bench.other) == .wait)
  }

  @Test func aClientThatGivesUpIsContextDone() {
    var bench = Bench()
    _ = bench.request(1)
    bench.actions += bench.buffer.clientGone(1)
    bench.check()
    #expect(bench.counters.evicted[.contextDone] == 1)
    #expect(bench.buffer.slotsUsed == 0)
    bench.promote()
    #expect(bench.buffer.state(of: Bench.shard) == .idle)
  }

  @Test func dryRunCountsAndBuffersNothing() {
    var bench = Bench {
      $0.isEnabled = false
      $0.isDryRun = true
    }
    #expect(bench.request(1) == .pass)
    #expect(bench.request(2, after: .none) == .pass)
    #expect(bench.counters.starts == 1)
    #expect(bench.counters.bufferedDryRun == 2)
    #expect(bench.counters.buffered == 0)
    #expect(bench.counters.lastRequestsDryRunMax == 2)
    bench.promote()
    #expect(bench.counters.stops[.newPrimarySeen] == 1)
    #expect(bench.counters.drained == 0)
  }

  @Test func withBothFlagsListedShardsAreBufferedAndOthersDryRun() {
    var bench = Bench {
      $0.isDryRun = true
      $0.keyspaceShards = ["commerce/0"]
    }
    #expect(bench.request(1) == .wait)
    #expect(bench.request(2, on: Bench.other) == .pass)
    #expect(bench.buffer.counters(of: Bench.other)?.bufferedDryRun == 1)
  }

  @Test func utilizationIsThePeakOverTheSizeInWholePercent() {
    var bench = Bench { $0.size = 8 }
    for id in 1...3 { _ = bench.request(id) }
    bench.promote()
    #expect(bench.counters.utilizationSum == 37)
  }

  @Test func aReshardedShardFailsItsQueueAndCountsItAsDrained() {
    var bench = Bench()
    _ = bench.request(1)
    bench.actions += bench.buffer.keyspaceEvent(
      Bench.shard, primary: nil, .reshardingComplete, at: bench.now)
    bench.check()
    #expect(
      bench.actions == [.fail(1, "destination shard is missing after a resharding operation")])
    #expect(bench.counters.drained == 1)
    #expect(bench.counters.stops[.reshardingComplete] == 1)
    #expect(bench.buffer.slotsUsed == 0)
  }

  @Test func aMoveTablesThatSwitchedDrainsUnderItsOwnReason() {
    var bench = Bench()
    _ = bench.request(1)
    // The reason is not there before it is used for the first time.
    #expect(bench.counters.stops[.moveTablesSwitchedTraffic] == nil)
    bench.actions += bench.buffer.keyspaceEvent(
      Bench.shard, primary: Bench.old, .moveTablesSwitchedTraffic, at: bench.now)
    #expect(bench.actions == [.retry(1)])
    #expect(bench.counters.stops[.moveTablesSwitchedTraffic] == 1)
  }

  @Test func shutdownLetsTheQueueGoAndSkipsAllThatComesLater() {
    var bench = Bench()
    _ = bench.request(1)
    bench.actions += bench.buffer.shutDown(at: bench.now)
    #expect(bench.actions == [.retry(1)])
    #expect(bench.counters.stops[.shutdown] == 1)
    #expect(bench.request(2) == .pass)
    #expect(bench.counters.skipped[.shutdown] == 1)
  }

  @Test func aWatcherThatDoesNotKnowTheShardPreventsTheStartUncounted() {
    var bench = Bench()
    let result = bench.buffer.admit(
      1, for: Bench.shard, after: .failoverError, at: bench.now, mayStart: { false })
    #expect(result.verdict == .pass)
    #expect(bench.counters == RequestBuffer.Counters())
  }

  @Test func zerosAppearWithTheShardAndTheLastGaugesLater() throws {
    var bench = Bench()
    #expect(bench.counters.skipped.count == 5)
    #expect(bench.counters.stops.count == 4)
    #expect(bench.counters.lastRequestsInFlightMax == nil)
    _ = bench.request(1)
    #expect(bench.counters.lastRequestsInFlightMax == 1)
    #expect(bench.counters.lastFailoverDuration == nil)
    bench.promote()
    #expect(bench.counters.lastFailoverDuration == .zero)
  }

  @Test func randomUseKeepsTheInvariants() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<200 {
      var bench = Bench {
        $0.size = 3
        $0.window = .seconds(1)
        $0.maxFailoverDuration = .seconds(2)
        $0.minTimeBetweenFailovers = .seconds(1)
        $0.drainConcurrency = 2
      }
      var retried: [Int] = []
      for id in 0..<60 {
        switch Int.random(in: 0..<6, using: &random) {
        case 0: bench.pass(.milliseconds(Int.random(in: 1...900, using: &random)))
        case 1: bench.promote([Bench.old, Bench.new].randomElement(using: &random) ?? Bench.old)
        case 2: if let first = retried.popLast() { bench.finish(first) }
        case 3: bench.actions += bench.buffer.clientGone(Int.random(in: 0...id, using: &random))
        default: _ = bench.request(id)
        }
        bench.check()
        for case .retry(let id) in bench.actions { retried.append(id) }
        bench.actions = []
      }
    }
  }
}
