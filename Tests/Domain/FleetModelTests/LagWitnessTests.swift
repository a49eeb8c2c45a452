import FleetModel
import Terms
import TestSupport
import Testing
import Wording

/// A shard whose gauges, replication status and health stream say what a test wants.
private struct ShardScene {
  var feed = Feed()
  /// Of the primary zone1-100 and the replica zone1-101, in seconds.
  var primary: Double?
  var replica: Double?
  var status: Double?
  var isDormant: Bool?
  var isRecentlyChecked: Bool?

  init(
    primary: Double?, replica: Double?, health: Int? = 0, status: Double? = nil,
    isDormant: Bool? = nil, isRecentlyChecked: Bool? = nil, hasPrimary: Bool = true
  ) {
    self.primary = primary
    self.replica = replica
    self.status = status
    self.isDormant = isDormant
    self.isRecentlyChecked = isRecentlyChecked
    for index in feed.readings.indices {
      var lagging = Feed.tablet(101, .replica)
      lagging.replicationLag = health
      feed.readings[index].tablets = GatewayTablets([
        Feed.tablet(100, .primary, isServing: hasPrimary, term: 1), lagging,
      ])
    }
  }

  mutating func poll() {
    feed.poll()
    let (dormant, checked, status) = (isDormant, isRecentlyChecked, status)
    for (uid, gauge) in [(100, primary), (101, replica)] as [(UInt32, Double?)] {
      guard uid == 101 || gauge != nil else { continue }
      feed.pollTablet(uid) {
        $0.selfValue = gauge
        $0.threshold = 5
        $0.isDormant = dormant
        $0.isRecentlyChecked = checked
      } reading: {
        if uid == 101 { $0.replicationLag = status }
      }
    }
    feed.fleet.settle(at: feed.now)
  }

  mutating func lag() -> Lag {
    poll()
    return feed.state.lag
  }
}

/// Each case is a cluster at one moment, as it was seen on v16, v22 and v23.
@Suite struct LagWitnessTests {
  /// A health stream that broke leaves behind what it had reported.
  @Test func whatABrokenStreamSaidIsNoLag() throws {
    var feed = Feed()
    for index in feed.readings.indices {
      feed.readings[index].tablets = GatewayTablets([
        Feed.tablet(100, .primary, term: 1),
        GatewayTablet(
          alias: TabletAlias(cell: "zone1", uid: 101), shard: Feed.shard, type: .replica,
          isServing: true, hasError: true, primaryTermStart: 0, replicationLag: 45, address: nil),
      ])
    }
    feed.poll()
    feed.fleet.settle(at: feed.now)
    let tablet = try #require(feed.state.tablets.first { $0.alias?.uid == 101 })
    #expect(tablet.replicaLag.value == nil && feed.state.lag.value == nil)
  }

  @Test func theAgeOfAHeartbeatIsNoLag() {
    var idle = ShardScene(primary: 44, replica: 44.1, isDormant: false)
    let lag = idle.lag()
    #expect(lag.value == 0)
    #expect(lag.witness == .healthStream)
    #expect(!lag.isOverThreshold)
    #expect(lag.caveat == .other(.healthStream, .unexplained))
    #expect(idle.feed.texts.allSatisfy { !$0.contains("threshold") })
  }

  /// Between the end of a lease and the threshold an age would pass for lag.
  @Test func theAgeOfAHeartbeatIsNoLagBelowTheThresholdEither() {
    var unasked = ShardScene(primary: 4.2, replica: 4.3, status: 0, isRecentlyChecked: false)
    #expect(unasked.lag().value == 0)
    #expect(unasked.feed.state.lag.caveat == .other(.replicationStatus, .nobodyAsks))
    var asked = ShardScene(primary: 0.2, replica: 4.3, status: 0, isRecentlyChecked: true)
    #expect(asked.lag().value == 4.3)
    var unknown = ShardScene(primary: 4.2, replica: 4.3, health: nil, isRecentlyChecked: false)
    #expect(unknown.lag().value == 4.3)
  }

  @Test func theTabletsOwnReplicationStatusSpeaksToo() {
    var idle = ShardScene(primary: 44, replica: 44.1, health: 0, status: 12)
    let lag = idle.lag()
    #expect(lag.value == 12)
    #expect(lag.witness == .replicationStatus)
    #expect(Wording().excess(lag) == "lag is 12 s by replication status, over its threshold of 5 s")
  }

  @Test func aStoppedReplicaBehindADormantThrottlerLags() {
    var stopped = ShardScene(primary: 0.4, replica: 60_620, isDormant: true)
    let lag = stopped.lag()
    #expect(lag.value == 60_620)
    #expect(Wording().excess(lag) == "lag is 16h50m, over its threshold of 5 s")
  }

  @Test func aHeartbeatThatThePrimaryHasProvesLagThoughNoMoreAreWritten() {
    var stopped = ShardScene(primary: 30, replica: 95, isDormant: true)
    let lag = stopped.lag()
    #expect(lag.witness == .missingHeartbeats)
    #expect(lag.value == 65)
    #expect(lag.isOverThreshold)
  }

  /// A dormant throttler collects every 5 s: as much may lie between two gauges of one heartbeat.
  @Test func gaugesOfADormantThrottlerMayDifferByAPause() {
    var idle = ShardScene(primary: 40, replica: 44.9, isDormant: true)
    #expect(idle.lag().value == 0)
  }

  /// As a proxy lists its database servers.
  @Test func ofATabletThatCannotBeAskedTheHealthStreamTells() {
    var feed = Feed()
    for index in feed.readings.indices {
      feed.readings[index].tablets = GatewayTablets(
        [
          Feed.tablet(100, .primary, term: 1), Feed.tablet(101, .replica),
        ].map { listed in
          var tablet = listed
          tablet.address = nil
          tablet.replicationLag = listed.type == .replica ? 12 : nil
          return tablet
        })
    }
    feed.poll()
    feed.fleet.settle(at: feed.now)
    #expect(feed.state.lag.value == 12)
    #expect(feed.state.lag.witness == .healthStream)
  }

  @Test func withoutAWitnessTheLagIsUnknown() {
    var blind = ShardScene(primary: 44, replica: 44, health: nil)
    #expect(blind.lag().value == nil)
    #expect(blind.feed.state.lag.caveat == .notKnown(.unexplained))
  }

  /// Nobody is left who could say whether heartbeats are written.
  @Test func aPrimaryThatDoesNotTellLeavesADormantGaugeUndecided() {
    var undecided = ShardScene(primary: nil, replica: 60_620, isDormant: true)
    #expect(undecided.lag().value == nil)
    var asked = ShardScene(primary: nil, replica: 60_620, isDormant: false)
    #expect(asked.lag().value == 60_620)
  }

  @Test func aDeadPrimaryWritesNoHeartbeats() {
    var cluster = ShardScene(primary: 0.3, replica: 0.4, isDormant: false)
    _ = cluster.lag()
    for index in cluster.feed.readings.indices {
      cluster.feed.readings[index].tablets = GatewayTablets([
        Feed.tablet(100, .primary, isServing: false, term: 1), Feed.tablet(101, .replica),
      ])
    }
    cluster.primary = nil
    for second in 1...20 {
      cluster.replica = 0.4 + Double(second)
      #expect(!cluster.lag().isOverThreshold, "after \(second) polls")
    }
    #expect(cluster.feed.state.lag.caveat == .other(.healthStream, .noPrimary))
    // What it lacked before the primary died it lacks still.
    cluster.replica = 900
    #expect(cluster.lag().isOverThreshold)
  }

  /// A woken primary tells of new heartbeats seconds before a dormant replica collects again.
  @Test func heartbeatsThatBeginAgainAreNoLag() {
    var cluster = ShardScene(primary: 44, replica: 44.2, isRecentlyChecked: false)
    _ = cluster.lag()
    (cluster.primary, cluster.replica, cluster.isRecentlyChecked) = (0.2, 45.2, true)
    for _ in 0..<2 { #expect(!cluster.lag().isOverThreshold) }
    for _ in 0..<6 { cluster.poll() }
    // It still stands there: the replica has not moved.
    cluster.replica = 55
    #expect(cluster.lag().isOverThreshold)
  }

  @Test func lagOfBeforeAPauseIsLagAfterIt() {
    var cluster = ShardScene(primary: 44, replica: 600, isRecentlyChecked: false)
    _ = cluster.lag()
    (cluster.primary, cluster.replica, cluster.isRecentlyChecked) = (0.2, 601, true)
    #expect(cluster.lag().isOverThreshold)
  }

  @Test func aClockBehindThePrimarysIsSaid() {
    var skewed = ShardScene(primary: 0.1, replica: -0.412)
    let lag = skewed.lag()
    #expect(lag.value == 0)
    #expect(lag.caveat == .clockBehindPrimary)
  }

  @Test(arguments: [1_795_262_000.25, 9.223372036854776e18])
  func aHeartbeatThatNeverCameIsNotInfinite(_ gauge: Double) {
    var cluster = ShardScene(primary: 0.1, replica: gauge, health: Int(UInt32.max))
    let lag = cluster.lag()
    #expect(Wording().excess(lag) == "lag is more than 10 years, over its threshold of 5 s")
    #expect(lag.caveat == .noHeartbeatEver)
  }

  @Test func aNumberThatIsOverReadsSo() {
    let lag = Lag(value: 5.000001, threshold: 5)
    #expect(Wording().excess(lag) == "lag is 5.000001 s, over its threshold of 5 s")
    #expect(!Lag(value: 5, threshold: 5).isOverThreshold)
  }

  @Test func crossingTheThresholdIsAnEventOnce() {
    var cluster = ShardScene(primary: 0.1, replica: 0.2)
    cluster.poll()
    for replica in [7.25, 4.9, 5.1, 8, 0.3] {
      cluster.replica = replica
      _ = cluster.lag()
    }
    let over = "lag is 7.3 s, over its threshold of 5 s (zone1-101)"
    #expect(cluster.feed.texts.filter { $0.contains("threshold") } == [over])
    for _ in 0..<4 { _ = cluster.lag() }
    #expect(
      cluster.feed.texts.filter { $0.contains("threshold") }
        == [over, "lag is back under the threshold"])
  }

  /// From v21 on a check looks at the primary's own value of a custom metric.
  @Test func aCustomMetricIsThatOfWhomeverAChecksLooksAt() {
    let query = "show global status like 'Threads_running'"
    for (scope, value) in [(DefaultMetric.Scope.itself, 4.0), (.shard, 2.0)] {
      var feed = Feed()
      feed.poll()
      feed.pollTablet(100) {
        $0.isLeader = true
        $0.metric = .custom(query: query, scope: scope)
        ($0.selfValue, $0.shardValue, $0.threshold) = (4, 2, 150)
      }
      feed.pollTablet(101) {
        $0.metric = .custom(query: query, scope: scope)
        ($0.selfValue, $0.threshold) = (2, 150)
      }
      #expect(feed.state.lag.value == value)
      #expect(feed.state.lag.metric.name == "Threads_running")
    }
    #expect(DefaultMetric.custom(query: "select 7", scope: .shard).name == "custom query")
  }

  private static let deciders: [(ThrottlerReading.CheckAs, Bool?, Double)] = [
    (.topo, true, 4), (.topo, false, 2), (.topo, nil, 2), (.flag(true), false, 4),
    (.flag(false), true, 2), (.flag(nil), true, 2), (.topoOrFlag(true), true, 4),
    (.topoOrFlag(false), true, 2), (.topoOrFlag(true), nil, 2), (.release, true, 2),
  ]

  /// To v20 the keyspace's record or a flag decides it; what is not known leaves the default.
  @Test(arguments: deciders)
  func topoOrAFlagDecidesWhoseValueCounts(
    _ checkAs: ThrottlerReading.CheckAs, _ checkAsCheckSelf: Bool?, _ value: Double
  ) {
    for isLag in [false, true] {
      var feed = Feed()
      feed.poll()
      for uid in [UInt32(100), 101] {
        feed.pollTablet(uid) {
          $0.isLeader = uid == 100
          $0.checkAs = checkAs
          if !isLag { $0.metric = .custom(query: "select 7", scope: .shard) }
          ($0.selfValue, $0.threshold) = (uid == 101 ? 2 : isLag ? 0 : 4, 1)
          if uid == 100 { $0.shardValue = 2 }
        }
      }
      if let checkAsCheckSelf {
        var keyspace = TopoKeyspace(name: Feed.shard.keyspace)
        keyspace.throttler = .init(
          isEnabled: true, threshold: 1, checkAsCheckSelf: checkAsCheckSelf, throttledApps: [])
        feed.fleet.apply([keyspace])
      }
      let lag = feed.state.lag
      // How far replicas are behind is shown whoever decides, but with who does.
      #expect(lag.value == (isLag ? 2 : value))
      let isOwn = value == 4
      #expect(lag.metric.scope == (isOwn ? .itself : .shard))
      let isKnown = ![.flag(nil), .topoOrFlag(!(checkAsCheckSelf ?? false))].contains(checkAs)
      #expect(
        lag.metric.isScopeKnown == (isKnown && (checkAsCheckSelf != nil || checkAs == .release)))
      #expect(Wording().excess(lag).contains("check_as_check_self") == (isLag && isOwn))
    }
  }

  @Test func heartbeatsThatAreAskedForInVainAreAdvisedOn() {
    var cluster = ShardScene(
      primary: 300, replica: 300, isDormant: false, isRecentlyChecked: true)
    cluster.poll()
    func rules() -> [Advice.Rule] { cluster.feed.state.advice(at: cluster.feed.now).map(\.rule) }
    #expect(!rules().contains(.heartbeatsOff))
    for _ in 0..<5 { cluster.poll() }
    #expect(rules().contains(.heartbeatsOff))
    #expect(!rules().contains(.throttlerDormant))
  }
}

@Suite struct TakenOverAddressTests {
  private static let logs = ShardName(keyspace: "logs", shard: "0")

  /// zone1-302 of another keyspace has the address at which a vtgate lists zone1-101.
  private func feed(isListed: Bool) -> Feed {
    var feed = Feed()
    let newcomer = GatewayTablet(
      alias: TabletAlias(cell: "zone1", uid: 302), shard: Self.logs, type: .replica,
      isServing: true, replicationLag: 0, address: Address(host: "tablet101", port: 15100))
    for index in feed.readings.indices where isListed {
      feed.readings[index].tablets = feed.readings[index].tablets.map {
        GatewayTablets($0.all + [newcomer])
      }
    }
    feed.poll()
    feed.pollTablet(101) {
      $0.selfValue = 41.5
    } reading: {
      $0.alias = newcomer.alias
      $0.shard = Self.logs
    }
    feed.fleet.settle(at: feed.now)
    return feed
  }

  @Test(arguments: [true, false]) func theReadingCountsForTheTabletThatAnswers(_ isListed: Bool) {
    let feed = feed(isListed: isListed)
    let old = feed.fleet.shard(Feed.shard).tablets.first { $0.label == "zone1-101" }
    #expect(old?.occupant == .init(alias: TabletAlias(cell: "zone1", uid: 302), shard: Self.logs))
    #expect(old?.lag.value == nil)
    #expect(old?.throttler == nil)
    #expect(old?.isFresh == false)
    #expect(feed.fleet.shard(Feed.shard).lag.value == nil)
    let new = feed.fleet.shard(Self.logs).tablets
    #expect(new.map(\.label) == ["zone1-302"])
    #expect(new.first?.throttler?.selfValue == 41.5)
    #expect(
      feed.texts.contains("zone1-101's address answers as zone1-302 of logs/0"))
  }

  /// Even within a shard a tablet is not its neighbour.
  @Test func aNeighbourAtTheAddressIsAnother() {
    var feed = Feed()
    feed.poll()
    feed.pollTablet(101) {
      $0.selfValue = 2.5
    } reading: {
      $0.alias = TabletAlias(cell: "zone1", uid: 109)
    }
    let tablets = feed.state.tablets
    #expect(tablets.map(\.label) == ["zone1-100", "zone1-101", "zone1-109"])
    #expect(tablets.map(\.lag.value) == [nil, nil, 2.5])
  }
}
