internal import Dashboard
internal import FleetModel
internal import TerminalKit
internal import Terms
internal import WhatIf
internal import Wording

/// Puts a report into words and tables, and masks hosts if asked to.
struct ReportWords {
  typealias Block = ReportDocument.Block
  typealias Table = ReportDocument.Table

  let report: Report
  let wording: Wording
  let isMasked: Bool

  init(_ report: Report, mask: HostMask?) {
    self.report = report
    wording = Wording(mask: mask)
    isMasked = mask != nil
  }

  /// Text from outside, on one line, with hosts masked if asked to.
  func outside(_ text: String) -> String { wording.told(safe(text)) }

  /// Text worded by `Wording`, in which hosts are masked already.
  func safe(_ words: String) -> String { words.safe(limit: 2000) }

  // MARK: All failovers

  var lead: String {
    let count = report.failovers.count
    let what =
      switch count {
      case 0: "No failover"
      case 1: "One failover"
      default: "\(count.grouped) failovers"
      }
    return "\(what) from \(clock(report.began)) to \(clock(report.ended)) (\(zone))."
  }

  /// All failovers at a glance, and what could not be read.
  var summary: [Block] {
    var blocks: [Block] = []
    if let damage = report.damage {
      blocks.append(.doubt("The recording could not be read to its end: \(outside(damage))"))
    }
    guard report.failovers.count > 1 else { return blocks }
    blocks.append(
      .table(
        Table(
          columns: [
            .init(title: "No", isNumber: true), .init(title: "At"), .init(title: "Shard"),
            .init(title: "Outcome"), .init(title: "Buffered for", isNumber: true),
            .init(title: "Failed", isNumber: true),
          ],
          rows: report.failovers.map { report in
            let failover = report.failover
            return [
              "\(report.number)", clock(failover.detected.at), safe(failover.shard.description),
              wording.word(failover.verdict), failover.longestBuffering?.tight ?? "unknown",
              failed(failover.failed),
            ]
          })))
    return blocks
  }

  var besides: [ReportDocument.Section] {
    let blocks = deeds(report.deedsBesides) + notes(report.notesBesides)
    return blocks.isEmpty ? [] : [.init(title: "At other times", blocks: blocks)]
  }

  // MARK: One failover

  func section(_ report: FailoverReport) -> ReportDocument.Section {
    let failover = report.failover
    var blocks: [Block] = [
      .paragraph(
        "\(safe(wording.whatHappened(failover))) \(safe(wording.whatWasFelt(failover)))")
    ]
    blocks += unseen(report).map { .doubt($0) }
    blocks += wording.doubts(about: failover).map { .doubt(safe($0)) }
    blocks += [.picture(report), moments(failover)]
    if !failover.tracks.isEmpty { blocks.append(vtgates(failover)) }
    if let absences = absences(failover) { blocks.append(absences) }
    blocks.append(
      .fact(
        title: "Replica lag",
        sentence(
          wording.lag(
            before: report.lag.before, most: report.lag.most, after: report.lag.after,
            threshold: report.lag.threshold, unit: report.lag.metric.unit))
          + (report.lag.metric.isLag ? "" : " (\(outside(report.lag.metric.name)))")))
    if let limits = limits(failover) { blocks.append(limits) }
    if let routing = failover.routing {
      blocks.append(
        .fact(title: "Topology", sentence(wording.words(routing, of: failover.shard))))
    }
    blocks += deeds(self.report.deeds(about: report))
    blocks += notes(self.report.notes(about: report))
    if !report.events.isEmpty {
      blocks.append(
        .list(
          title: "What happened",
          report.events.map { "\(preciseClock($0.at)) \(safe(wording.fullSentence($0)))" }))
    }
    if !report.advice.isEmpty {
      blocks.append(
        .list(
          title: "Advice",
          report.advice.map { "\(sentence(wording.finding($0))) \(sentence(wording.remedy($0)))" }
            + (report.advised.map { [sentence(wording.words($0))] } ?? [])))
    }
    return .init(
      title: safe("\(wording.word(failover.kind)) \(report.number) of \(failover.shard)")
        .firstCapital,
      verdict: (verdict(failover), tone(failover)), blocks: blocks)
  }

  /// How it went; what failed is part of it.
  private func verdict(_ failover: Failover) -> String {
    "\(wording.word(failover.verdict)), \(failed(failover.failed)) failed"
  }

  private func tone(_ failover: Failover) -> ReportDocument.Tone {
    if failover.failed.isSomething { return .bad }
    switch failover.verdict {
    case .recovered, .switched: return failover.failed.isNothing ? .good : .warning
    case .gaveUp, .halfSwitched, .recoveredWithFailures: return .bad
    case .goingOn, .notBuffered, .notSwitched, .unchanged, .unknown: return .warning
    }
  }

  private func unseen(_ report: FailoverReport) -> [String] {
    var words: [String] = []
    if report.failover.isBeginningUnseen {
      words.append(
        "It was going on when watching began, at \(clock(self.report.began)): when it began, and what "
          + "was counted before, is not known.")
    }
    if report.isEndUnseen {
      words.append(
        "It was still going on at \(clock(report.asOf)), and nothing is known of what came after.")
    }
    return words
  }

  // MARK: Tables

  private func moments(_ failover: Failover) -> Block {
    func row(_ what: String, _ moment: Moment?) -> [String] {
      [what, moment.map { Phrases.moment($0, utcOffset: report.utcOffset) } ?? "not seen"]
    }
    return .table(
      Table(
        columns: [.init(title: "Moment"), .init(title: "At (\(zone))")],
        rows: [
          row("First sign", failover.detected), row("Primary gone", failover.primaryGone),
          row("New primary seen", failover.newPrimarySeen), row("Over", failover.ended),
        ]))
  }

  private func vtgates(_ failover: Failover) -> Block {
    let rows = failover.tracks.map { track in
      let errors = failover.clientErrors(of: track.address)
      return [
        wording.vtgate(track), Phrases.phase(of: track).0, track.duration?.tight ?? "unknown",
        peak(track), number(track.counts[.buffered]), number(track.counts[.drained]),
        reasons(track.counts.evicted, track.counts[.evicted]),
        reasons(track.counts.skipped.filter { $0.key != .disabled }, track.counts[.skipped]),
        counts(errors), track.felt?.tight ?? (track.started == nil ? "none" : "unknown"),
        wording.words(track.flags[.window]),
      ]
    }
    return .table(
      Table(
        title: wording.gates(failover.gates),
        columns: [
          .init(title: wording.gate(failover.gates)), .init(title: "Phase"),
          .init(title: "Buffered for", isNumber: true), .init(title: "Peak", isNumber: true),
          .init(title: "Buffered", isNumber: true), .init(title: "Drained", isNumber: true),
          .init(title: "Evicted", isNumber: true), .init(title: "Skipped", isNumber: true),
          .init(title: "Client errors", isNumber: true),
          .init(title: "Longest wait", isNumber: true), .init(title: "Window", isNumber: true),
        ], rows: rows))
  }

  private func peak(_ track: Failover.Track) -> String {
    number(track.peak) + (track.bufferSize.map { " of \($0.grouped)" } ?? "")
  }

  private func absences(_ failover: Failover) -> Block? {
    guard !failover.absences.isEmpty else { return nil }
    return .list(
      title: "\(wording.gates(failover.gates)) that did not buffer",
      failover.absences.map { "\(wording.vtgate($0)): \(Phrases.absence($0.reason))" })
  }

  /// Each limit with its value and the value's source; vtgates that agree share a row.
  private func limits(_ failover: Failover) -> Block? {
    struct Row { let limit: String; let value: String; let source: String; var vtgates: [String] }
    var rows: [Row] = []
    func add(_ limit: String, _ value: String, _ source: String, _ track: Failover.Track) {
      let vtgate = wording.vtgate(track)
      if let index = rows.firstIndex(where: {
        $0.limit == limit && $0.value == value && $0.source == source
      }) {
        if !rows[index].vtgates.contains(vtgate) { rows[index].vtgates.append(vtgate) }
      } else {
        rows.append(Row(limit: limit, value: value, source: source, vtgates: [vtgate]))
      }
    }
    for (name, limit) in [
      ("Window", BufferFlags.Limit.window), ("Longest failover", .maximum),
      ("Least time between two", .leastTime),
    ] {
      for track in failover.tracks {
        let known = track.flags[limit]
        add(name, known.time.inTenths, wording.sourceInFull(known.basis, of: failover.gates), track)
      }
    }
    for track in failover.tracks {
      add(
        "Buffer size", track.bufferSize?.grouped ?? "unknown",
        track.bufferSize == nil ? "not reported" : "\(wording.gate(failover.gates))'s own metrics",
        track)
    }
    for track in failover.tracks {
      let covers = track.flags.covers(failover.shard)
      add(
        "Buffers this shard", covers.map { $0 ? "yes" : "no" } ?? "unknown",
        covers == nil
          ? "its flags could not be read"
          : wording.sourceInFull(.commandLine, of: failover.gates), track)
    }
    guard !rows.isEmpty else { return nil }
    let all = Set(failover.tracks.map(\.address)).count
    return .table(
      Table(
        title: "Limits in force",
        columns: [
          .init(title: "Limit"), .init(title: "Value", isNumber: true),
          .init(title: "Known from"), .init(title: "At"),
        ],
        rows: rows.map { row in
          [
            row.limit, row.value, row.source,
            row.vtgates.count == all && all > 1
              ? "all \(all.grouped)" : row.vtgates.joined(separator: ", "),
          ]
        }))
  }

  private func deeds(_ deeds: [Report.Deed]) -> [Block] {
    guard !deeds.isEmpty else { return [] }
    return [
      .list(
        title: "Who acted",
        deeds.map { deed in
          let outcome = deed.outcome.map { ": \(outside($0))" } ?? ": how it ended is not known"
          let verdict = deed.verdict.map { ", \(outside($0))" } ?? ""
          let who = isMasked ? deed.name : deed.who
          return "\(preciseClock(deed.at)) \(who.map { outside($0) } ?? "somebody"): "
            + "\(outside(deed.action))\(outcome)\(verdict)"
        })
    ]
  }

  private func notes(_ notes: [Report.Note]) -> [Block] {
    guard !notes.isEmpty else { return [] }
    return [
      .list(title: "Notes", notes.map { "\(preciseClock($0.at)) \(outside($0.words))" })
    ]
  }
}
