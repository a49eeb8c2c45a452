internal import Actions
internal import FleetModel
internal import Terms
internal import Watching
internal import Wording

/// Something that may follow a command's name in the palette.
struct Argument: Sendable {
  enum Kind: Sendable {
    case cluster, shard, trouble, app, duration, ratio, exemption, order, severity, theme,
      labCommand, time,
      text
  }

  let kind: Kind
  /// The word that announces it; nil if its position does.
  let keyword: String?
  let isOptional: Bool

  init(_ kind: Kind, after keyword: String? = nil, isOptional: Bool = false) {
    self.kind = kind
    self.keyword = keyword
    self.isOptional = isOptional
  }

  /// As a command's usage shows it: `[ratio RATIO]`.
  var usage: String {
    let words = [keyword, kind.name].compactMap(\.self).joined(separator: " ")
    return isOptional ? "[\(words)]" : words
  }
}

/// What was given to a command; each is nil if it was not.
struct Arguments: Equatable, Sendable {
  var cluster: String?
  var shard: ShardName?
  var trouble: TroubleScope?
  var order: SortOrder?
  var severity: FleetEvent.Severity?
  var theme: String?
  var time: Instant?
  var text: String?
  /// What a throttle form begins with, as it was typed.
  var throttle = Filling()
}

/// What is wrong with a line of the palette, and what would be right.
struct Complaint: Error, Equatable {
  let words: String

  init(_ words: String) { self.words = words }
}

extension Argument.Kind {
  /// Its name in a usage; nil if its keyword says everything.
  var name: String? {
    switch self {
    case .cluster: "CLUSTER"
    case .shard: "SHARD"
    case .trouble: "SHARD or all"
    case .app: "APP"
    case .duration: "DURATION"
    case .ratio: "RATIO"
    case .exemption: nil
    case .order: "ORDER"
    case .severity: "SEVERITY"
    case .theme: "THEME"
    case .labCommand: "COMMAND [NAME=VALUE ...]"
    case .time: "TIME"
    case .text: "TEXT"
    }
  }

  /// What names the trouble of all shards and servers.
  private static let allTrouble = "all"

  /// Whether it may be something that is not among the completions.
  var isFree: Bool {
    switch self {
    case .app, .duration, .ratio, .labCommand, .time, .text: true
    case .cluster, .shard, .trouble, .exemption, .order, .severity, .theme: false
    }
  }

  /// It is all that follows, blanks included.
  var takesRest: Bool { self == .text || self == .labCommand }

  /// Its possible values, as far as known.
  func completions(in model: Model) -> [String] {
    switch self {
    case .cluster: model.settings.clusters.filter { $0 != model.settings.cluster }
    case .shard: model.fleet.summaries.map(\.name.description)
    case .trouble: [Self.allTrouble] + model.fleet.summaries.map(\.name.description)
    case .app:
      AppRuleForm.offered(
        (model.selection.map { model.live.shard($0).throttledNames } ?? [])
          + AppRuleOrder.knownApps)
    case .duration: AppRuleForm.durations
    case .ratio: AppRuleForm.ratios
    case .order: SortOrder.allCases.map(\.rawValue)
    case .severity: FleetEvent.Severity.lists.map(\.filterWord)
    case .theme: model.settings.themes
    case .labCommand: model.settings.labCommands
    case .exemption, .time, .text: []
    }
  }

  /// Parses what was typed for it.
  func read(
    _ word: String, into arguments: inout Arguments, in model: Model
  ) throws(Complaint) {
    func orElse(_ objection: Objection?) throws(Complaint) {
      if let objection { throw Complaint(Wording().words(objection)) }
    }
    switch self {
    case .cluster:
      guard model.settings.clusters.contains(word) else {
        throw Complaint("no cluster is called \(word)" + suggestion(for: word, in: model))
      }
      arguments.cluster = word
    case .shard:
      guard let shard = model.fleet.summaries.first(where: { $0.name.description == word }) else {
        throw Complaint("no shard is called \(word)" + suggestion(for: word, in: model))
      }
      arguments.shard = shard.name
    case .trouble:
      if word == Self.allTrouble {
        arguments.trouble = .all
      } else {
        guard let shard = model.fleet.summaries.first(where: { $0.name.description == word }) else {
          throw Complaint("no shard is called \(word)" + suggestion(for: word, in: model))
        }
        arguments.trouble = .shard(shard.name)
      }
    case .app:
      try orElse(AppRuleOrder.objection(toApp: word))
      arguments.throttle.app = word
    case .duration:
      guard let duration = try? Duration(goText: word) else {
        throw Complaint("\(word) is no duration: one is like 30s, 10m or 1h30m")
      }
      try orElse(AppRuleOrder.objection(toDuration: duration))
      arguments.throttle.duration = word
    case .ratio:
      guard let ratio = Double(word) else { throw Complaint("\(word) is no ratio: one is 0 to 1") }
      try orElse(AppRuleOrder.objection(toRatio: ratio))
      arguments.throttle.ratio = word
    case .exemption: arguments.throttle.isExempt = true
    case .order:
      guard let order = SortOrder(rawValue: word) else {
        throw Complaint("there is no order \(word)" + suggestion(for: word, in: model))
      }
      arguments.order = order
    case .severity:
      guard let severity = FleetEvent.Severity.lists.first(where: { $0.filterWord == word }) else {
        throw Complaint("there is no list of \(word)" + suggestion(for: word, in: model))
      }
      arguments.severity = severity
    case .theme:
      guard model.settings.themes.contains(word) else {
        throw Complaint("there is no theme \(word)" + suggestion(for: word, in: model))
      }
      arguments.theme = word
    case .time:
      guard
        let playback = model.playback,
        let time = Instant(
          written: word, since: playback.began, utcOffset: model.settings.utcOffset)
      else { throw Complaint("\(word) is no time: one is like 14:03 or 14:03:22") }
      arguments.time = time
    case .labCommand, .text: arguments.text = word
    }
  }

  private func suggestion(for word: String, in model: Model) -> String {
    word.nearest(among: completions(in: model)) ?? ""
  }
}

extension String {
  /// A question naming the words with the longest beginning in common: `; did you mean a, b?`.
  ///
  /// If none shares any, it lists all of them, provided they are few; otherwise nil.
  func nearest(among words: [String]) -> String? {
    func common(_ word: String) -> Int { commonPrefix(with: word).count }
    let most = words.map(common).max() ?? 0
    let near = most > 0 ? words.filter { common($0) == most } : words.count <= 6 ? words : []
    guard !near.isEmpty else { return nil }
    let named = near.prefix(6).joined(separator: ", ")
    return most > 0 ? "; did you mean \(named)?" : ": \(named)"
  }

  private func commonPrefix(with other: String) -> Substring {
    prefix(zip(self, other).prefix { $0.0 == $0.1 }.count)
  }
}

extension FleetEvent.Severity {
  /// The severities from which a list can begin; it includes everything worse.
  static let lists: [Self] = [.notice, .warning, .critical]

  /// What such a list is called.
  var filterWord: String {
    switch self {
    case .notice, .good: "all"
    case .warning: "warnings"
    case .critical: "critical"
    }
  }
}
