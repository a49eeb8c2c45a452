import FleetModel
import Terms
import Testing

/// What polls prove of failovers when much happens between two of them.
@Suite struct FailoverTests {
  private func begun(_ feed: inout Feed) {
    feed.change {
      $0.starts += 1; $0.buffered += 4; $0.lastRequestsInFlightMax = 4
    }
  }

  private func finished(
    _ feed: inout Feed, _ reason: StopReason = .newPrimarySeen, after milliseconds: Int = 200
  ) {
    feed.change {
      $0.stops[reason, default: 0] += 1
      $0.drained = $0.buffered
      $0.lastFailoverDuration = .milliseconds(milliseconds)
    }
    if reason == .newPrimarySeen { feed.promote() }
  }

  private func quiet(_ feed: inout Feed) {
    for _ in 0..<4 {
      feed.poll()
      feed.fleet.settle(at: feed.now)
    }
  }

  @Test func oneBetweenTwoPollsIsExactButForItsMoment() throws {
    var feed = Feed()
    feed.poll()
    begun(&feed)
    finished(&feed, after: 183)
    feed.poll()
    quiet(&feed)
    let all = feed.fleet.failovers.all
    try #require(all.count == 1)
    let track = all[0].tracks[0]
    #expect(track.episodes == 1 && track.sharesPoll)
    #expect(track.duration == .milliseconds(183))
    #expect(track.started?.uncertainty == .seconds(1))
    #expect(track.counts.buffered == 4 && track.counts.drained == 4 && track.peak == 4)
    #expect(all[0].verdict == .recovered)
  }

  @Test func whatNoPollSawIsHeldByTheVtgatesOwnWord() throws {
    var feed = Feed()
    feed.poll()
    let before = feed.now
    begun(&feed)
    finished(&feed, after: 100)
    feed.poll()
    let found = feed.now
    quiet(&feed)
    let failover = try #require(feed.fleet.failovers.all.first)
    let vtgates = Double(failover.tracks.count)
    let inside = try #require(failover.held(from: before, to: found))
    #expect(inside.most == 4 * vtgates && inside.isUnseen)
    let after = try #require(failover.held(from: found + .milliseconds(1), to: feed.now))
    #expect(after.most == 0 && !after.isUnseen)
    #expect(feed.fleet.unseenPeak(of: Feed.shard, since: before) == 4 * failover.tracks.count)
    #expect(feed.fleet.unseenPeak(of: Feed.shard, since: found) == nil)
  }

  /// The gauge is the last failover's until the next one begins.
  @Test func theMaximumOfAnEarlierFailoverIsNotTheNextOnes() throws {
    var feed = Feed()
    feed.poll()
    begun(&feed)
    finished(&feed)
    feed.poll()
    quiet(&feed)
    let between = feed.now
    feed.poll()
    #expect(feed.fleet.unseenPeak(of: Feed.shard, since: between) == nil)
    // One that was skipped as too soon resets no gauge.
    feed.change { $0.skipped[.lastFailoverTooRecent] = 3 }
    feed.poll()
    #expect(feed.fleet.failovers.all.count == 2)
    #expect(feed.fleet.unseenPeak(of: Feed.shard, since: between) == nil)
    #expect(feed.fleet.failovers.all.last?.tracks.allSatisfy { $0.peak == nil } == true)
  }

  @Test func whatAPollSawStandsBesideNoOtherWord() throws {
    var feed = Feed()
    feed.poll()
    begun(&feed)
    feed.poll()
    feed.change { $0.lastRequestsInFlightMax = 90 }
    finished(&feed)
    feed.poll()
    let track = try #require(feed.fleet.failovers.all.first?.tracks.first)
    #expect(track.peak == 90 && track.unseenPeak == nil)
  }

  @Test func twoBetweenTwoPollsAreNotTakenForOne() throws {
    var feed = Feed()
    feed.poll()
    for _ in 0..<2 {
      begun(&feed)
      finished(&feed)
    }
    feed.poll()
    quiet(&feed)
    let all = feed.fleet.failovers.all
    try #require(all.count == 1)
    #expect(all[0].episodes == 2)
    #expect(all[0].counts.buffered == 8)
    #expect(all[0].tracks[0].felt == nil)
  }

  /// A limit that the failover itself contradicts is not shown in it as Vitess' default.
  @Test func whoGivesUpProvesTheMaximumOfThisFailoverToo() throws {
    var feed = Feed()
    feed.poll()
    begun(&feed)
    feed.poll()
    let before = try #require(feed.fleet.failovers.all.first?.tracks.first)
    #expect(before.flags[.maximum] == .init(.seconds(20), by: .vitessDefault))
    finished(&feed, .maxDurationExceeded, after: 8000)
    feed.poll()
    let after = try #require(feed.fleet.failovers.all.first?.tracks.first)
    #expect(after.flags[.maximum] == .init(.seconds(8), by: .counters))
  }

  @Test func anEndAndANewBeginningInOnePollAreTwoFailovers() throws {
    var feed = Feed()
    feed.poll()
    begun(&feed)
    feed.poll()
    finished(&feed, .maxDurationExceeded)
    begun(&feed)
    feed.poll()
    let all = feed.fleet.failovers.all
    try #require(all.count == 2)
    #expect(all[0].tracks[0].stopped != nil)
    #expect(all[0].tracks[0].duration == .milliseconds(200))
    #expect(all[0].counts.stops == [.maxDurationExceeded: 1])
    #expect(all[1].phase == .buffering)
    // What both counted since the poll before cannot be shared out.
    #expect(all[1].counts.buffered == 4 && all[1].counts.drained == 4)
  }

  @Test func vtgatesThatNoticeOneAfterTheOtherShareAFailover() throws {
    var feed = Feed()
    feed.poll()
    begun(&feed)
    feed.poll()
    feed.change(1) {
      $0.starts = 1; $0.buffered = 2; $0.lastRequestsInFlightMax = 2
    }
    feed.poll()
    finished(&feed)
    feed.change(1) {
      $0.stops[.newPrimarySeen] = 1; $0.drained = 2
      $0.lastFailoverDuration = .milliseconds(900)
    }
    feed.poll()
    quiet(&feed)
    let all = feed.fleet.failovers.all
    try #require(all.count == 1)
    #expect(all[0].tracks.map(\.address) == Feed.vtgates)
    #expect(all[0].peak == 6)
    #expect(all[0].longestBuffering == .milliseconds(900))
  }

  @Test func buffersAgainSoonAfterIsAnother() throws {
    var feed = Feed()
    feed.poll()
    for _ in 0..<3 {
      begun(&feed)
      feed.poll()
      finished(&feed)
      feed.poll()
    }
    #expect(feed.fleet.failovers.all.map(\.id) == [1, 2, 3])
    #expect(feed.fleet.failovers.all.allSatisfy { $0.counts.buffered == 4 })
  }

  @Test func whatGoesOnAtTheFirstPollBeganAnyTimeBefore() throws {
    var feed = Feed()
    begun(&feed)
    feed.poll()
    let failover = try #require(feed.fleet.failovers.all.first)
    #expect(failover.phase == .buffering)
    #expect(failover.detected.uncertainty == nil)
    finished(&feed)
    feed.poll()
    quiet(&feed)
    #expect(feed.fleet.failovers.all.count == 1)
    #expect(feed.fleet.failovers.all[0].tracks[0].duration == .milliseconds(200))
  }

  @Test func aRestartInTheMiddleIsToldAndCountsNothingTwice() throws {
    var feed = Feed()
    feed.poll()
    begun(&feed)
    feed.poll()
    feed.readings[0].processStart = feed.now.secondsSinceEpoch
    feed.readings[0].buffers[Feed.shard] = BufferCounters()
    begun(&feed)
    feed.poll()
    let failover = try #require(feed.fleet.failovers.all.first)
    #expect(feed.fleet.failovers.all.count == 1)
    #expect(failover.tracks.count == 2)
    #expect(failover.tracks.contains { $0.interrupted != nil })
    #expect(failover.counts.buffered == 8)
    finished(&feed)
    feed.poll()
    quiet(&feed)
    #expect(feed.fleet.failovers.all[0].phase == .ended)
  }

  @Test func aStepOfTheHostsClockIsNoRestart() throws {
    for step in [-3600.0, -1, 1, 3600] {
      var feed = Feed()
      feed.readings[0].processStart = feed.now.secondsSinceEpoch - 86_400
      feed.poll()
      begun(&feed)
      feed.poll()
      feed.readings[0].processStart? += step
      feed.poll()
      finished(&feed)
      feed.poll()
      quiet(&feed)
      let failover = try #require(feed.fleet.failovers.all.first)
      #expect(feed.fleet.failovers.all.count == 1)
      #expect(failover.tracks.allSatisfy { $0.interrupted == nil })
      #expect(failover.counts.buffered == 4 * failover.tracks.count)
      #expect(!feed.fleet.log.events.contains { $0.kind == .vtgateRestarted })
    }
  }

  @Test func anotherPrimaryThatNobodyBufferedForIsAFailoverToo() throws {
    var feed = Feed()
    feed.poll()
    for index in feed.readings.indices {
      feed.readings[index].tablets = GatewayTablets([
        Feed.tablet(100, .replica), Feed.tablet(101, .primary, term: 2),
      ])
    }
    feed.poll()
    quiet(&feed)
    let failover = try #require(feed.fleet.failovers.all.first)
    #expect(feed.fleet.failovers.all.count == 1)
    #expect(failover.sign == .primaryChanged)
    #expect(failover.primaryBefore?.uid == 100 && failover.primaryAfter?.uid == 101)
    #expect(failover.verdict == .notBuffered)
  }

  /// Lets gate2 answer and gate1 fail for so many seconds.
  private func withoutTheFirst(_ feed: inout Feed, seconds: Int) {
    for _ in 0..<seconds / 2 {
      feed.fail(0)
      feed.poll([1])
      feed.fleet.settle(at: feed.now)
    }
  }

  @Test func aVtgateThatVanishesLeavesItsPartOpenAsLongAsItCanBuffer() throws {
    var feed = Feed()
    feed.poll()
    begun(&feed)
    feed.poll()
    withoutTheFirst(&feed, seconds: 12)
    var failover = try #require(feed.fleet.failovers.all.first)
    #expect(failover.phase == .buffering)
    #expect(failover.tracks[0].stopped == nil && failover.tracks[0].duration == nil)

    withoutTheFirst(&feed, seconds: 30)
    failover = try #require(feed.fleet.failovers.all.first)
    #expect(failover.phase == .ended && failover.verdict == .unknown)
    #expect(failover.tracks[0].interrupted?.cause == .unanswered)
    #expect(feed.fleet.failovers.going.isEmpty)

    // The other's next one is another, and what the first tells at last belongs where it happened.
    feed.change(1) {
      $0.starts += 1; $0.buffered += 3
    }
    feed.poll([1])
    #expect(feed.fleet.failovers.all.map(\.tracks.count) == [1, 1])
    finished(&feed)
    feed.poll([0])
    let told = feed.fleet.failovers.all[0]
    #expect(told.verdict == .unchanged && told.counts.drained == 4)
    #expect(told.tracks[0].duration == .milliseconds(200))
    #expect(feed.fleet.failovers.all[1].tracks.map(\.address) == [Feed.vtgates[1]])
  }

  @Test func givingUpIsNoPrimarySeenWhateverWasCountedBefore() throws {
    var feed = Feed()
    feed.change {
      $0.starts = 1; $0.stops[.newPrimarySeen] = 1; $0.buffered = 3; $0.drained = 3
    }
    feed.poll()
    begun(&feed)
    feed.poll()
    finished(&feed, .maxDurationExceeded)
    feed.poll()
    let failover = try #require(feed.fleet.failovers.all.first)
    #expect(failover.newPrimarySeen == nil && failover.phase == .detected)
  }

  @Test func oneGaveUpWhileAnotherStillBuffers() throws {
    var feed = Feed()
    feed.poll()
    for index in 0...1 {
      feed.change(index) {
        $0.starts = 1; $0.buffered = 4
      }
    }
    feed.poll()
    finished(&feed, .maxDurationExceeded)
    feed.poll()
    #expect(feed.fleet.failovers.all.first?.phase == .buffering)
  }

  @Test func bufferingThatEndsForAMoveOfTrafficIsOverWithoutAPrimary() throws {
    var feed = Feed()
    feed.poll()
    begun(&feed)
    feed.poll()
    finished(&feed, StopReason(rawValue: "MoveTablesSwitchedTraffic"))
    feed.poll()
    #expect(feed.fleet.failovers.all.first?.phase == .settling)
  }

  @Test func aPrimaryThatGoesAgainBelongsToAnother() throws {
    var feed = Feed()
    feed.poll()
    begun(&feed)
    feed.poll()
    finished(&feed)
    feed.poll()
    #expect(feed.fleet.failovers.all.first?.phase == .settling)
    for index in 0...1 {
      feed.readings[index].tablets = GatewayTablets([
        Feed.tablet(100, .primary, isServing: false, term: 1), Feed.tablet(101, .replica),
      ])
    }
    feed.poll()
    #expect(feed.fleet.failovers.all.map(\.phase) == [.settling, .detected])
  }

  @Test func aNewProcessThatDoesNotExportTheShardYetIsARestart() throws {
    // Whatever the clock of its host says.
    for skew in [0.0, -10] {
      var feed = Feed()
      feed.readings[0].processStart = feed.now.secondsSinceEpoch - 500 + skew
      feed.poll()
      begun(&feed)
      feed.poll()
      feed.readings[0].processStart = feed.now.secondsSinceEpoch + 0.5 + skew
      feed.readings[0].buffers = [:]
      feed.poll()
      let failover = try #require(feed.fleet.failovers.all.first)
      #expect(failover.tracks[0].interrupted?.cause == .restarted)
      quiet(&feed)
      #expect(feed.fleet.failovers.all.first?.verdict == .unknown)
      feed.readings[0].buffers[Feed.shard] = BufferCounters()
      begun(&feed)
      finished(&feed)
      feed.poll()
      #expect(feed.fleet.failovers.all.map(\.counts.buffered) == [4, 4])
    }
  }

  @Test func theUncertaintyReachesBackToWhereThePollBeforeBegan() throws {
    var feed = Feed()
    feed.poll(took: .milliseconds(1900))
    begun(&feed)
    feed.poll()
    let failover = try #require(feed.fleet.failovers.all.first)
    #expect(failover.detected.uncertainty == .milliseconds(2900))
    #expect(failover.tracks[0].started?.uncertainty == .milliseconds(2900))
  }

  @Test func errorsFromBeforeTheFirstPollAreNoNews() {
    var feed = Feed()
    for index in 0...1 {
      feed.readings[index].callErrors[Feed.shard] = 50_000
      feed.readings[index].clientErrors["commerce"] = ["CODE:14": 40_000]
    }
    feed.change {
      $0.starts = 1; $0.buffered = 4
    }
    feed.poll()
    feed.fleet.settle(at: feed.now)
    #expect(feed.fleet.failovers.all.first?.tracks.map(\.address) == [Feed.vtgates[0]])
    #expect(feed.fleet.failovers.all.first?.clientErrors(of: Feed.vtgates[0]) == [:])
  }

  @Test func noPrimaryIsNewsWhenOnlyADeadVtgateStillSawOne() throws {
    var feed = Feed()
    feed.poll()
    feed.fleet.settle(at: feed.now)
    feed.readings[1].tablets = GatewayTablets([
      Feed.tablet(100, .primary, isServing: false, term: 1), Feed.tablet(101, .replica),
    ])
    feed.poll([1])
    feed.fail(0)
    feed.fleet.settle(at: feed.now)
    #expect(feed.fleet.summaries.first?.state == .noPrimary)
    #expect(feed.texts.contains("no vtgate sees a serving primary"))
    #expect(feed.fleet.failovers.all.first?.sign == .primaryGone)
    #expect(feed.fleet.shardsShowingSigns(at: feed.now) == [Feed.shard])
  }

  @Test func whoDidNotBufferIsKeptAsItWas() throws {
    var feed = Feed()
    feed.poll()
    begun(&feed)
    feed.poll()
    finished(&feed)
    feed.poll()
    quiet(&feed)
    let absences = try #require(feed.fleet.failovers.all.first?.absences)
    #expect(absences.map(\.address) == [Feed.vtgates[1]])
    #expect(absences.map(\.reason) == [.noTraffic])
    feed.fail(1)
    feed.fleet.settle(at: feed.now)
    #expect(feed.fleet.failovers.all.first?.absences == absences)
  }

  /// Without the counts of client errors the skips tell, and they count attempts.
  @Test(
    arguments: zip([nil, 0, 1, 2, 4] as [Int?], [6, 17, 9, 6, 4]))
  func attemptsAreAsManyToAQueryAsTheFlagSays(_ retryCount: Int?, _ least: Int) throws {
    var feed = Feed()
    if let retryCount {
      for index in 0...1 {
        var flags = BufferFlags(source: .commandLine)
        flags.isEnabled = true
        flags.retryCount = retryCount
        feed.readings[index].flags = flags
      }
    }
    feed.poll()
    begun(&feed)
    feed.change(1) { $0.skipped[.lastFailoverTooRecent] = 17 }
    feed.losePrimary()
    feed.poll()
    finished(&feed)
    feed.poll()
    quiet(&feed)
    let failover = try #require(feed.fleet.failovers.all.first)
    #expect(failover.kind == .failover)
    #expect(failover.failed.count == least)
    #expect(failover.failed.isAtLeast)
    #expect(failover.failed.isAssumed == (retryCount == nil))
  }

  /// What was thrown out is counted by queries: nothing is assumed.
  @Test func whatWasThrownOutAssumesNothing() throws {
    var feed = Feed()
    feed.poll()
    begun(&feed)
    feed.change { $0.evicted[.bufferFull] = 3 }
    feed.poll()
    finished(&feed)
    feed.poll()
    quiet(&feed)
    let failed = try #require(feed.fleet.failovers.all.first).failed
    #expect(failed.count == 3)
    #expect(!failed.isAssumed)
  }

  @Test func theLogIsBounded() {
    var feed = Feed()
    feed.poll()
    for _ in 0..<600 {
      begun(&feed)
      finished(&feed)
      feed.poll()
      quiet(&feed)
    }
    #expect(feed.fleet.failovers.all.count == FailoverLog.capacity)
    #expect(feed.fleet.failovers.all.last?.id == 600)
    #expect(feed.fleet.failovers[1] == nil)
  }
}
