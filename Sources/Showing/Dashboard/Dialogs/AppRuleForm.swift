internal import Actions
internal import TerminalKit
internal import Terms
internal import Wording

/// Which app, how long, how much and where.
struct AppRuleForm: ReviewedForm {
  enum Field: FormField { case app, duration, ratio, exempt, scope }

  static let durations = [
    "30s", "1m", "5m", "10m", "30m", "1h", "2h", "6h", "12h", "24h",
  ]

  static let ratios = ["0.1", "0.25", "0.5", "0.75", "0.9", "1"]

  let shard: ShardName
  private(set) var scopes: ThrottleScopes
  var focus = Field.app
  var app: PresetField
  var duration: PresetField
  var ratio: PresetField
  var isExempt: Bool
  private(set) var scopeIndex: Int
  private var hasChosenScope = false
  var isReviewed = false
  var complaint: String?

  /// The release of the shard's primary; nil until the answer is in.
  var release: Release?
  private let throttled: [String]
  /// True once the throttler has said which apps asked it lately.
  private var knowsWhoAsks = false

  /// `throttled`: apps that have a rule now; `release`: nil while it is being asked for; `filling`:
  /// what the fields begin with; the form chooses the others.
  init(
    _ shard: ShardName, _ scopes: ThrottleScopes, throttled: [String], release: Release?,
    _ filling: Filling = Filling()
  ) {
    self.shard = shard
    self.scopes = scopes
    self.release = release
    self.throttled = throttled
    let apps = Self.offered(throttled + AppRuleOrder.knownApps)
    // One more than a name may have, so that a longer one is refused rather than cut.
    app = PresetField(filling.app ?? apps.first ?? "", presets: apps, limit: 257)
    duration = PresetField(filling.duration ?? "10m", presets: Self.durations)
    ratio = PresetField(filling.ratio ?? "1", presets: Self.ratios)
    isExempt = filling.isExempt
    scopeIndex = scopes.firstPossible
  }

  /// A caution about an app name that is unknown; nil for any other.
  var caution: String? {
    guard !app.text.isEmpty, !app.presets.contains(app.text) else { return nil }
    return knowsWhoAsks
      ? "\(app.text) is unknown: Vitess has no such app, and none of that name has asked lately"
      : "\(app.text) is unknown: Vitess has no such app, and who asks lately is not known here"
  }

  var scope: ThrottleScopes.Choice { scopes.choices[scopeIndex] }
  /// Only a rule in topo can exempt an app.
  var canExempt: Bool { if case .keyspace = scope.scope { true } else { false } }

  static func offered(_ names: [String]) -> [String] {
    names.reduce(into: []) { apps, name in
      guard !apps.contains(name), AppRuleOrder.objection(toApp: name) == nil else { return }
      apps.append(name)
    }
  }

  /// Offers apps that asked lately before those that only might; nil when there is no such list.
  mutating func offer(_ recent: [String]?) {
    guard let recent else { return }
    knowsWhoAsks = true
    app.presets = Self.offered(throttled + recent + AppRuleOrder.knownApps)
  }

  /// Keeps the scopes up to date: a tablet may start or stop answering while the form is filled in.
  mutating func refresh(_ scopes: ThrottleScopes) {
    guard !isReviewed else { return }
    self.scopes = scopes
    if !hasChosenScope { scopeIndex = scopes.firstPossible }
  }

  // MARK: Keys

  var action: Action? { order.map { .throttle($0) } }
  var question: String? {
    isReviewed ? order.map { Wording().sentence($0) } : "throttle an app on \(shard)"
  }

  var typed: WritableKeyPath<Self, PresetField>? {
    switch focus {
    case .app: \.app
    case .duration: \.duration
    case .ratio: \.ratio
    case .exempt, .scope: nil
    }
  }

  mutating func move(by count: Int) { focus = focus.moved(by: count) }

  mutating func step(_ count: Int) {
    if let typed {
      self[keyPath: typed].step(count)
    } else if focus == .exempt {
      isExempt.toggle()
    } else {
      hasChosenScope = true
      scopeIndex = (scopeIndex + count + scopes.choices.count) % scopes.choices.count
    }
  }

  mutating func check() {
    func object(_ field: Field, _ objection: Objection) {
      focus = field
      complaint = Wording().words(objection)
    }
    if let objection = AppRuleOrder.objection(toApp: app.text) { return object(.app, objection) }
    guard let time = try? Duration(goText: duration.text) else {
      focus = .duration
      complaint = "a duration is like 30s, 10m or 1h30m"
      return
    }
    if let objection = AppRuleOrder.objection(toDuration: time) {
      return object(.duration, objection)
    }
    if let objection = AppRuleOrder.objection(toRatio: Double(ratio.text) ?? .nan) {
      return object(.ratio, objection)
    }
    if let reason = scope.reason { return object(.scope, reason) }
    if isExempt, !canExempt { return object(.exempt, .exemptionInMemory) }
    isReviewed = true
  }

  var order: AppRuleOrder? {
    guard let scope = scope.scope, let time = try? Duration(goText: duration.text),
      let share = Double(ratio.text)
    else { return nil }
    return AppRuleOrder(
      app: app.text, .throttle(for: time, ratio: share, isExempt: isExempt), in: scope)
  }
}
