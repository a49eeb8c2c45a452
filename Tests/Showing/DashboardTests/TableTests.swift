import FleetModel
import TerminalKit
import Terms
import Testing
import Watching

@testable import Dashboard

@Suite struct TableTests {
  /// The line that begins with a title, as words.
  private func header(_ canvas: Canvas, from title: String) -> [String] {
    let line = canvas.lines.first { $0.drop { $0 == " " }.hasPrefix(title) } ?? ""
    return line.split(separator: " ").map(String.init)
  }

  /// A title and what it is shortened to stand for the same.
  private static let short = ["EVICT": "EVICTED", "SKIP": "SKIPPED", "ERR": "CLIENT"]

  @Test(arguments: ["SHARD▼", "VTGATE", "TABLET", "NO "])
  func noColumnIsLostWhenThereIsMoreRoom(_ first: String) throws {
    var scene =
      first == "NO " ? Scene.failover(Size(columns: 100, rows: 60), isOver: true) : .busy()
    switch first {
    case "SHARD▼": break
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

  /// A name or a reason is worth more than a picture of the number beside it.
  @Test func namesAndReasonsAreWholeInAHundredColumns() {
    let size = Size(columns: 100, rows: 30)
    var canvas = Canvas(size: size)
    FleetTable(
      shards: [ShardSummary(ShardName(keyspace: "commerce", shard: "20-40"))], selection: nil,
      sort: .trouble, fill: nil, trends: FleetTrends(), aside: { _ in nil }, now: Scene.start
    ).render(into: &canvas, in: canvas.bounds)
    #expect(canvas.lines[1].hasPrefix(" commerce/20-40 "))
    var scene = Scene.busy(size)
    _ = scene.press(.down, .down, .enter)
    #expect(scene.text.contains(" leader, on, replicas 7.3"))
  }

  /// The phases' textures are told apart without colours, also with seven bits.
  @Test func phasesDifferInWhatTheyAreMadeOf() {
    var scene = Scene.failover(Size(columns: 120, rows: 40), isOver: true)
    scene.wait(.seconds(1))
    for glyphs in [Glyphs.unicode, .ascii] {
      let lines = scene.canvas(Size(columns: 120, rows: 40), glyphs).lines
      let bar = lines.first { $0.hasPrefix(" gate1:15001") } ?? ""
      #expect(Set(bar.dropFirst(13)).subtracting(" ").count == 3, "\(bar)")
    }
  }

  /// What somebody who is new to it needs is offered at every usual width.
  @Test(arguments: [80, 100, 120, 160])
  func theFleetsLastLineNamesThePaletteAndThePresenter(_ columns: Int) throws {
    let canvas = Scene.busy().canvas(Size(columns: columns, rows: 30))
    let line = try #require(canvas.lines.last)
    #expect(line.hasSuffix(": command  ? help  q quit") && line.contains("p present"), "\(line)")
  }

  @Test func whoWasPrimaryIsWholeAtEveryWidth() throws {
    let scene = Scene.failover(Size(columns: 100, rows: 60), isOver: true)
    for columns in 40...200 {
      let lines = scene.canvas(Size(columns: columns, rows: 60)).lines
      let line = try #require(lines.first { $0.hasPrefix(" primary ") })
      #expect(!line.contains("…"), "\(line)")
    }
  }

  @Test(arguments: [2, 9, 12, 18]) func limitsAreNeverCut(_ seconds: Int) throws {
    var scene = Scene.failover(Size(columns: 100, rows: 60), isOver: false)
    for _ in 0..<seconds { scene.poll() }
    for columns in 50...200 {
      let lines = scene.canvas(Size(columns: columns, rows: 60)).lines
      let line = try #require(lines.first { $0.hasPrefix(" limits ") })
      #expect(!line.contains("…") && !line.contains(/[sd\)] max/), "\(line)")
    }
  }

  /// How many shards are out of sight is said in a line of its own, below all numbers.
  @Test func whatIsOutOfSightIsCountedAndCoversNothing() throws {
    var scene = Scene.busy(Size(columns: 80, rows: 8))
    func rows() -> [String] {
      scene.canvas.lines.filter { $0.contains("/") && $0.contains("zone1-") }
    }
    #expect(rows().allSatisfy { $0.contains("/5s") }, "\(rows())")
    #expect(scene.text.contains("▼ 2 more shards"), "\(scene.text)")
    _ = scene.press(.end)
    #expect(rows().count == 2 && scene.text.contains("▲ 2 shards above"), "\(scene.text)")
  }

  /// A vtgate that cannot be named in full is not shown as one of several that look alike.
  @Test(arguments: [100, 140, 160, 200, 250]) func aBufferIsNamedInFullOrCounted(_ columns: Int)
    throws
  {
    let lines = Scene.busy().canvas(Size(columns: columns, rows: 40)).lines
    let title = try #require(lines.firstIndex { $0.contains("WORST LAG") })
    let line = lines[title + 1]
    let named = line.matches(of: /gate[12]:15001/).count
    #expect(!line.contains("…"), "\(line)")
    #expect(lines[title].contains("FULLEST BUFFER") == line.contains("+1"), "\(line)")
    #expect(named == 2 || line.contains("+1"), "\(line)")
  }

  @Test func namesOfCountsAreCutAndNeverTheNumber() {
    let counts = ["LastFailoverTooRecent": 17, "BufferFull": 4]
    func line(_ columns: Int) -> String {
      var canvas = Canvas(size: Size(columns: columns + 1, rows: 1))
      ColumnSet<Void>([.init("", .flexible(minimum: 0)) { .counts(counts, .critical) }])
        .render([()], into: &canvas, in: canvas.bounds)
      return String(canvas.lines[0].dropFirst())
    }
    #expect(line(38) == "BufferFull 4, LastFailoverTooRecent 17")
    #expect(line(37) == "21: BufferFull, LastFailoverTooRecent")
    #expect(line(36) == "21: BufferFull, …")
    #expect(line(17) == "21: BufferFull, …")
    #expect(line(14) == "21: BufferFul…")
    #expect(line(3) == "21…")
  }

  @Test(arguments: [
    (10, "FAILED"), (30, "FAILED HELD BUFFERED"),
    (69, "FAILED HELD BUFFERED DRAINED RETRIED SKIPPED"),
    (70, "FAILED HELD BUFFERED DRAINED RETRIED SKIPPED"),
  ])
  func theLastFiguresGiveWayFirst(_ columns: Int, _ expected: String) {
    var canvas = Canvas(size: Size(columns: columns, rows: 2))
    SummaryFigures(
      failed: nil, special: [.init("HELD", 3, .emphasis)], counts: nil,
      lost: .init("RETRIED", 2, .warning)
    ).render(into: &canvas, in: canvas.bounds)
    let titles = canvas.lines[0].split(separator: " ").joined(separator: " ")
    #expect(titles == expected)
    // What is not counted is not zero.
    #expect(!canvas.lines[1].contains("0"))
  }

  @Test func whatACountIsOfIsSaidWholeOrNotAtAll() {
    func line(_ columns: Int) -> String {
      var canvas = Canvas(size: Size(columns: columns + 1, rows: 1))
      ColumnSet<Void>([.init("", .flexible(minimum: 0)) { .count(312, .text, of: " of 500") }])
        .render([()], into: &canvas, in: canvas.bounds)
      return String(canvas.lines[0].dropFirst())
    }
    #expect(line(10) == "312 of 500")
    #expect(line(9) == "312")
  }

  @Test func wordsLoseWholeClauses() {
    func line(_ columns: Int) -> String {
      var canvas = Canvas(size: Size(columns: columns + 1, rows: 1))
      ColumnSet<Void>([
        .init("", .flexible(minimum: 0)) { .clauses("by replication, nobody asks; 2 s", .text) }
      ]).render([()], into: &canvas, in: canvas.bounds)
      return String(canvas.lines[0].dropFirst())
    }
    #expect(line(32) == "by replication, nobody asks; 2 s")
    #expect(line(31) == "by replication, nobody asks, …")
    #expect(line(20) == "by replication, …")
    #expect(line(15) == "by replication")
  }

  /// Where there is room, what is being added a second stands beside each total.
  @Test func totalsHaveTheirRatesBesideThem() throws {
    var scene = Scene(Size(columns: 220, rows: 40))
    for count in 1...6 {
      scene.change(1) { $0.skipped[.lastFailoverTooRecent] = 1000 * count }
      scene.poll()
    }
    func row(_ columns: Int) throws -> String {
      try #require(
        scene.canvas(Size(columns: columns, rows: 40)).lines.first {
          $0.contains("commerce/80-  ") && $0.contains("zone1-201")
        })
    }
    #expect(try row(220).contains("12 000 +2.0k/s"))
    #expect(try !row(160).contains("/s "))
    for _ in 1...5 { scene.poll() }
    #expect(try !row(220).contains("k/s"))
  }
}
