internal import Actions
internal import FleetModel
internal import TerminalKit

/// Which reparent, to whom, and whether it is really meant.
struct ReparentForm: Equatable, Sendable {
  enum Field: FormField { case kind, candidate, timeout, override, confirmation }

  let shard: ShardName
  /// As the vtgates show it, or else topo; nil until one of them tells.
  private(set) var expectedPrimary: TabletAlias?
  /// Nil leaves the choice to vtctld.
  let candidates: [TabletAlias?]
  var kind: ReparentOrder.Kind
  var candidateIndex = 0
  var timeout = PresetField("15s", presets: ["5s", "10s", "15s", "30s", "1m"])
  /// Failed checks that are overridden: those that were seen, for this very order.
  private(set) var overridden: Set<Preflight.Check> = []
  var confirmation = InputLine()
  var focus = Field.kind
  private(set) var facts = Preflight.Facts()
  /// The facts have been looked up at least once.
  private(set) var hasFacts = false
  var complaint: String?

  init(_ shard: Shard) {
    let primary = shard.primary
    self.shard = shard.name
    expectedPrimary = primary
    candidates =
      [nil]
      + shard.tablets.filter { $0.type == .replica && $0.alias != primary }.compactMap(\.alias)
      .map { Optional($0) }
    kind = shard.primaryIsServing ? .planned : .emergency
  }

  /// Nil as long as nobody has told who is primary.
  var order: ReparentOrder? {
    expectedPrimary.map { primary in
      ReparentOrder(
        kind, of: shard, to: candidates[candidateIndex], expecting: primary,
        waitReplicasTimeout: Duration(goText: timeout.text) ?? ReparentOrder.defaultTimeout)
    }
  }

  mutating func take(_ facts: Preflight.Facts) {
    self.facts = facts
    hasFacts = true
    expectedPrimary = expectedPrimary ?? facts.topo?.primary
  }

  /// Whether what fails is overridden, all of it.
  func overrides(_ preflight: Preflight) -> Bool {
    Set(preflight.failed).isSubset(of: overridden)
  }

  /// `preflight`: as of now; nil as long as there is no order.
  mutating func press(_ key: Key, _ preflight: Preflight?) -> Dialog.Answer {
    complaint = nil
    switch key {
    case .escape: return .cancel
    case .up, .down, .tab, .backTab:
      focus = focus.moved(key)
      if focus == .override, preflight?.failed.isEmpty ?? true { focus = focus.moved(key) }
    case .enter: return confirm(preflight)
    default: edit(key, preflight)
    }
    return .stay
  }

  private mutating func edit(_ key: Key, _ preflight: Preflight?) {
    let isStep = key == .left || key == .right || key == .character(" ")
    switch focus {
    case .kind:
      guard isStep else { return }
      kind = kind == .planned ? .emergency : .planned
      overridden = []
    case .candidate:
      guard isStep else { return }
      candidateIndex =
        (candidateIndex + (key == .left ? candidates.count - 1 : 1)) % candidates.count
      overridden = []
    case .timeout: _ = timeout.press(key)
    case .override:
      guard isStep, let preflight else { return }
      overridden = overrides(preflight) ? [] : Set(preflight.failed)
    case .confirmation: _ = confirmation.edit(key)
    }
  }

  private mutating func confirm(_ preflight: Preflight?) -> Dialog.Answer {
    guard focus == .confirmation else {
      focus = focus.moved(.down)
      if focus == .override, preflight?.failed.isEmpty ?? true { focus = .confirmation }
      return .stay
    }
    guard let time = Duration(goText: timeout.text), time >= .seconds(1), time <= .seconds(3600)
    else {
      focus = .timeout
      complaint = "a wait timeout is 1s to 1h"
      return .stay
    }
    guard let order, let preflight, hasFacts else {
      complaint = "still looking at topo"
      return .stay
    }
    if preflight.failed.contains(.topo) {
      // It is looked at once more before anything is sent, and then nothing would be.
      complaint = "topo does not agree: nothing would be sent"
    } else if !overrides(preflight) {
      focus = .override
      complaint = "the preflight speaks against it: override it, or Esc"
    } else if confirmation.text != shard.description {
      complaint = "type \(shard) to send it"
    } else {
      return .send(.reparent(order))
    }
    return .stay
  }
}
