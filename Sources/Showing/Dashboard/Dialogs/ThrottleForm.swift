internal import Actions
internal import TerminalKit
internal import Terms

/// Which app, how long, how much and where.
struct ThrottleForm: Equatable, Sendable {
  enum Field: FormField { case app, duration, ratio, exempt, scope }

  static let durations = [
    "30s", "1m", "5m", "10m", "30m", "1h", "2h", "6h", "12h", "24h",
  ]

  let shard: ShardName
  private(set) var scopes: ThrottleScopes
  var focus = Field.app
  var app: PresetField
  var duration = PresetField("10m", presets: durations)
  var ratio = PresetField("1", presets: ["0.1", "0.25", "0.5", "0.75", "0.9", "1"])
  var isExempt = false
  private(set) var scopeIndex: Int
  private var hasChosenScope = false
  /// All is filled in, and what will be done stands there in words.
  var isReviewed = false
  var complaint: String?

  /// Of the shard's primary; nil as long as it is asked.
  var release: Release?
  private let throttled: [String]
  /// The throttler was asked who has asked it lately.
  private var knowsWhoAsks = false

  /// `throttled`: apps with a rule now; `release`: nil where it is asked for.
  init(
    _ shard: ShardName, _ scopes: ThrottleScopes, throttled: [String], release: Release?
  ) {
    self.shard = shard
    self.scopes = scopes
    self.release = release
    self.throttled = throttled
    let apps = Self.offered(throttled + ThrottleOrder.knownApps)
    // One more than a name may have, so that a longer one is refused and not cut.
    app = PresetField(apps.first ?? "", presets: apps, limit: 257)
    scopeIndex = scopes.firstPossible
  }

  /// The cursor is in a field that takes text.
  var takesText: Bool { focus == .app || focus == .duration || focus == .ratio }

  /// What to know about a name that nothing knows; nil for any other.
  var caution: String? {
    guard !app.text.isEmpty, !app.presets.contains(app.text) else { return nil }
    return knowsWhoAsks
      ? "\(app.text) is unknown: Vitess has no such app, and none of that name has asked lately"
      : "\(app.text) is unknown: Vitess has no such app, and who asks lately is not known here"
  }

  var scope: ThrottleScopes.Choice { scopes.choices[scopeIndex] }
  /// Only a rule in topo can exempt an app.
  var canExempt: Bool { if case .keyspace = scope.scope { true } else { false } }

  private static func offered(_ names: [String]) -> [String] {
    names.reduce(into: []) { apps, name in
      guard !apps.contains(name), ThrottleOrder.objection(toApp: name) == nil else { return }
      apps.append(name)
    }
  }

  /// Offers apps that asked lately before those that only might; nil when that could not be asked.
  mutating func offer(_ recent: [String]?) {
    guard let recent else { return }
    knowsWhoAsks = true
    app.presets = Self.offered(throttled + recent + ThrottleOrder.knownApps)
  }

  /// Keeps the scopes true: a tablet may answer, or no longer, while the form is filled in.
  mutating func refresh(_ scopes: ThrottleScopes) {
    guard !isReviewed else { return }
    self.scopes = scopes
    if !hasChosenScope { scopeIndex = scopes.firstPossible }
  }

  mutating func press(_ key: Key) -> Dialog.Answer {
    if isReviewed { return review(key) }
    complaint = nil
    switch key {
    case .escape: return .cancel
    case .up, .down, .tab, .backTab: focus = focus.moved(key)
    case .enter: check()
    default: edit(key)
    }
    return .stay
  }

  private mutating func review(_ key: Key) -> Dialog.Answer {
    switch key {
    case Dialog.confirmation: return order.map { .send(.throttle($0)) } ?? .stay
    case .escape: isReviewed = false
    default: break
    }
    return .stay
  }

  mutating func paste(_ text: String) {
    complaint = nil
    switch focus {
    case .app: app.paste(text)
    case .duration: duration.paste(text)
    case .ratio: ratio.paste(text)
    case .exempt, .scope: break
    }
  }

  private mutating func edit(_ key: Key) {
    switch focus {
    case .app: _ = app.press(key)
    case .duration: _ = duration.press(key)
    case .ratio: _ = ratio.press(key)
    case .exempt: if [.left, .right, .character(" ")].contains(key) { isExempt.toggle() }
    case .scope:
      guard key == .left || key == .right || key == .character(" ") else { return }
      hasChosenScope = true
      let count = scopes.choices.count
      scopeIndex = (scopeIndex + (key == .left ? count - 1 : 1)) % count
    }
  }

  /// Goes on when all is right, else to the field that is not.
  private mutating func check() {
    func object(_ field: Field, _ words: String) {
      focus = field
      complaint = words
    }
    if let words = ThrottleOrder.objection(toApp: app.text) { return object(.app, words) }
    guard let time = try? Duration(goText: duration.text) else {
      return object(.duration, "a duration is like 30s, 10m or 1h30m")
    }
    if let words = ThrottleOrder.objection(toDuration: time) { return object(.duration, words) }
    guard let share = Double(ratio.text) else { return object(.ratio, "a ratio is 0 to 1") }
    if let words = ThrottleOrder.objection(toRatio: share) { return object(.ratio, words) }
    if scope.scope == nil { return object(.scope, scope.reason ?? "impossible here") }
    if isExempt, !canExempt {
      return object(.exempt, "tablets take no exemption over HTTP: choose the keyspace in topo")
    }
    isReviewed = true
  }

  var order: ThrottleOrder? {
    guard let scope = scope.scope, let time = try? Duration(goText: duration.text),
      let share = Double(ratio.text)
    else { return nil }
    return ThrottleOrder(
      app: app.text, .throttle(for: time, ratio: share, isExempt: isExempt), in: scope)
  }
}
