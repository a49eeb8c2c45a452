import NIOCore
import PostgresWire
import TestSupport
import Testing

@Suite struct StatementReaderTests {
  private func effects(_ text: String, _ isBackslashEscape: Bool = false) -> [[SessionEffect]] {
    StatementReader.effects(of: ByteBuffer(string: text), isBackslashEscape: isBackslashEscape)
  }

  @Test(arguments: [
    "select 1", "insert into t values ('set x = 1; listen a')", "set local work_mem = '8MB'",
    "set transaction isolation level serializable", "set constraints all deferred", "begin",
    "commit",
    "select pg_advisory_xact_lock(1)", "create table t (temp int)", "notify news",
    "declare c cursor without hold for select 1", "unlisten news", "prepare transaction 'x'",
    "create temp table t (i int) on commit drop", "-- listen a\nselect 1",
    "/* a /* b */ listen c */ select 1",
    "select $$ listen a; $$, $q$ $$ listen b $q$, $1", "select E'\\'; listen a; --'",
    "select 'it''s; listen a'",
    "rollback", "select \"listen\"", "copy t from stdin", "update sets set a = 1",
  ]) func theseLeaveNothing(_ text: String) {
    #expect(effects(text) == [[]], "\(text)")
  }

  @Test(arguments: [
    ("set search_path = a, b", "search_path"), ("SET SESSION TimeZone TO 'UTC'", "timezone"),
    ("set time zone 'UTC'", "timezone"), ("set names 'UTF8'", "client_encoding"),
    ("set schema 'a'", "search_path"), ("set my.own = 1", "my.own"),
    ("set \"Work_Mem\" = 1", "work_mem"),
    ("set session authorization app", "session_authorization"), ("set role none", "role"),
    ("set xml option content", "xmloption"),
    (
      "set session characteristics as transaction read only",
      "set session characteristics as transaction read only"
    ),
  ]) func aSettingIsKnownByItsName(text: String, name: String) {
    #expect(effects(text) == [[.set(name: name, text: text)]])
  }

  @Test(arguments: [
    ("reset all", SessionEffect.reset(name: nil)), ("reset time zone", .reset(name: "timezone")),
    ("reset my.own", .reset(name: "my.own")), ("discard all", .discardAll),
    ("deallocate all", .deallocate(name: nil)), ("deallocate prepare p", .deallocate(name: "p")),
    ("deallocate \"P q\"", .deallocate(name: "P q")),
    ("prepare p (int) as select $1", .prepare(name: "p", text: "prepare p (int) as select $1")),
    ("listen news", .pin(.listening)), ("unlisten *", .unpin(.listening)),
    ("declare c scroll cursor with hold for select 1", .pin(.heldCursors)),
    ("close all", .unpin(.heldCursors)), ("load 'auto_explain'", .pin(.library)),
    ("create temp table t (i int)", .pin(.temporaryTables)),
    ("CREATE LOCAL TEMPORARY TABLE t AS SELECT 1", .pin(.temporaryTables)),
    ("create or replace temp view v as select 1", .pin(.temporaryTables)),
    ("create table pg_temp.t (i int)", .pin(.temporaryTables)),
    ("select 1 into temporary t", .pin(.temporaryTables)),
    ("discard temp", .unpin(.temporaryTables)),
    ("select pg_advisory_lock(1)", .pin(.advisoryLocks)),
    ("select pg_catalog.PG_TRY_ADVISORY_LOCK(1)", .pin(.advisoryLocks)),
    ("select pg_advisory_unlock_all()", .unpin(.advisoryLocks)),
    ("select set_config('a.b', 'c', false)", .pin(.functionSettings)),
    ("rollback to savepoint s", .rollBackToSavepoint), ("rollback work to s", .rollBackToSavepoint),
  ]) func theseLeaveSomething(text: String, effect: SessionEffect) {
    #expect(effects(text) == [[effect]], "\(text)")
  }

  @Test func aQueryIsManyStatements() {
    #expect(
      effects(" ;; select 1; listen a ; -- the end\n set x = 1 -- a comment\n;") == [
        [], [.pin(.listening)], [.set(name: "x", text: "set x = 1 -- a comment\n")],
      ])
    #expect(effects(" -- nothing\n ; ").isEmpty)
  }

  @Test func aSemicolonInsideDivides() {
    #expect(
      effects(
        "create function f() returns int begin atomic select case when true then 1 end; end; listen a"
      )
        == [[], [.pin(.listening)]])
    #expect(effects("create rule r as on insert to t do (notify a; notify b)") == [[]])
  }

  /// Where `standard_conforming_strings` is off.
  @Test func aBackslashMayEscapeInEveryString() {
    let text = "select 'a\\'; listen b; --'"
    #expect(effects(text, true) == [[]])
    #expect(effects(text) == [[], [.pin(.listening)]])
  }

  @Test func whatIsNotUTF8CannotBeSaidAgain() {
    #expect(
      StatementReader.effects(of: ByteBuffer(bytes: Array("set a.b = '".utf8) + [0xE4, 0x27]))
        == [[.pin(.encoding)]])
  }

  @Test func aQueryOfAMillionStatementsIsNotCounted() {
    let many = effects(String(repeating: "select 1;", count: 5_000))
    #expect(many.count == 1_000)
    #expect(many.last == [.pin(.tooMuch)])
  }

  /// What is told by its first word is what taking it apart comes to: a comment before it has it taken
  /// apart.
  @Test func mostStatementsAreToldByTheirFirstWord() {
    let texts = [
      "select set_config('a', 'b', false), pg_advisory_lock(1), pg_temp.f(x) from t;",
      "insert into t values ('a;b', E'\\'', $$;$$) returning pg_try_advisory_lock(2); listen a",
      "update t set a = 1 /* set b */ where c in (select 1 into temp d)", "delete from t -- x\n;",
    ]
    let mutations = Mutations(of: texts.map { Array($0.utf8) }, seed: 11)
    for _ in 0..<3_000 {
      let bytes = mutations.next()
      let (whole, apart) = (ByteBuffer(bytes: bytes), ByteBuffer(bytes: Array("/**/".utf8) + bytes))
      #expect(StatementReader.effects(of: whole) == StatementReader.effects(of: apart))
    }
  }

  @Test func brokenTextDoesNoHarm() {
    let texts = [
      "set a.b = E'\\'x' ; create function f() begin atomic case end; end",
      "select $q$ a $q$ /* /* */",
      "prepare \"a\"\"b\" as select '''' -- c\n", "declare c cursor with hold; rollback to x",
    ]
    let mutations = Mutations(of: texts.map { Array($0.utf8) }, seed: 9)
    for _ in 0..<5_000 {
      _ = StatementReader.effects(of: ByteBuffer(bytes: mutations.next()))
    }
  }
}
