internal import Actions
internal import FleetModel
internal import TerminalKit
internal import Terms
internal import Wording

/// Which reparent, to which tablet, and whether it is really meant.
struct ReparentForm: Form {
  enum Field: Equatable, Sendable {
    case kind, candidate, timeout
    case override(Preflight.Check)
    case confirmation
  }

  let shard: ShardName
  /// According to the vtgates, or else topo; nil until either reports it.
  private(set) var expectedPrimary: TabletAlias?
  /// Nil leaves the choice to vtctld.
  let candidates: [TabletAlias?]
  var kind: ReparentOrder.Kind
  var candidateIndex = 0
  var timeout = PresetField("15s", presets: ["5s", "10s", "15s", "30s", "1m"])
  /// Failed checks that are overridden: only those that were seen, and for this very order.
  private(set) var overridden: Set<Preflight.Check> = []
  /// True for the embedded cluster, where a letter replaces the shard's name.
  let isRehearsal: Bool
  /// The cluster's name, where several are open.
  let cluster: String?
  /// Takes more than any cluster's and shard's names together.
  var confirmation = InputLine(limit: 400)
  /// The cursor starts where the decision is made.
  var focus = Field.confirmation
  private(set) var facts = Preflight.Facts()
  /// True once the facts have been looked up.
  private(set) var hasFacts = false
  var complaint: String?

  init(_ shard: Shard, of cluster: String? = nil, isRehearsal: Bool = false) {
    self.isRehearsal = isRehearsal
    self.cluster = cluster
    let primary = shard.primary
    self.shard = shard.name
    expectedPrimary = primary
    candidates =
      [nil]
      + shard.tablets.filter { $0.type == .replica && $0.alias != primary }.compactMap(\.alias)
      .map { Optional($0) }
    kind = shard.primaryIsServing ? .planned : .emergency
  }

  /// What must be typed before it is sent.
  var password: String {
    isRehearsal ? "y" : [cluster, shard.description].compactMap(\.self).joined(separator: " ")
  }

  /// Nil while it is not known which tablet is primary.
  var order: ReparentOrder? {
    expectedPrimary.map { primary in
      ReparentOrder(
        kind, of: shard, to: candidates[candidateIndex], expecting: primary,
        waitReplicasTimeout: (try? Duration(goText: timeout.text)) ?? ReparentOrder.defaultTimeout)
    }
  }

  mutating func take(_ facts: Preflight.Facts) {
    self.facts = facts
    hasFacts = true
    expectedPrimary = expectedPrimary ?? facts.topo?.primary
  }

  func overrides(_ check: Preflight.Check) -> Bool { overridden.contains(check) }

  // MARK: Keys

  var place: Place { .reparent }
  var question: String? { order.map { Wording().sentence($0) } ?? title }
  var shardInHand: ShardName? { shard }

  /// Letters go into the timeout or the requested name; a space may be a choice.
  func takesText(_ character: Character) -> Bool {
    character != " " || focus == .confirmation || focus == .timeout
  }

  mutating func edit(_ key: Key) {
    complaint = nil
    switch (focus, key) {
    case (.timeout, .character(let character)) where !Self.timeCharacters.contains(character):
      type(String(character))
    case (.timeout, _): timeout.edit(key)
    case (.confirmation, _): confirmation.edit(key)
    // Anything else typed is taken to be the requested name.
    case (_, .character(let character)): type(String(character))
    default: break
    }
  }

  mutating func paste(_ text: String) -> Bool {
    if case .override = focus { return false }
    complaint = nil
    if focus == .timeout { timeout.paste(text) } else { type(text) }
    return true
  }

  mutating func answer(_ command: Command.ID, in model: Model) -> FormAnswer? {
    complaint = nil
    let preflight = model.preflight(self)
    let fields = Self.fields(preflight)
    // A check may have passed in the meantime.
    if !fields.contains(focus) { focus = .confirmation }
    switch command {
    case .cancel: return .cancel
    case .previousField: move(by: -1, in: fields)
    case .nextField: move(by: 1, in: fields)
    case .previousChoice: step(-1)
    case .nextChoice: step(1)
    case .toggle:
      if case .override(let check) = focus {
        overridden.formSymmetricDifference([check])
      } else {
        step(1)
      }
    case .sendReparent where focus == .confirmation: return confirm(preflight)
    case .sendReparent:
      complaint = "Enter sends from the last line, where \(password) is typed"
    default: return nil
    }
    return .stay
  }

  /// Each failure is overridden by itself; a contradiction by topo cannot be.
  private static func fields(_ preflight: Preflight?) -> [Field] {
    let failed =
      preflight?.grouped.filter { $0.status == .fail && $0.check != .topo }.map(\.check) ?? []
    return [.kind, .candidate, .timeout] + failed.map { .override($0) } + [.confirmation]
  }

  private mutating func move(by count: Int, in fields: [Field]) {
    let index = fields.firstIndex(of: focus) ?? fields.count - 1
    focus = fields[min(max(0, index + count), fields.count - 1)]
  }

  /// Moves to another choice of the focused field; a changed order is a new question.
  private mutating func step(_ count: Int) {
    switch focus {
    case .kind:
      kind = kind == .planned ? .emergency : .planned
      overridden = []
    case .candidate:
      candidateIndex = (candidateIndex + count + candidates.count) % candidates.count
      overridden = []
    case .timeout: timeout.step(count)
    case .override, .confirmation: break
    }
  }

  private static let timeCharacters = Set("0123456789.hms")

  private mutating func type(_ text: String) {
    focus = .confirmation
    confirmation.insert(text)
  }

  private mutating func confirm(_ preflight: Preflight?) -> FormAnswer {
    if let obstacle = obstacle(preflight) {
      focus = obstacle.field
      complaint = obstacle.words
      return .stay
    }
    return order.map { .send(.reparent($0)) } ?? .stay
  }

  /// What keeps it from being sent.
  private struct Obstacle {
    /// The field where it can be fixed.
    let field: Field
    let words: String
    /// What Enter does while it is there.
    let hint: String
  }

  /// What keeps it from being sent as it stands; nil if nothing does.
  private func obstacle(_ preflight: Preflight?) -> Obstacle? {
    guard let time = try? Duration(goText: timeout.text),
      (.seconds(1)...(.seconds(3600))).contains(time)
    else {
      return Obstacle(
        field: .timeout, words: "a wait timeout is 1s to 1h", hint: "goes to the timeout")
    }
    guard order != nil, let preflight, hasFacts else {
      return Obstacle(
        field: .confirmation, words: "still looking at topo", hint: "sends, once topo has answered")
    }
    if preflight.failed.contains(.topo) {
      // Topo is read again before anything is sent, and then nothing would be.
      return Obstacle(
        field: .confirmation, words: "topo does not agree: nothing would be sent",
        hint: "sends nothing: topo does not agree")
    }
    if let check = preflight.failed.first(where: { !overrides($0) }) {
      return Obstacle(
        field: .override(check),
        words: "\(check.rawValue) speaks against it: space overrides that, Esc cancels",
        hint: "goes to what fails")
    }
    guard confirmation.text == password else {
      return Obstacle(
        field: .confirmation, words: "type \(password) to send it",
        hint: "sends, once \(isRehearsal ? "y" : "the name") is typed")
    }
    return nil
  }

  /// What Enter does next.
  func hint(in model: Model) -> String {
    guard focus == .confirmation else { return "sends, from the last line" }
    return obstacle(model.preflight(self))?.hint ?? "sends it"
  }
}
