internal import Actions
internal import FleetModel
internal import TerminalKit
internal import Terms
internal import Wording

/// Which reparent, to which tablet, and whether it is really meant.
struct ReparentForm: NamedForm {
  enum Field: NamedFormField, Sendable {
    case kind, candidate, timeout
    case override(ReparentPreflight.Check)
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
  private(set) var overridden: Set<ReparentPreflight.Check> = []
  /// True for the embedded cluster, where a letter replaces the shard's name.
  let isRehearsal: Bool
  /// The cluster's name, where several are open.
  let cluster: String?
  /// Takes more than any cluster's and shard's names together.
  var confirmation = InputLine(limit: 400)
  var focus = Field.confirmation
  private(set) var facts = ReparentPreflight.Facts()
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

  mutating func take(_ facts: ReparentPreflight.Facts) {
    self.facts = facts
    hasFacts = true
    expectedPrimary = expectedPrimary ?? facts.topo?.primary
  }

  func overrides(_ check: ReparentPreflight.Check) -> Bool { overridden.contains(check) }

  // MARK: Keys

  var question: String? { order.map { Wording().sentence($0) } ?? title }
  var shardInHand: ShardName? { shard }
  var action: Action? { order.map { .reparent($0) } }

  private static let timeCharacters = Set("0123456789.hms")

  var typed: (field: WritableKeyPath<Self, PresetField>, characters: Set<Character>)? {
    guard focus == .timeout else { return nil }
    return (\.timeout, Self.timeCharacters)
  }

  /// Each failure is overridden by itself; a contradiction by topo cannot be.
  func fields(in model: Model) -> [Field] {
    let failed =
      model.preflight(self)?.failed.map(\.check).filter { $0 != .topo } ?? []
    return [.kind, .candidate, .timeout] + failed.map { .override($0) } + [.confirmation]
  }

  mutating func toggle() {
    if case .override(let check) = focus {
      overridden.formSymmetricDifference([check])
    } else {
      step(1)
    }
  }

  /// Moves to another choice of the focused field; a changed order is a new question.
  mutating func step(_ count: Int) {
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

  func obstacle(in model: Model) -> FormObstacle<Field>? {
    guard let time = try? Duration(goText: timeout.text),
      (.seconds(1)...(.seconds(3600))).contains(time)
    else {
      return FormObstacle(
        field: .timeout, words: "a wait timeout is 1s to 1h", hint: "goes to the timeout")
    }
    guard order != nil, let preflight = model.preflight(self), hasFacts else {
      return FormObstacle(
        field: .confirmation, words: "still looking at topo", hint: "sends, once topo has answered")
    }
    let failed = preflight.failed.map(\.check)
    if failed.contains(.topo) {
      // Topo is read again before anything is sent, and then nothing would be.
      return FormObstacle(
        field: .confirmation, words: "topo does not agree: nothing would be sent",
        hint: "sends nothing: topo does not agree")
    }
    if let check = failed.first(where: { !overrides($0) }) {
      return FormObstacle(
        field: .override(check),
        words: "\(check.rawValue) speaks against it: space overrides that, Esc cancels",
        hint: "goes to what fails")
    }
    return unnamed
  }
}
