internal import Buffering
package import Terms

// What tablets tell vtgates, and what follows from it.
extension LabCluster {
  /// Something that happens to a tablet by itself.
  enum TabletEvent: Sendable {
    case leadership
    case refresh
    case wander
    case healthUpdate
    /// It reads its keyspace's configuration from topo.
    case config
    /// It notices that its mysqld is gone, or back.
    case noticesMySQL
    /// Its health stream has been silent for `--healthcheck_timeout`.
    case silence
    /// It learns that another tablet has taken over its shard, and follows it if it can.
    case stepsDown(follows: Bool)
  }

  /// `--healthcheck_timeout`.
  static let healthCheckTimeout: Duration = .seconds(60)
  /// `--health-check-interval` of the tablets: 5 s as in the recordings; 20 s unless set.
  static let healthCheckInterval: Duration = .seconds(5)

  mutating func stepTablet(_ alias: TabletAlias, _ event: TabletEvent) {
    switch event {
    case .leadership:
      let leads = tablets[alias].map { $0.type == .primary && $0.isServing } ?? false
      tablets[alias]?.throttler.evaluateLeadership(isPrimary: leads, at: now)
      after(Throttler.leaderInterval, .tablet(alias, .leadership))
    case .refresh: tablets[alias]?.throttler.refreshThresholds()
    case .wander: wander(alias)
    case .healthUpdate:
      let seconds = lagSeconds(alias)
      if tablets[alias]?.isReachable == true { tablets[alias]?.reportedLag = seconds }
      repeatHealth(of: alias)
      after(Self.healthCheckInterval, .tablet(alias, .healthUpdate))
    case .config:
      guard let keyspace = tablets[alias]?.shard.keyspace,
        let config = topology.keyspaces[keyspace]?.throttler
      else { return }
      keepReadings(of: alias)
      tablets[alias]?.throttler.apply(config, at: now)
      // The thresholds of metrics come with the next refresh of the tablet list.
      after(between(.seconds(1), Throttler.refreshInterval), .tablet(alias, .refresh))
    case .noticesMySQL: noticeMySQL(alias)
    case .silence:
      if tablets[alias]?.process == .hung { breakStreams(of: alias) }
    case .stepsDown(let follows): stepDown(alias, follows: follows)
    }
  }

  // MARK: vtgate's view

  /// A vtgate reads topo and opens a health stream to every tablet.
  mutating func discover(_ index: Int) {
    for name in topology.keyspaces.keys.sorted() {
      _ = vtgates[index].watcher.partition(name, topology.partition(of: name))
    }
    for shard in shards {
      for alias in tabletsOfShard[shard] ?? [] where vtgates[index].watches(alias) {
        guard let tablet = tablets[alias] else { continue }
        let isHeard = tablet.isReachable && !isSplit(.vtgate(index), .tablet(alias))
        let sighting = sighting(of: tablet, isBroken: !isHeard)
        vtgates[index].note(sighting)
        vtgates[index].wordsHeard[alias] = tablet.wordsTold
        if let event = vtgates[index].watcher.saw(sighting) { take(event, index) }
      }
    }
  }

  func sighting(of tablet: Tablet, isBroken: Bool = false) -> TabletSighting {
    TabletSighting(
      alias: tablet.alias, shard: tablet.shard, type: tablet.type,
      isServing: !isBroken && tablet.isServing,
      primarySince: tablet.primarySince.map { $0 + tablet.clockSkew },
      hasError: isBroken)
  }

  /// The tablet's health stream updates every vtgate, each after its own delay.
  mutating func broadcast(_ alias: TabletAlias) {
    guard let tablet = tablets[alias], tablet.isReachable else { return }
    tablets[alias]?.wordsTold += 1
    let sighting = sighting(of: tablet)
    for index in vtgates.indices where !isSplit(.vtgate(index), .tablet(alias)) {
      after(
        between(.milliseconds(1), .milliseconds(15)),
        .word(index, sighting, number: tablet.wordsTold + 1))
    }
  }

  /// The tablet says again what vtgates have heard already, which keyspace watchers may wait for.
  mutating func repeatHealth(of alias: TabletAlias) {
    guard let tablet = tablets[alias], tablet.isReachable, tablet.type == .primary else { return }
    let sighting = sighting(of: tablet)
    for index in vtgates.indices
    where vtgates[index].process == .running && !isSplit(.vtgate(index), .tablet(alias))
      && vtgates[index].wordsHeard[alias] == tablet.wordsTold
    {
      if let event = vtgates[index].watcher.saw(sighting) { take(event, index) }
    }
  }

  /// Breaks a tablet's streams to all vtgates, or only to one.
  mutating func breakStreams(of alias: TabletAlias, to only: Int? = nil) {
    guard let tablet = tablets[alias] else { return }
    tablets[alias]?.wordsTold += 1
    let sighting = sighting(of: tablet, isBroken: true)
    for index in vtgates.indices where only == nil || only == index {
      after(
        between(.milliseconds(1), .milliseconds(20)),
        .word(index, sighting, number: tablet.wordsTold + 1))
    }
  }

  mutating func hear(_ index: Int, _ sighting: TabletSighting, _ number: Int) {
    guard vtgates[index].process == .running, vtgates[index].watches(sighting.alias),
      vtgates[index].wordsHeard[sighting.alias] ?? 0 < number
    else { return }
    if isSplit(.vtgate(index), .tablet(sighting.alias)), !sighting.hasError { return }
    vtgates[index].wordsHeard[sighting.alias] = number
    vtgates[index].note(sighting)
    if sighting.hasError {
      vtgates[index].statistics.healthErrors[sighting.shard, default: [:]][
        sighting.type, default: 0] += 1
    }
    if let event = vtgates[index].watcher.saw(sighting) { take(event, index) }
  }

  /// A keyspace has become consistent for this vtgate: tells every shard's buffer.
  mutating func take(_ event: KeyspaceWatcher.Event, _ index: Int) {
    // From v18 on, a vtgate without buffering has no buffer to tell.
    if !configuration.release.hasBufferWhenOff, !vtgates[index].buffer.configuration.isEnabled {
      return
    }
    for shard in event.shards {
      let outcome: StopReason =
        event.moveTables == .switched
        ? .moveTablesSwitchedTraffic : shard.isServing ? .newPrimarySeen : .reshardingComplete
      let actions = vtgates[index].buffer.keyspaceEvent(
        shard.name, primary: shard.primary, outcome, at: now)
      carryOut(actions, on: index)
    }
  }

  // MARK: Lag

  /// Seconds since the newest heartbeat that a tablet has applied, by its own clock.
  package func heartbeatLag(_ alias: TabletAlias, at instant: Instant) -> Double? {
    guard let tablet = tablets[alias], let log = logs[tablet.shard] else { return nil }
    let applied =
      tablet.type == .primary
      ? instant : tablet.replication.applied(at: instant, head: log.head(at: instant))
    guard let newest = log.heartbeats.newest(upTo: applied) else { return nil }
    return (instant + tablet.clockSkew - newest).seconds
  }

  /// What `SHOW REPLICA STATUS` would say: whole seconds behind, 0 on a primary.
  package func lagSeconds(_ alias: TabletAlias) -> Int {
    guard let tablet = tablets[alias], tablet.type != .primary, let log = logs[tablet.shard]
    else { return 0 }
    let head = log.head(at: now)
    let lag = (head - tablet.replication.applied(at: now, head: head)).seconds
    return lag < 1 ? 0 : Int(lag)
  }

  package func position(of alias: TabletAlias) -> String {
    guard let tablet = tablets[alias], let log = logs[tablet.shard] else { return "" }
    let head = log.head(at: now)
    return log.position(
      upTo: tablet.type == .primary ? head : tablet.replication.applied(at: now, head: head))
  }

  /// A busy replica's speed changes every second, around a little more than it needs.
  private mutating func wander(_ alias: TabletAlias) {
    after(.seconds(1), .tablet(alias, .wander))
    guard let tablet = tablets[alias], tablet.type != .primary, !tablet.hasFixedSpeed,
      let log = logs[tablet.shard]
    else { return }
    let pull = (1.25 - min(tablet.replication.speed, 2.5)) * 0.35
    let noise = Double.random(in: -0.6...0.6, using: &random)
    let speed = min(2.5, max(0.35, min(tablet.replication.speed, 2.5) + pull + noise))
    tablets[alias]?.replication.change(at: now, head: log.head(at: now)) { $0.setSpeed(speed) }
  }

  // MARK: A tablet's own

  private mutating func noticeMySQL(_ alias: TabletAlias) {
    guard let tablet = tablets[alias], tablet.process == .running else { return }
    if !tablet.isMySQLRunning {
      tablets[alias]?.state = .notServing
      closeThrottler(alias)
    } else if tablet.state == .serving, topology.shards[tablet.shard]?.primary == alias {
      // It was back before anyone noticed.
      resumeWriting(alias)
    } else if tablet.state == .notServing, serves(tablet), !isDemoted(alias) {
      tablets[alias]?.state = .serving
      tablets[alias]?.throttler.open(at: now)
      if tablet.type == .primary {
        resumeWriting(alias)
        if topology.shards[tablet.shard]?.primary != alias {
          // Another one has taken over meanwhile; it takes a while to find out.
          after(.seconds(18), .tablet(alias, .stepsDown(follows: false)))
        }
      }
    }
    broadcast(alias)
  }

  /// True after a reparent has demoted the tablet and before its fate is decided.
  private func isDemoted(_ alias: TabletAlias) -> Bool {
    reparents.values.contains { $0.from == alias && $0.hasDemoted }
  }

  /// A primary's writes resume, or begin.
  mutating func resumeWriting(_ alias: TabletAlias) {
    guard let tablet = tablets[alias], topology.shards[tablet.shard]?.primary == alias else {
      return
    }
    let now = now
    if let last = writers[tablet.shard], last.alias != alias {
      let written = heartbeats(of: tablet.shard) - last.before
      tablets[last.alias]?.heartbeatsWritten += written
    }
    if writers[tablet.shard]?.alias != alias {
      writers[tablet.shard] = (alias, heartbeats(of: tablet.shard))
    }
    logs[tablet.shard]?.begin(uuid: tablet.serverUUID, at: now)
    if configuration.heartbeatLease == nil || leases[tablet.shard].map({ $0 > now }) == true {
      startHeartbeats(of: tablet.shard)
    }
  }

  private func heartbeats(of shard: ShardName) -> Int {
    logs[shard]?.heartbeats.count(upTo: now) ?? 0
  }

  /// Heartbeats that a tablet's process has written.
  package func heartbeatsWritten(by alias: TabletAlias) -> Int {
    guard let tablet = tablets[alias] else { return 0 }
    guard let writer = writers[tablet.shard], writer.alias == alias else {
      return tablet.heartbeatsWritten
    }
    return tablet.heartbeatsWritten + heartbeats(of: tablet.shard) - writer.before
  }

  private mutating func stepDown(_ alias: TabletAlias, follows: Bool) {
    guard let tablet = tablets[alias], tablet.type == .primary,
      topology.shards[tablet.shard]?.primary != alias
    else { return }
    tablets[alias]?.become(.replica, at: now)
    tablets[alias]?.throttler.evaluateLeadership(isPrimary: false, at: now)
    tablets[alias]?.replication.caughtUp(at: now)
    // After a crash it has writes that never reached the others, so it cannot follow.
    tablets[alias]?.replication.change(at: now, head: now) { $0.setIOThread(follows) }
    tablets[alias]?.hasOwnTransactions = !follows
    broadcast(alias)
  }
}
