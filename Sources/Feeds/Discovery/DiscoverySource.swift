package import FleetModel
package import Terms

/// Something that names servers to watch, and is asked again and again.
///
///     DiscoverySource ─ look, pause, look … ─> ServerList ─> Scraper: who comes, who goes
///
/// Each is a file, a name in DNS, a command or vtctld. A list is whole: who is not on it is not named
/// any more. When looking fails, the last list stays.
package protocol DiscoverySource: Sendable {
  var source: ServerSource { get }
  /// The time between two looks.
  var pause: Duration { get }

  /// Looks once; nil: the list is the one of the look before.
  @concurrent mutating func look() async throws(DiscoveryFault) -> ServerList?
}

/// The servers that a source names at some moment.
package struct ServerList: Sendable, Equatable {
  package var servers: [NamedServer] = []
  /// What is left out and why, as sentences with the place.
  package var remarks: [String] = []
  /// The records of all shards, from who has them.
  package var shards: [ShardName: TopoShard]?
  /// What is wrong with a part of the source, whose own last list stays.
  package internal(set) var fault: DiscoveryFault?
  /// Whether each part of the source could be read at some time.
  package internal(set) var isWhole = true

  /// More servers than any fleet has: a source that names more is not followed beyond that.
  package static let limit = 12_000
  /// And more shards.
  package static let shardLimit = 10_000

  package init(_ servers: [NamedServer] = [], remarks: [String] = []) {
    self.servers = servers
    self.remarks = remarks
  }

  /// The same, told of by a part of a source.
  func named(by source: ServerSource) -> ServerList {
    var list = self
    for index in list.servers.indices { list.servers[index].source = source }
    return list
  }
}

/// A server as a source names it.
package struct NamedServer: Sendable, Hashable {
  package private(set) var target: Target
  package var cell: String?
  package var keyspace: String?
  package var shard: String?
  package var alias: TabletAlias?
  /// The part of the source that names it, such as one file of a pattern; nil where it has none.
  package internal(set) var source: ServerSource?

  /// The shard, where both of its names are known.
  package var shardName: ShardName? {
    keyspace.flatMap { keyspace in shard.map { ShardName(keyspace: keyspace, shard: $0) } }
  }

  package init(
    _ kind: Target.Kind, _ address: Address, cell: String? = nil, keyspace: String? = nil,
    shard: String? = nil
  ) {
    target = Target(kind, address)
    self.cell = cell
    self.keyspace = keyspace
    self.shard = shard
  }

  /// The same where it is reached; `place`: where a server is that listens at an address.
  package func placed(by place: (Address) -> Address) -> NamedServer {
    var server = self
    server.target = Target(target.kind, place(target.address))
    return server
  }
}

/// Why a source's list could not be read.
package struct DiscoveryFault: Error, Sendable, Equatable, CustomStringConvertible {
  /// A path with line and column if they are known, or a name; nil where the reason names it.
  package let place: String?
  package let reason: String

  package init(_ place: String?, _ reason: String) {
    self.place = place
    self.reason = reason
  }

  /// Those of a source's parts as one; nil for none.
  init?(_ faults: [DiscoveryFault]) {
    guard let first = faults.first else { return nil }
    let rest = faults.dropFirst()
    let more =
      rest.prefix(Self.mostParts - 1).map(\.description)
      + (rest.count >= Self.mostParts ? ["and \(rest.count - Self.mostParts + 1) more"] : [])
    self.init(first.place, ([first.reason] + more).joined(separator: "; "))
  }

  private static let mostParts = 3

  package var description: String {
    (place.map { "\($0): " } ?? "") + reason
  }
}
