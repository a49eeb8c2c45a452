package import Buffering
package import Stats
package import Terms

/// One vtgate: its request buffer, its health check's view, its clients and its counters.
package struct Vtgate: Sendable {
  package let name: String
  package let cell: String
  /// `--cells_to_watch`: it knows of no tablet elsewhere.
  package let watchedCells: Set<String>
  package internal(set) var startedAt: Instant
  package internal(set) var process = Tablet.Process.running
  package internal(set) var buffer: RequestBuffer
  var watcher = KeyspaceWatcher()
  /// The tablets as this vtgate's health check last saw them.
  package internal(set) var view: [TabletAlias: TabletSighting] = [:]
  /// Rises with each change of who serves as what.
  package private(set) var servingRevision = 0
  /// The number of the last update received from each tablet.
  var wordsHeard: [TabletAlias: Int] = [:]
  private var primaries: [ShardName: [TabletAlias]] = [:]
  package internal(set) var statistics = VtgateStatistics()
  package internal(set) var clockSkew: Duration = .zero
  var calls: [RequestBuffer.RequestID: Call] = [:]
  var nextRequest = 0
  var clients: [Client] = []
  /// When the agenda will next check the buffer's deadlines.
  var timer: Instant?
  /// Its own events that fell due while it hung: it works them off when it goes on.
  var backlog: [LabCluster.Event] = []

  init(
    name: String, cell: String, watching cells: Set<String>, startedAt: Instant,
    buffer: RequestBuffer.Configuration
  ) {
    self.name = name
    self.cell = cell
    watchedCells = cells
    self.startedAt = startedAt
    self.buffer = RequestBuffer(buffer)
  }

  /// Restarts the process, which then knows nothing; its clients have lost their connections.
  mutating func restart(at now: Instant) {
    let clients = clients.map { client in
      var client = client
      if client.state != .stopped { client.state = .thinking }
      client.isConnected = false
      client.tick += 1
      return client
    }
    let (nextRequest, skew) = (nextRequest, clockSkew)
    let revision = servingRevision
    self = Vtgate(
      name: name, cell: cell, watching: watchedCells, startedAt: now, buffer: buffer.configuration)
    self.clients = clients
    self.nextRequest = nextRequest
    clockSkew = skew
    servingRevision = revision + 1
  }

  /// When its topology watcher last read the tablets' records: once a minute.
  ///
  /// `--tablet_refresh_interval`.
  package func recordsRead(at now: Instant) -> Instant {
    let age = (now - startedAt).wholeNanoseconds % 60_000_000_000
    return now - .nanoseconds(max(0, age))
  }

  func watches(_ alias: TabletAlias) -> Bool { watchedCells.contains(alias.cell) }

  mutating func note(_ sighting: TabletSighting) {
    let old = view.updateValue(sighting, forKey: sighting.alias)
    if old?.type != sighting.type || old?.isServing != sighting.isServing || sighting.hasError
      || old?.primarySince != sighting.primarySince
    {
      servingRevision += 1
    }
    if old?.type == .primary, sighting.type != .primary {
      primaries[sighting.shard]?.removeAll { $0 == sighting.alias }
    }
    guard sighting.type == .primary else { return }
    if !(primaries[sighting.shard]?.contains(sighting.alias) ?? false) {
      primaries[sighting.shard, default: []].append(sighting.alias)
      if let old, old.type != .primary {
        statistics.primaryPromoted[sighting.shard, default: 0] += 1
      }
    }
  }

  /// The serving primary it knows of, the one with the newest term.
  package func primary(of shard: ShardName) -> TabletSighting? {
    (primaries[shard] ?? []).compactMap { view[$0] }.filter(\.isServing)
      .max { ($0.primarySince ?? startedAt) < ($1.primarySince ?? startedAt) }
  }
}

/// What a vtgate counts besides its buffer.
package struct VtgateStatistics: Sendable, Equatable {
  /// Calls to the primary's tablet, by shard: `vtgate_vttablet_call`.
  package internal(set) var calls: [ShardName: LatencyHistogram] = [:]
  package internal(set) var callErrors: [ShardName: Int] = [:]
  /// Queries of clients, by keyspace: `vtgate_api`.
  package internal(set) var api: [String: LatencyHistogram] = [:]
  /// By keyspace and code.
  package internal(set) var apiErrors: [String: [String: Int]] = [:]
  package internal(set) var rowsAffected: [String: Int] = [:]
  package internal(set) var rowsReturned: [String: Int] = [:]
  package internal(set) var inserts = 0
  package internal(set) var selects = 0
  package internal(set) var connectionsAccepted = 0
  package internal(set) var connections = 0
  package internal(set) var primaryPromoted: [ShardName: Int] = [:]
  package internal(set) var healthErrors: [ShardName: [TabletType: Int]] = [:]
  /// Errors that clients received, by shard and text, and how often.
  ///
  /// Bounded: texts beyond the first hundred count as `other`.
  package internal(set) var clientErrors: [ShardName: [String: Int]] = [:]

  mutating func clientError(_ shard: ShardName, _ text: String) {
    let known = clientErrors[shard]?[text] != nil
    let key = known || clientErrors[shard]?.count ?? 0 < 100 ? text : "other"
    clientErrors[shard, default: [:]][key, default: 0] += 1
  }

  package func clientErrors(of shard: ShardName) -> Int {
    clientErrors[shard]?.values.reduce(0, +) ?? 0
  }
}
