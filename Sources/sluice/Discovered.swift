internal import Discovery
internal import FleetModel
internal import Lines
internal import Terms
internal import VitessClient
internal import Wording

/// A server that somebody names, as `sluice discover` prints it.
struct DiscoveredServer: Encodable {
  let version = JSONLine.version
  let type = "server"
  let at: String
  let server: String
  let serverKind: String
  /// Where a rule of `--map` leads elsewhere.
  var listedAs: String?
  var cell: String?
  var keyspace: String?
  var shard: String?
  var tablet: String?
  let namedBy: String

  /// One that the operator names.
  init(_ target: Target, at now: Instant) {
    self.init(target, namedBy: "the operator", at: now)
  }

  init(_ named: NamedServer, by source: ServerSource, over access: HTTPAccess, at now: Instant) {
    let listed = named.target
    let reached = Target(listed.kind, access.place(listed.address))
    self.init(reached, namedBy: Wording().words(source), at: now)
    if reached != listed { listedAs = listed.address.description }
    (cell, keyspace, shard) = (named.cell, named.keyspace, named.shard)
    tablet = named.alias?.description
  }

  private init(_ target: Target, namedBy: String, at now: Instant) {
    at = now.rfc3339
    (server, serverKind) = (target.address.description, target.kind.name)
    self.namedBy = namedBy
  }

  var words: String {
    let facts = [
      ("listed as", listedAs), ("cell", cell), ("keyspace", keyspace), ("shard", shard),
      ("named by", namedBy),
    ]
    return
      (["\(serverKind) \(server)"]
      + facts.compactMap { label, value in value.map { "\(label) \($0)" } })
      .joined(separator: "  ")
  }
}

/// A shard that topo has, and of which nobody names a server.
struct DiscoveredShard: Encodable {
  let version = JSONLine.version
  let type = "topo-shard"
  let at: String
  let shard: String
  /// Absent where the shard has never had one.
  let primary: String?
  /// Whether topo means it to serve.
  let primaryServing: Bool
  let namedBy: String

  init(_ name: ShardName, _ record: TopoShard, by source: ServerSource, at now: Instant) {
    at = now.rfc3339
    shard = name.description
    primary = record.primary?.description
    primaryServing = record.isPrimaryServing
    namedBy = Wording().words(source)
  }

  var words: String {
    let primary = primary.map { "primary \(TabletAlias.shortened(in: $0))" }
    var words = ["shard \(shard)", primary ?? "never had a primary"]
    if !primaryServing { words.append("not meant to serve") }
    return (words + ["no server of it is named", "named by \(namedBy)"]).joined(separator: "  ")
  }
}
