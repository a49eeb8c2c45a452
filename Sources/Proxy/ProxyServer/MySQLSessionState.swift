internal import MySQLWire
internal import NIOCore

/// What a client's session consists of, wherever its statements run.
struct MySQLSessionState {
  var database: String?
  var collation: UInt8
  /// What answers look like; every backend connection is opened with the same.
  var capabilities: Capabilities
  private(set) var assignments: [StatementTraits.Assignment] = []
  /// What only the backend connection at hand has.
  private(set) var pins: Set<StatementTraits.Pin> = []
  private(set) var status: ServerStatus
  private var insertID: UInt64 = 0
  private var hasCursor = false
  var prepared = PreparedStatements()
  /// What a status says of the answer that it came with.
  private static let ofOneAnswer: ServerStatus = [.moreResults, .lastRowSent, .cursorExists]
  /// So much of assignments is remembered, in bytes; more of them pin the session.
  private static let mostOfAssignments = 1 << 20

  /// `status`: as servers begin sessions.
  init(_ response: HandshakeResponse, _ status: ServerStatus = .autocommit) {
    self.status = status
    database = response.database
    collation = response.collation
    capabilities = response.capabilities.intersection(.offered)
  }

  /// What only the connection at hand has, in words.
  var pinNames: String { pins.map(\.rawValue).sorted().joined(separator: ", ") }

  var escapes: Bool { !status.contains(.noBackslashEscapes) }
  var deprecatesEOF: Bool { capabilities.contains(.deprecateEOF) }

  /// Whether the next statement belongs to what is under way, and must run where that runs.
  var isWorkOpen: Bool {
    status.contains(.inTransaction) || pins.contains(.tableLocks) || hasCursor
  }

  /// Whether an error may have left a transaction open that no status tells of.
  var isUncertainAfterError: Bool {
    status.contains(.inTransaction) || !status.contains(.autocommit)
  }

  /// Takes in what an answer said, and what its statement did.
  mutating func take(_ traits: StatementTraits, _ tracker: AnswerTracker) {
    if let status = tracker.status {
      let wasOpen = self.status.contains(.inTransaction)
      self.status = status.subtracting(Self.ofOneAnswer)
      hasCursor = status.contains(.cursorExists) && !status.contains(.lastRowSent)
      if wasOpen, !status.contains(.inTransaction) { pins.remove(.nextTransaction) }
    }
    if let id = tracker.insertID { insertID = id }
    let isDone = tracker.error == nil
    pins.formUnion(
      isDone || traits.isMultiple ? traits.pins : traits.pins.intersection(.outlivingErrors))
    if isDone {
      if traits.unlocksTables { pins.remove(.tableLocks) }
      if let database = traits.database { self.database = database }
      for assignment in traits.assignments { remember(assignment) }
    } else if traits.isMultiple, !traits.assignments.isEmpty {
      pins.insert(.variables)
    }
  }

  private mutating func remember(_ assignment: StatementTraits.Assignment) {
    assignments.removeAll { $0.subject == assignment.subject }
    let size = assignments.reduce(assignment.size) { $0 + $1.size }
    if size <= Self.mostOfAssignments {
      assignments.append(assignment)
    } else {
      pins.insert(.variables)
    }
  }

  /// The server's own word on its status, asked for after an error.
  mutating func take(_ status: ServerStatus) { self.status = status }

  /// Multiple statements are switched on (0) or off (1).
  mutating func setOption(_ option: UInt16?) {
    if option == 0 { capabilities.insert(.multiStatements) }
    if option == 1 { capabilities.remove(.multiStatements) }
  }

  mutating func closeCursor() { hasCursor = false }

  /// The statements that make a fresh backend connection the session's.
  var restoring: [String] {
    var statements = assignments.map { "SET " + $0.text }
    if insertID > 0 { statements.append("SET last_insert_id = \(insertID)") }
    return statements
  }

  /// Those that make a connection the session's which another session has had, and which was reset.
  ///
  /// A reset leaves the server's own character set, and on some servers the last insert id.
  var restoringUsed: [String] {
    let basics =
      ["character_set_client", "character_set_results", "collation_connection"]
      .map { "\($0) = \(collation)" } + ["last_insert_id = \(insertID)"]
    return ["SET " + basics.joined(separator: ", ")] + assignments.map { "SET " + $0.text }
  }

  /// A role, which a reset does not take away.
  var hasRole: Bool { assignments.contains { $0.subject == "role" } }

  /// Its backend connection is gone: what that alone had is, too.
  mutating func loseConnection() {
    pins = []
    hasCursor = false
    status.remove(.inTransaction)
  }

  /// As after a login, but for the database.
  mutating func reset(_ status: ServerStatus) {
    self.loseConnection()
    assignments = []
    insertID = 0
    prepared = PreparedStatements()
    self.status = status
  }
}

extension StatementTraits.Assignment {
  /// What remembering it costs, roughly, in bytes.
  fileprivate var size: Int { subject.utf8.count + text.utf8.count + 64 }
}
