internal import FleetModel
internal import TerminalKit

extension TableCell {
  /// A count as exact as its column has room for.
  ///
  /// `role` is for a count above zero; `zero` and `missing` are for none and for not known.
  static func count(
    _ number: Int?, _ role: StyleRole, zero: StyleRole = .muted, missing: StyleRole = .missing
  ) -> TableCell {
    .drawing { canvas, rect in
      canvas.draw(
        Phrases.count(number, columns: rect.columns), in: rect,
        role: number.map { $0 > 0 ? role : zero } ?? missing, alignment: .trailing)
    }
  }

  /// What failed in a failover.
  static func failed(_ failed: Failed) -> TableCell {
    .drawing { canvas, rect in
      let (text, role) = Phrases.failed(failed, canvas.glyphs, columns: rect.columns)
      canvas.draw(text, in: rect, role: role, alignment: .trailing)
    }
  }

  /// Counts by name: `BufferFull 2, ContextDone 1`, or where that is too long
  /// `3: BufferFull, Cont…`, so that no number is what is cut off.
  static func counts(_ counts: [String: Int], _ role: StyleRole) -> TableCell {
    .drawing { canvas, rect in
      let all = counts.filter { $0.value > 0 }.sorted { $0.key < $1.key }
      let text = all.map { "\($0.key) \(Phrases.count($0.value))" }.joined(separator: ", ")
      guard DisplayWidth.of(text) > rect.columns else {
        canvas.draw(text, in: rect, role: role)
        return
      }
      let sum = Phrases.count(all.reduce(0) { $0 + $1.value }, columns: rect.columns)
      canvas.draw("\(sum): \(all.map(\.key).joined(separator: ", "))", in: rect, role: role)
    }
  }

  static func reasons<Reason: RawRepresentable>(_ counts: [Reason: Int]) -> TableCell
  where Reason.RawValue == String {
    .counts(
      Dictionary(counts.map { ($0.key.rawValue, $0.value) }, uniquingKeysWith: +), .critical)
  }
}
