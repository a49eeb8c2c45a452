internal import Actions
internal import FleetModel
internal import TerminalKit
internal import Terms
internal import Wording

/// The next step of a cutover of a proxy's route: its start, or while it holds, how it ends.
struct CutoverForm: NamedForm {
  enum Field: NamedFormField, Sendable {
    case server, buffering
    case step, check, force
    case confirmation
  }

  let route: ShardName
  /// Where the proxy's pages are.
  let proxy: Address
  /// The server that it leads to, and those that it may be given to: of a cutover that is under way, its
  /// own.
  let from: String
  let servers: [String]
  private var serverIndex = 0
  /// Whether it ends a hold, which has begun already.
  let isEnding: Bool
  let cluster: String?
  /// How much in flight may be ended: typed, or empty where it is waited for.
  var force = PresetField("", presets: ["", "1", "10", "100"], limit: 6)
  private var isUnbuffered = false
  private var isChecked = true
  private var isCancelling = false
  /// Whether the new server may take writes already, by what the proxy said last.
  private var isUndecided = false
  /// Takes more than any cluster's and route's names together.
  var confirmation = InputLine(limit: 400)
  var focus = Field.confirmation
  var complaint: String?

  /// Nil where no proxy says how the route stands.
  init?(_ shard: Shard, of cluster: String?) {
    let proxies = shard.vtgates.filter { $0.route != nil }
    guard let proxy = proxies.first(where: \.freshness.isFresh) ?? proxies.first,
      let route = proxy.route
    else { return nil }
    if let cutover = route.cutover, cutover.isUnderWay {
      self.init(
        ending: CutoverOrder(
          .cancel, of: shard.name, from: cutover.from, to: cutover.to, at: proxy.address),
        of: cluster)
    } else {
      self.init(
        shard.name, at: proxy.address, from: route.server,
        to: shard.tablets.compactMap { $0.database?.name }.filter { $0 != route.server },
        isEnding: false, of: cluster)
    }
    refresh(shard)
  }

  /// How a hold ends that a known order has begun.
  init(ending begun: CutoverOrder, of cluster: String?) {
    self.init(
      begun.route, at: begun.proxy, from: begun.from, to: [begun.to], isEnding: true, of: cluster)
  }

  private init(
    _ route: ShardName, at proxy: Address, from: String, to servers: [String], isEnding: Bool,
    of cluster: String?
  ) {
    self.route = route
    self.proxy = proxy
    self.from = from
    self.servers = servers
    self.isEnding = isEnding
    self.cluster = cluster
  }

  /// As it would be sent, whatever is still to be typed.
  var order: CutoverOrder {
    var order = CutoverOrder(
      choice, of: route, from: from, to: servers.isEmpty ? "" : servers[serverIndex], at: proxy)
    order.knowsOfDoubt = isUndecided
    return order
  }

  /// Takes how the route stands now.
  mutating func refresh(_ shard: Shard) {
    let standing = shard.vtgates.first { $0.address == proxy }?.route
    isUndecided = standing?.cutover?.phase == .undecided
  }

  private var choice: CutoverOrder.Step {
    guard isEnding else { return .start(isUnbuffered: isUnbuffered) }
    return isCancelling ? .cancel : .carryThrough(isChecked: isChecked, ending: Int(force.text))
  }

  var title: String { "cutover of \(route)" }
  var step: (number: Int, of: Int)? { (isEnding ? 2 : 1, 2) }
  var question: String? { Wording().sentence(order) }
  var shardInHand: ShardName? { route }

  var password: String {
    [cluster, route.description].compactMap(\.self).joined(separator: " ")
  }

  var action: Action? { .cutover(order) }

  // MARK: Fields

  func fields(in model: Model) -> [Field] { fields }

  private var fields: [Field] {
    guard isEnding else { return [.server, .buffering, .confirmation] }
    return isCancelling ? [.step, .confirmation] : [.step, .check, .force, .confirmation]
  }

  var typed: (field: WritableKeyPath<Self, PresetField>, characters: Set<Character>)? {
    guard focus == .force else { return nil }
    return (\.force, Set("0123456789"))
  }

  mutating func step(_ count: Int) {
    switch focus {
    case .server:
      guard !servers.isEmpty else { return }
      serverIndex = (serverIndex + count + servers.count) % servers.count
    case .buffering: isUnbuffered.toggle()
    case .step: isCancelling.toggle()
    case .check: isChecked.toggle()
    case .force: force.step(count)
    case .confirmation: break
    }
  }

  func obstacle(in model: Model) -> FormObstacle<Field>? {
    if fields.contains(.force), !force.text.isEmpty, Int(force.text).map({ $0 < 0 }) ?? true {
      return FormObstacle(
        field: .force, words: "what may be ended is a number, or nothing to wait for it",
        hint: "goes to what may be ended")
    }
    if let failed = model.preflight(self).failed.first {
      return FormObstacle(
        field: field(of: failed.check),
        words: "\(failed.check.rawValue): \(Wording().words(failed.evidence))".safe(),
        hint: "sends nothing: \(failed.check.rawValue) speaks against it")
    }
    return unnamed
  }

  /// Where something can be done about a check that fails.
  private func field(of check: CutoverPreflight.Check) -> Field {
    let field: Field =
      switch check {
      case .server: .server
      case .newWork, .coolDown: .buffering
      case .inFlight: .force
      case .proxy, .route, .time: .confirmation
      }
    return fields.contains(field) ? field : .confirmation
  }

  // MARK: Lines

  func lines(in model: Model, _ room: Size, _ glyphs: Glyphs) -> [DialogLine] {
    let columns = room.columns
    let checks = CheckList(
      rows: model.preflight(self).grouped.map { line in
        .init(
          status: line.status, name: line.check.rawValue,
          evidence: Wording().words(line.evidence).safe())
      })
    let head = fieldLines(columns, glyphs)
    let tail =
      DialogLine.paragraph(
        model.ofCluster(Wording().sentence(order)), columns: columns, .emphasis)
      + DialogLine.paragraph(Wording().consequence(order), columns: columns, .muted)
      + nameLines(columns: columns, glyphs)
    let space = room.rows - head.count - tail.count
    return head
      + checks.lines(in: Size(columns: columns, rows: space), leavingAbove: 1, glyphs) + tail
  }

  private func fieldLines(_ columns: Int, _ glyphs: Glyphs) -> [DialogLine] {
    func choice(_ field: Field, _ label: String, _ words: [String], _ chosen: Int) -> DialogLine {
      .choices(label, words, chosen, isFocused: focus == field, columns: columns, glyphs)
    }
    guard isEnding else {
      let names = servers.isEmpty ? ["none"] : servers.map { $0.safe() }
      return [
        .field("from", from.safe(), isFocused: false, glyphs),
        choice(.server, "to", names, serverIndex),
        choice(.buffering, "unbuffered", ["no", "yes"], isUnbuffered ? 1 : 0),
      ]
    }
    let step = choice(.step, "do", ["switch", "cancel"], isCancelling ? 1 : 0)
    guard !isCancelling else { return [step] }
    return [
      step,
      choice(
        .check, "check", ["\(order.to.safe()) has everything", "unchecked"], isChecked ? 0 : 1),
      .input(
        "end up to", force.text.isEmpty && focus != .force ? "none, wait" : force.text,
        isFocused: focus == .force, columns: columns, glyphs),
    ]
  }
}
