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
    case .open, .filter, .sort: screen == .fleet
    case .back: screen == .shard || !filter.isEmpty
    case .nextShard, .previousShard: screen == .shard
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
    case .open: if let selection { open(selection) }
    case .back:
      if screen == .shard { screen = .fleet } else { filter = "" }
      scroll = 0
    case .nextShard: step(by: 1)
    case .previousShard: step(by: -1)
    case .filter: isFilterOpen = true
    case .sort: sort = sort.next
    case .baseline: setBaseline()
    case .clearBaseline: clearBaseline()
    case .rehearse: if let selection { return [.rehearseReparent(selection)] }
    }
    return []
  }

  private mutating func move(by rows: Int) {
    switch screen {
    case .fleet: step(by: rows)
    case .shard: scroll = min(max(0, scroll + rows), scrollLimit)
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
  case baseline, clearBaseline, rehearse, redraw, help, quit

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
    case .open: "open the selected shard"
    case .back: "back to the fleet; on the fleet, remove the filter"
    case .nextShard: "next shard, from a shard's screen"
    case .previousShard: "previous shard, from a shard's screen"
    case .filter: "filter shards by a part of their name"
    case .sort: "sort by name, trouble, held, lost, lag"
    case .baseline: "baseline: counters count from now on"
    case .clearBaseline: "no baseline: counters are the vtgates' totals"
    case .rehearse: "lab only: planned reparent of the selected shard"
    case .redraw: "draw the screen anew"
    case .help: "this help"
    case .quit: "quit"
    }
  }
}
