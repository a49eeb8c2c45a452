package import Buffering
package import Terms

extension LabCluster {
  /// What the cluster is made of, and how its servers are started.
  package struct Configuration: Sendable {
    package var release = VitessRelease.v20
    package var seed: UInt64 = 1
    /// The cells; a shard's tablets are spread over them in turn, its first primary in the first,
    /// and so are the vtgates.
    package var cells = ["zone1"]
    /// `--cells_to_watch` of all vtgates; nil: all cells.
    package var cellsToWatch: [String]?
    package var keyspaces: [(name: String, shards: [String])] = [
      ("commerce", ["-80", "80-"]), ("customer", ["0"]),
    ]
    package var replicas = 2
    package var vtgates = 2
    package var buffer = RequestBuffer.Configuration()
    /// What each vtgate's clients do.
    package var traffic: [Traffic] = []
    /// How much longer than it needs a promotion takes: writes stop for that much longer.
    package var promotion: Duration = .zero
    /// The throttler's threshold, in seconds of lag; nil: the release's own.
    package var threshold: Double?
    package var isThrottlerEnabled = true
    /// `--throttler-config-via-topo`, for the releases that offer a choice: v16 and v17.
    ///
    /// Nil: the release's default.
    package var isThrottlerConfigInTopo: Bool?
    /// `--heartbeat_enable`: they are written all the time, whether or not anyone asks.
    package var areHeartbeatsEnabled = false
    /// `--heartbeat_on_demand_duration`; nil: the release's own.
    package var heartbeatsOnDemand: Duration?
    /// Replicas whose lag wanders up to some seconds, as under load, instead of staying at zero.
    package var hasBusyReplicas = true
    /// Apps that ask the throttlers of a keyspace's primaries, as a migration does, and how often.
    package var asking: [(keyspace: String, app: String, interval: Duration)] = []
    /// Rules that exist from the start.
    package var throttledApps: [(keyspace: String, app: String, rule: ThrottlerRule)] = []

    package init() {}

    /// How long heartbeats go on after a check; nil: they are written all the time.
    ///
    /// Up to v20 the lab writes them all the time even without a flag; a real cluster would write
    /// none and not know its lag.
    package var heartbeatLease: Duration? {
      heartbeatsOnDemand ?? (areHeartbeatsEnabled ? nil : release.heartbeatLease)
    }

    /// Whether throttlers do what the records of their keyspaces say.
    package var throttlersFollowTopo: Bool {
      release.canHaveThrottlerConfigInTopo
        && (!release.hasThrottlerFlags
          || isThrottlerConfigInTopo ?? release.prefersThrottlerConfigInTopo)
    }

    /// The shards in the order of their keyspaces.
    package var shards: [ShardName] {
      keyspaces.flatMap { keyspace in
        keyspace.shards.map { ShardName(keyspace: keyspace.name, shard: $0) }
      }
    }

    /// The shards that serve from the beginning.
    package var servingShards: [ShardName] {
      keyspaces.flatMap { keyspace in
        ShardLayout(keyspace.shards).serving.map { ShardName(keyspace: keyspace.name, shard: $0) }
      }
    }

    /// The tablets of each shard, numbered as in Vitess's own examples: 100, 101, then 200, 201.
    ///
    /// More than forty shards are numbered from 1100 on, clear of the ports of other servers.
    package var tablets: [ShardName: [TabletAlias]] {
      let shards = shards
      var members: [ShardName: [TabletAlias]] = [:]
      for (index, shard) in shards.enumerated() {
        let first = shards.count <= 40 ? 100 * (index + 1) : 1100 + (replicas + 1) * index
        members[shard] = (0...replicas).map {
          TabletAlias(cell: cells[$0 % cells.count], uid: UInt32(first + $0))
        }
      }
      return members
    }
  }
}
