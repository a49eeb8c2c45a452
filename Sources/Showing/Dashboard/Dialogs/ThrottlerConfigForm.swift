internal import Actions
internal import FleetModel
internal import TerminalKit
internal import Terms
internal import Wording

/// A keyspace's throttler: on, off, another threshold or metric, or whose value checks look at.
struct ThrottlerConfigForm: ReviewedForm {
  enum Change: String, CaseIterable, Sendable {
    case enable, disable, threshold
    case query = "custom query"
    case lag
    case checks = "check as"
  }

  enum Field: Equatable, Sendable { case change, query, threshold, checks }

  /// One of the forms that the throttler's documentation names.
  private static let queries = ["show global status like 'threads_running'"]

  let shard: ShardName
  /// The configuration in topo; nil when it is not known.
  let current: TopoKeyspace.ThrottlerConfig?
  /// The metric that decides in the shard now; nil when no throttler reports it.
  let metric: DefaultMetric?
  var focus = Field.change
  private(set) var change: Change
  private(set) var query: PresetField
  private(set) var threshold: PresetField
  /// Nil leaves it as it is.
  private(set) var checks: DefaultMetric.Scope?
  /// The release of the shard's primary; nil until the answer is in.
  var release: Release?
  var isReviewed = false
  var complaint: String?

  /// `release`: nil while it is being asked for.
  init(
    _ shard: ShardName, _ current: TopoKeyspace.ThrottlerConfig?, metric: DefaultMetric?,
    release: Release?
  ) {
    self.shard = shard
    self.current = current
    self.metric = metric
    self.release = release
    change = current?.isEnabled == true ? .threshold : .enable
    let own = current?.customQuery ?? ""
    // One more than is accepted, so that a longer one is refused rather than cut.
    query = PresetField(
      own, presets: (own.isEmpty ? [] : [own]) + Self.queries.filter { $0 != own }, limit: 1025)
    threshold = Self.threshold(for: change, current)
  }

  /// The initial threshold: there is no usual one for a query.
  private static func threshold(
    for change: Change, _ current: TopoKeyspace.ThrottlerConfig?
  ) -> PresetField {
    let isQuery = current.map { !$0.customQuery.isEmpty } ?? false
    let isOfQuery = change == .query || (change != .lag && isQuery)
    let own = isOfQuery == isQuery ? current?.threshold : nil
    return PresetField(
      own.flatMap { $0 > 0 ? $0.inHundredths : nil } ?? (isOfQuery ? "" : "5"),
      presets: isOfQuery ? ["10", "50", "100", "500"] : ["1", "2", "5", "10", "30"])
  }

  /// Why it cannot be set whose value checks look at; nil if it can.
  var checksReason: String? {
    guard let release else { return "still asking what its tablets run" }
    return switch release.hasCheckAsCheckSelf {
    case true?: nil
    case false?: "\(release) does not take this from topo: v16 to v20 do"
    case nil: "\(release) may not take this from topo: v16 to v20 do"
    }
  }

  /// The changes on offer: none that would be refused.
  var offered: [Change] { Change.allCases.filter { $0 != .checks || checksReason == nil } }

  /// The fields that the change needs, from top to bottom.
  var fields: [Field] {
    let more: [Field] = checksReason == nil ? [.checks] : []
    return switch change {
    case .enable, .disable: [.change]
    case .threshold: [.change, .threshold]
    case .query: [.change, .query, .threshold] + more
    case .lag: [.change, .threshold] + more
    case .checks: [.change, .checks]
    }
  }

  /// Nil while something is missing.
  var order: ThrottlerConfigOrder? {
    let checks = checksReason == nil ? checks : nil
    let change: ThrottlerConfigOrder.Change? =
      switch change {
      case .enable: .enable
      case .disable: .disable
      case .threshold: Double(threshold.text).map { .threshold($0) }
      case .query:
        Double(threshold.text).map { .metric(query: query.text, threshold: $0, checks: checks) }
      case .lag: Double(threshold.text).map { .metric(query: nil, threshold: $0, checks: checks) }
      case .checks: checks.map { .checks($0) }
      }
    return change.map { ThrottlerConfigOrder(keyspace: shard.keyspace, $0) }
  }

  mutating func take(_ release: Release) {
    self.release = release
    // What was filled in is kept.
    if !fields.contains(focus) { focus = .change }
  }

  // MARK: Keys

  var action: Action? { order.map { .configure($0) } }
  var question: String? { isReviewed ? order.map { Wording().sentence($0) } : title }

  var typed: WritableKeyPath<Self, PresetField>? {
    switch focus {
    case .query: \.query
    case .threshold: \.threshold
    case .change, .checks: nil
    }
  }

  mutating func move(by count: Int) {
    let index = fields.firstIndex(of: focus) ?? 0
    focus = fields[min(max(0, index + count), fields.count - 1)]
  }

  mutating func step(_ count: Int) {
    if let typed {
      self[keyPath: typed].step(count)
    } else if focus == .change {
      stepChange(count)
    } else {
      let choices = checkChoices
      let index = choices.firstIndex(of: checks) ?? 0
      checks = choices[(index + count + choices.count) % choices.count]
    }
  }

  /// Whose value checks can look at.
  var checkChoices: [DefaultMetric.Scope?] {
    change == .checks ? [.itself, .shard] : [nil, .itself, .shard]
  }

  /// Only steps through the changes on offer.
  private mutating func stepChange(_ count: Int) {
    let index = offered.firstIndex(of: change) ?? 0
    change = offered[(index + count + offered.count) % offered.count]
    threshold = Self.threshold(for: change, current)
    checks = change == .checks ? (current?.checkAsCheckSelf == true ? .shard : .itself) : nil
  }

  mutating func check() {
    func words(_ objection: Objection?) -> String? { objection.map { Wording().words($0) } }
    if change == .query, let objection = ThrottlerConfigOrder.objection(toQuery: query.text) {
      focus = .query
      complaint = words(objection)
    } else if let order {
      complaint = words(order.objection)
      if complaint != nil { focus = .threshold }
    } else {
      focus = fields.contains(.threshold) ? .threshold : .change
      complaint =
        switch change {
        case .query: words(ThrottlerConfigOrder.objection(toQueryThreshold: .nan))
        case .checks: checksReason
        default: words(ThrottlerConfigOrder.objection(toThreshold: .nan))
        }
    }
    isReviewed = complaint == nil
  }
}
