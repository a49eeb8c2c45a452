/// On which lines of a proxy's file its tables and keys stand, counted from 1.
///
/// The parser says it of a file that it cannot read, and of one that it can only the values. What is
/// within an inline table has the line of that table's key.
struct ProxyFileLines {
  private var lines: [String: Int] = [:]

  init(_ text: String) {
    var counts: [String: Int] = [:]
    var place = ""
    let all = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (index, line) in all.enumerated() {
      let line = line.drop(while: \.isWhitespace)
      if line.hasPrefix("[") {
        let name = line.drop { $0 == "[" || $0.isWhitespace }
          .prefix { $0 != "]" && !$0.isWhitespace }
        counts["\(name)", default: 0] += 1
        place = line.hasPrefix("[[") ? "\(name) \(counts["\(name)"] ?? 1)" : "\(name)"
        note(index + 1, of: place)
      } else {
        let key = line.prefix { $0 != "=" && !$0.isWhitespace }
        if key.count < line.count { note(index + 1, of: "\(place): \(key)") }
      }
    }
  }

  private mutating func note(_ line: Int, of place: String) {
    if lines[place] == nil { lines[place] = line }
  }

  /// Nil for the file as a whole, and for what is not found.
  func line(of key: String?, in place: String) -> Int? {
    key.flatMap { lines["\(place): \($0)"] } ?? lines[place]
      ?? lines[": \(place.prefix { $0 != " " })"]
  }
}
