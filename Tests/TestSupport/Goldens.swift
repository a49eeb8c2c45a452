internal import Foundation
package import TerminalKit
package import Testing

/// Compares a canvas with the picture kept beside the test, text and roles.
package func expectGolden(
  _ canvas: Canvas, named name: String, filePath: String = #filePath,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  try expectGolden(
    canvas.golden, named: name, filePath: filePath, sourceLocation: sourceLocation)
}

/// Compares a text with the one kept beside the test.
///
/// `RECORD_GOLDENS=1` writes the pictures anew; a test that recorded fails, so that no run blesses
/// what it wrote itself.
package func expectGolden(
  _ actual: String, named name: String, filePath: String = #filePath,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let url = URL(filePath: filePath).deletingLastPathComponent()
    .appending(path: "Goldens/\(name).txt")
  if ProcessInfo.processInfo.environment["RECORD_GOLDENS"] != nil {
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    if (try? String(contentsOf: url, encoding: .utf8)) != actual {
      try actual.write(to: url, atomically: true, encoding: .utf8)
      Issue.record("recorded \(name): look at it with git diff", sourceLocation: sourceLocation)
    }
    return
  }
  guard let expected = try? String(contentsOf: url, encoding: .utf8) else {
    Issue.record("no golden \(name): run make goldens", sourceLocation: sourceLocation)
    return
  }
  guard actual != expected else { return }
  Attachment.record(actual, named: "\(url.lastPathComponent)", sourceLocation: sourceLocation)
  let lines = zip(
    expected.split(separator: "\n", omittingEmptySubsequences: false),
    actual.split(separator: "\n", omittingEmptySubsequences: false))
  let first = lines.enumerated().first { $0.element.0 != $0.element.1 }
  Issue.record(
    """
    \(name) differs from its golden, first in line \((first?.offset ?? -1) + 1):
    expected \(first?.element.0 ?? "another length")
    actual   \(first?.element.1 ?? "")
    """, sourceLocation: sourceLocation)
}

extension Canvas {
  /// The picture between bars, then the roles as runs.
  package var golden: String {
    var text = ""
    for line in lines {
      let width = DisplayWidth.of(line)
      text += "|\(line)\(String(repeating: " ", count: max(0, size.columns - width)))|\n"
    }
    text += "# roles\n"
    for row in 0..<size.rows {
      var runs: [String] = []
      var start = 0
      for column in 0..<size.columns {
        let role = self[column: column, row: row].role
        if column + 1 == size.columns || self[column: column + 1, row: row].role != role {
          if role != .text { runs.append("\(start)-\(column) \(role)") }
          start = column + 1
        }
      }
      if !runs.isEmpty { text += "\(row): \(runs.joined(separator: ", "))\n" }
    }
    return text
  }
}
