/// Something that changed, in words.
package struct FleetEvent: Sendable, Equatable {
  package enum Severity: Int, Sendable, Comparable {
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

  /// A server that showed the event, and what was particular there.
  package struct Source: Sendable, Equatable {
    package var address: Address
    package var detail: String

    package init(_ address: Address, _ detail: String = "") {
      self.address = address
      self.detail = detail
    }
  }

  package init(
    at: Instant, shard: ShardName? = nil, _ severity: Severity, _ text: String,
    sources: [Source] = []
  ) {
    self.at = at
    self.shard = shard
    self.severity = severity
    self.text = text
    self.sources = sources
  }
}

extension FleetEvent {
  /// The whole sentence: `drained by 10.0.0.1:15001 (12), 10.0.0.2:15001 (9)`.
  package var sentence: String {
    guard !sources.isEmpty else { return text }
    let names = sources.map { $0.detail.isEmpty ? "\($0.address)" : "\($0.address) (\($0.detail))" }
    return "\(text) \(names.joined(separator: ", "))"
  }
}

/// The events of a run, newest last, bounded.
package struct EventLog: Sendable, Equatable {
  /// Older events are dropped.
  package static let capacity = 1000
  /// Servers that show the same thing within this time share one line.
  static let togetherness: Duration = .milliseconds(1500)

  package private(set) var events: [FleetEvent] = []
  private var nextID = 1

  package init() {}

  package mutating func append(_ event: FleetEvent) {
    if let source = event.sources.first {
      for index in events.indices.reversed() {
        guard event.at - events[index].at < Self.togetherness else { break }
        guard events[index].isLike(event) else { continue }
        events[index].sources.append(source)
        return
      }
    }
    var event = event
    event.id = nextID
    nextID += 1
    events.append(event)
    if events.count > Self.capacity { events.removeFirst(events.count - Self.capacity) }
  }
}

extension FleetEvent {
  /// The same news from another server.
  fileprivate func isLike(_ other: FleetEvent) -> Bool {
    !sources.isEmpty && shard == other.shard && severity == other.severity && text == other.text
      && !sources.contains { own in other.sources.contains { $0.address == own.address } }
  }
}
