internal import FleetModel
internal import Terms

/// When requests came, each as closely as polls tell, counted from the first of them.
///
/// The buffer is first in, first out, and one window holds for all. So at any moment its queue is an
/// unbroken run of the latest arrivals, and what becomes of the n-th request depends only on when it
/// came and when the one came that is as many places behind it as there are slots:
///
///     full      the one `size` places behind came within its window
///     window    it was not, and its window ended before the stop
///     drained   neither
struct ArrivalTimes {
  /// The n-th request came no earlier, and no later.
  private var earliest: [Duration] = []
  private var latest: [Duration] = []

  var count: Int { earliest.count }

  init(_ outage: RecordedOutage) {
    for step in outage.steps {
      let from = max(.zero, step.span.lowerBound - outage.began.upperBound)
      let to = max(from, step.span.upperBound - outage.began.lowerBound)
      let end = outage.hold?.upperBound ?? to
      let asked = outage.hasBuffered ? step.asked : 0
      earliest += Array(repeating: min(from, end), count: asked)
      latest += Array(repeating: min(to, end), count: asked)
      let others = step.asked + step.tooRecent - asked
      let stop = outage.gaveUp ? outage.hold?.lowerBound ?? .zero : .zero
      earliest += Array(repeating: max(from, stop), count: others)
      latest += Array(repeating: max(to, stop), count: others)
    }
    earliest.sort()
    latest.sort()
    if !latest.isEmpty { (earliest[0], latest[0]) = (.zero, .zero) }
  }

  /// How many of the first `count` came before a time, for sure and at most.
  func before(_ time: Duration, of count: Int) -> Int { latest.prefix(count).count { $0 < time } }
  func possiblyBefore(_ time: Duration) -> Int { earliest.count { $0 <= time } }

  /// How many of the first `count` were still within their window at a time before which all of them
  /// came, for sure and at most.
  func within(_ window: Duration, at time: Duration, of count: Int) -> Int {
    earliest.prefix(count).count { $0 + window > time }
  }
  func possiblyWithin(_ window: Duration, at time: Duration, of count: Int) -> Int {
    latest.prefix(count).count { $0 + window >= time }
  }

  /// How many find the buffer full and throw out the oldest.
  func full(_ size: Int, _ window: Duration, of count: Int) -> Int {
    guard size < count else { return 0 }
    return (size..<count).count { latest[$0] - earliest[$0 - size] < window }
  }

  /// The same at most; `slack`: how long a request that has outlasted its window keeps its slot.
  func possiblyFull(_ size: Int, _ window: Duration, of count: Int, slack: Duration) -> Int {
    guard size > 0 else { return count }
    guard size < count else { return 0 }
    return (size..<count).count { earliest[$0] - latest[$0 - size] <= window + slack }
  }

  /// How many outlast their window before a time that no one throws out, at most.
  func possiblyOutlasting(_ size: Int, _ window: Duration, at time: Duration?, of count: Int) -> Int
  {
    (0..<count).count { index in
      if let time, earliest[index] + window > time { return false }
      guard index + size < count else { return true }
      return latest[index + size] - earliest[index] >= window
    }
  }

  /// The longest run of arrivals within one window, for sure and at most.
  func peak(_ window: Duration, of count: Int) -> Int {
    Self.longestRun(count) { latest[$1] - earliest[$0] < window }
  }
  func possiblePeak(_ window: Duration, of count: Int) -> Int {
    Self.longestRun(count) { earliest[$1] - latest[$0] <= window }
  }

  /// When the n-th came, counted from 0; nil where there are fewer.
  func earliest(_ index: Int) -> Duration? {
    earliest.indices.contains(index) ? earliest[index] : nil
  }

  /// The most in a row of which the first and the last go together.
  private static func longestRun(_ count: Int, _ together: (Int, Int) -> Bool) -> Int {
    var (first, longest) = (0, 0)
    for last in 0..<max(0, count) {
      while first < last, !together(first, last) { first += 1 }
      longest = max(longest, last - first + 1)
    }
    return longest
  }
}
