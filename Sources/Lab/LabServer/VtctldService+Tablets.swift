internal import GRPCCore
internal import Lab
internal import LabProtobuf
internal import SwiftProtobuf
internal import Terms

// Calls that vtctld passes on to one tablet: they hang while it does not answer.
extension VtctldService {
  func pingTablet(
    request: Vtctldata_PingTabletRequest, context: ServerContext
  ) async throws -> Vtctldata_PingTabletResponse {
    try await reach(request.tabletAlias, context)
    return .init()
  }

  func getVersion(
    request: Vtctldata_GetVersionRequest, context: ServerContext
  ) async throws -> Vtctldata_GetVersionResponse {
    try await reach(request.tabletAlias, context)
    return try await ask { cluster in
      .with { $0.version = "\(cluster.configuration.release)" }
    }
  }

  func getFullStatus(
    request: Vtctldata_GetFullStatusRequest, context: ServerContext
  ) async throws -> Vtctldata_GetFullStatusResponse {
    guard await host.release.hasFullStatus else { throw unimplemented("GetFullStatus") }
    try await reach(request.tabletAlias, context)
    return try await ask { cluster throws(Refusal) in
      let tablet = try Self.tablet(request.tabletAlias, in: cluster)
      return .with { $0.status = .init(tablet, cluster) }
    }
  }

  func runHealthCheck(
    request: Vtctldata_RunHealthCheckRequest, context: ServerContext
  ) async throws -> Vtctldata_RunHealthCheckResponse {
    let alias = request.tabletAlias
    try await tell(alias, context) { cluster, alias throws(Refusal) in
      try cluster.runHealthCheck(on: alias)
    }
    return .init()
  }

  func refreshState(
    request: Vtctldata_RefreshStateRequest, context: ServerContext
  ) async throws -> Vtctldata_RefreshStateResponse {
    try await tell(request.tabletAlias, context) { cluster, alias throws(Refusal) in
      try cluster.refreshState(of: alias)
    }
    return .init()
  }

  func refreshStateByShard(
    request: Vtctldata_RefreshStateByShardRequest, context: ServerContext
  ) async throws -> Vtctldata_RefreshStateByShardResponse {
    let shard = ShardName(keyspace: request.keyspace, shard: request.shard)
    return try await ask { cluster throws(Refusal) in
      guard cluster.topology.shards[shard] != nil else { throw Refusal.noShard(shard) }
      var unreached: [String] = []
      for alias in cluster.tabletsOfShard[shard] ?? []
      where request.cells.isEmpty || request.cells.contains(alias.cell) {
        if cluster.tablets[alias]?.isReachable == true, !cluster.isSplit(.vtctld, .tablet(alias)) {
          try cluster.refreshState(of: alias)
        } else {
          unreached.append("failed to refresh tablet \(alias): context deadline exceeded")
        }
      }
      return .with {
        $0.isPartialRefresh = !unreached.isEmpty
        $0.partialRefreshDetails = unreached.joined(separator: "\n")
      }
    }
  }

  func setWritable(
    request: Vtctldata_SetWritableRequest, context: ServerContext
  ) async throws -> Vtctldata_SetWritableResponse {
    try require(request.hasTabletAlias, "SetWritable.TabletAlias")
    let isWritable = request.writable
    try await tell(request.tabletAlias, context) { cluster, alias throws(Refusal) in
      try cluster.setWritable(alias, isWritable)
    }
    return .init()
  }

  func startReplication(
    request: Vtctldata_StartReplicationRequest, context: ServerContext
  ) async throws -> Vtctldata_StartReplicationResponse {
    try require(request.hasTabletAlias, "StartReplication.TabletAlias")
    try await tell(request.tabletAlias, context) { cluster, alias throws(Refusal) in
      try cluster.startReplication(on: alias)
    }
    return .init()
  }

  func stopReplication(
    request: Vtctldata_StopReplicationRequest, context: ServerContext
  ) async throws -> Vtctldata_StopReplicationResponse {
    try require(request.hasTabletAlias, "StopReplication.TabletAlias")
    try await tell(request.tabletAlias, context) { cluster, alias throws(Refusal) in
      try cluster.stopReplication(on: alias)
    }
    return .init()
  }

  func changeTabletType(
    request: Vtctldata_ChangeTabletTypeRequest, context: ServerContext
  ) async throws -> Vtctldata_ChangeTabletTypeResponse {
    let type = TabletType(rawValue: request.dbType.rawValue)
    if !request.dryRun { try await reach(request.tabletAlias, context) }
    return try await ask { cluster throws(Refusal) in
      let tablet = try Self.tablet(request.tabletAlias, in: cluster)
      let before = Topodata_Tablet(tablet, cluster)
      try cluster.changeType(of: tablet.alias, to: type, isDryRun: request.dryRun)
      return .with {
        $0.beforeTablet = before
        $0.afterTablet = before
        $0.afterTablet.type = request.dbType
        $0.wasDryRun = request.dryRun
      }
    }
  }

  func tabletExternallyReparented(
    request: Vtctldata_TabletExternallyReparentedRequest, context: ServerContext
  ) async throws -> Vtctldata_TabletExternallyReparentedResponse {
    guard request.hasTablet else {
      throw RPCError(
        code: .unknown,
        message: "TabletExternallyReparentedRequest.Tablet must not be nil")
    }
    try await reach(request.tablet, context)
    return try await ask { cluster throws(Refusal) in
      let tablet = try Self.tablet(request.tablet, in: cluster)
      let old = cluster.topology.shards[tablet.shard]?.primary
      try cluster.externalReparent(tablet.shard, to: tablet.alias)
      return .with {
        $0.keyspace = tablet.shard.keyspace
        $0.shard = tablet.shard.shard
        $0.newPrimary = request.tablet
        if let old { $0.oldPrimary = .init(old) }
      }
    }
  }

  private func require(_ isGiven: Bool, _ field: String) throws {
    if !isGiven { throw RPCError(code: .unknown, message: "\(field) is required") }
  }

  private func tell(
    _ alias: Topodata_TabletAlias, _ context: ServerContext,
    _ body: @Sendable @escaping (inout LabCluster, TabletAlias) throws(Refusal) -> Void
  ) async throws {
    try await reach(alias, context)
    let alias = alias.alias
    try await ask { cluster throws(Refusal) in try body(&cluster, alias) }
  }

  /// Hangs when the tablet does not answer.
  func reach(_ alias: Topodata_TabletAlias, _ context: ServerContext) async throws {
    let isReachable = try await ask { cluster throws(Refusal) in
      let tablet = try Self.tablet(alias, in: cluster)
      return tablet.isReachable && !cluster.isSplit(.vtctld, .tablet(tablet.alias))
    }
    if !isReachable { try await hang(context) }
  }
}

extension Replicationdata_FullStatus {
  fileprivate init(_ tablet: Tablet, _ cluster: LabCluster) {
    self.init()
    let isPrimary = tablet.type == .primary
    serverID = tablet.alias.uid
    serverUuid = tablet.serverUUID
    if isPrimary {
      primaryStatus = .with {
        $0.position = cluster.position(of: tablet.alias)
        $0.serverUuid = tablet.serverUUID
      }
    } else {
      replicationStatus = .init(tablet, cluster)
    }
    version = "8.0.32"
    readOnly = !isPrimary || tablet.isReadOnly
    superReadOnly = !isPrimary
    gtidMode = "ON"
    binlogFormat = "ROW"
    binlogRowImage = "FULL"
    logBinEnabled = true
    logReplicaUpdates = true
    tabletType = .init(rawValue: tablet.type.rawValue) ?? .unknown
  }
}
