internal import FleetModel
internal import TerminalKit
internal import Terms
internal import Wording

/// The whole log with its filters, newest first, every sentence in full.
struct EventsView: ScrollingView {
  let shard: ShardName?
  let utcOffset: Int
  private let title: String
  /// Those that are listed, newest last.
  let events: [FleetEvent]

  init(
    events all: SharingArray<FleetEvent>, shard: ShardName?, filter: InputLine,
    least: FleetEvent.Severity,
    utcOffset: Int
  ) {
    self.shard = shard
    self.utcOffset = utcOffset
    let wording = Wording()
    let own = all.filter { shard == nil || $0.shard == nil || $0.shard == shard }
    events = own.filter { event in
      event.severity >= least
        && filter.matches(
          "\(event.severity.word) \(event.shard?.description ?? "") \(wording.fullSentence(event))")
    }
    var words = ["events" + (shard.map { " of \($0)" } ?? "")]
    words.append(
      events.count == own.count
        ? own.count.grouped : "\(events.count.grouped) of \(own.count.grouped)")
    if least > .notice { words.append(least.filterName) }
    if !filter.isEmpty { words.append("with \"\(filter.text)\"") }
    title = words.joined(separator: ", ")
  }

  private struct Columns {
    /// The widths of what precedes the sentence, 0 for what is left out, and of the sentence.
    let time: Int
    let severity: Int
    let shard: Int
    let sentence: Int

    /// A sentence narrower than this is hard to read, so the columns before it give way.
    private static let readable = 28

    init(_ columns: Int, showsShard: Bool) {
      // Each column includes the gap after it.
      var rest = columns - 1
      func share(_ wanted: Int) -> Int {
        guard wanted > 0, rest - wanted - 1 >= Self.readable else { return 0 }
        rest -= wanted + 1
        return wanted
      }
      time = share(10)
      shard = share(showsShard ? min(24, max(12, columns / 5)) : 0)
      severity = share(8)
      sentence = max(1, rest)
    }

    var before: [Int] { [time, severity, shard].filter { $0 > 0 } }
  }

  private func lines(_ event: FleetEvent, _ columns: Columns) -> [String] {
    let span = Phrases.span(event, utcOffset: utcOffset)
    let words = Wording().fullSentence(event) + span
    return Paragraph(words.safe(limit: 4000), columns: columns.sentence).lines
  }

  func height(in size: Size) -> Int {
    let columns = Columns(size.columns, showsShard: shard == nil)
    return 1 + max(1, events.reduce(0) { $0 + lines($1, columns).count })
  }

  func render(into canvas: inout Canvas, in rect: Rect, rows: Int) {
    let body = Panel(title).renderRule(into: &canvas, in: rect)
    guard !events.isEmpty else {
      canvas.draw("none", in: body.line(0).columns(from: 1), role: .muted)
      return
    }
    let columns = Columns(rect.columns, showsShard: shard == nil)
    var row = 0
    for event in events.reversed() {
      let sentence = lines(event, columns)
      var areas = body.line(row).columns(from: 1)
        .sideBySide(columns.before.map { .fixed($0) }, spacing: 1)
      if columns.time > 0 {
        canvas.draw(
          Phrases.preciseClock(event.at, utcOffset: utcOffset), in: areas.removeFirst(),
          role: .muted)
      }
      if columns.severity > 0 {
        canvas.draw(event.severity.word, in: areas.removeFirst(), role: event.severity.role)
      }
      if let area = areas.first, let shard = event.shard {
        canvas.draw(canvas.fit(shard, to: area.columns), in: area)
      }
      for line in sentence {
        canvas.draw(
          line, in: body.line(row).columns(from: body.columns - columns.sentence),
          role: event.severity.role)
        row += 1
      }
    }
  }
}

extension FleetEvent.Severity {
  /// What a list of this severity and worse is called.
  var filterName: String {
    switch self {
    case .notice, .good: "all"
    case .warning: "warnings and worse"
    case .critical: "critical ones"
    }
  }

  /// The next of the useful filters.
  var next: Self {
    switch self {
    case .notice, .good: .warning
    case .warning: .critical
    case .critical: .notice
    }
  }
}
