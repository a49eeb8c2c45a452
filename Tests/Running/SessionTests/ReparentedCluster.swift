import FleetModel
import Recording
import Terms
import Watching

/// What two vtgates and four tablets say, once a second, of two shards; one is reparented now and then.
struct ReparentedCluster {
  static let name = "reparented"
  static let began = Instant(secondsSinceEpoch: 1_795_000_000)
  static let info = RecordingInfo(
    cluster: name, began: began, interval: .seconds(1), utcOffset: 0, program: "sluice test")

  private static let shards = [
    ShardName(keyspace: "commerce", shard: "-80"), ShardName(keyspace: "commerce", shard: "80-"),
  ]
  /// Seconds from its first sign to another primary.
  private static let length = 4

  private(set) var second = 0
  private let failures: [Int]
  private var gates: [(target: Target, reading: VtgateReading)] = []
  private var members: [(target: Target, reading: TabletReading)] = []
  private var listed: [GatewayTablet] = []

  /// `failingAt`: the seconds at which the first shard loses its primary.
  init(failingAt failures: [Int]) {
    self.failures = failures
    for number in 0..<4 {
      let isPrimary = number.isMultiple(of: 2)
      let alias = TabletAlias(cell: "zone1", uid: UInt32(100 + number))
      let address = Address(host: "db\(number)", port: 15100)
      let shard = Self.shards[number / 2]
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
    for number in 1...2 {
      var reading = VtgateReading()
      reading.processStart = 1_794_000_000
      reading.bufferSize = 500
      for shard in Self.shards { reading.buffers[shard] = BufferCounters() }
      gates.append((Target(.vtgate, Address(host: "gate\(number)", port: 15001)), reading))
    }
  }

  mutating func nextSecond() -> [RecordedStep] {
    defer { second += 1 }
    var at = Self.began + .seconds(second)
    var steps: [RecordedStep] = []
    func tell(_ news: Observation.News) {
      at = at + .milliseconds(3)
      steps.append(.observed(Observation(of: Self.name, at: at, news)))
    }
    if second == 0 { for (target, _) in gates + [] { tell(.watching(target)) } }
    if let failure = failures.last(where: { $0 <= second }) { reparent(second - failure) }
    for index in gates.indices {
      gates[index].reading.tablets = GatewayTablets(listed)
      tell(
        .outcome(
          ScrapeOutcome(
            target: gates[index].target, at: at, took: .milliseconds(2),
            result: .gate(gates[index].reading))))
    }
    for index in members.indices {
      // Now and then it is over its threshold.
      let wave = (second + 7 * index) % 240
      members[index].reading.throttler.selfValue = wave > 230 ? 6.5 : Double(wave % 17) / 100
      tell(
        .outcome(
          ScrapeOutcome(
            target: members[index].target, at: at, took: .milliseconds(1),
            result: .member(members[index].reading))))
    }
    steps.append(.moment(at + .milliseconds(50)))
    steps.append(.tick(Self.began + .seconds(second) + .milliseconds(250)))
    return steps
  }

  private mutating func reparent(_ passed: Int) {
    let shard = Self.shards[0]
    for index in gates.indices where passed <= Self.length {
      var counters = gates[index].reading.buffers[shard] ?? BufferCounters()
      if passed == 0 { counters.starts += 1 }
      if passed < Self.length {
        counters.buffered += 30 + index
        counters.lastRequestsInFlightMax = counters.buffered - counters.drained
        counters.skipped[.bufferFull, default: 0] += passed == 3 ? 5 : 0
      } else {
        counters.stops[.newPrimarySeen, default: 0] += 1
        counters.drained = counters.buffered
        counters.lastFailoverDuration = .seconds(Self.length)
      }
      gates[index].reading.buffers[shard] = counters
    }
    let (old, new) =
      listed[0].primaryTermStart > listed[1].primaryTermStart ? (0, 1) : (1, 0)
    if passed == 0 { listed[old].isServing = false }
    guard passed == Self.length, !listed[old].isServing else { return }
    (listed[old].type, listed[old].primaryTermStart, listed[old].isServing) = (.replica, 0, true)
    (listed[new].type, listed[new].primaryTermStart) = (.primary, 1_795_000_000 + second)
    members[old].reading.throttler.isLeader = false
    members[new].reading.throttler.isLeader = true
  }
}
