internal import GRPCCore
internal import Lab
internal import LabProtobuf
internal import SwiftProtobuf
internal import Terms

// What topo has besides tablets, keyspaces and shards, and the calls that check or change it.
extension VtctldService {
  func rebuildKeyspaceGraph(
    request: Vtctldata_RebuildKeyspaceGraphRequest, context: ServerContext
  ) async throws -> Vtctldata_RebuildKeyspaceGraphResponse {
    try await ask { cluster throws(Refusal) in
      try cluster.checkCells(request.cells)
      guard cluster.topology.keyspaces[request.keyspace] != nil else {
        throw Refusal.noKeyspace(request.keyspace)
      }
      return .init()
    }
  }

  func getVSchema(
    request: Vtctldata_GetVSchemaRequest, context: ServerContext
  ) async throws -> Vtctldata_GetVSchemaResponse {
    try await ask { cluster throws(Refusal) in
      guard cluster.topology.keyspaces[request.keyspace] != nil else {
        throw Refusal(
          "node doesn't exist: /vitess/global/keyspaces/\(request.keyspace)/VSchema")
      }
      return .with { $0.vSchema = .init(request.keyspace, cluster) }
    }
  }

  // MARK: Changing records

  func setKeyspaceDurabilityPolicy(
    request: Vtctldata_SetKeyspaceDurabilityPolicyRequest, context: ServerContext
  ) async throws -> Vtctldata_SetKeyspaceDurabilityPolicyResponse {
    try await ask { cluster throws(Refusal) in
      try cluster.setDurabilityPolicy(request.durabilityPolicy, of: request.keyspace)
      return .with {
        if let record = cluster.topology.keyspaces[request.keyspace] {
          $0.keyspace = Vtctldata_Keyspace(record, cluster.configuration.release).keyspace
        }
      }
    }
  }

  func setShardIsPrimaryServing(
    request: Vtctldata_SetShardIsPrimaryServingRequest, context: ServerContext
  ) async throws -> Vtctldata_SetShardIsPrimaryServingResponse {
    let shard = ShardName(keyspace: request.keyspace, shard: request.shard)
    return try await ask { cluster throws(Refusal) in
      try cluster.setPrimaryServing(shard, request.isServing)
      return .with {
        if let record = cluster.topology.shards[shard] {
          $0.shard = Vtctldata_Shard(shard, record).shard
        }
      }
    }
  }

  // MARK: Validating

  func validate(
    request: Vtctldata_ValidateRequest, context: ServerContext
  ) async throws -> Vtctldata_ValidateResponse {
    try await ask { cluster in
      .with {
        for keyspace in cluster.topology.keyspaces.keys {
          $0.resultsByKeyspace[keyspace] = Self.problems(
            of: keyspace, pings: request.pingTablets, in: cluster)
        }
      }
    }
  }

  func validateKeyspace(
    request: Vtctldata_ValidateKeyspaceRequest, context: ServerContext
  ) async throws -> Vtctldata_ValidateKeyspaceResponse {
    try await ask { cluster in
      Self.problems(of: request.keyspace, pings: request.pingTablets, in: cluster)
    }
  }

  func validateShard(
    request: Vtctldata_ValidateShardRequest, context: ServerContext
  ) async throws -> Vtctldata_ValidateShardResponse {
    let shard = ShardName(keyspace: request.keyspace, shard: request.shard)
    return try await ask { cluster in
      .with { $0.results = cluster.problems(of: shard, pings: request.pingTablets) }
    }
  }

  private static func problems(
    of keyspace: String, pings: Bool, in cluster: LabCluster
  ) -> Vtctldata_ValidateKeyspaceResponse {
    guard let record = cluster.topology.keyspaces[keyspace] else {
      return .with {
        $0.results = [
          "TopologyServer.GetShardNames(\(keyspace)) failed: \(Refusal.noKeyspace(keyspace))"
        ]
      }
    }
    return .with {
      for shard in record.shards {
        let name = ShardName(keyspace: keyspace, shard: shard)
        $0.resultsByShard[shard] = .with {
          $0.results = cluster.problems(of: name, pings: pings)
        }
      }
    }
  }

  // MARK: Paths

  func getTopologyPath(
    request: Vtctldata_GetTopologyPathRequest, context: ServerContext
  ) async throws -> Vtctldata_GetTopologyPathResponse {
    guard await host.release.hasFullStatus else { throw unimplemented("GetTopologyPath") }
    return try await ask { cluster throws(Refusal) in
      guard let node = TopologyNode(request.path, in: cluster) else {
        throw Refusal(
          request.path.hasPrefix("/")
            ? "cell \(request.path.split(separator: "/").first ?? "") with path \(request.path) has "
              + "no file contents and no children: <nil>"
            : "invalid path: \(request.path)")
      }
      return .with {
        $0.cell = .with {
          if request.path != "/" {
            $0.name = request.path.split(separator: "/").last.map(String.init) ?? ""
          }
          $0.path = request.path
          switch node {
          case .folder(let children): $0.children = children
          case .file(let text): $0.data = text
          }
        }
      }
    }
  }
}

/// What stands at a path of topo.
private enum TopologyNode {
  case folder([String])
  case file(String)

  init?(_ path: String, in cluster: LabCluster) {
    guard path.hasPrefix("/") else { return nil }
    let keyspaces = cluster.topology.keyspaces
    switch path.split(separator: "/").map(String.init) {
    case []: self = .folder(["global"] + cluster.cells)
    case ["global"]: self = .folder(["cells", "keyspaces"])
    case ["global", "cells"]: self = .folder(cluster.cells)
    case let parts
    where parts.count == 3 && parts[..<2] == ["global", "cells"] && cluster.cells.contains(parts[2]):
      self = .folder(["CellInfo"])
    case ["global", "keyspaces"]: self = .folder(keyspaces.keys.sorted())
    case let parts where parts.prefix(2) == ["global", "keyspaces"]:
      guard let record = keyspaces[parts[2]] else { return nil }
      self.init(Array(parts.dropFirst(3)), of: record, in: cluster)
    case let parts where cluster.cells.contains(parts[0]) && !cluster.lostCells.contains(parts[0]):
      self.init(Array(parts.dropFirst()), inCell: parts[0], of: cluster)
    default: return nil
    }
  }

  private init?(_ rest: [String], inCell cell: String, of cluster: LabCluster) {
    switch rest {
    case []: self = .folder(["keyspaces", "tablets"])
    case ["keyspaces"]: self = .folder(cluster.topology.keyspaces.keys.sorted())
    case ["tablets"]: self = .folder(cluster.tablets(in: cell).map(\.description))
    case let rest where rest[0] == "tablets":
      guard let alias = TabletAlias(rest[1]), alias.cell == cell,
        let tablet = cluster.tablets[alias]
      else { return nil }
      switch Array(rest.dropFirst(2)) {
      case []: self = .folder(["Tablet"])
      case ["Tablet"]: self = .file(Topodata_Tablet(tablet, cluster).textFormatString())
      default: return nil
      }
    default: return nil
    }
  }

  private init?(_ rest: [String], of record: Topology.Keyspace, in cluster: LabCluster) {
    switch rest {
    case []: self = .folder(["Keyspace", "shards"])
    case ["Keyspace"]:
      let message = Vtctldata_Keyspace(record, cluster.configuration.release)
      self = .file(message.keyspace.textFormatString())
    case ["shards"]: self = .folder(record.shards)
    case let rest where rest.first == "shards" && record.shards.contains(rest[1]):
      let name = ShardName(keyspace: record.name, shard: rest[1])
      guard let shard = cluster.topology.shards[name] else { return nil }
      switch Array(rest.dropFirst(2)) {
      case []: self = .folder(["Shard"])
      case ["Shard"]: self = .file(Vtctldata_Shard(name, shard).shard.textFormatString())
      default: return nil
      }
    default: return nil
    }
  }
}

extension Vschema_Keyspace {
  /// The tables that clients use; without vindexes, which nothing here looks at.
  init(_ keyspace: String, _ cluster: LabCluster) {
    self.init()
    let shards = cluster.topology.keyspaces[keyspace]?.shards ?? []
    sharded = shards.contains { KeyRange(ofShard: $0) != nil }
    for table in cluster.tables(of: keyspace) { tables[table] = .init() }
  }
}
