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
      return DialogLine.review(Wording().sentence(order), columns: columns)
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
      .presets(offered.map(\.rawValue), change.rawValue, columns: columns),
    ]
    if fields.contains(.query) {
      // The end is where it is typed.
      let end = end(of: query.text, columns: columns - 12)
      lines += [
        .input("query", end, isFocused: focus == .query, glyphs),
        .presets(query.presets, query.text, columns: columns),
      ]
    }
    if fields.contains(.threshold) {
      lines += [
        .input("threshold", threshold.text, isFocused: focus == .threshold, glyphs),
        .presets(threshold.presets, threshold.text, columns: columns),
      ]
    }
    if fields.contains(.checks) {
      lines.append(.field("check as", checksWords, isFocused: focus == .checks, glyphs))
    } else if [.query, .lag].contains(change), let reason = checksReason {
      lines.append(
        DialogLine(spans: [
          (DialogLine.pad(" check as", 11), .tableHeader), (reason, .muted),
        ]))
    }
    return lines + DialogLine.complaint(complaint, columns: columns) + [DialogLine()]
  }

  /// In vtctldclient's words.
  private var checksWords: String {
    switch checks {
    case .itself?: "check-self: the asked tablet's own value"
    case .shard?: "check-shard: the shard's value"
    case nil: "as it is"
    }
  }

  /// As much of a text's end as fits.
  private func end(of text: String, columns: Int) -> String {
    var width = 0
    let kept = text.reversed().prefix { character in
      width += DisplayWidth.of(character)
      return width <= columns
    }
    return String(kept.reversed())
  }
}
