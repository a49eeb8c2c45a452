/// Follows a statement's tokens from one place where a table stands to the next.
struct TableScan {
  /// What a name is that stands next.
  private enum Expected {
    case nothing, table
    /// One that WITH gives to a result.
    case common
  }

  /// What is between two parentheses, or a whole statement.
  private struct Level {
    /// FROM is followed by tables here, and not, as in EXTRACT(YEAR FROM …), by anything else.
    var isQuery = false
    var expected = Expected.nothing
    /// Behind a comma stands another table.
    var isList = false
    /// Nothing has stood here yet.
    var isAtStart = true
    /// Behind WITH: results get names here, and the statement is still to come.
    var isNaming = false

    mutating func expectNoTable() { if expected == .table { expected = .nothing } }
  }

  /// What the table that was named last still gets.
  private enum Qualification {
    case none
    /// A dot, perhaps: then what was named is the database.
    case perhaps
    /// The table itself, behind the dot.
    case table
    /// Its database, behind it.
    case database
  }

  /// What is waited for that stands further on.
  private enum Awaited {
    case nothing
    /// What EXPLAIN explains, which may be a table.
    case explained
    /// CREATE INDEX and the like: the table behind ON.
    case onTable
    /// DELETE FROM a, b USING: what stood before is named again behind it, unless USING is a join's.
    case using
  }

  private(set) var tables: Set<TableName> = []
  private(set) var common: Set<String> = []
  private(set) var doubt: NamedTables.Doubt?
  /// Of the statement at hand.
  private var named: [TableName] = []
  /// The name that WITH gave last, until the definition of it has ended.
  private var defined: String?
  private var isFirstToken = true
  private var hasEndedStatement = false
  /// Whether the WITH at hand begins everything.
  private var isWithFirst = false
  private var levels = [Level(isQuery: true)]
  /// What the statement does: its first word, behind WITH and EXPLAIN.
  private var verb = ""
  /// The word before; empty where something else was.
  private var last = ""
  private var awaited = Awaited.nothing
  private var qualification = Qualification.none

  /// So many places of tables are remembered, and so many parentheses.
  private static let most = 10_000

  var isTooLarge: Bool { tables.count + named.count > Self.most || levels.count > Self.most }

  private var level: Level {
    get { levels[levels.count - 1] }
    set { levels[levels.count - 1] = newValue }
  }

  init() {}

  mutating func endStatement() {
    endDefinition()
    var next = Self()
    (next.tables, next.common, next.doubt) = (tables.union(named), common, doubt)
    (next.isFirstToken, next.hasEndedStatement) = (false, true)
    self = next
  }

  /// `possibleName`: what a string or a number is called where it stands in a table's place.
  mutating func take(_ token: StatementToken, _ possibleName: String?) {
    if hasEndedStatement, !common.isEmpty, !token.isSymbol(";") { doubt = .with }
    defer { isFirstToken = false }
    if awaited == .using {
      awaited = .nothing
      if !token.isSymbol("(") {
        named = []
        expectList()
      }
    }
    switch token {
    case .symbol(let symbol): return take(symbol)
    case .word(let word):
      if isQualifying { qualify(with: word) } else { take(word: word) }
      last = word
    case .name(let name):
      if isQualifying { qualify(with: name) } else { take(name: name) }
      last = ""
    case .string, .number:
      if let name = possibleName, isQualifying {
        qualify(with: name)
      } else if let name = possibleName, level.expected != .nothing {
        take(name: name)
      } else {
        qualification = .none
        level.expectNoTable()
      }
      last = ""
    case .userVariable, .systemVariable:
      (qualification, last) = (.none, "")
      level.expectNoTable()
    }
    level.isAtStart = false
  }

  // MARK: Names

  private mutating func take(name: String) {
    switch level.expected {
    case .common: nameCommon(name)
    case .table: self.name(name)
    case .nothing: qualification = .none
    }
  }

  private mutating func name(_ text: String) {
    named.append(TableName(database: nil, table: text))
    level.expected = .nothing
    qualification = .perhaps
  }

  private var isQualifying: Bool { qualification == .table || qualification == .database }

  private mutating func qualify(with text: String) {
    if let last = named.popLast() {
      named.append(
        qualification == .table
          ? TableName(database: last.table, table: text)
          : TableName(database: text, table: last.table))
    }
    qualification = .none
  }

  private mutating func nameCommon(_ text: String) {
    if !isWithFirst { doubt = .with }
    common.insert(text.caseFolded)
    defined = text.caseFolded
    level.expected = .nothing
  }

  /// What has been named up to here under the name that WITH gave last is a table.
  private mutating func endDefinition() {
    if let defined, named.contains(TableName(database: nil, table: defined)) { doubt = .with }
    defined = nil
  }

  // MARK: Symbols

  private mutating func take(_ symbol: UInt8) {
    // Of a MERGE table, and not of two queries: those begin anew.
    if last == "UNION", ["CREATE", "ALTER"].contains(verb), "=(".utf8.contains(symbol) {
      level.expected = .table
    }
    let isBehindTable = qualification == .perhaps
    // A dot leaves what is expected behind one.
    if isBehindTable || symbol != UInt8(ascii: ".") { qualification = .none }
    switch symbol {
    case UInt8(ascii: ".") where isBehindTable: qualification = .table
    case UInt8(ascii: "("): open(isBehindTable)
    case UInt8(ascii: ")") where levels.count > 1: levels.removeLast()
    case UInt8(ascii: ","):
      if level.isNaming { endDefinition() }
      level.expected = level.isNaming ? .common : level.isList ? .table : .nothing
    case UInt8(ascii: ";") where levels.count == 1: endStatement()
    default: break
    }
    last = ""
  }

  private mutating func open(_ isBehindTable: Bool) {
    // A function that makes a table, as JSON_TABLE does.
    if isBehindTable, level.isList { named.removeLast() }
    let holdsTables = level.expected == .table
    level.expectNoTable()
    levels.append(Level(expected: holdsTables ? .table : .nothing, isList: holdsTables))
  }

  // MARK: Words

  /// What may stand between a verb and its table.
  private static let passedOver: Set<String> = [
    "LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY", "IGNORE", "QUICK", "INTO", "TABLE", "TABLES", "IF",
    "NOT", "EXISTS", "LATERAL", "OJ",
  ]
  /// What stands in a table's place and is none.
  private static let noTables: Set<String> = ["OUTFILE", "DUMPFILE", "DUAL"]
  /// Behind which another query stands.
  private static let joiningQueries: Set<String> = [
    "UNION", "EXCEPT", "INTERSECT", "MINUS", "ALL", "DISTINCT",
  ]
  /// What ends a list of tables.
  private static let endingLists: Set<String> = [
    "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "SET", "UNION", "EXCEPT", "INTERSECT", "WINDOW",
    "LOCK", "PROCEDURE", "VALUES", "VALUE", "DUPLICATE", "RETURNING", "OFFSET", "FETCH", "INTO",
  ]
  /// Of those, what may be a table's name as well.
  private static let alsoNames: Set<String> = ["VALUE", "DUPLICATE", "OFFSET"]
  /// What is done to one TABLE, and to several.
  private static let ofOneTable: Set<String> = ["CREATE", "ALTER", "TRUNCATE"]
  private static let ofTables: Set<String> = [
    "DROP", "LOCK", "OPTIMIZE", "ANALYZE", "CHECK", "REPAIR", "CHECKSUM", "RENAME", "FLUSH",
  ]
  /// First words of statements in which tables stand where they are looked for.
  ///
  /// Not among them is what may hold other statements.
  private static let understood: Set<String> = [
    "INSERT", "REPLACE", "UPDATE", "DELETE", "TRUNCATE", "HANDLER", "LOAD", "CREATE", "ALTER",
    "DROP", "RENAME", "LOCK", "UNLOCK", "OPTIMIZE", "ANALYZE", "CHECK", "CHECKSUM", "REPAIR",
    "FLUSH", "SHOW", "SET", "DO", "USE", "BEGIN", "START", "COMMIT", "ROLLBACK", "SAVEPOINT",
    "RELEASE",
    // Behind a first query in parentheses.
    "UNION", "EXCEPT", "INTERSECT", "ORDER", "LIMIT",
  ]
  /// What SHOW shows of a table.
  private static let shown: Set<String> = ["COLUMNS", "FIELDS", "INDEX", "INDEXES", "KEYS"]

  private mutating func take(word: String) {
    qualification = .none
    if level.expected == .common {
      // GROUP BY … WITH ROLLUP.
      if word == "ROLLUP" {
        (level.isNaming, level.expected) = (false, .nothing)
      } else if word != "RECURSIVE" {
        nameCommon(word)
      }
      return
    }
    if contains(word) { verb = "" }
    if last == "RENAME", verb == "ALTER", level.expected == .table {
      if ["TO", "AS"].contains(word) { return }
      if ["COLUMN", "INDEX", "KEY"].contains(word) { level.expected = .nothing }
    }
    let mayBegin = level.isAtStart || level.isNaming || levels.count == 1 && verb.isEmpty
    if mayBegin, begin(word) { return }
    if level.expected == .table, !Self.passedOver.contains(word), !isKeyword(word) {
      return name(word)
    }
    follow(word)
  }

  /// Whether a statement stands here within another: MariaDB's SET STATEMENT … FOR and ANALYZE, and
  /// what a trigger does.
  private mutating func contains(_ word: String) -> Bool {
    guard levels.count == 1 else { return false }
    if verb == "CREATE", last == "ROW" {
      if word == "BEGIN" { doubt = doubt ?? .statement("CREATE … BEGIN") }
      return true
    }
    guard named.isEmpty else { return false }
    return verb == "SET" && last == "FOR"
      || verb == "ANALYZE" && ["UPDATE", "INSERT", "REPLACE", "DELETE"].contains(word)
  }

  private mutating func isKeyword(_ word: String) -> Bool {
    if Self.noTables.contains(word) { level.expected = .nothing }
    return Self.noTables.contains(word)
      || Self.endingLists.contains(word) && !Self.alsoNames.contains(word)
      || ["SELECT", "WITH", "FROM", "JOIN"].contains(word)
  }

  /// Takes the first word of a query or a statement, also behind WITH and EXPLAIN; false for others.
  private mutating func begin(_ word: String) -> Bool {
    if ["SELECT", "WITH", "VALUES", "TABLE"].contains(word) {
      beginQuery(word)
      return true
    }
    guard levels.count == 1 else { return false }
    switch word {
    case "EXPLAIN", "DESCRIBE", "DESC":
      (awaited, level.expected) = (.explained, .table)
    case "INSERT", "REPLACE", "TRUNCATE", "HANDLER": beginStatement(word, expecting: .table)
    case "UPDATE":
      beginStatement(word, expecting: .table)
      level.isList = true
    case "DELETE": beginStatement(word, expecting: .nothing)
    default:
      if awaited == .explained || level.isNaming { return false }
      beginStatement(word, expecting: .nothing)
    }
    return true
  }

  private mutating func beginStatement(_ word: String, expecting expected: Expected) {
    forgetExplained()
    endDefinition()
    // With names for results others than queries may change what has such a name.
    if !common.isEmpty { doubt = .with }
    if !Self.understood.contains(word) { doubt = doubt ?? .statement(word) }
    verb = word
    level = Level(isQuery: true, expected: expected)
  }

  private mutating func beginQuery(_ word: String) {
    if levels.count == 1 {
      forgetExplained()
      endDefinition()
    }
    if word == "WITH" { isWithFirst = isFirstToken }
    if levels.count == 1, verb.isEmpty, word != "WITH" { verb = word }
    level = Level(isQuery: true, expected: word == "TABLE" ? .table : .nothing)
    if word == "WITH" { (level.isNaming, level.expected) = (true, .common) }
  }

  /// EXPLAIN FORMAT = … SELECT: what looked like a table was none.
  private mutating func forgetExplained() {
    guard awaited == .explained else { return }
    (named, awaited) = ([], .nothing)
  }

  private mutating func follow(_ word: String) {
    switch word {
    case "FROM", "IN":
      if verb == "SHOW" { followShow() } else if word == "FROM", level.isQuery { expectList() }
    case "JOIN" where level.isQuery || level.isList: expectList()
    case "STRAIGHT_JOIN" where level.isList: expectList()
    case "USING" where verb == "DELETE" && levels.count == 1: awaited = .using
    case "SELECT": beginQuery(word)
    // Not GROUP BY … WITH ROLLUP.
    case "WITH" where ["INSERT", "REPLACE", "CREATE"].contains(verb) && !named.isEmpty:
      beginQuery(word)
    case "INTO" where level.isQuery: (level.expected, level.isList) = (.table, false)
    case "TABLE" where Self.joiningQueries.contains(last): level.expected = .table
    case "TABLE", "TABLES": followTable()
    case "NOT" where verb == "BEGIN": doubt = doubt ?? .statement("BEGIN NOT ATOMIC")
    case "LIKE" where verb == "CREATE" && (levels.count == 1 && !level.isList || level.isAtStart),
      "REFERENCES" where verb == "CREATE" || verb == "ALTER":
      level.expected = .table
    case "INDEX" where levels.count == 1, "TRIGGER" where levels.count == 1:
      if verb == "CREATE" || verb == "DROP" { awaited = .onTable }
    case "ON" where awaited == .onTable: (awaited, level.expected) = (.nothing, .table)
    case "TO" where verb == "RENAME", "RENAME" where verb == "ALTER" && levels.count == 1:
      level.expected = .table
    case "PROCEDURE" where verb == "CREATE" && levels.count == 1,
      "FUNCTION" where verb == "CREATE" && levels.count == 1,
      "EVENT" where verb == "CREATE" && levels.count == 1:
      doubt = doubt ?? .statement("CREATE \(word)")
    case "UPDATE" where last == "FOR", "SHARE" where last == "FOR": endList()
    case _ where Self.endingLists.contains(word): endList()
    default: break
    }
  }

  private mutating func expectList() { (level.expected, level.isList) = (.table, true) }
  private mutating func endList() { (level.expected, level.isList) = (.nothing, false) }

  /// SHOW COLUMNS FROM table FROM database.
  private mutating func followShow() {
    if Self.shown.contains(last) {
      level.expected = .table
    } else if !named.isEmpty {
      qualification = .database
    }
  }

  private mutating func followTable() {
    let isOne = Self.ofOneTable.contains(verb)
    if verb == "SHOW" {
      level.expected = last == "CREATE" ? .table : .nothing
    } else if isOne || Self.ofTables.contains(verb), levels.count == 1 {
      (level.expected, level.isList) = (.table, !isOne)
    } else if verb == "INSERT" || verb == "REPLACE", !named.isEmpty {
      // INSERT INTO t TABLE other.
      level.expected = .table
    }
  }
}
