internal import Actions
internal import FleetModel
internal import TerminalKit

/// Which reparent, to whom, and whether it is really meant.
struct ReparentForm: Equatable, Sendable {
  enum Field: FormField { case kind, candidate, timeout, override, confirmation }

  let shard: ShardName
  let expectedPrimary: TabletAlias
  /// Nil leaves the choice to vtctld.
  let candidates: [TabletAlias?]
  var kind: ReparentOrder.Kind
  var candidateIndex = 0
  var timeout = PresetField("15s", presets: ["5s", "10s", "15s", "30s", "1m"])
  /// What the preflight speaks against is done all the same.
  var overrides = false
  var confirmation = InputLine()
  var focus = Field.kind
  var facts = Preflight.Facts()
  /// The facts have been looked up at least once.
  var hasFacts = false
  var complaint: String?

  init?(_ shard: Shard) {
    guard let primary = shard.primary else { return nil }
    self.shard = shard.name
    expectedPrimary = primary
    candidates =
      [nil]
      + shard.tablets.filter { $0.type == .replica && $0.alias != primary }.compactMap(\.alias)
      .map { Optional($0) }
    kind = shard.primaryIsServing ? .planned : .emergency
  }

  var order: ReparentOrder {
    ReparentOrder(
      kind, of: shard, to: candidates[candidateIndex], expecting: expectedPrimary,
      waitReplicasTimeout: Duration(goText: timeout.text) ?? ReparentOrder.defaultTimeout)
  }

  /// `preflight`: as of now.
  mutating func press(_ key: Key, _ preflight: Preflight) -> Dialog.Answer {
    complaint = nil
    switch key {
    case .escape: return .cancel
    case .up, .down, .tab, .backTab:
      focus = focus.moved(key)
      if focus == .override, preflight.worst < .fail { focus = focus.moved(key) }
    case .enter: return confirm(preflight)
    default: edit(key)
    }
    return .stay
  }

  private mutating func edit(_ key: Key) {
    let isStep = key == .left || key == .right || key == .character(" ")
    switch focus {
    case .kind: if isStep { kind = kind == .planned ? .emergency : .planned }
    case .candidate:
      guard isStep else { return }
      candidateIndex =
        (candidateIndex + (key == .left ? candidates.count - 1 : 1)) % candidates.count
    case .timeout: _ = timeout.press(key)
    case .override: if isStep { overrides.toggle() }
    case .confirmation: _ = confirmation.edit(key)
    }
  }

  private mutating func confirm(_ preflight: Preflight) -> Dialog.Answer {
    guard focus == .confirmation else {
      focus = focus.moved(.down)
      if focus == .override, preflight.worst < .fail { focus = .confirmation }
      return .stay
    }
    guard let time = Duration(goText: timeout.text), time >= .seconds(1), time <= .seconds(3600)
    else {
      focus = .timeout
      complaint = "a wait timeout is 1s to 1h"
      return .stay
    }
    if !hasFacts {
      complaint = "still looking at topo"
    } else if preflight.worst == .fail, !overrides {
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
