internal import Buffering
package import Terms

// What a drill can break, and repair.
extension LabCluster {
  /// A fault, or its end.
  package enum Fault: Sendable {
    /// Seconds' worth of writes that a replica applies per second; nil: as fast as it can.
    case replicaSpeed(TabletAlias, Double?)
    case sqlThread(TabletAlias, isRunning: Bool)
    /// Whether a shard's primary writes heartbeats.
    case heartbeats(ShardName, isWriting: Bool)
    case mysql(TabletAlias, isRunning: Bool)
    case tablet(TabletAlias, Tablet.Process)
    case vtgate(Int, Tablet.Process)
    case split(Party, Party, isSplit: Bool)
    /// A cell with all its servers and its part of topo.
    case cell(String, isLost: Bool)
    /// How far off the clock of a tablet's or vtgate's host is.
    case clock(Party, Duration)
    /// A transaction on a shard's primary that stays open.
    case openTransaction(ShardName, Duration)
  }

  package mutating func inject(_ fault: Fault) throws(Refusal) {
    switch fault {
    case .replicaSpeed(let alias, let speed):
      let tablet = try known(alias)
      let head = logs[tablet.shard]?.head(at: now) ?? now
      tablets[alias]?.hasFixedSpeed = speed != nil
      tablets[alias]?.replication.change(at: now, head: head) {
        $0.setSpeed(speed ?? Replication.fullSpeed)
      }
    case .sqlThread(let alias, let isRunning):
      let tablet = try known(alias)
      let head = logs[tablet.shard]?.head(at: now) ?? now
      tablets[alias]?.replication.change(at: now, head: head) { $0.setSQLThread(isRunning) }
    case .heartbeats(let shard, let isWriting):
      guard topology.shards[shard] != nil else { throw Refusal.noShard(shard) }
      setHeartbeats(shard, isWriting: isWriting)
    case .mysql(let alias, let isRunning): setMySQL(try known(alias), isRunning)
    case .tablet(let alias, let process): setProcess(try known(alias), process)
    case .vtgate(let index, let process):
      guard vtgates.indices.contains(index) else { throw Refusal("no vtgate-\(index + 1)") }
      setVtgate(index, process)
    case .split(let one, let other, let isSplit):
      try split(one, other, isSplit)
    case .cell(let name, let isLost): try setCell(name, isLost: isLost)
    case .clock(.tablet(let alias), let skew):
      let tablet = try known(alias)
      tablets[alias]?.clockSkew = skew
      if topology.shards[tablet.shard]?.primary == alias,
        logs[tablet.shard]?.heartbeats.isWriting == true
      {
        setHeartbeats(tablet.shard, isWriting: false)
        setHeartbeats(tablet.shard, isWriting: true)
      }
    case .clock(.vtgate(let index), let skew):
      guard vtgates.indices.contains(index) else { throw Refusal("no vtgate-\(index + 1)") }
      vtgates[index].clockSkew = skew
    case .clock(.vtctld, _): throw Refusal("vtctld's clock shows nowhere")
    case .openTransaction(let shard, let duration):
      guard let primary = topology.shards[shard]?.primary else { throw Refusal.noShard(shard) }
      tablets[primary]?.openTransaction(until: now + duration, at: now)
    }
  }

  /// Starts or stops the heartbeats of a shard's primary, stamped by its own clock.
  private mutating func setHeartbeats(_ shard: ShardName, isWriting: Bool) {
    let now = now
    guard !isWriting || logs[shard]?.endedAt == nil else { return }
    guard isWriting else {
      logs[shard]?.withHeartbeats { $0.stop(at: now) }
      return
    }
    startHeartbeats(of: shard)
  }

  /// The shard's primary begins to write them, by its own clock and at its own interval.
  mutating func startHeartbeats(of shard: ShardName) {
    let now = now
    let primary = topology.shards[shard]?.primary.flatMap { tablets[$0] }
    logs[shard]?.withHeartbeats {
      $0.start(
        at: now, skew: primary?.clockSkew ?? .zero, every: primary?.flags.heartbeatInterval)
    }
  }

  func known(_ alias: TabletAlias) throws(Refusal) -> Tablet {
    guard let tablet = tablets[alias] else {
      throw Refusal.noTablet(alias, cells: cells)
    }
    return tablet
  }

  private mutating func setMySQL(_ tablet: Tablet, _ isRunning: Bool) {
    guard tablet.isMySQLRunning != isRunning else { return }
    let alias = tablet.alias
    tablets[alias]?.isMySQLRunning = isRunning
    if !isRunning {
      tablets[alias]?.openTransactions = []
      if topology.shards[tablet.shard]?.primary == alias { logs[tablet.shard]?.end(at: now) }
    }
    tablets[alias]?.replication.change(at: now, head: logs[tablet.shard]?.head(at: now) ?? now) {
      $0.setSQLThread(isRunning)
    }
    after(between(.milliseconds(30), .milliseconds(80)), .tablet(alias, .noticesMySQL))
  }

  private mutating func setProcess(_ tablet: Tablet, _ process: Tablet.Process) {
    let alias = tablet.alias
    guard tablet.process != process else { return }
    tablets[alias]?.process = process
    switch process {
    case .dead:
      release(alias)
      breakStreams(of: alias)
      // Its heartbeats end with it; MySQL itself and replication go on.
      if topology.shards[tablet.shard]?.primary == alias {
        let now = now
        logs[tablet.shard]?.withHeartbeats { $0.stop(at: now) }
      }
    case .hung: after(Self.healthCheckTimeout, .tablet(alias, .silence))
    case .running:
      if tablet.process == .dead {
        tablets[alias]?.startedAt = now
        tablets[alias]?.queries = 0
        tablets[alias]?.heartbeatsWritten = 0
        if writers[tablet.shard]?.alias == alias {
          writers[tablet.shard]?.before = logs[tablet.shard]?.heartbeats.count(upTo: now) ?? 0
        }
        tablets[alias]?.queryErrors = 0
        tablets[alias]?.typeCounts = [tablet.type: 1]
        var throttler = Throttler(tablet.throttler.release, restartConfig(tablet), at: now)
        if tablet.isMySQLRunning { throttler.open(at: now) }
        tablets[alias]?.throttler = throttler
        let isServing = tablet.isMySQLRunning && serves(tablet)
        tablets[alias]?.state = isServing ? .serving : .notServing
        if tablet.type == .primary {
          if topology.shards[tablet.shard]?.primary == alias {
            resumeWriting(alias)
          } else {
            after(.seconds(1), .tablet(alias, .stepsDown(follows: false)))
          }
        }
      }
      release(alias)
      broadcast(alias)
      // It now notices what happened to its mysqld in the meantime.
      after(.milliseconds(50), .tablet(alias, .noticesMySQL))
    }
  }

  /// Rules set over HTTP die with the tablet's process; those in topo do not.
  private func restartConfig(_ tablet: Tablet) -> ThrottlerConfig {
    if configuration.throttlersFollowTopo,
      let config = topology.keyspaces[tablet.shard.keyspace]?.throttler
    {
      return config
    }
    var config = throttlerConfig(of: tablet.shard.keyspace)
    config.rules = [:]
    return tablet.flags.applied(to: config)
  }

  /// Calls that waited for a hung tablet go on, or fail with it.
  private mutating func release(_ alias: TabletAlias) {
    let calls = tablets[alias]?.stuckCalls ?? []
    tablets[alias]?.stuckCalls = []
    for (index, request) in calls {
      after(between(.microseconds(100), .milliseconds(2)), .answer(index, request))
    }
  }

  private mutating func setVtgate(_ index: Int, _ process: Tablet.Process) {
    let old = vtgates[index].process
    guard old != process else { return }
    switch process {
    case .dead:
      // A stopping vtgate releases its buffer first; after that its clients cannot reach it.
      carryOut(vtgates[index].buffer.shutDown(at: now), on: index)
      vtgates[index].restart(at: now)
      vtgates[index].process = .dead
      for client in vtgates[index].clients.indices {
        after(
          between(.milliseconds(20), .milliseconds(80)),
          .client(index, client: client, tick: vtgates[index].clients[client].tick))
      }
    case .hung: vtgates[index].process = .hung
    case .running:
      vtgates[index].process = .running
      if old == .dead {
        vtgates[index].startedAt = now
        discover(index)
      } else {
        // It works off everything that has piled up.
        for event in vtgates[index].backlog { agenda.add(event, at: now) }
        vtgates[index].backlog = []
      }
    }
  }

  // MARK: The network

  package func isSplit(_ one: Party, _ other: Party) -> Bool {
    !splits.isEmpty && splits.contains([one, other])
  }

  private mutating func split(_ one: Party, _ other: Party, _ isSplit: Bool) throws(Refusal) {
    guard one != other else { throw Refusal("\(one) cannot be cut off from itself") }
    for case .tablet(let alias) in [one, other] { _ = try known(alias) }
    if isSplit { splits.insert([one, other]) } else { splits.remove([one, other]) }
    switch (one, other) {
    case (.vtgate(let index), .tablet(let alias)), (.tablet(let alias), .vtgate(let index)):
      if isSplit {
        breakStreams(of: alias, to: index)
      } else {
        broadcast(alias)
      }
    case (.tablet(let left), .tablet(let right)):
      for (replica, source) in [(left, right), (right, left)] {
        guard let tablet = tablets[replica], tablet.type != .primary,
          topology.shards[tablet.shard]?.primary == source
        else { continue }
        let head = logs[tablet.shard]?.head(at: now) ?? now
        tablets[replica]?.replication.change(at: now, head: head) { $0.setIOThread(!isSplit) }
      }
    default: break
    }
  }
}
