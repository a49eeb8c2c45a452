internal import GRPCCore
internal import Lab
internal import LabProtobuf
internal import SwiftProtobuf
internal import Terms

/// vtctld's gRPC service over the lab's cluster.
///
/// Errors carry the server's own words, and nearly all have the status UNKNOWN, like the real ones.
struct VtctldService: Vtctlservice_Vtctld.SimpleServiceProtocol {
  let host: LabHost

  /// Acts on the current cluster; a refusal becomes a status.
  func ask<Reply: Sendable>(
    _ body: @Sendable (inout LabCluster) throws(Refusal) -> Reply
  ) async throws -> Reply {
    do throws(Refusal) {
      return try await host.ask(body)
    } catch {
      throw RPCError(code: .unknown, message: error.description)
    }
  }

  /// Waits until the caller gives up, as a real vtctld does for a tablet that is gone.
  func hang(_ context: ServerContext) async throws -> Never {
    try await context.cancellation.cancelled
    throw RPCError(code: .deadlineExceeded, message: "context deadline exceeded")
  }

  func unimplemented(_ method: String) -> RPCError {
    RPCError(
      code: .unimplemented, message: "unknown method \(method) for service vtctlservice.Vtctld")
  }

  // MARK: Topology

  func getTablets(
    request: Vtctldata_GetTabletsRequest, context: ServerContext
  ) async throws -> Vtctldata_GetTabletsResponse {
    try await ask { cluster throws(Refusal) in
      for cell in request.cells where !cluster.cells.contains(cell) {
        throw Refusal("GetTabletsByCell(\(cell)) failed: \(Refusal.noCell(cell))")
      }
      let asked = request.cells.isEmpty ? cluster.cells : request.cells
      let read = asked.filter { !cluster.lostCells.contains($0) }
      // A cell that cannot be read is skipped in silence unless the request is strict.
      if request.strict, let lost = asked.first(where: cluster.lostCells.contains) {
        throw Refusal("GetTabletsByCell(\(lost)) failed: \(Refusal.cellGone)")
      }
      let wanted = Set(request.tabletAliases.map(\.alias))
      if request.strict, let missing = wanted.first(where: { cluster.tablets[$0] == nil }) {
        throw Refusal.noTablet(missing, cells: cluster.cells)
      }
      let shown = cluster.tablets.values.filter { tablet in
        read.contains(tablet.alias.cell)
          && (wanted.isEmpty || wanted.contains(tablet.alias))
          && (request.keyspace.isEmpty || tablet.shard.keyspace == request.keyspace)
          && (request.shard.isEmpty || tablet.shard.shard == request.shard)
      }
      let records = shown.sorted { $0.alias < $1.alias }.map {
        Topodata_Tablet($0, cluster, inList: true)
      }
      return .with {
        $0.tablets = records.filter {
          request.tabletType == .unknown || $0.type == request.tabletType
        }
      }
    }
  }

  func getTablet(
    request: Vtctldata_GetTabletRequest, context: ServerContext
  ) async throws -> Vtctldata_GetTabletResponse {
    try await ask { cluster throws(Refusal) in
      let tablet = try Self.tablet(request.tabletAlias, in: cluster)
      return .with { $0.tablet = .init(tablet, cluster) }
    }
  }

  static func tablet(
    _ alias: Topodata_TabletAlias, in cluster: LabCluster
  ) throws(Refusal) -> Tablet {
    guard let tablet = cluster.tablets[alias.alias] else {
      throw Refusal.noTablet(alias.alias, cells: cluster.cells)
    }
    guard !cluster.lostCells.contains(alias.cell) else { throw Refusal.cellGone }
    return tablet
  }

  func getKeyspaces(
    request: Vtctldata_GetKeyspacesRequest, context: ServerContext
  ) async throws -> Vtctldata_GetKeyspacesResponse {
    try await ask { cluster in
      .with {
        $0.keyspaces = cluster.topology.keyspaces.values.sorted { $0.name < $1.name }
          .map { .init($0, cluster.configuration.release) }
      }
    }
  }

  func getKeyspace(
    request: Vtctldata_GetKeyspaceRequest, context: ServerContext
  ) async throws -> Vtctldata_GetKeyspaceResponse {
    try await ask { cluster throws(Refusal) in
      guard let keyspace = cluster.topology.keyspaces[request.keyspace] else {
        throw Refusal.noKeyspace(request.keyspace)
      }
      return .with { $0.keyspace = .init(keyspace, cluster.configuration.release) }
    }
  }

  func findAllShardsInKeyspace(
    request: Vtctldata_FindAllShardsInKeyspaceRequest, context: ServerContext
  ) async throws -> Vtctldata_FindAllShardsInKeyspaceResponse {
    try await ask { cluster throws(Refusal) in
      guard let keyspace = cluster.topology.keyspaces[request.keyspace] else {
        throw Refusal("node doesn't exist: /vitess/global/keyspaces/\(request.keyspace)/shards/")
      }
      return .with {
        for shard in keyspace.shards {
          let name = ShardName(keyspace: keyspace.name, shard: shard)
          if let record = cluster.topology.shards[name] { $0.shards[shard] = .init(name, record) }
        }
      }
    }
  }

  func getShard(
    request: Vtctldata_GetShardRequest, context: ServerContext
  ) async throws -> Vtctldata_GetShardResponse {
    try await ask { cluster throws(Refusal) in
      let name = ShardName(keyspace: request.keyspace, shard: request.shardName)
      guard let record = cluster.topology.shards[name] else {
        throw Refusal(
          "node doesn't exist: /vitess/global/keyspaces/\(name.keyspace)/shards/\(name.shard)/Shard"
        )
      }
      return .with { $0.shard = .init(name, record) }
    }
  }

  func shardReplicationPositions(
    request: Vtctldata_ShardReplicationPositionsRequest, context: ServerContext
  ) async throws -> Vtctldata_ShardReplicationPositionsResponse {
    try await ask { cluster throws(Refusal) in
      let name = ShardName(keyspace: request.keyspace, shard: request.shard)
      guard cluster.topology.shards[name] != nil else { throw Refusal.noShard(name) }
      return .with {
        for alias in cluster.tabletsOfShard[name] ?? [] {
          guard let tablet = cluster.tablets[alias] else { continue }
          // A tablet that does not answer has an empty status.
          let answers =
            tablet.isReachable && tablet.isMySQLRunning
            && !cluster.isSplit(.vtctld, .tablet(alias))
          $0.replicationStatuses["\(alias)"] = answers ? .init(tablet, cluster) : .init()
          $0.tabletMap["\(alias)"] = .init(tablet, cluster)
        }
      }
    }
  }

  // MARK: Reparents

  func plannedReparentShard(
    request: Vtctldata_PlannedReparentShardRequest, context: ServerContext
  ) async throws -> Vtctldata_PlannedReparentShardResponse {
    var wanted = Reparent.Request(
      .planned, ShardName(keyspace: request.keyspace, shard: request.shard))
    if request.hasNewPrimary { wanted.newPrimary = request.newPrimary.alias }
    if request.hasAvoidPrimary { wanted.avoidPrimary = request.avoidPrimary.alias }
    if request.hasExpectedPrimary { wanted.expectedPrimary = request.expectedPrimary.alias }
    if request.hasWaitReplicasTimeout {
      wanted.waitReplicasTimeout = request.waitReplicasTimeout.duration
    }
    if request.hasTolerableReplicationLag {
      wanted.tolerableLag = request.tolerableReplicationLag.duration
    }
    wanted.allowsCrossCell = request.allowCrossCellPromotion
    let outcome = try await reparent(wanted)
    return .with {
      $0.keyspace = request.keyspace
      $0.shard = request.shard
      if let promoted = outcome.to { $0.promotedPrimary = .init(promoted) }
      $0.events = outcome.log.map { .init($0) }
    }
  }

  func emergencyReparentShard(
    request: Vtctldata_EmergencyReparentShardRequest, context: ServerContext
  ) async throws -> Vtctldata_EmergencyReparentShardResponse {
    var wanted = Reparent.Request(
      .emergency, ShardName(keyspace: request.keyspace, shard: request.shard))
    if request.hasNewPrimary { wanted.newPrimary = request.newPrimary.alias }
    if request.hasExpectedPrimary { wanted.expectedPrimary = request.expectedPrimary.alias }
    if request.hasWaitReplicasTimeout {
      wanted.waitReplicasTimeout = request.waitReplicasTimeout.duration
    }
    wanted.ignoreReplicas = Set(request.ignoreReplicas.map(\.alias))
    wanted.preventsCrossCell = request.preventCrossCellPromotion
    let outcome = try await reparent(wanted)
    return .with {
      $0.keyspace = request.keyspace
      $0.shard = request.shard
      if let promoted = outcome.to { $0.promotedPrimary = .init(promoted) }
      $0.events = outcome.log.map { .init($0) }
    }
  }

  private func reparent(_ request: Reparent.Request) async throws -> Reparent {
    let outcome = await host.reparent(request)
    if let refusal = outcome.failure {
      // A vtctld that goes down takes its connections with it.
      let code: RPCError.Code = refusal == .vtctldGone ? .unavailable : .unknown
      throw RPCError(code: code, message: refusal.description)
    }
    return outcome
  }

  // MARK: The throttler

  func updateThrottlerConfig(
    request: Vtctldata_UpdateThrottlerConfigRequest, context: ServerContext
  ) async throws -> Vtctldata_UpdateThrottlerConfigResponse {
    guard await host.release.canHaveThrottlerConfigInTopo else {
      throw unimplemented("UpdateThrottlerConfig")
    }
    var update = LabCluster.ThrottlerUpdate()
    update.enable = request.enable
    update.disable = request.disable
    update.threshold = request.threshold
    if request.customQuerySet { update.customQuery = request.customQuery }
    update.checkAsCheckSelf = request.checkAsCheckSelf
    update.checkAsCheckShard = request.checkAsCheckShard
    update.metric = request.metricName
    if !request.appName.isEmpty {
      update.appMetrics = (request.appName, request.appCheckedMetrics)
    }
    let (wanted, rule) = (update, request.hasThrottledApp ? request.throttledApp : nil)
    return try await ask { cluster throws(Refusal) in
      var update = wanted
      let release = cluster.configuration.release
      if let rule, release.hasThrottledAppRules {
        // Without an expiry: an hour up to v21, none at all from v22 on.
        let standard = release.deletesExpiredRules ? cluster.now : cluster.now + .seconds(3600)
        update.app = (
          rule.name,
          ThrottlerRule(
            expiresAt: rule.hasExpiresAt ? rule.expiresAt.instant ?? cluster.now : standard,
            ratio: rule.ratio, isExempt: rule.exempt)
        )
      }
      try cluster.updateThrottlerConfig(request.keyspace, update)
      return .init()
    }
  }

  func getThrottlerStatus(
    request: Vtctldata_GetThrottlerStatusRequest, context: ServerContext
  ) async throws -> Vtctldata_GetThrottlerStatusResponse {
    guard await host.release.hasThrottlerCalls else { throw unimplemented("GetThrottlerStatus") }
    try await reach(request.tabletAlias, context)
    return try await ask { cluster throws(Refusal) in
      let tablet = try Self.tablet(request.tabletAlias, in: cluster)
      cluster.countStatusRequest(on: tablet.alias)
      return .with { $0.status = .init(tablet, cluster) }
    }
  }

  func checkThrottler(
    request: Vtctldata_CheckThrottlerRequest, context: ServerContext
  ) async throws -> Vtctldata_CheckThrottlerResponse {
    guard await host.release.hasThrottlerCalls else { throw unimplemented("CheckThrottler") }
    try await reach(request.tabletAlias, context)
    return try await ask { cluster throws(Refusal) in
      let tablet = try Self.tablet(request.tabletAlias, in: cluster)
      var check = Throttler.Check(
        app: request.appName, scope: ThrottlerScope(rawValue: request.scope))
      check.skipsHeartbeats = request.skipRequestHeartbeats
      check.isOKIfUnknown = request.okIfNotExists
      check.namesDefault = true
      let answer = cluster.check(check, on: tablet.alias) ?? ThrottlerAnswer()
      return .with {
        $0.tabletAlias = request.tabletAlias
        $0.check = .init(answer, cluster.configuration.release)
      }
    }
  }
}

/// Rejects calls without the right name and password, as `--grpc_auth_mode static` does.
///
/// Source: go/vt/servenv/grpc_server_auth_static.go: metadata `username` and `password`.
struct StaticAuthentication: ServerInterceptor {
  let username: String
  let password: String

  func intercept<Input: Sendable, Output: Sendable>(
    request: StreamingServerRequest<Input>, context: ServerContext,
    next:
      @concurrent @Sendable (StreamingServerRequest<Input>, ServerContext) async throws ->
      StreamingServerResponse<Output>
  ) async throws -> StreamingServerResponse<Output> {
    func metadata(_ key: String) -> String? {
      Array(request.metadata[stringValues: key]).first
    }
    guard let username = metadata("username"), let password = metadata("password") else {
      throw RPCError(
        code: .unauthenticated, message: "username and password must be provided")
    }
    guard username == self.username, password == self.password else {
      throw RPCError(
        code: .permissionDenied,
        message: "auth failure: caller \"\(username)\" provided "
          + "invalid credentials")
    }
    return try await next(request, context)
  }
}
