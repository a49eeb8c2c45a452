package import NIOCore

/// What a statement does to its session beyond its answer, as far as its text tells.
///
/// A small tokenizer reads it, not a parser. Its limits:
/// - What a procedure, a function or a trigger does inside is not seen; CALL pins the session.
/// - A database that a statement names beside the current one does not choose the route.
/// - A pin by temporary tables, named locks or HANDLER stays until the session is reset or ends.
/// - Whether a transaction is open is not read from statements at all: the server says it.
package struct StatementTraits: Sendable, Equatable {
  /// State of a session that lives in its backend connection and cannot be made again elsewhere.
  package enum Pin: String, Sendable, Hashable {
    case temporaryTables = "temporary tables"
    case namedLocks = "named locks"
    case tableLocks = "table locks"
    case variables = "variables set to what only the old server knew"
    case preparedByName = "statements prepared in SQL"
    case handlers = "open handlers"
    case procedures = "what a procedure may have left"
    case nextTransaction = "characteristics of the next transaction"
  }

  /// A variable set to something that can be set again elsewhere.
  package struct Assignment: Sendable, Equatable {
    /// What a later assignment replaces.
    package let subject: String
    /// What follows SET.
    package let text: String
  }

  /// What KILL wants.
  package struct Kill: Sendable, Equatable {
    /// As the proxy numbers them.
    package let connection: UInt32
    /// KILL QUERY: the connection stays.
    package let isOfQueryOnly: Bool

    package init(connection: UInt32, isOfQueryOnly: Bool) {
      self.connection = connection
      self.isOfQueryOnly = isOfQueryOnly
    }
  }

  package var pins: Set<Pin> = []
  /// It ends what another session is at: the proxy does that itself.
  package var kill: Kill?
  /// Table locks are released.
  package var unlocksTables = false
  package var assignments: [Assignment] = []
  /// The database that becomes the current one.
  package var database: String?
  /// Why the proxy does not pass it on.
  package var refusal: String?
  /// More than one statement.
  package var isMultiple = false

  package init() {}

  /// Reads SQL; `escapes`: whether a backslash escapes in strings.
  package init(of sql: ByteBuffer, escapes: Bool) {
    let isPlain = Self.hidesNothing(sql)
    if isPlain, Self.beginsHarmlessly(sql) { return }
    let view = sql.readableBytesView
    let bytes = isPlain ? Array(view.prefix(512)) : Array(view)
    var tokens = StatementTokens(bytes, escapes: escapes)
    var statements = Statements()
    var start = 0
    while let token = tokens.next() {
      if token.isSymbol(";"), !statements.isBody {
        statements.end(String(decoding: bytes[start..<tokens.position - 1], as: UTF8.self))
        start = tokens.position
      } else {
        statements.current.append((token, tokens.position - start))
      }
    }
    statements.end(String(decoding: bytes[start...], as: UTF8.self))
    isMultiple = statements.all.count > 1
    for statement in statements.all { read(statement) }
    if isMultiple, database != nil { refusal = "USE must be sent alone" }
    if isMultiple, kill != nil { refusal = "KILL must be sent alone" }
  }

  /// Whether it is one of those that nearly all statements are, told by their first word.
  private static func beginsHarmlessly(_ sql: ByteBuffer) -> Bool {
    let start = sql.getBytes(at: sql.readerIndex, length: min(6, sql.readableBytes)) ?? []
    return harmless.contains { $0.elementsEqual(start.prefix($0.count).map { $0 & 0xDF }) }
  }

  private static let harmless = ["SELECT", "INSERT", "UPDATE", "DELETE", "COMMIT", "SHOW"]
    .map { Array($0.utf8) }

  /// Whether nothing behind the first words can matter.
  private static func hidesNothing(_ sql: ByteBuffer) -> Bool {
    sql.withUnsafeReadableBytes { bytes in
      var underscore = false
      for byte in bytes {
        if byte == UInt8(ascii: "@") || byte == UInt8(ascii: ";") { return false }
        // GET_LOCK, or anything like it.
        if underscore, byte | 0x20 == UInt8(ascii: "l") { return false }
        underscore = byte == UInt8(ascii: "_")
      }
      return true
    }
  }

  /// Tokens by statement; each with where it ends in the statement's text.
  private struct Statements {
    typealias Statement = (tokens: [(token: StatementToken, end: Int)], text: String)

    var all: [Statement] = []
    var current: [(token: StatementToken, end: Int)] = []

    /// The semicolons of a stored program's body separate nothing here.
    var isBody: Bool {
      guard let first = current.first?.token else { return false }
      if first.isWord("BEGIN") { return current.dropFirst().first?.token.isWord("NOT") == true }
      return first.isWord("CREATE")
        && current.prefix(12).contains {
          ["PROCEDURE", "FUNCTION", "TRIGGER", "EVENT", "PACKAGE"].contains($0.token.word)
        }
    }

    mutating func end(_ text: String) {
      if !current.isEmpty { all.append((current, text)) }
      current = []
    }
  }

  private mutating func read(_ statement: Statements.Statement) {
    let tokens = statement.tokens.map(\.token)
    let words = tokens.prefix(6).map(\.word)
    func begins(_ expected: String...) -> Bool { Array(words.prefix(expected.count)) == expected }
    lookForLocksAndVariables(tokens)
    switch words.first ?? "" {
    case "SET": readSet(statement)
    case "USE":
      switch tokens.dropFirst().first {
      case .name(let name): database = name
      case .word:
        database = Self.text(statement.text, statement.tokens[0].end..<statement.tokens[1].end)
      default: break
      }
    case "CREATE" where words.contains("TEMPORARY"): pins.insert(.temporaryTables)
    case "LOCK": pins.insert(.tableLocks)
    case "FLUSH" where tokens.contains { $0.isWord("READ") || $0.isWord("EXPORT") }:
      pins.insert(.tableLocks)
    case "UNLOCK": unlocksTables = true
    case "PREPARE": pins.insert(.preparedByName)
    case "HANDLER": pins.insert(.handlers)
    // EXECUTE may be of a CALL.
    case "CALL", "EXECUTE": pins.insert(.procedures)
    case "BEGIN" where begins("BEGIN", "NOT"): pins.insert(.procedures)
    case "LOAD" where words.contains("LOCAL"):
      refusal = "LOAD DATA LOCAL is not passed on by the proxy: a held file cannot be sent twice"
    case "XA": refusal = "XA transactions are not passed on by the proxy"
    case "KILL": readKill(statement)
    default: break
    }
  }

  /// `KILL [HARD | SOFT] [CONNECTION | QUERY] number`.
  private mutating func readKill(_ statement: Statements.Statement) {
    var words = statement.tokens.dropFirst().map(\.token)[...]
    if ["HARD", "SOFT"].contains(words.first?.word) { words.removeFirst() }
    let kind = words.first?.word
    if ["CONNECTION", "QUERY"].contains(kind) { words.removeFirst() }
    let start = statement.tokens.dropLast().last?.end ?? 0
    let text = Self.text(statement.text, start..<statement.text.utf8.count)
    guard words == [.number], let number = UInt32(text) else {
      refusal = "KILL is carried out by the proxy itself, for the number of one connection"
      return
    }
    kill = Kill(connection: number, isOfQueryOnly: kind == "QUERY")
  }

  private mutating func lookForLocksAndVariables(_ tokens: [StatementToken]) {
    for (index, token) in tokens.enumerated() {
      let next = index + 1 < tokens.count ? tokens[index + 1] : nil
      switch token {
      case .word("GET_LOCK"): pins.insert(.namedLocks)
      case .userVariable where next?.isSymbol(":") == true && tokens.first?.isWord("SET") == false:
        pins.insert(.variables)
      case .word("INTO"):
        if case .userVariable = next { pins.insert(.variables) }
      default: break
      }
    }
  }

  // MARK: SET

  private mutating func readSet(_ statement: Statements.Statement) {
    let body = Array(statement.tokens.dropFirst())
    let start = statement.tokens.first?.end ?? 0
    let words = body.prefix(2).map(\.token.word)
    if ["SESSION", "LOCAL"].contains(words.first), words.last == "TRANSACTION" {
      return carry("transaction", statement.text, from: start)
    }
    switch words.first {
    case "TRANSACTION": pins.insert(.nextTransaction)
    case "STATEMENT", "PASSWORD", "DEFAULT", "RESOURCE": break
    case "ROLE": carry("role", statement.text, from: start)
    default:
      var pieceStart = start
      for piece in Self.pieces(of: body) {
        let end = piece.last?.end ?? pieceStart
        readAssignment(
          piece.map(\.token), Self.text(statement.text, pieceStart..<end))
        pieceStart = end + 1
      }
    }
  }

  private mutating func carry(_ subject: String, _ text: String, from start: Int) {
    assignments.append(Assignment(subject: subject, text: Self.text(text, start..<text.utf8.count)))
  }

  /// Part of a text, by bytes, without blanks and commas around it.
  private static func text(_ text: String, _ range: Range<Int>) -> String {
    let bytes = Array(text.utf8)
    let part = bytes[min(range.lowerBound, bytes.count)..<min(range.upperBound, bytes.count)]
    let trimmed = part.drop { $0 <= 0x20 || $0 == UInt8(ascii: ",") }
    let end = trimmed.lastIndex { $0 > 0x20 } ?? trimmed.startIndex - 1
    return String(
      decoding: trimmed[trimmed.startIndex..<max(trimmed.startIndex, end + 1)], as: UTF8.self)
  }

  /// Assignments, which commas outside of parentheses separate.
  private static func pieces(
    of tokens: [(token: StatementToken, end: Int)]
  ) -> [[(token: StatementToken, end: Int)]] {
    var pieces: [[(token: StatementToken, end: Int)]] = [[]]
    var depth = 0
    for entry in tokens {
      if entry.token.isSymbol("(") { depth += 1 }
      if entry.token.isSymbol(")") { depth -= 1 }
      if entry.token.isSymbol(","), depth == 0 {
        pieces.append([])
      } else {
        pieces[pieces.count - 1].append(entry)
      }
    }
    return pieces.filter { !$0.isEmpty }
  }

  private mutating func readAssignment(_ piece: [StatementToken], _ text: String) {
    var tokens = piece[...]
    if ["GLOBAL", "PERSIST", "PERSIST_ONLY"].contains(tokens.first?.word) { return }
    if ["SESSION", "LOCAL"].contains(tokens.first?.word) { tokens.removeFirst() }
    guard let target = tokens.popFirst() else { return }
    switch target {
    case .word("NAMES"), .word("CHARSET"), .word("CHARACTER"):
      return assignments.append(Assignment(subject: "names", text: text))
    case .systemVariable(let name)
    where name.hasPrefix("global.") || name.hasPrefix("persist"):
      return
    default: break
    }
    if tokens.first?.isSymbol(":") == true { tokens.removeFirst() }
    guard tokens.popFirst()?.isSymbol("=") == true, Self.isConstant(tokens) else {
      pins.insert(.variables)
      return
    }
    assignments.append(Assignment(subject: Self.subject(of: target), text: text))
  }

  private static func subject(of target: StatementToken) -> String {
    switch target {
    case .word(let name), .name(let name): name.lowercased()
    case .userVariable(let name): "@" + name
    case .systemVariable(let name): name.split(separator: ".").last.map(String.init) ?? name
    default: ""
    }
  }

  /// One literal, or one word such as ON or utf8mb4; a minus may stand before it.
  private static func isConstant(_ tokens: ArraySlice<StatementToken>) -> Bool {
    var tokens = tokens
    if tokens.first?.isSymbol("-") == true || tokens.first?.isSymbol("+") == true {
      tokens.removeFirst()
    }
    guard tokens.count == 1 else { return false }
    switch tokens.first {
    case .word, .string, .number, .name: return true
    default: return false
    }
  }
}

extension StatementToken {
  /// A word in capitals; empty for everything else.
  var word: String {
    if case .word(let word) = self { word } else { "" }
  }
}
