internal import Buffering
package import Terms

/// One vttablet with its mysqld, and its record in topo.
package struct Tablet: Sendable {
  /// Which requests the tablet accepts; names as in `vttablet_tablet_server_state`.
  package enum ServerState: String, Sendable {
    case serving = "SERVING"
    /// A lame duck: open transactions go on, new requests are refused.
    case shuttingDown = "SHUTTING_DOWN"
    case notServing = "NOT_SERVING"
  }

  /// The vttablet process.
  package enum Process: Sendable { case running, dead, hung }

  /// What its record in topo has said since a given moment.
  package struct Record: Sendable, Equatable {
    package let at: Instant
    package let type: TabletType
    package let since: Instant?
  }

  package let alias: TabletAlias
  package let shard: ShardName
  /// Its records, the current one last.
  private var records: [Record] = []
  /// MySQL's `server_uuid`.
  package let serverUUID: String
  /// What its process was started with.
  package internal(set) var flags = TabletFlags()
  package internal(set) var type: TabletType
  package internal(set) var state = ServerState.serving
  package internal(set) var process = Process.running
  package internal(set) var isMySQLRunning = true
  /// When the process started: its counters begin there.
  package internal(set) var startedAt: Instant
  /// When its term as primary began; nil on others.
  package internal(set) var primarySince: Instant?
  package internal(set) var replication: Replication
  package internal(set) var throttler: Throttler
  /// How often it changed to each type: `vttablet_tablet_type_count`.
  package internal(set) var typeCounts: [TabletType: Int]
  /// How far off its host's clock is.
  package internal(set) var clockSkew: Duration = .zero
  /// Queries answered and failed since the process started.
  package internal(set) var queries = 0
  package internal(set) var queryErrors = 0
  /// Calls that reached it while it hung.
  var stuckCalls: [(vtgate: Int, request: RequestBuffer.RequestID)] = []
  /// When each open transaction will end: a demotion waits for them.
  var openTransactions: [Instant] = []
  /// Tables it denies because a MoveTables is moving them away.
  package internal(set) var deniedTables: Set<String> = []
  /// MySQL's `read_only` on a primary; on others it is always set.
  package internal(set) var isReadOnly = false
  /// It has transactions that its shard's primary does not have, so it cannot follow it.
  var hasOwnTransactions = false
  /// Numbers the updates sent to its streams, so that a late one never overtakes a newer one.
  var wordsTold = 0
  /// Heartbeats of its earlier terms as primary.
  var heartbeatsWritten = 0
  /// When its demotion began; nil unless one is going on.
  var demotedAt: Instant?
  /// The lag in whole seconds in its last health update, sent every five seconds.
  package internal(set) var reportedLag = 0
  /// True when its replication was slowed on purpose.
  var hasFixedSpeed = false

  init(
    _ alias: TabletAlias, _ shard: ShardName, _ type: TabletType, serverUUID: String,
    throttler: Throttler, primarySince: Instant? = nil, at now: Instant
  ) {
    self.alias = alias
    self.shard = shard
    self.type = type
    self.serverUUID = serverUUID
    self.primarySince = primarySince
    self.throttler = throttler
    startedAt = now
    replication = Replication(at: now)
    typeCounts = [type: 1]
    records = [Record(at: now, type: type, since: primarySince)]
  }

  /// What its record said at an instant, as far back as is remembered.
  package func record(at instant: Instant) -> Record {
    records.last { $0.at <= instant } ?? records[0]
  }

  package var isServing: Bool { state == .serving && process == .running }
  /// Whether it answers its pages and RPCs.
  package var isReachable: Bool { process == .running }

  mutating func openTransaction(until end: Instant, at now: Instant) {
    openTransactions.removeAll { $0 <= now }
    openTransactions.append(end)
  }

  mutating func become(_ type: TabletType, since: Instant? = nil, at now: Instant) {
    records.append(Record(at: now, type: type, since: since))
    if records.count > 8 { records.removeFirst() }
    if self.type != type { typeCounts[type, default: 0] += 1 }
    if type == .primary {
      isReadOnly = false
      hasOwnTransactions = false
    }
    self.type = type
    primarySince = since
  }
}

/// A tablet as a health stream reported it.
package struct TabletSighting: Sendable, Equatable {
  package let alias: TabletAlias
  package let shard: ShardName
  package let type: TabletType
  package let isServing: Bool
  package let primarySince: Instant?
  /// The stream broke; the entry stays with an error and does not serve.
  package let hasError: Bool
}
