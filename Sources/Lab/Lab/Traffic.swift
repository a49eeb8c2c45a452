internal import Buffering
package import Terms

/// How an application uses its connections: the profiles of Vitess's buffering guide, and one more.
///
/// Each connection queries, thinks, and queries again: alternately an INSERT and the SELECT of its
/// row.
package struct TrafficProfile: Sendable, Equatable {
  package var name: String
  /// Connections that one thread each keeps.
  package var persistent = 2
  /// Connections borrowed from a pool.
  package var pooled = 2
  /// Threads that open a new connection for each query.
  package var oneOff = 2
  package var think: Duration = .milliseconds(20)
  /// How often a thread tries again after an error before it ends; nil: forever.
  package var retries: Int? = 0
  /// The pause before it tries again.
  package var retryTime: Duration = .milliseconds(50)
  /// The client hangs up if an answer takes longer.
  ///
  /// vtgate does not notice: the request goes on.
  package var readTimeout: Duration?
  /// The deadline that a gRPC client sends along: when it expires, vtgate abandons the request.
  package var deadline: Duration?
  /// The share of writes that are transactions, and how long each stays open.
  package var transactions = 0.0
  package var transactionTime: Duration = .milliseconds(50)

  package var connections: Int { persistent + pooled + oneOff }

  package init(name: String) { self.name = name }

  /// An application that takes errors in its stride: what the lab runs unless told otherwise.
  package static let steady: TrafficProfile = {
    var profile = TrafficProfile(name: "steady")
    profile.retries = nil
    return profile
  }()

  /// Two connections of each kind that end at their first error.
  package static let light = TrafficProfile(name: "light")

  /// The same with ten retries, five seconds apart.
  package static let lightErrorHandling: TrafficProfile = {
    var profile = TrafficProfile(name: "light-error-handling")
    profile.retries = 10
    profile.retryTime = .seconds(5)
    return profile
  }()

  /// Light, with impatient clients that do handle errors, and soon.
  package static let shortTimeout: TrafficProfile = {
    var profile = TrafficProfile(name: "short-timeout")
    profile.retries = 10
    profile.retryTime = .milliseconds(500)
    profile.readTimeout = .seconds(2)
    return profile
  }()

  /// Fifteen connections that hardly think, with ten retries, five seconds apart.
  package static let heavy: TrafficProfile = {
    var profile = TrafficProfile(name: "heavy")
    (profile.persistent, profile.pooled, profile.oneOff) = (5, 5, 5)
    profile.think = .milliseconds(2)
    profile.retries = 10
    profile.retryTime = .seconds(5)
    return profile
  }()

  /// Sixty connections that think for long.
  package static let numerousLight: TrafficProfile = {
    var profile = TrafficProfile(name: "numerous-light")
    (profile.persistent, profile.pooled, profile.oneOff) = (20, 20, 20)
    profile.think = .milliseconds(200)
    profile.retries = 10
    profile.retryTime = .milliseconds(500)
    return profile
  }()

  package static let all = [
    steady, light, lightErrorHandling, shortTimeout, heavy, numerousLight,
  ]

  package static func named(_ name: String) -> TrafficProfile? { all.first { $0.name == name } }
}

/// Connections of one profile to one shard, or to a table wherever it lives.
package struct Traffic: Sendable, Equatable {
  package var profile: TrafficProfile
  package var shard: ShardName
  package var table = "t1"
  /// When the first connections open, counted from the cluster's start.
  package var from: Duration = .zero
  /// The vtgate that they connect to; nil: the same traffic on every one.
  package var vtgate: Int?

  package init(_ profile: TrafficProfile, to shard: ShardName) {
    self.profile = profile
    self.shard = shard
  }
}

/// An error as a vtgate returns it to its client.
struct QueryError: Sendable, Equatable {
  /// As the `code` label of `vtgate_api_error_counts` spells it.
  let code: String
  let text: String
  var errno = 1105
  /// Signals a failover to the buffer.
  var isFailover = false
  /// The tablet is not tried again in the same call.
  var isRetryable = false
  /// The table is moving to another keyspace.
  var isMovedTable = false

  static func clusterEvent(_ text: String) -> QueryError {
    QueryError(code: "CLUSTER_EVENT", text: text, isFailover: true, isRetryable: true)
  }
}

/// One client thread with its connection.
struct Client: Sendable {
  enum State: Sendable, Equatable {
    case thinking
    case busy(RequestBuffer.RequestID)
    case stopped
  }

  let traffic: Int
  let shardIndex: Int
  let isOneOff: Bool
  var state = State.thinking
  var isConnected = false
  var writesNext = true
  var retriesLeft: Int?
  /// The error that ended it; nil while it goes on.
  var lastWords: String?
  /// Numbers its events, so that an outdated one can be recognised.
  var tick = 0
}

/// A request on its way through a vtgate: the tablet gateway's retry loop.
struct Call: Sendable {
  /// The connection that waits for the answer; nil when it has hung up.
  var client: Int?
  /// Of the session that it came in.
  let keyspace: String
  let table: String
  let isWrite: Bool
  /// How long its transaction stays open; nil for a single statement.
  let hold: Duration?
  var shard: ShardName
  let startedAt: Instant
  var routing: Int
  var attempt = 0
  var wasBuffered = false
  var error: QueryError?
  var invalid: TabletAlias?
  var tablet: TabletAlias?
  /// How often it was planned again because its table moved.
  var replans = 0
}
