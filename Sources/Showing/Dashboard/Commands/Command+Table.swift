internal import FleetModel
internal import TerminalKit
internal import Watching

/// A kind of layer, whatever it shows: where a command does something.
enum Place: String, CaseIterable, Sendable {
  case clusters = "the overview of clusters"
  case fleet = "the fleet"
  case shard = "a shard"
  case failover = "a failover"
  case failovers = "the list of failovers"
  case events = "events"
  case comparison = "a comparison"
  case presenter = "the presenter's screen"
  case filter = "a filter"
  case palette = "the palette"
  case help = "the help"
  case permission = "the question for permission"
  case form = "a form"
  case named = "the form of a reparent or a cutover"
  case rules = "the list of throttled apps"
  /// What will be done, in words.
  case review = "what is about to be sent"
  case progress = "an action"
  case breakOff = "the question whether to break off"
  case leave = "the question whether to leave"
  case scenario = "the scenario"
  case notice = "a notice"

  /// The screens of one cluster.
  static let ofCluster: Set<Place> = [
    .fleet, .shard, .failover, .failovers, .events, .comparison, .presenter,
  ]
  static let screens = ofCluster.union([.clusters])
  static let everywhere = Set(allCases)
  /// The places with a field for typing.
  static let typing: Set<Place> = [
    .filter, .palette, .help, .permission, .form, .named,
  ]
}

extension Command {
  /// What a command does; the raw value is its name.
  enum ID: String, CaseIterable, Sendable {
    case back, up, down
    case pageUp = "page-up"
    case pageDown = "page-down"
    case first, last, open
    case cluster, clusters
    case shard
    case nextShard = "next-shard"
    case previousShard = "previous-shard"
    case filter, sort, severity, events, failovers, jump, compare
    case cursorEarlier = "cursor-earlier"
    case cursorLater = "cursor-later"
    case stop, earlier, later
    case eventBefore = "event-before"
    case nextEvent = "next-event"
    case nextObservation = "next-observation"
    case failoverBefore = "failover-before"
    case nextFailover = "next-failover"
    case faster, slower, loop, seek
    case present, pin
    case arm, acknowledge
    case setAside = "set-aside"
    case throttle, release, throttler, reparent, cutover
    case lastAction = "last-action"
    case allow
    case baseline
    case noBaseline = "no-baseline"
    case copy, write, note, record
    case saveRecent = "save-recent"
    case rehearse, scenario, lab
    case startClients = "start-clients"
    case closeScenario = "close-scenario"
    case palette, theme, mask, redraw, help, quit, interrupt
    case previousField = "previous-field"
    case nextField = "next-field"
    case previousChoice = "previous-choice"
    case nextChoice = "next-choice"
    case toggle
    case goOn = "go-on"
    case send
    case sendNamed = "send-named"
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
    case complete
    case runCommand = "run-command"
    case closePalette = "close-palette"
    case keepFilter = "keep-filter"
    case removeFilter = "remove-filter"
    case closeHelp = "close-help"
    case showAllHelp = "show-all-help"
    case deleteCharacter = "delete-character"
    case deleteWord = "delete-word"
    case clearLine = "clear-line"
  }

  private static let withRows: Set<Place> = Place.screens.union([.rules, .palette, .help])
    .subtracting([.presenter])

  static let table: [Command] =
    moving + choosing + presenting + past + acting + program + dialogs + typing

  private static let moving: [Command] = [
    Command(
      .up, .moving, [.up, .character("k")], on: withRows,
      "the row above; where there are no rows, scroll up"),
    Command(
      .down, .moving, [.down, .character("j")], on: withRows,
      "the row below; where there are no rows, scroll down"),
    Command(.pageUp, .moving, [.pageUp, .control("b")], on: withRows, "a page up"),
    Command(.pageDown, .moving, [.pageDown, .control("f")], on: withRows, "a page down"),
    Command(.first, .moving, [.home, .character("g")], on: withRows, "the first row"),
    Command(.last, .moving, [.end, .character("G")], on: withRows, "the last row"),
    Command(
      .open, .moving, [.enter, .character("l"), .right], on: [.clusters, .fleet, .failovers],
      "open the selected cluster, shard or failover"),
    Command(
      .back, .moving, [.escape, .character("h"), .left, .backspace], but: [.failover: [.left]],
      when: .somethingToLeave,
      "back towards the fleet; on the fleet, remove the filter, or back to the clusters",
      asks: { $0.goBack() }),
    Command(
      .clusters, .moving, [.character("C")], when: .severalClusters,
      "with several clusters: the overview of them", asks: { _ in [.showCluster(nil)] }),
    Command(
      .cluster, .moving, [], on: Place.screens, when: .severalClusters,
      takes: [Argument(.cluster)], "with several clusters: another one by its name",
      with: { _, arguments in arguments.cluster.map { [.showCluster($0)] } ?? [] }),
    Command(
      .nextShard, .moving, [.tab, .character("]")], on: [.shard, .presenter],
      "next shard, from a shard's screen"),
    Command(
      .previousShard, .moving, [.backTab, .character("[")], on: [.shard, .presenter],
      "previous shard, from a shard's screen"),
  ]

  private static let choosing: [Command] = [
    Command(
      .shard, .choosing, [], takes: [Argument(.shard)], "open a shard by its name",
      with: { model, arguments in
        if let shard = arguments.shard { model.open(shard) }
        return []
      }),
    Command(
      .filter, .choosing, [.character("/")], on: [.fleet, .events],
      takes: [Argument(.text, isOptional: true)],
      "filter shards by a part of their name, events by words",
      with: { model, arguments in
        model.openFilter(arguments.text)
        return []
      }),
    Command(
      .sort, .choosing, [.character("s")], on: [.fleet],
      takes: [Argument(.order, isOptional: true)], "sort by trouble, name, held, failed, lag",
      with: { model, arguments in
        model.sort = arguments.order ?? model.sort.next
        return []
      }),
    Command(
      .severity, .choosing, [.character("s")], on: [.events],
      takes: [Argument(.severity, isOptional: true)],
      "show all events, warnings and worse, or critical ones only",
      with: { model, arguments in
        model.list(from: arguments.severity ?? model.leastSeverity.next)
        return []
      }),
    Command(
      .setAside, .choosing, [],
      "what counts for nothing: ignored, acknowledged, or meant to be as it is",
      changes: { $0.layers.push(SetAsideDialog()) }),
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

  private static let presenting: [Command] = [
    Command(
      .present, .choosing, [.character("p")], on: Place.ofCluster.subtracting([.presenter]),
      "for a shared screen: large figures, hosts masked; follows the worst shard",
      changes: { $0.show(PresenterScreen()) }),
    Command(
      .pin, .choosing, [.character("p")], on: [.presenter],
      "stay with the shard that is shown, or follow the worst again"),
  ]

  private static let past: [Command] = [
    Command(
      .cursorEarlier, .past, [.left], on: [.failover],
      "on a failover, what every vtgate did at a moment: the moment before"),
    Command(
      .cursorLater, .past, [.right], on: [.failover],
      "on a failover, what every vtgate did at a moment: the next one"),
    Command(
      .stop, .past, [.character(" ")],
      "stop the screen to look back; again, go on live; a recording: stand still or play",
      asks: { $0.stopOrPlay() }),
    Command(
      .earlier, .past, [.character(",")], when: .stopped,
      "while stopped, a moment back; in a recording, a second",
      asks: { $0.step(.secondBefore) { $0.step(moments: -1) } }),
    Command(
      .later, .past, [.character(".")], when: .stopped,
      "while stopped, a moment on; in a recording, a second",
      asks: { $0.step(.second) { $0.step(moments: 1) } }),
    Command(
      .eventBefore, .past, [.character("<")], when: .stopped,
      "while stopped or in a recording, to the event before",
      asks: { $0.step(.eventBefore) { $0.stepToEvent(forward: false) } }),
    Command(
      .nextEvent, .past, [.character(">")], when: .stopped,
      "while stopped or in a recording, to the next event",
      asks: { $0.step(.event) { $0.stepToEvent(forward: true) } }),
    Command(
      .nextObservation, .past, [.character(";")], when: .recording, "to the next observation",
      asks: { _ in [.play(.observation)] }),
    Command(
      .failoverBefore, .past, [.character("(")], when: .recording,
      "to the beginning of the failover before", asks: { _ in [.play(.failoverBefore)] }),
    Command(
      .nextFailover, .past, [.character(")")], when: .recording,
      "to the beginning of the next failover", asks: { _ in [.play(.failover)] }),
    Command(
      .faster, .past, [.character("+")], when: .recording, "play faster",
      asks: { _ in [.play(.faster)] }),
    Command(
      .slower, .past, [.character("-")], when: .recording, "play more slowly",
      asks: { _ in [.play(.slower)] }),
    Command(
      .loop, .past, [.character("o")], when: .recording,
      "over and over again, or once", asks: { _ in [.play(.loop)] }),
    Command(
      .seek, .past, [], when: .recording, takes: [Argument(.time)],
      "to a time of the recording, as its header shows times",
      with: { _, arguments in arguments.time.map { [.play(.seek($0))] } ?? [] }),
  ]

  private static let acting: [Command] = [
    Command(
      .arm, .acting, [.character("a")], mustBeMeant: true,
      "expect a failover of the selected shard: poll it fast", changes: { $0.toggleArmed() }),
    Command(
      .acknowledge, .acting, [.character("i")], when: .cluster,
      takes: [Argument(.trouble, isOptional: true)], mustBeMeant: true,
      "acknowledge what is wrong with the selected shard, or with all, until it changes; again, take it back",
      with: { model, arguments in
        model.toggleAcknowledged(arguments.trouble ?? model.selection.map { .shard($0) })
        return []
      }),
    Command(
      .throttle, .acting, [.character("t")],
      takes: [
        Argument(.app, isOptional: true), Argument(.duration, isOptional: true),
        Argument(.ratio, after: "ratio", isOptional: true),
        Argument(.exemption, after: "exempt", isOptional: true),
      ], mustBeMeant: true, "throttle an app; asks before anything is sent",
      with: { $0.want(.throttle($1.throttle)) }),
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
      .cutover, .acting, [.character("X")], when: .proxy, mustBeMeant: true,
      "behind a proxy: start a cutover of its route, then switch it or cancel it",
      asks: { $0.want(.cutover) }),
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
      .rehearse, .acting, [.character("F")], on: Place.ofCluster.union([.scenario]),
      when: .embeddedCluster, mustBeMeant: true,
      "in the demo: reparent as with R, y typed for the name; of a scenario, start it",
      asks: { $0.rehearse() }),
    Command(
      .scenario, .choosing, [.character("S")], when: .scenario,
      "in the demo of a scenario: what it is about, its clients, what came beside the guide",
      changes: { $0.layers.push(RehearsalDialog()) }),
    Command(
      .lab, .acting, [], when: .embeddedCluster, takes: [Argument(.labCommand)],
      "in the demo: a command of the lab, like restart server=vtgate-1 buffer_size=4",
      with: { model, arguments in arguments.text.map { [.lab($0)] } ?? [] }),
  ]

  private static let program: [Command] = [
    Command(
      .palette, .program, [.character(":")], on: Place.screens,
      "any command by its name, with what it takes",
      changes: { $0.layers.push(Palette()) }),
    Command(
      .theme, .program, [], on: Place.screens, when: .themes, takes: [Argument(.theme)],
      "another theme, shown while one chooses",
      with: { model, arguments in
        if let theme = arguments.theme { model.theme = theme }
        return []
      }),
    Command(
      .mask, .program, [], on: Place.screens,
      "stand-ins for hosts and addresses on every screen; again, the names themselves",
      changes: { $0.toggleMask() }),
    Command(
      .copy, .program, [.character("y")],
      mustBeMeant: true,
      "copy the selected shard's row, the failover's summary, or the listed events",
      asks: { $0.copy() }),
    Command(
      .write, .program, [.character("w")], on: Place.screens, mustBeMeant: true,
      "write the screen to a text file and an HTML file, and a failover's report",
      asks: { [.writeScreen(reporting: ($0.screen as? FailoverScreen)?.id)] }),
    Command(
      .note, .program, [.character("N")], when: .cluster,
      takes: [Argument(.text, isOptional: true)],
      "note something among the events, and in the recording",
      with: { model, arguments in
        if let text = arguments.text {
          model.note(.noted(text))
        } else {
          model.layers.push(Palette(beginning: .note))
        }
        return []
      }),
    Command(
      .record, .program, [.character("r")], when: .cluster, mustBeMeant: true,
      "record into a new file; again, end the recording", asks: { _ in [.record] }),
    Command(
      .saveRecent, .program, [], when: .cluster,
      "save what just happened, three minutes at least, as a recording",
      asks: { _ in [.saveRecent] }),
    Command(
      .redraw, .program, [.control("l")], on: Place.screens, "draw the screen anew",
      asks: { _ in [.redraw] }),
    Command(
      .help, .program, [.character("?")], on: Place.screens, "this help",
      changes: { $0.layers.push(Help()) }),
    Command(
      .quit, .program, [.character("q")], on: Place.screens, mustBeMeant: true, "quit",
      asks: { $0.leave() }),
    Command(
      .interrupt, .program, [.control("c")], on: Place.everywhere, mustBeMeant: true,
      "quit, from a form too: what was begun in it is dropped", asks: { $0.leave() }),
  ]
}
