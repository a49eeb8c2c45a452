import TerminalKit
import Testing

private func canvas(_ columns: Int, _ rows: Int, _ glyphs: Glyphs = .unicode) -> Canvas {
  Canvas(size: Size(columns: columns, rows: rows), glyphs: glyphs)
}

@Suite struct CanvasTests {
  @Test func drawingOutsideIsClipped() {
    var canvas = canvas(4, 2)
    canvas.draw("abcdef", at: Point(column: 2, row: 0))
    canvas.draw("xyz", at: Point(column: -1, row: 1))
    canvas.draw("no", at: Point(column: 0, row: 9))
    #expect(canvas.lines == ["  ab", "yz"])
  }

  @Test func aWideCharacterIsWholeOrAbsent() {
    var canvas = canvas(4, 1)
    canvas.draw("日本語", at: Point(column: 1, row: 0))
    #expect(canvas.lines == [" 日"])
    canvas.draw("x", at: Point(column: 2, row: 0))
    #expect(canvas.lines == ["  x"])
    canvas.draw("日", at: Point(column: 2, row: 0))
    canvas.draw("y", at: Point(column: 2, row: 0))
    #expect(canvas.lines == ["  y"])
  }

  @Test(arguments: ["e\u{301}\u{302}", "🇩🇪", "👍🏽", "각", "1\u{FE0F}\u{20E3}"])
  func aCharacterKeepsAllItsScalars(_ text: String) {
    var canvas = canvas(4, 1)
    canvas.draw(text, at: Point(column: 1, row: 0))
    #expect(canvas.lines.map { Array($0.unicodeScalars) } == [Array((" " + text).unicodeScalars)])
  }

  @Test func textThatDoesNotFitEndsInAnEllipsis() {
    var canvas = canvas(5, 1)
    canvas.draw("commerce", in: canvas.bounds)
    #expect(canvas.lines == ["comm…"])
    #expect(canvas.fit("日本語", to: 4) == "日…")
    #expect(canvas.fit("ab", to: 1) == "…")
    #expect(canvas.fit("ab", to: 0) == "")
    #expect(canvas.fitEnd(of: "abcdef", to: 6) == "abcdef")
    #expect(canvas.fitEnd(of: "abcdef", to: 4) == "…def")
    #expect(canvas.fitEnd(of: "日本語", to: 4) == "…語")
    #expect(canvas.fitEnd(of: "ab", to: 1) == "…" && canvas.fitEnd(of: "ab", to: 0) == "")
  }

  @Test func alignmentUsesDisplayWidth() {
    var canvas = canvas(6, 1)
    canvas.draw("日x", in: canvas.bounds, alignment: .trailing)
    #expect(canvas.lines == ["   日x"])
  }

  @Test func asciiModeShowsNothingElse() {
    var canvas = canvas(8, 1, .ascii)
    canvas.draw("größe", at: Point(column: 0, row: 0))
    #expect(canvas.lines == ["gr??e"])
  }

  @Test(arguments: [
    "\u{1B}[31mred", "a\u{7}b", "a\u{9B}2Jb", "a\u{202E}b", "a\u{200B}b", "a\u{2028}b", "a\r\nb",
    "\u{1B}]0;title\u{7}", "a\u{0}b", "e" + String(repeating: "\u{301}", count: 500),
  ])
  func textFromOutsideIsPrintable(_ text: String) {
    var canvas = canvas(20, 2)
    canvas.draw(text, at: Point(column: 0, row: 0))
    for cell in canvas.cells {
      for scalar in cell.character?.unicodeScalars ?? "".unicodeScalars {
        #expect(scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value))
        #expect(scalar.properties.generalCategory != .format)
      }
      #expect((cell.character?.unicodeScalars.count ?? 0) <= 3)
    }
    #expect(canvas.lines[1].isEmpty)
  }

  @Test func veryLongTextIsCut() {
    #expect(String(repeating: "x", count: 10_000).safe().count <= 513)
    #expect("plain text".safe() == "plain text")
  }

  @Test(
    arguments: zip(
      ["a", "é", "e\u{301}", "日", "ｱ", "😀", "한", "\u{200D}", "●", "⚠\u{FE0F}"],
      [1, 1, 1, 2, 1, 2, 2, 0, 1, 2]))
  func displayWidth(_ text: String, _ expected: Int) {
    #expect(DisplayWidth.of(text) == expected)
  }
}

@Suite struct LayoutTests {
  @Test func spareRoomGoesToTheFlexible() {
    let parts = Rect(column: 0, row: 0, columns: 20, rows: 1)
      .sideBySide([.fixed(4), .flexible(minimum: 2), .flexible(minimum: 3)], spacing: 1)
    #expect(parts.map(\.columns) == [4, 6, 8])
    #expect(parts.map(\.column) == [0, 5, 12])
  }

  @Test func partsNeverLeaveTheWhole() {
    for columns in 0...30 {
      let whole = Rect(column: 3, row: 1, columns: columns, rows: 2)
      let parts = whole.sideBySide(
        [.fixed(10), .flexible(minimum: 5), .fixed(7)], spacing: 1)
      for part in parts {
        #expect(part.column >= whole.column && part.maxColumn <= whole.maxColumn)
      }
    }
  }
}

@Suite struct WidgetTests {
  @Test(
    arguments: zip(
      [0, 0.001, 0.5, 1, 7, -1, Double.nan],
      ["▕    ▏", "▕▏   ▏", "▕██  ▏", "▕████▏", "▕████▏", "▕    ▏", "▕    ▏"]))
  func gauge(_ fraction: Double, _ expected: String) {
    var canvas = canvas(6, 1)
    Gauge(fraction).render(into: &canvas, in: canvas.bounds)
    #expect(canvas.lines == [expected])
  }

  @Test func aSparklineDrawsNothingForZero() {
    var canvas = canvas(5, 1)
    Sparkline([9, 0, nil, 4, 9], scale: 4).render(into: &canvas, in: canvas.bounds)
    #expect(canvas.lines == ["█  ▄█"])
  }

  @Test func aCellOfAFillHasTheStepThatItReaches() {
    func roles(_ row: Int, _ draw: (inout Canvas) -> Void) -> [String] {
      var canvas = canvas(6, 2)
      draw(&canvas)
      return (0..<6).map { canvas[column: $0, row: row].role.name }
    }
    #expect(
      roles(0) { Gauge(1).render(into: &$0, in: $0.bounds) }
        == [
          "gauge.track", "gauge.fill.2", "gauge.fill.4", "gauge.fill.6", "gauge.fill.8",
          "gauge.track",
        ])
    #expect(
      roles(0) { Gauge(0.1, isOver: true).render(into: &$0, in: $0.bounds) }[1]
        == "gauge.fill.over")
    // Two rows for 0...12 with the limit at 10: the lower reaches 6, the upper the value itself.
    let chart = Sparkline([3, 6, 10, 12], scale: 12, fill: .ramp(.gauge, limit: 10))
    #expect(
      roles(0) { chart.render(into: &$0, in: $0.bounds) }.suffix(2)
        == ["gauge.fill.8", "gauge.fill.over"])
    #expect(
      roles(1) { chart.render(into: &$0, in: $0.bounds) }.suffix(4)
        == ["gauge.fill.3", "gauge.fill.5", "gauge.fill.5", "gauge.fill.5"])
  }

  @Test func aNumberKeepsItsUnitAndItsThousands() {
    #expect(
      Paragraph("window 10.0 s, then 4 873 of them", columns: 14).lines
        == ["window 10.0 s,", "then 4 873 of", "them"])
    #expect(Paragraph("a window of 10.0 s", columns: 16).lines == ["a window of", "10.0 s"])
    #expect(Paragraph("there are 4 873", columns: 12).lines == ["there are", "4 873"])
    #expect(Paragraph("(wait 15.0 s)", columns: 10).lines == ["(wait", "15.0 s)"])
  }

  @Test(arguments: [(0, 0), (1, 1), (2, 2), (3, 1), (10, 3)])
  func everyWidgetSurvivesHostileSizes(_ columns: Int, _ rows: Int) {
    var canvas = canvas(columns, rows)
    let bounds = Rect(column: -1, row: -1, columns: columns + 3, rows: rows + 3)
    _ = Panel("title").renderBox(into: &canvas, in: bounds)
    _ = Panel("title").renderRule(into: &canvas, in: bounds)
    Gauge(0.5).render(into: &canvas, in: bounds)
    Sparkline([1, 2, 3]).render(into: &canvas, in: bounds)
    Notice("text").render(into: &canvas, in: bounds)
    KeyHints([.init("q", "quit")]).render(into: &canvas, in: bounds)
    ColumnSet<String>([.init("A", .fixed(5)) { .text($0, .text) }])
      .render(["x"], selection: 0, into: &canvas, in: bounds)
    #expect(canvas.lines.count == rows)
  }
}
