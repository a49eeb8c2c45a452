internal import Lab
internal import Stats
internal import Terms

/// `/debug/gateway` and `/api/health-check/`: what a vtgate's health check knows, by target.
enum GatewayPage {
  /// The tablets of one target, in order.
  struct Group: Sendable, Equatable {
    let cell: String
    let shard: ShardName
    let type: TabletType
    let tablets: [TabletAlias]

    var target: JSONNode {
      .object([
        ("keyspace", .string(shard.keyspace)), ("shard", .string(shard.shard)),
        ("tablet_type", .int(type.rawValue)),
      ])
    }
  }

  /// The targets with their tablets, by shard, type and cell.
  static func groups(_ vtgate: Vtgate) -> [Group] {
    let byTarget = Dictionary(grouping: vtgate.view.values) { sighting in
      Target(
        cell: sighting.alias.cell, shard: sighting.shard, type: sighting.type.rawValue)
    }
    return byTarget.sorted { $0.key < $1.key }.map { target, sightings in
      Group(
        cell: target.cell, shard: target.shard, type: TabletType(rawValue: target.type),
        tablets: sightings.map(\.alias).sorted())
    }
  }

  private struct Target: Hashable, Comparable {
    let cell: String
    let shard: ShardName
    let type: Int

    static func < (left: Target, right: Target) -> Bool {
      (left.shard, left.type, left.cell) < (right.shard, right.type, right.cell)
    }
  }

  /// The document with some of the targets.
  static func document(
    _ vtgate: Vtgate, _ cluster: LabCluster, of isWanted: (Group) -> Bool
  ) -> JSONNode {
    .array(
      groups(vtgate).filter(isWanted).map { group in
        .object([
          ("Cell", .string(group.cell)), ("Target", group.target),
          (
            "TabletsStats",
            .array(
              group.tablets.compactMap { vtgate.view[$0] }
                .map { stats($0, group, vtgate.recordsRead(at: cluster.now), cluster) })
          ),
        ])
      })
  }

  static func stats(
    _ sighting: TabletSighting, _ group: Group, _ recordsRead: Instant, _ cluster: LabCluster
  ) -> JSONNode {
    let isOld = cluster.configuration.release < .v18
    let port = cluster.webPort(of: sighting.alias)
    let grpc = cluster.grpcPort(of: sighting.alias)
    let term = sighting.termStart
    var fields: [(String, JSONNode)] = []
    if isOld { fields.append(("Key", .string("127.0.0.1,grpc:\(grpc),vt:\(port)"))) }
    fields.append(("Tablet", record(sighting, recordsRead, cluster)))
    if isOld { fields.append(("Name", .string(sighting.alias.description))) }
    fields.append(("Target", group.target))
    if isOld { fields.append(("Up", .bool(true))) }
    fields += [("Serving", .bool(sighting.isServing)), ("PrimaryTermStartTime", .int(term))]
    if isOld { fields.append(("TabletExternallyReparentedTimestamp", .int(term))) }
    let lag = sighting.hasError ? 0 : cluster.tablets[sighting.alias]?.reportedLag ?? 0
    fields += [
      ("Stats", .object(lag > 0 ? [("replication_lag_seconds", .int(lag))] : [])),
      // The error's text is lost: Go writes an empty object.
      ("LastError", sighting.hasError ? .object([]) : .null),
    ]
    return .object(fields)
  }

  /// The tablet's record in topo, as of when the vtgate last read it.
  private static func record(
    _ sighting: TabletSighting, _ read: Instant, _ cluster: LabCluster
  ) -> JSONNode {
    let alias = sighting.alias
    let known = cluster.tablets[alias]?.record(at: read)
    func base64(_ bytes: [UInt8]) -> JSONNode { .string(goBase64(bytes)) }
    var range: [(String, JSONNode)] = []
    if let bounds = KeyRange(ofShard: sighting.shard.shard) {
      if !bounds.start.isEmpty { range.append(("start", base64(bounds.start))) }
      if !bounds.end.isEmpty { range.append(("end", base64(bounds.end))) }
    }
    var record: [(String, JSONNode)] = [
      ("alias", .object([("cell", .string(alias.cell)), ("uid", .int(Int(alias.uid)))])),
      ("hostname", .string("127.0.0.1")),
      (
        "port_map",
        .object([
          ("grpc", .int(cluster.grpcPort(of: alias))), ("vt", .int(cluster.webPort(of: alias))),
        ])
      ), ("keyspace", .string(sighting.shard.keyspace)), ("shard", .string(sighting.shard.shard)),
    ]
    if !range.isEmpty { record.append(("key_range", .object(range))) }
    record += [
      ("type", .int((known?.type ?? sighting.type).rawValue)),
      ("mysql_hostname", .string("127.0.0.1")),
      ("mysql_port", .int(cluster.mysqlPort(of: alias))),
    ]
    if let since = known?.since {
      record.append(
        (
          "primary_term_start_time",
          .object([
            ("seconds", .int(Int(since.nanoseconds / 1_000_000_000))),
            ("nanoseconds", .int(Int(since.nanoseconds % 1_000_000_000))),
          ])
        ))
    }
    if cluster.configuration.release <= .v16 {
      record.append(("db_server_version", .string("8.0.32")))
    }
    record.append(("default_conn_collation", .int(255)))
    return .object(record)
  }
}

/// `/debug/gateway` of one vtgate, assembled from parts that are written once.
struct GatewayText: Sendable {
  /// A target, and its lines up to its tablets.
  fileprivate struct Heading: Sendable, Equatable {
    let group: GatewayPage.Group
    let text: [UInt8]
  }

  /// The tablets' parts and what they were written from, shared by all vtgates.
  struct Parts: Sendable {
    private struct Source: Equatable {
      let sighting: TabletSighting
      let lag: Int
      let record: Tablet.Record?
    }

    private var parts: [TabletAlias: (source: Source, text: [UInt8])] = [:]
    private var newest: [Heading] = []

    /// The headings, in the memory of those that they repeat.
    fileprivate mutating func shared(_ headings: [Heading]) -> [Heading] {
      if newest != headings { newest = headings }
      return newest
    }

    mutating func text(
      _ sighting: TabletSighting, _ group: GatewayPage.Group, _ read: Instant,
      _ cluster: LabCluster
    ) -> [UInt8] {
      let tablet = cluster.tablets[sighting.alias]
      let source = Source(
        sighting: sighting, lag: tablet?.reportedLag ?? 0, record: tablet?.record(at: read))
      if let part = parts[sighting.alias], part.source == source { return part.text }
      let text = Array(
        GatewayPage.stats(sighting, group, read, cluster).text(indent: " ", depth: 3).utf8)
      parts[sighting.alias] = (source, text)
      return text
    }
  }

  private var headings: (revision: Int, all: [Heading]) = (-1, [])

  mutating func text(
    _ vtgate: Vtgate, _ cluster: LabCluster, _ parts: inout Parts
  ) -> [UInt8] {
    if headings.revision != vtgate.servingRevision {
      headings = (
        vtgate.servingRevision,
        parts.shared(
          GatewayPage.groups(vtgate).map { Heading(group: $0, text: Self.head(of: $0)) })
      )
    }
    let read = vtgate.recordsRead(at: cluster.now)
    var text = Array("[".utf8)
    for (index, heading) in headings.all.enumerated() {
      text += Array((index == 0 ? "\n" : ",\n").utf8) + heading.text
      var isFirst = true
      for alias in heading.group.tablets {
        guard let sighting = vtgate.view[alias] else { continue }
        text += Array((isFirst ? "\n   " : ",\n   ").utf8)
        text += parts.text(sighting, heading.group, read, cluster)
        isFirst = false
      }
      text += Array("\n  ]\n }".utf8)
    }
    text += Array((headings.all.isEmpty ? "]" : "\n]").utf8)
    return text
  }

  private static func head(of group: GatewayPage.Group) -> [UInt8] {
    let cell = JSONText.string(group.cell)
    let target = group.target.text(indent: " ", depth: 2)
    return Array(" {\n  \"Cell\": \(cell),\n  \"Target\": \(target),\n  \"TabletsStats\": [".utf8)
  }
}
