package import FleetModel
internal import Terms

/// One piece of news about a fleet.
package enum FleetChange: Sendable, Equatable {
  /// An event already reported comes again either with only its new servers or whole, with higher
  /// counts.
  case event(FleetEvent)
  /// A shard's row; changing numbers are reported once a second.
  case shard(ShardSummary)
  /// A failover that is over.
  case failover(Failover)
  /// Advice that holds from now on, warnings and worse.
  case advice(Advice)
  /// Advice that no longer holds.
  case adviceGone(Advice)
}

/// What has changed in a fleet since it was last reported, in reading order.
struct FleetChanges: Sendable, Equatable {
  /// The least time between two reports of changing numbers.
  static let pause: Duration = .seconds(1)

  /// The least time between two reports of counts that never stop growing.
  private static let patience: Duration = .seconds(10)

  /// How long after a failover new advice may still appear.
  private static let recency: Duration = .seconds(60)

  /// The part of a row whose changes are reported at once.
  private struct Standing: Equatable {
    let state: Shard.State
    let idleness: Idleness?
    let primary: TabletAlias?
    let primaryIsServing: Bool
    let isOverThreshold: Bool
    let lagCaveat: Lag.Caveat?
    let isBufferingOff: Bool
    let throttled: [String]

    init(_ shard: ShardSummary) {
      state = shard.state
      idleness = shard.idleness
      primary = shard.primary
      primaryIsServing = shard.primaryIsServing
      isOverThreshold = shard.lag.isOverThreshold
      lagCaveat = shard.lag.caveat
      isBufferingOff = shard.isBufferingOff
      throttled = shard.throttledNames
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
  /// What has been reported of each recent event, and when.
  private var events: [Int: ToldEvent] = [:]
  private var lastEvent = 0
  private var failoversGoing: Set<Int> = []
  private var lastFailover = 0

  /// What there is to report about a settled fleet.
  mutating func take(_ fleet: Fleet, at now: Instant) -> [FleetChange] {
    takeEvents(fleet.log.events, at: now) + takeShards(fleet, at: now)
      + takeFailovers(fleet.failovers)
  }

  private mutating func takeEvents(
    _ log: SharingArray<FleetEvent>, at now: Instant
  ) -> [FleetChange] {
    // Only the latest events can still grow.
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
    // Some advice appears a while after a failover, when nothing is moving any more.
    let recent = Set(
      fleet.failovers.all.reversed().prefix { now - $0.changed.at < Self.recency }.map(\.shard))
    for summary in fleet.summaries {
      let standing = Standing(summary)
      var told = shards[summary.name]
      let moves =
        told.map { $0.counters != summary.counters || $0.held != summary.held } ?? true
      let isDue = told.map { now - $0.at >= Self.pause } ?? true
      let isNews = told?.standing != standing || (moves && isDue)
      // Advice may end on its own.
      let mayChange = told?.advice.isEmpty == false || recent.contains(summary.name)
      guard isNews || (isDue && mayChange) else { continue }
      if isNews { changes.append(.shard(summary)) }
      let advice = fleet.shard(summary.name).advice(at: now).filter { $0.severity >= .warning }
      // Advice whose numbers alone have changed is not news.
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
