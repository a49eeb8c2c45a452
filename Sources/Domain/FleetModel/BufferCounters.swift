package import Terms

/// What one vtgate counted for one shard since its process started.
///
/// Source of the names and rules: go/vt/vtgate/buffer/variables.go and shard_buffer.go, v10 to v24.
/// Invariant at rest: buffered = drained + Σ evicted; the difference is what is held.
package struct BufferCounters: Sendable, Equatable, Codable {
  /// The families that the invariants are built on; a vtgate sets all of them to 0 together when it
  /// first learns of a shard.
  package struct Families: OptionSet, Sendable, Hashable, Codable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let starts = Families(rawValue: 1 << 0)
    package static let stops = Families(rawValue: 1 << 1)
    package static let buffered = Families(rawValue: 1 << 2)
    package static let drained = Families(rawValue: 1 << 3)
    package static let evicted = Families(rawValue: 1 << 4)
    package static let skipped = Families(rawValue: 1 << 5)
    package static let all: Families = [.starts, .stops, .buffered, .drained, .evicted, .skipped]

    private static let names = ["starts", "stops", "buffered", "drained", "evicted", "skipped"]

    /// Such as `stops` and `evicted`.
    package var names: [String] {
      Self.names.enumerated().filter { contains(Families(rawValue: 1 << $0.offset)) }
        .map(\.element)
    }
  }

  /// Families about which nothing is known; their numbers here are 0 and mean nothing.
  ///
  /// The server omits them (`--stats_drop_variables`), or reports a value that cannot be a count.
  package var unreported: Families = []
  package var starts = 0
  private(set) var stopCounts = ReasonCounts<StopReason>()
  package var buffered = 0
  package var bufferedDryRun = 0
  package var drained = 0
  private(set) var evictedCounts = ReasonCounts<EvictReason>()
  private(set) var skippedCounts = ReasonCounts<SkipReason>()
  /// Nil until the first stop: the server exports it only then.
  ///
  /// Excludes the drain.
  package var lastFailoverDuration: Duration?
  /// The longest queue of the current or last failover; nil until the first start.
  package var lastRequestsInFlightMax: Int?

  package init() {}

  private enum CodingKeys: String, CodingKey {
    case unreported, starts, buffered, bufferedDryRun, drained
    case stopCounts = "stops"
    case evictedCounts = "evicted"
    case skippedCounts = "skipped"
    case lastFailoverDuration, lastRequestsInFlightMax
  }

  /// Reasons that were never counted have no entry, here and below.
  package var stops: [StopReason: Int] {
    get { stopCounts.byReason }
    set { stopCounts = ReasonCounts(newValue) }
  }

  package var evicted: [EvictReason: Int] {
    get { evictedCounts.byReason }
    set { evictedCounts = ReasonCounts(newValue) }
  }

  package var skipped: [SkipReason: Int] {
    get { skippedCounts.byReason }
    set { skippedCounts = ReasonCounts(newValue) }
  }

  /// One of the numbers in it.
  package enum Number: Sendable {
    case starts, buffered, bufferedDryRun, drained
    case stops(ReasonCounts<StopReason>.Place)
    case evicted(ReasonCounts<EvictReason>.Place)
    case skipped(ReasonCounts<SkipReason>.Place)
    /// In milliseconds.
    case lastFailoverDuration
    case lastRequestsInFlightMax
  }

  /// Takes what a vtgate reports of a number.
  ///
  /// Stops by the same reason are added up, to at most `limit`: two names may stand for one. `reasons`:
  /// how many there may be of a kind; further ones are left out.
  package mutating func take(_ count: Int, as number: Number, limit: Int, reasons: Int) {
    switch number {
    case .starts: starts = count
    case .buffered: buffered = count
    case .bufferedDryRun: bufferedDryRun = count
    case .drained: drained = count
    case .stops(let place):
      guard count > 0, stopCounts.hasRoom(for: place, among: reasons) else { return }
      stopCounts[place] = min(limit, stopCounts[place] + count)
    case .evicted(let place):
      guard count > 0, evictedCounts.hasRoom(for: place, among: reasons) else { return }
      evictedCounts[place] = count
    case .skipped(let place):
      guard count > 0, skippedCounts.hasRoom(for: place, among: reasons) else { return }
      skippedCounts[place] = count
    case .lastFailoverDuration: lastFailoverDuration = .milliseconds(count)
    case .lastRequestsInFlightMax: lastRequestsInFlightMax = count
    }
  }

  // A server may report any number, so sums wrap and never trap.
  package var stopsTotal: Int { stopCounts.total }
  package var evictedTotal: Int { evictedCounts.total }

  /// Skips that mean something: `Disabled` counts every primary query of a v10–v17 vtgate whose
  /// buffering is off, or of an excluded shard, and says nothing about a failover.
  package var skippedTotal: Int { skippedCounts.total &- skippedCounts[.disabled] }

  /// One family's count over all reasons; nil when it is not reported.
  ///
  /// Of skips, only those that mean something: see ``skippedTotal``.
  package subscript(family: Families) -> Int? {
    guard unreported.isDisjoint(with: family) else { return nil }
    return switch family {
    case .starts: starts
    case .stops: stopsTotal
    case .buffered: buffered
    case .drained: drained
    case .evicted: evictedTotal
    case .skipped: skippedTotal
    default: nil
    }
  }

  /// Nil when starts or stops are not reported.
  package var isBuffering: Bool? {
    unreported.isDisjoint(with: [.starts, .stops]) ? starts > stopsTotal : nil
  }

  /// Requests queued or draining, 0 or more; nil when part of the sum is not reported.
  ///
  /// A scrape is not an atomic snapshot, so the difference may briefly come out negative.
  package var held: Int? {
    unreported.isDisjoint(with: [.buffered, .drained, .evicted])
      ? max(0, buffered &- drained &- evictedTotal) : nil
  }

  /// Nil when it cannot be known.
  package var isDraining: Bool? {
    switch (isBuffering, held) {
    case (true, _), (_, 0): false
    case (false, let held?): held > 0
    case (nil, _), (_, nil): nil
    }
  }

  /// Requests that failed: thrown out because the buffer was full or the client gave up, or never
  /// let in; nil when evictions or skips are not reported.
  ///
  /// `WindowExceeded` is retried by vtgate and may succeed, so it is not counted here.
  package var lost: Int? {
    guard unreported.isDisjoint(with: [.evicted, .skipped]) else { return nil }
    return turnedOut
  }

  /// The part of ``lost`` that is reported.
  var turnedOut: Int {
    evictedCounts[.bufferFull] &+ evictedCounts[.contextDone] &+ skippedCounts[.bufferFull]
  }

  /// Requests that were thrown out or not let in; only their clients know whether they failed.
  var turnedAway: Int {
    skippedTotal + evictedCounts[.bufferFull] + evictedCounts[.contextDone]
  }

  /// True when any counter is lower than before, which means that the process was restarted.
  package func isReset(from earlier: BufferCounters) -> Bool {
    func fell(_ family: Families, _ count: (BufferCounters) -> Int) -> Bool {
      unreported.union(earlier.unreported).isDisjoint(with: family) && count(self) < count(earlier)
    }
    return fell(.starts, \.starts) || fell(.buffered, \.buffered) || fell(.drained, \.drained)
      || fell(.stops, \.stopsTotal) || fell(.evicted, \.evictedTotal)
      || fell(.skipped, \.skippedCounts.total)
  }

  /// Whether anything was counted since then that belongs to a failover.
  func shows(moreOfAFailoverThan earlier: BufferCounters) -> Bool {
    let more = since(earlier)
    return more.starts > 0 || more.stopsTotal > 0 || more.buffered > 0 || more.bufferedDryRun > 0
      || more.drained > 0 || more.evictedTotal > 0 || more.skippedTotal > 0
  }

  /// Counts since an earlier reading of the same process; gauges stay as they are.
  ///
  /// A family that either reading does not report has no difference.
  package func since(_ earlier: BufferCounters) -> BufferCounters {
    var result = self
    result.combine(earlier, &-)
    result.clearUnreported()
    return result
  }

  /// Adds the counts of another vtgate or of an earlier process; gauges stay as they are.
  package mutating func add(_ other: BufferCounters) { combine(other, &+) }

  mutating func takeReasons(_ next: () -> Int) {
    stopCounts.take(next)
    evictedCounts.take(next)
    skippedCounts.take(next)
  }

  private mutating func clearUnreported() {
    guard !unreported.isEmpty else { return }
    if unreported.contains(.starts) { starts = 0 }
    if unreported.contains(.stops) { stopCounts = ReasonCounts() }
    if unreported.contains(.buffered) { buffered = 0 }
    if unreported.contains(.drained) { drained = 0 }
    if unreported.contains(.evicted) { evictedCounts = ReasonCounts() }
    if unreported.contains(.skipped) { skippedCounts = ReasonCounts() }
  }

  private mutating func combine(_ other: BufferCounters, _ operation: (Int, Int) -> Int) {
    unreported.formUnion(other.unreported)
    starts = operation(starts, other.starts)
    buffered = operation(buffered, other.buffered)
    bufferedDryRun = operation(bufferedDryRun, other.bufferedDryRun)
    drained = operation(drained, other.drained)
    stopCounts.combine(other.stopCounts, operation)
    evictedCounts.combine(other.evictedCounts, operation)
    skippedCounts.combine(other.skippedCounts, operation)
  }
}

/// How a vtgate buffers and retries, and how that is known.
package struct BufferFlags: Sendable, Equatable, Codable {
  package enum Source: String, Sendable, Equatable, Codable {
    /// Read from the process' command line; a flag not given there has its default.
    case commandLine = "command line"
    /// The command line could not be read: these are Vitess' defaults.
    case defaults = "defaults"
  }

  /// Nil when it cannot be known.
  package var isEnabled: Bool?
  package var isDryRun = false
  package var window: Duration = .seconds(10)
  package var maxFailoverDuration: Duration = .seconds(20)
  package var minTimeBetweenFailovers: Duration = .seconds(60)
  /// `--retry-count`, how often a failed query is tried again: 0...1000.
  ///
  /// No counter can prove a different value.
  package var retryCount = 2
  /// The keyspaces or shards listed in `--buffer-keyspace-shards`; empty means all.
  package var keyspaceShards: [String] = []
  package var source: Source
  /// Limits that were not read and whose defaults the counters contradict; their values are the
  /// counters'.
  package private(set) var proven: Set<Limit> = []

  package init(source: Source) {
    self.source = source
    isEnabled = source == .commandLine ? false : nil
  }

  /// A time limit.
  package enum Limit: String, Sendable, Codable {
    case window, maximum, leastTime
  }

  /// What a limit is based on.
  package enum Basis: String, Sendable, Codable {
    /// It was read.
    case commandLine = "command-line"
    /// The counters contradict Vitess' default.
    case counters
    case vitessDefault = "default"
  }

  /// A time limit, and what it is based on.
  package struct KnownLimit: Sendable, Equatable {
    package let time: Duration
    package let basis: Basis

    package init(_ time: Duration, by basis: Basis) {
      self.time = time
      self.basis = basis
    }
  }

  package subscript(limit: Limit) -> KnownLimit {
    let time =
      switch limit {
      case .window: window
      case .maximum: maxFailoverDuration
      case .leastTime: minTimeBetweenFailovers
      }
    if source == .commandLine { return KnownLimit(time, by: .commandLine) }
    return KnownLimit(time, by: proven.contains(limit) ? .counters : .vitessDefault)
  }

  /// Replaces what was assumed with what a failover proves.
  ///
  /// `gaveUp`: it was stopped by `MaxDurationExceeded`; if not, the maximum is at least as long.
  mutating func learn(lasted duration: Duration, gaveUp: Bool) {
    guard source == .defaults, gaveUp || duration > maxFailoverDuration else { return }
    maxFailoverDuration = duration
    proven.insert(.maximum)
  }

  /// Learns from buffering that began again this soon after it had ended.
  mutating func learn(beganAgainAfter pause: Duration) {
    guard source == .defaults, pause < minTimeBetweenFailovers else { return }
    minTimeBetweenFailovers = pause
    proven.insert(.leastTime)
  }

  /// Keeps what the counters of another process, or earlier counters, have proven.
  mutating func keep(_ earlier: BufferFlags) {
    guard source == .defaults else { return }
    if earlier.proven.contains(.maximum) { maxFailoverDuration = earlier.maxFailoverDuration }
    if earlier.proven.contains(.leastTime) {
      minTimeBetweenFailovers = earlier.minTimeBetweenFailovers
    }
    proven.formUnion(earlier.proven)
  }

  /// Whether requests to a shard are buffered; nil when it cannot be known.
  package func covers(_ shard: ShardName) -> Bool? {
    guard let isEnabled else { return nil }
    guard isEnabled else { return false }
    return keyspaceShards.isEmpty || keyspaceShards.contains(shard.keyspace)
      || keyspaceShards.contains(shard.description)
  }
}
