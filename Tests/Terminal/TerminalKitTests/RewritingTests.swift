import TerminalKit
import Testing

@Suite struct RewritingTests {
  private static let name = StyleRole("name")

  private static func canvas(_ body: (inout Canvas) -> Void) -> Canvas {
    var canvas = Canvas(size: Size(columns: 24, rows: 2))
    body(&canvas)
    return canvas
  }

  @Test func aShorterTextLeavesBlanksAndTheRestOfItsSentenceFollows() {
    var canvas = Self.canvas {
      $0.draw("on long-name, now", at: Point(column: 0, row: 0))
      $0.draw("12", at: Point(column: 20, row: 0))
    }
    canvas.rewrite { $0.map { $0.replacing("long-name", with: "n") } }
    #expect(canvas.lines[0] == "on n, now           12")
  }

  /// Underlined blanks would be a line under nothing, and plain ones a hole in a band.
  @Test func blanksLookLikeThoseBehindTheText() {
    var canvas = Self.canvas {
      $0.draw("on long-name", at: Point(column: 0, row: 0), role: Self.name)
      $0.fill(Rect(column: 0, row: 1, columns: 24, rows: 1), role: Self.name)
      $0.draw("on long-name", at: Point(column: 0, row: 1), role: Self.name)
    }
    canvas.rewrite { $0.map { $0.replacing("long-name", with: "n") } }
    #expect(canvas.lines == ["on n", "on n"])
    #expect(canvas[column: 3, row: 0].role == Self.name)
    #expect(canvas[column: 4, row: 0].role == .text && canvas[column: 8, row: 0].role == .text)
    #expect(canvas[column: 8, row: 1].role == Self.name)
  }

  @Test func aLongerTextTakesTheBlanksBehindItAndNoMore() {
    var canvas = Self.canvas {
      $0.draw("a", at: Point(column: 0, row: 0))
      $0.draw("a", at: Point(column: 0, row: 1))
      $0.draw("12", at: Point(column: 6, row: 1))
    }
    canvas.rewrite { $0.map { $0 == "a" ? "somebody" : $0 } }
    #expect(canvas.lines == ["somebody", "some… 12"])
  }

  @Test func anotherRoleIsAnotherText() {
    var canvas = Self.canvas {
      $0.draw("long", at: Point(column: 0, row: 0), role: Self.name)
      $0.draw("12", at: Point(column: 5, row: 0))
    }
    canvas.rewrite { texts in
      #expect(texts == ["long", "12"])
      return texts.map { $0 == "long" ? "s" : $0 }
    }
    #expect(canvas.lines[0] == "s    12")
    #expect(canvas[column: 0, row: 0].role == Self.name)
    #expect(canvas[column: 5, row: 0].role == .text)
  }
}
