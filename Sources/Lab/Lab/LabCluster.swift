internal import Buffering
package import Terms

/// A Vitess-shaped cluster: topo, shards, tablets, vtgates, and the applications that use them.
///
///     Scenario, drills ──┐                        ┌─> Tablet, Replication, Throttler
///                        ├─> Agenda ─ next event ─┼─> KeyspaceWatcher, Vtgate, RequestBuffer
///     Traffic ───────────┘                        └─> further events
///
/// A value that ``advance(to:)`` moves on from event to event; the same seed and the same calls at
/// the same instants give the same cluster, however the time between is divided. Clocks, sockets
/// and threads are left to its owner.
package struct LabCluster: Sendable {
  /// The parties that can be cut off from each other.
  package enum Party: Hashable, Sendable, CustomStringConvertible {
    case vtgate(Int)
    case tablet(TabletAlias)
    case vtctld

    package var description: String {
      switch self {
      case .vtgate(let index): "vtgate-\(index + 1)"
      case .tablet(let alias): alias.description
      case .vtctld: "vtctld"
      }
    }
  }

  enum Event: Sendable {
    case client(Int, client: Int, tick: Int)
    case answer(Int, RequestBuffer.RequestID)
    case retry(Int, RequestBuffer.RequestID)
    case hangUp(Int, client: Int, RequestBuffer.RequestID)
    case deadline(Int, RequestBuffer.RequestID)
    case replan(Int, RequestBuffer.RequestID)
    case buffer(Int)
    case word(Int, TabletSighting, number: Int)
    case tablet(TabletAlias, TabletEvent)
    case leaseEnds(ShardName)
    case appAsks(ShardName, index: Int)
    case reparent(Int)
    case workflow(Workflow.ID)
    case srvKeyspace(Int, String)
    case moveTablesState(Int, String, KeyspaceWatcher.MoveTables)

    /// The vtgate that acts on itself; nil when another party acts.
    var ownVtgate: Int? {
      switch self {
      case .answer(let index, _), .retry(let index, _), .deadline(let index, _),
        .replan(let index, _),
        .buffer(let index), .word(let index, _, _), .moveTablesState(let index, _, _),
        .srvKeyspace(let index, _):
        index
      default: nil
      }
    }
  }

  package let configuration: Configuration
  package internal(set) var now: Instant
  package let shards: [ShardName]
  package internal(set) var topology = Topology()
  package internal(set) var tablets: [TabletAlias: Tablet] = [:]
  /// The tablets of each shard, by alias.
  package let tabletsOfShard: [ShardName: [TabletAlias]]
  package internal(set) var vtgates: [Vtgate] = []
  var logs: [ShardName: WriteLog] = [:]
  /// Who writes each shard's heartbeats, and how many the shard had before that.
  var writers: [ShardName: (alias: TabletAlias, before: Int)] = [:]
  /// When the lease of heartbeats ends, if they are written on demand.
  var leases: [ShardName: Instant] = [:]
  var reparents: [Int: Reparent] = [:]
  /// Reparents asked for since the beginning, refused ones included.
  package internal(set) var reparentCount = 0
  var nextOperation = 1
  /// Reparents that have ended and whose outcomes have not been taken yet.
  package internal(set) var outcomes: [Int: Reparent] = [:]
  var workflows: [Workflow.ID: Workflow] = [:]
  /// Switches that have ended and whose outcomes have not been taken yet.
  var switchOutcomes: [Int: Workflow.Outcome] = [:]
  var splits: Set<Set<Party>> = []
  /// Cells whose servers are gone and whose part of topo cannot be read.
  package internal(set) var lostCells: Set<String> = []
  /// The ports of the tablets' pages, which texts name.
  ///
  /// Numbered as in Vitess's examples unless set otherwise.
  package var webPorts: [TabletAlias: Int] = [:]
  /// Connections that clients could not open because their vtgate was gone.
  package internal(set) var connectionsRefused = 0
  var agenda = Agenda<Event>()
  var random: SeededGenerator

  package init(_ configuration: Configuration, at now: Instant) {
    self.configuration = configuration
    self.now = now
    random = SeededGenerator(seed: configuration.seed)
    shards = configuration.shards
    tabletsOfShard = configuration.tablets
    buildTopology()
    for shard in shards {
      build(shard)
      buildApps(of: shard)
    }
    for number in 0..<configuration.vtgates { build(vtgate: number) }
  }

  private mutating func buildTopology() {
    for keyspace in configuration.keyspaces {
      var record = Topology.Keyspace(name: keyspace.name, shards: keyspace.shards)
      if configuration.release.canHaveThrottlerConfigInTopo {
        record.throttler = throttlerConfig(of: keyspace.name)
      }
      topology.keyspaces[keyspace.name] = record
    }
    topology.serving = Set(configuration.servingShards)
  }

  func throttlerConfig(of keyspace: String) -> ThrottlerConfig {
    var config = ThrottlerConfig(
      threshold: configuration.threshold ?? configuration.release.defaultThreshold)
    config.isEnabled = configuration.isThrottlerEnabled
    if configuration.release.hasThrottledAppRules {
      for entry in configuration.throttledApps where entry.keyspace == keyspace {
        config.rules[entry.app] = entry.rule
      }
    }
    return config
  }

  private mutating func build(_ shard: ShardName) {
    let members = tabletsOfShard[shard] ?? []
    // Terms began at different times: a cluster is not born all at once.
    let since = now - between(.seconds(3600), .seconds(86_400))
    for (number, alias) in members.enumerated() {
      let uuid = serverUUID()
      var throttler = Throttler(
        configuration.release, throttlerConfig(of: shard.keyspace), at: now)
      // Nothing in a cluster runs in step: values are collected between heartbeats.
      let age = between(.seconds(60), .seconds(65))
      throttler.open(at: now - age)
      if !configuration.release.hasThrottledAppRules {
        for entry in configuration.throttledApps where entry.keyspace == shard.keyspace {
          _ = throttler.throttle(
            entry.app, for: entry.rule.expiresAt - now, ratio: entry.rule.ratio, at: now)
        }
      }
      throttler.evaluateLeadership(isPrimary: number == 0, at: now - age)
      var tablet = Tablet(
        alias, shard, number == 0 ? .primary : .replica, serverUUID: uuid, throttler: throttler,
        primarySince: number == 0 ? since : nil, at: now)
      if number > 0 { tablet.typeCounts = [.replica: 1] }
      if !topology.serving.contains(shard) { tablet.state = .notServing }
      tablets[alias] = tablet
      if number == 0 {
        topology.shards[shard] = Topology.Shard(primary: alias, primarySince: since)
        topology.shards[shard]?.isPrimaryServing = topology.serving.contains(shard)
        var log = WriteLog()
        log.begin(uuid: uuid, at: now)
        log.withHeartbeats { $0.start(at: now - .seconds(60), skew: .zero) }
        if configuration.heartbeatLease != nil {
          log.withHeartbeats { $0.stop(at: now) }
        }
        logs[shard] = log
        writers[shard] = (alias, 0)
      }
      let phase = Double.random(in: 0..<5, using: &random)
      agenda.add(.tablet(alias, .leadership), at: now + .nanoseconds(Int64(phase * 1e9)))
      if number > 0, configuration.hasBusyReplicas {
        agenda.add(.tablet(alias, .wander), at: now + .nanoseconds(Int64(phase * 2e8)))
      }
      agenda.add(.tablet(alias, .healthUpdate), at: now + .nanoseconds(Int64(phase * 1e9)))
    }
  }

  private mutating func buildApps(of shard: ShardName) {
    for (index, asking) in configuration.asking.enumerated()
    where asking.keyspace == shard.keyspace {
      agenda.add(.appAsks(shard, index: index), at: now + between(.zero, asking.interval))
    }
  }

  private mutating func serverUUID() -> String {
    func hex(_ count: Int) -> String {
      (0..<count).map { _ in String(UInt8.random(in: 0...15, using: &random), radix: 16) }.joined()
    }
    return "\(hex(8))-\(hex(4))-11f1-\(hex(4))-\(hex(12))"
  }

  private mutating func build(vtgate number: Int) {
    var vtgate = Vtgate(
      name: "vtgate-\(number + 1)", cell: configuration.cells[number % configuration.cells.count],
      watching: Set(configuration.cellsToWatch ?? configuration.cells), startedAt: now,
      buffer: configuration.buffer.asTaken(by: configuration.release))
    for (index, traffic) in configuration.traffic.enumerated() {
      guard traffic.vtgate == nil || traffic.vtgate == number else { continue }
      for connection in 0..<traffic.profile.connections {
        let isOneOff = connection >= traffic.profile.persistent + traffic.profile.pooled
        vtgate.clients.append(
          Client(
            traffic: index, shardIndex: connection, isOneOff: isOneOff,
            retriesLeft: traffic.profile.retries))
        let pause = traffic.profile.think * Double.random(in: 0...1, using: &random)
        agenda.add(
          .client(number, client: vtgate.clients.count - 1, tick: 0), at: now + traffic.from + pause
        )
      }
    }
    vtgates.append(vtgate)
    discover(number)
  }

  package func webPort(of alias: TabletAlias) -> Int {
    webPorts[alias] ?? 15_000 + Int(alias.uid)
  }

  /// Nothing listens there: the lab's tablets have only pages.
  package func grpcPort(of alias: TabletAlias) -> Int { webPort(of: alias) + 1000 }
  package func mysqlPort(of alias: TabletAlias) -> Int { webPort(of: alias) + 2000 }

  // MARK: Time

  /// Moves the cluster on.
  package mutating func advance(to instant: Instant) {
    while let (at, event) = agenda.takeNext(until: instant) {
      now = max(now, at)
      handle(event)
    }
    now = max(now, instant)
  }

  private mutating func handle(_ event: Event) {
    if let index = event.ownVtgate, vtgates[index].process == .hung {
      vtgates[index].backlog.append(event)
      return
    }
    switch event {
    case .client(let vtgate, let client, let tick): wake(vtgate, client, tick)
    case .answer(let vtgate, let request): answer(vtgate, request)
    case .retry(let vtgate, let request): retry(vtgate, request)
    case .hangUp(let vtgate, let client, let request): hangUp(vtgate, client, request)
    case .deadline(let vtgate, let request): deadline(vtgate, request)
    case .replan(let vtgate, let request): replan(vtgate, request)
    case .buffer(let vtgate): bufferTimer(vtgate)
    case .word(let vtgate, let sighting, let number): hear(vtgate, sighting, number)
    case .tablet(let alias, let event): stepTablet(alias, event)
    case .leaseEnds(let shard): endLease(shard)
    case .appAsks(let shard, let index): checkForApp(shard, index)
    case .reparent(let operation): stepReparent(operation)
    case .workflow(let id): stepWorkflow(id)
    case .srvKeyspace(let index, let keyspace): seePartition(index, of: keyspace)
    case .moveTablesState(let index, let keyspace, let state): see(index, keyspace, state)
    }
  }

  mutating func after(_ delay: Duration, _ event: Event) { agenda.add(event, at: now + delay) }

  /// A duration between the two, drawn evenly.
  mutating func between(_ low: Duration, _ high: Duration) -> Duration {
    let span = Double((high - low).wholeNanoseconds)
    return low + .nanoseconds(Int64(span * Double.random(in: 0...1, using: &random)))
  }

  // MARK: Invariants

  /// Which invariant the cluster violates; nil when all hold.
  package func violation() -> String? {
    for vtgate in vtgates where vtgate.process != .hung {
      if let text = vtgate.buffer.violation(at: now) { return "\(vtgate.name): \(text)" }
      for (index, client) in vtgate.clients.enumerated() {
        if case .busy(let request) = client.state, vtgate.calls[request]?.client != index {
          return "\(vtgate.name): client \(index) waits for request \(request), which is gone"
        }
      }
    }
    for (shard, members) in tabletsOfShard {
      let primaries = members.compactMap { tablets[$0] }
        .filter { $0.type == .primary && $0.isServing }
      let newest = primaries.filter { $0.alias == topology.shards[shard]?.primary }
      if primaries.count > 1, newest.count != 1 {
        return "\(shard): \(primaries.count) primaries serve, none of them the shard's"
      }
    }
    if let next = agenda.next, next < now { return "an event of \(next) is overdue at \(now)" }
    return nil
  }
}
