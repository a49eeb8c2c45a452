package import FleetModel
package import FoundationEssentials
package import Terms

/// vtgate's `/debug/gateway`: the tablets its health check watches.
///
/// One shape from v10 to v24 with small differences: v10 and v11 say `MasterTermStartTime`; the
/// address is in `Tablet.hostname` and `Tablet.port_map["vt"]`; `LastError` is null or an object
/// whose text is lost. `Target.tablet_type` is how the tablet serves; `Tablet.type` lags behind it.
package enum DebugGateway {
  /// The most tablets that are read, more than any fleet has: a server might list them without end.
  package static let limit = 12_000

  /// Decodes a list, which then shares what it has in common with a known one.
  ///
  /// `place`: where a tablet is reached that listens at an address.
  package static func decode(
    _ body: Data, sharing known: some Sequence<GatewayTablets> = [],
    placing place: (Address) -> Address = { $0 }
  ) throws(ScrapeFailure) -> GatewayTablets {
    let groups: Readable<Group>?
    if let scanned = body.withUnsafeBytes({ scan($0) }) {
      groups = Readable(scanned)
    } else {
      groups = try decoded(body)
    }
    return list(groups, sharing: known, placing: place)
  }

  static func decoded(_ body: Data) throws(ScrapeFailure) -> Readable<Group>? {
    do {
      return try JSONDecoder().decode(Readable<Group>?.self, from: body)
    } catch {
      throw .notUnderstood(path: "/debug/gateway", .malformed(reason: error.brief))
    }
  }

  static func list(
    _ groups: Readable<Group>?, sharing known: some Sequence<GatewayTablets> = [],
    placing place: (Address) -> Address = { $0 }
  ) -> GatewayTablets {
    var tablets: [GatewayTablet] = []
    var unread = groups?.unread ?? 0
    var reason = groups?.reason
    for group in groups?.elements ?? [] {
      unread += group.stats?.unread ?? 0
      reason = reason ?? group.stats?.reason
      for record in group.stats?.elements ?? [] {
        if var tablet = record.tablet(in: group) {
          tablet.address = tablet.address.map(place)
          tablets.append(tablet)
        } else {
          unread += 1
          reason = reason ?? "an entry names no tablet or no shard"
        }
      }
    }
    var complaint = reason.map {
      ReadingComplaint.unreadableEntries(path: "/debug/gateway", unread, reason: $0)
    }
    if tablets.count > limit {
      complaint = .tooManyTablets(tablets.count, limit: limit)
      tablets.removeSubrange(limit...)
    }
    return GatewayTablets(tablets, complaint: complaint, sharing: known)
  }

  struct Group: Decodable {
    var target: TargetRecord?
    var stats: Readable<Stats>?

    enum CodingKeys: String, CodingKey {
      case target = "Target"
      case stats = "TabletsStats"
    }
  }

  struct TargetRecord: Decodable {
    var keyspace: String?
    var shard: String?
    var tabletType: Int?

    enum CodingKeys: String, CodingKey {
      case keyspace, shard
      case tabletType = "tablet_type"
    }
  }

  struct Stats: Decodable {
    struct Tablet: Decodable {
      struct Alias: Decodable {
        var cell: String?
        var uid: UInt32?
      }

      var alias: Alias?
      var hostname: String?
      var portMap: [String: Port]?
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

    /// A number, given as a number or as text; nil for anything else: the tablet then has no
    /// address.
    struct Port: Decodable {
      let number: Int?

      init(_ number: Int) { self.number = number }

      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        number =
          (try? container.decode(Int.self))
          ?? (try? container.decode(String.self)).flatMap { Int($0) }
      }
    }

    /// Only a proxy has it.
    struct Database: Decodable {
      var name: String?
      var address: String?
      var engine: String?
      var version: String?
      var readOnly: Bool?
      var replicates: Bool?

      var told: DatabaseServer? {
        guard let name, name.utf8.count <= 512 else { return nil }
        return DatabaseServer(
          name: name, address: address.flatMap { Address($0) }, engine: engine?.cut(toBytes: 128),
          version: version?.cut(toBytes: 128), isReadOnly: readOnly,
          replicates: replicates)
      }
    }

    var tablet: Tablet?
    var target: TargetRecord?
    var serving: Bool?
    var primaryTerm: Int?
    var masterTerm: Int?
    var stats: Realtime?
    var lastError: Anything?
    var database: Database?

    enum CodingKeys: String, CodingKey {
      case tablet = "Tablet"
      case target = "Target"
      case serving = "Serving"
      case primaryTerm = "PrimaryTermStartTime"
      case masterTerm = "MasterTermStartTime"
      case stats = "Stats"
      case lastError = "LastError"
      case database = "Database"
    }

    func tablet(in group: Group) -> GatewayTablet? {
      guard let tablet, let uid = tablet.alias?.uid else { return nil }
      let target = target ?? group.target
      guard let keyspace = target?.keyspace ?? tablet.keyspace,
        let shard = target?.shard ?? tablet.shard,
        [keyspace, shard, tablet.alias?.cell ?? ""].allSatisfy({ $0.utf8.count <= 512 })
      else { return nil }
      let hasError = lastError != nil || !(stats?.healthError ?? "").isEmpty
      let isServing = serving ?? false
      let lag = stats?.replicationLag ?? stats?.secondsBehindMaster
      // Zero-valued fields are left out of the JSON, so no lag on a healthy stream means lag 0.
      let isKnown = stats != nil && !hasError && isServing
      var address: Address?
      if let host = tablet.hostname, let port = tablet.portMap?["vt"]?.number {
        address = Address(named: host, port: port)
      }
      var told = GatewayTablet(
        alias: TabletAlias(cell: tablet.alias?.cell ?? "", uid: uid),
        shard: ShardName(keyspace: keyspace, shard: shard),
        type: TabletType(rawValue: target?.tabletType ?? tablet.type ?? 0),
        isServing: isServing, hasError: hasError, primaryTermStart: primaryTerm ?? masterTerm ?? 0,
        replicationLag: lag ?? (isKnown ? 0 : nil), address: address,
        // A lost stream leaves behind what it had reported.
        hasBeenHeard: stats != nil || isServing || database != nil)
      told.database = database?.told
      return told
    }
  }
}

/// The elements of an array that can be read; a bad one is left out without taking others with it.
struct Readable<Element: Decodable>: Decodable {
  private(set) var elements: [Element] = []
  private(set) var unread = 0
  /// Why the first of them could not be read.
  private(set) var reason: String?

  init(_ elements: [Element]) { self.elements = elements }

  init(from decoder: any Decoder) throws {
    var container = try decoder.unkeyedContainer()
    while !container.isAtEnd {
      do {
        elements.append(try container.decode(Element.self))
      } catch {
        unread += 1
        reason = reason ?? error.brief
        // An element that could not be read has not been skipped yet.
        _ = try container.decode(Anything.self)
      }
    }
  }
}

/// Any value at all; in place of an error it means that there is one.
struct Anything: Decodable {
  init() {}
  init(from decoder: any Decoder) throws {}
}

extension Error {
  /// The part of a decoding error that an operator can use.
  var brief: String {
    switch self as any Error {
    case DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty:
      "\(context.place) is out of range"
    case DecodingError.dataCorrupted: "it is not JSON"
    case DecodingError.keyNotFound(let key, _): "\(key.stringValue) is missing"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      "\(context.place) has another type"
    default: "\(self)"
    }
  }
}

extension DecodingError.Context {
  /// Where in the document, such as `Tablet.alias.uid`.
  fileprivate var place: String {
    codingPath.filter { $0.intValue == nil }.map(\.stringValue).joined(separator: ".")
  }
}
