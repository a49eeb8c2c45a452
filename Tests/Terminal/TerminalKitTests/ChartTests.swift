import Testing

@testable import TerminalKit

@Suite struct ChartTests {
  private func picture(
    _ values: [Double?], past: Int? = nil, limit: Chart.Limit? = nil, told: Chart.Told? = nil,
    columns: Int = 30,
    rows: Int = 5
  ) -> [String] {
    var canvas = Canvas(size: Size(columns: columns, rows: rows))
    Chart(
      "held", values, past: past ?? values.count, limit: limit,
      fill: .ramp(.gauge, limit: limit?.value ?? 1), told: told,
      labels: 10
    ) {
      $0 < 1e6 ? "\(Int($0))" : "huge"
    }.render(into: &canvas, in: canvas.bounds)
    return canvas.lines
  }

  @Test func theLimitIsALineWithItsName() {
    let lines = picture([0, 50, 100], limit: .init(100, "size 100", source: "2 vtgates"))
    #expect(lines[0] == "held  100 size 100 ┄┄┄┄┄┄┄┄┄┄█")
    #expect(lines[4] == "        0                   ██")
  }

  /// Where there is no room for all of it, or columns stand in the way, the value is what stays.
  @Test(arguments: [
    (40, 0, "held  100 size 100 (2 vtgates) ┄┄┄┄┄┄┄┄┄"),
    (32, 0, "held  100 size 100 (2 vtgates) ┄"),
    (31, 0, "held  100 size 100 ┄┄┄┄┄┄┄┄┄┄┄┄"),
    (40, 26, "held  100 ┄┄┄┄█┄┄┄┄ size 100 (2 vtgates)"),
    (40, 18, "held  100 size 100 ┄┄┄█┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄"), (18, 0, "held  100 ┄┄┄┄┄┄┄┄"),
  ])
  func theLimitSaysWhereItIsKnownFrom(_ columns: Int, _ age: Int, _ expected: String) {
    let values: [Double?] = age > 0 ? [100] + Array(repeating: 0, count: age - 1) : [0]
    let lines = picture(
      values, limit: .init(100, "size 100", source: "2 vtgates"), columns: columns, rows: 2)
    #expect(lines[0] == expected)
  }

  @Test func aValueBeyondTheLimitRaisesTheScaleAndNotTheLimit() {
    let lines = picture([20, 180], limit: .init(100, "size 100", source: "2 vtgates"))
    #expect(lines[0].hasPrefix("held  200 "))
    #expect(lines.firstIndex { $0.contains("size 100 ┄") } == 2)
  }

  @Test func aFarLimitIsNamedAndLeavesTheScaleToTheValues() {
    let lines = picture([1, 3], limit: .init(1000, "size 1000", source: "2 vtgates", farAway: 20))
    #expect(lines[0].hasPrefix("held    5 ▲ size 1000"))
    #expect(!lines.joined().contains("┄"))
    #expect(
      picture([1, 3], limit: .init(1000, "size 1000", source: "its vtgate"))[0].hasPrefix(
        "held1000") == false)
  }

  @Test func whatNobodySawHasATextureWithItsMeaning() {
    let told = Chart.Told([1], "peak", meaning: "a peak, unseen")
    let lines = picture([0, 50, 0], limit: .init(100, "size 100", source: "x"), told: told)
    #expect(lines[1] == "          ▒ a peak, unseen")
    #expect(lines[4] == "        0                   ▒")
    // Where nothing is free it stands below the title.
    let full = picture([Double?](repeating: 100, count: 20), told: told)
    #expect(full[1] == "▒ peak    █▒██████████████████")
    #expect(!picture([1], told: .init([], "peak", meaning: "x")).joined().contains("peak"))
  }

  @Test(arguments: [
    (0.0, 1.0), (0.2, 0.2), (0.21, 0.5), (1, 1), (1.01, 2), (4, 5), (51, 100), (120, 200),
    (99_999, 100_000), (.infinity, 1), (-4, 1),
  ])
  func scalesAreRound(_ most: Double, _ top: Double) {
    #expect(abs(Chart.round(above: most) - top) < 1e-9)
  }

  /// Whatever a server says, and whatever the window's size.
  @Test func hostileValuesAndSizesDrawSomething() {
    for columns in 0...24 {
      for rows in 0...3 {
        for values in [[], [.nan, .infinity, -1, 1e308, nil], [5]] as [[Double?]] {
          _ = picture(
            values, limit: .init(values.isEmpty ? 0 : 1e300, "limit", source: "somebody"),
            columns: columns, rows: rows)
        }
      }
    }
  }

  /// Zero is blank, what nobody knows is shaded, and what is still to come is blank too.
  @Test func whatIsNotKnownDoesNotLookLikeZero() {
    let lines = picture([nil, nil, 0, 50, nil, 0, nil, nil], past: 6)
    #expect(lines[4] == "        0             ░░ █░")
    #expect(lines[3] == "                         █")
    #expect(picture([0, 0, 0], past: 3)[4] == "        0")
  }
}
