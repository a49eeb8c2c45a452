internal import Dashboard
internal import FleetModel
internal import TerminalKit
internal import Terms
internal import Wording

/// How a report writes numbers and times: in full, with the date, and saying so when something is unknown.
extension ReportWords {
  /// `2026-11-27 14:03:22`, in the time zone of whoever recorded it.
  func clock(_ instant: Instant) -> String {
    let clock = UTCTime(instant + .seconds(report.utcOffset))
    return "\(clock.date) \(clock.time)"
  }

  func preciseClock(_ instant: Instant) -> String {
    Phrases.preciseClock(instant, utcOffset: report.utcOffset)
  }

  /// `UTC`, `UTC+1`, `UTC-3:30`.
  var zone: String {
    let minutes = abs(report.utcOffset) / 60
    guard minutes > 0 else { return "UTC" }
    let rest = minutes % 60 == 0 ? "" : ":\((minutes % 60).twoDigits)"
    return "UTC\(report.utcOffset < 0 ? "-" : "+")\(minutes / 60)\(rest)"
  }

  func number(_ count: Int?) -> String { count?.grouped ?? "unknown" }

  /// `6`, `at least 6`, `about 6`, `unknown`.
  func failed(_ failed: Failed) -> String {
    guard let count = failed.count else { return "unknown" }
    let mark = failed.isAtLeast ? "at least " : failed.isEstimate ? "about " : ""
    return mark + count.grouped + (failed.isOfKeyspace && count > 0 ? " in the keyspace" : "")
  }

  /// `BufferFull 4, ContextDone 1`: sorted by name, without zeros; `total` is nil if it was not counted.
  func reasons<Reason: RawRepresentable<String>>(_ counts: [Reason: Int], _ total: Int?) -> String {
    guard total != nil else { return "unknown" }
    return self.counts(
      Dictionary(
        counts.map { (outside($0.key.rawValue), $0.value) }, uniquingKeysWith: &+))
  }

  func counts(_ counts: [String: Int]) -> String {
    let parts = counts.filter { $0.value != 0 }.sorted { $0.key < $1.key }
      .map { "\(outside($0.key)) \($0.value.grouped)" }
    return parts.isEmpty ? "0" : parts.joined(separator: ", ")
  }

  /// Made a sentence: a capital at the beginning, a full stop at the end.
  func sentence(_ words: String) -> String {
    let words = safe(words)
    return words.firstCapital + (words.hasSuffix(".") ? "" : ".")
  }
}

extension String {
  /// Capitalized, unless it begins with the name of a flag.
  var firstCapital: String {
    guard let first, first.isLetter, !hasPrefix("vtgate") else { return self }
    return first.uppercased() + dropFirst()
  }
}
