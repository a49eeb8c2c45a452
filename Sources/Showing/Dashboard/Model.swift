package import Actions
package import FleetModel
package import TerminalKit
package import Terms
package import Watching
package import Wording

/// The dashboard: a value that messages change and that draws itself.
///
///     Message ─> update ─> Model ─> render ─> Canvas
///                    └──> [Effect]
///
/// On the terminal is its ``LayerStack``, and what keys do is in ``Command/table``. No terminal,
/// socket, file or clock is visible from here.
package struct Model: Equatable, Sendable {
  private struct Remark: Equatable {
    let text: String
    let until: Instant
  }

  package let settings: Settings
  /// What is known of the cluster; see ``fleet`` for what is shown.
  package private(set) var watch: Watch
  package private(set) var size: Size
  /// What is shown instead of the present, even if the history has dropped it; nil: the present.
  private var past: FleetHistory.PastFleet? { didSet { arrange() } }
  /// The shards that pass the filter, in the chosen order.
  ///
  /// Stored, because each of several keys that arrive together asks for it.
  package private(set) var visibleShards: [ShardSummary] = []
  /// The screen and the layers on top of it.
  var layers = LayerStack(FleetScreen())
  /// Until when actions are allowed; nil when they are not.
  var allowedUntil: Instant?
  /// What was done in this run and how it went, by number.
  package internal(set) var reports: [Int: ActionReport] = [:]
  /// When the facts of a preflight were last requested.
  var lookedUpAt = Instant(nanoseconds: 0)
  /// The question that a frame has shown in full.
  private(set) var shownQuestion: String?
  /// What to say about the last key, and until when.
  private var remark: Remark?
  /// The embedded cluster's scenario; nil where it has none.
  package internal(set) var rehearsal: Rehearsal?
  /// Keys that arrive before this were meant for a screen that is gone.
  var ignoresKeysUntil: Instant?
  private(set) var ownCost: OwnCost?
  /// What the watch has been told here and nobody has taken yet.
  private var noted: [Noted] = []
  /// The file into which all of it is recorded; nil where it is not.
  private(set) var recordedInto: String?
  /// How a recording is being played; nil where the cluster itself is watched.
  private(set) var playback: Playback?
  /// The shard the operator is looking at; it stays selected wherever sorting puts it.
  var selection: ShardName?
  var sort = SortOrder.trouble { didSet { arrange() } }
  var filter = InputLine() { didSet { if filter != oldValue { arrange() } } }
  var eventFilter = InputLine()
  /// Events below this are not listed.
  var leastSeverity = FleetEvent.Severity.notice
  /// The failover last opened automatically: once left, it is not opened again.
  private var openedByItself = 0
  /// What the flags that advice names would have made of the failover that was shown last.
  var advised: AdvisedFailover?
  /// The clusters of this run, as far as they have told of themselves; empty where there is one.
  private(set) var clusters: [ClusterGlance] = []
  /// The selected row of the overview; nil until one is chosen.
  var selectedCluster: String?
  /// The failover to compare others with.
  var marked: Int?
  /// The selected row of the list of failovers.
  var selectedFailover: Int?
  /// The chosen theme, and the one that the terminal has: a different one while the operator tries
  /// it out in the palette.
  var theme: String
  private var shownTheme: String
  /// Stand-ins for the known servers; kept from the beginning, so that each server keeps its own.
  private(set) var standIns = HostMask([])
  private var isMasked: Bool
  /// Command lines that were run, newest last.
  private(set) var typedCommands: [String] = []
  /// What the last key asked for, for those who see only the screen, and until when to show it.
  private var asked: Remark?
  /// The first line shown of a screen that is taller than the terminal.
  var scroll = 0

  package init(settings: Settings, size: Size, now: Instant) {
    self.init(settings: settings, watch: Watch(settings.watching, at: now), size: size)
  }

  /// Shows a cluster that has been watched before.
  package init(settings: Settings, watch: Watch, size: Size) {
    self.settings = settings
    self.watch = watch
    self.size = size
    theme = settings.theme
    isMasked = settings.isMasked
    standIns.add(watch.fleet.servers)
    shownTheme = settings.theme
    allowedUntil = settings.permission == .fromStart ? watch.now + Self.permissionTime : nil
    rehearsal = settings.rehearsal
    if settings.isOverview { layers.screen = ClustersScreen() }
    if rehearsal?.phase == .waiting { layers.push(RehearsalDialog()) }
    arrange()
  }

  var screen: any ScreenLayer { layers.screen }
  var live: Fleet { watch.fleet }
  /// The present; see ``now`` for the moment that is shown.
  var present: Instant { watch.now }

  /// Advances the model by one message and returns the work the session must do.
  package mutating func update(_ message: Message) -> [Effect] {
    defer { takeInHand(layers.over.lazy.compactMap(\.shardInHand).last) }
    switch message {
    case .keys(let presses, let instant):
      watch.pass(to: instant)
      return presses.reduce(into: []) { $0 += press($1) } + showTheme()
    case .mouse(let action, let instant):
      watch.pass(to: instant)
      return take(action)
    case .pasted(let text, let instant):
      watch.pass(to: instant)
      paste(text)
      return showTheme()
    case .resized(let size): self.size = size
    case .focused(let isFocused): operate(.attended(isFocused))
    case .observed(let observation):
      watch.take(observation)
      switch observation.news {
      case .watching(let target): standIns.add([target])
      case .outcome(let outcome): standIns.add([outcome.server])
      default: break
      }
    case .operated(let step, let instant):
      watch.take(step, at: instant)
      if case .asked(let words) = step { noteAsked(words) }
    case .recording(let file): recordedInto = file
    case .clusters(let clusters): self.clusters = clusters
    case .sought(let watch): seek(watch)
    case .playing(let playback):
      if let damage = playback.damage, damage != self.playback?.damage {
        say(damage, for: .seconds(60))
      }
      self.playback = playback
    case .tick(let instant):
      let effects = follow(watch.tick(at: instant))
      foretell()
      return effects
    case .moment(let instant): return follow(watch.settle(at: instant))
    case .shown:
      // A question that was shown only in part does not count as shown.
      shownQuestion = layers.top.isWhole(in: self, bodySize) ? layers.top.question : nil
    case .measured(let cost): ownCost = cost
    case .reported(let id, let report): take(report, id)
    case .facts(let shard, let facts): take(facts, of: shard)
    case .lookedUpThrottler(let shard, let release, let apps): take(release, apps, of: shard)
    case .copied(let what, let bytes, let copying): tell(of: copying, what, bytes: bytes)
    case .wrote(let name, let folder, let hasReport):
      tell(ofFiles: name, in: folder, hasReport: hasReport)
    case .notWritten(let reason): say("the screen was not written: \(reason)", for: .seconds(8))
    case .rehearsed(let rehearsal): self.rehearsal = rehearsal
    case .labAnswered(let command, let answer): take(answer, to: command)
    case .audited(let failure, let wanted): return takeAudit(failure, wanted)
    }
    return []
  }

  /// Shows what was known at another moment of a recording.
  private mutating func seek(_ watch: Watch) {
    self.watch = watch
    past = nil
    marked = nil
    standIns.add(watch.fleet.servers)
    // They are counted anew from there.
    openedByItself = watch.fleet.failovers.all.last?.id ?? 0
    selectedFailover = nil
    if [.failover, .comparison].contains(screen.place), let parent = screen.parent { show(parent) }
    arrange()
  }

  /// Updates the screen with what has become known.
  private mutating func follow(_ news: [FleetEvent]) -> [Effect] {
    arrange()
    if selection == nil { selection = visibleShards.first?.name }
    openNewFailover()
    refreshForm()
    return lookUpWhenDue() + news.map { .news($0) }
  }

  /// Shows the theme that is in the palette, or else the chosen one.
  private mutating func showTheme() -> [Effect] {
    let wanted = layers.last(Palette.self)?.themeInSight(in: self) ?? theme
    guard wanted != shownTheme else { return [] }
    shownTheme = wanted
    return [.theme(wanted)]
  }

  /// How long a remark is shown.
  static let remarkTime = Duration.seconds(3)

  /// What to say about the last key.
  var currentRemark: String? { remark.flatMap { $0.until > present ? $0.text : nil } }

  /// Says something about a key that was pressed.
  mutating func say(_ text: String, for time: Duration = remarkTime) {
    remark = Remark(text: text, until: present + time)
  }

  /// What the last key asked for, in words; nil after a while.
  var lastAsked: String? { asked.flatMap { $0.until > present ? $0.text : nil } }

  /// Remembers what was asked for, by a key or by name.
  mutating func noteAsked(_ command: Command) {
    let words = command.id.rawValue.replacing("-", with: " ")
    noteAsked(words)
    // Only there does it show.
    if screen.isForOthers { operate(.asked(words)) }
  }

  private mutating func noteAsked(_ words: String) {
    asked = Remark(text: words, until: present + Self.remarkTime)
  }

  /// How many lines of the palette are kept.
  private static let typedCapacity = 100

  mutating func remember(_ line: String) {
    typedCommands.removeAll { $0 == line }
    typedCommands.append(line)
    if typedCommands.count > Self.typedCapacity { typedCommands.removeFirst() }
  }

  /// Adds what was done here to the events.
  mutating func note(_ kind: FleetEvent.Kind, of shard: ShardName? = nil) {
    let event = FleetEvent(at: present, shard: shard, kind)
    let observation = Observation(of: settings.title, at: present, .event(event))
    watch.take(observation)
    noted.append(.observed(observation))
  }

  /// Does to the watch what the operator wants.
  private mutating func operate(_ step: OperatorStep) {
    watch.take(step, at: present)
    noted.append(.operated(step, at: present))
  }

  private mutating func takeInHand(_ shard: ShardName?) {
    if shard != watch.inHand { operate(.inHand(shard)) }
  }

  /// What the watch has been told here, and by no message.
  package enum Noted: Equatable, Sendable {
    case observed(Observation)
    case operated(OperatorStep, at: Instant)
  }

  /// What the watch has been told here since this was asked last.
  package mutating func takeNoted() -> [Noted] {
    defer { noted = [] }
    return noted
  }

  /// How long after the screen has changed by itself a key is not meant for what it shows.
  static let surpriseTime = Duration.milliseconds(500)

  /// The newest failover in progress that is not being looked at; nil when there is none.
  var failoverElsewhere: Failover? {
    guard !isPaused else { return nil }
    return live.failovers.going.last { failover in
      !failover.phase.isOver && !screen.shows(failover, in: self)
    }
  }

  /// The same, unless the screen mentions it anyway.
  var announced: Failover? {
    failoverElsewhere.flatMap { screen.mentions($0, in: self) ? nil : $0 }
  }

  /// Opens the selected shard's failover when one begins.
  private mutating func openNewFailover() {
    guard settings.opensFailovers, !isPaused, layers.over.isEmpty, let selection,
      let last = live.failovers.last(of: selection), last.ended == nil, last.kind != .errors,
      last.id > openedByItself
    else { return }
    openedByItself = last.id
    guard screen.givesWay(to: last, in: self) else { return }
    open(last)
    ignoresKeysUntil = present + Self.surpriseTime
  }

  // MARK: Past and present

  /// What is shown.
  package var fleet: Fleet { past?.fleet ?? live }
  /// The moment that is shown.
  package var now: Instant { past?.at ?? present }
  var isPaused: Bool { past != nil }
  /// How far in the past that is; nil for the present.
  var behind: Duration? { past.map { present - $0.at } }

  /// Freezes the screen at this moment, or lets it go on.
  mutating func togglePause() {
    past = past == nil ? watch.history.moments.last ?? .init(at: present, fleet: live) : nil
  }

  /// Shows the moment that many steps later, or earlier.
  mutating func step(moments count: Int) {
    guard let past else { return }
    let moments = watch.history.moments
    // If the moment has been dropped, the oldest one kept is next.
    let index = moments.lastIndex { $0.at <= past.at } ?? -1
    guard index + count >= 0, !moments.isEmpty else { return }
    self.past = moments[min(index + count, moments.count - 1)]
  }

  /// Shows the moment of the next event, or of the previous one; of the open shard, if any.
  mutating func stepToEvent(forward: Bool) {
    guard let past, let oldest = watch.history.moments.first else { return }
    let shard = screen.subject(in: self)
    let moments = watch.history.moments
    // What an event reports is on the screen from the next moment on.
    let stops = live.log.events
      .filter { $0.at >= oldest.at && (shard == nil || $0.shard == nil || $0.shard == shard) }
      .compactMap { event in moments.first { $0.at >= event.at } }
      .sorted { $0.at < $1.at }
    let next = forward ? stops.first { $0.at > past.at } : stops.last { $0.at < past.at }
    if let next { self.past = next }
  }

  // MARK: Watching closely

  /// Arms the selected shard, or disarms it.
  mutating func toggleArmed() {
    guard let selection else { return }
    operate(watch.armed[selection] == nil ? .armed(selection) : .disarmed(selection))
  }

  mutating func arm(_ shard: ShardName) { operate(.armed(shard)) }

  /// Acknowledges what is wrong, or takes back what was acknowledged where nothing else is wrong; nil:
  /// no shard is selected.
  mutating func toggleAcknowledged(_ scope: TroubleScope?) {
    guard let scope else { return }
    if !watch.problems(of: scope).isEmpty { return operate(.acknowledged(scope)) }
    let before = watch.acknowledged
    operate(.withdrawn(scope))
    guard watch.acknowledged == before else { return }
    switch scope {
    case .all: say("nothing is wrong that could be acknowledged")
    case .shard(let shard):
      say("nothing is wrong with \(shard); for the whole fleet: :acknowledge all")
    }
  }

  /// Opens one shard's screen, as the enter key does.
  package mutating func open(_ shard: ShardName) {
    selection = shard
    show(ShardScreen())
  }

  /// The mask for hosts and addresses wherever they are drawn; nil shows them.
  package var mask: HostMask? { isMasked || screen.isForOthers ? standIns : nil }

  /// Masks hosts and addresses, or shows them again.
  mutating func toggleMask() {
    isMasked.toggle()
    say(isMasked ? "hosts and addresses are masked" : "hosts and addresses are shown")
  }

  mutating func setBaseline() { operate(.baselineSet) }
  mutating func clearBaseline() { operate(.baselineCleared) }

  private mutating func arrange() {
    let shards = fleet.summaries
    let passing =
      filter.isEmpty ? shards : shards.filter { filter.matches($0.name.description) }
    visibleShards = sort.sorted(passing, watch.worst)
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
