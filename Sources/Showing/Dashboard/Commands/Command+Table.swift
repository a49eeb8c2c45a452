internal import TerminalKit

extension Command {
  /// What is to be done; the raw value is its name.
  enum ID: String, CaseIterable, Sendable {
    case back, up, down
    case pageUp = "page-up"
    case pageDown = "page-down"
    case first, last, open
    case nextShard = "next-shard"
    case previousShard = "previous-shard"
    case filter, sort, severity, events, failovers, jump, compare
    case stop, earlier, later
    case eventBefore = "event-before"
    case nextEvent = "next-event"
    case arm, throttle, release, throttler, reparent
    case lastAction = "last-action"
    case allow
    case baseline
    case noBaseline = "no-baseline"
    case rehearse, redraw, help, quit, interrupt
    case previousField = "previous-field"
    case nextField = "next-field"
    case previousChoice = "previous-choice"
    case nextChoice = "next-choice"
    case toggle
    case goOn = "go-on"
    case send
    case sendReparent = "send-reparent"
    case goBack = "go-back"
    case releaseRule = "release-rule"
    case renewRule = "renew-rule"
    case confirmPermission = "confirm-permission"
    case cancel
    case breakOff = "break-off"
    case confirmBreakOff = "confirm-break-off"
    case closeAction = "close-action"
    case closeEndedAction = "close-ended-action"
    case confirmLeaving = "confirm-leaving"
    case dismiss
    case closeNotice = "close-notice"
    case keepFilter = "keep-filter"
    case removeFilter = "remove-filter"
    case closeHelp = "close-help"
    case showAllHelp = "show-all-help"
    case deleteCharacter = "delete-character"
    case deleteWord = "delete-word"
    case clearLine = "clear-line"
  }

  private static let rows: Set<Place> = Place.screens.union([.rules, .help])

  static let table: [Command] =
    moving + choosing + past + acting + program + dialogs + typing

  private static let moving: [Command] = [
    Command(
      .up, .moving, [.up, .character("k")], on: rows,
      "the row above; where there are no rows, scroll up"),
    Command(
      .down, .moving, [.down, .character("j")], on: rows,
      "the row below; where there are no rows, scroll down"),
    Command(.pageUp, .moving, [.pageUp, .control("b")], on: rows, "a page up"),
    Command(.pageDown, .moving, [.pageDown, .control("f")], on: rows, "a page down"),
    Command(.first, .moving, [.home, .character("g")], on: rows, "first"),
    Command(.last, .moving, [.end, .character("G")], on: rows, "last"),
    Command(
      .open, .moving, [.enter, .character("l"), .right], on: [.fleet, .failovers],
      "open the selected shard or failover"),
    Command(
      .back, .moving, [.escape, .character("h"), .left, .backspace], when: .somethingToLeave,
      "back towards the fleet; on the fleet, remove the filter", changes: { $0.goBack() }),
    Command(
      .nextShard, .moving, [.tab, .character("]")], on: [.shard],
      "next shard, from a shard's screen"),
    Command(
      .previousShard, .moving, [.backTab, .character("[")], on: [.shard],
      "previous shard, from a shard's screen"),
  ]

  private static let choosing: [Command] = [
    Command(
      .filter, .choosing, [.character("/")], on: [.fleet, .events],
      "filter shards by a part of their name, events by words", changes: { $0.openFilter() }),
    Command(
      .sort, .choosing, [.character("s")], on: [.fleet],
      "sort by trouble, name, held, failed, lag", changes: { $0.sort = $0.sort.next }),
    Command(
      .severity, .choosing, [.character("s")], on: [.events],
      "all events, warnings and worse, or critical ones", changes: { $0.raiseSeverity() }),
    Command(
      .events, .choosing, [.character("e")],
      "all events of this run; on a shard, those of that shard",
      changes: { $0.show(EventsScreen(shard: $0.screen.subject(in: $0))) }),
    Command(
      .failovers, .choosing, [.character("f")],
      "failovers of this run; on a shard, its last one", changes: { $0.show(FailoversScreen()) }),
    Command(
      .jump, .choosing, [.character("n")], when: .failoverElsewhere,
      "to the newest failover that goes on elsewhere", changes: { $0.jump() }),
    Command(
      .compare, .choosing, [.character("c")], on: [.failover, .failovers],
      "compare: mark a failover, then choose another"),
  ]

  private static let past: [Command] = [
    Command(
      .stop, .past, [.character(" ")], "stop the screen to look back; again, go on live",
      changes: { $0.togglePause() }),
    Command(
      .earlier, .past, [.character(",")], when: .stopped, "while stopped, a moment back",
      changes: { $0.step(moments: -1) }),
    Command(
      .later, .past, [.character(".")], when: .stopped, "while stopped, a moment on",
      changes: { $0.step(moments: 1) }),
    Command(
      .eventBefore, .past, [.character("<")], when: .stopped,
      "while stopped, to the event before", changes: { $0.stepToEvent(forward: false) }),
    Command(
      .nextEvent, .past, [.character(">")], when: .stopped, "while stopped, to the next event",
      changes: { $0.stepToEvent(forward: true) }),
  ]

  private static let acting: [Command] = [
    Command(
      .arm, .acting, [.character("a")], mustBeMeant: true,
      "expect a failover of the selected shard: poll it fast", changes: { $0.toggleArmed() }),
    Command(
      .throttle, .acting, [.character("t")], mustBeMeant: true,
      "throttle an app; asks before anything is sent", asks: { $0.want(.throttle) }),
    Command(
      .release, .acting, [.character("u")], mustBeMeant: true,
      "throttled apps of the shard: release or renew", asks: { $0.want(.rules) }),
    Command(
      .throttler, .acting, [.character("T")], mustBeMeant: true,
      "the keyspace's throttler: on, off, threshold, metric", asks: { $0.want(.throttler) }),
    Command(
      .reparent, .acting, [.character("R")], mustBeMeant: true,
      "reparent the shard: preflight, then its name typed", asks: { $0.want(.reparent) }),
    Command(
      .lastAction, .acting, [.character("v")], "view the last action and how it went",
      changes: { $0.showLastAction() }),
    Command(
      .allow, .acting, [.character("A")], mustBeMeant: true,
      "allow actions for a while, or forbid them again", asks: { $0.toggleActions() }),
    Command(
      .baseline, .acting, [.character("b")], "baseline: counters count from now on",
      changes: { $0.setBaseline() }),
    Command(
      .noBaseline, .acting, [.character("B")], "no baseline: counters are the vtgates' totals",
      changes: { $0.clearBaseline() }),
    Command(
      .rehearse, .acting, [.character("F")], when: .embeddedCluster, mustBeMeant: true,
      "in the demo: reparent as with R, y typed for the name", asks: { $0.want(.rehearsal) }),
  ]

  private static let program: [Command] = [
    Command(.redraw, .program, [.control("l")], "draw the screen anew", asks: { _ in [.redraw] }),
    Command(.help, .program, [.character("?")], "this help", changes: { $0.layers.push(Help()) }),
    Command(.quit, .program, [.character("q")], mustBeMeant: true, "quit", asks: { $0.leave() }),
    Command(
      .interrupt, .program, [.control("c")], on: Place.everywhere, mustBeMeant: true,
      "quit, from a form too: what was begun in it is dropped", asks: { $0.leave() }),
  ]

  private static let dialogs: [Command] = [
    Command(
      .previousField, .dialogs, [.up, .backTab], on: [.form, .reparent], "to the field above"),
    Command(.nextField, .dialogs, [.down, .tab], on: [.form, .reparent], "to the field below"),
    Command(
      .previousChoice, .dialogs, [.left], on: [.form, .reparent], "the choice before of a field"),
    Command(.nextChoice, .dialogs, [.right], on: [.form, .reparent], "the next choice of a field"),
    Command(
      .toggle, .dialogs, [.character(" ")], on: [.form, .reparent], mustBeMeant: true,
      "the next choice where nothing is typed; on a check that fails, override it"),
    Command(
      .goOn, .dialogs, [.enter], on: [.form], mustBeMeant: true,
      "go on to the words of what will be done"),
    // Another key than the one that goes on to the words, so that the same key again and again sends
    // nothing.
    Command(
      .send, .dialogs, [.character("y")], on: [.review], mustBeMeant: true,
      "send what has been put into words"),
    Command(.goBack, .dialogs, [.escape], on: [.review], "back to the fields"),
    Command(
      .sendReparent, .dialogs, [.enter], on: [.reparent], mustBeMeant: true,
      "send it, from the last line with the shard's name typed"),
    Command(
      .releaseRule, .dialogs, [.enter, .character("u")], on: [.rules], mustBeMeant: true,
      "release the selected app"),
    Command(
      .renewRule, .dialogs, [.character("r")], on: [.rules], mustBeMeant: true,
      "renew the selected app's rule"),
    Command(
      .confirmPermission, .dialogs, [.enter], on: [.permission], mustBeMeant: true,
      "allow actions, with yes typed"),
    Command(
      .cancel, .dialogs, [.escape], on: [.form, .reparent, .rules, .permission],
      "cancel: nothing is done"),
    Command(
      .closeAction, .dialogs, [.escape], on: [.progress], "close it; what runs goes on",
      changes: { $0.layers.pop() }),
    Command(
      .closeEndedAction, .dialogs, [.enter], on: [.progress], mustBeMeant: true,
      "close it, once it has ended"),
    Command(
      .breakOff, .dialogs, [.character("x")], on: [.progress], mustBeMeant: true,
      "while a reparent runs, ask whether to break its call off"),
    Command(
      .confirmBreakOff, .dialogs, [.character("y")], on: [.breakOff], mustBeMeant: true,
      "break the call off"),
    Command(
      .confirmLeaving, .dialogs, [.character("q")], on: [.leave], mustBeMeant: true,
      "leave the program"),
    Command(
      .dismiss, .dialogs, [.escape], orAnyKey: true, on: [.breakOff, .leave], mustBeMeant: true,
      "no: all goes on as it is", changes: { $0.layers.pop() }),
    Command(
      .closeNotice, .dialogs, [.escape], orAnyKey: true, on: [.notice], mustBeMeant: true,
      "close it", changes: { $0.layers.pop() }),
  ]

  private static let typing: [Command] = [
    Command(.keepFilter, .typing, [.enter], on: [.filter], "keep the filter"),
    Command(.removeFilter, .typing, [.escape], on: [.filter], "remove the filter"),
    Command(
      .showAllHelp, .typing, [.escape], on: [.help], "show all of the help again, then close it"),
    Command(
      .closeHelp, .typing, [.enter, .character("?")], on: [.help], "close the help",
      changes: { $0.layers.pop() }),
    Command(
      .deleteCharacter, .typing, [.backspace], on: Place.typing, "delete a character",
      changes: { $0.edit(.backspace) }),
    Command(
      .deleteWord, .typing, [.control("w")], on: Place.typing, "delete a word",
      changes: { $0.edit(.control("w")) }),
    Command(
      .clearLine, .typing, [.control("u")], on: Place.typing, "clear the line",
      changes: { $0.edit(.control("u")) }),
  ]
}
