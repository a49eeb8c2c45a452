package import Terms

/// A server that is polled.
package struct Target: Sendable, Hashable, Codable, Comparable, CustomStringConvertible {
  /// What a server is to the fleet.
  package enum Role: String, Sendable, Hashable, Codable {
    /// It holds requests, and names members.
    case gate
    /// It has a role in a shard, and a lag.
    case member
  }

  /// What runs there; the fleet looks only at its role.
  package struct Kind: Sendable, Hashable, Codable {
    package let name: String
    package let role: Role

    package init(name: String, role: Role) {
      self.name = name
      self.role = role
    }

    package static let vtgate = Kind(name: "vtgate", role: .gate)
    package static let vttablet = Kind(name: "vttablet", role: .member)
    /// Tells of all of these and is none of them; only its address is told of.
    static let prometheus = Kind(name: "prometheus", role: .gate)
  }

  package let kind: Kind
  package let address: Address

  package init(_ kind: Kind, _ address: Address) {
    self.kind = kind
    self.address = address
  }

  package var description: String { "\(kind.name) \(address)" }

  package static func < (left: Target, right: Target) -> Bool {
    (left.kind.name, left.address) < (right.kind.name, right.address)
  }
}

/// What one poll of one target returned.
package struct ScrapeOutcome: Sendable, Equatable, Codable {
  /// Readings are some hundred bytes long, and an outcome goes through many hands.
  package indirect enum Result: Sendable, Equatable, Codable {
    case gate(VtgateReading)
    case member(TabletReading)
    case failed(ScrapeFailure)
  }

  package let target: Target
  /// When the answer was complete.
  package let at: Instant
  package let took: Duration
  package let result: Result

  /// The target as it is told of, by what it says that it is.
  package var server: Target {
    guard case .gate(let reading) = result, reading.proxy != nil else { return target }
    return Target(.proxy, target.address)
  }

  package init(target: Target, at: Instant, took: Duration, result: Result) {
    self.target = target
    self.at = at
    self.took = took
    self.result = result
  }
}

/// One poll of a vtgate.
package struct VtgateReading: Sendable, Equatable, Codable {
  /// Seconds since the epoch, from `process_start_time_seconds`; nil when not exported.
  package var processStart: Double?
  /// `vtgate_buffer_size`, slots shared by all shards of the vtgate.
  package var bufferSize: Int?
  package var buffers = ShardCounters()
  /// Counts for several shards together (`--stats_combine_dimensions`), by the name that stands for
  /// them: `all` in place of the keyspace, the shard or both.
  package var combined = ShardCounters()
  /// `vtgate_healthcheck_connections{tablet_type="primary"}`; a shard without a serving primary has
  /// no entry.
  package var primaryConnections: [ShardName: Int] = [:]
  /// `vtgate_vttablet_call_error_count` of the primary, all operations of a shard.
  package var callErrors: [ShardName: Int] = [:]
  /// `vtgate_api_error_counts` of primaries, by keyspace and vtrpc code; nothing names the shard.
  package var clientErrors: [String: [String: Int]] = [:]
  /// The tablets the vtgate watches; nil when they could not be read this time.
  package var tablets: GatewayTablets?
  /// Nil when the command line was not read in this poll.
  package var flags: BufferFlags?
  /// The digest of the whole command line; nil when it was not read in this poll.
  package var commandLine: UInt64?
  /// `BuildVersion` in `/debug/vars`, v19 and later.
  package var version: String?
  /// What only a proxy tells; nil at a vtgate.
  package var proxy: ProxyReading?
  /// What was wrong with an otherwise useful answer.
  package var complaint: ReadingComplaint?

  package init() {}

  /// Gives shards the names they have in topo; `dotted` as in ``GatewayTablets/dotted``.
  package mutating func respell(_ dotted: [ShardName: ShardName]) {
    buffers.rename(dotted)
    for (label, name) in dotted {
      if let count = primaryConnections.removeValue(forKey: label) {
        primaryConnections[name] = count
      }
      if let count = callErrors.removeValue(forKey: label) { callErrors[name] = count }
      if name.keyspace != label.keyspace,
        let counts = clientErrors.removeValue(forKey: label.keyspace)
      {
        clientErrors[name.keyspace] = counts
      }
    }
  }

  /// The label of values that are not told apart.
  package static let combinedLabel = "all"

  /// Whether the vtgate counts a shard together with others.
  package func combines(_ shard: ShardName) -> Bool {
    func covers(_ label: String, _ name: String) -> Bool {
      label == name || label == Self.combinedLabel
    }
    return combined.keys.contains {
      covers($0.keyspace, shard.keyspace) && covers($0.shard, shard.shard)
    }
  }
}

/// A tablet as a vtgate's health check sees it.
package struct GatewayTablet: Sendable, Equatable, Codable {
  package var alias: TabletAlias
  package var shard: ShardName
  /// The type the tablet serves as (`Target.tablet_type`); `Tablet.type` lags behind it.
  package var type: TabletType
  package var isServing: Bool
  package var hasError: Bool
  /// Seconds since the epoch; 0 on a tablet that is not a primary.
  package var primaryTermStart: Int
  /// Health-stream lag in whole seconds, not the throttler's.
  package var replicationLag: Int?
  /// The tablet's HTTP address; nil when its record was emptied by a graceful stop.
  package var address: Address?
  /// The vtgate has heard from it at least once since the vtgate or the record began.
  package var hasBeenHeard: Bool
  /// The database server that it is, behind a proxy; nil for a tablet.
  package var database: DatabaseServer?

  package init(
    alias: TabletAlias, shard: ShardName, type: TabletType, isServing: Bool, hasError: Bool = false,
    primaryTermStart: Int = 0, replicationLag: Int? = nil, address: Address? = nil,
    hasBeenHeard: Bool = true
  ) {
    self.hasBeenHeard = hasBeenHeard
    self.alias = alias
    self.shard = shard
    self.type = type
    self.isServing = isServing
    self.hasError = hasError
    self.primaryTermStart = primaryTermStart
    self.replicationLag = replicationLag
    self.address = address
  }
}
