package import Terms

/// How far a server's last reading can be trusted.
package enum Freshness: Sendable, Equatable {
  case fresh
  /// The last reading is older than it should be, or the last poll failed.
  case stale(age: Duration)
  /// There has been no reading yet.
  case never

  package var isFresh: Bool { self == .fresh }
}

/// The last good reading of a target, and what has gone wrong since.
package struct Watched<Value: Sendable & Equatable & Codable>: Sendable, Equatable, Codable {
  package private(set) var value: Value?
  package private(set) var readAt: Instant?
  /// When the poll that brought it began.
  package private(set) var askedAt: Instant?
  /// The last poll's failure; nil when it succeeded.
  package private(set) var failure: ScrapeFailure?
  package private(set) var failingSince: Instant?
  /// When it failed last.
  private var failedAt: Instant?

  package init() {}

  /// Whether it has answered, or failed to.
  var isHeard: Bool { readAt != nil || failure != nil }

  package mutating func succeed(_ value: Value, at instant: Instant, took: Duration) {
    self.value = value
    readAt = instant
    askedAt = instant - took
    guard endsFailure(at: instant) else { return }
    failure = nil
    failingSince = nil
    failedAt = nil
  }

  /// Since when it has failed, if an answer of a moment shows that it no longer does.
  ///
  /// What it answered before it failed may be told later, by a server that has stored it.
  func recovery(at instant: Instant) -> Instant? { endsFailure(at: instant) ? failingSince : nil }

  private func endsFailure(at instant: Instant) -> Bool { failedAt.map { $0 <= instant } ?? true }

  package mutating func fail(_ failure: ScrapeFailure, at instant: Instant) {
    self.failure = failure
    failingSince = failingSince ?? instant
    failedAt = instant
  }

  package func freshness(at now: Instant, limit: Duration) -> Freshness {
    guard let readAt else { return .never }
    let age = now - readAt
    return failure == nil && age <= limit ? .fresh : .stale(age: max(age, .zero))
  }
}

/// What is known of one vtgate.
package struct VtgateState: Sendable, Equatable, Codable {
  package let target: Target
  package var address: Address { target.address }
  package internal(set) var watched = Watched<VtgateReading>()
  /// Kept from the last poll that read the command line.
  package internal(set) var flags = BufferFlags(source: .defaults)
  package internal(set) var version: String?
  /// The last list of tablets, kept while `/debug/gateway` fails.
  package internal(set) var tablets: GatewayTablets?
  /// As of the fleet's last ``Fleet/settle(at:)``.
  package internal(set) var isFresh = false
  var processes = AnsweringProcesses()
  /// Several processes answer at its address, and that was reported.
  package internal(set) var hasSeveralProcesses = false
  /// It has been read at least twice, so what changes is known.
  package internal(set) var isCompared = false
  package internal(set) var episodes: [ShardName: Episode] = [:]
  var errors = ClientErrorHistory()
  /// What the operator's baseline subtracts, and what earlier processes of this vtgate had counted
  /// since it was set.
  var baseline = ShardCounters()
  var carried: [ShardName: BufferCounters] = [:]

  init(_ target: Target) { self.target = target }

  /// Σ held over all shards at the last reading; nil when some of it is not known.
  ///
  /// All shards share the size.
  package private(set) var heldTotal: Int? = 0

  /// The share of the buffer in use, 0...1, and more while slots are kept; nil when its size or
  /// what is held is not known.
  package var fill: Double? {
    guard let size = watched.value?.bufferSize, let heldTotal else { return nil }
    return Double(heldTotal) / Double(max(1, size))
  }

  /// Whether its list of tablets comes from the latest reading.
  ///
  /// A list kept from an earlier poll names them, but says nothing about who serves.
  var hasCurrentTablets: Bool { watched.value?.tablets != nil }

  /// Whether a reading of it shows a shard without a serving primary.
  func misses(_ shard: ShardName, in reading: VtgateReading) -> Bool {
    guard let tablets = reading.tablets else { return reading.primaryConnections[shard] == nil }
    return tablets[shard]?.servingPrimaries.isEmpty != false
  }

  /// Takes a reading, and what that tells on its own.
  mutating func keep(_ reading: VtgateReading, at instant: Instant, took: Duration) {
    succeed(reading, at: instant, took: took)
    hasSeveralProcesses = hasSeveralProcesses && processes.areSeveral(at: instant)
    if var flags = reading.flags {
      flags.keep(self.flags)
      self.flags = flags
    }
    if let version = reading.version { self.version = version }
    if let tablets = reading.tablets { self.tablets = tablets }
  }

  private mutating func succeed(_ reading: VtgateReading, at instant: Instant, took: Duration) {
    let last = watched.value
    watched.succeed(reading, at: instant, took: took)
    guard last?.buffers != reading.buffers || last?.combined != reading.combined else { return }
    heldTotal = reading.buffers.held.flatMap { sum in reading.combined.held.map { sum &+ $0 } }
  }
}

/// When one vtgate last began and stopped buffering for a shard, as far as polling it can tell.
///
/// It outlives the shard's failovers, of which a bounded log is kept: the pause between two of them
/// and how long one goes on are judged by it.
package struct Episode: Sendable, Equatable, Codable {
  /// The poll that first showed buffering; the start lies at most `uncertainty` before it.
  ///
  /// Nil when buffering was already going on at the first poll.
  package var startedAt: Instant?
  package var uncertainty: Duration = .zero
  /// The poll that first showed the end.
  package var stoppedAt: Instant?

  package init() {}
}

/// What is known of one vttablet that is polled.
package struct TabletState: Sendable, Equatable, Codable {
  package let target: Target
  package var address: Address { target.address }
  package internal(set) var watched = Watched<TabletReading>()
  /// As of the fleet's last ``Fleet/settle(at:)``.
  package internal(set) var isFresh = false

  init(_ target: Target) { self.target = target }
}

/// A primary as some server sees it.
struct SeenPrimary: Sendable, Equatable, Comparable, Codable {
  /// Nil when only its existence is known.
  let alias: TabletAlias?
  /// Seconds since the epoch.
  let term: Int

  /// Two primaries can be serving for many seconds after an emergency reparent; the newer one
  /// counts.
  static func < (left: SeenPrimary, right: SeenPrimary) -> Bool {
    (left.term, left.alias?.uid ?? 0) < (right.term, right.alias?.uid ?? 0)
  }
}
