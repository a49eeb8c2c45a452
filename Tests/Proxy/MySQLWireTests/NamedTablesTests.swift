import MySQLWire
import NIOCore
import TestSupport
import Testing

/// Which tables statements name.
@Suite struct NamedTablesTests {
  private func tables(_ sql: String) -> [String] {
    NamedTables(of: ByteBuffer(string: sql), escapes: true).all.map(\.description).sorted()
  }

  @Test(arguments: [
    ("SELECT 1", ""), ("SELECT a, b FROM t WHERE c IN (1, 2) ORDER BY d, e", "t"),
    (
      "select * from Shop.`Orders` o, items i join `x y` on o.a = f(i.b, 1), z",
      "items shop.orders x y z"
    ),
    ("SELECT STRAIGHT_JOIN a FROM t STRAIGHT_JOIN u", "t u"),
    ("SELECT * FROM (a LEFT JOIN b ON a.x = b.x), (c, d) WHERE e", "a b c d"),
    ("SELECT (SELECT max(x) FROM u), 2 FROM (SELECT y FROM v, w) s, t GROUP BY a, b", "t u v w"),
    ("SELECT EXTRACT(YEAR FROM made), TRIM(LEADING 'x' FROM name) FROM t", "t"),
    ("SELECT * FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a = t.a)", "t u"),
    ("(SELECT a FROM t) UNION ALL (SELECT b FROM u) ORDER BY c, d", "t u"),
    ("SELECT a FROM t UNION SELECT b FROM u", "t u"),
    ("SELECT 1 FROM DUAL", ""), ("SELECT a INTO @x FROM t", "t"),
    ("SELECT a INTO OUTFILE '/x' FROM t", "t"),
    ("SELECT * FROM t USE INDEX (a, b), u PARTITION (p, q) FOR UPDATE", "t u"),
    ("SELECT * FROM JSON_TABLE('[1]', '$' COLUMNS (a INT PATH '$')) j, t", "t"),
    ("SELECT * FROM t, LATERAL (SELECT * FROM u) x", "t u"),
    ("SELECT a FROM t GROUP BY a WITH ROLLUP LIMIT 1, 2", "t"),
    ("SELECT 'FROM u' FROM t -- , v", "t"), ("SELECT * FROM t /*! JOIN u */", "t u"),
    ("TABLE t ORDER BY a", "t"), ("SELECT*FROM`t`NATURAL JOIN value v,offset", "t value offset"),
    ("SELECT * FROM ((SELECT * FROM t) UNION (SELECT * FROM u)) x, ((v))", "t u v"),
  ]) func queries(_ sql: String, _ expected: String) {
    #expect(tables(sql) == expected.tables)
  }

  @Test(arguments: [
    (
      "INSERT INTO t (a, b) VALUES (1, 2), (3, 4) ON DUPLICATE KEY UPDATE a = 1, b = VALUES(b)", "t"
    ),
    ("INSERT IGNORE t SET a = 1, b = 2", "t"),
    ("REPLACE s.t VALUES (REPLACE('a', 'b', 'c'))", "s.t"),
    ("INSERT INTO t SELECT x FROM u, v ON DUPLICATE KEY UPDATE a = 1, b = 2", "t u v"),
    ("INSERT INTO t (a) (SELECT x FROM u)", "t u"), ("INSERT INTO t TABLE u", "t u"),
    ("INSERT INTO t VALUES ((SELECT max(a) FROM u))", "t u"),
    ("INSERT INTO t WITH c AS (SELECT * FROM u) SELECT * FROM c", "c t u"),
    ("UPDATE t SET a = 1, b = 2 WHERE c", "t"),
    ("UPDATE LOW_PRIORITY t, u SET t.a = u.a, u.b = 1", "t u"),
    ("UPDATE t JOIN (SELECT a FROM u) x USING (a) SET t.b = 1", "t u"),
    ("DELETE FROM t WHERE a IN (SELECT a FROM u)", "t u"),
    ("DELETE o, i FROM t o JOIN u i USING (a) WHERE b", "t u"),
    ("DELETE FROM o, i USING t AS o JOIN u AS i USING (a)", "t u"),
    ("LOAD DATA INFILE '/x' INTO TABLE t FIELDS TERMINATED BY ','", "t"),
    ("HANDLER t OPEN", "t"), ("CALL p(1)", ""), ("SET @a = (SELECT max(x) FROM t)", "t"),
    ("WITH c AS (SELECT * FROM t), d (x, y) AS (SELECT 1, 2) UPDATE u JOIN c SET u.a = 1", "c t u"),
    ("COMMIT", ""), ("SAVEPOINT s", ""), ("START TRANSACTION", ""),
  ]) func writes(_ sql: String, _ expected: String) {
    #expect(tables(sql) == expected.tables)
  }

  @Test(arguments: [
    (
      "CREATE TABLE IF NOT EXISTS t (a INT, INDEX (a), b TIMESTAMP ON UPDATE now(), FOREIGN KEY (a) REFERENCES u (id))",
      "t u"
    ),
    ("CREATE TABLE t LIKE u", "t u"), ("CREATE TABLE t (LIKE u)", "t u"),
    ("CREATE TABLE t AS SELECT * FROM u", "t u"),
    ("CREATE OR REPLACE VIEW v AS SELECT * FROM t", "t"),
    ("CREATE UNIQUE INDEX i ON t (a)", "t"), ("DROP INDEX i ON t", "t"),
    ("CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1", "t"),
    ("ALTER TABLE t ADD a INT, ADD b INT, RENAME INDEX c TO d", "t"),
    ("ALTER TABLE t EXCHANGE PARTITION p WITH TABLE u", "t u"),
    ("DROP TEMPORARY TABLE IF EXISTS t, s.u", "s.u t"), ("TRUNCATE t", "t"),
    ("TRUNCATE TABLE t", "t"),
    ("LOCK TABLES t READ, u AS x WRITE", "t u"), ("UNLOCK TABLES", ""),
    ("RENAME TABLE t TO u, v TO w", "t u v w"), ("OPTIMIZE LOCAL TABLE t, u", "t u"),
    ("ANALYZE TABLE t", "t"), ("FLUSH TABLES t, u WITH READ LOCK", "t u"),
    ("SHOW COLUMNS FROM t FROM s", "s.t"), ("SHOW FULL FIELDS IN t LIKE 'a'", "t"),
    ("SHOW INDEX FROM s.t", "s.t"), ("SHOW CREATE TABLE t", "t"), ("SHOW TABLES FROM s", ""),
    ("SHOW TABLE STATUS FROM s", ""), ("DESCRIBE t", "t"), ("DESC s.t a", "s.t"),
    ("EXPLAIN SELECT * FROM t", "t"), ("EXPLAIN FORMAT = JSON UPDATE t SET a = 1", "t"),
    ("ANALYZE SELECT * FROM t, u", "t u"),
    ("SELECT * FROM t; INSERT INTO u VALUES (1); COMMIT", "t u"),
  ]) func others(_ sql: String, _ expected: String) {
    #expect(tables(sql) == expected.tables)
  }

  @Test func namesThatAStatementGivesAreKnown() {
    let sql =
      "WITH RECURSIVE a (n) AS (SELECT 1 UNION SELECT n FROM a), `B` AS (SELECT 2) SELECT * FROM a, b"
    let named = NamedTables(of: ByteBuffer(string: sql), escapes: true)
    #expect(named.common == ["a", "b"])
  }

  @Test func anythingCanBeRead() {
    let sql =
      "WITH a AS (SELECT * FROM t, (u JOIN `v`.w USING (x))), DELETE FROM a USING b; SHOW COLUMNS FROM t"
    let mutations = Mutations(of: [Array(sql.utf8)], seed: 5)
    for _ in 0..<20_000 {
      _ = NamedTables(of: ByteBuffer(bytes: mutations.next()), escapes: true)
    }
  }

  @Test(arguments: [
    ("BEGIN", TransactionStep.begin), ("begin work ;", .begin), ("START TRANSACTION", .begin),
    ("/* x */ START TRANSACTION READ ONLY", .begin), ("COMMIT", .end), ("rollback work", .end),
    ("START TRANSACTION WITH CONSISTENT SNAPSHOT", nil), ("COMMIT AND CHAIN", nil),
    ("ROLLBACK TO s", nil), ("BEGIN; SELECT 1", nil), ("BEGIN NOT ATOMIC SELECT 1; END", nil),
    ("SELECT 1", nil), ("", nil),
  ]) func stepsOfTransactions(_ sql: String, _ expected: TransactionStep?) {
    #expect(TransactionStep(ByteBuffer(string: sql)) == expected)
  }
}

extension String {
  /// Names with blanks between them; `x y` is one.
  fileprivate var tables: [String] {
    replacing("x y", with: "x_y").split(separator: " ").map {
      String($0).replacing("x_y", with: "x y")
    }
    .sorted()
  }
}
