internal import Terms

/// A kind of failed query, as `vtgate_api_error_counts` distinguishes them.
package struct ClientError: Sendable, Hashable, Codable {
  /// The session's keyspace, which is not always that of the shard that failed.
  package let keyspace: String
  /// A vtrpc code other than `OK`, such as `UNAVAILABLE`.
  package let code: String

  package init(keyspace: String, code: String) {
    self.keyspace = keyspace
    self.code = code
  }

  /// The query itself is at fault, whatever the servers do: a typo, a duplicate key.
  var isOfTheQuery: Bool {
    [
      "INVALID_ARGUMENT", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "UNAUTHENTICATED",
      "UNIMPLEMENTED", "OUT_OF_RANGE",
    ].contains(code)
  }
}

/// The errors that one vtgate has returned to its clients over the last minute and a half.
///
/// Totals keep growing across restarts: what an earlier process had counted is carried over.
struct ClientErrorHistory: Sendable, Equatable, Codable {
  typealias Totals = [ClientError: Int]

  private struct Reading: Equatable, Codable {
    let at: Instant
    let totals: Totals
  }

  private static let length: Duration = .seconds(90)
  /// With twenty polls a second and errors in each of them, older points are thinned out.
  private static let capacity = 256

  /// The first reading, then those at which the totals changed; oldest first.
  private var points: [Reading] = []
  private var carried: Totals = [:]
  /// When the newest process began again at 0; its predecessor's errors may never have been read.
  private(set) var restartedAt: Instant?
  /// When the vtgate was first read.
  private(set) var begin: Instant?
  /// When the newest reading was taken.
  private(set) var readAt: Instant?

  /// Whether the series exist: they do not before the first error, nor where they are dropped.
  var isExported: Bool { points.last?.totals.isEmpty == false }

  var totals: Totals { points.last?.totals ?? [:] }
  /// When a reading last showed different totals.
  var changedAt: Instant? { points.last?.at }

  /// Takes a reading's counts: `[keyspace: [code: count]]`.
  mutating func record(_ counts: [String: [String: Int]], isRestart: Bool, at instant: Instant) {
    begin = begin ?? instant
    readAt = instant
    if isRestart {
      carried = totals
      restartedAt = instant
    }
    var now = carried
    for (keyspace, codes) in counts {
      for (code, count) in codes {
        now[ClientError(keyspace: keyspace, code: code), default: 0] += count
      }
    }
    guard now != points.last?.totals else { return }
    points.append(Reading(at: instant, totals: now))
    let oldest = points.lastIndex { $0.at <= instant - Self.length } ?? 0
    points.removeFirst(oldest)
    guard points.count > Self.capacity else { return }
    points = points.enumerated().filter { $0.offset < 1 || $0.offset.isMultiple(of: 2) }.map(
      \.element)
  }

  /// The totals as of a moment, or as of the first reading if that came later.
  func totals(at instant: Instant) -> Totals {
    (points.last { $0.at <= instant } ?? points.first)?.totals ?? [:]
  }

  /// Fewer errors than this within ``burstSpan`` are not a burst.
  private static let leastBurst = 5
  /// The span over which errors are added up to see whether they are rising.
  static let burstSpan: Duration = .seconds(5)

  /// The errors of the last seconds, if they exceed what fails all the time; else empty.
  func burst(at now: Instant) -> Totals {
    let start = now - Self.burstSpan
    let more = totals.more(than: totals(at: start)).filter { !$0.key.isOfTheQuery }
    guard more.values.reduce(0, +) >= Self.leastBurst else { return [:] }
    let rates = steadyRates(before: start)
    let rising = more.filter { kind, count in
      let expected = (rates[kind] ?? 0) * Self.burstSpan.seconds
      return Double(count) > expected + 3 * expected.squareRoot()
    }
    return rising.values.reduce(0, +) >= Self.leastBurst ? rising : [:]
  }

  /// What fails all the time: errors a second, for each kind the median over spans of five seconds,
  /// so that an earlier burst does not count.
  ///
  /// Needs a quarter of a minute; until then nothing counts as failing steadily.
  func steadyRates(before end: Instant) -> [ClientError: Double] {
    guard let begin else { return [:] }
    let span: Duration = .seconds(5)
    var spans: [Totals] = []
    var to = end
    var totals = totals(at: end)
    while spans.count < 12, to - span >= begin {
      let earlier = self.totals(at: to - span)
      spans.append(totals.more(than: earlier))
      (to, totals) = (to - span, earlier)
    }
    guard spans.count >= 3 else { return [:] }
    var rates: [ClientError: Double] = [:]
    for kind in Set(spans.flatMap(\.keys)) {
      let counts = spans.map { $0[kind, default: 0] }.sorted()
      let median = counts[(counts.count - 1) / 2]
      if median > 0 { rates[kind] = Double(median) / span.seconds }
    }
    return rates
  }
}

extension [ClientError: Int] {
  /// What was counted since, without zeros.
  func more(than earlier: Self) -> Self {
    reduce(into: [:]) { result, entry in
      let more = entry.value - earlier[entry.key, default: 0]
      if more > 0 { result[entry.key] = more }
    }
  }
}

/// What failed for the clients of one vtgate while a failover lasted.
package struct FeltErrors: Sendable, Equatable, Codable {
  /// The moment from which errors count.
  let since: Instant
  private let before: [ClientError: Int]
  private let rates: [ClientError: Double]
  /// Failed queries above what failed steadily before.
  package private(set) var counts: [ClientError: Int] = [:]
  /// Something fails all the time, and its share is subtracted as an average.
  package private(set) var isEstimate = false
  /// The vtgate exports these counters.
  package private(set) var isExported = false
  /// Part of it was never read: the vtgate was first polled after the first sign, or was restarted.
  package private(set) var isPartial: Bool

  /// Counts from the last reading before `start`, which is a little before the first sign.
  init(_ history: ClientErrorHistory, since start: Instant, detected: Instant) {
    since = start
    before = history.totals(at: start)
    rates = history.steadyRates(before: start)
    isPartial = history.begin.map { $0 >= detected } ?? true
  }

  mutating func take(_ history: ClientErrorHistory) {
    guard let now = history.readAt else { return }
    isExported = history.isExported
    if let restart = history.restartedAt, restart > since { isPartial = true }
    counts = [:]
    isEstimate = false
    for (kind, more) in history.totals.more(than: before) {
      guard let rate = rates[kind] else {
        counts[kind] = more
        continue
      }
      let expected = rate * (now - since).seconds
      // Steady errors vary by the square root of their number.
      guard Double(more) > expected + 2 * expected.squareRoot() else { continue }
      counts[kind] = more - Int(expected.rounded())
      isEstimate = true
    }
  }
}
