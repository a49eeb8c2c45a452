internal import Actions
internal import FleetModel
internal import TerminalKit
internal import Terms

/// A keyspace's throttler: on, off, or another threshold.
struct ThrottlerForm: Equatable, Sendable {
  enum Field: FormField { case change, threshold }

  let keyspace: String
  /// As topo has it; nil when it is not known.
  let current: TopoKeyspace.ThrottlerConfig?
  var focus = Field.change
  var change: PresetField
  var threshold: PresetField
  var isReviewed = false
  var complaint: String?

  init(_ keyspace: String, _ current: TopoKeyspace.ThrottlerConfig?) {
    self.keyspace = keyspace
    self.current = current
    change = PresetField(
      current?.isEnabled == true ? "threshold" : "enable",
      presets: ["enable", "disable", "threshold"])
    threshold = PresetField(
      (current.flatMap { $0.threshold > 0 ? $0.threshold : nil } ?? 5).inHundredths,
      presets: ["1", "2", "5", "10", "30"])
  }

  var order: ThrottlerOrder? {
    switch change.text {
    case "enable": ThrottlerOrder(keyspace: keyspace, .enable)
    case "disable": ThrottlerOrder(keyspace: keyspace, .disable)
    default: Double(threshold.text).map { ThrottlerOrder(keyspace: keyspace, .threshold($0)) }
    }
  }

  mutating func press(_ key: Key) -> Dialog.Answer {
    if isReviewed {
      switch key {
      case Dialog.confirmation: return order.map { .send(.configure($0)) } ?? .stay
      case .escape: isReviewed = false
      default: break
      }
      return .stay
    }
    complaint = nil
    switch key {
    case .escape: return .cancel
    case .up, .down, .tab, .backTab: focus = focus.moved(key)
    case .enter:
      if change.text == "threshold" {
        complaint =
          Double(threshold.text).map { ThrottlerOrder.objection(toThreshold: $0) }
          ?? "a threshold is a number above 0"
        if complaint != nil { focus = .threshold }
      }
      isReviewed = complaint == nil
    default:
      switch focus {
      // Nothing else than what is offered makes sense.
      case .change: if key == .left || key == .right { _ = change.press(key) }
      case .threshold: _ = threshold.press(key)
      }
    }
    return .stay
  }
}
