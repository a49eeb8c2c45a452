internal import Terms

/// Counters as bare numbers, for those of whom thousands are kept and few are looked at again.
extension BufferCounters {
  /// Appends its numbers, always as many and in the same order.
  ///
  /// Returns false where they are not all it holds: a reason was counted that no release has, or a
  /// duration is not in milliseconds.
  package func append(to numbers: inout [Int64]) -> Bool {
    var last: Int64 = -1
    if let lastFailoverDuration {
      last = lastFailoverDuration.wholeNanoseconds / 1_000_000
      guard last >= 0, .milliseconds(last) == lastFailoverDuration else { return false }
    }
    if let lastRequestsInFlightMax, lastRequestsInFlightMax < 0 { return false }
    numbers += [
      Int64(unreported.rawValue), Int64(starts), Int64(buffered), Int64(bufferedDryRun),
      Int64(drained), last, Int64(lastRequestsInFlightMax ?? -1),
    ]
    return stopCounts.append(to: &numbers) && evictedCounts.append(to: &numbers)
      && skippedCounts.append(to: &numbers)
  }

  /// Takes numbers as ``append(to:)`` has appended them, one after the other.
  package init<Failure>(_ next: () throws(Failure) -> Int64) throws(Failure) {
    self.init()
    unreported = Families(rawValue: UInt8(truncatingIfNeeded: try next()))
    starts = Int(try next())
    buffered = Int(try next())
    bufferedDryRun = Int(try next())
    drained = Int(try next())
    let last = try next()
    lastFailoverDuration = last < 0 ? nil : .milliseconds(last)
    let most = Int(try next())
    lastRequestsInFlightMax = most < 0 ? nil : most
    try takeReasons(next)
  }
}
