extension String {
  /// Text from outside, made safe to print on one line.
  ///
  /// Control characters, introducers of escape sequences, bidirectional controls, line separators
  /// and other invisible format characters become U+FFFD (`?` where only ASCII may be shown), and
  /// the length is bounded, so that nothing outside the text's own cells can change.
  package func safe(limit: Int = 512) -> String {
    if utf8.count <= limit, utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return self }
    var result = String.UnicodeScalarView()
    var count = 0
    var marks = 0
    for scalar in unicodeScalars {
      guard count < limit else {
        result.append("…")
        break
      }
      count += 1
      // The properties of a scalar are looked up slowly, and these are what screens are drawn with.
      if scalar.isPlain {
        marks = 0
        result.append(scalar)
        continue
      }
      switch scalar.properties.generalCategory {
      case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
        .paragraphSeparator:
        marks = 0
        if scalar == "\t" { result.append(" ") } else { result.append("\u{FFFD}") }
      case .nonspacingMark, .enclosingMark, .spacingMark:
        // A few marks belong to a letter; a tower of them spills out of its row.
        marks += 1
        if marks <= 2, !result.isEmpty { result.append(scalar) }
      case .spaceSeparator:
        marks = 0
        result.append(" ")
      default:
        marks = 0
        result.append(scalar)
      }
    }
    return String(result)
  }
}

extension Unicode.Scalar {
  /// Printable ASCII, or of the blocks of box drawing, block elements and geometric shapes.
  fileprivate var isPlain: Bool {
    (0x20..<0x7F).contains(value) || (0x2500...0x25FF).contains(value)
  }
}
