internal import Discovery
internal import FleetModel
internal import Scrape
internal import Terms

/// The servers that sources name beside Prometheus, and which of them it does not scrape.
struct NamedBesides {
  private var servers: [Target: NamedServer] = [:]
  /// Since when; those of the first lists were always there.
  private var since: [Target: Instant] = [:]
  private var changes = 0

  /// How long Prometheus may take to find a server itself, at least.
  private static let patience: Duration = .seconds(60)

  /// Takes the lists as they are now; nil where they have not changed, else who is on none any more.
  mutating func take(_ named: NamedServers, at now: Instant) -> Set<Target>? {
    guard named.changes != changes else { return nil }
    let isFirst = changes == 0
    changes = named.changes
    let before = servers
    servers = named.all
    since = since.filter { servers[$0.key] != nil }
    if !isFirst { for target in servers.keys where before[target] == nil { since[target] = now } }
    return Set(before.keys).subtracting(servers.keys)
  }

  func contains(_ target: Target) -> Bool { servers[target] != nil }

  /// `known`: whether Prometheus has told of a server.
  func places(known: (Target) -> Bool) -> NamedPlaces { NamedPlaces(servers, known: known) }

  /// Those to ask directly where these shards are watched closely: every gate may hold their requests.
  func concerned(by shards: Set<ShardName>, unlessTold isTold: (Target) -> Bool) -> Set<Target> {
    let concerned = servers.filter { target, server in
      !isTold(target)
        && (target.kind.role == .gate || server.shardName.map { shards.contains($0) } == true)
    }
    return Set(concerned.keys)
  }

  /// Those of a role of which nobody tells, though Prometheus has had time to find them.
  ///
  /// `interval`: between two scrapes.
  func unscraped(
    _ role: Target.Role, every interval: Duration, at now: Instant,
    unlessKnown isKnown: (Target) -> Bool
  ) -> Relay.Unscraped? {
    let patience = max(Self.patience, interval * 3)
    let missing = servers.keys.filter { target in
      target.kind.role == role && !isKnown(target)
        && since[target].map { now - $0 >= patience } ?? true
    }
    return missing.min().map { Relay.Unscraped(missing.count, first: $0) }
  }
}
