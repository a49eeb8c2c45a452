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
package struct Watched<Value: Sendable & Equatable>: Sendable, Equatable {
  package private(set) var value: Value?
  package private(set) var readAt: Instant?
  /// The last poll's failure; nil when it succeeded.
  package private(set) var failure: ScrapeFailure?
  package private(set) var failingSince: Instant?

  package init() {}

  package mutating func succeed(_ value: Value, at instant: Instant) {
    self.value = value
    readAt = instant
    failure = nil
    failingSince = nil
  }

  package mutating func fail(_ failure: ScrapeFailure, at instant: Instant) {
    self.failure = failure
    failingSince = failingSince ?? instant
  }

  package func freshness(at now: Instant, limit: Duration) -> Freshness {
    guard let readAt else { return .never }
    let age = now - readAt
    return failure == nil && age <= limit ? .fresh : .stale(age: max(age, .zero))
  }
}

/// What is known of one vtgate.
package struct VtgateState: Sendable, Equatable {
  package let address: Address
  package internal(set) var watched = Watched<VtgateReading>()
  /// Kept from the last poll that read the command line.
  package internal(set) var flags = BufferFlags(source: .defaults)
  package internal(set) var version: String?
  /// The last list of tablets, kept while `/debug/gateway` fails.
  package internal(set) var tablets: [GatewayTablet]? {
    didSet { tabletsByShard = Dictionary(grouping: tablets ?? [], by: \.shard) }
  }
  private(set) var tabletsByShard: [ShardName: [GatewayTablet]] = [:]
  package internal(set) var episodes: [ShardName: Episode] = [:]
  /// What the operator's baseline subtracts, and what earlier processes of this vtgate had counted
  /// since it was set.
  var baseline: [ShardName: BufferCounters] = [:]
  var carried: [ShardName: BufferCounters] = [:]

  init(address: Address) { self.address = address }

  /// Σ held over all shards; the size is shared by them.
  package var heldTotal: Int {
    watched.value?.buffers.values.reduce(0) { $0 + $1.held } ?? 0
  }
}

/// The current or last failover of a shard, as far as polling one vtgate tells.
package struct Episode: Sendable, Equatable {
  /// The poll that first showed buffering; the start lies at most `uncertainty` before it.
  ///
  /// Nil when buffering was already going on at the first poll.
  package var startedAt: Instant?
  package var uncertainty: Duration = .zero
  /// The poll that first showed the end.
  package var stoppedAt: Instant?
  /// Reasons for skipping that were already reported and have gone on at every poll since.
  package var reportedSkips: Set<SkipReason> = []

  package init() {}
}

/// What is known of one vttablet that is polled.
package struct TabletState: Sendable, Equatable {
  package let address: Address
  package internal(set) var watched = Watched<TabletReading>()

  init(address: Address) { self.address = address }
}
