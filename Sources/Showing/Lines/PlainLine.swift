package import FleetModel
internal import FoundationEssentials
internal import TerminalKit
package import Terms
package import Watching
internal import Wording

/// A change as one line of text, for screen readers, logs and pipes.
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
    case .shard(let shard): return line(now, "\(shard.name) \(Wording().words(shard))")
    case .failover(let failover): return line(now, Wording().words(failover))
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
  package static func words(_ shard: ShardSummary) -> String { Wording().words(shard) }
}
