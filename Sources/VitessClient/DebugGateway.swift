package import FleetModel
package import FoundationEssentials

/// vtgate's `/debug/gateway`: the tablets its health check watches.
///
/// One shape from v10 to v24 with small differences: v10 and v11 say `MasterTermStartTime`; the
/// address is in `Tablet.hostname` and `Tablet.port_map["vt"]`; `LastError` is null or an object
/// whose text is lost. `Target.tablet_type` is how the tablet serves; `Tablet.type` lags behind it.
package enum DebugGateway {
  package static func decode(_ body: Data) throws(ScrapeFailure) -> [GatewayTablet] {
    do {
      let groups = try JSONDecoder().decode([Group]?.self, from: body) ?? []
      return groups.flatMap { group in
        (group.stats ?? []).compactMap { $0.tablet(in: group) }
      }
    } catch {
      throw ScrapeFailure(.notUnderstood, "/debug/gateway is not understood: \(error.brief)")
    }
  }

  private struct Group: Decodable {
    var target: TargetRecord?
    var stats: [Stats]?

    enum CodingKeys: String, CodingKey {
      case target = "Target"
      case stats = "TabletsStats"
    }
  }

  private struct TargetRecord: Decodable {
    var keyspace: String?
    var shard: String?
    var tabletType: Int?

    enum CodingKeys: String, CodingKey {
      case keyspace, shard
      case tabletType = "tablet_type"
    }
  }

  private struct Stats: Decodable {
    struct Tablet: Decodable {
      struct Alias: Decodable {
        var cell: String?
        var uid: UInt32?
      }

      var alias: Alias?
      var hostname: String?
      var portMap: [String: Int]?
      var keyspace: String?
      var shard: String?
      var type: Int?

      enum CodingKeys: String, CodingKey {
        case alias, hostname, keyspace, shard, type
        case portMap = "port_map"
      }
    }

    struct Realtime: Decodable {
      var replicationLag: Int?
      var secondsBehindMaster: Int?
      var healthError: String?

      enum CodingKeys: String, CodingKey {
        case replicationLag = "replication_lag_seconds"
        case secondsBehindMaster = "seconds_behind_master"
        case healthError = "health_error"
      }
    }

    /// Present in any shape means that there is an error.
    struct Anything: Decodable {
      init(from decoder: any Decoder) throws {}
    }

    var tablet: Tablet?
    var target: TargetRecord?
    var serving: Bool?
    var primaryTerm: Int?
    var masterTerm: Int?
    var stats: Realtime?
    var lastError: Anything?

    enum CodingKeys: String, CodingKey {
      case tablet = "Tablet"
      case target = "Target"
      case serving = "Serving"
      case primaryTerm = "PrimaryTermStartTime"
      case masterTerm = "MasterTermStartTime"
      case stats = "Stats"
      case lastError = "LastError"
    }

    func tablet(in group: Group) -> GatewayTablet? {
      guard let tablet, let uid = tablet.alias?.uid else { return nil }
      let target = target ?? group.target
      guard let keyspace = target?.keyspace ?? tablet.keyspace,
        let shard = target?.shard ?? tablet.shard
      else { return nil }
      let hasError = lastError != nil || !(stats?.healthError ?? "").isEmpty
      let isServing = serving ?? false
      let lag = stats?.replicationLag ?? stats?.secondsBehindMaster
      // Zero-valued fields are left out of the JSON: no lag beside a healthy stream is lag 0.
      let isKnown = stats != nil && !hasError && isServing
      var address: Address?
      if let host = tablet.hostname, let port = tablet.portMap?["vt"], !host.isEmpty, port > 0 {
        address = Address("\(host.contains(":") ? "[\(host)]" : host):\(port)")
      }
      return GatewayTablet(
        alias: TabletAlias(cell: tablet.alias?.cell ?? "", uid: uid),
        shard: ShardName(keyspace: keyspace, shard: shard),
        type: TabletType(rawValue: target?.tabletType ?? tablet.type ?? 0),
        isServing: isServing, hasError: hasError, primaryTermStart: primaryTerm ?? masterTerm ?? 0,
        replicationLag: lag ?? (isKnown ? 0 : nil), address: address,
        // A stream that was lost leaves what it had told.
        hasBeenHeard: stats != nil || isServing)
    }
  }
}

extension Error {
  /// The part of a decoding error that an operator can use.
  var brief: String {
    switch self as any Error {
    case DecodingError.dataCorrupted: "it is not JSON"
    case DecodingError.keyNotFound(let key, _): "\(key.stringValue) is missing"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      "\(context.codingPath.map(\.stringValue).joined(separator: ".")) has another type"
    default: "\(self)"
    }
  }
}
