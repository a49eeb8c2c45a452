package import Terms

/// Something that changed, in words.
package struct FleetEvent: Sendable, Equatable, Codable {
  package enum Severity: Int, Sendable, Codable, Comparable {
    case notice, good, warning, critical

    package static func < (left: Severity, right: Severity) -> Bool {
      left.rawValue < right.rawValue
    }

    /// The word for the screen, lines and JSON.
    package var word: String {
      switch self {
      case .notice: "notice"
      case .good: "good"
      case .warning: "warning"
      case .critical: "critical"
      }
    }
  }

  /// Counts the events of a run from 1; 0 before it is in the log.
  package internal(set) var id = 0
  package var at: Instant
  /// Nil when the event concerns a server and no shard.
  package var shard: ShardName?
  package var severity: Severity
  /// What happened, such as `buffering started on`; `sources` complete the sentence.
  package var text: String
  /// The servers that showed it, in the order in which they did.
  package var sources: [Source]
  /// The failover that it belongs to: more of the same is added to it as long as that lasts.
  package var failover: Int?
  /// When the last of it was seen; `at` as long as nothing was added.
  package internal(set) var until: Instant

  /// A server that showed the event, and what was particular there.
  package struct Source: Sendable, Equatable, Codable {
    package var address: Address
    package var detail: String
    /// Requests that it concerns, where they are counted; they add up.
    package internal(set) var count: Int?

    package init(_ address: Address, _ detail: String = "") {
      self.address = address
      self.detail = detail
    }

    package init(_ address: Address, count: Int) {
      self.init(address)
      self.count = count
    }

    /// What stands in brackets behind its name; empty for nothing.
    package var remark: String { count?.grouped ?? detail }
  }

  package init(
    at: Instant, shard: ShardName? = nil, _ severity: Severity, _ text: String,
    sources: [Source] = [], failover: Int? = nil
  ) {
    self.at = at
    until = at
    self.failover = failover
    self.shard = shard
    self.severity = severity
    self.text = text
    self.sources = sources
  }
}

extension FleetEvent {
  /// The sentence: `drained by 10.0.0.1:15001 (12), 10.0.0.2:15001 (9)`; of more than three servers
  /// their number and the sum, `drained by 8 servers (3 815)`.
  package var sentence: String {
    guard sources.count > 3 else { return fullSentence }
    let total = count.map { " (\($0.grouped))" } ?? ""
    return "\(text) \(sources.count.grouped) servers\(total)"
  }

  /// The sentence with every server in it.
  package var fullSentence: String {
    guard !sources.isEmpty else { return text }
    let names = sources.map { $0.remark.isEmpty ? "\($0.address)" : "\($0.address) (\($0.remark))" }
    return "\(text) \(names.joined(separator: ", "))"
  }

  /// Requests of all servers together; nil where none are counted.
  package var count: Int? {
    let counts = sources.compactMap(\.count)
    return counts.isEmpty ? nil : counts.reduce(0, +)
  }
}

/// The events of a run, newest last, bounded.
package struct EventLog: Sendable, Equatable {
  /// Older events are dropped.
  package static let capacity = 1000
  /// Servers that show the same thing within this time share one line.
  static let togetherness: Duration = .milliseconds(1500)
  /// How many events back one is looked for that takes another in.
  private static let reach = 200

  package private(set) var events: [FleetEvent] = []
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
    if events.count > Self.capacity { events.removeFirst(events.count - Self.capacity) }
  }
}

extension FleetEvent {
  /// The same news: from another server at about the same time, or more of it in the same failover.
  fileprivate func takes(_ other: FleetEvent) -> Bool {
    guard !sources.isEmpty || failover != nil, shard == other.shard, severity == other.severity,
      text == other.text
    else { return false }
    if failover != nil || other.failover != nil { return failover == other.failover }
    return other.at - at < EventLog.togetherness
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
        sources[index].detail = source.detail
      }
    }
  }
}
