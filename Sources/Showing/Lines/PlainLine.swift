package import FleetModel
internal import FoundationEssentials
internal import TerminalKit
package import Terms
package import Watching
internal import Wording

/// A change as one line of words, for screen readers, logs and pipes.
package struct PlainLine {
  private let style: Date.ISO8601FormatStyle

  /// `utcOffset`: seconds to add to UTC.
  package init(utcOffset: Int = 0) {
    style = Date.ISO8601FormatStyle(
      dateTimeSeparator: .space, includingFractionalSeconds: true,
      timeZone: TimeZone(secondsFromGMT: utcOffset) ?? .gmt)
  }

  /// `2026-11-21 14:03:21.480Z commerce/80- BUFFERING, …`.
  package func text(_ change: FleetChange, at now: Instant) -> String {
    switch change {
    case .event(let event):
      let whose = event.shard.map { "\($0) " } ?? ""
      return line(event.at, "\(whose)\(event.severity.word): \(Wording().sentence(event))")
    case .shard(let shard): return line(now, "\(shard.name) \(Self.words(shard))")
    case .failover(let failover): return line(now, Self.words(failover))
    case .advice(let advice):
      let (finding, remedy) = (Wording().finding(advice), Wording().remedy(advice))
      return line(now, "\(advice.shard) advice: \(finding): \(remedy)")
    case .adviceGone(let advice):
      return line(now, "\(advice.shard) no longer: \(Wording().finding(advice))")
    }
  }

  private func line(_ at: Instant, _ words: String) -> String {
    "\(Date(timeIntervalSince1970: at.secondsSinceEpoch).formatted(style)) \(words)"
      .safe(limit: 2000)
  }

  /// A shard in words: `BUFFERING, primary zone1-201?, held 312, …`.
  package static func words(_ shard: ShardSummary) -> String {
    let wording = Wording()
    let primary = shard.primary.map { "\($0.short)" + (shard.primaryIsServing ? "" : "?") }
    var words = ["\(shard.state.word)", "primary \(primary ?? "unknown")"]
    if shard.hasCounters {
      let counters = shard.counters
      words += [
        Self.number("held", shard.held), Self.number("buffered", counters[.buffered]),
        Self.number("drained", counters[.drained]), Self.number("evicted", counters[.evicted]),
        Self.number("skipped", counters[.skipped]),
      ]
      if let failed = shard.failed { words.append(wording.words(failed)) }
    } else if shard.countersCaveat == nil {
      words.append("no counters")
    }
    if let caveat = shard.countersCaveat { words.append(wording.words(caveat)) }
    if shard.isBufferingOff { words.append("buffering off") }
    if let lag = wording.value(shard.lag) {
      let threshold = shard.lag.threshold.map { " of \($0.inHundredths)" } ?? ""
      words.append("\(shard.lag.metric.name) \(lag)\(threshold)\(shard.lag.metric.unit)")
    }
    if shard.lag.isOverThreshold { words.append("over the threshold") }
    if let caveat = shard.lag.caveat { words.append(wording.words(caveat)) }
    if !shard.throttledApps.isEmpty {
      words.append("throttled: \(shard.throttledApps.map(\.name).joined(separator: " "))")
    }
    return words.joined(separator: ", ")
  }

  private static func number(_ name: String, _ number: Int?) -> String {
    "\(name) \(number?.grouped ?? "unknown")"
  }

  static func words(_ failover: Failover) -> String {
    let wording = Wording()
    let (kind, verdict) = (wording.word(failover.kind), wording.word(failover.verdict))
    let counts = failover.counts
    var words = [
      "\(failover.shard) \(kind) \(failover.id) is over: \(verdict)",
      wording.words(failover.failed), "primary \(wording.primaries(failover))",
    ]
    if failover.kind == .failover, let culprit = failover.waitedFor {
      words.append("waited for \(culprit)")
    }
    let codes = failover.failed.codes.sorted { $0.key < $1.key }
      .map { "\($0.key) \($0.value.grouped)" }
    if !codes.isEmpty { words.append("client errors \(codes.joined(separator: " "))") }
    if let routing = failover.routing {
      words.append("topo: \(wording.words(routing, of: failover.shard))")
    }
    if failover.episodes > 1 {
      words.append("\(failover.episodes.grouped) of them between two polls")
    }
    if failover.hidesUnbuffered { words.append("and another that was not buffered") }
    if let longest = failover.longestBuffering {
      words.append("buffered for \(longest.inTenths)")
    }
    if let uncertainty = failover.detected.uncertainty {
      words.append("began up to \(uncertainty.inTenths) before it was seen")
    }
    words += [
      number("peak", failover.peak), number("buffered", counts[.buffered]),
      number("drained", counts[.drained]), number("evicted", counts[.evicted]),
      number("skipped", counts[.skipped]), number("lost", counts.lost),
    ]
    return words.joined(separator: ", ")
  }
}
