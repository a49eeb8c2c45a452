import Foundation
import TestSupport
import Testing

@testable import Recording

/// docs/recording.md names the tables and columns that there are.
@Suite struct DocumentedSchemaTests {
  /// The columns of each table as it is created.
  private static var created: [String: [String]] {
    RecordingSchema.statements.matches(of: /CREATE TABLE (\w+) \(([^;]*)\)/).reduce(into: [:]) {
      tables, match in
      let columns = match.2.replacing(/PRIMARY KEY \([^)]*\)/, with: "").split(separator: ",")
      tables[String(match.1)] = columns.compactMap { column in
        column.split(whereSeparator: \.isWhitespace).first.map(String.init)
      }
    }
  }

  /// What the row of each table says of its columns.
  private static func documented() throws -> [String: Substring] {
    let text = try String(
      contentsOf: Fixtures.checkout.appending(path: "docs/recording.md"), encoding: .utf8)
    let start = try #require(text.firstRange(of: "## Tables")).upperBound
    let end = try #require(text[start...].firstRange(of: "\n## ")).lowerBound
    return text[start..<end].matches(of: /\n\| `(\w+)` \|[^|]*\|([^|]*)\|/).reduce(into: [:]) {
      $0[String($1.1)] = $1.2
    }
  }

  @Test func everyTableAndColumnIsDescribed() throws {
    let documented = try Self.documented()
    let created = Self.created
    #expect(created.count > 10)
    #expect(Set(documented.keys) == Set(created.keys))
    for (table, columns) in created {
      let words = documented[table] ?? ""
      // What holds for all tables is said once.
      for column in columns where column != "id" && column != "checksum" {
        #expect(words.contains("`\(column)`"), "\(table).\(column)")
      }
    }
  }

  /// Names in the words about a table's columns that are no columns are values of one.
  @Test func nothingIsDescribedThatIsNot() throws {
    let values: Set = [
      "vtgate", "vttablet", "gate", "member", "watching", "forgot", "topo", "topoFailed",
      "routings", "event", "tablets", "gone",
    ]
    for (table, words) in try Self.documented() {
      let names = Set(words.matches(of: /`(\w+)`/).map { String($0.1) })
      #expect(names.subtracting(values).isSubset(of: Self.created[table] ?? []), "\(table)")
    }
  }
}
