internal import TerminalKit

/// What a key can do; the help and the key hints are made from this list.
enum Command: CaseIterable, Sendable {
  case up, down, pageUp, pageDown, first, last, open, back, nextShard, previousShard, filter, sort
  case events, failovers, jump, mark, pause, earlier, later, eventBefore, eventAfter
  case arm, throttle, rules, throttler, reparent, lastAction, allow
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
    case .events: [.character("e")]
    case .failovers: [.character("f")]
    case .jump: [.character("n")]
    case .mark: [.character("c")]
    case .pause: [.character(" ")]
    case .earlier: [.character(",")]
    case .later: [.character(".")]
    case .eventBefore: [.character("<")]
    case .eventAfter: [.character(">")]
    case .arm: [.character("a")]
    case .throttle: [.character("t")]
    case .rules: [.character("u")]
    case .throttler: [.character("T")]
    case .reparent: [.character("R")]
    case .lastAction: [.character("v")]
    case .allow: [.character("A")]
    case .baseline: [.character("b")]
    case .clearBaseline: [.character("B")]
    case .rehearse: [.character("F")]
    case .redraw: [.control("l")]
    case .help: [.character("?")]
    case .quit: [.character("q"), .control("c")]
    }
  }

  /// It ends the program, changes how servers are asked, or leads to what changes a cluster: only a key
  /// that came alone means it.
  var mustBeMeant: Bool {
    switch self {
    case .arm, .throttle, .rules, .throttler, .reparent, .allow, .rehearse, .quit: true
    default: false
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
    case .events: "e"
    case .failovers: "f"
    case .jump: "n"
    case .mark: "c"
    case .pause: "space"
    case .earlier: ","
    case .later: "."
    case .eventBefore: "<"
    case .eventAfter: ">"
    case .arm: "a"
    case .throttle: "t"
    case .rules: "u"
    case .throttler: "T"
    case .reparent: "R"
    case .lastAction: "v"
    case .allow: "A"
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
    case .filter: "filter shards by a part of their name, events by words"
    case .sort: "sort by trouble, name, held, failed, lag; events by severity"
    case .events: "all events of this run; on a shard, those of that shard"
    case .failovers: "failovers of this run; on a shard, its last one"
    case .jump: "to the newest failover that goes on elsewhere"
    case .mark: "compare: mark a failover, then choose another"
    case .pause: "stop the screen to look back; again, go on live"
    case .earlier: "while stopped, a moment back"
    case .later: "while stopped, a moment on"
    case .eventBefore: "while stopped, to the event before"
    case .eventAfter: "while stopped, to the next event"
    case .arm: "expect a failover of the selected shard: poll it fast"
    case .throttle: "throttle an app; asks before anything is sent"
    case .rules: "throttled apps of the shard: release or renew"
    case .throttler: "the keyspace's throttler: on, off, threshold"
    case .reparent: "reparent the shard: preflight, then its name typed"
    case .lastAction: "view the last action and how it went"
    case .allow: "allow actions for a while, or forbid them again"
    case .baseline: "baseline: counters count from now on"
    case .clearBaseline: "no baseline: counters are the vtgates' totals"
    case .rehearse: "lab only: planned reparent of the selected shard"
    case .redraw: "draw the screen anew"
    case .help: "this help"
    case .quit: "quit"
    }
  }
}
