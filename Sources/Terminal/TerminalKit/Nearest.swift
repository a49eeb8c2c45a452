/// Finds the word that somebody may have meant.
package enum Nearest {
  /// `; did you mean …?`, or nothing when no word is near enough to be a slip.
  package static func hint(_ text: String, among words: Set<String>) -> String {
    let text = Array(text.utf8.prefix(100))
    let scored = words.map { ($0, distance(text, Array($0.utf8))) }
    guard let best = scored.min(by: { ($0.1, $0.0) < ($1.1, $1.0) }), best.1 <= 3 else {
      return ""
    }
    return "; did you mean `\(best.0)`?"
  }

  /// Levenshtein's distance: how many letters are changed, missing or too many.
  private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var row = Array(0...right.count)
    for (i, a) in left.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, b) in right.enumerated() {
        let next = min(row[j] + 1, row[j + 1] + 1, diagonal + (a == b ? 0 : 1))
        diagonal = row[j + 1]
        row[j + 1] = next
      }
    }
    return row[right.count]
  }
}
