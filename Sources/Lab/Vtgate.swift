package import FleetModel

/// One vtgate: its request buffer, what its health check has seen, and its clients.
package struct Vtgate: Sendable, Equatable {
  package let name: String
  package let startedAt: Instant
  package internal(set) var buffer: RequestBuffer
  /// The tablets as this vtgate's health check last saw them.
  package internal(set) var view: [TabletAlias: TabletSighting] = [:]
  /// `vtgate_vttablet_call_error_count` of the primary.
  package internal(set) var callErrors: [ShardName: Int] = [:]
  /// Queries answered, by shard.
  package internal(set) var calls: [ShardName: Int] = [:]
  /// Errors that reached clients, by shard.
  package internal(set) var clientErrors: [ShardName: Int] = [:]
  /// Health updates on their way.
  var arriving: [(at: Instant, sighting: TabletSighting)] = []
  var clients: [Client] = []

  init(name: String, startedAt: Instant, buffer: RequestBuffer.Configuration) {
    self.name = name
    self.startedAt = startedAt
    self.buffer = RequestBuffer(buffer)
  }

  /// The serving primary it knows of, the one with the newest term.
  func primary(of shard: ShardName) -> TabletSighting? {
    view.values.filter { $0.shard == shard && $0.type == .primary && $0.isServing }
      .max { ($0.primarySince ?? startedAt) < ($1.primarySince ?? startedAt) }
  }

  package static func == (left: Vtgate, right: Vtgate) -> Bool {
    left.name == right.name && left.buffer == right.buffer && left.view == right.view
      && left.calls == right.calls && left.clientErrors == right.clientErrors
  }
}

/// A tablet as a health stream told of it.
package struct TabletSighting: Sendable, Equatable {
  package let alias: TabletAlias
  package let shard: ShardName
  package let type: TabletType
  package let isServing: Bool
  package let primarySince: Instant?
}

/// One client connection that queries a shard's primary, thinks, and queries again.
struct Client: Sendable, Equatable {
  enum State: Sendable, Equatable {
    case thinking(until: Instant)
    /// In the vtgate's buffer.
    case waiting
    /// Let go by the buffer; its answer is due.
    case retrying(until: Instant)
  }

  let id: RequestBuffer.RequestID
  let shard: ShardName
  var state: State
}
