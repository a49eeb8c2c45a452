import MySQLWire
import NIOCore
import TestSupport
import Testing

/// What statements do to their sessions, by their text.
@Suite struct StatementTraitsTests {
  private func traits(_ sql: String, escapes: Bool = true) -> StatementTraits {
    StatementTraits(of: ByteBuffer(string: sql), escapes: escapes)
  }

  @Test(arguments: [
    "SELECT 1", "insert into t values ('a;b', \"SET x\", `LOCK`)", "COMMIT",
    "SELECT 'it''s; GET_LOCK(' -- CREATE TEMPORARY TABLE", "SELECT 1 /* SET @a = f() */",
    "SET GLOBAL max_connections = 5", "SET PASSWORD = 'x'", "SELECT @a, @@sql_mode",
    "CREATE TABLE temporary_things (n INT)", "SELECT a FROM t WHERE b = 'x\\'; XA START'", "",
  ]) func mostStatementsDoNothing(_ sql: String) {
    #expect(traits(sql) == StatementTraits())
  }

  @Test(arguments: [
    ("CREATE TEMPORARY TABLE t (n INT)", StatementTraits.Pin.temporaryTables),
    ("create or replace temporary table t as select 1", .temporaryTables),
    ("/*!50000 CREATE */ /*! TEMPORARY */ TABLE t (n INT)", .temporaryTables),
    ("SELECT get_lock('a', 1)", .namedLocks), ("LOCK TABLES t WRITE", .tableLocks),
    ("FLUSH TABLES WITH READ LOCK", .tableLocks), ("SELECT 1 INTO @x", .variables),
    ("SELECT @x := 5", .variables), ("SET @x = (SELECT 1)", .variables),
    ("SET @old = @@sql_mode, sql_mode = ''", .variables),
    ("SET sql_mode = CONCAT(@@sql_mode, ',ANSI')", .variables),
    ("PREPARE s FROM 'SELECT 1'", .preparedByName), ("HANDLER t OPEN", .handlers),
    ("CALL p()", .procedures), ("EXECUTE IMMEDIATE 'CALL p()'", .procedures),
    ("SET TRANSACTION READ ONLY", .nextTransaction),
  ]) func whatCannotBeCarriedPins(_ sql: String, _ pin: StatementTraits.Pin) {
    #expect(traits(sql).pins == [pin])
  }

  @Test(arguments: [
    ("SET NAMES utf8mb4", [("names", "NAMES utf8mb4")]),
    ("set names 'latin1' collate latin1_bin ;", [("names", "names 'latin1' collate latin1_bin")]),
    ("SET autocommit=0", [("autocommit", "autocommit=0")]),
    (
      "SET @@session.time_zone = '+00:00', SESSION wait_timeout=5,@n:=-1",
      [
        ("time_zone", "@@session.time_zone = '+00:00'"), ("wait_timeout", "SESSION wait_timeout=5"),
        ("@n", "@n:=-1"),
      ]
    ),
    (
      "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ ONLY",
      [
        ("transaction isolation", "SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"),
        ("transaction access", "SESSION TRANSACTION READ ONLY"),
      ]
    ),
    (
      "/*!40100 SET LOCAL TRANSACTION READ WRITE */",
      [("transaction access", "SESSION TRANSACTION READ WRITE")]
    ),
    ("SET sql_mode = 'A,B', GLOBAL x = 1", [("sql_mode", "sql_mode = 'A,B'")]),
  ]) func whatIsSetToAConstantIsCarried(_ sql: String, _ expected: [(String, String)]) {
    let assignments = traits(sql).assignments
    #expect(assignments.map(\.subject) == expected.map(\.0))
    #expect(assignments.map(\.text) == expected.map(\.1))
    #expect(traits(sql).pins.isEmpty)
  }

  @Test(arguments: [
    "LOAD DATA LOCAL INFILE 'x' INTO TABLE t",
    "load data low_priority local infile 'x' into table t",
    "XA START 'x'", "KILL USER shop", "KILL QUERY ID 5", "KILL @a", "KILL 5; SELECT 1",
    "USE a; SELECT 1", "SELECT 1; USE a",
  ]) func someAreRefused(_ sql: String) {
    #expect(traits(sql).refusal != nil)
  }

  @Test(arguments: [
    ("KILL 5", 5, false), ("kill connection 12 ;", 12, false), ("KILL HARD QUERY 7", 7, true),
    ("/* now */ KILL QUERY 4294967295", UInt32.max, true),
  ]) func killNamesAConnection(_ sql: String, _ connection: UInt32, _ isOfQueryOnly: Bool) {
    let traits = traits(sql)
    #expect(traits.kill == .init(connection: connection, isOfQueryOnly: isOfQueryOnly))
    #expect(traits.refusal == nil)
  }

  @Test func useNamesADatabase() {
    #expect(traits("USE shop").database == "shop")
    #expect(traits("use `my shop`").database == "my shop")
    #expect(traits("/* to */ use Shop;").database == "Shop")
  }

  @Test func statementsBehindOthersCount() {
    let traits = traits("SELECT 1; CREATE TEMPORARY TABLE t (n INT); SET time_zone = 'UTC'")
    #expect(traits.isMultiple)
    #expect(traits.pins == [.temporaryTables])
    #expect(traits.assignments.map(\.text) == ["time_zone = 'UTC'"])
    #expect(!self.traits("CREATE PROCEDURE p() BEGIN SELECT 1; XA START 'a'; END").isMultiple)
  }

  /// Long statements are looked through as far as it takes.
  @Test func nothingHidesBehindMuchText() {
    let much = String(repeating: "x", count: 100_000)
    #expect(traits("SELECT '\(much)', GET_LOCK('a', 1)").pins == [.namedLocks])
    #expect(traits("SELECT '\(much)'; LOCK TABLES t READ").pins == [.tableLocks])
    #expect(traits("INSERT INTO t VALUES ('\(much)')") == StatementTraits())
    #expect(traits("/* \(much) */ USE other").database == "other")
    #expect(traits("/* \(much) */ CREATE TEMPORARY TABLE t (n INT)").pins == [.temporaryTables])
    #expect(traits("SET a = 1, b = '\(much)'").assignments.last?.text == "b = '\(much)'")
    #expect(traits("REPLACE INTO t VALUES (\(much.map { "\($0)," }.joined())1)").pins.isEmpty)
  }

  @Test func whatIsNotUTF8IsNotSaidAgain() {
    let sql = ByteBuffer(bytes: Array("SET @x = '".utf8) + [0xFC] + Array("', @y = 1".utf8))
    let traits = StatementTraits(of: sql, escapes: true)
    #expect(traits.pins == [.variables])
    #expect(traits.assignments.map(\.text) == ["@y = 1"])
  }

  @Test(arguments: ["UNLOCK TABLES", "BEGIN", "START TRANSACTION"])
  func tableLocksAreReleased(_ sql: String) {
    #expect(traits(sql).unlocksTables)
  }

  @Test func backslashesCountUnlessTheServerSaysOtherwise() {
    #expect(traits(#"SELECT '\'; LOCK TABLES t READ'"#).pins.isEmpty)
    #expect(traits(#"SELECT '\'; LOCK TABLES t READ"#, escapes: false).pins == [.tableLocks])
  }

  @Test func broken() {
    let originals = ["SET @a = 'x', NAMES utf8 ; USE `x`; /*! SELECT */ '", "SELECT @`a"].map {
      Array($0.utf8)
    }
    let mutations = Mutations(of: originals, seed: 3)
    for _ in 0..<20_000 {
      _ = StatementTraits(of: ByteBuffer(bytes: mutations.next()), escapes: true)
    }
  }
}
