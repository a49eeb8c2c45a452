package import Actions
package import FleetModel
internal import GRPCCore
internal import GRPCNIOTransportHTTP2Posix
internal import GRPCProtobuf
internal import SwiftProtobuf
package import Terms
internal import VtctldProtobuf

/// A connection to one vtctld that has answered.
package struct VtctldConnection: Sendable {
  static let service = "vtctlservice.Vtctld"
  /// How long a read may take; reads that ask a tablet hang while the tablet is down.
  static let readDeadline = Duration.seconds(5)

  package let server: Address
  /// As of the moment of connecting.
  package let keyspaces: [TopoKeyspace]
  let call: VtctldCall
  /// Where a tablet is reached whose record names an address.
  private let place: @Sendable (Address) -> Address

  init(
    _ client: GRPCClient<HTTP2ClientTransport.Posix>, _ server: Address, _ metadata: Metadata,
    hiding secrets: Secrets, overTLS isSecure: Bool, as certificate: String?,
    placing place: @escaping @Sendable (Address) -> Address
  ) async throws(CallFailure) {
    self.server = server
    self.place = place
    call = VtctldCall(
      client: client, server: server, metadata: metadata, secrets: secrets, isSecure: isSecure,
      certificate: certificate)
    let answer: WireGetKeyspacesResponse = try await call.read(
      "GetKeyspaces", WireGetKeyspacesRequest(), within: Self.readDeadline)
    keyspaces = answer.keyspaces.map(TopoKeyspace.init)
  }

  // MARK: Reads

  package func shard(_ name: ShardName) async throws(CallFailure) -> TopoShard {
    let answer: WireGetShardResponse = try await call.read(
      "GetShard",
      WireGetShardRequest.with { request in
        request.keyspace = name.keyspace
        request.shardName = name.shard
      }, within: Self.readDeadline)
    return TopoShard(answer.shard.shard)
  }

  /// The shards of a keyspace, by their own names.
  package func shards(of keyspace: String) async throws(CallFailure) -> [String: TopoShard] {
    let answer: WireFindAllShardsInKeyspaceResponse = try await call.read(
      "FindAllShardsInKeyspace",
      WireFindAllShardsInKeyspaceRequest.with { request in request.keyspace = keyspace },
      within: Self.readDeadline)
    return answer.shards.mapValues { TopoShard($0.shard) }
  }

  /// The tablets of a keyspace; an unknown one has none.
  package func tablets(of keyspace: String) async throws(CallFailure) -> [TopoTablet] {
    let answer: WireGetTabletsResponse = try await call.read(
      "GetTablets",
      WireGetTabletsRequest.with { request in request.keyspace = keyspace },
      within: Self.readDeadline)
    return answer.tablets.map { TopoTablet($0, placing: place) }
  }

  /// The release that a tablet runs; v14 and later.
  package func release(of tablet: TabletAlias) async throws(CallFailure) -> Release {
    let answer: WireGetVersionResponse = try await call.read(
      "GetVersion",
      WireGetVersionRequest.with { request in request.tabletAlias = .init(tablet) },
      within: Self.readDeadline)
    return Release(answer.version) ?? .unknown
  }

  /// What a tablet's throttler reports; v21 and later.
  ///
  /// Passive: it wakes no throttler.
  package func throttlerStatus(
    of tablet: TabletAlias
  ) async throws(CallFailure) -> ThrottlerStatus {
    let answer: WireGetThrottlerStatusResponse = try await call.read(
      "GetThrottlerStatus",
      WireGetThrottlerStatusRequest.with { request in
        request.tabletAlias = .init(tablet)
      }, within: Self.readDeadline)
    let status = answer.status
    return ThrottlerStatus(
      isEnabled: status.isEnabled, threshold: status.defaultThreshold,
      customQuery: status.customMetricQuery,
      throttled: status.throttledApps.map { ThrottledApp($0.value, name: $0.key) },
      recent: status.recentApps.keys.sorted())
  }

  /// Whether this vtctld compares a reparent's expected primary while it holds the shard's lock;
  /// nil when it does not say.
  ///
  /// v21 introduced this together with GetThrottlerStatus, and a server says on its own which calls
  /// it knows: the call asks about a tablet that does not exist, so that no tablet is waited for.
  package func checksExpectedPrimary(in cell: String) async -> Bool? {
    do throws(CallFailure) {
      _ = try await throttlerStatus(of: TabletAlias(cell: cell, uid: .max))
      return true
    } catch {
      switch error.kind {
      case .unimplemented: return false
      case .refused: return true
      case .unreachable, .lost: return nil
      }
    }
  }

  package struct ThrottlerStatus: Sendable, Equatable {
    package let isEnabled: Bool
    /// For the default metric.
    package let threshold: Double
    /// Empty when lag is the default metric.
    package let customQuery: String
    package let throttled: [ThrottledApp]
    /// Apps that asked within the last hour.
    package let recent: [String]
  }

  // MARK: What changes the cluster

  /// Changes the throttler's configuration of a keyspace; sent once.
  package func update(_ change: ThrottlerChange) async throws(CallFailure) {
    let _: WireUpdateThrottlerConfigResponse = try await call.act(
      ThrottlerChange.method, change.request, within: .seconds(60))
  }

  /// Reparents a shard; sent once.
  ///
  /// The deadline is far beyond what the server allows itself: a call that is cut off midway may
  /// leave the shard in need of another reparent.
  package func reparent(_ order: ReparentOrder) async throws(CallFailure) -> ReparentAnswer {
    let answer: WireReparentShardResponse = try await call.act(
      order.method, order.request, within: order.waitReplicasTimeout * 2 + .seconds(120))
    return ReparentAnswer(
      promoted: answer.hasPromotedPrimary ? TabletAlias(answer.promotedPrimary) : nil,
      events: answer.events.map(\.value))
  }
}

extension ReparentOrder {
  fileprivate var method: String {
    kind == .planned ? "PlannedReparentShard" : "EmergencyReparentShard"
  }

  /// The full name of vtctld's call.
  package var call: String { "\(VtctldConnection.service)/\(method)" }

  /// The request as JSON, in Vitess' own field names.
  package var json: String { (try? request.jsonString(options: .exact)) ?? "{}" }

  fileprivate var request: WireReparentShardRequest {
    .with {
      $0.keyspace = shard.keyspace
      $0.shard = shard.shard
      if let newPrimary { $0.newPrimary = .init(newPrimary) }
      $0.expectedPrimary = .init(expectedPrimary)
      $0.waitReplicasTimeout = .init(waitReplicasTimeout)
    }
  }
}

package struct ReparentAnswer: Sendable, Equatable {
  package let promoted: TabletAlias?
  /// The server's log lines about what it did.
  package let events: [String]
}

/// What ``VtctldConnection/update(_:)`` changes.
package struct ThrottlerChange: Sendable, Equatable {
  package enum Change: Sendable, Equatable {
    case enable
    case disable
    /// For the default metric, above 0: the server ignores 0 and below.
    case threshold(Double)
    /// What the default metric asks MySQL for, empty for lag, and its threshold.
    ///
    /// `checks`: as for ``checks(_:)``; nil leaves it as it is.
    case query(String, threshold: Double, checks: DefaultMetric.Scope?)
    /// Whose value checks look at, v16 to v20: v21 and later ignore it.
    case checks(DefaultMetric.Scope)
    /// A rule for an app; one that has already expired releases it. v18 and later.
    ///
    /// No expiry means an hour up to v21 and a release from v22 on, so one is always sent.
    case rule(ThrottledApp)
  }

  package var keyspace: String
  package var change: Change

  package init(keyspace: String, _ change: Change) {
    self.keyspace = keyspace
    self.change = change
  }

  fileprivate static let method = "UpdateThrottlerConfig"
  /// The full name of vtctld's call.
  package static let call = "\(VtctldConnection.service)/\(method)"

  package var json: String { (try? request.jsonString(options: .exact)) ?? "{}" }

  fileprivate var request: WireUpdateThrottlerConfigRequest {
    .with {
      $0.keyspace = keyspace
      switch change {
      case .enable: $0.enable = true
      case .disable: $0.disable = true
      case .threshold(let value): $0.threshold = value
      case .query(let query, let threshold, let checks):
        $0.customQuery = query
        $0.customQuerySet = true
        $0.threshold = threshold
        $0.check(as: checks)
      case .checks(let scope): $0.check(as: scope)
      case .rule(let app):
        $0.throttledApp = .with {
          $0.name = app.name
          $0.ratio = app.ratio
          $0.expiresAt = .init(app.expiresAt)
          $0.exempt = app.isExempt
        }
      }
    }
  }
}

extension WireUpdateThrottlerConfigRequest {
  fileprivate mutating func check(as scope: DefaultMetric.Scope?) {
    checkAsCheckSelf = scope == .itself
    checkAsCheckShard = scope == .shard
  }
}

// MARK: Between the wire and the domain

extension JSONEncodingOptions {
  fileprivate static var exact: Self {
    var options = Self()
    options.preserveProtoFieldNames = true
    options.useDeterministicOrdering = true
    return options
  }
}

extension TabletAlias {
  fileprivate init(_ alias: WireTabletAlias) { self.init(cell: alias.cell, uid: alias.uid) }
}

extension WireTabletAlias {
  fileprivate init(_ alias: TabletAlias) {
    self.init()
    cell = alias.cell
    uid = alias.uid
  }
}

extension WireTime {
  fileprivate init(_ instant: Instant) {
    self.init()
    let second: Int64 = 1_000_000_000
    seconds = instant.nanoseconds / second
    nanoseconds = Int32(instant.nanoseconds % second)
  }

  fileprivate var instant: Instant {
    Instant(secondsSinceEpoch: Double(seconds) + Double(nanoseconds) / 1e9)
  }
}

extension WireDuration {
  fileprivate init(_ duration: Swift.Duration) {
    self.init()
    let second: Int64 = 1_000_000_000
    seconds = duration.wholeNanoseconds / second
    nanos = Int32(duration.wholeNanoseconds % second)
  }
}

extension ThrottledApp {
  fileprivate init(_ rule: WireThrottledAppRule, name: String) {
    self.init(
      name: rule.name.isEmpty ? name : rule.name, expiresAt: rule.expiresAt.instant,
      ratio: rule.ratio, isExempt: rule.exempt)
  }
}

extension TopoKeyspace {
  /// `topodata.KeyspaceType.SNAPSHOT`.
  private static let snapshotType: Int32 = 1

  fileprivate init(_ named: WireGetKeyspacesResponse.Named) {
    self.init(name: named.name)
    durabilityPolicy = named.keyspace.durabilityPolicy
    if named.keyspace.keyspaceType == Self.snapshotType {
      snapshotOf = named.keyspace.baseKeyspace
    }
    guard named.keyspace.hasThrottlerConfig else { return }
    let config = named.keyspace.throttlerConfig
    throttler = ThrottlerConfig(
      isEnabled: config.enabled, threshold: config.threshold, customQuery: config.customQuery,
      checkAsCheckSelf: config.checkAsCheckSelf,
      throttledApps: config.throttledApps.map { ThrottledApp($0.value, name: $0.key) }
        .sorted { $0.name < $1.name })
  }
}

extension TopoShard {
  fileprivate init(_ shard: WireShard) {
    let controls = shard.tabletControls.filter {
      $0.tabletType == TabletType.primary.rawValue
    }
    self.init(
      primary: shard.hasPrimaryAlias ? TabletAlias(shard.primaryAlias) : nil,
      deniedTables: Set(controls.flatMap(\.deniedTables)),
      isPrimaryServing: shard.isPrimaryServing)
  }
}

extension TopoTablet {
  fileprivate init(_ tablet: WireTablet, placing place: (Address) -> Address) {
    let port = Int(tablet.portMap["vt"] ?? 0)
    self.init(
      alias: TabletAlias(tablet.alias), shard: tablet.shard.isEmpty ? nil : tablet.shard,
      type: TabletType(rawValue: Int(tablet.type)),
      // There is none in a record emptied by a graceful stop, nor when the host is not a valid one.
      address: Address(named: tablet.hostname, port: port).map(place))
  }
}
