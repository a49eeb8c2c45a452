package import FleetModel
package import TerminalKit
package import Terms
internal import Wording

/// How the dashboard writes numbers and times.
package enum Phrases {
  /// `14:03:22`, in the operator's time zone.
  package static func clock(_ instant: Instant, utcOffset: Int) -> String {
    let seconds = Int(instant.secondsSinceEpoch.rounded(.down)) + utcOffset
    let day = ((seconds % 86_400) + 86_400) % 86_400
    return [day / 3600, day / 60 % 60, day % 60].map(\.twoDigits).joined(separator: ":")
  }

  /// `14:03:21.4`: the moment of a poll, to a tenth of a second.
  package static func preciseClock(_ instant: Instant, utcOffset: Int) -> String {
    let tenth = (instant.nanoseconds / 100_000_000) % 10
    return "\(clock(instant, utcOffset: utcOffset)).\(tenth)"
  }

  /// `14:03:21.48 ±0.05`: a moment to a hundredth, and how much earlier it may have been.
  package static func moment(_ moment: Moment, utcOffset: Int) -> String {
    let hundredths = Int(moment.at.nanoseconds / 10_000_000 % 100)
    let clock = "\(clock(moment.at, utcOffset: utcOffset)).\(hundredths.twoDigits)"
    guard let uncertainty = moment.uncertainty else { return "before \(clock)" }
    return "\(clock) \u{B1}\((uncertainty.seconds).inHundredths)"
  }

  /// `PROMETHEUS ±5.0 s, lag ±15.0 s`: who has seen what is shown, and how closely.
  static func relayed(_ relay: Relay) -> String {
    "PROMETHEUS" + (relay.interval.map { " \u{B1}\($0.asInterval)" } ?? "")
      + (relay.rareTabletInterval.map { ", lag \u{B1}\($0.asInterval)" } ?? "")
  }

  /// An event's sentence, and until when more of it was seen.
  static func sentence(_ event: FleetEvent, utcOffset: Int) -> String {
    Wording().sentence(event) + span(event, utcOffset: utcOffset)
  }

  /// `, until 14:03:24.1`, if that is another second than the event's.
  static func span(_ event: FleetEvent, utcOffset: Int) -> String {
    guard event.until - event.at >= .seconds(1) else { return "" }
    return ", until \(preciseClock(event.until, utcOffset: utcOffset))"
  }

  /// How long a vtgate took to drain; `<` if it began and ended between the same two polls.
  static func drain(of track: Failover.Track) -> String {
    guard let stopped = track.stopped, let drained = track.drained else { return "-" }
    guard drained.at == stopped.at else { return (drained.at - stopped.at).tight }
    return track.counts.drained > 0 ? drained.uncertainty.map { "<\($0.tight)" } ?? "-" : "-"
  }

  /// How long a failover's vtgates buffered: exact once reported, until then since its first sign.
  static func buffering(_ failover: Failover, at now: Instant) -> String {
    let going = failover.tracks.filter(\.isBuffering)
    if let first = going.compactMap(\.started).min(by: { $0.at < $1.at }) {
      return "> \((now - first.at).tight)"
    }
    return failover.longestBuffering?.tight ?? "-"
  }

  static func buffering(_ track: Failover.Track, at now: Instant) -> String {
    if track.isBuffering, let started = track.started { return "> \((now - started.at).tight)" }
    return track.duration?.tight ?? "-"
  }

  /// What a vtgate is doing about a failover.
  package static func phase(of track: Failover.Track) -> (String, StyleRole) {
    switch track.interrupted?.cause {
    case .restarted: return ("restarted", .warning)
    case .unanswered: return ("no answer", .warning)
    case .uncounted: return ("not counted", .warning)
    case nil: break
    }
    if track.isDryRun { return ("dry run", .warning) }
    if track.isBuffering { return ("BUFFERING", .stateBuffering) }
    if track.isDraining { return ("DRAINING", .stateDraining) }
    if track.started == nil { return ("NOT BUFFERED", .stateLost) }
    return end(of: track)
  }

  /// What came of it at a vtgate that has buffered and drained.
  private static func end(of track: Failover.Track) -> (String, StyleRole) {
    if track.counts.stops[.maxDurationExceeded, default: 0] > 0 { return ("gave up", .stateGaveUp) }
    guard let lost = track.counts.lost else { return ("not counted", .warning) }
    return lost > 0 ? ("lost some", .stateLost) : ("done", .stateRecovered)
  }

  /// What a vtgate was doing about a failover at a given moment.
  static func phase(of track: Failover.Track, at instant: Instant) -> (String, StyleRole) {
    guard let started = track.started else { return phase(of: track) }
    if let interrupted = track.interrupted, interrupted.moment.at <= instant {
      return phase(of: track)
    }
    guard instant >= started.at else {
      let isBetween = started.uncertainty.map { instant >= started.at - $0 } ?? true
      return isBetween ? ("between two polls", .phaseDetected) : ("not yet", .muted)
    }
    if track.sharesPoll { return ("between two polls", .phaseDetected) }
    guard let stopped = track.stopped, stopped.at <= instant else {
      return ("BUFFERING", .stateBuffering)
    }
    guard let drained = track.drained, drained.at <= instant else {
      return ("DRAINING", .stateDraining)
    }
    return end(of: track)
  }

  /// How far a failover is, or how it ended.
  static func outcome(_ failover: Failover) -> (String, StyleRole) {
    switch failover.phase {
    case .detected where failover.kind == .errors: return ("ERRORS", .stateDetected)
    case .detected where isHeld(failover), .buffering where isHeld(failover):
      return ("HOLDING", .stateBuffering)
    case .detected:
      return failover.primaryGone == nil
        ? ("NOT BUFFERED", .stateDetected) : ("NO PRIMARY", .stateNoPrimary)
    case .buffering: return ("BUFFERING", .stateBuffering)
    case .newPrimarySeen: return ("PRIMARY SEEN", .stateDraining)
    case .draining: return ("DRAINING", .stateDraining)
    case .settling:
      return ("just over", failover.failed.isSomething ? .stateLost : .stateRecovered)
    case .ended: break
    }
    if failover.kind == .errors { return (Wording().word(failover.kind), .critical) }
    let failed = failover.failed
    let (verdict, role): (Failover.Verdict, StyleRole) =
      switch failover.verdict {
      case .recovered: (.recovered, failed.isNothing ? .stateRecovered : .warning)
      // What failed is a separate number beside it.
      case .recoveredWithFailures: (.recovered, .stateLost)
      case .notBuffered: (.notBuffered, failed.isNothing ? .warning : .stateLost)
      case .switched: (.switched, failed.isSomething ? .stateLost : .stateRecovered)
      case .notSwitched, .unchanged:
        (failover.verdict, failed.isSomething ? .stateLost : .warning)
      case .gaveUp, .halfSwitched: (failover.verdict, .stateGaveUp)
      case .goingOn, .unknown: (failover.verdict, .warning)
      }
    return (Wording().word(verdict), role)
  }

  /// Whether a proxy holds its route for a planned cutover.
  private static func isHeld(_ failover: Failover) -> Bool {
    failover.plannedCutover?.mayHold == true
  }

  /// How far a failover is, or how it ended, and what failed: `recovered, 6 failed`.
  static func verdict(_ failover: Failover, _ glyphs: Glyphs) -> (String, StyleRole) {
    let (word, role) = outcome(failover)
    return ("\(word), \(failed(failover.failed, glyphs).0) failed", role)
  }

  /// `6`, `≥6`, `≈6`, `6 of keyspace`, or `?` if no source reports it.
  ///
  /// In a table's column, `6 ks` is what failed in the whole keyspace.
  static func failed(
    _ failed: Failed, _ glyphs: Glyphs, columns: Int = 24
  ) -> (String, StyleRole) {
    guard let count = failed.count else { return ("?", .warning) }
    let mark =
      failed.isAtLeast ? glyphs.atLeast : failed.isEstimate ? glyphs.about : ""
    let whose = failed.isOfKeyspace && count > 0 ? columns < 20 ? " ks" : " of keyspace" : ""
    func words(_ whose: String) -> String {
      mark + Phrases.count(count, columns: min(7, columns - mark.count - whose.count)) + whose
    }
    // The number comes first; the failover's screen says whose it is in full.
    let text = DisplayWidth.of(words(whose)) <= columns ? words(whose) : words("")
    return (text, count > 0 ? .failed : failed.isNothing ? .muted : .warning)
  }

  package static func absence(_ reason: Failover.Absence.Reason) -> String {
    switch reason {
    case .tooRecent: "too soon after the last"
    case .bufferFull: "buffer full"
    case .noAnswer: "no answer"
    case .off: "off"
    case .noTraffic: "no traffic"
    }
  }

  /// A count that fits a column: exact if there is room, as in `12 345`, else `12.3k`.
  static func count(_ number: Int?, columns: Int = 7) -> String {
    guard let number else { return "-" }
    return switch number {
    case ..<0: "?"
    case ..<1000: number.grouped
    case ..<10_000 where columns >= 5: number.grouped
    case ..<1_000_000 where columns >= 7: number.grouped
    case ..<1_000_000: scaled(number, by: 1000, "k")
    case ..<1_000_000_000: scaled(number, by: 1_000_000, "M")
    default: scaled(number, by: 1_000_000_000, "G")
    }
  }

  /// A round number at the end of a scale of counts.
  static func scale(_ value: Double) -> String {
    value < 1e15 ? count(Int(value), columns: 6) : "huge"
  }

  /// A metric's value in at most six columns: `0.23`, `12.4`, `12k`.
  static func metric(_ value: Double) -> String {
    switch value.magnitude {
    case ..<9.995: tenths(value, 2)
    case ..<999.5: tenths(value, 1)
    case ..<999_500: "\(Int((value / 1000).rounded()))k"
    case ..<1e12: "\(Int((value / 1_000_000).rounded()))M"
    default: "huge"
    }
  }

  private static func tenths(_ value: Double, _ decimals: Int) -> String {
    let scale = decimals == 2 ? 100.0 : 10.0
    let whole = Int((value.magnitude * scale).rounded())
    let fraction = whole % Int(scale)
    let sign = value < 0 && whole > 0 ? "-" : ""
    return "\(sign)\(whole / Int(scale)).\(decimals == 2 ? fraction.twoDigits : "\(fraction)")"
  }

  private static func scaled(_ number: Int, by unit: Int, _ letter: String) -> String {
    let tenths = number / (unit / 10)
    return tenths < 1000 ? "\(tenths / 10).\(tenths % 10)\(letter)" : "\(tenths / 10)\(letter)"
  }

  /// The columns of held requests that no poll saw: those with a value here.
  static func toldPeak(_ values: [Double?]) -> Chart.Told {
    Chart.Told(
      Set(values.indices.filter { values[$0] != nil }), "own max",
      meaning: "the vtgates' own maximum, between two polls")
  }

  static func plural(_ count: Int, _ noun: String) -> String {
    "\(count.grouped) \(noun)\(count == 1 ? "" : "s")"
  }

  /// `0.23/5s`, `16h/5s !`, `4/150` for a custom metric, or why there is nothing.
  static func lag(_ lag: Lag) -> (String, StyleRole) {
    guard let value = lag.value else { return ("no data", .missing) }
    let threshold = lag.threshold.map { "/\($0.inHundredths)" } ?? ""
    let number = self.value(value, lag)
    // What is over its threshold never looks like the threshold itself.
    let isBarelyOver = lag.isOverThreshold && lag.threshold.map { self.value($0, lag) } == number
    let text = "\(isBarelyOver ? ">" : "")\(number)\(threshold)\(lag.isCustomMetric ? "" : "s")"
    if lag.isOverThreshold { return ("\(text) !", Ramp.lag.over) }
    return (text, lag.caveat == nil ? .text : .stale)
  }

  /// What a shard's or tablet's number measures: the metric's name, unless it is lag.
  static func metricName(_ lag: Lag) -> String { lag.isCustomMetric ? lag.metric.name : "" }

  /// A value of what a throttler measures, without its unit: lag to a tenth of a second, which is as
  /// far as it matters beside a threshold of seconds, anything else as exact as there is room for.
  static func value(_ value: Double, _ lag: Lag) -> String {
    guard lag.isCustomMetric else {
      return lagTime(value, decimals: lag.threshold.map { $0 >= 1 } ?? true ? 1 : 2)
    }
    return value.magnitude < 1e6 && value == value.rounded() ? "\(Int(value))" : metric(value)
  }

  /// Seconds or, from a quarter of an hour on, the greatest whole unit.
  private static func lagTime(_ seconds: Double, decimals: Int) -> String {
    switch seconds {
    case ..<9.95 where decimals == 1: tenths(seconds, 1)
    case ..<999.5: metric(seconds)
    case ..<7200: "\(Int(seconds / 60))m"
    case ..<172_800: "\(Int(seconds / 3600))h"
    case ..<8_640_000: "\(Int(seconds / 86_400))d"
    default: ">99d"
    }
  }

  /// `BufferFull 2, ContextDone 1`, without zeros, by name; empty when there is none.
  static func reasons<Reason: RawRepresentable & Hashable>(
    _ counts: [Reason: Int]
  ) -> String where Reason.RawValue == String {
    counts.filter { $0.value > 0 }.sorted { $0.key.rawValue < $1.key.rawValue }
      .map { "\($0.key.rawValue) \(count($0.value))" }.joined(separator: ", ")
  }
}
