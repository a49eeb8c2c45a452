import FleetModel
import Recording
import Terms
import TestSupport

/// Observations of a cluster that nobody runs: two vtgates, four tablets, and whatever can happen to them.
struct InventedCluster {
  static let name = "invented"
  static let began = Instant(secondsSinceEpoch: 1_795_000_000)
  static let info = RecordingInfo(
    cluster: name, began: began, interval: .seconds(1), utcOffset: 3600, program: "sluice test")

  private static let vtgates = [
    Target(.vtgate, Address(host: "10.0.0.1", port: 15001)),
    Target(.vtgate, Address(host: "fd00::2", port: 15001)),
  ]
  private static let shards = [
    ShardName(keyspace: "commerce", shard: "-80"), ShardName(keyspace: "commerce", shard: "80-"),
    ShardName(keyspace: "with.dot", shard: "0"),
  ]

  private var dice: Dice
  private var now = began
  private var gates: [Target: VtgateReading] = [:]
  private var members: [Target: TabletReading] = [:]
  private var listed: [GatewayTablet] = []

  init(seed: UInt64) {
    dice = Dice(seed)
    for number in 0..<4 {
      let shard = Self.shards[number % 3]
      let address = Address(host: "10.0.1.\(number)", port: 15100)
      let alias = TabletAlias(cell: "zone1", uid: UInt32(100 + number))
      listed.append(
        GatewayTablet(
          alias: alias, shard: shard, type: number < 3 ? .primary : .replica, isServing: true,
          address: address))
      var reading = TabletReading(throttler: ThrottlerReading(source: .status))
      (reading.alias, reading.shard) = (alias, shard)
      members[Target(.vttablet, address)] = reading
    }
    for vtgate in Self.vtgates {
      var reading = VtgateReading()
      reading.processStart = 1_794_999_000.25
      reading.flags = BufferFlags(source: .commandLine)
      reading.commandLine = .max
      reading.tablets = GatewayTablets(listed)
      for shard in Self.shards { reading.buffers[shard] = BufferCounters() }
      gates[vtgate] = reading
    }
  }

  /// So many seconds of it, with the ticks and frames between.
  mutating func steps(seconds: Int) -> [RecordedStep] {
    var steps: [RecordedStep] = []
    let servers = Self.vtgates + members.keys.sorted()
    for server in servers { steps.append(observed(.watching(server))) }
    for second in 0..<seconds {
      for server in servers { steps.append(observed(.outcome(poll(server)))) }
      if second % 3 == 0 {
        var pace = Pace()
        pace.requestsPerSecond = number(20)
        steps.append(observed(.pace(pace)))
      }
      if second % 5 == 0 { steps.append(observed(other())) }
      if second % 11 == 0 {
        let shards = [Self.shards[0]: TopoShard(primary: nil, isPrimaryServing: second % 2 == 0)]
        steps.append(.observed(Observation(of: Self.name, at: now, .shards(shards))))
      }
      steps.append(.moment(pass()))
      now = Self.began + .seconds(second + 1)
      steps.append(.tick(now))
    }
    return steps
  }

  /// The same steps without a server between two moments: it is forgotten at one and back at the other.
  static func steps(
    _ steps: [RecordedStep], without number: Int, from start: Duration, to end: Duration
  ) -> [RecordedStep] {
    let (left, back) = (began + start, began + end)
    let server = steps.watched[number]
    func told(_ news: Observation.News, _ at: Instant) -> RecordedStep {
      .observed(Observation(of: name, at: at, news))
    }
    let before = steps.filter { $0.at < left }
    let after = steps.filter { $0.at >= back }
    let between = steps.filter { step in
      guard step.at >= left, step.at < back, case .observed(let observation) = step,
        case .outcome(let outcome) = observation.news
      else { return step.at >= left && step.at < back }
      return outcome.target != server
    }
    return before + [told(.forgot(server), left)] + between + [told(.watching(server), back)]
      + after
  }

  /// From 0 to below a limit.
  private mutating func number(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &dice) }

  private mutating func pass() -> Instant {
    now = now + .nanoseconds(1 + number(90_000_000))
    return now
  }

  private mutating func observed(_ news: Observation.News) -> RecordedStep {
    if case .outcome(let outcome) = news {
      return .observed(Observation(of: Self.name, at: outcome.at, news))
    }
    return .observed(Observation(of: Self.name, at: pass(), news))
  }

  private mutating func other() -> Observation.News {
    switch number(6) {
    case 0:
      var keyspace = TopoKeyspace(name: "commerce")
      keyspace.throttler = .init(
        isEnabled: true, threshold: 5.5,
        throttledApps: [
          ThrottledApp(name: "online-ddl", expiresAt: now, ratio: 0.25)
        ])
      return .topo([keyspace])
    case 1: return .topoFailed(CallFailure(.unreachable, nil, .said("no", to: "GetKeyspaces")))
    case 2:
      return .routings([
        Self.shards[0]: ShardRouting(
          readAt: now, deniedTables: ["t"], isPrimaryServing: true, workflows: nil)
      ])
    case 3:
      return .event(FleetEvent(at: now, shard: Self.shards[0], .remark(.warning, "dig \"in\"")))
    case 4: return .source(.vtctld, SourceStanding(fault: "vtctld: no", namesServers: true))
    default: return .event(FleetEvent(at: now, .baselineSet))
    }
  }

  private mutating func poll(_ target: Target) -> ScrapeOutcome {
    let at = pass()
    let took = Duration.nanoseconds(number(3_000_000))
    guard number(10) > 0 else {
      let failures: [ScrapeFailure] = [
        .unreachable(.refused), .noAnswer(within: .seconds(2)),
        .refused(path: "/metrics", .redirect(status: 302, to: "/login")),
      ]
      return ScrapeOutcome(
        target: target, at: at, took: took, result: .failed(failures[number(3)]))
    }
    if var reading = members[target] {
      if number(3) > 0 { reading.throttler.selfValue = Double(number(5000)) / 997 }
      if number(8) == 0 {
        reading.throttler.throttledApps =
          number(2) == 0
          ? []
          : [
            ThrottledApp(name: "vreplication", expiresAt: at, ratio: 1)
          ]
      }
      if number(8) == 0 { reading.throttler.throttledApps = nil }
      if number(20) == 0 { reading.throttler.selfValue = nil }
      if number(20) == 0 { reading.serverState = .other("LAME.DUCK\\") }
      if number(20) == 0 { reading.throttler.checkAs = .flag(true) }
      members[target] = reading
      return ScrapeOutcome(target: target, at: at, took: took, result: .member(reading))
    }
    var reading = gates[target] ?? VtgateReading()
    advance(&reading)
    gates[target] = reading
    return ScrapeOutcome(target: target, at: at, took: took, result: .gate(reading))
  }

  private mutating func advance(_ reading: inout VtgateReading) {
    if number(2) == 0 { reading.flags = nil }
    if number(2) == 0 { reading.commandLine = nil }
    if number(2) == 0 {
      let shard = Self.shards[number(3)]
      reading.buffers[shard, default: BufferCounters()].buffered += number(1000)
      reading.buffers[shard]?.skipped[.bufferFull, default: 0] += number(3)
      reading.buffers[shard]?.lastFailoverDuration = .milliseconds(number(9000))
    }
    if number(15) == 0 { reading.buffers[Self.shards[number(3)]] = nil }
    if number(15) == 0 { reading.buffers[Self.shards[number(3)]] = BufferCounters() }
    if number(9) == 0 { reading.callErrors[Self.shards[0], default: 0] += 1 }
    if number(9) == 0 { reading.callErrors = [:] }
    if number(9) == 0 { reading.primaryConnections[Self.shards[1]] = number(3) }
    if number(9) == 0 { reading.clientErrors["commerce", default: [:]]["UNAVAILABLE"] = 7 }
    if number(12) == 0 { reading.clientErrors = [:] }
    if number(5) == 0 {
      let index = number(listed.count)
      listed[index].replicationLag = number(4)
      reading.tablets = GatewayTablets(listed)
    }
    if number(15) == 0 { reading.tablets = nil }
    if number(15) == 0 { reading.tablets = GatewayTablets(Array(listed.dropLast())) }
    if number(15) == 0 { reading.tablets = GatewayTablets([]) }
    if number(15) == 0 {
      reading.complaint = .page("/debug/gateway", .refused(path: "/debug/gateway", .denied))
    }
    if number(15) == 0 { reading.complaint = nil }
  }
}

extension [RecordedStep] {
  /// Who is watched, in the order in which that was told.
  fileprivate var watched: [Target] {
    compactMap { step in
      guard case .observed(let observation) = step, case .watching(let target) = observation.news
      else { return nil }
      return target
    }
  }
}
