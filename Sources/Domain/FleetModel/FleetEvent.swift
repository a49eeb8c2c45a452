package import Terms

/// Something that changed: what kind of change it was, and whom it concerns.
///
/// It holds no words: those are `Wording`'s.
package struct FleetEvent: Sendable, Equatable, Codable {
  package enum Severity: Int, Sendable, Codable, Comparable {
    case notice, good, warning, critical

    package static func < (left: Severity, right: Severity) -> Bool {
      left.rawValue < right.rawValue
    }

    /// The word used on the screen, in lines and in JSON.
    package var word: String {
      switch self {
      case .notice: "notice"
      case .good: "good"
      case .warning: "warning"
      case .critical: "critical"
      }
    }
  }

  /// Numbers the events of a run from 1; 0 until it is in the log.
  package internal(set) var id = 0
  package let at: Instant
  /// Nil when the event concerns a server rather than a shard.
  package let shard: ShardName?
  package let kind: Kind
  /// The servers that showed it, in the order in which they did.
  package var sources: [Source]
  /// The failover it belongs to: more of the same is added to it for as long as that lasts.
  package let failover: Int?
  /// When the last of it was seen; `at` until something is added.
  package internal(set) var until: Instant
  /// Which kinds of gates it is about; nil where they are vtgates.
  package internal(set) var gates: Gates?

  /// A server that showed the event, and what is specific to it.
  package struct Source: Sendable, Equatable, Codable {
    package let address: Address
    /// How long it buffered, as the server itself reports, when buffering ended; how long it was
    /// silent, when it answers again.
    package internal(set) var lasted: Duration?
    /// The requests it concerns, where they are counted; they add up.
    package internal(set) var count: Int?

    package init(_ address: Address, lasted: Duration? = nil, count: Int? = nil) {
      self.address = address
      self.lasted = lasted
      self.count = count
    }
  }

  package init(
    at: Instant, shard: ShardName? = nil, _ kind: Kind, sources: [Source] = [],
    failover: Int? = nil
  ) {
    self.at = at
    until = at
    self.failover = failover
    self.shard = shard
    self.kind = kind
    self.sources = sources
  }

  package var severity: Severity { kind.severity }

  /// Requests of all servers together; nil when none are counted.
  package var count: Int? {
    let counts = sources.compactMap(\.count)
    return counts.isEmpty ? nil : counts.reduce(0, +)
  }
}

/// The events of a run, newest last, bounded.
package struct EventLog: Sendable, Equatable, Codable {
  /// Older events are dropped.
  package static let capacity = 1000
  /// Servers that show the same thing within this time share one line.
  static let mergeTime: Duration = .milliseconds(1500)
  /// How many events back to look for one that can absorb another.
  private static let reach = 200

  package private(set) var events = SharingArray<FleetEvent>()
  private var nextID = 1

  package init() {}

  package mutating func append(_ event: FleetEvent) {
    if let index = events.indices.suffix(Self.reach).last(where: { events[$0].takes(event) }) {
      events[index].add(event)
      return
    }
    var event = event
    event.id = nextID
    nextID += 1
    events.append(event)
    if events.count > Self.capacity { events.removeFirst() }
  }

  /// The oldest number that it may still hold.
  package var oldestID: Int { max(1, nextID - Self.capacity) }

  /// Goes on numbering as before, and holds these instead of what it held.
  mutating func hold(_ events: [FleetEvent]) { self.events = SharingArray(events) }
}

extension FleetEvent {
  /// Whether it is the same news: from another server at about the same time, or more of it in the
  /// same failover.
  fileprivate func takes(_ other: FleetEvent) -> Bool {
    guard !sources.isEmpty || failover != nil, shard == other.shard, kind == other.kind
    else { return false }
    if failover != nil || other.failover != nil { return failover == other.failover }
    return other.at - at < EventLog.mergeTime
      && !sources.contains { own in other.sources.contains { $0.address == own.address } }
  }

  fileprivate mutating func add(_ other: FleetEvent) {
    until = max(until, other.at)
    for source in other.sources {
      guard let index = sources.firstIndex(where: { $0.address == source.address }) else {
        sources.append(source)
        continue
      }
      if let more = source.count {
        sources[index].count = (sources[index].count ?? 0) + more
      } else {
        sources[index].lasted = source.lasted
      }
    }
  }
}
