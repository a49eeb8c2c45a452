import Dashboard
import TerminalKit
import TestSupport
import Testing
import Themes

/// One screen with everything that a theme colours, as each theme shows it.
@Suite struct ReferenceScreenTests {
  private static let screen: Canvas = {
    var canvas = Canvas(size: Size(columns: 72, rows: 20))
    func line(_ row: Int, _ spans: [(String, StyleRole)]) {
      canvas.draw(spans: spans, in: canvas.bounds.line(row))
    }
    line(
      0,
      [
        (" sluice ", .emphasis), (" LAB ", .lab), (" demo ", .text), (" ACTIONS 15m ", .modeBadge),
        (" every 1.0 s", .muted),
      ])
    _ = Panel("shards").renderRule(into: &canvas, in: canvas.bounds.line(1))
    line(2, [(" SHARD       ", .tableHeader), ("STATE", .tableHeaderSorted)])
    let states: [(String, StyleRole, StyleRole)] = [
      ("serving", .stateServing, .phaseServing), ("detected", .stateDetected, .phaseDetected),
      ("BUFFERING", .stateBuffering, .phaseBuffering),
      ("DRAINING", .stateDraining, .phaseDraining), ("recovered", .stateRecovered, .text),
      ("lost some", .stateLost, .phaseLost), ("gave up", .stateGaveUp, .phaseLost),
      ("cool-down", .stateCoolDown, .text), ("NO PRIMARY", .stateNoPrimary, .phaseNoPrimary),
      ("disputed", .stateDisputed, .phaseNoPrimary), ("no data", .stateNoData, .text),
    ]
    for (index, (word, state, phase)) in states.enumerated() {
      line(index + 3, [(" commerce/\(index) ", phase), (word, state), ("  12", .text)])
    }
    canvas.lay(canvas.bounds.line(5), on: .rowSelected)
    for (row, ramp) in [Ramp.held, .lag, .window, .gauge].enumerated() {
      Gauge(1, ramp).render(into: &canvas, in: Rect(column: 34, row: row + 3, columns: 18, rows: 1))
      Gauge(1, ramp, isOver: true).render(
        into: &canvas, in: Rect(column: 54, row: row + 3, columns: 6, rows: 1))
    }
    Sparkline([1, 2, 3, 4, 5, 6], scale: 5, fill: .ramp(.lag, limit: 5)).render(
      into: &canvas, in: Rect(column: 34, row: 8, columns: 6, rows: 3))
    Sparkline([1, 2, 3]).render(into: &canvas, in: Rect(column: 44, row: 8, columns: 3, rows: 1))
    line(14, [(" good ", .good), ("warning ", .warning), ("critical ", .critical), ("6", .failed)])
    line(15, [(" stale ", .stale), ("dormant ", .dormant), ("unknown ", .missing)])
    line(
      16, [(" vreplication ", .throttled), ("online-ddl ", .throttledFully), ("size 60", .limit)])
    line(
      17,
      [(" type y: ", .muted), ("y_", .input), (" ", .text)]
        + ClusterHue.allCases.map { (" \($0.rawValue) ", $0.role) })
    Notice("a line over the full width").render(into: &canvas, in: canvas.bounds.line(18))
    KeyHints([.init("q", "quit")]).render(into: &canvas, in: canvas.bounds.line(19))
    return canvas
  }()

  /// Every role of the program stands on the screen, or a step or a ground of it.
  @Test func theScreenShowsEveryRole() {
    let shown = Set(Self.screen.cells.map(\.role.description))
    for role in StyleRole.all {
      let isShown = shown.contains {
        $0 == role.name || $0.hasPrefix("\(role).") || $0.hasPrefix("\(role) on ")
          || $0.hasSuffix(" on \(role)")
      }
      #expect(isShown, "\(role)")
    }
  }

  /// What goes to a terminal with 256 colours, the escape character written `^[`.
  @Test(arguments: ThemeCatalog.builtIn.keys.sorted()) func eachThemeShowsIt(_ name: String) throws
  {
    let sheet = try ThemeCatalog(directory: nil).load(name, roles: StyleRole.all)
      .styleSheet(colors: 256)
    var text = ""
    for row in 0..<Self.screen.size.rows {
      var run = ""
      var style = Style()
      for column in 0..<Self.screen.size.columns {
        let cell = Self.screen[column: column, row: row]
        guard let character = cell.character else { continue }
        let own = sheet.style(for: cell.role)
        if own != style {
          if !run.isEmpty { text += style.rendered(run) }
          (run, style) = ("", own)
        }
        run.append(character)
      }
      text += style.rendered(run) + "\n"
    }
    try expectGolden(text.replacing("\u{1B}", with: "^["), named: name)
  }
}
