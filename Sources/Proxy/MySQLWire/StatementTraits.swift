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
    let bytes = Array(sql.readableBytesView)
    var tokens = StatementTokens(bytes, escapes: escapes)
    var statements = Statements()
    while let token = tokens.next() {
      if token.isSymbol(";"), !statements.isBody {
        statements.end(in: bytes, from: tokens.position)
      } else {
        lookForLocksAndVariables(token, in: statements)
        statements.add(token, upTo: tokens.position)
        if isPlain, statements.isKnownWell { break }
      }
    }
    statements.end(in: bytes, from: bytes.count)
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

  /// One of the statements, by its first tokens.
  private struct Statement {
    /// Each with where it ends in `bytes`.
    var tokens: [(token: StatementToken, end: Int)] = []
    /// All that was sent.
    var bytes: [UInt8] = []

    /// What stands there, without blanks and commas around it; nil where it is not UTF-8.
    func text(_ range: Range<Int>) -> String? {
      let trimmed = bytes[range].drop { $0 <= 0x20 || $0 == UInt8(ascii: ",") }
      let end = trimmed.lastIndex { $0 > 0x20 } ?? trimmed.startIndex - 1
      return String(
        validating: trimmed[trimmed.startIndex..<max(trimmed.startIndex, end + 1)], as: UTF8.self)
    }
  }

  private struct Statements {
    /// So much of a statement says what it is; of some all is of interest.
    private static let enough = 64

    private(set) var all: [Statement] = []
    private(set) var current = Statement()
    private(set) var last: StatementToken?

    var first: StatementToken? { current.tokens.first?.token }
    var isKnownWell: Bool { current.tokens.count >= Self.enough && !isOfInterest }

    private var isOfInterest: Bool {
      first?.isWord("SET") == true || first?.isWord("FLUSH") == true
    }

    /// The semicolons of a stored program's body separate nothing here.
    var isBody: Bool {
      guard let first else { return false }
      if first.isWord("BEGIN") {
        return current.tokens.dropFirst().first?.token.isWord("NOT") == true
      }
      return first.isWord("CREATE")
        && current.tokens.prefix(12).contains {
          ["PROCEDURE", "FUNCTION", "TRIGGER", "EVENT", "PACKAGE"].contains($0.token.word)
        }
    }

    mutating func add(_ token: StatementToken, upTo end: Int) {
      last = token
      if current.tokens.count < Self.enough || isOfInterest { current.tokens.append((token, end)) }
    }

    mutating func end(in bytes: [UInt8], from position: Int) {
      current.bytes = bytes
      if !current.tokens.isEmpty { all.append(current) }
      current = Statement()
      last = nil
    }
  }

  private mutating func read(_ statement: Statement) {
    let tokens = statement.tokens.map(\.token)
    let words = tokens.prefix(6).map(\.word)
    func begins(_ expected: String...) -> Bool { Array(words.prefix(expected.count)) == expected }
    switch words.first ?? "" {
    case "SET": readSet(statement)
    case "USE":
      switch tokens.dropFirst().first {
      case .name(let name): database = name
      case .word:
        database = statement.text(statement.tokens[0].end..<statement.tokens[1].end)
      default: break
      }
    case "CREATE" where words.contains("TEMPORARY"): pins.insert(.temporaryTables)
    case "LOCK": pins.insert(.tableLocks)
    case "FLUSH" where tokens.contains { $0.isWord("READ") || $0.isWord("EXPORT") }:
      pins.insert(.tableLocks)
    case "BEGIN" where begins("BEGIN", "NOT"): pins.insert(.procedures)
    case "UNLOCK", "BEGIN", "START": unlocksTables = true
    case "PREPARE": pins.insert(.preparedByName)
    case "HANDLER": pins.insert(.handlers)
    // EXECUTE may be of a CALL.
    case "CALL", "EXECUTE": pins.insert(.procedures)
    case "LOAD" where words.contains("LOCAL"):
      refusal = "LOAD DATA LOCAL is not passed on by the proxy: a held file cannot be sent twice"
    case "XA": refusal = "XA transactions are not passed on by the proxy"
    case "KILL": readKill(statement)
    default: break
    }
  }

  /// `KILL [HARD | SOFT] [CONNECTION | QUERY] number`.
  private mutating func readKill(_ statement: Statement) {
    var words = statement.tokens.dropFirst().map(\.token)[...]
    if ["HARD", "SOFT"].contains(words.first?.word) { words.removeFirst() }
    let kind = words.first?.word
    if ["CONNECTION", "QUERY"].contains(kind) { words.removeFirst() }
    let ends = statement.tokens.suffix(2).map(\.end)
    guard words == [.number], let text = statement.text(ends[0]..<ends[1]),
      let number = UInt32(text)
    else {
      refusal = "KILL is carried out by the proxy itself, for the number of one connection"
      return
    }
    kill = Kill(connection: number, isOfQueryOnly: kind == "QUERY")
  }

  private mutating func lookForLocksAndVariables(
    _ token: StatementToken, in statements: Statements
  ) {
    switch (statements.last, token) {
    case (_, .word("GET_LOCK")): pins.insert(.namedLocks)
    case (.userVariable, _) where token.isSymbol(":") && statements.first?.isWord("SET") == false:
      pins.insert(.variables)
    case (.word("INTO"), .userVariable): pins.insert(.variables)
    default: break
    }
  }

  // MARK: SET

  private mutating func readSet(_ statement: Statement) {
    let body = Array(statement.tokens.dropFirst())
    let words = body.prefix(2).map(\.token.word)
    if ["SESSION", "LOCAL"].contains(words.first), words.last == "TRANSACTION" {
      return carryCharacteristics(Array(body.dropFirst(2)), of: statement, from: body[1].end)
    }
    var start = statement.tokens.first?.end ?? 0
    switch words.first {
    case "TRANSACTION": pins.insert(.nextTransaction)
    case "STATEMENT", "PASSWORD", "DEFAULT", "RESOURCE": break
    case "ROLE": carry("role", statement.text(start..<(body.last?.end ?? start)))
    default:
      for piece in Self.pieces(of: body) {
        let end = piece.last?.end ?? start
        readAssignment(piece.map(\.token), statement.text(start..<end))
        start = end + 1
      }
    }
  }

  /// The isolation level and whether transactions may write: one does not replace the other.
  private mutating func carryCharacteristics(
    _ tokens: [(token: StatementToken, end: Int)], of statement: Statement, from start: Int
  ) {
    var start = start
    for piece in Self.pieces(of: tokens) {
      let end = piece.last?.end ?? start
      let isOfIsolation = piece.first?.token.isWord("ISOLATION") == true
      carry(
        isOfIsolation ? "transaction isolation" : "transaction access",
        statement.text(start..<end).map { "SESSION TRANSACTION " + $0 })
      start = end + 1
    }
  }

  /// What is not UTF-8 cannot be said again.
  private mutating func carry(_ subject: String, _ text: String?) {
    guard let text else {
      pins.insert(.variables)
      return
    }
    assignments.append(Assignment(subject: subject, text: text))
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

  private mutating func readAssignment(_ piece: [StatementToken], _ text: String?) {
    var tokens = piece[...]
    if ["GLOBAL", "PERSIST", "PERSIST_ONLY"].contains(tokens.first?.word) { return }
    if ["SESSION", "LOCAL"].contains(tokens.first?.word) { tokens.removeFirst() }
    guard let target = tokens.popFirst() else { return }
    switch target {
    case .word("NAMES"), .word("CHARSET"), .word("CHARACTER"):
      return carry("names", text)
    case .systemVariable(let name)
    where name.hasPrefix("global.") || name.hasPrefix("persist"):
      return
    default: break
    }
    if tokens.first?.isSymbol(":") == true { tokens.removeFirst() }
    guard tokens.popFirst()?.isSymbol("=") == true, Self.isConstant(tokens, for: target) else {
      pins.insert(.variables)
      return
    }
    carry(Self.subject(of: target), text)
  }

  private static func subject(of target: StatementToken) -> String {
    switch target {
    case .word(let name), .name(let name): name.lowercased()
    case .userVariable(let name): "@" + name
    case .systemVariable(let name): name.split(separator: ".").last.map(String.init) ?? name
    default: ""
    }
  }

  /// One literal, or one word such as ON or utf8mb4, which for a user's variable may be a function; a
  /// minus may stand before it.
  private static func isConstant(
    _ tokens: ArraySlice<StatementToken>, for target: StatementToken
  ) -> Bool {
    var tokens = tokens
    if tokens.first?.isSymbol("-") == true || tokens.first?.isSymbol("+") == true {
      tokens.removeFirst()
    }
    guard tokens.count == 1 else { return false }
    switch (tokens.first, target) {
    case (.word(let word), .userVariable): return ["TRUE", "FALSE", "NULL"].contains(word)
    case (.word, _), (.string, _), (.number, _), (.name, _): return true
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

extension Set<StatementTraits.Pin> {
  /// What an error does not undo.
  package static let outlivingErrors: Self = [.procedures, .namedLocks, .variables]
}
