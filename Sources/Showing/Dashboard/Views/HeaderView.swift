internal import FleetModel
internal import TerminalKit
internal import Terms
internal import Watching
internal import Wording

/// The first line: what is watched, how fresh it is, and what the counters count from.
struct HeaderView {
  /// What the cluster is called, and all clusters of this run.
  let title: ClusterTitle
  let clusters: [ClusterTitle]
  /// What the name stands out in; nil where there is nothing to mistake it for.
  let color: ClusterHue?
  let isLab: Bool
  let fleet: Fleet
  let now: Instant
  /// How far in the past ``now`` is; nil when it is the present.
  let behind: Duration?
  /// How a recording is being played; nil where the cluster itself is watched.
  let playback: Playback?
  /// Servers' certificates are not checked.
  let isUnverified: Bool
  /// All of it is being recorded.
  let isRecorded: Bool
  /// How long actions stay allowed; nil when they are not.
  let allowed: Duration?
  /// The intervals between two polls of a vtgate, and of a tablet.
  let intervals: (vtgate: Duration, tablet: Duration)
  /// Shards polled at the fast rate: those the operator armed, and all of them.
  let closely: (armed: Set<ShardName>, all: Set<ShardName>)
  /// The other clusters of this run in which something needs looking at.
  let troubled: [ClusterTitle]
  let utcOffset: Int

  func render(into canvas: inout Canvas, in rect: Rect) {
    guard rect.columns >= 12 else {
      canvas.draw("sluice", in: rect, role: .emphasis)
      return
    }
    var right: [(String, StyleRole)] = [
      (Phrases.clock(now, utcOffset: utcOffset), .text)
    ]
    if let playback {
      right[0] = (" \(words(playback)) ", .lab)
    } else if let behind = behind {
      right[0] = (
        " NOT LIVE: \(Phrases.preciseClock(now, utcOffset: utcOffset)), "
          + "\(behind.countdown) ago ", .lab
      )
    } else if let close = close(canvas, columns: max(24, rect.columns / 4)) {
      right.insert(contentsOf: [(" \(close) ", .modeBadge), (" ", .text)], at: 0)
    } else if rect.columns >= 90, fleet.relay == nil {
      right.insert((rate + "   ", .muted), at: 0)
    }
    var left: [(String, StyleRole)] = [(" sluice ", .emphasis)]
    if isLab { left.append((" LAB ", .lab)) }
    if let color {
      let title = canvas.fit(title, among: clusters, to: max(10, rect.columns / 4))
      left += [(" \(title) ", color.role), (" ", .text)]
    } else {
      left.append((" \(title.title) ", .text))
    }
    if let relayed { left += [(" \(relayed) ", .lab), (" ", .text)] }
    if isUnverified { left += [(Self.unverified, .critical), (" ", .text)] }
    for badge in badges { left += [(badge, .modeBadge), (" ", .text)] }
    if badges.isEmpty, relayed == nil { left.append((" ", .text)) }
    if let since = fleet.blindSince {
      left.append((" BLIND for \((now - since).countdown) ", .critical))
      left.append(("  ", .text))
    }
    left += trouble(canvas, columns: max(10, rect.columns / 5))
    // Where there is no room, the lines below say who does not answer.
    if Self.width(left + gates + right) + 2 <= rect.columns { left += gates }
    let counted = members
    // The number of tablets gives way before a word is cut.
    if Self.width(left + counted + right) + 2 <= rect.columns { left += counted }
    // The counters' starting point gives way first.
    let used = Self.width(left + right)
    if used + 5 + DisplayWidth.of(since) <= rect.columns { right.append(("   " + since, .muted)) }
    right.append((" ", .text))
    let width = Self.width(right)
    canvas.draw(spans: left, in: rect.columns(from: 0, count: max(0, rect.columns - width - 1)))
    canvas.draw(spans: right, in: rect.columns(from: rect.columns - width))
  }

  static let unverified = " UNVERIFIED TLS "

  /// What is true of this run and need not be.
  private var badges: [String] {
    // To the minute, so that nothing ticks needlessly.
    let minutes = allowed.map { Int(($0.seconds / 60).rounded(.up)) }
    return [isRecorded ? " REC " : nil, minutes.map { " ACTIONS \($0)m " }].compactMap(\.self)
  }

  /// Who has seen all this; nil where Sluice has itself.
  private var relayed: String? {
    playback?.importedEvery == nil ? fleet.relay.map { Phrases.relayed($0) } : nil
  }

  /// `RECORDING 2026-11-27 14:03:22, 10x`; `IMPORTED 2026-11-27 14:03:22 ±15.0 s` where the samples of
  /// somebody else tell no more precisely when something happened.
  private func words(_ playback: Playback) -> String {
    let date = UTCTime(now + .seconds(utcOffset)).date
    let clock = "\(date) \(Phrases.clock(now, utcOffset: utcOffset))"
    let time =
      if let every = playback.importedEvery { "IMPORTED \(clock) ±\(every.asInterval)" } else {
        "RECORDING \(clock)"
      }
    if playback.isAtEnd, !playback.isPlaying { return "\(time), its end" }
    guard playback.isPlaying else { return "\(time), standing still" }
    return playback.speed == 1 ? time : "\(time), \(playback.speed.asFactor)x"
  }

  private static func width(_ spans: [(String, StyleRole)]) -> Int {
    spans.reduce(0) { $0 + DisplayWidth.of($1.0) }
  }

  /// That one should look elsewhere as well: `▲ prod-us in trouble`.
  private func trouble(_ canvas: Canvas, columns: Int) -> [(String, StyleRole)] {
    guard let first = troubled.first else { return [] }
    let whose =
      troubled.count == 1
      ? canvas.fit(first, among: clusters, to: columns) : "\(troubled.count) other clusters"
    return [("\(canvas.glyphs.warning) \(whose) in trouble", .warning), ("  ", .text)]
  }

  /// `3 vtgates`, `1 vtgate  2 proxies`, or `2 of 3 vtgates` in warning when some do not answer.
  private var gates: [(String, StyleRole)] {
    let kinds = Dictionary(grouping: fleet.vtgates.values, by: \.kind)
    let known = GateKind.allCases.filter { kinds[$0] != nil }
    return (known.isEmpty ? [.vtgate] : known).map { kind in
      let gates = kinds[kind] ?? []
      return count(gates.count(where: \.isFresh), of: gates.count) { Wording().count($0, of: kind) }
    }.reduce(into: []) { $0 += ($0.isEmpty ? [] : [("  ", .text)]) + $1 }
  }

  /// The tablets that are asked, and the servers behind proxies.
  private var members: [(String, StyleRole)] {
    var spans: [(String, StyleRole)] = []
    if fleet.gates != .proxies || !fleet.tablets.isEmpty {
      let tablets = fleet.tabletCounts
      spans +=
        [("  ", .text)]
        + count(tablets.fresh, of: tablets.known) { Phrases.plural($0, "tablet") }
    }
    if fleet.gates.hasProxies {
      spans += [("  ", .text), (Phrases.plural(fleet.databaseServers, "server"), .text)]
    }
    return spans
  }

  private func count(
    _ fresh: Int, of known: Int, _ words: (Int) -> String
  ) -> [(String, StyleRole)] {
    guard fresh < known else { return [(words(fresh), .text)] }
    return [("\(fresh.grouped) of \(words(known))", .warning)]
  }

  /// How often servers are polled, and how often tablets if the budget forces a slower rate.
  private var rate: String {
    let (interval, tablets) = intervals
    guard tablets > interval * 3 / 2 else { return "every \(interval.asInterval)" }
    return "every \(interval.asInterval), tablets \(tablets.countdown)"
  }

  /// What is polled at the fast rate, and whether because the operator armed it.
  private func close(_ canvas: Canvas, columns: Int) -> String? {
    func words(_ word: String, _ shards: Set<ShardName>) -> String? {
      shards.min().map { first in
        "\(word) \(shards.count == 1 ? canvas.fit(first, to: columns) : Phrases.plural(shards.count, "shard"))"
      }
    }
    let words = [
      words("ARMED", closely.armed), words("FAST", closely.all.subtracting(closely.armed)),
    ]
    .compactMap(\.self)
    return words.isEmpty ? nil : words.joined(separator: "  ")
  }

  private var since: String {
    guard let baseline = fleet.baselineAt else { return "\(Wording().gate(fleet.gates)) totals " }
    return "since \(Phrases.clock(baseline, utcOffset: utcOffset))"
  }
}

extension Double {
  /// A speed as it is chosen: `0.25`, `10`.
  fileprivate var asFactor: String {
    self == rounded() ? String(Int(self)) : String(self)
  }
}
