extension String {
  /// The first line, from 1, that begins a table without a name behind the bracket; nil when none does.
  ///
  /// The TOML parser ends the program over such a line (toml++ 3.4 asserts that a key begins there), so
  /// that whoever reads a file asks this first.
  package var lineOfNamelessTOMLTable: Int? {
    let lines = split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    let index = lines.firstIndex { line in
      let line = line.drop(while: \.isTOMLBlank)
      guard line.first == "[" else { return false }
      var name = line.dropFirst().drop(while: \.isTOMLBlank)
      if name.first == "[" { name = name.dropFirst().drop(while: \.isTOMLBlank) }
      guard let first = name.first else { return false }
      // A bracket that closes at once has an error of its own.
      return !(first.isASCII && (first.isLetter || first.isNumber) || "_-\"']".contains(first))
    }
    return index.map { $0 + 1 }
  }
}

extension Character {
  fileprivate var isTOMLBlank: Bool { self == " " || self == "\t" }
}
