import TerminalKit
import Terms
import Testing

@testable import Dashboard

@Suite struct TableTests {
  /// The line that begins with a title, as words.
  private func header(_ canvas: Canvas, from title: String) -> [String] {
    let line = canvas.lines.first { $0.drop { $0 == " " }.hasPrefix(title) } ?? ""
    return line.split(separator: " ").map(String.init)
  }

  /// A title and what it is shortened to stand for the same.
  private static let short = ["EVICT": "EVICTED", "SKIP": "SKIPPED", "ERR": "CLIENT"]

  @Test(arguments: ["SHARD", "VTGATE", "TABLET", "NO "])
  func noColumnIsLostWhenThereIsMoreRoom(_ first: String) throws {
    var scene =
      first == "NO " ? Scene.failover(Size(columns: 100, rows: 60), isOver: true) : .busy()
    switch first {
    case "SHARD": break
    case "NO ": _ = scene.press(.character("f"))
    default: _ = scene.press(.down, .enter)
    }
    var before: Set<String> = []
    for columns in 20...210 {
      let words = header(scene.canvas(Size(columns: columns, rows: 60)), from: first)
      let titles = Set(words.map { Self.short[$0] ?? $0 }.filter { !$0.contains("…") })
      #expect(before.isSubset(of: titles), "\(before.subtracting(titles)) at \(columns)")
      before = titles
    }
    #expect(before.count >= 6)
  }

  @Test func namesOfCountsAreCutAndNeverTheNumber() {
    let counts = ["LastFailoverTooRecent": 17, "BufferFull": 4]
    func line(_ columns: Int) -> String {
      var canvas = Canvas(size: Size(columns: columns, rows: 1))
      guard case .drawing(let draw) = TableCell.counts(counts, .critical) else { return "" }
      draw(&canvas, canvas.bounds)
      return canvas.lines[0]
    }
    #expect(line(38) == "BufferFull 4, LastFailoverTooRecent 17")
    #expect(line(37) == "21: BufferFull, LastFailoverTooRecent")
    #expect(line(14) == "21: BufferFul…")
    #expect(line(3) == "21…")
  }
}
