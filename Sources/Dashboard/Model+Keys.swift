internal import FleetModel
internal import TerminalKit

extension Model {
  mutating func press(_ key: Key) -> [Effect] {
    if isFilterOpen { return editFilter(key) }
    if isHelpOpen {
      if key == .control("c") { return [.quit] }
      isHelpOpen = false
      return []
    }
    guard let command = Command.allCases.first(where: { $0.keys.contains(key) && applies($0) })
    else { return [] }
    return perform(command)
  }

  private func applies(_ command: Command) -> Bool {
    switch command {
    case .rehearse: settings.isLab
    case .filter, .sort: screen == .fleet
    case .open: screen == .fleet || screen == .failovers
    case .back: screen != .fleet || !filter.isEmpty
    case .nextShard, .previousShard: screen == .shard
    case .earlier, .later, .eventBefore, .eventAfter: pausedAt != nil
    case .mark:
      if case .failover = screen { true } else { screen == .failovers }
    default: true
    }
  }

  private mutating func perform(_ command: Command) -> [Effect] {
    switch command {
    case .quit: return [.quit]
    case .redraw: return [.redraw]
    case .help: isHelpOpen = true
    case .up: move(by: -1)
    case .down: move(by: 1)
    case .pageUp: move(by: -pageLength)
    case .pageDown: move(by: pageLength)
    case .first: move(by: -100_000)
    case .last: move(by: 100_000)
    case .open: openSelected()
    case .back: goBack()
    case .failovers: openFailovers()
    case .mark: mark()
    case .pause: togglePause()
    case .earlier: step(moments: -1)
    case .later: step(moments: 1)
    case .eventBefore: stepToEvent(forward: false)
    case .eventAfter: stepToEvent(forward: true)
    case .nextShard: step(by: 1)
    case .previousShard: step(by: -1)
    case .filter: isFilterOpen = true
    case .sort: sort = sort.next
    case .arm: toggleArmed()
    case .baseline: setBaseline()
    case .clearBaseline: clearBaseline()
    case .rehearse: if let selection { return [.rehearseReparent(selection)] }
    }
    return []
  }

  private mutating func move(by rows: Int) {
    switch screen {
    case .fleet: step(by: rows)
    case .failovers:
      let ids = fleet.failovers.all.map(\.id)
      guard let first = ids.first, let last = ids.last else { return }
      // The newest is on top.
      selectedFailover = min(max(first, (selectedFailover ?? last) - rows), last)
    default: scroll = min(max(0, scroll + rows), scrollLimit)
    }
  }

  private mutating func openSelected() {
    if screen == .failovers {
      guard let id = selectedFailover, let failover = fleet.failovers[id] else { return }
      selection = failover.shard
      open(failover)
    } else if let selection {
      open(selection)
    }
  }

  private mutating func goBack() {
    switch screen {
    case .fleet: filter = ""
    case .shard, .failovers: screen = .fleet
    case .failover: screen = .shard
    case .comparison: screen = .failovers
    }
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
    selectedFailover = selectedFailover ?? fleet.failovers.all.last?.id
    screen = .failovers
  }

  /// Marks a failover; a second one is shown beside it.
  private mutating func mark() {
    var id = selectedFailover
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
    let names = visibleShards.map(\.name)
    guard !names.isEmpty else { return }
    let current = selection.flatMap { names.firstIndex(of: $0) } ?? 0
    selection = names[min(max(0, current + count), names.count - 1)]
    if screen == .shard { scroll = 0 }
  }

  private mutating func editFilter(_ key: Key) -> [Effect] {
    switch key {
    case .enter: isFilterOpen = false
    case .escape:
      isFilterOpen = false
      filter = ""
    case .backspace: if !filter.isEmpty { filter.removeLast() }
    case .control("u"): filter = ""
    case .control("c"): return [.quit]
    case .character(let character) where filter.count < 64: filter.append(character)
    default: break
    }
    let names = visibleShards.map(\.name)
    if let selection, !names.contains(selection) { self.selection = names.first }
    if selection == nil { selection = names.first }
    return []
  }

  /// Rows a page key moves by.
  private var pageLength: Int { max(1, bodyRows - 2) }
  /// Rows between the header and the key hints.
  var bodyRows: Int { max(0, size.rows - 2) }
}

/// What a key can do; the help and the key hints are made from this list.
enum Command: CaseIterable, Sendable {
  case up, down, pageUp, pageDown, first, last, open, back, nextShard, previousShard, filter, sort
  case failovers, mark, pause, earlier, later, eventBefore, eventAfter
  case arm, baseline, clearBaseline, rehearse, redraw, help, quit

  var keys: [Key] {
    switch self {
    case .up: [.up, .character("k")]
    case .down: [.down, .character("j")]
    case .pageUp: [.pageUp, .control("b")]
    case .pageDown: [.pageDown, .control("f")]
    case .first: [.home, .character("g")]
    case .last: [.end, .character("G")]
    case .open: [.enter, .right, .character("l")]
    case .back: [.escape, .backspace, .left, .character("h")]
    case .nextShard: [.tab, .character("]")]
    case .previousShard: [.backTab, .character("[")]
    case .filter: [.character("/")]
    case .sort: [.character("s")]
    case .failovers: [.character("f")]
    case .mark: [.character("c")]
    case .pause: [.character(" ")]
    case .earlier: [.character(",")]
    case .later: [.character(".")]
    case .eventBefore: [.character("<")]
    case .eventAfter: [.character(">")]
    case .arm: [.character("a")]
    case .baseline: [.character("b")]
    case .clearBaseline: [.character("B")]
    case .rehearse: [.character("F")]
    case .redraw: [.control("l")]
    case .help: [.character("?")]
    case .quit: [.character("q"), .control("c")]
    }
  }

  /// The keys as the help writes them.
  func keyText(_ glyphs: Glyphs) -> String {
    switch self {
    case .up: glyphs == .unicode ? "↑ k" : "up k"
    case .down: glyphs == .unicode ? "↓ j" : "down j"
    case .pageUp: "PgUp"
    case .pageDown: "PgDn"
    case .first: "Home g"
    case .last: "End G"
    case .open: "\(glyphs.enter) l"
    case .back: "Esc h"
    case .nextShard: "Tab ]"
    case .previousShard: "S-Tab ["
    case .filter: "/"
    case .sort: "s"
    case .failovers: "f"
    case .mark: "c"
    case .pause: "space"
    case .earlier: ","
    case .later: "."
    case .eventBefore: "<"
    case .eventAfter: ">"
    case .arm: "a"
    case .baseline: "b"
    case .clearBaseline: "B"
    case .rehearse: "F"
    case .redraw: "^L"
    case .help: "?"
    case .quit: "q ^C"
    }
  }

  var meaning: String {
    switch self {
    case .up: "shard above; on a shard, scroll up"
    case .down: "shard below; on a shard, scroll down"
    case .pageUp: "a page up"
    case .pageDown: "a page down"
    case .first: "first"
    case .last: "last"
    case .open: "open the selected shard or failover"
    case .back: "back to the fleet; on the fleet, remove the filter"
    case .nextShard: "next shard, from a shard's screen"
    case .previousShard: "previous shard, from a shard's screen"
    case .filter: "filter shards by a part of their name"
    case .sort: "sort by trouble, name, held, lost, lag"
    case .failovers: "failovers of this run; on a shard, its last one"
    case .mark: "compare: mark a failover, then choose another"
    case .pause: "stop the screen to look back; again, go on live"
    case .earlier: "while stopped, a moment back"
    case .later: "while stopped, a moment on"
    case .eventBefore: "while stopped, to the event before"
    case .eventAfter: "while stopped, to the next event"
    case .arm: "expect a failover of the selected shard: poll it fast"
    case .baseline: "baseline: counters count from now on"
    case .clearBaseline: "no baseline: counters are the vtgates' totals"
    case .rehearse: "lab only: planned reparent of the selected shard"
    case .redraw: "draw the screen anew"
    case .help: "this help"
    case .quit: "quit"
    }
  }
}
