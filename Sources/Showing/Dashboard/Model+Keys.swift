internal import FleetModel
internal import TerminalKit
internal import Terms

extension Model {
  mutating func press(_ press: KeyPress) -> [Effect] {
    let key = press.key
    if key == .control("c") { return press.cameAlone ? interrupt() : [] }
    guard !isSurprised else { return [] }
    if dialog != nil { return pressInDialog(press) }
    if isFilterOpen { return editFilter(key) }
    if help != nil { return pressInHelp(key) }
    guard let command = Command.all(for: key, on: screen.place).first(where: { holds($0.need) })
    else { return [] }
    guard press.cameAlone || !command.mustBeMeant else {
      let name = if case .character(let letter) = key { "\(letter)" } else { "the key" }
      say("\(name) came together with other keys: press it by itself")
      return []
    }
    return perform(command.id)
  }

  /// Takes pasted text into the field that has the cursor, and nowhere else.
  mutating func paste(_ text: String) {
    guard !isSurprised else { return }
    if dialog != nil {
      if dialog?.paste(text) == true { return }
    } else if isFilterOpen {
      self[keyPath: openFilter].insert(text)
      return filterChanged()
    } else if var query = help?.query {
      query.insert(text)
      help = Help(query: query)
      return
    }
    say("pasted text ignored")
  }

  /// The screen has changed by itself only just now; says so.
  private var isSurprised: Bool {
    mutating get {
      guard let end = ignoresKeysUntil else { return false }
      guard present < end else {
        ignoresKeysUntil = nil
        return false
      }
      say("the screen has just changed by itself: the key was ignored")
      return true
    }
  }

  private func holds(_ need: Command.Need?) -> Bool {
    switch need {
    case nil: true
    case .embeddedCluster: settings.isLab
    case .stopped: isPaused
    case .failoverElsewhere: failoverElsewhere != nil
    case .somethingToLeave: screen.parent != nil || !filter.isEmpty
    }
  }

  private mutating func perform(_ command: Command.ID) -> [Effect] {
    switch command {
    case .quit: return leave()
    case .redraw: return [.redraw]
    case .help: help = Help()
    case .up: move(by: -1)
    case .down: move(by: 1)
    case .pageUp: move(by: -pageLength)
    case .pageDown: move(by: pageLength)
    case .first: move(by: -100_000)
    case .last: move(by: 100_000)
    case .open: openSelected()
    case .back: goBack()
    case .failovers: openFailovers()
    case .events: openEvents()
    case .jump: jump()
    case .compare: mark()
    case .stop: togglePause()
    case .earlier: step(moments: -1)
    case .later: step(moments: 1)
    case .eventBefore: stepToEvent(forward: false)
    case .nextEvent: stepToEvent(forward: true)
    case .nextShard: step(by: 1)
    case .previousShard: step(by: -1)
    case .filter: isFilterOpen = true
    case .sort where showsEvents:
      leastSeverity = leastSeverity.next
      scroll = 0
    case .sort: sort = sort.next
    case .arm: toggleArmed()
    case .throttle: return want(.throttle)
    case .release: return want(.rules)
    case .throttler: return want(.throttler)
    case .reparent: return want(.reparent)
    case .allow: return toggleActions()
    case .lastAction: showLastAction()
    case .baseline: setBaseline()
    case .noBaseline: clearBaseline()
    case .rehearse: return want(.rehearsal)
    }
    return []
  }

  private mutating func move(by rows: Int) {
    switch screen {
    case .fleet: step(by: rows)
    case .failovers:
      let ids = fleet.failovers.all.map(\.id)
      guard let first = ids.first, let last = ids.last, let chosenFailover else { return }
      // The newest is on top.
      selectedFailover = min(max(first, chosenFailover - rows), last)
    default: scroll = min(max(0, scroll + rows), scrollLimit)
    }
  }

  private mutating func openSelected() {
    if screen == .failovers {
      guard let id = chosenFailover, let failover = fleet.failovers[id] else { return }
      selection = failover.shard
      open(failover)
    } else if let selection {
      open(selection)
    }
  }

  private mutating func goBack() {
    if let parent = screen.parent { screen = parent } else { filter.text = "" }
    scroll = 0
  }

  /// From a shard its last failover, else the list of all; from a failover the list.
  private mutating func openFailovers() {
    scroll = 0
    if screen == .shard, let selection, let last = fleet.failovers.last(of: selection) {
      open(last)
      return
    }
    if case .failover(let id) = screen { selectedFailover = id }
    screen = .failovers
  }

  /// The selected row of the list of failovers: the newest until another is chosen, nil in an empty one.
  var chosenFailover: Int? {
    let all = fleet.failovers.all
    return all.contains { $0.id == selectedFailover } ? selectedFailover : all.last?.id
  }

  /// Opens the newest failover that goes on elsewhere.
  private mutating func jump() {
    guard let failoverElsewhere else { return }
    selection = failoverElsewhere.shard
    open(failoverElsewhere)
  }

  /// Marks a failover; a second one is shown beside it.
  private mutating func mark() {
    var id = chosenFailover
    if case .failover(let open) = screen { id = open }
    guard let id else { return }
    if let marked, marked != id, fleet.failovers[marked] != nil {
      screen = .comparison(marked, id)
      self.marked = nil
      scroll = 0
    } else {
      marked = marked == id ? nil : id
    }
  }

  /// Selects another shard among the visible ones.
  private mutating func step(by count: Int) {
    let shards = visibleShards
    guard !shards.isEmpty else { return }
    let current = selection.flatMap { name in shards.firstIndex { $0.name == name } } ?? 0
    selection = shards[min(max(0, current + count), shards.count - 1)].name
    if screen == .shard { scroll = 0 }
  }

  /// Of the open shard what happened there, else everything.
  private mutating func openEvents() {
    scroll = 0
    switch screen {
    case .shard, .failover: screen = .events(selection)
    default: screen = .events(nil)
    }
  }

  private var openFilter: WritableKeyPath<Self, InputLine> {
    showsEvents ? \.eventFilter : \.filter
  }

  private mutating func editFilter(_ key: Key) -> [Effect] {
    switch key {
    case .enter: isFilterOpen = false
    case .escape:
      isFilterOpen = false
      self[keyPath: openFilter].text = ""
    default: _ = self[keyPath: openFilter].edit(key)
    }
    filterChanged()
    return []
  }

  private mutating func filterChanged() {
    scroll = 0
    let names = visibleShards.map(\.name)
    if let selection, !names.contains(selection) { self.selection = names.first }
    if selection == nil { selection = names.first }
  }

  private mutating func pressInHelp(_ key: Key) -> [Effect] {
    guard var help else { return [] }
    switch key {
    case .enter, .character("?"): self.help = nil
    case .escape: self.help = help.query.isEmpty ? nil : Help()
    case .up, .down, .pageUp, .pageDown, .home, .end:
      let most = helpView(help).scrollLimit(in: Size(columns: size.columns, rows: bodyRows))
      let rows =
        switch key {
        case .up: -1
        case .down: 1
        case .pageUp: -pageLength
        case .pageDown: pageLength
        case .home: -most
        default: most
        }
      self.help?.scroll = min(max(0, help.scroll + rows), most)
    default:
      if help.query.edit(key) { self.help = Help(query: help.query) }
    }
    return []
  }

  /// Rows a page key moves by.
  private var pageLength: Int { max(1, bodyRows - 2) }
  /// Rows between the header and the key hints.
  var bodyRows: Int { max(0, size.rows - 2) }
}
