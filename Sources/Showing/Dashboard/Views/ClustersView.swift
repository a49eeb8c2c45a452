internal import FleetModel
internal import TerminalKit
internal import Terms
internal import Wording

/// Several clusters: a row for each, and below it the trouble of all of them.
///
///     CLUSTER  STATE                            TROUBLE  FAILED  LAG  VTGATES  NEWS
///     a row a cluster
///     ── trouble ──
///     a row for each problem, the worst first
struct ClustersView {
  /// In the order of their rows.
  let clusters: [ClusterGlance]
  /// The name of the selected one.
  let selection: String?
  /// Hosts are masked, whether or not they are on the cluster's own screens.
  let masksAll: Bool
  let now: Instant
  let utcOffset: Int

  /// News this old are no news any more, whatever the interval.
  private static let oldNews: Duration = .seconds(5)

  private struct Trouble {
    let cluster: ClusterGlance
    let problem: FleetCheck.Problem
  }

  /// A line of the list; what is too long for one goes on below.
  private struct TroubleLine {
    let entry: Trouble
    let words: String
    let isFirst: Bool
  }

  func render(into canvas: inout Canvas, in rect: Rect) {
    let trouble = trouble
    // Of a low screen, the trouble gets a third at least.
    let least = trouble.isEmpty ? 2 : min(trouble.count + 1, max(2, rect.rows / 3))
    let rows = min(clusters.count + 2, max(2, rect.rows - least))
    let table = rect.rows(from: 0, count: min(rows, rect.rows))
    columns(rect.columns).render(
      clusters, selection: clusters.firstIndex { $0.name == selection }, into: &canvas, in: table)
    let rest = rect.rows(from: table.rows)
    guard rest.rows >= 2 else { return }
    render(trouble, &canvas, rest)
  }

  // MARK: A row a cluster

  private typealias Column = ColumnSet<ClusterGlance>.Column

  /// `room`: the whole width.
  private func columns(_ room: Int) -> ColumnSet<ClusterGlance> {
    ColumnSet([
      Column("CLUSTER", .fixed(width(room))) { badge($0) },
      Column("STATE", .flexible(minimum: 20)) { state($0) },
      Column("TROUBLE", .fixed(7), .trailing) { cluster in
        .text(
          cluster.shards == 0
            ? "-" : "\(cluster.shardsInTrouble.grouped)/\(cluster.shards.grouped)",
          cluster.shards == 0 ? .missing : cluster.shardsInTrouble > 0 ? .warning : .muted)
      },
      Column("FAILED", .fixed(6), .trailing) { .failed($0.failed, isCounted: $0.isCounted) },
      Column("LAG", .fixed(9), .trailing, rank: 1) { lag($0) }
        .wider("WORST LAG", .fixed(28), .trailing, rank: 3, spare: 24) { lagAndShard($0) },
      Column("VTGATES", .fixed(7), .trailing) { cluster in
        .text(
          "\(cluster.vtgatesAnswering.grouped)/\(cluster.vtgates.grouped)",
          cluster.vtgatesAnswering < cluster.vtgates ? .warning : .text)
      },
      Column("NEWS", .fixed(5), .trailing, rank: 2) { news($0) },
    ])
  }

  /// As wide as the longest title, within a quarter of the screen.
  private func width(_ room: Int) -> Int {
    let widest = clusters.map { DisplayWidth.of($0.title) + 2 }.max() ?? 0
    return min(max(8, widest), max(14, room / 5))
  }

  private func badge(_ cluster: ClusterGlance) -> TableCell {
    .drawing { canvas, rect in
      let title = canvas.fit(
        cluster.named, among: clusters.map(\.named), to: rect.columns - 2)
      canvas.draw(" \(title) ", in: rect, role: cluster.role)
    }
  }

  private func state(_ cluster: ClusterGlance) -> TableCell {
    .drawing { canvas, rect in
      let verdict = VerdictLine(situation: cluster.situation, utcOffset: utcOffset)
      let (text, role) = verdict.sentence(canvas, columns: rect.columns)
      canvas.draw(text, in: rect, role: role)
    }
  }

  private func words(_ worst: ClusterGlance.Lagging) -> (String, StyleRole) {
    guard worst.isSetAside, let value = Wording().value(worst.lag) else {
      return Phrases.lag(worst.lag)
    }
    return (value, .muted)
  }

  private func lag(_ cluster: ClusterGlance) -> TableCell {
    guard let worst = cluster.worstLag else { return .text("no data", .missing) }
    let (text, role) = words(worst)
    return .text(text, role)
  }

  private func lagAndShard(_ cluster: ClusterGlance) -> TableCell {
    guard let worst = cluster.worstLag else { return .text("no data", .missing) }
    let (text, role) = words(worst)
    return .drawing { canvas, rect in
      let room = rect.columns - DisplayWidth.of(text) - 1
      let name = worst.isSetAside ? "set aside" : canvas.fit(worst.shard, to: room)
      canvas.draw(name, in: rect.columns(from: 0, count: room), role: .muted)
      canvas.draw(text, in: rect, role: role, alignment: .trailing)
    }
  }

  /// How long ago a server answered.
  private func news(_ cluster: ClusterGlance) -> TableCell {
    guard let answeredAt = cluster.answeredAt else { return .text("none", .missing) }
    let age = max(.zero, now - answeredAt)
    return .text(age.countdown, age > Self.oldNews ? .stale : .muted)
  }

  // MARK: Trouble

  /// The worst first, of equals in the order of the rows.
  private var trouble: [Trouble] {
    let all = clusters.flatMap { cluster in
      cluster.problems.map { Trouble(cluster: cluster, problem: $0) }
    }
    return all.enumerated()
      .sorted {
        ($1.element.problem.health, $0.offset) < ($0.element.problem.health, $1.offset)
      }
      .map(\.element)
  }

  private func render(_ trouble: [Trouble], _ canvas: inout Canvas, _ rect: Rect) {
    let body = Panel(trouble.isEmpty ? "trouble" : "trouble, \(trouble.count.grouped)")
      .renderRule(into: &canvas, in: rect)
    guard !trouble.isEmpty else {
      canvas.draw(
        clusters.isEmpty ? "waiting for the first answer" : "none",
        in: body.line(0).columns(from: 1), role: .muted)
      return
    }
    let (badges, healths) = (width(rect.columns), 8)
    // The gutter, and a space between two columns.
    let room = max(20, body.columns - badges - healths - 3)
    let lines = zip(
      trouble, Paragraph.stacked(trouble.map(words), columns: room, rows: body.rows)
    ).flatMap { entry, lines in
      lines.enumerated().map { TroubleLine(entry: entry, words: $1, isFirst: $0 == 0) }
    }
    let inSight = ColumnSet<TroubleLine>([
      .init("", .fixed(badges)) { $0.isFirst ? badge($0.entry.cluster) : .text("", .text) },
      .init("", .fixed(healths)) { line in
        let health = line.entry.problem.health
        return .text(
          line.isFirst ? health.word : "", health == .failing ? .critical : .warning)
      },
      .init("", .flexible(minimum: 20)) { .text($0.words, .text) },
    ]).render(lines, into: &canvas, in: body)
    let below = lines.count - inSight.upperBound
    guard below > 0, body.rows > 1 else { return }
    let text = " \(canvas.glyphs.descending) \(below.grouped) more "
    canvas.draw(text, in: body.line(body.rows - 1), role: .keyHint, alignment: .trailing)
  }

  private func words(_ entry: Trouble) -> String {
    let isMasked = masksAll || entry.cluster.isMasked
    let wording = Wording(mask: isMasked ? entry.cluster.standIns : nil)
    let words = wording.words(entry.problem.finding, of: entry.cluster.situation.gates)
    guard entry.problem.subject != .fleet else { return words }
    return "\(wording.name(entry.problem.subject)): \(words)"
  }
}

/// The first line of the overview.
struct ClustersHeader {
  let clusters: [ClusterGlance]
  /// How many there are, heard of or not.
  let count: Int
  let now: Instant
  let utcOffset: Int

  func render(into canvas: inout Canvas, in rect: Rect) {
    let inTrouble = clusters.count(where: \.isInTrouble)
    var spans: [(String, StyleRole)] = [
      (" sluice ", .emphasis), (" \(Phrases.plural(count, "cluster"))  ", .text),
    ]
    let unverified = clusters.filter(\.isUnverified)
    if let first = unverified.first {
      let whose =
        unverified.count == clusters.count
        ? "" : unverified.count == 1 ? "\(first.title.safe()) " : "\(unverified.count) of them "
      spans += [("\(HeaderView.unverified)\(whose)", .critical), ("  ", .text)]
    }
    if inTrouble > 0 { spans.append(("\(inTrouble.grouped) in trouble", .warning)) }
    canvas.draw(spans: spans, in: rect)
    let clock = " \(Phrases.clock(now, utcOffset: utcOffset)) "
    guard rect.columns >= 40 else { return }
    canvas.draw(clock, in: rect, alignment: .trailing)
  }
}
