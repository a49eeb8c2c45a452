package import Terms

/// What the topology server says about a keyspace, as vtctld reports it.
package struct TopoKeyspace: Sendable, Equatable, Codable {
  package let name: String
  /// `none`, `semi_sync`, `cross_cell` or a custom one; empty before v14.
  package var durabilityPolicy = ""
  /// The keyspace of whose backup it is a snapshot, which has no primary; nil for any other.
  package var snapshotOf: String?
  /// Nil when the keyspace has no throttler configuration (never set, or before v16).
  package var throttler: ThrottlerConfig?

  package init(name: String) { self.name = name }

  /// The throttler's configuration for all tablets of a keyspace.
  package struct ThrottlerConfig: Sendable, Equatable, Codable {
    package var isEnabled: Bool
    /// For the default metric: seconds of lag unless a custom query is set; 0 leaves each release's
    /// own.
    package var threshold: Double
    /// What the tablets ask their MySQL for; empty means lag.
    package var customQuery: String
    /// Checks look at the asked tablet's own value, v16 to v20; later releases ignore this.
    package var checkAsCheckSelf: Bool
    /// The rules stored there, by name; an expired one may stay for ever.
    package var throttledApps: [ThrottledApp]

    package init(
      isEnabled: Bool, threshold: Double, customQuery: String = "",
      checkAsCheckSelf: Bool = false, throttledApps: [ThrottledApp]
    ) {
      self.isEnabled = isEnabled
      self.threshold = threshold
      self.customQuery = customQuery
      self.checkAsCheckSelf = checkAsCheckSelf
      self.throttledApps = throttledApps
    }
  }
}

/// A shard's record in the topology server.
package struct TopoShard: Sendable, Equatable, Codable {
  /// Nil when the shard has never had one.
  package let primary: TabletAlias?
  /// From the tablet controls for primaries.
  package let deniedTables: Set<String>
  package let isPrimaryServing: Bool

  package init(
    primary: TabletAlias?, deniedTables: Set<String> = [], isPrimaryServing: Bool = true
  ) {
    self.primary = primary
    self.deniedTables = deniedTables
    self.isPrimaryServing = isPrimaryServing
  }
}

/// A tablet's record in the topology server.
package struct TopoTablet: Sendable, Equatable {
  package let alias: TabletAlias
  /// By its own name, without its keyspace's; nil where the record names none.
  package let shard: String?
  /// Unknown for a tablet that still claims to be primary but no longer is.
  package let type: TabletType
  /// Nil when the record was emptied by a graceful stop.
  package let address: Address?

  package init(
    alias: TabletAlias, shard: String? = nil, type: TabletType, address: Address?
  ) {
    self.alias = alias
    self.shard = shard
    self.type = type
    self.address = address
  }
}
