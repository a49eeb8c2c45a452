internal import FleetModel
internal import TerminalKit
internal import Terms
internal import Wording

/// A shard's tablets: how the vtgates see them and what they report themselves, side by side.
struct TabletTable {
  let shard: Shard

  func render(into canvas: inout Canvas, in rect: Rect) {
    let dead = shard.deadRecords
    let body = Panel(
      dead == 0
        ? "\(member)s"
        : "\(member)s, and \(Wording().deadRecords(dead))"
    ).renderRule(into: &canvas, in: rect)
    guard !shard.tablets.isEmpty else {
      canvas.draw(noTablets, in: body.columns(from: 1), role: .muted)
      return
    }
    columns.render(shard.tablets, into: &canvas, in: body)
  }

  private var member: String { Wording().member(of: shard.gates) }

  private var noTablets: String {
    switch shard.tabletSource {
    case .vtgates: "no \(Wording().gate(shard.gates)) names a \(member) of this shard"
    case .relay: "Prometheus has scraped no tablet of this shard"
    case nil: "not known: nobody's list of tablets has been read"
    }
  }

  private typealias Column = ColumnSet<TabletView>.Column

  private var columns: ColumnSet<TabletView> {
    shard.hasOnlyDatabases ? ofServers : ofTablets
  }

  /// Servers behind a proxy: nobody can be asked but the proxy.
  private var ofServers: ColumnSet<TabletView> {
    ColumnSet([
      Column("SERVER", .flexible(minimum: 10, most: 20)) {
        .text($0.label, $0.isPrimary ? .emphasis : .text)
      },
      Column("ADDRESS", .flexible(minimum: 15, most: 40), rank: 3) {
        $0.database?.address.map { .address($0, .muted) } ?? .text("not told", .muted)
      },
      Column("TYPE", .fixed(10), rank: 2) {
        .text(
          isStandalone($0) ? "standalone" : $0.type.description, $0.isPrimary ? .emphasis : .text)
      },
      Column("SERVING", .fixed(7), cell: serving),
      Column("WRITES", .fixed(9)) { writes($0) },
      Column("LAG", .fixed(11), .trailing, rank: 1) {
        // Also of one that does not serve at the moment.
        guard $0.type != .primary, !isStandalone($0) else { return .text("-", .muted) }
        let (text, role) = Phrases.lag($0.lag)
        return .text(text, role)
      },
      Column("VERSION", .flexible(minimum: 18), rank: 4) {
        let known = [$0.database?.engine, $0.database?.version].compactMap(\.self)
        return .text(known.joined(separator: " "), .muted)
      },
    ])
  }

  /// A proxy lists whatever may serve in the primary's place as a replica.
  private func isStandalone(_ server: TabletView) -> Bool {
    server.type != .primary && server.database?.replicates == false
  }

  private func serving(_ tablet: TabletView) -> TableCell {
    .text(
      tablet.isServing.map { $0 ? "yes" : "NO" } ?? "?",
      tablet.isServing == false ? .critical : .text)
  }

  /// Whether it takes writes, by its own word.
  private func writes(_ tablet: TabletView) -> TableCell {
    switch tablet.database?.isReadOnly {
    case true?: .text("read-only", tablet.isPrimary ? .critical : .text)
    case false?: .text("yes", .text)
    case nil: .text("?", .missing)
    }
  }

  private var ofTablets: ColumnSet<TabletView> {
    ColumnSet([
      Column("TABLET", .flexible(minimum: 10, most: 20)) {
        .text($0.label, $0.isPrimary ? .emphasis : .text)
      },
      Column("ADDRESS", .flexible(minimum: 15, most: 40), rank: 5) {
        $0.address.map { .address($0, .muted) } ?? .text("no address", .muted)
      },
      Column("TYPE", .fixed(8), rank: 2) {
        .text($0.type.description, $0.isPrimary ? .emphasis : .text)
      },
      Column("SERVING", .fixed(7), cell: serving),
      Column("TABLET SAYS", .fixed(13), rank: 4, cell: serverState),
      Column(shard.lag.title, .fixed(11), .trailing, rank: 1) {
        let (text, role) = Phrases.lag($0.lag)
        return .text(text, role)
      },
      Column("", .fixed(6), rank: 7, cell: gauge)
        .wider("", .fixed(18), rank: 9, cell: gauge),
      // Words that say why matter more than a picture of the number beside it.
      Column("THROTTLER", .flexible(minimum: 22), rank: 3, cell: throttler)
        .wider("THROTTLER", .flexible(minimum: 29), rank: 6, cell: throttler)
        .wider("THROTTLER", .flexible(minimum: 51), rank: 8, cell: throttler),
    ])
  }

  /// The state in which the tablet says it is.
  private func serverState(_ tablet: TabletView) -> TableCell {
    if tablet.occupant != nil { return .text("another", .warning) }
    guard let state = tablet.serverState else { return .text("?", .muted) }
    return .text(state.word, state == .serving ? .text : .critical)
  }

  private func gauge(_ tablet: TabletView) -> TableCell {
    let lag = tablet.lag
    guard let value = lag.value, let threshold = lag.threshold, threshold > 0 else { return .blank }
    return .drawing { canvas, rect in
      Gauge(value / threshold, .lag, isOver: lag.isOverThreshold).render(into: &canvas, in: rect)
    }
  }

  private func throttler(_ tablet: TabletView) -> TableCell {
    if let caveat = tablet.lag.caveat.map({ Wording().words($0) }) {
      let role: StyleRole = tablet.failure == nil ? .stale : .warning
      let other = tablet.replicaLag
      guard tablet.lag.value == nil, tablet.isServing == true, let seconds = Wording().value(other)
      else {
        return .clauses(caveat, role)
      }
      // What others report, in whole seconds, is better than nothing.
      return .clauses("\(caveat); \(other.witness.rawValue): \(seconds)", role)
    }
    guard let throttler = tablet.throttler else { return .text("", .muted) }
    var words: [String] = []
    if tablet.lag.witness != .heartbeats { words.append("by \(tablet.lag.witness.rawValue)") }
    if throttler.isLeader == true { words.append("leader") }
    if throttler.isDormant == true {
      words.append("dormant")
    } else if throttler.isOpen == true || throttler.isEnabled == true {
      words.append("on")
    }
    if throttler.isLeader ?? tablet.isPrimary {
      switch tablet.lag.metric.scope {
      case .itself: words.append("check_as_check_self: its own decides")
      case .shard:
        words += throttler.shardValue.map { ["replicas \(Phrases.value($0, tablet.lag))"] } ?? []
      }
    }
    return .clauses(
      words.joined(separator: ", "), throttler.isDormant == true ? .dormant : .text)
  }
}

extension Lag {
  /// The name of the metric that decides, as a header.
  var title: String { isCustomMetric ? metric.name.uppercased() : "LAG" }
}

/// The apps that a shard's throttlers know rules for.
struct ThrottledAppTable {
  let apps: [ThrottledApp]
  let now: Instant

  func render(into canvas: inout Canvas, in rect: Rect) {
    let body = Panel("throttled apps").renderRule(into: &canvas, in: rect)
    ColumnSet<ThrottledApp>([
      .init("", .flexible(minimum: 16)) { .text($0.name, $0.role) },
      .init("", .fixed(26), rank: 2) { app in
        // The server rolls twice for an app that asks by the rule's very name.
        let denied = Int((app.deniedShare * 100).rounded())
        return .text("ratio \(app.ratio.inHundredths): \(denied) % denied", .text)
      },
      .init("", .fixed(14), .trailing, rank: 1) { app in
        .text("\((app.expiresAt - now).countdown) left", .text)
      },
    ]).render(apps, into: &canvas, in: body)
  }
}
