internal import Actions
package import FleetModel
package import TerminalKit
package import Terms

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
    /// A failover of the selected shard opens its screen when it begins.
    package var opensFailovers: Bool
    /// Whether this run may change a cluster.
    package var permission: Permission
    /// A vtctld is named.
    package var hasVtctld: Bool
    /// A vtctld or a vtadmin is named.
    package var canReparent: Bool
    /// Shards whose trouble is meant to be.
    package var ignored: [NamePattern] = []

    package init(
      title: String, interval: Duration, utcOffset: Int = 0, isLab: Bool = false,
      opensFailovers: Bool = true, permission: Permission = .onRequest, hasVtctld: Bool = false,
      canReparent: Bool = false
    ) {
      self.title = title
      self.interval = interval
      self.utcOffset = utcOffset
      self.isLab = isLab
      self.opensFailovers = opensFailovers
      self.permission = permission
      self.hasVtctld = hasVtctld
      self.canReparent = canReparent
    }
  }

  enum ScreenKind: Equatable, Sendable {
    case fleet, shard
    /// One failover, by its number.
    case failover(Int)
    /// All failovers of the run.
    case failovers
    /// What happened, to one shard or at all.
    case events(ShardName?)
    /// Two failovers side by side.
    case comparison(Int, Int)
  }

  private struct Remark: Equatable {
    let text: String
    let until: Instant
  }

  package let settings: Settings
  /// What is known now; see ``fleet`` for what is shown.
  package internal(set) var live: Fleet
  package private(set) var size: Size
  /// The present; see ``now`` for the moment that is shown.
  private(set) var present: Instant
  private var history = FleetHistory()
  private(set) var trends = FleetTrends()
  /// What is shown instead of the present, kept even when the history has dropped it; nil shows the
  /// present.
  private var past: FleetHistory.Moment?
  package private(set) var pace = Pace()
  /// Shards that the operator wants watched at the fast rate, and until when.
  private(set) var armed: [ShardName: Instant] = [:]
  /// Shards that are watched at the fast rate, armed or stirring.
  package private(set) var closelyWatched: Set<ShardName> = []
  private var closeTargets: Set<Target> = []
  /// Most terminals never say that they have lost it.
  private var isFocused = true
  /// Between two polls of what is not watched closely.
  private(set) var interval: Duration
  private var wasStirring: Set<ShardName> = []
  /// The last event that the session was told of.
  private var lastNews = 0
  var screen = ScreenKind.fleet
  /// Why the topology cannot be asked; nil when it can, or nobody wants to.
  private(set) var topoFailure: String?
  /// What stands over the screen; nil when nothing does.
  var dialog: Dialog?
  /// Until when actions are allowed; nil when they are not.
  var allowedUntil: Instant?
  /// What was done in this run and how it went, by number.
  var reports: [Int: ActionReport] = [:]
  var nextAction = 1
  /// When the facts of a preflight were last asked for.
  var lookedUpAt = Instant(nanoseconds: 0)
  /// The step of the dialog that a frame has shown.
  private(set) var shownStep: Dialog.Step?
  /// Something to say about the last key, and until when.
  private var remark: Remark?
  /// Keys that come before this were meant for a screen that is no longer there.
  var ignoresKeysUntil: Instant?
  /// Nil while the help is closed.
  var help: Help?
  private(set) var ownCost: OwnCost?
  /// The shard the operator is looking at; it stays selected wherever sorting puts it.
  var selection: ShardName?
  var sort = SortOrder.trouble
  /// How bad it got for each shard in trouble; kept until all is quiet there, so that rows stay put.
  private var worst: [ShardName: Int] = [:]
  var filter = InputLine()
  var eventFilter = InputLine()
  /// The filter of this screen is being typed.
  var isFilterOpen = false
  /// Events of less are not listed.
  var leastSeverity = FleetEvent.Severity.notice
  /// The failover that was opened by itself last: once left it is not opened again.
  private var openedByItself = 0
  /// The failover to compare others with.
  var marked: Int?
  /// The selected row of the list of failovers.
  var selectedFailover: Int?
  /// The first line shown of a screen that is higher than the terminal.
  var scroll = 0

  package init(settings: Settings, size: Size, now: Instant) {
    self.settings = settings
    self.size = size
    interval = settings.interval
    present = now
    allowedUntil = settings.permission == .fromStart ? now + Self.permissionTime : nil
    live = Fleet(staleAfter: max(.seconds(3), settings.interval * 3))
  }

  /// Advances the model by one message and returns the work the session must do.
  package mutating func update(_ message: Message) -> [Effect] {
    switch message {
    case .keys(let presses, let instant):
      present = max(present, instant)
      return presses.reduce(into: []) { $0 += press($1) }
    case .pasted(let text, let instant):
      present = max(present, instant)
      paste(text)
    case .resized(let size): self.size = size
    case .focused(let isFocused): self.isFocused = isFocused
    case .tick(let instant):
      defer { trends.record(live, at: present) }
      return settle(at: instant)
    case .frame(let instant):
      defer { shownStep = dialog?.step }
      return settle(at: instant)
    case .watching(let target): live.watch(target)
    case .scraped(let outcome):
      present = max(present, outcome.at)
      live.apply(outcome)
    case .forgot(let target, let instant):
      present = max(present, instant)
      live.forget(target, at: instant)
    case .paced(let pace): take(pace)
    case .measured(let cost): ownCost = cost
    case .topo(let keyspaces):
      topoFailure = nil
      live.apply(keyspaces)
    case .topoFailed(let failure): topoFailure = failure
    case .reported(let id, let report): take(report, id)
    case .facts(let shard, let facts): take(facts, of: shard)
    case .lookedUpThrottler(let shard, let version, let apps): take(version, apps, of: shard)
    case .audited(let failure, let wanted): return takeAudit(failure, wanted.wanted)
    case .noted(let event): live.note(event)
    }
    return []
  }

  private mutating func take(_ pace: Pace) {
    self.pace = pace
    // Where the budget makes polls rarer, a reading is not stale for being older.
    live.vtgatesStaleAfter = staleness(pace.vtgateInterval)
    live.tabletsStaleAfter = staleness(pace.tabletInterval)
  }

  private func staleness(_ interval: Duration) -> Duration {
    max(.seconds(3), max(interval, self.interval) * 3)
  }

  private mutating func settle(at instant: Instant) -> [Effect] {
    present = max(present, instant)
    live.settle(at: present)
    history.record(live, at: present, isClose: !closelyWatched.isEmpty)
    if selection == nil { selection = visibleShards.first?.name }
    openNewFailover()
    refreshDialog()
    return watch() + lookUpWhenDue() + news()
  }

  /// How long a remark is shown.
  private static let remarkTime = Duration.seconds(3)

  /// What there is to say about the last key.
  var currentRemark: String? { remark.flatMap { $0.until > present ? $0.text : nil } }

  /// Says something about a key that was pressed.
  mutating func say(_ text: String) {
    remark = Remark(text: text, until: present + Self.remarkTime)
  }

  private mutating func news() -> [Effect] {
    let fresh = live.log.events.reversed().prefix { $0.id > lastNews }.reversed()
    lastNews = fresh.last?.id ?? lastNews
    return fresh.filter { event in !(event.shard.map { settings.ignored.match($0) } ?? false) }
      .map { .news($0) }
  }

  /// The operator ignores the shard's trouble, or others serve in its place.
  func setsAside(_ shard: ShardSummary) -> Bool {
    guard
      shard.state == .noPrimary || shard.state == .noData || shard.state == .blind
        || settings.ignored.match(shard.name)
    else { return false }
    return shard.state != .serving
      && (settings.ignored.match(shard.name) || fleet.successors(of: shard.name) != nil)
  }

  /// For so long after the screen has changed by itself a key is not meant for what is there now.
  static let surpriseTime = Duration.milliseconds(500)

  /// The newest failover that goes on and is not looked at; nil when there is none.
  var failoverElsewhere: Failover? {
    guard !isPaused else { return nil }
    return live.failovers.going.last { failover in
      !failover.phase.isOver && screen != .failover(failover.id)
        && !(screen == .shard && selection == failover.shard)
    }
  }

  /// The same where the screen does not show it anyway.
  var announced: Failover? {
    failoverElsewhere.flatMap { failover in
      screen == .fleet && visibleShards.contains { $0.name == failover.shard } ? nil : failover
    }
  }

  /// Opens the selected shard's failover when one begins.
  private mutating func openNewFailover() {
    guard settings.opensFailovers, !isPaused, dialog == nil, help == nil,
      !isFilterOpen, let selection,
      let last = live.failovers.last(of: selection), last.ended == nil, last.kind != .errors,
      last.id > openedByItself
    else { return }
    openedByItself = last.id
    let before = screen
    defer { if screen != before { ignoresKeysUntil = present + Self.surpriseTime } }
    switch screen {
    // From the whole fleet one shard is worth it only when it alone is in trouble.
    case .fleet where live.failovers.going.count == 1, .shard: open(last)
    case .failover(let id) where live.failovers[id]?.phase.isOver != false: open(last)
    default: break
    }
  }

  mutating func open(_ failover: Failover) {
    screen = .failover(failover.id)
    scroll = 0
  }

  private mutating func noteTrouble(_ stirring: Set<ShardName>) {
    var next: [ShardName: Int] = [:]
    // Whom others wait for is the one to look at.
    let culprits = Set(live.summaries.compactMap(\.waitsFor))
    for shard in live.summaries {
      let isQuiet =
        (shard.state == .serving && !stirring.contains(shard.name)) || setsAside(shard)
      guard !isQuiet, shard.state != .noData else { continue }
      let failover = live.failovers.last(of: shard.name)
      let hasFailed = failover.map { $0.ended == nil && $0.failed.isSomething } ?? false
      let urgency =
        if culprits.contains(shard.name) {
          Shard.State.worstUrgency + 2
        } else if hasFailed {
          Shard.State.worstUrgency + 1
        } else {
          shard.state.urgency
        }
      next[shard.name] = max(worst[shard.name] ?? 0, urgency)
    }
    worst = next
  }

  // MARK: Past and present

  /// What is shown.
  package var fleet: Fleet { past?.fleet ?? live }
  /// The moment that is shown.
  package var now: Instant { past?.at ?? present }
  var isPaused: Bool { past != nil }
  /// How far in the past that is; nil when it is the present.
  var behind: Duration? { past.map { present - $0.at } }

  /// Stops the screen at this moment, or lets it go on.
  mutating func togglePause() {
    past = past == nil ? history.moments.last ?? .init(at: present, fleet: live) : nil
  }

  /// Shows the moment so many steps later, or earlier.
  mutating func step(moments count: Int) {
    guard let past else { return }
    let moments = history.moments
    // Of a moment that was dropped meanwhile the oldest one kept is the next.
    let index = moments.lastIndex { $0.at <= past.at } ?? -1
    guard index + count >= 0, !moments.isEmpty else { return }
    self.past = moments[min(index + count, moments.count - 1)]
  }

  /// Shows the moment of the next event, or of the one before; of the open shard if one is.
  mutating func stepToEvent(forward: Bool) {
    guard let past, let oldest = history.moments.first else { return }
    let shard = screen == .fleet || screen == .failovers ? nil : selection
    let moments = history.moments
    // What an event tells is on the screen from the next moment on.
    let stops = live.log.events
      .filter { $0.at >= oldest.at && (shard == nil || $0.shard == nil || $0.shard == shard) }
      .compactMap { event in moments.first { $0.at >= event.at } }
      .sorted { $0.at < $1.at }
    let next = forward ? stops.first { $0.at > past.at } : stops.last { $0.at < past.at }
    if let next { self.past = next }
  }

  // MARK: Watching closely

  /// How many times longer the interval is while the window has lost the focus and nothing goes on.
  private static let unfocusedFactor = 3
  /// How long an armed shard stays so while nothing happens.
  static let armedTime: Duration = .seconds(300)

  /// Arms the selected shard, or disarms it.
  mutating func toggleArmed() {
    guard let selection else { return }
    if armed.removeValue(forKey: selection) == nil { arm(selection) }
  }

  mutating func arm(_ shard: ShardName) { armed[shard] = present + Self.armedTime }

  /// Asks for the fast rate where something goes on or is expected.
  private mutating func watch() -> [Effect] {
    let stirring = live.stirring(at: present)
    armed = armed.filter { shard, end in
      // What was waited for has happened and is over: ten quiet seconds disarm.
      end > present && !(wasStirring.contains(shard) && !stirring.contains(shard))
    }
    wasStirring = stirring
    noteTrouble(stirring)
    closelyWatched = stirring.union(armed.keys)
    // Whoever is about to reparent a shard wants to see all of it.
    if case .reparent(let form) = dialog { closelyWatched.insert(form.shard) }
    let targets = live.targets(of: closelyWatched)
    var effects: [Effect] = []
    if targets != closeTargets {
      closeTargets = targets
      effects.append(.watchClosely(targets))
    }
    let isWanted = isFocused || !closelyWatched.isEmpty
    let interval = settings.interval * (isWanted ? 1 : Self.unfocusedFactor)
    if interval != self.interval {
      self.interval = interval
      take(pace)
      effects.append(.poll(every: interval))
    }
    return effects
  }

  var showsEvents: Bool { if case .events = screen { true } else { false } }

  /// Opens one shard's screen, as the enter key does.
  package mutating func open(_ shard: ShardName) {
    selection = shard
    screen = .shard
    scroll = 0
  }

  mutating func setBaseline() { live.setBaseline(at: present) }
  mutating func clearBaseline() { live.clearBaseline(at: present) }

  /// The shards that pass the filter, in the chosen order.
  package var visibleShards: [ShardSummary] {
    let shards = fleet.summaries
    let passing =
      filter.isEmpty ? shards : shards.filter { filter.matches($0.name.description) }
    return sort.sorted(passing, worst)
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
  case trouble, name, held, failed, lag

  /// Sorts shards; equals stay in the order of their names, so that nothing jumps about.
  ///
  /// `worst`: how bad it got for those in trouble.
  func sorted(_ shards: [ShardSummary], _ worst: [ShardName: Int]) -> [ShardSummary] {
    func descending(_ value: (ShardSummary) -> Double) -> [ShardSummary] {
      shards.enumerated().sorted { left, right in
        let (a, b) = (value(left.element), value(right.element))
        return a != b ? a > b : left.offset < right.offset
      }.map(\.element)
    }
    return switch self {
    case .name: shards
    case .trouble:
      worst.isEmpty
        ? shards : descending { Double(worst[$0.name] ?? 0) }
    case .held: descending { Double($0.held ?? 0) }
    // What may have failed comes before what surely did not.
    case .failed: descending { $0.failed.map { Double($0.count ?? 0) + 0.5 } ?? 0 }
    case .lag: descending { $0.lag.value ?? -1 }
    }
  }

  var next: SortOrder {
    let all = Self.allCases
    return all[((all.firstIndex(of: self) ?? 0) + 1) % all.count]
  }
}
