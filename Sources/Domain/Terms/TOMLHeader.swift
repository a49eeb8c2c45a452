extension String {
  /// The first line, counted from 1, that opens a table with no name after the bracket; nil if none
  /// does.
  ///
  /// Such a line makes the TOML parser crash the program (toml++ 3.4 asserts that a key begins
  /// there), so a file is checked for one before it is parsed.
  package var lineOfNamelessTOMLTable: Int? {
    let lines = split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    let index = lines.firstIndex { line in
      let line = line.drop(while: \.isTOMLBlank)
      guard line.first == "[" else { return false }
      var name = line.dropFirst().drop(while: \.isTOMLBlank)
      if name.first == "[" { name = name.dropFirst().drop(while: \.isTOMLBlank) }
      guard let first = name.first else { return false }
      // The parser reports a bracket that closes at once as an error.
      return !(first.isASCII && (first.isLetter || first.isNumber) || "_-\"']".contains(first))
    }
    return index.map { $0 + 1 }
  }
}

extension Character {
  fileprivate var isTOMLBlank: Bool { self == " " || self == "\t" }
}
