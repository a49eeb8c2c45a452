/// Looks for names of tables wherever they stand, with the database before their point.
struct TableMentions {
  private let names: Set<String>
  private(set) var found: Set<TableName> = []
  private var last: String?
  /// What stands before the point, where the last token was one.
  private var qualifier: String?

  init(_ names: Set<String>) { self.names = names }

  mutating func take(_ token: StatementToken, _ possibleName: String?) {
    guard !names.isEmpty else { return }
    switch token {
    case .word(let text): for part in parts(of: text) { take(part) }
    case .name(let text): take(text)
    case .userVariable(let text), .systemVariable(let text):
      (qualifier, last) = (nil, nil)
      for part in parts(of: text).dropFirst() { take(part) }
    case .symbol(UInt8(ascii: ".")): (qualifier, last) = (last, nil)
    case .number:
      // It goes on over points, which may be of a number or of names: both are looked for.
      for part in parts(of: (possibleName ?? "").replacing(".", with: "\u{FFFD}")) {
        take(part)
        take(part)
        qualifier = part
      }
      qualifier = nil
    case .string where possibleName != nil: take(possibleName ?? "")
    default: (qualifier, last) = (nil, nil)
    }
  }

  /// What is not UTF-8 may be a blank in the client's character set.
  private func parts(of text: String) -> [String] {
    text.unicodeScalars.split(separator: "\u{FFFD}").map(String.init)
  }

  private mutating func take(_ text: String) {
    if names.contains(text.caseFolded) {
      found.insert(TableName(database: qualifier, table: text))
    }
    (qualifier, last) = (nil, text)
  }
}
