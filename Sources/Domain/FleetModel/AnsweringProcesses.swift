internal import Terms

/// The processes that have answered at one vtgate's address.
///
/// Normally one process counts up and is followed by another that started later. Behind a
/// Kubernetes Service or a load balancer there are several, and each request may reach a different
/// one: their counters must not be compared with one another.
struct AnsweringProcesses: Sendable, Equatable, Codable {
  /// How a reading relates to the one before.
  enum Change: Sendable, Equatable {
    /// The same process.
    case none
    /// Another process has taken its place. `isProven`: it started after the previous poll, and
    /// everything it has counted is new.
    case restart(isProven: Bool)
    /// Another process, which had been running all along.
    case other
    /// The process reports a different start, which may be a step of its host's clock: Linux
    /// derives the start from the wall clock at every scrape.
    case unclear
  }

  fileprivate struct Process: Sendable, Equatable, Codable {
    /// Seconds since the epoch; nil when not exported.
    var start: Double?
    var counted: ShardCounters
    /// The digest of its command line; nil when nobody has read it.
    ///
    /// Behind such an address it may belong to another process, because the counters and the
    /// command line are read by two requests.
    var commandLine: UInt64?
  }

  /// How far the clock of a vtgate's host may be from this one's.
  private static let clockTolerance: Duration = .seconds(5)
  /// Starts that differ by less than this count as the same, seconds.
  private static let startTolerance = 1.5
  /// The most processes kept apart; with more, it is clear enough that there are several.
  private static let capacity = 4
  /// How long several processes are assumed after one was last seen to alternate with another.
  private static let memory: Duration = .seconds(300)
  /// When starts do not help, counters that recover this soon after a fall belong to another
  /// process.
  private static let swing: Duration = .seconds(60)

  /// In the order in which they answered, the latest last.
  private var known: [Process] = []
  private var lastOther: Instant?
  private var lastFall: Instant?
  /// The last reading came from another process, or from a host whose clock was set.
  private(set) var isUnclear = false

  /// Whether several processes answer at the address, as far as is known at a moment.
  func areSeveral(at now: Instant) -> Bool { lastOther.map { now - $0 < Self.memory } ?? false }

  /// Takes a reading; `previous` is the one before it, read at `previousAt`.
  mutating func take(
    _ reading: VtgateReading, after previous: VtgateReading?, readAt previousAt: Instant?,
    at now: Instant
  ) -> Change {
    let change =
      previous.map { compare(reading, with: $0, readAt: previousAt, at: now) } ?? .none
    var commandLine = reading.commandLine
    switch change {
    case .other:
      lastOther = now
      let own = known.last { isAnswer(reading, of: $0, at: now) }
      commandLine = commandLine ?? own?.commandLine
      known = known.filter { !isAnswer(reading, of: $0, at: now) }
    case .none where !known.isEmpty:
      let last = known.removeLast()
      commandLine = commandLine ?? last.commandLine
    case .restart(isProven: true) where !areSeveral(at: now): known = []
    case .restart(isProven: false): lastFall = now
    case .restart, .none, .unclear: break
    }
    isUnclear = change == .unclear
    known.append(
      Process(
        start: reading.processStart, counted: reading.buffers, commandLine: commandLine))
    if known.count > Self.capacity { known.removeFirst() }
    return change
  }

  private func compare(
    _ reading: VtgateReading, with previous: VtgateReading, readAt previousAt: Instant?,
    at now: Instant
  ) -> Change {
    let (before, after) = (previous.processStart, reading.processStart)
    let isSame = Self.isSame(before, after)
    let isForeign = hasForeignCommandLine(reading)
    let hasMoved = reading.buffers != previous.buffers
    if !isSame || isForeign || hasMoved,
      known.dropLast().contains(where: { isAnswer(reading, of: $0, at: now) })
    {
      return .other
    }
    if let before, let after, before != after,
      previousAt.map({ Instant(secondsSinceEpoch: after) >= $0 - Self.clockTolerance }) == true
    {
      return .restart(isProven: true)
    }
    func isContinued() -> Bool { !hasMoved || reading.buffers.continues(previous.buffers) }
    // A restart may bring other flags, but then its counters begin again at 0, and its start is
    // later.
    if isForeign, isSame && after != nil || isContinued() && known.last?.hasCounted == true {
      return .other
    }
    if isSame {
      let isReset = hasMoved && reading.buffers.isReset(from: previous.buffers)
      return isReset || isForeign ? .restart(isProven: false) : .none
    }
    guard !isContinued() || isForeign else { return .unclear }
    // A process that started before its predecessor was running beside it.
    return (after ?? 0) < (before ?? 0) ? .other : .restart(isProven: false)
  }

  /// Whether the command line differs from the last process's, which makes it another process.
  ///
  /// Equal ones prove nothing: the replicas of a Deployment share theirs.
  private func hasForeignCommandLine(_ reading: VtgateReading) -> Bool {
    guard let now = reading.commandLine, let before = known.last?.commandLine else { return false }
    return now != before
  }

  /// Whether a reading comes from a process that has answered before the last one did.
  private func isAnswer(_ reading: VtgateReading, of process: Process, at now: Instant) -> Bool {
    guard Self.isSame(process.start, reading.processStart) else { return false }
    if let start = process.start, let last = known.last?.start, !Self.isSame(start, last) {
      return true
    }
    guard lastFall.map({ now - $0 < Self.swing }) == true else { return false }
    if hasForeignCommandLine(reading), process.commandLine == reading.commandLine { return true }
    // Neither start nor flags decide: the counters must continue where that process had stopped.
    return process.hasCounted
      && (process.counted == reading.buffers
        || known.last.map { !reading.buffers.continues($0.counted) } == true
          && reading.buffers.continues(process.counted))
  }

  private static func isSame(_ left: Double?, _ right: Double?) -> Bool {
    guard let left, let right else { return left == right }
    return abs(left - right) <= startTolerance
  }

}

extension AnsweringProcesses.Process {
  fileprivate var hasCounted: Bool {
    counted.values.contains { $0.starts > 0 || $0.buffered > 0 || $0.skippedTotal > 0 }
  }
}
