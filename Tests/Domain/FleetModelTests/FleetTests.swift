import FleetModel
import Terms
import TestSupport
import Testing
import Watching
import Wording

/// Feeds a fleet with polls of made-up vtgates, one a second.
struct Feed {
  static let shard = ShardName(keyspace: "commerce", shard: "0")
  static let vtgates = [Address(host: "gate1", port: 15001), Address(host: "gate2", port: 15001)]
  static let start = Instant(secondsSinceEpoch: 1_795_000_000)

  var fleet = Fleet()
  var trends = FleetTrends()
  var now = start
  var readings = [VtgateReading(), VtgateReading()]

  init() {
    for index in readings.indices {
      readings[index].processStart = 1
      readings[index].bufferSize = 10
      readings[index].buffers[Self.shard] = BufferCounters()
      readings[index].tablets = GatewayTablets([
        Self.tablet(100, .primary, term: 1), Self.tablet(101, .replica),
      ])
    }
  }

  static func tablet(
    _ uid: UInt32, _ type: TabletType, isServing: Bool = true, term: Int = 0
  ) -> GatewayTablet {
    GatewayTablet(
      alias: TabletAlias(cell: "zone1", uid: uid), shard: shard, type: type, isServing: isServing,
      primaryTermStart: term, replicationLag: 0,
      address: Address(host: "tablet\(uid)", port: 15100))
  }

  /// Changes a vtgate's counters before the next poll.
  mutating func change(_ index: Int = 0, _ body: (inout BufferCounters) -> Void) {
    body(&readings[index].buffers[Self.shard, default: BufferCounters()])
  }

  /// Makes the shard's other tablet its primary, in the eyes of all vtgates.
  mutating func promote() {
    for index in readings.indices {
      readings[index].tablets = readings[index].tablets.map { tablets in
        GatewayTablets(
          tablets.all.map { tablet in
            let term = (tablets.all.map(\.primaryTermStart).max() ?? 0) + 1
            return tablet.type == .primary
              ? Self.tablet(tablet.alias.uid, .replica)
              : Self.tablet(tablet.alias.uid, .primary, term: term)
          })
      }
    }
  }

  mutating func losePrimary() { setPrimary(isServing: false) }
  mutating func regainPrimary() { setPrimary(isServing: true) }

  private mutating func setPrimary(isServing: Bool) {
    for index in readings.indices {
      readings[index].tablets = readings[index].tablets.map { tablets in
        GatewayTablets(
          tablets.all.map { tablet in
            var tablet = tablet
            if tablet.shard == Self.shard, tablet.type == .primary { tablet.isServing = isServing }
            return tablet
          })
      }
    }
  }

  /// Lets all vtgates know another shard of the keyspace, which has a primary and nothing else.
  mutating func addShard(_ name: String, isServing: Bool) {
    let shard = ShardName(keyspace: Self.shard.keyspace, shard: name)
    for index in readings.indices {
      readings[index].buffers[shard] = BufferCounters()
      readings[index].tablets = readings[index].tablets.map { tablets in
        GatewayTablets(
          tablets.all.filter { $0.shard != shard } + [
            GatewayTablet(
              alias: TabletAlias(cell: "zone1", uid: 900), shard: shard, type: .primary,
              isServing: isServing, primaryTermStart: 1)
          ])
      }
    }
  }

  mutating func poll(_ indices: [Int] = [0, 1], took: Duration = .zero) {
    now = now + .seconds(1)
    for index in indices {
      fleet.apply(
        ScrapeOutcome(
          target: Target(.vtgate, Self.vtgates[index]), at: now, took: took,
          result: .gate(readings[index])))
    }
  }

  mutating func fail(_ index: Int, _ failure: ScrapeFailure = .unreachable(.refused)) {
    now = now + .seconds(1)
    fleet.apply(
      ScrapeOutcome(
        target: Target(.vtgate, Self.vtgates[index]), at: now, took: .zero,
        result: .failed(failure)))
  }

  mutating func pollTablet(
    _ uid: UInt32, _ change: (inout ThrottlerReading) -> Void,
    reading changeReading: (inout TabletReading) -> Void = { _ in }
  ) {
    var throttler = ThrottlerReading(source: .status)
    throttler.isEnabled = true
    throttler.isOpen = true
    throttler.isLeader = false
    throttler.threshold = 1
    change(&throttler)
    var reading = TabletReading(throttler: throttler)
    reading.shard = Self.shard
    changeReading(&reading)
    fleet.apply(
      ScrapeOutcome(
        target: Target(.vttablet, Address(host: "tablet\(uid)", port: 15100)), at: now,
        took: .zero, result: .member(reading)))
  }

  /// The shard as of now.
  var state: Shard {
    var fleet = fleet
    fleet.settle(at: now)
    return fleet.shard(Self.shard)
  }

  mutating func recordHistory() {
    fleet.settle(at: now)
    trends.record(fleet, at: now)
  }
  var texts: [String] { fleet.log.events.map { Wording().sentence($0) } }
}

@Suite struct FleetTests {
  @Test func aFailoverIsFollowedFromStartToDrain() throws {
    var feed = Feed()
    feed.poll()
    #expect(feed.state.state == .serving)
    #expect(feed.state.primary?.uid == 100)
    feed.change {
      $0.starts = 1; $0.buffered = 4; $0.lastRequestsInFlightMax = 4
    }
    feed.readings[0].tablets = GatewayTablets([Feed.tablet(101, .replica)])
    feed.readings[1].tablets = feed.readings[0].tablets
    feed.poll()
    #expect(feed.state.state == .buffering)
    #expect(feed.state.held == 4)
    #expect(feed.state.fill == 0.4)
    #expect(feed.state.primary?.uid == 100)
    #expect(!feed.state.primaryIsServing)
    let view = try #require(feed.state.vtgates.first)
    #expect(view.episode.startedAt == feed.now)
    #expect(view.episode.uncertainty == .seconds(1))
    #expect(view.elapsed(at: feed.now + .seconds(2)) == .seconds(2))

    feed.change {
      $0.stops[.newPrimarySeen] = 1
      $0.lastFailoverDuration = .milliseconds(1200)
    }
    feed.readings[0].tablets = GatewayTablets([
      Feed.tablet(100, .replica), Feed.tablet(101, .primary, term: 2),
    ])
    feed.poll([0])
    #expect(feed.state.state == .draining)
    #expect(feed.state.primary?.uid == 101)
    feed.change { $0.drained = 4 }
    feed.poll([0])
    #expect(feed.state.state == .serving)
    #expect(feed.state.held == 0)
    #expect(
      feed.texts == [
        "buffering started on gate1:15001", "no vtgate sees a serving primary",
        "buffering ended (NewPrimarySeen) on gate1:15001 (after 1.2 s)",
        "primary is now zone1-101, was zone1-100", "requests drained by gate1:15001 (4)",
      ])
  }

  @Test func theCooldownRunsFromTheEnd() throws {
    var feed = Feed()
    feed.readings[0].flags = BufferFlags(source: .commandLine)
    feed.poll()
    feed.change {
      $0.starts = 1; $0.stops[.newPrimarySeen] = 1
    }
    feed.poll()
    let view = try #require(feed.state.vtgates.first)
    #expect(view.cooldown(at: feed.now + .seconds(20)) == .seconds(40))
    #expect(view.cooldown(at: feed.now + .seconds(60)) == nil)
    #expect(feed.texts.first == "a failover began and ended between two polls of gate1:15001")
  }

  @Test func twoFailoversBetweenTwoPollsAreNotMerged() {
    var feed = Feed()
    feed.poll()
    feed.change {
      $0.starts = 2; $0.stops[.newPrimarySeen] = 2
    }
    feed.poll()
    #expect(feed.texts.first == "2 failovers began and ended between two polls of gate1:15001")
  }

  @Test func aRestartIsABaselineAndNeverANegativeNumber() {
    var feed = Feed()
    feed.change {
      $0.starts = 5; $0.stops[.newPrimarySeen] = 5; $0.buffered = 50; $0.drained = 50
    }
    feed.poll()
    feed.fleet.setBaseline(at: feed.now)
    feed.change {
      $0.buffered = 53; $0.drained = 53; $0.starts = 6; $0.stops[.newPrimarySeen] = 6
    }
    feed.poll()
    #expect(feed.state.counters.buffered == 3)
    feed.change {
      $0 = BufferCounters(); $0.buffered = 2; $0.drained = 2
    }
    feed.poll()
    // Three before the restart, two after it.
    #expect(feed.state.counters.buffered == 5)
    #expect(feed.state.held == 0)
    #expect(feed.texts.contains("vtgate restarted, its counters began again at 0: gate1:15001"))
    feed.fleet.clearBaseline(at: feed.now)
    #expect(feed.state.counters.buffered == 2)
  }

  @Test func aNewStartTimeIsARestartEvenWhenNoCounterFell() {
    var feed = Feed()
    feed.poll()
    feed.readings[0].processStart = feed.now.secondsSinceEpoch
    feed.poll()
    #expect(feed.texts == ["vtgate restarted, its counters began again at 0: gate1:15001"])
  }

  @Test func aStaleVtgateKeepsWhatItCountedButTellsNothingOfNow() {
    var feed = Feed()
    feed.change(0) {
      $0.buffered = 7; $0.drained = 7
    }
    feed.change(1) {
      $0.buffered = 5; $0.drained = 5
    }
    feed.poll()
    #expect(feed.state.counters.buffered == 12)
    feed.change(1) { $0.starts = 1 }
    feed.poll()
    #expect(feed.state.state == .buffering)
    feed.fail(1)
    #expect(feed.state.counters.buffered == 12)
    #expect(feed.state.state == .serving)
    #expect(feed.state.vtgates[1].freshness == .stale(age: .seconds(1)))
    feed.fail(0)
    #expect(feed.state.state == .blind && !feed.state.hasCounters)
    feed.poll()
    #expect(feed.state.counters.buffered == 12)
    #expect(feed.texts.last?.hasPrefix("vtgate gate2:15001 answers again after") == true)
  }

  @Test func theNewerOfTwoPrimariesCounts() {
    var feed = Feed()
    feed.readings[0].tablets = GatewayTablets([
      Feed.tablet(102, .primary, term: 9), Feed.tablet(100, .primary, term: 1),
    ])
    feed.poll()
    #expect(feed.state.primary?.uid == 102)
  }

  @Test func aGatewayThatFailsDoesNotFreezeThePrimary() {
    var feed = Feed()
    feed.poll()
    for index in 0...1 { feed.readings[index].tablets = nil }
    feed.poll()
    #expect(feed.state.state == .noPrimary)
    #expect(feed.state.tablets.map(\.isServing) == [nil, nil])
    for index in 0...1 { feed.readings[index].primaryConnections = [Feed.shard: 1] }
    feed.poll()
    #expect(feed.state.state == .serving)
    #expect(!feed.state.primaryIsServing)
  }

  @Test func aDryRunIsNotBuffering() {
    var feed = Feed()
    var flags = BufferFlags(source: .commandLine)
    flags.isDryRun = true
    for index in 0...1 { feed.readings[index].flags = flags }
    feed.change {
      $0.starts = 1
      $0.bufferedDryRun = 3
    }
    feed.poll()
    #expect(feed.state.state == .serving)
    #expect(feed.state.vtgates[0].isDryRun)
  }

  @Test func aReparentThatWasNotBufferedStartsACooldownToo() {
    var feed = Feed()
    feed.poll()
    for index in 0...1 {
      feed.readings[index].tablets = GatewayTablets([
        Feed.tablet(100, .replica), Feed.tablet(101, .primary, term: 2),
      ])
    }
    feed.poll()
    #expect(feed.state.vtgates[0].cooldown(at: feed.now) == .seconds(60))
  }

  @Test func aVtgateStartedAfterAReparentHasNoCooldownFromIt() {
    var feed = Feed()
    for index in 0...1 {
      feed.readings[index].processStart = feed.now.secondsSinceEpoch - 3600
    }
    feed.poll()
    for index in 0...1 {
      feed.readings[index].tablets = GatewayTablets([
        Feed.tablet(100, .replica), Feed.tablet(101, .primary, term: 2),
      ])
    }
    feed.poll()
    feed.poll()
    feed.readings[0].processStart = feed.now.secondsSinceEpoch
    feed.poll()
    let cooldowns = feed.state.vtgates.map { $0.cooldown(at: feed.now) }
    #expect(cooldowns[0] == nil && cooldowns[1] != nil)
  }

  @Test func aVtgateThatAppearsIsNoSpikeInTheHistory() {
    var feed = Feed()
    feed.change(1) {
      $0.buffered = 5000
      $0.drained = 5000
    }
    feed.poll([0])
    feed.recordHistory()
    feed.poll()
    feed.recordHistory()
    feed.change(1) {
      $0.buffered = 5003
      $0.drained = 5003
    }
    feed.poll()
    feed.recordHistory()
    #expect(
      feed.trends.points(of: Feed.shard, until: feed.now, count: 10).map(\.moved.drained) == [
        0, 0, 3,
      ])
  }

  @Test func theCoolDownIsKnownAtTheFirstLook() {
    var feed = Feed()
    for index in feed.readings.indices {
      feed.readings[index].processStart = feed.now.secondsSinceEpoch - 3600
      feed.readings[index].tablets = GatewayTablets([
        Feed.tablet(100, .primary, term: Int(feed.now.secondsSinceEpoch) - 9)
      ])
    }
    // This one was started after it.
    feed.readings[1].processStart = feed.now.secondsSinceEpoch - 5
    feed.poll()
    #expect(feed.state.vtgates.map { $0.cooldown(at: feed.now) } == [.seconds(50), nil])
  }

  @Test func withoutAGatewayTheConnectionsTell() {
    var feed = Feed()
    for index in 0...1 {
      feed.readings[index].tablets = nil
      feed.readings[index].primaryConnections = [Feed.shard: 1]
    }
    feed.poll()
    #expect(feed.state.state == .serving)
    feed.readings[0].primaryConnections = [:]
    feed.readings[1].primaryConnections = [:]
    feed.poll()
    #expect(feed.state.state == .noPrimary)
  }

  @Test func fillCountsAllShardsOfAVtgate() {
    var feed = Feed()
    let other = ShardName(keyspace: "other", shard: "0")
    feed.change {
      $0.starts = 1; $0.buffered = 3
    }
    feed.readings[0].buffers[other] = BufferCounters()
    feed.readings[0].buffers[other]?.buffered = 5
    feed.poll()
    #expect(feed.state.fill == 0.8)
  }

  @Test func skippingIsReportedOnceAFailoverAndCounted() {
    var feed = Feed()
    feed.poll()
    for count in [5, 9, 14] {
      feed.change { $0.skipped[.lastFailoverTooRecent] = count }
      feed.poll()
    }
    feed.poll()
    feed.change { $0.skipped[.lastFailoverTooRecent] = 20 }
    feed.poll()
    #expect(
      feed.texts == [
        "requests not buffered (LastFailoverTooRecent) by gate1:15001 (20)"
      ])
  }

  @Test func whatWasBufferedProvesThatBufferingIsOn() {
    var feed = Feed()
    feed.readings[0].flags = BufferFlags(source: .commandLine)
    feed.poll()
    #expect(feed.state.vtgates[0].isOff(for: Feed.shard))
    feed.change {
      $0.buffered = 1
      $0.drained = 1
    }
    feed.poll()
    #expect(!feed.state.vtgates[0].isOff(for: Feed.shard))
  }

  @Test func theDisabledCounterIsNoTrouble() {
    var feed = Feed()
    feed.change { $0.skipped[.disabled] = 4700 }
    feed.poll()
    feed.change { $0.skipped[.disabled] = 5100 }
    feed.poll()
    #expect(feed.texts.isEmpty)
    #expect(feed.state.counters.skippedTotal == 0)
    #expect(feed.state.vtgates[0].isOff(for: Feed.shard))
  }
}

@Suite struct LagTests {
  @Test func theShardsLagIsTheWorstReplica() {
    var feed = Feed()
    feed.poll()
    feed.pollTablet(100) {
      $0.isLeader = true; $0.selfValue = 0.1; $0.shardValue = 0.4
    }
    feed.pollTablet(101) { $0.selfValue = 2.5 }
    #expect(feed.state.lag.value == 2.5)
    #expect(feed.state.lag.isOverThreshold)
    #expect(feed.state.lag.caveat == nil)
  }

  @Test func noDataIsNeverZero() {
    var feed = Feed()
    feed.poll()
    #expect(feed.state.lag.value == nil)
    feed.pollTablet(100) { $0.isLeader = true }
    feed.pollTablet(101) { $0.isOpen = false }
    #expect(feed.state.lag.value == nil)
    #expect(feed.state.tablets.map(\.lag.caveat) == [.notCollected, .throttlerClosed])
  }

  @Test func aSilentReplicaIsNamed() {
    var feed = Feed()
    feed.poll()
    feed.pollTablet(100) {
      $0.isLeader = true; $0.shardValue = 0.2
    }
    #expect(feed.state.lag.value == 0.2)
    #expect(feed.state.lag.caveat == .noData(from: [.alias(TabletAlias(cell: "zone1", uid: 101))]))
  }

  @Test func throttledAppsLeaveOutTheBuiltInAndTheExpired() {
    var feed = Feed()
    feed.poll()
    feed.pollTablet(100) {
      $0.throttledApps = [
        ThrottledApp(name: "always-throttled-app", expiresAt: Feed.start + .seconds(9e8), ratio: 1),
        ThrottledApp(name: "gone", expiresAt: Feed.start, ratio: 1),
        ThrottledApp(name: "online-ddl", expiresAt: Feed.start + .seconds(60), ratio: 0.5),
      ]
    }
    #expect(feed.state.throttledApps.map(\.name) == ["online-ddl"])
  }

  /// A replica whose mysqld is dead answers, and serves nobody.
  @Test func aReplicaThatDoesNotServeIsAProblem() {
    var feed = Feed()
    func findings(of types: [TabletType]) -> [FleetCheck.Finding] {
      for index in feed.readings.indices {
        feed.readings[index].tablets = GatewayTablets(
          [Feed.tablet(100, .primary, term: 1)]
            + types.enumerated().map { entry in
              Feed.tablet(101 + UInt32(entry.offset), entry.element, isServing: false)
            })
      }
      feed.poll()
      feed.fleet.settle(at: feed.now)
      return FleetCheck(feed.fleet).problems.map(\.finding)
    }
    func name(_ uid: UInt32) -> TabletName { .alias(TabletAlias(cell: "zone1", uid: uid)) }
    #expect(findings(of: [.replica]) == [.tabletsNotServing(1, [name(101)])])
    let situation = feed.fleet.situation(aside: [], since: Feed.start, at: feed.now)
    #expect(situation.facts.first == .notServing(1, name(101)) && situation.hasWarning)
    #expect(feed.state.situation(since: Feed.start, at: feed.now).hasWarning)
    #expect(
      Wording().words(FleetCheck.Finding.tabletsNotServing(1, [name(101)]))
        == "zone1-101 does not serve")
    #expect(
      findings(of: [.replica, .rdonly, .replica, .primary])
        == [.tabletsNotServing(4, [name(101), name(102), name(103)])])
    // Those that do not serve on purpose are no trouble, and a silent one is told as silent.
    let restore = TabletType(rawValue: 7)
    #expect(findings(of: [.backup, .drained, .spare, .experimental, restore]).isEmpty)
    feed.fleet.apply(
      ScrapeOutcome(
        target: Target(.vttablet, Address(host: "tablet101", port: 15100)), at: feed.now,
        took: .zero, result: .failed(.unreachable(.refused))))
    #expect(findings(of: [.replica]) == [.noAnswer(.unreachable(.refused))])
  }

  /// What looks well is no all-clear while a check finds something; a state that is told needs no
  /// count.
  @Test func aSituationThatLooksWellNotesWhatACheckFinds() {
    var feed = Feed()
    func situation() -> Situation {
      feed.poll()
      feed.fleet.settle(at: feed.now)
      return feed.fleet.situation(aside: [], since: Feed.start, at: feed.now)
    }
    let calm = situation()
    #expect(!calm.hasWarning && calm.noting(0) == calm)
    #expect(calm.noting(2).hasWarning && calm.noting(2).facts.contains(.problems(2)))
    feed.losePrimary()
    let gone = situation()
    #expect(gone.condition != .state(.serving) && gone.noting(2) == gone)
  }

  @Test func noRuleHidesAStricterOneOfTheSameApp() {
    func rule(_ ratio: Double, for seconds: Double) -> ThrottledApp {
      ThrottledApp(
        name: "vreplication", expiresAt: Feed.start + .seconds(seconds), ratio: ratio)
    }
    var feed = Feed()
    var keyspace = TopoKeyspace(name: Feed.shard.keyspace)
    keyspace.throttler = .init(
      isEnabled: true, threshold: 5, throttledApps: [rule(0.25, for: 7200)])
    feed.fleet.apply([keyspace])
    feed.poll()
    feed.pollTablet(100) { $0.throttledApps = [rule(1, for: 600), rule(0.25, for: 7200)] }
    feed.pollTablet(101) { $0.throttledApps = [rule(1, for: 601)] }
    #expect(feed.state.throttledApps == [rule(1, for: 601), rule(0.25, for: 7200)])
    #expect(feed.state.throttledNames == ["vreplication"])
  }

  /// Looking only at what has changed must show what looking at everything would.
  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func whatIsSettledInPartsIsWhatIsSettledAnew(_ seed: UInt64) {
    var random = Dice(seed)
    var feed = Feed()
    for _ in 0..<60 {
      let index = Int.random(in: 0...1, using: &random)
      switch Int.random(in: 0...7, using: &random) {
      case 0: feed.change(index) { $0.starts += 1 }
      case 1:
        feed.change(index) {
          if $0.isBuffering == true { $0.stops[.newPrimarySeen, default: 0] += 1 }
        }
      case 2: feed.change(index) { $0.buffered += Int.random(in: 1...5, using: &random) }
      case 3: feed.change(index) { $0.drained = $0.buffered }
      case 4:
        let primary: UInt32 = Bool.random(using: &random) ? 100 : 101
        feed.readings[index].tablets = GatewayTablets([
          Feed.tablet(primary, .primary, isServing: Bool.random(using: &random), term: 2),
          Feed.tablet(201 - primary, .replica),
        ])
      case 5: feed.readings[index].tablets = nil
      case 6: feed.readings[index] = VtgateReading()
      default: feed.fail(index)
      }
      feed.poll(Bool.random(using: &random) ? [0, 1] : [index])
      feed.pollTablet(Bool.random(using: &random) ? 100 : 101) {
        $0.selfValue = Double.random(in: 0...3, using: &random)
      }
      feed.fleet.settle(at: feed.now)
      var anew = feed.fleet
      anew.forget(Target(.vtgate, Address(host: "never-seen", port: 1)), at: feed.now)
      anew.settle(at: feed.now)
      #expect(feed.fleet.summaries == anew.summaries)
    }
  }
}
