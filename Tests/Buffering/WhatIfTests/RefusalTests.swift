import FleetModel
import Terms
import Testing
import Watching
import WhatIf
import Wording

/// What a recording cannot carry is refused, and says why; what it proves is exact.
@Suite struct RefusalTests {
  static let shard = ShardName(keyspace: "commerce", shard: "0")
  private static let gate = Address(host: "gate1", port: 15001)

  /// Nine requests that wait for two seconds, polled once a second; `change` writes other counters.
  static func again(
    until end: Int = 40, flags: BufferFlags? = known,
    _ change: (Int, inout VtgateReading) -> Void = { _, _ in }
  ) throws -> FailoverAgain {
    let start = Instant(secondsSinceEpoch: 1_795_000_000)
    var watch = Watch(Watch.Settings(cluster: "prod", interval: .seconds(1)), at: start)
    var reading = VtgateReading()
    (reading.processStart, reading.bufferSize, reading.flags) = (1, 10, flags)
    reading.commandLine = flags == nil ? nil : 1
    reading.buffers[shard] = BufferCounters()
    var polls: [RecordedOutage.Poll] = []
    for second in 1...end {
      switch second {
      case 4:
        reading.buffers[shard]?.starts += 1
        reading.buffers[shard]?.buffered += 9
        reading.buffers[shard]?.lastRequestsInFlightMax = 9
      case 6:
        reading.buffers[shard]?.stops[.newPrimarySeen] = 1
        reading.buffers[shard]?.drained += 9
        reading.buffers[shard]?.lastFailoverDuration = .seconds(2)
      default: break
      }
      change(second, &reading)
      reading.primaryConnections = (4...5).contains(second) ? [:] : [shard: 1]
      reading.tablets = GatewayTablets([
        GatewayTablet(
          alias: TabletAlias(cell: "zone1", uid: second < 6 ? 100 : 101), shard: shard,
          type: .primary, isServing: !(4...5).contains(second),
          primaryTermStart: second < 6 ? 1 : 2)
      ])
      let now = start + .seconds(second)
      polls.append(
        RecordedOutage.Poll(
          asked: now, answered: now, reading.buffers[shard] ?? BufferCounters(),
          seesPrimary: !(4...5).contains(second)))
      watch.take(
        Observation(
          of: "prod", at: now,
          .outcome(
            ScrapeOutcome(
              target: Target(.vtgate, gate), at: now, took: .zero, result: .gate(reading)))))
      _ = watch.tick(at: now)
    }
    let failover = try #require(watch.fleet.failovers.all.last)
    return FailoverAgain(failover, among: watch.fleet.failovers.all, since: start) {
      _, failover in polls.around(failover)
    }
  }

  static let known: BufferFlags = {
    var flags = BufferFlags(source: .commandLine)
    flags.isEnabled = true
    return flags
  }()

  private static func refusal(_ again: FailoverAgain) -> RecordedOutage.Refusal? {
    guard case .failure(let refusal)? = again.parts.first?.whatIf else { return nil }
    return refusal
  }

  static func asked(_ size: Int) -> AskedFlags {
    var asked = AskedFlags()
    asked.size = size
    return asked
  }

  @Test func whatCannotCarryAnAnswerIsRefused() throws {
    #expect(Self.refusal(try Self.again()) == nil)
    #expect(Self.refusal(try Self.again(until: 5)) == .goesOn)
    let began = try Self.again { second, reading in
      if second == 1 { reading.buffers[Self.shard]?.starts = 1 }
      if second == 4 { reading.buffers[Self.shard]?.starts = 1 }
    }
    #expect(Self.refusal(began) == .beganBefore)
    let restarted = try Self.again { second, reading in
      guard second == 5 else { return }
      reading.processStart = 1_795_000_005
      reading.buffers[Self.shard] = BufferCounters()
    }
    #expect(Self.refusal(restarted) == .restarted)
    let uncounted = try Self.again { _, reading in
      reading.buffers[Self.shard]?.unreported = [.evicted]
    }
    #expect(Self.refusal(uncounted) == .uncounted([.evicted]))
    let several = try Self.again { second, reading in
      if second == 6 {
        reading.buffers[Self.shard]?.starts = 3
        reading.buffers[Self.shard]?.stops[.newPrimarySeen] = 3
      }
    }
    #expect(Self.refusal(several) == .entangled)
    let absurd = try Self.again { second, reading in
      guard second == 6 else { return }
      reading.buffers[Self.shard]?.buffered = 2_000_000
      reading.buffers[Self.shard]?.drained = 2_000_000
    }
    #expect(Self.refusal(absurd) == .implausible)
  }

  @Test func aLimitThatNobodyReadMattersUnlessCountersProveIt() throws {
    let clean = try #require(try Self.again(flags: nil).answering.first)
    #expect(
      clean.outage.inForce.unknown == [.window, .maxFailoverDuration, .minTimeBetweenFailovers])
    #expect(try clean.forecast(Self.asked(500)).isAsRecorded)
    #expect(try clean.forecast(Self.asked(4)).drained.isExact)
    let lossy = try #require(
      try Self.again(flags: nil) { second, reading in
        if second == 5 {
          reading.buffers[Self.shard]?.buffered += 2
          reading.buffers[Self.shard]?.evicted[.bufferFull] = 2
        }
      }.answering.first)
    #expect(throws: WhatIf.Unanswered.unknown(.window)) {
      try lossy.forecast(Self.asked(500))
    }
    var asked = Self.asked(500)
    asked.window = .seconds(10)
    let forecast = try lossy.forecast(asked)
    #expect(forecast.losesNothing && forecast.evicted[.bufferFull]?.isExact == true)
  }

  @Test func aSmallerBufferIsFullAtTheEnd() throws {
    let whatIf = try #require(try Self.again().answering.first)
    let forecast = try whatIf.forecast(Self.asked(4))
    #expect(forecast.drained.isExact && forecast.drained.likely == 4)
    #expect(forecast.peak.isExact && forecast.peak.likely == 4)
    // Who is thrown out may come again, and throw out the next.
    let full = try #require(forecast.evicted[.bufferFull])
    #expect(full.least == 5 && full.most == nil)
    #expect(forecast.avoided.most == -5)
    let then = whatIf.reproduction()
    #expect(then.buffered.likely == 9 && then.drained.likely == 9 && then.drained.isExact)
    #expect(then.longestWait.isExact && then.longestWait.least == .seconds(2))
  }

  @Test func theAdvisedFlagsAreToldWhereTheyLetNobodyDown() throws {
    let lossy = try Self.again { second, reading in
      if second == 5 {
        reading.buffers[Self.shard]?.buffered += 2
        reading.buffers[Self.shard]?.evicted[.bufferFull] = 2
      }
    }.failover
    func outcome(_ size: Int) -> AdvisedOutcome? {
      let advice = Advice(
        .bufferTooSmall(requests: 2, peak: 9, size: 10, others: [], wanted: size),
        for: Self.shard)
      return AdvisedOutcome(lossy, [advice], among: [lossy], since: lossy.detected.at)
    }
    let enough = try #require(outcome(14))
    #expect(enough.arrived == 11)
    #expect(
      Wording().words(enough)
        == "with --buffer_size 14 every request would have waited for the new primary, 11 at most")
    #expect(outcome(10) == nil)
    #expect(AdvisedOutcome(lossy, [], among: [lossy], since: lossy.detected.at) == nil)
  }

  @Test func theLeastThatLosesNothingHoldsAllThatCame() throws {
    let whatIf = try #require(try Self.again().answering.first)
    let sizes = FlagSweep(.sizes(1...5000))
    #expect(sizes.least(AskedFlags(), of: [whatIf]) == .success(9))
    #expect(sizes.steps.first == 1 && sizes.steps.last == 5000 && sizes.steps.count == 12)
    let small = FlagSweep(.sizes(1...8)).least(AskedFlags(), of: [whatIf])
    #expect(small == .failure(.size))
    var asked = AskedFlags()
    asked.window = .seconds(1)
    #expect(sizes.least(asked, of: [whatIf]) == .failure(.window))
    // Two seconds and up to a millisecond more: the window must be longer than that.
    let windows = FlagSweep(.windows(.seconds(1) ... .seconds(60)))
    #expect(windows.least(AskedFlags(), of: [whatIf]) == .success(3))
  }
}
