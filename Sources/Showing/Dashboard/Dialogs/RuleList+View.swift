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
    if let order { return DialogLine.review(Wording().sentence(order), columns: room.columns) }
    let visible = max(1, room.rows - 1)
    let start = max(0, min(selected - visible / 2, rules.count - visible))
    return rules.indices[start..<min(rules.count, start + visible)].map {
      line($0, at: model.present, columns: room.columns, glyphs)
    } + [DialogLine()]
  }

  private func line(
    _ index: Int, at now: Instant, columns: Int, _ glyphs: Glyphs
  ) -> DialogLine {
    let rule = rules[index]
    let place =
      switch rule.scope {
      case .keyspace(let keyspace): "keyspace \(keyspace), in topo"
      case .tablets(let tablets): tablets.map(\.label).joined(separator: ", ") + ", in memory"
      }
    let denied = Int((rule.app.deniedShare * 100).rounded())
    let how =
      rule.app.isExempt ? "exempt" : "ratio \(rule.app.ratio.inHundredths) denies \(denied) %"
    let left = (rule.app.expiresAt - now).countdown
    let isSelected = index == selected
    return DialogLine(spans: [
      (isSelected ? "\(glyphs.selection)" : " ", .keyHint),
      (String(rule.app.name.prefix(columns / 2)), isSelected ? .rowSelected : rule.app.role),
      ("  \(how), \(left) left, \(place)", .text),
    ])
  }
}
