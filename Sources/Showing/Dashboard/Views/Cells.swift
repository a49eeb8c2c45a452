internal import FleetModel
internal import TerminalKit

extension TableCell {
  /// A count as exact as its column allows.
  ///
  /// `role` is for a count above zero, `zero` for none, `missing` for an unknown one.
  static func count(
    _ number: Int?, _ role: StyleRole, zero: StyleRole = .muted, missing: StyleRole = .missing
  ) -> TableCell {
    .fitted { columns, _ in
      (Phrases.count(number, columns: columns), number.map { $0 > 0 ? role : zero } ?? missing)
    }
  }

  /// A count, followed by its total where both fit.
  static func count(_ number: Int?, _ role: StyleRole, of whole: String) -> TableCell {
    .fitted { columns, _ in
      guard let number else { return ("-", .muted) }
      let long = Phrases.count(number) + whole
      let text =
        DisplayWidth.of(long) <= columns ? long : Phrases.count(number, columns: columns)
      return (text, number > 0 ? role : .muted)
    }
  }

  /// What failed in failovers; without a failover, nothing can have failed in one.
  ///
  /// `isCounted`: it is known that there was none.
  static func failed(_ failed: Failed?, isCounted: Bool = true) -> TableCell {
    .fitted { columns, glyphs in
      guard let failed else { return isCounted ? (String(glyphs.none), .muted) : ("-", .missing) }
      return Phrases.failed(failed, glyphs, columns: columns)
    }
  }

  /// Words that lose their last clauses, and never a part of one, where room is short.
  static func clauses(_ words: String, _ role: StyleRole) -> TableCell {
    .fitted { columns, glyphs in
      var text = words
      while DisplayWidth.of(text) > columns, let end = text.lastIndex(where: { ",;".contains($0) })
      {
        text = String(text[..<end])
      }
      guard text != words else { return (words, role) }
      let marked = "\(text), \(glyphs.ellipsis)"
      return (DisplayWidth.of(marked) <= columns ? marked : text, role)
    }
  }

  /// Counts by name: `BufferFull 2, ContextDone 1` or, if that is too long, `3: BufferFull, …`, so
  /// that no number is ever cut off, nor a name while another is whole.
  static func counts(_ counts: [String: Int], _ role: StyleRole) -> TableCell {
    .fitted { columns, glyphs in
      let all = counts.filter { $0.value > 0 }.sorted { $0.key < $1.key }
      guard !all.isEmpty else { return ("0", .muted) }
      let text = all.map { "\($0.key) \(Phrases.count($0.value))" }.joined(separator: ", ")
      guard DisplayWidth.of(text) > columns else { return (text, role) }
      let sum = Phrases.count(all.reduce(0) { $0 + $1.value }, columns: columns)
      let forms = all.indices.reversed().map { last in
        let rest = last + 1 < all.count ? [String(glyphs.ellipsis)] : []
        return "\(sum): \((all[...last].map(\.key) + rest).joined(separator: ", "))"
      }
      return (forms.first { DisplayWidth.of($0) <= columns } ?? forms[0], role)
    }
  }

  static func reasons<Reason: RawRepresentable>(_ counts: [Reason: Int]) -> TableCell
  where Reason.RawValue == String {
    .counts(
      Dictionary(counts.map { ($0.key.rawValue, $0.value) }, uniquingKeysWith: +), .stateLost)
  }
}
