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
    ("ALTER TABLE t RENAME COLUMN a TO b, RENAME KEY c TO d, RENAME TO u", "t u"),
    ("CREATE TABLE t SELECT a FROM u UNION (SELECT b FROM v)", "t u v"),
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

  @Test(arguments: [
    ("SET STATEMENT max_statement_time = 1 FOR UPDATE t SET a = 1", "t"),
    ("SET STATEMENT max_statement_time = 1 FOR INSERT t SELECT * FROM u", "t u"),
    ("ANALYZE UPDATE t SET a = 1", "t"), ("ANALYZE FORMAT = JSON UPDATE t, u SET a = 1", "t u"),
    ("DELETE FROM t.* USING t, u WHERE a", "t u"), ("DELETE t.*, u.* FROM t JOIN u", "t u"),
    ("INSERT INTO s.2024_t VALUES (1)", "s.2024_t"), ("SELECT * FROM 2024_t, u", "2024_t u"),
    ("SELECT * FROM t UNION ALL TABLE u", "t u"), ("TABLE t UNION TABLE u", "t u"),
    ("INSERT INTO \"t\" VALUES (\"u\")", "t"), ("UPDATE \"s\".\"t\" SET a = 1", "s.t"),
    ("SELECT * FROM `a``b`", "a`b"), ("SELECT * FROM straße", "strasse"),
  ]) func namesThatAreEasilyPassedOver(_ sql: String, _ expected: String) {
    #expect(tables(sql) == expected.tables)
  }

  private func mentioned(_ sql: String) -> [String] {
    NamedTables(of: ByteBuffer(string: sql), escapes: true, watching: ["t", "1t", "strasse"])
      .mentioned.map(\.description).sorted()
  }

  @Test(arguments: [
    ("SELECT 1", ""), ("x T y", "t"), ("x `t`", "t"), ("x \"t\"", "t"), ("x 't' /* t */ -- t", ""),
    ("x /*! t */", "t"), ("x s.t", "s.t"), ("x s . `T`", "s.t"), ("x \"s\".\"t\"", "s.t"),
    ("x 1t", "1t"), ("x s.1t", "1t s.1t"), ("x 1t.a", "1t"), ("x 1s.t", "1s.t t"), ("x.t.y", "x.t"),
    ("x STRAßE", "strasse"), ("x ſtraſſe", "strasse"), ("x @t", ""), ("x @@t", ""), ("x tt", ""),
  ]) func watchedNamesAreSeenWhereverTheyStand(_ sql: String, _ expected: String) {
    #expect(mentioned(sql) == expected.tables)
  }

  /// A byte 0xA0 is a blank in latin1.
  @Test(arguments: ["SELECT a FROM·t", "SELECT·1·FROM·t", "SELECT @a·FROM·t", "SELECT * FROM s.·t"])
  func aBlankOfAnotherCharacterSetHidesNoName(_ sql: String) {
    let bytes = sql.split(separator: "·").map { Array($0.utf8) }.joined(separator: [0xA0])
    let named = NamedTables(of: ByteBuffer(bytes: bytes), escapes: true, watching: ["t"])
    #expect(named.mentioned.map(\.table) == ["t"])
  }

  private func doubt(_ sql: String) -> NamedTables.Doubt? {
    NamedTables(of: ByteBuffer(string: sql), escapes: true, watching: ["t"]).doubt
  }

  @Test(arguments: [
    "WITH a AS (SELECT * FROM u) SELECT * FROM a, b",
    "WITH a AS (SELECT * FROM u), b (x) AS (SELECT * FROM a) SELECT * FROM a, b;",
    "SELECT a FROM u GROUP BY a WITH ROLLUP", "(SELECT 1 FROM t) UNION (SELECT 2 FROM u)",
    "INSERT INTO t SELECT a FROM u GROUP BY a WITH ROLLUP", "BEGIN; UPDATE t SET a = 1; COMMIT",
    "START TRANSACTION WITH CONSISTENT SNAPSHOT", "EXPLAIN SELECT * FROM t",
    "SELECT \"\\\"\" FROM u",
  ]) func whatIsUnderstood(_ sql: String) { #expect(doubt(sql) == nil) }

  @Test(arguments: [
    "WITH u AS (SELECT 1) SELECT * FROM u; INSERT INTO u VALUES (1)",
    "INSERT INTO u WITH u AS (SELECT * FROM v) SELECT * FROM u",
    "SELECT * FROM u, v WHERE n IN (WITH u AS (SELECT 1) SELECT * FROM u)",
    "WITH u AS (SELECT * FROM u) SELECT * FROM u",
    "WITH v AS (SELECT * FROM u), u AS (SELECT 1) SELECT * FROM u, v",
    "WITH u AS (SELECT * FROM u) (SELECT * FROM u)",
    "WITH t AS (SELECT 1) SELECT * FROM t", "WITH u AS (SELECT 1) UPDATE u SET a = 1",
    "WITH v AS (SELECT 1) DELETE FROM u", "SELECT 1; WITH u AS (SELECT 1) SELECT * FROM u",
  ]) func withThatMayHideATable(_ sql: String) { #expect(doubt(sql) == .with) }

  @Test(arguments: [
    ("BEGIN NOT ATOMIC UPDATE u SET a = 1; END", NamedTables.Doubt.statement("BEGIN NOT ATOMIC")),
    ("IF x THEN UPDATE u SET a = 1; END IF", .statement("IF")),
    ("SELECT \"a\\\", \"b\" FROM t WHERE n = \"c\"", .quotes),
  ]) func whatMayHoldMore(_ sql: String, _ expected: NamedTables.Doubt) {
    #expect(doubt(sql) == expected)
  }

  /// From SET sql_mode on a backslash may be a letter, in the same packet already.
  @Test(arguments: [
    "SET sql_mode = 'NO_BACKSLASH_ESCAPES'; SELECT '\\'; UPDATE t SET a = 'x'",
    "SET @@session.sql_mode = ''; SELECT '\\'; UPDATE t SET a = 'x'",
    "SET `sql_mode` = @a; SELECT '\\'; UPDATE t SET a = 'x'",
  ]) func aBackslashOfUnknownMeaningHidesNoName(_ sql: String) {
    #expect(doubt(sql) == .quotes)
    #expect(doubt(sql.replacing("\\", with: "")) == nil)
    #expect(doubt(sql.replacing(" t ", with: " u ")) == nil)
  }

  /// However much one statement names or nests, reading it takes a bounded place.
  @Test(arguments: ["a,", "("]) func whatIsReadOfAStatementIsBounded(_ part: String) {
    #expect(doubt("SELECT * FROM " + String(repeating: part, count: 20_000)) == .size)
    #expect(doubt("SELECT * FROM " + String(repeating: part, count: 2_000)) != .size)
  }

  /// One statement that names a table with a route and one without, wherever both may stand.
  @Test(arguments: [
    "SELECT * FROM orders, items", "SELECT * FROM items JOIN orders",
    "SELECT * FROM orders o LEFT JOIN (items i CROSS JOIN parts) ON o.n = i.n",
    "SELECT (SELECT MAX(n) FROM items) FROM orders",
    "SELECT * FROM orders WHERE n IN (TABLE items)",
    "SELECT * FROM orders WHERE n > ALL (SELECT n FROM items)",
    "SELECT * FROM orders ORDER BY (SELECT MAX(n) FROM items)",
    "SELECT * FROM orders LIMIT 1 UNION SELECT * FROM items",
    "SELECT * FROM orders EXCEPT SELECT * FROM items", "SELECT * FROM orders INTERSECT TABLE items",
    "(SELECT * FROM orders) UNION ALL (SELECT * FROM items)",
    "SELECT * FROM orders WINDOW w AS (ORDER BY (SELECT MAX(n) FROM items))",
    "SELECT * FROM orders FOR UPDATE; DELETE FROM items",
    "INSERT INTO orders SELECT * FROM items", "INSERT INTO items SELECT * FROM orders",
    "INSERT INTO orders (n) VALUES ((SELECT MAX(n) FROM items))",
    "INSERT INTO orders SET n = (SELECT MAX(n) FROM items)",
    "INSERT INTO orders VALUES (1) ON DUPLICATE KEY UPDATE n = (SELECT MAX(n) FROM items)",
    "INSERT INTO orders VALUES (1) RETURNING (SELECT MAX(n) FROM items)",
    "REPLACE INTO items TABLE orders", "INSERT INTO orders (TABLE items)",
    "UPDATE orders, items SET orders.n = 1", "UPDATE orders SET n = (SELECT MAX(n) FROM items)",
    "UPDATE orders JOIN items USING (n) SET orders.n = 1", "DELETE orders FROM orders JOIN items",
    "DELETE FROM orders USING orders, items", "DELETE FROM orders WHERE n IN (SELECT n FROM items)",
    "DELETE FROM items.* USING items JOIN orders", "CREATE TABLE orders LIKE items",
    "CREATE TABLE orders AS SELECT * FROM items", "CREATE TABLE orders SELECT * FROM items",
    "CREATE TABLE orders (n INT REFERENCES items (n))",
    "ALTER TABLE orders ADD FOREIGN KEY (n) REFERENCES items (n)",
    "ALTER TABLE orders EXCHANGE PARTITION p WITH TABLE items", "RENAME TABLE orders TO items",
    "ALTER TABLE orders RENAME TO items", "ALTER TABLE orders RENAME AS items",
    "ALTER TABLE orders RENAME items", "CREATE TABLE orders (n INT) ENGINE = MERGE UNION = (items)",
    "ALTER TABLE orders UNION = (items)", "DROP TABLE orders, items",
    "LOCK TABLES orders READ, items WRITE", "CHECK TABLE items, orders",
    "FLUSH TABLES items, orders", "CREATE VIEW orders AS SELECT * FROM items",
    "CREATE TRIGGER x BEFORE INSERT ON orders FOR EACH ROW INSERT INTO items VALUES (1)",
    "CREATE TRIGGER x BEFORE INSERT ON orders FOR EACH ROW UPDATE items SET n = 1",
    "CREATE TRIGGER x AFTER INSERT ON orders FOR EACH ROW BEGIN REPLACE items SET n = 1; END",
    "LOAD DATA INFILE '/x' INTO TABLE orders SET n = (SELECT MAX(n) FROM items)",
    "DO (SELECT 1 FROM orders), (SELECT 1 FROM items)",
    "SET @a = (SELECT 1 FROM orders), @b = (SELECT 1 FROM items)",
    "EXPLAIN SELECT * FROM orders, items",
    "ANALYZE DELETE FROM orders WHERE n = (SELECT 1 FROM items)",
    "SET STATEMENT a = 1 FOR INSERT INTO orders TABLE items",
    "SELECT * FROM orders PARTITION (p), items", "SELECT * FROM orders FOR SYSTEM_TIME ALL, items",
    "SELECT * FROM orders USE INDEX (a) IGNORE INDEX FOR JOIN (b), items",
    "SELECT * FROM orders AS OF TIMESTAMP now(), items", "SELECT * FROM {OJ orders JOIN items}",
    "SELECT * FROM orders; TABLE items", "SELECT * FROM orders; HANDLER items OPEN",
    "SELECT * FROM orders PROCEDURE ANALYSE(); SELECT * FROM items",
    "ALTER TABLE orders CONVERT TABLE items TO PARTITION p VALUES LESS THAN (1)",
    "ALTER TABLE orders CONVERT PARTITION p TO TABLE items",
  ]) func aTableBesideOneWithARouteIsSeen(_ sql: String) {
    let named = NamedTables(of: ByteBuffer(string: sql), escapes: true, watching: ["orders"])
    let isSeen = named.all.contains(TableName(database: nil, table: "items"))
    #expect(isSeen || named.doubt != nil)
  }

  /// Whatever is made of statements: a name that is watched for and not read as a table is mentioned.
  @Test func noNameIsPassedOver() {
    let statements = [
      "SET STATEMENT a = 1 FOR UPDATE orders SET s = 7",
      "DELETE FROM orders.* USING items, orders",
      "WITH a AS (SELECT * FROM orders), b AS (SELECT 2) SELECT * FROM a JOIN items USING (orders)",
      "INSERT INTO items TABLE orders ON DUPLICATE KEY UPDATE n = VALUES(n); LOCK TABLES orders READ",
    ]
    let mutations = Mutations(of: statements.map { Array($0.utf8) }, seed: 7)
    for _ in 0..<20_000 {
      let bytes = mutations.next()
      // Of what is not in quotes or comments every word counts.
      guard bytes.allSatisfy({ $0 < 0x80 && !"'\"`#@/-\\".utf8.contains($0) }) else { continue }
      let words = String(decoding: bytes, as: UTF8.self).lowercased().split {
        !($0.isLetter || $0.isNumber || $0 == "_" || $0 == "$")
      }
      let named = NamedTables(of: ByteBuffer(bytes: bytes), escapes: true, watching: ["orders"])
      #expect(named.mentioned.isEmpty == !words.contains("orders"))
    }
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
    ("/*traceparent='\(String(repeating: "0", count: 300))',action='x'*/ BEGIN", .begin),
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
