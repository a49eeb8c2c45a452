import Foundation
import TestSupport

/// The table of rooms in docs/architecture.md.
struct RoomTable {
  struct Row {
    let wing: String
    let room: String
    let imports: Set<String>
    let foreign: Set<String>
  }

  /// From the lowest room to the highest.
  let rows: [Row]

  init() throws {
    let file = Fixtures.checkout.appending(path: "docs/architecture.md")
    rows = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
      .compactMap { line in
        let cells = line.split(separator: "|", omittingEmptySubsequences: false)
        guard cells.count == 7, let room = Self.names(in: cells[2]).first else { return nil }
        return Row(
          wing: cells[1].trimmingCharacters(in: .whitespaces), room: room,
          imports: Set(Self.names(in: cells[4])), foreign: Set(Self.names(in: cells[5])))
      }
  }

  subscript(room: String) -> Row? { rows.first { $0.room == room } }

  private static func names(in cell: Substring) -> [String] {
    cell.matches(of: /`(\w+)`/).map { String($0.1) }
  }
}
