import NIOCore
import PostgresWire
import TestSupport
import Testing

/// A session whose server says what it is told to say.
private struct Talk {
  var state = CarriedState()

  /// A query whose statements end with these tags; nil: with an error.
  mutating func query(_ text: String, _ tags: String?..., then status: Character = "I") throws {
    try state.sent(message(.query) { $0.writeString(text + "\0") })
    for tag in tags { try answer(tag) }
    try ready(status)
  }

  mutating func parse(_ name: String, _ text: String) throws {
    try state.sent(message(.parse) { $0.writeString("\(name)\0\(text)\0\0\0") })
  }

  mutating func execute(_ name: String) throws {
    try state.sent(message(.bind) { $0.writeString("\0\(name)\0\0\0\0\0\0\0") })
    try state.sent(message(.execute) { $0.writeString("\0\0\0\0\0") })
  }

  mutating func answer(_ tag: String?) throws {
    let frame =
      tag.map { tag in message(BackendKind.commandComplete) { $0.writeString(tag + "\0") } }
      ?? message(BackendKind.errorResponse)
    try state.received(frame)
  }

  mutating func answer(_ kind: BackendKind) throws { try state.received(message(kind)) }

  mutating func ready(_ status: Character = "I") throws {
    try state.received(message(.readyForQuery) { $0.writeString(String(status)) })
  }

  /// The queries and the statements prepared that make the session again.
  func replay() throws -> [String] {
    var frames = Frames<FrontendKind>(limit: 100_000)
    let pieces = try frames.pieces(of: Array(buffer: state.replay.messages)) { .max }
    return Frames<FrontendKind>.frames(pieces).map { frame in
      String(buffer: frame.body).split(separator: "\0").joined(separator: "|")
    }
  }
}

@Suite struct CarriedStateTests {
  @Test func aFreshSessionCarriesNothing() throws {
    var talk = Talk()
    try talk.query("select 1", "SELECT 1")
    #expect(talk.state.pins.isEmpty)
    #expect(talk.state.replay.messages.readableBytes == 0)
    #expect(talk.state.replay.answers == 0)
  }

  @Test func settingsAreSaidAgainTheLastOneOfEachName() throws {
    var talk = Talk()
    try talk.query("set a.b = 1; set timezone = 'UTC'", "SET", "SET")
    try talk.query("set a.b = 2", "SET")
    #expect(try talk.replay() == ["set timezone = 'UTC'\n;\nset a.b = 2"])
    #expect(talk.state.replay.answers == 1)
    try talk.query("reset timezone", "RESET")
    #expect(try talk.replay() == ["set a.b = 2"])
  }

  @Test func whoOneIsSurvivesAResetOfEverything() throws {
    var talk = Talk()
    try talk.query("set role app; set a.b = 1; reset all", "SET", "SET", "RESET")
    #expect(try talk.replay() == ["set role app"])
    try talk.query("discard all", "DISCARD ALL")
    #expect(try talk.replay() == [])
  }

  @Test func aSettingIsAsGoodAsItsTransaction() throws {
    var talk = Talk()
    try talk.query("begin", "BEGIN", then: "T")
    try talk.query("set a.b = 1", "SET", then: "T")
    #expect(try talk.replay() == [])
    #expect(talk.state.transaction == .open)
    try talk.query("commit", "COMMIT")
    #expect(try talk.replay() == ["set a.b = 1"])

    try talk.query("begin; set a.b = 2; rollback; set c.d = 3", "BEGIN", "SET", "ROLLBACK", "SET")
    #expect(try talk.replay() == ["set a.b = 1\n;\nset c.d = 3"])
  }

  /// A failed transaction is rolled back, whatever its end is called.
  @Test func aFailedTransactionLeavesNothing() throws {
    var talk = Talk()
    try talk.query("begin; set a.b = 1; selct", "BEGIN", "SET", nil, then: "E")
    #expect(talk.state.transaction == .failed)
    try talk.query("commit", "ROLLBACK")
    #expect(try talk.replay() == [])
    // One query is one transaction.
    try talk.query("set a.b = 1; select 1/0", "SET", nil)
    #expect(try talk.replay() == [])
    try talk.query("set a.b = 1; commit; select 1/0", "SET", "COMMIT", nil)
    #expect(try talk.replay() == ["set a.b = 1"])
  }

  @Test func aSavepointAfterASettingTies() throws {
    var talk = Talk()
    try talk.query(
      "begin; savepoint s; rollback to s; commit", "BEGIN", "SAVEPOINT", "ROLLBACK", "COMMIT")
    #expect(talk.state.pins.isEmpty)
    try talk.query(
      "begin; savepoint s; set a.b = 1; rollback to s; commit", "BEGIN", "SAVEPOINT", "SET",
      "ROLLBACK",
      "COMMIT")
    #expect(talk.state.pins == [.savepoint])
  }

  @Test func whatTiesIsKnownAndForgotten() throws {
    var talk = Talk()
    try talk.query("create temp table t (i int); listen a", "CREATE TABLE", "LISTEN")
    try talk.query("select pg_advisory_lock(1)", "SELECT 1")
    #expect(talk.state.pins == [.temporaryTables, .listening, .advisoryLocks])
    try talk.query("unlisten *", "UNLISTEN")
    try talk.query("select pg_advisory_unlock_all()", "SELECT 1")
    #expect(talk.state.pins == [.temporaryTables])
    try talk.query("begin; listen b; rollback", "BEGIN", "LISTEN", "ROLLBACK")
    #expect(talk.state.pins == [.temporaryTables])
    // A lock outlives its transaction.
    try talk.query("begin; select pg_advisory_lock(1); rollback", "BEGIN", "SELECT 1", "ROLLBACK")
    #expect(talk.state.pins == [.temporaryTables, .advisoryLocks])
    try talk.query("discard all", "DISCARD ALL")
    #expect(talk.state.pins.isEmpty)
  }

  @Test func namedStatementsArePreparedAgain() throws {
    var talk = Talk()
    try talk.parse("s1", "select $1::int")
    try talk.parse("", "select 2")
    try talk.parse("s2", "selct")
    try talk.answer(.parseComplete)
    try talk.answer(.parseComplete)
    try talk.answer(nil)
    try talk.ready()
    #expect(try talk.replay() == ["s1|select $1::int", ""])
    #expect(talk.state.replay.answers == 1)
    try talk.state.sent(message(.close) { $0.writeString("Ss1\0") })
    try talk.answer(.closeComplete)
    try talk.ready()
    #expect(try talk.replay() == [])
  }

  @Test func preparedByStatementOrByMessageIsOneNamespace() throws {
    var talk = Talk()
    try talk.query("prepare p as select 1", "PREPARE")
    #expect(try talk.replay() == ["prepare p as select 1"])
    try talk.query("deallocate all", "DEALLOCATE ALL")
    try talk.parse("p", "select 2")
    try talk.answer(.parseComplete)
    try talk.ready()
    #expect(try talk.replay() == ["p|select 2", ""])
    try talk.query("deallocate p", "DEALLOCATE")
    #expect(try talk.replay() == [])
  }

  /// A SET that is prepared takes effect when it is executed.
  @Test func whatIsPreparedCountsWhenItIsExecuted() throws {
    var talk = Talk()
    try talk.parse("s", "set a.b = 1")
    try talk.answer(.parseComplete)
    try talk.ready()
    #expect(try talk.replay() == ["s|set a.b = 1", ""])
    try talk.execute("s")
    try talk.answer("SET")
    try talk.ready()
    #expect(try talk.replay() == ["set a.b = 1", "s|set a.b = 1", ""])
  }

  @Test func whatIsTooMuchIsNotKept() throws {
    var talk = Talk()
    for number in 0..<4 {
      try talk.parse("s\(number)", String(repeating: "x", count: 300_000))
      try talk.answer(.parseComplete)
      try talk.ready()
    }
    #expect(talk.state.pins == [.tooMuch])
    #expect(talk.state.replay.messages.readableBytes == 0)
  }

  /// Messages whose answers are still to come count, too.
  @Test func whatIsTooMuchIsNotKeptWhileItIsAwaitedEither() throws {
    var talk = Talk()
    let text = "select '\(String(repeating: "x", count: 300_000))'"
    for number in 0..<4 { try talk.parse("s\(number)", text) }
    #expect(talk.state.pins.isEmpty)
    for _ in 0..<4 { try talk.answer(.parseComplete) }
    #expect(talk.state.pins == [.tooMuch])
    // What is not prepared in the end is not missed.
    var other = Talk()
    for number in 0..<3 { try other.parse("s\(number)", text) }
    try other.answer(nil)
    try other.ready()
    try other.parse("s", text)
    try other.answer(.parseComplete)
    try other.ready()
    #expect(other.state.pins.isEmpty)
    #expect(other.state.replay.answers == 1)
  }

  @Test func settingsOfOneTransactionCountToo() throws {
    var talk = Talk()
    try talk.query("begin", "BEGIN", then: "T")
    for _ in 0..<4 {
      try talk.query("set a.b = '\(String(repeating: "x", count: 300_000))'", "SET", then: "T")
    }
    #expect(talk.state.pins == [.tooMuch])
    try talk.query("rollback", "ROLLBACK")
    try talk.query("discard all", "DISCARD ALL")
    #expect(talk.state.pins.isEmpty)
  }

  /// A server knows 63 bytes of a name.
  @Test func namesAreCutAsServersCutThem() throws {
    var talk = Talk()
    let name = String(repeating: "n", count: 63)
    try talk.parse(name + "and more", "listen a")
    try talk.answer(.parseComplete)
    try talk.ready()
    try talk.execute(name + "and others")
    try talk.answer("LISTEN")
    try talk.ready()
    #expect(talk.state.pins == [.listening])
  }

  /// A statement that could not be prepared under a name says nothing of the next one.
  @Test func aFailedParseLeavesNoEffects() throws {
    var talk = Talk()
    try talk.parse("s", "select 1 from nowhere")
    try talk.answer(nil)
    // Passed over.
    try talk.parse("t", "select 1")
    try talk.ready()
    for name in ["s", "t"] {
      try talk.parse(name, "listen a")
      try talk.execute(name)
      try talk.answer(.parseComplete)
      try talk.answer("LISTEN")
      try talk.ready()
      #expect(talk.state.pins == [.listening])
      try talk.query("unlisten *", "UNLISTEN")
    }
  }

  @Test func noAnswersAreAwaitedWithoutEnd() throws {
    var talk = Talk()
    for _ in 0..<20_000 {
      try talk.parse("", "select 1")
      try talk.execute("")
    }
    try talk.query("listen a", "SELECT 1")
    #expect(talk.state.pins.isEmpty)
    #expect(throws: ProtocolViolation.self) {
      for number in 0..<20_000 { try talk.parse("s\(number)", "") }
    }
  }

  /// Both sides of a recorded session, told to it as fast as they came.
  @Test(arguments: Conversation.allCases)
  func aRecordedSessionIsFollowed(_ conversation: Conversation) throws {
    var talk = Talk()
    var client = Frames<FrontendKind>(limit: 10_000)
    var server = Frames<BackendKind>(limit: 10_000)
    var requests = Frames<FrontendKind>.frames(
      try client.pieces(of: conversation.messages) { .max })[...]
    for frame in Frames<BackendKind>.frames(try server.pieces(of: conversation.server) { .max }) {
      try talk.state.received(frame)
      guard frame.kind == .readyForQuery else { continue }
      while let request = requests.popFirst() {
        try talk.state.sent(request)
        if request.kind == .query || request.kind == .sync { break }
      }
    }
    switch conversation {
    case .psql:
      #expect(talk.state.pins == [.listening])
      #expect(
        try talk.replay()
          == ["set timezone = 'Asia/Tokyo'\n;\nprepare p as select $1::int"])
    case .psycopg: #expect(talk.state.pins == [.temporaryTables])
    }
  }

  @Test func brokenSessionsDoNoHarm() throws {
    let clients = Mutations(of: Conversation.allCases.map(\.messages), seed: 10)
    let servers = Mutations(of: Conversation.allCases.map(\.server), seed: 11)
    for _ in 0..<500 {
      var talk = Talk()
      var client = Frames<FrontendKind>(limit: 10_000)
      var server = Frames<BackendKind>(limit: 10_000)
      let requests = Frames<FrontendKind>.frames(
        (try? client.pieces(of: clients.next()) { 99 }) ?? [])
      let answers = Frames<BackendKind>.frames(
        (try? server.pieces(of: servers.next()) { 99 }) ?? [])
      for (request, answer) in zip(requests, answers) {
        try? talk.state.sent(request)
        try? talk.state.received(answer)
      }
      _ = talk.state.replay
    }
  }
}
