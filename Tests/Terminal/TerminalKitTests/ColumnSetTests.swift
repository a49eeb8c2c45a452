import TerminalKit
import Testing

@Suite struct ColumnSetTests {
  private struct Row {
    let name: String
    let count: Int
  }

  private static let rows = [Row(name: "first", count: 12_345), Row(name: "second", count: 7)]

  /// A name that is always there, and numbers of which the last ones give way first.
  private static var columns: ColumnSet<Row> {
    ColumnSet([
      .init("NAME", .flexible(minimum: 6)) { .text($0.name, .text) },
      .init("COUNT", .fixed(5), .trailing, rank: 1) { .text("\($0.count)", .text) },
      .init("TWICE", .fixed(5), .trailing, rank: 3) { .text("\(2 * $0.count)", .text) },
      .init("HALF", .fixed(4), .trailing, rank: 2) { .text("\($0.count / 2)", .text) }
        .wider("A HALF", .fixed(8), .trailing, rank: 4) { .text("\($0.count / 2)", .text) },
    ])
  }

  private func picture(
    _ columns: ColumnSet<Row>, width: Int, rows: Int = 3, selection: Int? = nil
  ) -> Canvas {
    var canvas = Canvas(size: Size(columns: width, rows: rows))
    columns.render(Self.rows, selection: selection, into: &canvas, in: canvas.bounds)
    return canvas
  }

  private func titles(_ columns: ColumnSet<Row>, width: Int) -> [String] {
    picture(columns, width: width, rows: 1).lines[0].split(separator: " ").map(String.init)
  }

  @Test(arguments: [
    (12, "NAME"), (13, "NAME COUNT"), (17, "NAME COUNT"), (18, "NAME COUNT HALF"),
    (23, "NAME COUNT HALF"), (24, "NAME COUNT TWICE HALF"), (27, "NAME COUNT TWICE HALF"),
    (28, "NAME COUNT TWICE A HALF"), (200, "NAME COUNT TWICE A HALF"),
  ])
  func columnsGiveWayInTheirOrder(_ width: Int, _ expected: String) {
    #expect(titles(Self.columns, width: width).joined(separator: " ") == expected)
  }

  @Test func aColumnThatDoesNotFitHoldsUpThoseAfterIt() {
    let columns = ColumnSet<Row>([
      .init("NAME", .fixed(4)) { .text($0.name, .text) },
      .init("BROAD", .fixed(20), rank: 1) { .text($0.name, .text) },
      .init("N", .fixed(1), rank: 2) { .text($0.name, .text) },
    ])
    #expect(titles(columns, width: 20) == ["NAME"])
  }

  @Test func equalRanksComeTogether() {
    let columns = ColumnSet<Row>([
      .init("NAME", .fixed(4)) { .text($0.name, .text) },
      .init("ONE", .fixed(4), rank: 1) { .text($0.name, .text) },
      .init("TWO", .fixed(4), rank: 1) { .text($0.name, .text) },
    ])
    #expect(titles(columns, width: 14) == ["NAME"])
    #expect(titles(columns, width: 15) == ["NAME", "ONE", "TWO"])
  }

  @Test func aPictureLeavesWordsTheirRoom() {
    let columns = ColumnSet<Row>([
      .init("NAME", .flexible(minimum: 4)) { .text($0.name, .text) },
      .init("BAR", .fixed(4), rank: 1, spare: 10) { .text($0.name, .text) },
    ])
    #expect(titles(columns, width: 19) == ["NAME"])
    #expect(titles(columns, width: 20) == ["NAME", "BAR"])
  }

  @Test func aNumberIsWholeOrNotThereAtAnyWidth() {
    for width in 0...40 {
      for line in picture(Self.columns, width: width).lines.dropFirst() {
        for word in line.split(separator: " ").dropFirst() {
          #expect(["12345", "24690", "6172", "7", "14", "3"].contains(String(word)), "\(width)")
        }
      }
    }
  }

  @Test(arguments: [
    (0, ["", "", ""]), (1, ["", "▶", ""]), (3, [" N…", "▶f…", " s…"]),
    (5, [" NAME", "▶fir…", " sec…"]),
  ])
  func whatNeverGivesWayIsCutAndSaysSo(_ width: Int, _ expected: [String]) {
    #expect(picture(Self.columns, width: width, selection: 0).lines == expected)
  }

  @Test func theSelectedRowIsMarkedFromEndToEnd() {
    let canvas = picture(Self.columns, width: 14, selection: 1)
    #expect(canvas.lines == [" NAME    COUNT", " first   12345", "▶second      7"])
    #expect(canvas[column: 3, row: 2].role == StyleRole.text.on(.rowSelected))
    #expect(canvas[column: 13, row: 2].role == StyleRole.text.on(.rowSelected))
  }

  @Test func rowsThatCanBeSelectedAreKnownByTheirPlace() {
    let canvas = picture(Self.columns, width: 14, selection: 1)
    func row(_ column: Int, _ row: Int) -> Int? { canvas.row(at: Point(column: column, row: row)) }
    #expect(row(0, 0) == nil)
    #expect(row(0, 1) == 0 && row(13, 2) == 1)
    #expect(row(14, 2) == nil && row(0, 3) == nil && row(-1, 1) == nil)
    #expect(picture(Self.columns, width: 14).row(at: Point(column: 0, row: 1)) == nil)
  }

  @Test func withoutTitlesThereIsNoHeader() {
    let columns = ColumnSet<Row>([.init("", .flexible(minimum: 6)) { .text($0.name, .text) }])
    #expect(picture(columns, width: 10, rows: 2).lines == [" first", " second"])
  }

  @Test(arguments: [
    (nil, 0..<4), (0, 0..<4), (3, 0..<4), (4, 1..<5), (8, 5..<9), (9, 6..<10), (99, 6..<10),
  ])
  func theSelectedRowIsInSightAndNoOtherIsMade(_ selection: Int?, _ expected: Range<Int>) {
    var made: Set<Int> = []
    let columns = ColumnSet<Int>([
      .init("N", .fixed(3)) {
        made.insert($0)
        return .text("\($0)", .text)
      }
    ])
    var canvas = Canvas(size: Size(columns: 10, rows: 5))
    let inSight = columns.render(
      Array(0..<10), selection: selection, into: &canvas, in: canvas.bounds)
    #expect(inSight == expected)
    #expect(made == Set(expected))
  }

  @Test(arguments: [0, 1])
  func aTableTooLowForARowShowsNone(_ height: Int) {
    var canvas = Canvas(size: Size(columns: 10, rows: height))
    let inSight = Self.columns.render(
      Self.rows, selection: 1, into: &canvas, in: canvas.bounds)
    #expect(inSight.isEmpty)
  }
}
