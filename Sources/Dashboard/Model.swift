package import FleetModel
package import TerminalKit

/// The dashboard: a value that messages change and that draws itself.
///
///     Message ─> update ─> Model ─> render ─> Canvas
///                    └──> [Effect]
///
/// No terminal, socket, file or clock is visible from here.
package struct Model: Equatable, Sendable {
  /// What does not change while the program runs.
  package struct Settings: Equatable, Sendable {
    /// What the fleet is called in the header.
    package var title: String
    package var interval: Duration
    /// Seconds to add to UTC for the times shown.
    package var utcOffset: Int
    /// The fleet is the embedded cluster: reparents may be rehearsed with a key.
    package var isLab: Bool

    package init(title: String, interval: Duration, utcOffset: Int = 0, isLab: Bool = false) {
      self.title = title
      self.interval = interval
      self.utcOffset = utcOffset
      self.isLab = isLab
    }
  }

  enum ScreenKind: Equatable, Sendable { case fleet, shard }

  package let settings: Settings
  package private(set) var fleet: Fleet
  package private(set) var size: Size
  package private(set) var now: Instant
  package private(set) var pace = Pace()
  var screen = ScreenKind.fleet
  var isHelpOpen = false
  /// The shard the operator is looking at; it stays selected wherever sorting puts it.
  var selection: ShardName?
  var sort = SortOrder.name
  var filter = ""
  var isFilterOpen = false
  /// The first line shown of a screen that is higher than the terminal.
  var scroll = 0

  package init(settings: Settings, size: Size, now: Instant) {
    self.settings = settings
    self.size = size
    self.now = now
    fleet = Fleet(staleAfter: max(.seconds(3), settings.interval * 3))
  }

  /// Advances the model by one message and returns the work the session must do.
  package mutating func update(_ message: Message) -> [Effect] {
    switch message {
    case .key(let key): return press(key)
    case .resized(let size): self.size = size
    case .tick(let instant):
      settle(at: instant)
      fleet.recordHistory()
    case .frame(let instant): settle(at: instant)
    case .watching(let target): fleet.watch(target)
    case .scraped(let outcome):
      now = max(now, outcome.at)
      fleet.apply(outcome)
    case .forgot(let target, let instant):
      now = max(now, instant)
      fleet.forget(target, at: instant)
    case .paced(let pace): take(pace)
    case .noted(let event): fleet.note(event)
    }
    return []
  }

  private mutating func take(_ pace: Pace) {
    self.pace = pace
    // Where the budget makes polls rarer, a reading is not stale for being older.
    fleet.vtgatesStaleAfter = staleness(pace.vtgateInterval)
    fleet.tabletsStaleAfter = staleness(pace.tabletInterval)
  }

  private func staleness(_ interval: Duration) -> Duration {
    max(.seconds(3), max(interval, settings.interval) * 3)
  }

  private mutating func settle(at instant: Instant) {
    now = max(now, instant)
    fleet.settle(at: now)
    if selection == nil { selection = visibleShards.first?.name }
  }

  /// Opens one shard's screen, as the enter key does.
  package mutating func open(_ shard: ShardName) {
    selection = shard
    screen = .shard
    scroll = 0
  }

  mutating func setBaseline() { fleet.setBaseline(at: now) }
  mutating func clearBaseline() { fleet.clearBaseline(at: now) }

  /// The shards that pass the filter, in the chosen order.
  package var visibleShards: [ShardSummary] {
    let shards = fleet.summaries
    let wanted = filter.lowercased()
    let passing =
      wanted.isEmpty
      ? shards : shards.filter { $0.name.description.lowercased().contains(wanted) }
    return sort.sorted(passing)
  }

  /// How many shards in trouble the filter hides.
  var hiddenInTrouble: Int {
    guard !filter.isEmpty else { return 0 }
    let visible = Set(visibleShards.map(\.name))
    return fleet.summaries.count {
      !visible.contains($0.name) && $0.state.urgency >= Shard.State.draining.urgency
    }
  }
}

/// The orders of the fleet screen.
enum SortOrder: String, CaseIterable, Sendable {
  case name, trouble, held, lost, lag

  /// Sorts shards; equals stay in the order of their names, so that nothing jumps about.
  func sorted(_ shards: [ShardSummary]) -> [ShardSummary] {
    func descending(_ value: (ShardSummary) -> Double) -> [ShardSummary] {
      shards.enumerated().sorted { left, right in
        let (a, b) = (value(left.element), value(right.element))
        return a != b ? a > b : left.offset < right.offset
      }.map(\.element)
    }
    return switch self {
    case .name: shards
    case .trouble: descending { Double($0.state.urgency) }
    case .held: descending { Double($0.held) }
    case .lost: descending { Double($0.counters.lost) }
    case .lag: descending { $0.lag.value ?? -1 }
    }
  }

  var next: SortOrder {
    let all = Self.allCases
    return all[((all.firstIndex(of: self) ?? 0) + 1) % all.count]
  }
}
