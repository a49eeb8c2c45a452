extension String {
  /// JSON text that is safe to print on a terminal: characters that a terminal obeys or does not
  /// show become `\u` escapes, which mean the same to any JSON reader.
  ///
  /// For an encoder's output, in which such characters occur only in strings: control characters of
  /// C1 and DEL, bidirectional controls, zero-width and other invisible characters.
  package var harmlessJSON: String {
    guard !utf8.allSatisfy({ $0 < 0x7F }) else { return self }
    var result = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      guard scalar.isObeyedOrInvisible else {
        result.append(scalar)
        continue
      }
      for unit in String(scalar).utf16 {
        let digits = String(unit, radix: 16)
        let padding = String(repeating: "0", count: 4 - digits.count)
        result.append(contentsOf: "\\u\(padding)\(digits)".unicodeScalars)
      }
    }
    return String(result)
  }
}

extension Unicode.Scalar {
  fileprivate var isObeyedOrInvisible: Bool {
    guard value >= 0x7F else { return false }
    switch properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
      .paragraphSeparator:
      return true
    default: return properties.isDefaultIgnorableCodePoint
    }
  }
}
