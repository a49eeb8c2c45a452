internal import Terms

/// What a shard's primaries have written, on one time axis: the source that replicas follow.
///
/// Positions are counted, not kept; checkpoints now and then bound the memory.
struct WriteLog: Sendable {
  /// How many checkpoints are kept at least; a replica further behind counts as being at the
  /// oldest.
  private static let capacity = 4096
  private static let grain: Duration = .milliseconds(100)

  /// A primary's share of the positions: `uuid:from-to`, 1-based.
  private struct Epoch: Sendable {
    let uuid: String
    var count: Int
  }

  /// The newest primaries' shares, and the sum of older ones by server.
  private var epochs: [Epoch] = []
  private var folded: [String: Int] = [:]
  private var total = 0
  private var checkpoints: [(at: Instant, count: Int)] = []
  /// When writing ended; nil while a primary takes writes.
  private(set) var endedAt: Instant?
  private(set) var heartbeats = Heartbeats()

  /// A primary takes writes from now on, under its server's uuid.
  mutating func begin(uuid: String, at now: Instant) {
    if epochs.last?.uuid != uuid { epochs.append(Epoch(uuid: uuid, count: 0)) }
    if epochs.count > 16 {
      let oldest = epochs.removeFirst()
      folded[oldest.uuid, default: 0] += oldest.count
    }
    endedAt = nil
    note(at: now)
  }

  /// The primary stops taking writes.
  mutating func end(at now: Instant) {
    guard endedAt == nil else { return }
    endedAt = now
    heartbeats.stop(at: now)
    note(at: now)
  }

  /// A transaction commits.
  mutating func write(at now: Instant) {
    guard !epochs.isEmpty else { return }
    epochs[epochs.count - 1].count += 1
    total += 1
    note(at: now)
  }

  mutating func withHeartbeats(_ body: (inout Heartbeats) -> Void) { body(&heartbeats) }

  private mutating func note(at now: Instant) {
    if let last = checkpoints.last, now - last.at < Self.grain {
      checkpoints[checkpoints.count - 1].count = total
      return
    }
    checkpoints.append((now, total))
    if checkpoints.count > 2 * Self.capacity {
      checkpoints.removeFirst(checkpoints.count - Self.capacity)
    }
  }

  /// The newest instant that a replica can have applied.
  func head(at now: Instant) -> Instant { min(now, endedAt ?? now) }

  /// The position of a server that has applied everything up to an instant, as MySQL writes it:
  /// GTID sets by server, with heartbeats counted as the transactions they are.
  func position(upTo applied: Instant) -> String {
    var left =
      checkpoints.last { $0.at <= applied }?.count ?? checkpoints.first?.count ?? 0
    left += heartbeats.count(upTo: applied)
    var parts = folded
    left -= folded.values.reduce(0, +)
    for (index, epoch) in epochs.enumerated() {
      let isLast = index == epochs.count - 1
      let count = max(0, isLast ? left : min(left, epoch.count))
      left -= count
      if count > 0 { parts[epoch.uuid, default: 0] += count }
    }
    let text = parts.sorted { $0.key < $1.key }.map {
      $0.value == 1 ? "\($0.key):1" : "\($0.key):1-\($0.value)"
    }
    return text.isEmpty ? "" : "MySQL56/" + text.joined(separator: ",")
  }
}

/// The heartbeats that primaries write into the sidecar database; lag is the age of the newest one
/// that a server has applied.
struct Heartbeats: Sendable {
  /// `--heartbeat_interval` as recorded; 1 s by default.
  static let interval: Duration = .milliseconds(250)

  private struct Span: Sendable {
    let from: Instant
    let interval: Duration
    var to: Instant?
    /// How far the writer's clock is off.
    let skew: Duration
  }

  private var spans: [Span] = []
  /// How many heartbeats were in spans already dropped.
  private var forgotten = 0

  var isWriting: Bool { spans.last.map { $0.to == nil } ?? false }

  mutating func start(
    at now: Instant, skew: Duration, every interval: Duration? = nil
  ) {
    guard !isWriting else { return }
    spans.append(
      Span(from: now, interval: interval ?? Self.interval, to: nil, skew: skew))
    if spans.count > 64 {
      forgotten += count(in: spans[0], upTo: now)
      spans.removeFirst()
    }
  }

  mutating func stop(at now: Instant) {
    guard isWriting else { return }
    spans[spans.count - 1].to = now
  }

  /// The stamp of the newest heartbeat written at or before an instant; nil before the first.
  func newest(upTo limit: Instant) -> Instant? {
    guard let span = spans.last(where: { $0.from <= limit }) else { return nil }
    let end = min(limit, span.to ?? limit)
    let beats = (end - span.from).wholeNanoseconds / span.interval.wholeNanoseconds
    return span.from + span.interval * Int(beats) + span.skew
  }

  func count(upTo limit: Instant) -> Int {
    spans.reduce(forgotten) { $0 + count(in: $1, upTo: limit) }
  }

  private func count(in span: Span, upTo limit: Instant) -> Int {
    guard span.from <= limit else { return 0 }
    let end = min(limit, span.to ?? limit)
    return Int((end - span.from).wholeNanoseconds / span.interval.wholeNanoseconds) + 1
  }
}

/// How far a replica has applied what its primary wrote.
///
/// Between changes the replica works off the log at a steady speed, in seconds of the primary's
/// writes a second; so its state at any later instant is a formula, not a simulation.
package struct Replication: Sendable {
  /// What a healthy replica needs from the primary's commit to its own.
  private static let delay: Duration = .milliseconds(2)
  /// How fast a replica works off a backlog.
  static let fullSpeed = 40.0

  /// All that was written up to here had been applied...
  private var applied: Instant
  /// ...at this instant.
  private var since: Instant
  /// Seconds of writes applied a second.
  package private(set) var speed = Replication.fullSpeed
  package private(set) var isSQLThreadRunning = true
  /// False when it follows nobody: cut off, or with transactions that its primary does not have.
  package private(set) var isIOThreadRunning = true

  init(at now: Instant) {
    applied = now
    since = now
  }

  /// Everything up to this instant of the primary's log is applied at `now`.
  func applied(at now: Instant, head: Instant) -> Instant {
    guard isSQLThreadRunning, isIOThreadRunning else { return min(applied, head) }
    // Capped at 1e8 s, some three years: no replica is further behind.
    let seconds = min(1e8, max(0, (now - since).seconds) * speed)
    let worked = applied + .nanoseconds(Int64(seconds * 1e9))
    let limit = head == now ? head - Self.delay : head
    // An instant before the last change gets an answer too: no more than there was to apply.
    return min(limit, max(applied, worked))
  }

  /// Changes what the replica does from now on.
  mutating func change(at now: Instant, head: Instant, _ body: (inout Replication) -> Void) {
    let reached = applied(at: now, head: head)
    applied = reached
    since = now
    body(&self)
  }

  mutating func setSpeed(_ speed: Double) { self.speed = max(0, speed) }
  mutating func setSQLThread(_ isRunning: Bool) { isSQLThreadRunning = isRunning }
  mutating func setIOThread(_ isRunning: Bool) { isIOThreadRunning = isRunning }

  /// It has everything: it wrote it itself.
  mutating func caughtUp(at now: Instant) {
    applied = now
    since = now
    isIOThreadRunning = true
  }

  /// True when all of a log that has ended is applied.
  func hasCaughtUp(at now: Instant, head: Instant) -> Bool {
    applied(at: now, head: head) + Self.delay >= head
  }
}
