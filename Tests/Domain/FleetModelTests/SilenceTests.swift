import FleetModel
import Terms
import Testing

@Suite struct SilenceTests {
  @Test func blindnessIsACriticalStateAndOldCountsAreNone() {
    var feed = Feed()
    feed.change {
      $0.buffered = 7; $0.drained = 7
    }
    feed.poll()
    #expect(feed.state.hasCounters)
    feed.fail(0)
    _ = settle(&feed)
    #expect(!feed.texts.contains { $0.hasPrefix("blind") })
    feed.fail(1)
    let summary = settle(&feed)
    #expect(summary.state == .blind)
    #expect(!summary.hasCounters && summary.blindSince == feed.fleet.blindSince)
    #expect(feed.fleet.blindSince != nil)
    // Of the fleet, and not of each shard again.
    #expect(
      feed.fleet.log.events.filter { $0.severity == .critical }.map(\.kind) == [.blind])
    feed.poll()
    #expect(settle(&feed).state == .serving)
    #expect(feed.fleet.blindSince == nil)
    #expect(feed.texts.last?.hasPrefix("no longer blind, after") == true)
  }

  @Test func aShardOfWhichNobodyCanSayAnythingIsBlindByItself() {
    var feed = Feed()
    let other = ShardName(keyspace: "other", shard: "0")
    for index in 0...1 { feed.readings[index].buffers[other] = BufferCounters() }
    feed.poll()
    _ = settle(&feed)
    for index in 0...1 {
      feed.readings[index].tablets = nil
      feed.readings[index].buffers[Feed.shard] = nil
    }
    feed.poll()
    #expect(settle(&feed).state == .blind)
    #expect(
      feed.fleet.log.events.filter { $0.severity == .critical }.map(\.kind) == [.shardBlind])
  }

  /// They may be starting, but not for ever.
  @Test func aFleetThatNeverAnswersIsBlindAfterAWhile() {
    var feed = Feed()
    let begin = feed.now
    for index in 0...1 { feed.fleet.watch(Target(.vtgate, Feed.vtgates[index])) }
    feed.fail(0)
    func isBlind(after seconds: Int) -> Bool {
      feed.fleet.settle(at: begin + .seconds(seconds))
      return feed.fleet.log.events.contains { $0.kind == .blind && $0.severity == .critical }
    }
    #expect(!isBlind(after: 60))
    feed.now = begin + .seconds(60)
    feed.fail(1)
    #expect(!isBlind(after: 63))
    #expect(isBlind(after: 64))
    #expect(feed.fleet.blindSince == begin + .seconds(61))
    feed.now = begin + .seconds(70)
    feed.poll()
    #expect(settle(&feed).state == .serving)
    #expect(feed.fleet.blindSince == nil)
  }

  /// A server that stores answers may tell of an older one later.
  @Test func whatWasGoodBeforeDoesNotUndoAFailure() {
    var feed = Feed()
    feed.poll()
    let gate = Target(.vtgate, Feed.vtgates[0])
    func tell(_ result: ScrapeOutcome.Result, after seconds: Int) {
      feed.fleet.apply(
        ScrapeOutcome(
          target: gate, at: Feed.start + .seconds(seconds), took: .zero, result: result))
    }
    func failure() -> ScrapeFailure? { feed.fleet.vtgates[gate.address]?.watched.failure }
    tell(.failed(.notScraped), after: 60)
    tell(.failed(.notScraped), after: 62)
    tell(.gate(feed.readings[0]), after: 61)
    #expect(failure() == .notScraped)
    #expect(!feed.fleet.log.events.contains { $0.severity == .good })
    tell(.gate(feed.readings[0]), after: 63)
    #expect(failure() == nil)
    #expect(
      feed.fleet.log.events.last?.kind == .answersAgain(gate, after: .seconds(3)))
  }

  @Test func manyTabletsThatFailTogetherAreOneEvent() {
    var feed = Feed()
    feed.poll()
    for uid in 100..<140 as Range<Int> {
      feed.fleet.apply(
        ScrapeOutcome(
          target: Target(.vttablet, Address(host: "tablet\(uid)", port: 15100)), at: feed.now,
          took: .zero, result: .failed(ScrapeFailure.unreachable(.refused))))
    }
    let news = feed.fleet.log.events.filter { $0.severity == .warning }
    #expect(news.count == 1 && news.first?.sources.count == 40)
    feed.now = feed.now + .seconds(3)
    for uid in 100..<140 as Range<UInt32> { feed.pollTablet(uid) { _ in } }
    let good = feed.fleet.log.events.filter { $0.severity == .good }
    #expect(good.map(\.kind) == [.tabletsAnswerAgain] && good.first?.sources.count == 40)
    #expect(good.first?.sources.allSatisfy { $0.lasted == .seconds(3) } == true)
  }

  @Test func aVtgateThatLeavesIsNoTrouble() {
    var feed = Feed()
    feed.poll()
    feed.fail(1)
    #expect(settle(&feed).state == .serving)
    #expect(FleetCheck(feed.fleet).health == .degraded)
    let target = Target(.vtgate, Feed.vtgates[1])
    feed.fleet.forget(target, at: feed.now)
    _ = settle(&feed)
    #expect(FleetCheck(feed.fleet).health == .healthy)
    #expect(feed.fleet.log.events.last?.kind == .vtgateLeft(target))
    // The last one takes all sight with it, and its end is no sight regained.
    feed.fail(0)
    _ = settle(&feed)
    feed.fleet.forget(Target(.vtgate, Feed.vtgates[0]), at: feed.now)
    #expect(settle(&feed).state != .serving)
    #expect(feed.fleet.blindSince != nil)
  }

  @Test func recordsThatOnlyTopoHasAreOneNote() {
    var feed = Feed()
    feed.poll()
    let gone = (500..<540).map { Address(host: "old\($0)", port: 15100) }
    feed.fleet.note(
      FleetEvent(
        at: feed.now, .serversNamed(.vttablet, cell: "zone9", by: .vtctld),
        sources: gone.map { .init($0) }))
    for address in gone {
      feed.fleet.apply(
        ScrapeOutcome(
          target: Target(.vttablet, address), at: feed.now, took: .zero,
          result: .failed(.unreachable(.hostNotResolved))))
    }
    _ = settle(&feed)
    let check = FleetCheck(feed.fleet)
    #expect(check.health == .healthy)
    #expect(check.notes.map(\.subject) == [.tablets(40)])
    #expect(check.notes.map(\.finding) == [.deadRecords])
    #expect(feed.fleet.isIgnored(Target(.vttablet, gone[0]), by: [NamePattern("zone9")]))
  }

  @Test(arguments: [
    ("restore*/0", "restoreks/0", true), ("*", "a/-80", true), ("a/?0-", "a/80-", true),
    ("a/8", "a/80-", false), ("*-80", "a/-80", true), ("*-80", "a/80-c0", false), ("", "a", false),
  ])
  func patternsMatchAsAShellsDo(_ pattern: String, _ name: String, _ matches: Bool) {
    #expect(NamePattern(pattern).matches(name) == matches)
  }

  @Test func onlyAWholeKeyRangeServedByOthersSetsAShardAside() {
    for (others, isSetAside) in [
      (["-80", "80-"], true), (["-40", "40-80", "80-"], true), (["-80"], false),
      (["-40", "80-"], false), (["-8000", "80-"], true), ([], false),
    ] as [([String], Bool)] {
      var feed = Feed()
      let names = others.map { ShardName(keyspace: "commerce", shard: $0) }
      for index in 0...1 {
        feed.readings[index].tablets = GatewayTablets(
          [Feed.tablet(100, .primary, isServing: false, term: 1)]
            + names.enumerated().map { offset, name in
              GatewayTablet(
                alias: TabletAlias(cell: "zone1", uid: UInt32(200 + offset)), shard: name,
                type: .primary, isServing: true, primaryTermStart: 1)
            })
      }
      feed.poll()
      _ = settle(&feed)
      _ = settle(&feed)
      #expect((feed.fleet.successors(of: Feed.shard) != nil) == isSetAside, "\(others)")
    }
  }

  private func settle(_ feed: inout Feed) -> ShardSummary {
    feed.fleet.settle(at: feed.now)
    return feed.fleet.shard(Feed.shard).summary
  }
}
