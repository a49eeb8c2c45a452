package import FleetModel

/// One vttablet with its mysqld.
package struct Tablet: Sendable, Equatable {
  package let alias: TabletAlias
  package let shard: ShardName
  package internal(set) var type: TabletType
  /// A demoted primary does not serve until it follows the new one.
  package internal(set) var isServing = true
  /// When it became primary; nil on others.
  package internal(set) var primarySince: Instant?
  package internal(set) var replication = Replication()
  /// How often it changed its type, by type: `vttablet_tablet_type_count`.
  package internal(set) var typeCounts: [TabletType: Int]

  init(_ alias: TabletAlias, _ shard: ShardName, _ type: TabletType, primarySince: Instant? = nil) {
    self.alias = alias
    self.shard = shard
    self.type = type
    self.primarySince = primarySince
    typeCounts = [type: 1]
  }

  mutating func become(_ type: TabletType, since: Instant? = nil) {
    guard self.type != type else { return }
    self.type = type
    primarySince = since
    typeCounts[type, default: 0] += 1
    if type == .primary { replication.reset() }
  }
}

/// A tablet's throttler as `/throttler/status` shows it.
///
/// After a reparent nobody leads for a while: leadership is looked at every few seconds only.
package struct ThrottlerState: Sendable, Equatable {
  /// The time between a promotion and the new primary's throttler leading.
  package static let leadershipDelay: Duration = .seconds(2)

  package var isLeader: Bool
  package var isOpen: Bool
  package var selfValue: Double?
  package var shardValue: Double?
  package var threshold: Double
}
