internal import Actions
internal import FleetModel
internal import TerminalKit
internal import Terms
internal import Wording

extension RuleList {
  var title: String { "throttled apps of \(shard)" }

  func offers(in model: Model) -> [Offer] {
    guard order == nil else { return [Offer(.send, "sends it"), Offer(.goBack, "goes back")] }
    return [
      Offer(.up, "app"), Offer(.releaseRule, "releases"),
      Offer(.renewRule, "renews for \(Self.renewal.asFlag)"), Offer(.cancel, "cancels"),
    ]
  }

  func lines(in model: Model, _ room: Size, _ glyphs: Glyphs) -> [DialogLine] {
    if let order {
      return DialogLine.review(
        model.ofCluster(Wording().sentence(order)), columns: room.columns)
    }
    // The selected one in full, if the columns cut it.
    let selection = DialogLine.paragraph(
      texts(rules[selected], at: model.present).joined(separator: ", "), columns: room.columns)
    let details = rules.map { columns(of: $0, at: model.present) }.max() ?? 0 > room.columns
    let visible = max(1, room.rows - 1 - (details ? selection.count + 1 : 0))
    let start = max(0, min(selected - visible / 2, rules.count - visible))
    return rules.indices[start..<min(rules.count, start + visible)].map {
      line($0, at: model.present, glyphs)
    } + (details ? [DialogLine()] + selection : []) + [DialogLine()]
  }

  /// Its app, how much it denies, how long it lasts, and where it is set.
  private func texts(_ rule: Rule, at now: Instant) -> [String] {
    let place =
      switch rule.scope {
      case .keyspace(let keyspace): "keyspace \(keyspace), in topo"
      case .tablets(let tablets): tablets.map(\.label).joined(separator: ", ") + ", in memory"
      }
    let denied = Int((rule.app.deniedShare * 100).rounded())
    let how =
      rule.app.isExempt ? "exempt" : "ratio \(rule.app.ratio.inHundredths) denies \(denied) %"
    return [rule.app.name, how, "\((rule.app.expiresAt - now).countdown) left", place]
  }

  /// The widest name that fits its column.
  private static let nameColumns = 24

  /// As wide as the column's widest text, so that texts line up.
  private func width(_ column: Int, at now: Instant) -> Int {
    let widest = rules.map { DisplayWidth.of(texts($0, at: now)[column]) }.max() ?? 0
    return column == 0 ? min(widest, Self.nameColumns) : widest
  }

  private func columns(of rule: Rule, at now: Instant) -> Int {
    let texts = texts(rule, at: now)
    guard DisplayWidth.of(texts[0]) <= Self.nameColumns else { return .max }
    return (0..<3).reduce(1 + DisplayWidth.of(texts[3])) { $0 + width($1, at: now) + 2 }
  }

  private func line(_ index: Int, at now: Instant, _ glyphs: Glyphs) -> DialogLine {
    let rule = rules[index]
    var texts = texts(rule, at: now)
    if DisplayWidth.of(texts[0]) > Self.nameColumns {
      texts[0] = "\(texts[0].prefix(Self.nameColumns - 1))\(glyphs.ellipsis)"
    }
    let padded = (0..<3).map { DialogLine.pad(texts[$0], width($0, at: now) + 2) }
    let isSelected = index == selected
    return DialogLine(spans: [
      (isSelected ? "\(glyphs.selection)" : " ", .keyHint),
      (padded[0], isSelected ? .rowSelected : rule.app.role),
      (padded[1] + padded[2] + texts[3], .text),
    ])
  }
}
