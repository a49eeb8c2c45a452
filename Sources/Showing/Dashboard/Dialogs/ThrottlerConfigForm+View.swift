internal import Actions
internal import FleetModel
internal import TerminalKit
internal import Terms
internal import Wording

extension ThrottlerConfigForm {
  var title: String { "throttler of keyspace \(shard.keyspace)" }

  func lines(in model: Model, _ room: Size, _ glyphs: Glyphs) -> [DialogLine] {
    let columns = room.columns
    if isReviewed, let order {
      return DialogLine.review(model.ofCluster(Wording().sentence(order)), columns: columns)
    }
    let now =
      current.map { config in
        "\(config.isEnabled ? "on" : "off"), threshold "
          + (config.threshold > 0 ? config.threshold.inHundredths : "as the release has it")
      } ?? "not known"
    var lines = [DialogLine.field("now", now, isFocused: false, glyphs)]
    if let metric {
      lines.append(.field("decides", Wording().decider(metric).safe(), isFocused: false, glyphs))
    }
    lines += [
      .field("change", change.rawValue, isFocused: focus == .change, glyphs),
      .presets(offered.map(\.rawValue), change.rawValue, columns: columns, glyphs),
    ]
    if fields.contains(.query) {
      lines += [
        .input("query", query.text, isFocused: focus == .query, columns: columns, glyphs),
        .presets(query.presets, query.text, columns: columns, glyphs),
      ]
    }
    if fields.contains(.threshold) {
      lines += [
        .input(
          "threshold", threshold.text, isFocused: focus == .threshold, columns: columns, glyphs),
        .presets(threshold.presets, threshold.text, columns: columns, glyphs),
      ]
    }
    if fields.contains(.checks) {
      lines.append(
        .choices(
          "check as", checkChoices.map(words), checkChoices.firstIndex(of: checks) ?? 0,
          isFocused: focus == .checks, columns: columns, glyphs))
    } else if [.query, .lag].contains(change), let reason = checksReason {
      lines.append(
        DialogLine(spans: [
          (DialogLine.pad(" check as", 11), .tableHeader), (reason, .muted),
        ]))
    }
    return lines + DialogLine.complaint(complaint, columns: columns) + [DialogLine()]
  }

  /// In vtctldclient's words.
  private func words(_ checks: DefaultMetric.Scope?) -> String {
    switch checks {
    case .itself?: "check-self (the tablet)"
    case .shard?: "check-shard (the shard)"
    case nil: "as it is"
    }
  }
}
