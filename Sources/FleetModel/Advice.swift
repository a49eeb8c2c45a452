/// What the counters mean in words, with the evidence and what to change.
///
/// The rules are those of Vitess' guide to buffering scenarios; flags are spelled with dashes (v23);
/// earlier releases take underscores.
package struct Advice: Sendable, Equatable {
  package let severity: FleetEvent.Severity
  /// What is the matter and what it rests on.
  package let finding: String
  /// What to do about it.
  package let remedy: String

  package init(_ severity: FleetEvent.Severity, _ finding: String, remedy: String) {
    self.severity = severity
    self.finding = finding
    self.remedy = remedy
  }
}

extension Shard {
  /// The advice that holds at this moment, most severe first.
  package func advice(at now: Instant) -> [Advice] {
    (bufferingAdvice(at: now) + evictionAdvice + lagAdvice).sorted { $0.severity > $1.severity }
  }

  private func bufferingAdvice(at now: Instant) -> [Advice] {
    var advice: [Advice] = []
    let fresh = vtgates.filter(\.freshness.isFresh)
    let off = fresh.filter { $0.isOff(for: summary.name) }
    if !off.isEmpty {
      let who = off.count == fresh.count ? "no vtgate" : "not every vtgate"
      let listed = off.map(\.address.description).joined(separator: ", ")
      advice.append(
        Advice(
          .warning, "\(who) buffers for this shard (off at \(listed))",
          remedy: "start vtgate with --enable-buffer, and check --buffer-keyspace-shards"))
    }
    if let wait = fresh.compactMap({ $0.cooldown(at: now) }).max(), summary.state == .serving {
      advice.append(
        Advice(
          .notice, "a failover within the next \(wait.inTenths) will not be buffered",
          remedy: "wait, or lower --buffer-min-time-between-failovers"))
    }
    let tooRecent =
      summary.counters.skipped[.lastFailoverTooRecent, default: 0]
      + summary.counters.skipped[.lastReparentTooRecent, default: 0]
    if tooRecent > 0 {
      advice.append(
        Advice(
          .critical, "\(tooRecent) requests were not buffered: failovers too close together",
          remedy: "leave --buffer-min-time-between-failovers between two reparents"))
    }
    if summary.counters.stops[.maxDurationExceeded, default: 0] > 0 {
      advice.append(
        Advice(
          .critical, "buffering was given up after --buffer-max-failover-duration",
          remedy: "find out why no new primary was seen, or raise the flag (window included)"))
    }
    return advice
  }

  private var evictionAdvice: [Advice] {
    var advice: [Advice] = []
    let full =
      summary.counters.evicted[.bufferFull, default: 0]
      + summary.counters.skipped[.bufferFull, default: 0]
    if full > 0 {
      let fullest = vtgates.max {
        $0.counted.evicted[.bufferFull, default: 0] < $1.counted.evicted[.bufferFull, default: 0]
      }
      let size = fullest?.bufferSize.map { ", size \($0)" } ?? ""
      let peak = fullest?.total?.lastRequestsInFlightMax.map { " (peak \($0)\(size))" } ?? ""
      advice.append(
        Advice(
          .critical, "\(full) requests failed because a buffer was full\(peak)",
          remedy: "raise --buffer-size above the requests that arrive during a failover"))
    }
    if let count = summary.counters.evicted[.windowExceeded], count > 0 {
      let window = vtgates.map(\.flags.window).min().map { " of \($0.inTenths)" } ?? ""
      let felt =
        summary.counters.lastFailoverDuration.map { ", the last failover took \($0.inTenths)" }
        ?? ""
      advice.append(
        Advice(
          .warning, "\(count) requests outlasted the window\(window)\(felt)",
          remedy: "raise --buffer-window above the longest failover"))
    }
    if let count = summary.counters.evicted[.contextDone], count > 0 {
      advice.append(
        Advice(
          .critical, "\(count) clients gave up while they were buffered",
          remedy: "client timeouts must exceed --buffer-window"))
    }
    return advice
  }

  private var lagAdvice: [Advice] {
    let lag = summary.lag
    guard lag.isOverThreshold, let value = lag.value, let threshold = lag.threshold else {
      return []
    }
    let unit = lag.isCustomMetric ? "" : " s"
    return [
      Advice(
        .warning,
        "the throttler's metric is \(value.inHundredths)\(unit), over its threshold of "
          + "\(threshold.inHundredths)\(unit)",
        remedy:
          "a planned reparent waits for the candidate to catch up: look at the lagging replica")
    ]
  }
}

extension Double {
  /// The number with at most two decimals, trailing zeros cut: `0.25`, `5`, `1.5`.
  package var inHundredths: String {
    guard isFinite, magnitude < 1e12 else { return isNaN ? "NaN" : self < 0 ? "-∞" : "∞" }
    let hundredths = Int64((magnitude * 100).rounded())
    var text = "\(hundredths / 100)"
    let rest = hundredths % 100
    if rest % 10 != 0 {
      text += rest < 10 ? ".0\(rest)" : ".\(rest)"
    } else if rest != 0 {
      text += ".\(rest / 10)"
    }
    return self < 0 && hundredths != 0 ? "-" + text : text
  }
}
