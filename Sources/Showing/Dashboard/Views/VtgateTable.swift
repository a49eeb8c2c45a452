internal import FleetModel
internal import TerminalKit
internal import Terms
internal import Wording

/// What each vtgate is doing with a shard's queries.
struct VtgateTable {
  let shard: Shard
  let now: Instant

  func render(into canvas: inout Canvas, in rect: Rect) {
    let body = Panel(Wording().gates(shard.gates)).renderRule(into: &canvas, in: rect)
    columns.render(shard.vtgates, into: &canvas, in: body)
  }

  private typealias Column = ColumnSet<Shard.VtgateView>.Column

  private var columns: ColumnSet<Shard.VtgateView> {
    ColumnSet([
      Column(
        shard.gates == .both ? "GATE" : Wording().gate(shard.gates).uppercased(),
        .flexible(minimum: 14)
      ) { vtgate in
        .drawing { canvas, rect in name(vtgate, &canvas, rect) }
      },
      Column("STATE", .fixed(10)) { vtgate in
        let (word, role) = state(vtgate)
        return .text(word, role)
      },
      Column(
        "HELD", .fixed(5), .trailing, rank: 1, cell: whereCounted { .count($0.held, .emphasis) }),
      Column(
        "PEAK", .fixed(5), .trailing, rank: 4,
        cell: whereCounted { .count($0.counted.lastRequestsInFlightMax, .text, missing: .muted) }),
      Column(
        "BUFFERED", .fixed(8), .trailing, rank: 2,
        cell: whereCounted { .count($0.counted[.buffered], .text) }),
      Column(
        "DRAINED", .fixed(7), .trailing, rank: 3,
        cell: whereCounted { .count($0.counted[.drained], .text) }),
      Column(
        "EVICT", .fixed(5), .trailing, rank: 5,
        cell: whereCounted { .count($0.counted[.evicted], .stateLost) }
      ).wider(
        "EVICTED", .fixed(7), .trailing, rank: 10,
        cell: whereCounted { .count($0.counted[.evicted], .stateLost) }
      ).wider(
        "EVICTED", .flexible(minimum: 14), rank: 11,
        cell: whereCounted { vtgate in
          vtgate.counted[.evicted] == nil
            ? .text("-", .missing) : .reasons(vtgate.counted.evicted)
        }),
      Column(
        "SKIP", .fixed(5), .trailing, rank: 6,
        cell: whereCounted { .count($0.counted[.skipped], .stateLost) }
      ).wider(
        "SKIPPED", .fixed(7), .trailing, rank: 10,
        cell: whereCounted { .count($0.counted[.skipped], .stateLost) }
      ).wider(
        "SKIPPED", .flexible(minimum: 14), rank: 11,
        cell: whereCounted { vtgate in
          vtgate.counted[.skipped] == nil
            ? .text("-", .missing)
            : .reasons(vtgate.counted.skipped.filter { $0.key != .disabled })
        }),
      Column(
        "CALL ERR", .fixed(8), .trailing, rank: 8,
        cell: whereCounted { .count($0.callErrors, .text, missing: .muted) }),
      Column(
        "LAST", .fixed(6), .trailing, rank: 7,
        cell: whereCounted { .text($0.counted.lastFailoverDuration?.inTenths ?? "-", .text) }),
      Column(
        "COOL-DOWN", .fixed(9), .trailing, rank: 9,
        cell: whereCounted { vtgate in
          vtgate.cooldown(at: now).map { .text($0.countdown, .stateCoolDown) } ?? .text("-", .text)
        }),
    ])
  }

  /// A cell that is blank for a vtgate that counts nothing: its state says why.
  private func whereCounted(
    _ cell: @escaping (Shard.VtgateView) -> TableCell
  ) -> (Shard.VtgateView) -> TableCell {
    { $0.freshness.isFresh && $0.total != nil ? cell($0) : .blank }
  }

  /// The address, followed by the release, by what it is where there are several kinds, and by who told
  /// where not all are asked, if all of it fits.
  private func name(_ vtgate: Shard.VtgateView, _ canvas: inout Canvas, _ rect: Rect) {
    let address = vtgate.address.fit(rect.columns, on: canvas)
    let kind = shard.gates == .both ? "  \(Wording().gate(vtgate.kind))" : ""
    let version = kind + (vtgate.version.map { "  v\($0)" } ?? "") + source(vtgate)
    let fits = DisplayWidth.of(address + version) <= rect.columns
    canvas.draw(spans: [(address, .text), (fits ? version : "", .muted)], in: rect)
  }

  /// Where there are two ways, by which it was learnt last, and how old that is.
  private func source(_ vtgate: Shard.VtgateView) -> String {
    guard shard.isRelayed, let readAt = vtgate.readAt else { return "" }
    return vtgate.isAsked ? "  asked" : "  scraped \((now - readAt).countdown) ago"
  }

  private func state(_ vtgate: Shard.VtgateView) -> (String, StyleRole) {
    switch vtgate.freshness {
    case .never: return ("no answer", .missing)
    case .stale(let age): return ("stale \(age.countdown)", .stale)
    case .fresh: break
    }
    if vtgate.combinesShards { return ("not apart", .missing) }
    if vtgate.total == nil {
      if shard.onlyInTopo != nil { return ("unaware", .muted) }
      return vtgate.isOff(for: shard.name) ? ("off", .warning) : ("no traffic", .muted)
    }
    if vtgate.isDryRun { return ("dry run", .warning) }
    if vtgate.isBuffering { return ("BUFFERING", .stateBuffering) }
    if vtgate.isDraining { return ("DRAINING", .stateDraining) }
    if vtgate.isOff(for: shard.name) { return ("off", .warning) }
    return vtgate.isPhaseUnknown ? ("unknown", .missing) : ("idle", .text)
  }
}
