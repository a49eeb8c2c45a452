package import FleetModel
internal import Terms

/// Something to tell of a fleet.
package enum FleetChange: Sendable, Equatable {
  /// When it is told again, with the servers that are new, or whole with counts that have grown.
  case event(FleetEvent)
  /// A shard's row; numbers that move are told once a second.
  case shard(ShardSummary)
  /// One that is over.
  case failover(Failover)
  /// Advice that holds from now on, of warnings and worse.
  case advice(Advice)
  /// Advice that no longer holds.
  case adviceGone(Advice)
}

/// What has changed in a fleet since it was told of last, in the order of reading.
struct FleetChanges: Sendable, Equatable {
  /// Moving numbers are told as often as this.
  static let pause: Duration = .seconds(1)

  /// Counts that never stop growing are told as often as this.
  private static let patience: Duration = .seconds(10)

  /// So long after a failover advice on it may still begin.
  private static let recency: Duration = .seconds(60)

  /// What of a row is told at once.
  private struct Standing: Equatable {
    let state: Shard.State
    let primary: TabletAlias?
    let primaryIsServing: Bool
    let isOverThreshold: Bool
    let lagCaveat: Lag.Caveat?
    let isBufferingOff: Bool
    let throttled: [String]

    init(_ shard: ShardSummary) {
      state = shard.state
      primary = shard.primary
      primaryIsServing = shard.primaryIsServing
      isOverThreshold = shard.lag.isOverThreshold
      lagCaveat = shard.lag.caveat
      isBufferingOff = shard.isBufferingOff
      throttled = shard.throttledApps.map(\.name)
    }
  }

  private struct Told: Equatable {
    var standing: Standing
    var counters: BufferCounters
    var held: Int?
    var at: Instant
    var advice: [Advice] = []
  }

  private struct ToldEvent: Equatable {
    let told: FleetEvent
    let at: Instant
  }

  private var shards: [ShardName: Told] = [:]
  /// What of an event has been told, and when, of the last events.
  private var events: [Int: ToldEvent] = [:]
  private var lastEvent = 0
  private var failoversGoing: Set<Int> = []
  private var lastFailover = 0

  /// What is to be told of a settled fleet.
  mutating func take(_ fleet: Fleet, at now: Instant) -> [FleetChange] {
    takeEvents(fleet.log.events, at: now) + takeShards(fleet, at: now)
      + takeFailovers(fleet.failovers)
  }

  private mutating func takeEvents(_ log: [FleetEvent], at now: Instant) -> [FleetChange] {
    // Only the last ones can still grow.
    let candidates = log.suffix(200)
    var changes: [FleetChange] = []
    for event in candidates {
      var news = event
      if let known = events[event.id] {
        let (told, at) = (known.told, known.at)
        let others = event.sources.dropFirst(told.sources.count)
        let isQuiet = now - event.until >= Self.pause || now - at >= Self.patience
        guard !others.isEmpty || (told != event && isQuiet) else { continue }
        if !others.isEmpty { news.sources = Array(others) }
      } else if event.id <= lastEvent {
        continue
      }
      changes.append(.event(news))
      events[event.id] = ToldEvent(told: event, at: now)
    }
    lastEvent = max(lastEvent, log.last?.id ?? 0)
    let oldest = candidates.first?.id ?? 0
    events = events.filter { $0.key >= oldest }
    return changes
  }

  private mutating func takeShards(_ fleet: Fleet, at now: Instant) -> [FleetChange] {
    var changes: [FleetChange] = []
    // Some advice begins a while after a failover, when nothing moves any more.
    let recent = Set(
      fleet.failovers.all.reversed().prefix { now - $0.changed.at < Self.recency }.map(\.shard))
    for summary in fleet.summaries {
      let standing = Standing(summary)
      var told = shards[summary.name]
      let moves =
        told.map { $0.counters != summary.counters || $0.held != summary.held } ?? true
      let isDue = told.map { now - $0.at >= Self.pause } ?? true
      let isTold = told?.standing != standing || (moves && isDue)
      // Advice may end by itself.
      let mayChange = told?.advice.isEmpty == false || recent.contains(summary.name)
      guard isTold || (isDue && mayChange) else { continue }
      if isTold { changes.append(.shard(summary)) }
      let advice = fleet.shard(summary.name).advice(at: now).filter { $0.severity >= .warning }
      // A number that moves in it is no news.
      for piece in advice
      where
        !(told?.advice.contains { $0.rule == piece.rule && $0.severity == piece.severity }
        ?? false)
      {
        changes.append(.advice(piece))
      }
      for piece in told?.advice ?? [] where !advice.contains(where: { $0.rule == piece.rule }) {
        changes.append(.adviceGone(piece))
      }
      told = Told(
        standing: standing, counters: summary.counters, held: summary.held, at: now, advice: advice)
      shards[summary.name] = told
    }
    if shards.count > fleet.summaries.count {
      let names = Set(fleet.summaries.map(\.name))
      shards = shards.filter { names.contains($0.key) }
    }
    return changes
  }

  private mutating func takeFailovers(_ log: FailoverLog) -> [FleetChange] {
    var changes: [FleetChange] = []
    for failover in log.all where failover.id > lastFailover || failoversGoing.contains(failover.id)
    {
      lastFailover = max(lastFailover, failover.id)
      if failover.ended == nil {
        failoversGoing.insert(failover.id)
      } else {
        failoversGoing.remove(failover.id)
        changes.append(.failover(failover))
      }
    }
    return changes
  }
}
