internal import FleetModel
internal import TerminalKit
internal import Terms
internal import Wording

/// The start screen: one row per shard, and below it the selected one and what happened.
///
///     SHARDS  FAILED  WORST LAG  BUFFERS        where there is room
///     a row a shard
///     what does not answer
///     the selected shard  │  events
struct FleetView {
  let fleet: Fleet
  let table: FleetTable
  /// Nil while no shard is selected.
  let pane: ShardPane?
  let filter: String
  /// Shards in trouble that the filter hides.
  let hiddenInTrouble: Int
  /// Whether a server's silence counts for nothing.
  let isQuiet: (Target) -> Bool
  let now: Instant
  let utcOffset: Int

  func render(into canvas: inout Canvas, in rect: Rect) {
    var rect = rect
    if rect.rows >= Self.rowsForSummary, rect.columns >= FleetSummary.leastColumns,
      !fleet.summaries.isEmpty
    {
      // Mostly all of them, and then nothing is copied.
      let isAnyAside = fleet.summaries.contains { table.aside($0) != nil }
      let shards =
        isAnyAside ? fleet.summaries.filter { table.aside($0) == nil } : fleet.summaries
      FleetSummary(
        shards: shards,
        setAside: isAnyAside ? fleet.summaries.filter { table.aside($0) != nil } : [],
        vtgates: Array(fleet.vtgates.values)
      ).render(into: &canvas, in: rect.rows(from: 0, count: FleetSummary.rows))
      rect = rect.rows(from: FleetSummary.rows + 1)
    }
    // The table gets what it needs, the rest what is left: at least a third of a low screen and
    // half of a high one.
    let trouble = trouble
    let wanted = max(2, table.shards.count + 1) + trouble.count + 1
    let least = rect.rows >= Self.rowsForPane ? rect.rows / 2 : min(rect.rows / 3, 12)
    let restRows = max(least, rect.rows - wanted)
    let areas = rect.stacked([.flexible(minimum: 2), .fixed(restRows)])
    let troubleRows = min(trouble.count, max(0, areas[0].rows - 2))
    let tableArea = areas[0].rows(from: 0, count: areas[0].rows - troubleRows)
    for (index, line) in trouble.prefix(troubleRows).enumerated() {
      Notice(line.0, role: line.1)
        .render(into: &canvas, in: areas[0].line(tableArea.rows + index))
    }
    if table.shards.isEmpty {
      renderEmpty(into: &canvas, in: tableArea)
    } else {
      table.render(into: &canvas, in: tableArea)
    }
    renderRest(&canvas, areas[1])
  }

  private static let rowsForSummary = 24
  private static let rowsForPane = 20
  /// The columns needed for the selected shard and the events side by side.
  private static let columnsForBoth = 130

  /// The selected shard and the events, or the events alone where both do not fit.
  private func renderRest(_ canvas: inout Canvas, _ rect: Rect) {
    let events = EventList(
      title: "events", events: Array(fleet.log.events.suffix(max(0, rect.rows))),
      utcOffset: utcOffset)
    guard let pane, rect.rows >= ShardPane.leastRows else {
      events.render(into: &canvas, in: rect)
      return
    }
    if rect.columns >= Self.columnsForBoth {
      let areas = rect.sideBySide(
        [.fixed(rect.columns * 11 / 20), .flexible(minimum: 40)], spacing: 1)
      pane.render(into: &canvas, in: areas[0])
      events.render(into: &canvas, in: areas[1])
    } else if rect.rows >= ShardPane.leastRows + 4 {
      let eventRows = max(4, rect.rows / 3)
      pane.render(into: &canvas, in: rect.rows(from: 0, count: rect.rows - eventRows))
      events.render(into: &canvas, in: rect.rows(from: rect.rows - eventRows))
    } else {
      events.render(into: &canvas, in: rect)
    }
  }

  /// Servers without data and what a filter hides: said in full width, never left to a colour.
  private var trouble: [(String, StyleRole)] {
    var lines: [(String, StyleRole)] = []
    if !filter.isEmpty {
      let hidden = hiddenInTrouble
      let more = hidden > 0 ? ", which hides \(Phrases.plural(hidden, "shard")) in trouble" : ""
      lines.append(
        ("filter \"\(filter)\"\(more); Esc removes it", hidden > 0 ? .warning : .muted))
    }
    lines += waiting.map { ($0, .critical) }
    if let failure = fleet.topoFailure { lines.append((Wording().words(failure), .warning)) }
    if let relay = fleet.relay { lines += words(relay) }
    lines += fleet.sources.sorted { $0.key < $1.key }.compactMap { source, standing in
      standing.fault.map { (Wording().words(.sourceFails(source, $0)), .warning) }
    }
    let silentVtgates = fleet.vtgates.values.filter { $0.watched.failure != nil }
    let vtgates = silentVtgates.filter { !isQuiet($0.target) }.sorted { $0.address < $1.address }
      .map {
        ("\($0.server)\(naming($0.target))", $0.watched.failure, $0.watched.failingSince)
      }
    let silent = fleet.failingTablets
    let failing = silent.filter { !fleet.isDeadRecord($0) }
    if failing.count < silent.count {
      lines.append(
        (
          "topo lists \(Phrases.plural(silent.count - failing.count, "tablet")) that nobody has "
            + "heard of; they may have left long ago", .muted
        ))
    }
    let loud = failing.filter { !isQuiet($0.target) }
    let quiet = silentVtgates.count - vtgates.count + failing.count - loud.count
    if quiet > 0 {
      lines.append(
        ("\(Phrases.plural(quiet, "silent server")) set aside; :set-aside lists them", .muted))
    }
    let tablets = loud.sorted { $0.address < $1.address }.map { state in
      let alias = fleet.alias(of: state).map { "\($0.short) " } ?? ""
      return (
        "tablet \(alias)\(state.address)\(naming(state.target))", state.watched.failure,
        state.watched.failingSince
      )
    }
    for vtgate in fleet.vtgates.values.filter(\.hasSeveralProcesses)
      .sorted(by: { $0.address < $1.address })
    {
      lines.append(
        (
          "\(vtgate.server): \(Wording().words(FleetEvent.Kind.severalProcesses))", .warning
        ))
    }
    let complaining = fleet.vtgates.values.filter {
      $0.watched.failure == nil && $0.watched.value?.complaint != nil
    }
    for vtgate in complaining.sorted(by: { $0.address < $1.address }) {
      guard let complaint = vtgate.watched.value?.complaint else { continue }
      lines.append(
        ("\(vtgate.server): \(Wording().words(complaint)); the rest is used", .warning))
    }
    for (name, failure, since) in vtgates + tablets {
      guard let failure, let since else { continue }
      lines.append(
        ("\(name): \(Wording().words(failure)), for \((now - since).countdown)", .warning))
    }
    guard lines.count > 4 else { return lines }
    return lines.prefix(3) + [("and \(lines.count - 3) more servers in trouble", .warning)]
  }

  /// Who names a server, where that is neither the operator nor a vtgate.
  private func naming(_ server: Target) -> String {
    let sources = (fleet.naming(of: server)?.sources ?? []).sorted().map { Wording().words($0) }
    return sources.isEmpty ? "" : ", named by \(sources.joined(separator: " and "))"
  }

  /// What the server that tells of the others does not tell.
  private func words(_ relay: Relay) -> [(String, StyleRole)] {
    let wording = Wording()
    let fault = relay.fault.map { wording.words(FleetEvent.Kind.relayFails(relay.address, $0)) }
    let since = relay.failingSince.map { ", for \((now - $0).countdown)" } ?? ""
    let tablets = relay.tabletFault.map {
      wording.words(FleetEvent.Kind.relayHidesTablets(relay.address, $0))
    }
    let unreached = relay.unreached.map { wording.words(FleetEvent.Kind.staysRelayed($0)) }
    return [
      fault.map { ($0 + since, .critical) }, tablets.map { ($0, .warning) },
      relay.delay.map { (wording.isSlow(relay, $0), .warning) },
      relay.clockFault.map { (wording.clockUnknown(relay, $0), .muted) },
      unreached.map { ($0, .warning) },
      relay.unscrapedGates.map { (wording.words($0), .warning) },
      relay.unscrapedTablets.map { (wording.words($0), .muted) },
      relay.unplaced > 0 ? (wording.tabletsUnplaced(relay.unplaced), .muted) : nil,
    ].compactMap(\.self)
  }

  /// Which shards hold up their keyspaces.
  private var waiting: [String] {
    let waiting = Dictionary(grouping: fleet.summaries.filter { $0.waitsFor != nil }) {
      $0.waitsFor
    }
    return waiting.compactMap { culprit, shards in
      let verb = shards.count == 1 ? "waits" : "wait"
      return culprit.map {
        "\(Phrases.plural(shards.count, "shard")) of \($0.keyspace) \(verb) for \($0), which has no primary"
      }
    }.sorted()
  }

  private func renderEmpty(into canvas: inout Canvas, in rect: Rect) {
    let text =
      if !filter.isEmpty {
        "no shard matches \"\(filter)\""
      } else if fleet.relay?.fault != nil {
        "nothing is known of any server"
      } else if fleet.asksNobody {
        "nobody names a server to ask"
      } else if fleet.vtgates.values.contains(where: { $0.watched.readAt != nil }) {
        "the \(Wording().gates(fleet.gates)) know no shards yet"
      } else {
        "waiting for the first answer"
      }
    canvas.draw(text, in: rect.line(min(1, rect.rows - 1)).columns(from: 1), role: .muted)
  }
}
