import FleetModel
import Foundation
import GRDB
import Terms
import TestSupport
import Testing
import Watching

@testable import Recording

/// docs/recording.md says what a file holds, and a file holds what it says.
@Suite struct SchemaTests {
  private static func document() throws -> String {
    try String(
      contentsOf: Fixtures.checkout.appending(path: "docs/recording.md"), encoding: .utf8)
  }

  /// A recording of some seconds, opened without our reader.
  private static func database(_ files: RecordingFiles) async throws -> DatabaseQueue {
    var cluster = InventedCluster(seed: 31)
    return try DatabaseQueue(path: try await files.record(cluster.steps(seconds: 20)))
  }

  /// What stands in code in a text, outside of parentheses.
  private static func names(in text: some StringProtocol) -> [String] {
    String(text).replacing(/\([^)]*\)/, with: "").matches(of: /`([a-z_]+)`/).map { String($0.1) }
  }

  /// The columns of each table that the document names, without those that several have.
  private static func documented() throws -> [String: Set<String>] {
    let rows = try document().split(separator: "\n").compactMap { line in
      line.wholeMatch(of: /\| `([a-z_]+)` \|[^|]*\|([^|]*)\|/)
    }
    return Dictionary(uniqueKeysWithValues: rows.map { (String($0.1), Set(names(in: $0.2))) })
  }

  /// The tables that are said to have a column beside those of their rows in the document.
  private static func tables(with column: String) throws -> Set<String> {
    let line = try #require(
      try document().split(separator: "\n").first { $0.hasPrefix("`\(column)` ") })
    return Set(names(in: line)).subtracting([column])
  }

  @Test func tablesAndColumnsAreTheDocumentsOwn() async throws {
    let files = try RecordingFiles()
    let (numbered, checked) = (try Self.tables(with: "id"), try Self.tables(with: "checksum"))
    let documented = try Self.documented().reduce(into: [String: Set<String>]()) { tables, row in
      var columns = row.value
      if numbered.contains(row.key) { columns.insert("id") }
      if checked.contains(row.key) { columns.insert("checksum") }
      tables[row.key] = columns
    }
    let written = try await Self.database(files).read { database in
      let names = try String.fetchAll(
        database, sql: "SELECT name FROM sqlite_schema WHERE type = 'table'")
      return try Dictionary(
        uniqueKeysWithValues: names.map { table in
          (table, Set(try database.columns(in: table).map(\.name)))
        })
    }
    #expect(Set(documented.keys) == Set(written.keys))
    for (table, columns) in written { #expect(documented[table] == columns, "\(table)") }
  }

  @Test func versionAndIdentityAreTheDocumentsOwn() async throws {
    let files = try RecordingFiles()
    let text = try Self.document()
    let (id, version) = try await Self.database(files).read { database in
      (
        try Int.fetchOne(database, sql: "PRAGMA application_id") ?? 0,
        try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
      )
    }
    #expect(text.contains("`0x\(String(id, radix: 16, uppercase: true))`"))
    #expect(text.contains("its `user_version` the version of what is described here: \(version)."))
  }

  /// The questions that the document asks as examples can be asked.
  @Test func theExamplesOfTheDocumentCanBeAsked() async throws {
    let files = try RecordingFiles()
    let block = try #require(try Self.document().firstMatch(of: /(?s)```sql\n(.*?)```/)).1
    let questions = block.split(separator: ";").filter { $0.contains("SELECT") }
    #expect(questions.count >= 4)
    try await Self.database(files).read { database in
      for question in questions {
        #expect(throws: Never.self, "\(question)") {
          _ = try Row.fetchAll(database, sql: String(question))
        }
      }
    }
  }

  // MARK: Versions

  @Test func aFileOfAnEarlierVersionIsReadAsOneOfThis() async throws {
    let files = try RecordingFiles()
    var cluster = InventedCluster(seed: 32)
    let path = try await files.record(cluster.steps(seconds: 5))
    let bytes = try Data(contentsOf: URL(filePath: path))
    let later =
      RecordingSchema.upgrades + [
        "CREATE TEMP VIEW failure AS SELECT id, body, 'unknown' AS kind, checksum FROM main.failure"
      ]
    let database = try RecordingFile.open(path, upgrades: later)
    let kinds = try await database.read {
      try String.fetchAll($0, sql: "SELECT DISTINCT kind FROM failure")
    }
    #expect(kinds == ["unknown"])
    try database.close()
    #expect(files.names == ["a.sluice"])
    #expect(try Data(contentsOf: URL(filePath: path)) == bytes)
  }

  /// Of a file of the first version everything is read, and moments are found in it.
  @Test func aFileOfTheFirstVersionIsRead() throws {
    let files = try RecordingFiles()
    let dump = try String(
      contentsOf: Fixtures.root.appending(path: "recordings/version-1.sql"), encoding: .utf8)
    let database = try DatabaseQueue(path: files.path())
    try database.writeWithoutTransaction { try $0.execute(sql: dump) }
    try database.close()
    var reader = try RecordingReader(files.path())
    let settings = Watch.Settings(cluster: reader.info.cluster, interval: .seconds(1))
    var live = Watch(settings, at: reader.info.began)
    while let steps = reader.next() { for step in steps { _ = live.follow(step) } }
    #expect(reader.damage == nil)
    #expect(live.fleet.failovers.all.count == 2)
    #expect(reader.failovers().count == 2 && reader.eventTimes().count > 3)
    let moment = reader.end()
    _ = live.settle(at: moment)
    #expect(reader.watch(at: moment, settings).watch == live)
  }

  /// The first version is 1: what has another program's 0 was never finished.
  @Test func aFileWithoutAVersionIsNone() async throws {
    let files = try RecordingFiles()
    var cluster = InventedCluster(seed: 33)
    let path = try await files.record(cluster.steps(seconds: 2))
    var bytes = try Data(contentsOf: URL(filePath: path))
    bytes.replaceSubrange(60..<64, with: [0, 0, 0, 0])
    try bytes.write(to: URL(filePath: files.path("none")))
    #expect(throws: RecordingFault.foreign) { _ = try RecordingFile.open(files.path("none")) }
  }
}
