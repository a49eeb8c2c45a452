internal import TerminalKit

/// Something that can be done with a key: a row of the one table.
///
/// Which key does what, the footer, the help, the README and docs/keys.md all come from ``table``.
struct Command: Sendable, Identifiable {
  /// What the dispatcher switches on; the raw value is its name.
  enum ID: String, CaseIterable, Sendable {
    case back, up, down
    case pageUp = "page-up"
    case pageDown = "page-down"
    case first, last, open
    case nextShard = "next-shard"
    case previousShard = "previous-shard"
    case filter, sort, events, failovers, jump, compare
    case stop, earlier, later
    case eventBefore = "event-before"
    case nextEvent = "next-event"
    case arm, throttle, release, throttler, reparent
    case lastAction = "last-action"
    case allow
    case baseline
    case noBaseline = "no-baseline"
    case rehearse, redraw, help, quit
  }

  enum Group: String, CaseIterable, Sendable {
    case moving = "Moving about"
    case choosing = "Choosing what is shown"
    case past = "Looking back"
    case acting = "Acting"
    case program = "The program"
  }

  /// What must hold besides the screen.
  enum Need: Sendable {
    case embeddedCluster, stopped, failoverElsewhere
    /// There is another screen, or a filter, to leave.
    case somethingToLeave
  }

  let id: ID
  let group: Group
  let keys: [Key]
  /// Where it does something; nil: on every screen.
  let screens: Set<Place>?
  let need: Need?
  /// It ends the program, changes how servers are asked, or leads to what changes a cluster: only a key
  /// that came alone means it.
  let mustBeMeant: Bool
  let meaning: String

  private init(
    _ id: ID, _ group: Group, _ keys: [Key], on screens: Set<Place>? = nil, when need: Need? = nil,
    mustBeMeant: Bool = false, _ meaning: String
  ) {
    self.id = id
    self.group = group
    self.keys = keys
    self.screens = screens
    self.need = need
    self.mustBeMeant = mustBeMeant
    self.meaning = meaning
  }

  static let table: [Command] = [
    Command(
      .up, .moving, [.up, .character("k")], "shard above; on a shard, scroll up"),
    Command(
      .down, .moving, [.down, .character("j")], "shard below; on a shard, scroll down"),
    Command(.pageUp, .moving, [.pageUp, .control("b")], "a page up"),
    Command(.pageDown, .moving, [.pageDown, .control("f")], "a page down"),
    Command(.first, .moving, [.home, .character("g")], "first"),
    Command(.last, .moving, [.end, .character("G")], "last"),
    Command(
      .open, .moving, [.enter, .character("l"), .right], on: [.fleet, .failovers],
      "open the selected shard or failover"),
    Command(
      .back, .moving, [.escape, .character("h"), .left, .backspace], when: .somethingToLeave,
      "back to the fleet; on the fleet, remove the filter"),
    Command(
      .nextShard, .moving, [.tab, .character("]")], on: [.shard],
      "next shard, from a shard's screen"),
    Command(
      .previousShard, .moving, [.backTab, .character("[")], on: [.shard],
      "previous shard, from a shard's screen"),
    Command(
      .filter, .choosing, [.character("/")], on: [.fleet, .events],
      "filter shards by a part of their name, events by words"),
    Command(
      .sort, .choosing, [.character("s")], on: [.fleet, .events],
      "sort by trouble, name, held, failed, lag; events by severity"),
    Command(
      .events, .choosing, [.character("e")],
      "all events of this run; on a shard, those of that shard"),
    Command(
      .failovers, .choosing, [.character("f")],
      "failovers of this run; on a shard, its last one"),
    Command(
      .jump, .choosing, [.character("n")], when: .failoverElsewhere,
      "to the newest failover that goes on elsewhere"),
    Command(
      .compare, .choosing, [.character("c")], on: [.failover, .failovers],
      "compare: mark a failover, then choose another"),
    Command(
      .stop, .past, [.character(" ")], "stop the screen to look back; again, go on live"),
    Command(
      .earlier, .past, [.character(",")], when: .stopped, "while stopped, a moment back"),
    Command(.later, .past, [.character(".")], when: .stopped, "while stopped, a moment on"),
    Command(
      .eventBefore, .past, [.character("<")], when: .stopped,
      "while stopped, to the event before"),
    Command(
      .nextEvent, .past, [.character(">")], when: .stopped, "while stopped, to the next event"),
    Command(
      .arm, .acting, [.character("a")], mustBeMeant: true,
      "expect a failover of the selected shard: poll it fast"),
    Command(
      .throttle, .acting, [.character("t")], mustBeMeant: true,
      "throttle an app; asks before anything is sent"),
    Command(
      .release, .acting, [.character("u")], mustBeMeant: true,
      "throttled apps of the shard: release or renew"),
    Command(
      .throttler, .acting, [.character("T")], mustBeMeant: true,
      "the keyspace's throttler: on, off, threshold, metric"),
    Command(
      .reparent, .acting, [.character("R")], mustBeMeant: true,
      "reparent the shard: preflight, then its name typed"),
    Command(
      .lastAction, .acting, [.character("v")], "view the last action and how it went"),
    Command(
      .allow, .acting, [.character("A")], mustBeMeant: true,
      "allow actions for a while, or forbid them again"),
    Command(
      .baseline, .acting, [.character("b")], "baseline: counters count from now on"),
    Command(
      .noBaseline, .acting, [.character("B")], "no baseline: counters are the vtgates' totals"),
    Command(
      .rehearse, .acting, [.character("F")], when: .embeddedCluster, mustBeMeant: true,
      "in the demo: reparent as with R, y typed for the name"),
    Command(.redraw, .program, [.control("l")], "draw the screen anew"),
    Command(.help, .program, [.character("?")], "this help"),
    Command(
      .quit, .program, [.character("q"), .control("c")], mustBeMeant: true, "quit"),
  ]

  private static let rows = Dictionary(uniqueKeysWithValues: table.map { ($0.id, $0) })

  /// The row of a name; every name has one, as a test holds.
  static func row(_ id: ID) -> Command? { rows[id] }

  /// What a key does on a screen, as far as the screen alone decides.
  static func all(for key: Key, on place: Place) -> [Command] {
    table.filter { $0.keys.contains(key) && $0.screens?.contains(place) ?? true }
  }

  /// The keys as the help and the footer write them.
  func keyText(_ glyphs: Glyphs) -> String {
    keys.map { $0.text(glyphs) }.joined(separator: " ")
  }
}

extension Key {
  /// The key as it is written on screens and in documents.
  func text(_ glyphs: Glyphs) -> String {
    let isUnicode = glyphs == .unicode
    return switch self {
    case .character(" "): "space"
    case .character(let letter): String(letter)
    case .control(let letter): "^\(letter.uppercased())"
    case .enter: String(glyphs.enter)
    case .escape: "Esc"
    case .backspace: "Bksp"
    case .delete: "Del"
    case .tab: "Tab"
    case .backTab: "S-Tab"
    case .up: isUnicode ? "↑" : "up"
    case .down: isUnicode ? "↓" : "down"
    case .left: isUnicode ? "←" : "left"
    case .right: isUnicode ? "→" : "right"
    case .pageUp: "PgUp"
    case .pageDown: "PgDn"
    case .home: "Home"
    case .end: "End"
    }
  }
}
