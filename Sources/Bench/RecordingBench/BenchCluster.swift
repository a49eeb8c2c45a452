internal import FleetModel
internal import Recording
internal import Terms
internal import Watching

/// What servers would say, without servers and in no time: lag that moves at every poll, and a failover
/// of one shard every five minutes.
///
/// They are asked once a second; vtgates, and the tablets of a shard that fails over, at the fast rate
/// until its failover has been quiet for ten seconds, as a watch wishes it.
struct BenchCluster {
  static let name = "bench"
  static let began = Instant(secondsSinceEpoch: 1_795_000_000)
  static let info = RecordingInfo(
    cluster: name, began: began, interval: .seconds(1), utcOffset: 0, program: "RecordingBench")

  static let settings = Watch.Settings(cluster: name, interval: .seconds(1))

  /// Between the beginnings of two failovers, and how long each is buffered; seconds.
  private static let failoverEvery = 300
  private static let failoverLength = 4
  /// Until when the servers of that shard are asked closely.
  private static let closeLength = 14
  /// Rounds of questions a second to vtgates that are asked closely, and how many of them pass between
  /// two questions to a tablet.
  private static let (closeRounds, closeTablets) = (20, 5)
  /// A primary and two replicas.
  private static let tabletsPerShard = 3

  /// Seconds between two polls of a tablet.
  private let tabletEvery: Int
  private var state: UInt64 = 1
  private var gates: [(target: Target, reading: VtgateReading)] = []
  private var members: [(target: Target, reading: TabletReading)] = []
  private var listed: [GatewayTablet] = []
  private var shards: [ShardName] = []
  private var list = GatewayTablets([])
  private var second = 0

  init(vtgates: Int, tablets: Int, tabletEvery: Int = 1) {
    self.tabletEvery = tabletEvery
    for number in 0..<tablets {
      let shard = ShardName(keyspace: "commerce", shard: "s\(number / Self.tabletsPerShard)")
      let isPrimary = number % Self.tabletsPerShard == 0
      if isPrimary { shards.append(shard) }
      let alias = TabletAlias(cell: "zone1", uid: UInt32(100 + number))
      let address = Address(host: "tablet-\(number)", port: 15100)
      listed.append(
        GatewayTablet(
          alias: alias, shard: shard, type: isPrimary ? .primary : .replica, isServing: true,
          primaryTermStart: isPrimary ? 1_794_000_000 : 0, replicationLag: 0, address: address))
      var reading = TabletReading(throttler: ThrottlerReading(source: .status))
      (reading.alias, reading.shard) = (alias, shard)
      reading.throttler.isLeader = isPrimary
      reading.throttler.threshold = 5
      members.append((Target(.vttablet, address), reading))
    }
    for number in 0..<vtgates {
      var reading = VtgateReading()
      reading.processStart = 1_794_000_000
      reading.bufferSize = 1000
      for shard in shards {
        reading.buffers[shard] = BufferCounters()
        reading.primaryConnections[shard] = 1
      }
      gates.append((Target(.vtgate, Address(host: "vtgate-\(number)", port: 15001)), reading))
    }
  }

  /// What is told of the next second.
  mutating func nextSecond() -> [RecordedStep] {
    let start = Self.began + .seconds(second)
    var steps: [RecordedStep] = []
    func tell(_ news: Observation.News, _ instant: Instant) {
      steps.append(.observed(Observation(of: Self.name, at: instant, news)))
    }
    if second == 0 {
      for (target, _) in gates { tell(.watching(target), start) }
      for (target, _) in members { tell(.watching(target), start) }
    }
    moveLag()
    let (number, passed) = second.quotientAndRemainder(dividingBy: Self.failoverEvery)
    let failing =
      number > 0 && passed <= Self.closeLength && !shards.isEmpty
      ? number % shards.count : nil
    let rounds = failing == nil ? 1 : Self.closeRounds
    var at = start
    func answered(_ target: Target, _ result: ScrapeOutcome.Result, took: Duration) {
      tell(.outcome(ScrapeOutcome(target: target, at: at, took: took, result: result)), at)
    }
    for round in 0..<rounds {
      at = max(at, start + .seconds(1) * round / rounds)
      if let failing { failOver(failing, passed, isFirst: round == 0) }
      for index in gates.indices {
        gates[index].reading.tablets = list
        at = at + .microseconds(20 + random(300))
        answered(
          gates[index].target, .gate(gates[index].reading), took: .microseconds(random(4000)))
      }
      for index in members.indices {
        let isDue = round == 0 && (index + second) % tabletEvery == 0
        let isClose =
          index / Self.tabletsPerShard == failing && round.isMultiple(of: Self.closeTablets)
        guard isDue || isClose else { continue }
        let lag = Double(random(1_000_000)) / 1_000_000
        members[index].reading.throttler.selfValue = lag
        if members[index].reading.throttler.isLeader == true {
          members[index].reading.throttler.shardValue = lag
        }
        at = at + .microseconds(20 + random(100))
        answered(
          members[index].target, .member(members[index].reading), took: .microseconds(random(2000)))
      }
      steps.append(.moment(at))
      if round == rounds / 4 { steps.append(.tick(max(at, start + .milliseconds(250)))) }
    }
    second += 1
    return steps
  }

  /// From 0 to below a limit.
  private mutating func random(_ limit: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(limit))
  }

  /// One replica in a hundred says another whole second, and every vtgate hears it at once.
  private mutating func moveLag() {
    for index in listed.indices where listed[index].type == .replica && random(100) == 0 {
      listed[index].replicationLag = random(2)
    }
    list = GatewayTablets(listed, complaint: nil, sharing: [list])
  }

  /// A shard loses its primary, its requests are buffered, and its first replica takes over.
  ///
  /// `place`: which shard; `passed`: seconds since it began; `isFirst`: of the rounds of this second.
  private mutating func failOver(_ place: Int, _ passed: Int, isFirst: Bool) {
    guard passed < Self.failoverLength || (passed == Self.failoverLength && isFirst) else { return }
    let shard = shards[place]
    for index in gates.indices {
      var counters = gates[index].reading.buffers[shard] ?? BufferCounters()
      switch passed {
      case 0 where isFirst:
        counters.starts += 1
        gates[index].reading.primaryConnections[shard] = nil
      case Self.failoverLength:
        counters.stops[.newPrimarySeen, default: 0] += 1
        counters.drained = counters.buffered
        counters.lastFailoverDuration = .seconds(Self.failoverLength)
        gates[index].reading.primaryConnections[shard] = 1
      default: break
      }
      if passed < Self.failoverLength {
        counters.buffered += random(5)
        counters.lastRequestsInFlightMax = counters.buffered - counters.drained
      }
      gates[index].reading.buffers[shard] = counters
    }
    guard passed == Self.failoverLength else { return }
    let own = listed.indices.filter { listed[$0].shard == shard }
    guard let old = own.first(where: { listed[$0].type == .primary }),
      let new = own.first(where: { listed[$0].type == .replica })
    else { return }
    (listed[old].type, listed[old].primaryTermStart) = (.replica, 0)
    (listed[new].type, listed[new].primaryTermStart) = (.primary, 1_795_000_000 + second)
  }
}
