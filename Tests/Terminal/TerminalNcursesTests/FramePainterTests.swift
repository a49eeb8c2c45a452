import TerminalKit
import Testing

@testable import TerminalNcurses

/// A terminal that understands what `Capabilities.simple` sends.
private struct Emulator {
  var cells: [[String]]
  var styles: [[[String: String]]]

  init(_ size: Size) {
    cells = Array(repeating: Array(repeating: " ", count: size.columns), count: size.rows)
    styles = cells.map { $0.map { _ in [:] } }
  }

  mutating func write(_ bytes: [UInt8]) {
    var row = 0
    var column = 0
    var style: [String: String] = [:]
    var rest = Substring(String(decoding: bytes, as: UTF8.self))
    while let character = rest.first {
      if character == "<" {
        let command = rest.prefix { $0 != ">" }.dropFirst()
        rest = rest.dropFirst(command.count + 2)
        let words = command.split(separator: " ").map(String.init)
        switch words[0] {
        case "move": (row, column) = (Int(words[1]) ?? 0, Int(words[2]) ?? 0)
        case "column": column = Int(words[1]) ?? 0
        case "own": style[words[1]] = nil
        case "clear": self = Emulator(Size(columns: cells.first?.count ?? 0, rows: cells.count))
        case "plain": style = [:]
        default: style[words[0]] = String(command)
        }
      } else if character == "\u{1B}" {
        rest = rest.dropFirst("\u{1B}[?2026h".count)
      } else {
        cells[row][column] = String(character)
        styles[row][column] = style
        column += DisplayWidth.of(character)
        if DisplayWidth.of(character) == 2 { cells[row][column - 1] = "" }
        rest = rest.dropFirst()
      }
    }
  }

  /// What can be seen of a cell's style: of a blank its ground only, unless it is reversed.
  func look(_ row: Int, _ column: Int) -> [String: String] {
    let style = styles[row][column]
    guard cells[row][column] == " ", style["rev"] == nil else { return style }
    return style.filter { $0.key == "bg" }
  }

  var lines: [String] {
    cells.map { row in
      var line = row.joined()
      while line.last == " " { line.removeLast() }
      return line
    }
  }
}

extension Capabilities {
  /// Readable commands in place of escape sequences.
  fileprivate static let simple = Capabilities(
    clear: Array("<clear>".utf8), plain: Array("<plain>".utf8),
    ownColors: (Array("<own fg>".utf8), Array("<own bg>".utf8)),
    attributes: [(.bold, Array("<bold>".utf8)), (.reversed, Array("<rev>".utf8))],
    lastCellIsSafe: true,
    move: { Array("<move \($0) \($1)>".utf8) }, moveInRow: { Array("<column \($0)>".utf8) },
    foreground: { Array("<fg \($0)>".utf8) }, background: { Array("<bg \($0)>".utf8) })
}

@Suite struct FramePainterTests {
  private static let styles = StyleSheet(
    name: "test",
    styles: [
      "text": Style(), "text.emphasis": Style(attributes: .bold),
      "gauge": Style(foreground: .ansi(6)),
      "notice": Style(foreground: .ansi(1), background: .ansi(2), attributes: [.bold, .reversed]),
    ])

  private static func random(_ size: Size, _ random: inout some RandomNumberGenerator) -> Canvas {
    var canvas = Canvas(size: size)
    let roles: [StyleRole] = [.text, .emphasis, Ramp.gauge.role, .noticeText]
    for _ in 0..<12 {
      canvas.draw(
        ["abc", "日本", "x", "  ", "●", "longer text"].randomElement(using: &random) ?? "",
        at: Point(
          column: Int.random(in: -2..<size.columns, using: &random),
          row: Int.random(in: 0..<size.rows, using: &random)),
        role: roles.randomElement(using: &random) ?? .text)
    }
    return canvas
  }

  @Test func everyDifferenceLeadsToTheSamePictureAsAWholeFrame() {
    var generator = SystemRandomNumberGenerator()
    let size = Size(columns: 23, rows: 5)
    for _ in 0..<300 {
      var painter = FramePainter(styles: Self.styles, capabilities: .simple)
      var emulator = Emulator(size)
      var shown: Canvas?
      for _ in 0..<4 {
        let next = Self.random(size, &generator)
        emulator.write(painter.paint(next, over: shown))
        shown = next
        #expect(emulator.lines == next.lines)
      }
      guard let last = shown else { continue }
      var whole = Emulator(size)
      whole.write(painter.paint(last, over: nil))
      for row in 0..<size.rows {
        for column in 0..<size.columns
        where last[column: column, row: row] != .blank
          && last[column: column, row: row].character != nil
        {
          #expect(whole.look(row, column) == emulator.look(row, column))
        }
      }
    }
  }

  @Test func aThemesBackgroundIsPaintedWhereNothingIsDrawn() {
    let size = Size(columns: 4, rows: 2)
    let background = Style(background: .ansi(4))
    var painter = FramePainter(
      styles: StyleSheet(name: "test", styles: ["text": background]), capabilities: .simple)
    var emulator = Emulator(size)
    emulator.write(painter.paint(Canvas(size: size), over: nil))
    #expect(emulator.styles.allSatisfy { $0.allSatisfy { $0["bg"] == "bg ansi(4)" } })
    #expect(painter.paint(Canvas(size: size), over: Canvas(size: size)).isEmpty)
  }

  /// Every cell once more, and nothing is cleared.
  @Test func otherStylesPaintAllOfItAnew() {
    let size = Size(columns: 6, rows: 2)
    var canvas = Canvas(size: size)
    canvas.draw("日本", at: Point(column: 1, row: 0), role: .noticeText)
    var emulator = Emulator(size)
    var painter = FramePainter(styles: Self.styles, capabilities: .simple)
    emulator.write(painter.paint(canvas, over: nil))
    let blue = StyleSheet(name: "blue", styles: ["text": Style(background: .ansi(4))])
    painter = FramePainter(styles: blue, capabilities: .simple, isRestyling: true)
    let bytes = painter.paint(canvas, over: canvas)
    #expect(!String(decoding: bytes, as: UTF8.self).contains("clear"))
    emulator.write(bytes)
    #expect(emulator.lines == canvas.lines)
    for row in 0..<2 {
      for column in 0..<6 where canvas[column: column, row: row].character != nil {
        #expect(emulator.styles[row][column] == ["bg": "bg ansi(4)"])
      }
    }
    #expect(painter.paint(canvas, over: canvas).isEmpty)
  }

  @Test func nothingChangedIsNothingWritten() {
    var painter = FramePainter(styles: Self.styles, capabilities: .simple)
    var canvas = Canvas(size: Size(columns: 10, rows: 2))
    canvas.draw("hello", at: Point(column: 0, row: 0))
    #expect(!painter.paint(canvas, over: nil).isEmpty)
    #expect(painter.paint(canvas, over: canvas).isEmpty)
  }

  @Test func aFrameIsOneSynchronizedBlockAndEndsPlain() {
    var painter = FramePainter(styles: Self.styles, capabilities: .simple)
    var canvas = Canvas(size: Size(columns: 10, rows: 2))
    canvas.draw("hello", at: Point(column: 0, row: 0), role: .noticeText)
    let text = String(decoding: painter.paint(canvas, over: nil), as: UTF8.self)
    #expect(text.hasPrefix("\u{1B}[?2026h<clear>"))
    #expect(text.hasSuffix("<plain>\u{1B}[?2026l"))
  }

  @Test func theLastCellIsLeftAloneWhereItWouldScroll() {
    var capabilities = Capabilities.simple
    capabilities.lastCellIsSafe = false
    var painter = FramePainter(styles: Self.styles, capabilities: capabilities)
    var canvas = Canvas(size: Size(columns: 3, rows: 1))
    canvas.draw("abc", at: Point(column: 0, row: 0))
    #expect(!String(decoding: painter.paint(canvas, over: nil), as: UTF8.self).contains("c\u{1B}"))
  }

  @Test func whatCannotBeToldApartIsNotPainted() {
    var painter = FramePainter(styles: Self.styles, capabilities: .simple)
    let size = Size(columns: 4, rows: 1)
    var (gauge, bold) = (Canvas(size: size), Canvas(size: size))
    gauge.draw("    ", at: Point(column: 0, row: 0), role: Ramp.gauge.role)
    bold.draw("    ", at: Point(column: 0, row: 0), role: .emphasis)
    #expect(painter.paint(bold, over: gauge).isEmpty)
    bold.draw("  ", at: Point(column: 1, row: 0), role: .noticeText)
    #expect(!painter.paint(bold, over: gauge).isEmpty)
  }

  /// `\u{1B}[0;1;38;5;7m` in place of three sequences.
  @Test func renditionsThatFollowEachOtherAreOneSequence() {
    func joined(_ sequences: String...) -> String {
      String(decoding: FramePainter.joined(sequences.map { Array($0.utf8) }), as: UTF8.self)
    }
    #expect(
      joined("\u{1B}[m", "\u{1B}[1m", "\u{1B}[38;5;7m") == "\u{1B}[0;1;38;5;7m")
    #expect(joined("\u{1B}[m") == "\u{1B}[m")
    // What is no rendition keeps its place.
    #expect(
      joined("\u{1B}[m", "\u{1B}(B", "\u{1B}[1m", "", "\u{1B}[4m")
        == "\u{1B}[0m\u{1B}(B\u{1B}[1;4m")
    #expect(joined("\u{1B}[?1m", "\u{1B}[1m") == "\u{1B}[?1m\u{1B}[1m")
    #expect(joined() == "")
  }

  @Test func leavingTheLineDrawingSetIsNoPartOfBeingPlain() {
    func plain(_ sgr0: String) -> String {
      String(decoding: Capabilities.withoutCharacterSet(Array(sgr0.utf8)), as: UTF8.self)
    }
    #expect(plain("\u{1B}(B\u{1B}[m") == "\u{1B}[m")
    #expect(plain("\u{1B}[m\u{0F}") == "\u{1B}[m")
    #expect(plain("\u{1B}[0m") == "\u{1B}[0m")
    #expect(plain("\u{0F}") == "\u{0F}")
  }

  /// Terminals know fewer moves and ways to end a colour than these.
  @Test func whatATerminalLacksIsDoneInAnotherWay() {
    var capabilities = Capabilities.simple
    (capabilities.ownColors, capabilities.moveInRow) = (nil, nil)
    var generator = SystemRandomNumberGenerator()
    let size = Size(columns: 23, rows: 3)
    for _ in 0..<100 {
      var (full, poor) = (
        FramePainter(styles: Self.styles, capabilities: .simple),
        FramePainter(styles: Self.styles, capabilities: capabilities)
      )
      var (one, other) = (Emulator(size), Emulator(size))
      var shown: Canvas?
      for _ in 0..<3 {
        let next = Self.random(size, &generator)
        one.write(full.paint(next, over: shown))
        let bytes = poor.paint(next, over: shown)
        #expect(!String(decoding: bytes, as: UTF8.self).contains("<own"))
        other.write(bytes)
        shown = next
      }
      for row in 0..<size.rows {
        for column in 0..<size.columns {
          #expect(one.cells[row][column] == other.cells[row][column])
          #expect(one.look(row, column) == other.look(row, column))
        }
      }
    }
  }
}
