import Foundation
import TerminalKit
import TestSupport
import Testing

@testable import Dashboard

/// The table of commands, and the documents that show it.
///
/// `RECORD_GOLDENS=1` writes the documents anew.
@Suite struct CommandTests {
  @Test func everyNameHasOneRow() {
    #expect(Command.table.count == Command.ID.allCases.count)
    for id in Command.ID.allCases { #expect(Command.row(id) != nil, "\(id)") }
  }

  @Test func aKeyMeansOneThingOnAScreen() {
    for place in Place.allCases {
      var taken: [Key: Command.ID] = [:]
      for command in Command.table where command.screens?.contains(place) ?? true {
        for key in command.keys {
          let other = taken.updateValue(command.id, forKey: key)
          #expect(other == nil, "\(key) on \(place)")
        }
      }
    }
  }

  /// A footer offers only what the screen can do.
  @Test(arguments: Place.allCases) func footersHoldToTheTable(_ place: Place) throws {
    for (id, _) in place.footer {
      let command = try #require(Command.row(id))
      #expect(command.screens?.contains(place) ?? true, "\(id)")
      #expect(command.need == nil || command.need == .somethingToLeave, "\(id)")
    }
  }

  private static func cell(_ command: Command) -> String {
    command.keys.map { $0 == .enter ? "`Enter`" : "`\($0.text(.unicode))`" }.joined(separator: " ")
  }

  private static var readme: String {
    "| Key | What it does |\n|---|---|\n"
      + Command.table.map { "| \(cell($0)) | \($0.meaning) |\n" }.joined()
  }

  private static func location(_ command: Command) -> String {
    var words: [String] = []
    if let screens = command.screens {
      words.append(
        Place.allCases.filter { screens.contains($0) }.map(\.rawValue).joined(separator: ", "))
    }
    switch command.need {
    case .embeddedCluster: words.append("in the demo")
    case .stopped: words.append("while the screen stands still")
    case .failoverElsewhere: words.append("while a failover goes on elsewhere")
    case .somethingToLeave, nil: break
    }
    return words.isEmpty ? "everywhere" : words.joined(separator: ", ")
  }

  private static var keys: String {
    Command.Group.allCases.map { group in
      "## \(group.rawValue)\n\n| Key | Command | Where | What it does |\n|---|---|---|---|\n"
        + Command.table.filter { $0.group == group }.map {
          "| \(cell($0)) | \($0.id.rawValue) | \(location($0)) | \($0.meaning) |\n"
        }.joined()
    }.joined(separator: "\n")
  }

  @Test func theReadmeShowsTheTable() throws { try expect(Self.readme, in: "README.md") }
  @Test func docsKeysShowsTheTable() throws { try expect(Self.keys, in: "docs/keys.md") }

  /// Compares what stands between two marks of a document.
  private func expect(_ text: String, in path: String) throws {
    let (begin, end) = ("<!-- commands -->\n", "<!-- end of commands -->\n")
    let file = Fixtures.checkout.appending(path: path)
    let document = try String(contentsOf: file, encoding: .utf8)
    let start = try #require(document.range(of: begin)).upperBound
    let rest = try #require(document.range(of: end)).lowerBound
    guard ProcessInfo.processInfo.environment["RECORD_GOLDENS"] == nil else {
      guard document[start..<rest] != text else { return }
      let new = document[..<start] + text + document[rest...]
      try String(new).write(to: file, atomically: true, encoding: .utf8)
      Issue.record("wrote \(path) anew: look at it with git diff")
      return
    }
    #expect(String(document[start..<rest]) == text, "\(path): make goldens writes it anew")
  }
}
