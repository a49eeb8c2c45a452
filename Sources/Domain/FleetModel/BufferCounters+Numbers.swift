internal import Terms

/// Counters as a row of bare numbers, always as many and in the same order; all 0 where there are none.
extension BufferCounters {
  /// The places of its numbers.
  enum Column {
    /// 0 in a row without counters.
    static let unreported = 0
    static let lastFailoverDuration = 5
    static let lastRequestsInFlightMax = 6
    static let firstReason = 7
    static let count =
      firstReason + StopReason.known.count + EvictReason.known.count + SkipReason.known.count

    static let all = Array(0..<count)
    /// Those that belong to a failover when they move: neither the gauges nor the requests that are not
    /// buffered because buffering is off.
    static let telling: [Int] = {
      let firstSkip = firstReason + StopReason.known.count + EvictReason.known.count
      let disabled = SkipReason.known.firstIndex(of: .disabled).map { firstSkip + $0 }
      let others = [lastFailoverDuration, lastRequestsInFlightMax, disabled]
      return all.filter { !others.contains($0) }
    }()
  }

  /// Appends its row; false, and nothing is appended, where it is more than numbers: a reason was counted
  /// that no release has, or a duration is not in milliseconds.
  func append(to row: inout [Int]) -> Bool {
    guard stopCounts.areAllKnown, evictedCounts.areAllKnown, skippedCounts.areAllKnown,
      let duration = Self.number(lastFailoverDuration),
      let most = Self.number(lastRequestsInFlightMax)
    else { return false }
    row.append(1 + Int(unreported.rawValue))
    row.append(starts)
    row.append(buffered)
    row.append(bufferedDryRun)
    row.append(drained)
    row.append(duration)
    row.append(most)
    stopCounts.append(to: &row)
    evictedCounts.append(to: &row)
    skippedCounts.append(to: &row)
    return true
  }

  /// Takes a row's numbers, one after the other; nil where there are none.
  init?(_ next: () -> Int) {
    let unreported = next()
    guard unreported > 0 else { return nil }
    self.init()
    self.unreported = Families(rawValue: UInt8(truncatingIfNeeded: unreported - 1))
    starts = next()
    buffered = next()
    bufferedDryRun = next()
    drained = next()
    let duration = next()
    lastFailoverDuration = duration == 0 ? nil : .milliseconds(duration - 1)
    let most = next()
    lastRequestsInFlightMax = most == 0 ? nil : most - 1
    takeReasons(next)
  }

  /// Nil is 0, and 0 is 1; nil for a number that cannot be written so.
  private static func number(_ count: Int?) -> Int? {
    guard let count else { return 0 }
    return count < 0 || count == .max ? nil : count + 1
  }

  private static func number(_ duration: Duration?) -> Int? {
    guard let duration else { return 0 }
    let count = duration.wholeNanoseconds / 1_000_000
    return .milliseconds(count) == duration ? number(Int(count)) : nil
  }
}
