internal import GRPCCore
internal import Lab
internal import LabProtobuf
internal import SwiftProtobuf
internal import Terms

// Cells, and what topo keeps in each of them for the servers there.
extension VtctldService {
  func getCellInfoNames(
    request: Vtctldata_GetCellInfoNamesRequest, context: ServerContext
  ) async throws -> Vtctldata_GetCellInfoNamesResponse {
    try await ask { cluster in .with { $0.names = cluster.cells } }
  }

  func getCellInfo(
    request: Vtctldata_GetCellInfoRequest, context: ServerContext
  ) async throws -> Vtctldata_GetCellInfoResponse {
    guard !request.cell.isEmpty else {
      throw RPCError(code: .unknown, message: "cell field is required")
    }
    return try await ask { cluster throws(Refusal) in
      try cluster.checkCells([request.cell])
      return .with { $0.cellInfo = .with { $0.root = "/vitess/\(request.cell)" } }
    }
  }

  /// Nobody has named any.
  func getCellsAliases(
    request: Vtctldata_GetCellsAliasesRequest, context: ServerContext
  ) async throws -> Vtctldata_GetCellsAliasesResponse { .init() }

  /// The cells that a request asks for, all if it names none; each must exist and answer.
  private static func asked(
    _ cells: [String], in cluster: LabCluster
  ) throws(Refusal) -> [String] {
    try cluster.checkCells(cells)
    let asked = cells.isEmpty ? cluster.cells : cells
    if asked.contains(where: cluster.lostCells.contains) { throw Refusal.cellGone }
    return asked
  }

  func getSrvKeyspaceNames(
    request: Vtctldata_GetSrvKeyspaceNamesRequest, context: ServerContext
  ) async throws -> Vtctldata_GetSrvKeyspaceNamesResponse {
    try await ask { cluster throws(Refusal) in
      let cells = try Self.asked(request.cells, in: cluster)
      return .with {
        for cell in cells {
          $0.names[cell] = .with { $0.names = cluster.topology.keyspaces.keys.sorted() }
        }
      }
    }
  }

  func getSrvKeyspaces(
    request: Vtctldata_GetSrvKeyspacesRequest, context: ServerContext
  ) async throws -> Vtctldata_GetSrvKeyspacesResponse {
    try await ask { cluster throws(Refusal) in
      let cells = try Self.asked(request.cells, in: cluster)
      let keyspace = cluster.topology.keyspaces[request.keyspace]
      return .with {
        for cell in cells {
          $0.srvKeyspaces[cell] = keyspace.map { .init($0, cluster.topology) } ?? .init()
        }
      }
    }
  }

  func getShardReplication(
    request: Vtctldata_GetShardReplicationRequest, context: ServerContext
  ) async throws -> Vtctldata_GetShardReplicationResponse {
    let shard = ShardName(keyspace: request.keyspace, shard: request.shard)
    return try await ask { cluster throws(Refusal) in
      let cells = try Self.asked(request.cells, in: cluster)
      guard let members = cluster.tabletsOfShard[shard] else { throw Refusal.noShard(shard) }
      return .with {
        for cell in cells {
          $0.shardReplicationByCell[cell] = .with {
            $0.nodes = members.filter { $0.cell == cell }
              .map { alias in .with { $0.tabletAlias = .init(alias) } }
          }
        }
      }
    }
  }

  func getSrvVSchema(
    request: Vtctldata_GetSrvVSchemaRequest, context: ServerContext
  ) async throws -> Vtctldata_GetSrvVSchemaResponse {
    try await ask { cluster throws(Refusal) in
      _ = try Self.asked([request.cell], in: cluster)
      return .with { $0.srvVSchema = .init(cluster) }
    }
  }
}

extension Vschema_SrvVSchema {
  fileprivate init(_ cluster: LabCluster) {
    self.init()
    for keyspace in cluster.topology.keyspaces.keys {
      keyspaces[keyspace] = .init(keyspace, cluster)
    }
    routingRules = .init(cluster.topology.routingRules)
  }
}
