package import FleetModel
package import FoundationEssentials
package import Terms

/// vttablet's `/throttler/status`, present from v8 to v21.
///
/// Up to v15 without IsEnabled, Query and Threshold; v20 adds IsRecentlyChecked, which v21 calls
/// RecentlyChecked; v21 names the metrics `self` and `shard` instead of `mysql/self` and
/// `mysql/shard`, and lists the throttled apps. Source:
/// go/vt/vttablet/tabletserver/throttle/throttler.go at each release.
package enum ThrottlerStatus {
  package static func decode(
    _ body: Data
  ) throws(ScrapeFailure) -> (reading: ThrottlerReading, shard: ShardName?) {
    let record: Record
    do {
      // A decoder reads texts with escapes, and has words for what is wrong.
      record =
        try body.withUnsafeBytes { try? Record($0) }
        ?? JSONDecoder().decode(Record.self, from: body)
    } catch {
      throw .notUnderstood(path: "/throttler/status", .malformed(reason: error.brief))
    }
    guard record.isOpen != nil || record.isLeader != nil else {
      throw .notUnderstood(path: "/throttler/status", .lacks("IsOpen", ofKind: "vttablet"))
    }
    var reading = ThrottlerReading(source: .status)
    reading.isLeader = record.isLeader
    reading.isOpen = record.isOpen
    // Up to v15 there is no IsEnabled; a throttler that is not enabled never opens.
    reading.isEnabled = record.isEnabled ?? (record.isOpen == true ? true : nil)
    reading.isDormant = record.isDormant
    let metrics = record.metrics ?? [:]
    reading.selfValue = (metrics["mysql/self"] ?? metrics["self"])?.reading
    reading.shardValue = (metrics["mysql/shard"] ?? metrics["shard"])?.reading
    reading.threshold = record.threshold
    reading.isRecentlyChecked = record.recentlyChecked ?? record.isRecentlyChecked
    reading.metric = record.metric
    reading.checkAs = record.checkAs
    reading.throttledApps = record.throttledApps?.map(\.app)
    var shard: ShardName?
    if let keyspace = record.keyspace, let name = record.shard, !keyspace.isEmpty {
      shard = ShardName(keyspace: keyspace, shard: name)
    }
    return (reading, shard)
  }

  private struct Record: Decodable {
    var keyspace: String?
    var shard: String?
    var isLeader: Bool?
    var isOpen: Bool?
    var isEnabled: Bool?
    var isDormant: Bool?
    var isRecentlyChecked: Bool?
    var recentlyChecked: Bool?
    var query: String?
    var customQuery: String?
    var threshold: Double?
    var metrics: [String: Metric]?
    var throttledApps: [AppThrottle]?

    enum CodingKeys: String, CodingKey {
      case keyspace = "Keyspace"
      case shard = "Shard"
      case isLeader = "IsLeader"
      case isOpen = "IsOpen"
      case isEnabled = "IsEnabled"
      case isDormant = "IsDormant"
      case isRecentlyChecked = "IsRecentlyChecked"
      case recentlyChecked = "RecentlyChecked"
      case query = "Query"
      case customQuery = "CustomQuery"
      case threshold = "Threshold"
      case metrics = "AggregatedMetrics"
      case throttledApps = "ThrottledApps"
    }

    init(_ document: UnsafeRawBufferPointer) throws(JSONScanner.Unexpected) {
      var scanner = JSONScanner(document)
      try scanner.members { (scanner, name) throws(JSONScanner.Unexpected) in
        switch name {
        case "Keyspace": keyspace = try scanner.text()
        case "Shard": shard = try scanner.text()
        case "IsLeader": isLeader = try scanner.truth()
        case "IsOpen": isOpen = try scanner.truth()
        case "IsEnabled": isEnabled = try scanner.truth()
        case "IsDormant": isDormant = try scanner.truth()
        case "IsRecentlyChecked": isRecentlyChecked = try scanner.truth()
        case "RecentlyChecked": recentlyChecked = try scanner.truth()
        case "Query": query = try scanner.text()
        case "CustomQuery": customQuery = try scanner.text()
        case "Threshold": threshold = try scanner.number()
        case "AggregatedMetrics": metrics = try Self.metrics(&scanner)
        case "ThrottledApps": throttledApps = try AppThrottle.list(&scanner)
        default: try scanner.skip()
        }
      }
      try scanner.end()
    }

    /// Those that are looked at.
    private static func metrics(
      _ scanner: inout JSONScanner
    ) throws(JSONScanner.Unexpected) -> [String: Metric] {
      var metrics: [String: Metric] = [:]
      try scanner.members { (scanner, name) throws(JSONScanner.Unexpected) in
        let key: String? =
          switch name {
          case "mysql/self": "mysql/self"
          case "self": "self"
          case "mysql/shard": "mysql/shard"
          case "shard": "shard"
          default: nil
          }
        guard let key else { return try scanner.skip() }
        metrics[key] = try Metric(&scanner)
      }
      return metrics
    }

    /// As far as the fields that releases added can tell.
    var checkAs: ThrottlerReading.CheckAs {
      if customQuery != nil { return .release }
      if isRecentlyChecked != nil { return .topo }
      return threshold == nil ? .flag(nil) : .topoOrFlag(nil)
    }

    /// v21 reports which query is the site's own, and checks the tablet's own value of it; before
    /// that, the single query was the site's unless it reads heartbeats.
    var metric: DefaultMetric {
      if let customQuery {
        return customQuery.isEmpty ? .lag : .custom(query: customQuery, scope: .itself)
      }
      guard let query, !query.isEmpty, !Self.readsHeartbeats(query) else { return .lag }
      return .custom(query: query, scope: .shard)
    }

    /// Byte by byte: `String.contains` takes longer than the rest of the answer.
    private static func readsHeartbeats(_ query: String) -> Bool {
      let bytes = query.utf8
      return bytes.indices.contains { bytes[$0...].starts(with: "heartbeat".utf8) }
    }
  }

  /// `{"Value": 0.2}`; `{}` without hosts; with `Err`, whose text is lost, Value is 0 and not data.
  private struct Metric: Decodable {
    let reading: Double?

    enum CodingKeys: String, CodingKey {
      case value = "Value"
      case error = "Err"
    }

    init(_ scanner: inout JSONScanner) throws(JSONScanner.Unexpected) {
      var (value, hasError): (Double?, Bool) = (nil, false)
      try scanner.members { (scanner, name) throws(JSONScanner.Unexpected) in
        switch name {
        case "Value": value = try scanner.number()
        case "Err":
          hasError = true
          try scanner.skip()
        default: try scanner.skip()
        }
      }
      reading = hasError ? nil : value
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      let hasError = try container.contains(.error) && !container.decodeNil(forKey: .error)
      reading = hasError ? nil : try container.decodeIfPresent(Double.self, forKey: .value)
    }
  }
}

/// vttablet's `/throttler/throttled-apps`, v14 to v21: an array, or null when empty.
package enum ThrottledApps {
  package static func decode(_ body: Data) throws(ScrapeFailure) -> [ThrottledApp] {
    do {
      return try JSONDecoder().decode([AppThrottle]?.self, from: body)?.map(\.app) ?? []
    } catch {
      throw .notUnderstood(
        path: "/throttler/throttled-apps", .malformed(reason: error.brief))
    }
  }

  /// Whether the rules say if they exempt an app, as they do from v18 on; nil when there is no
  /// rule.
  ///
  /// Each throttler has a rule of its own from the start, so a real list is never empty.
  static func tellExemption(_ body: Data) -> Bool? {
    (try? JSONDecoder().decode([Keys].self, from: body))?.first?.hasExempt
  }

  private struct Keys: Decodable {
    let hasExempt: Bool

    enum CodingKeys: String, CodingKey { case exempt = "Exempt" }

    init(from decoder: any Decoder) throws {
      hasExempt = try decoder.container(keyedBy: CodingKeys.self).contains(.exempt)
    }
  }
}

/// One rule as the throttler writes it; `Exempt` from v18 on.
private struct AppThrottle: Decodable {
  let app: ThrottledApp

  enum CodingKeys: String, CodingKey {
    case name = "AppName"
    case expireAt = "ExpireAt"
    case ratio = "Ratio"
    case exempt = "Exempt"
  }

  init(_ scanner: inout JSONScanner) throws(JSONScanner.Unexpected) {
    var (name, expiry): (String?, Instant?) = (nil, nil)
    var (ratio, isExempt) = (1.0, false)
    try scanner.members { (scanner, key) throws(JSONScanner.Unexpected) in
      switch key {
      case "AppName": name = try scanner.text()
      case "ExpireAt": expiry = Instant(rfc3339: try scanner.text())
      case "Ratio": ratio = try scanner.number()
      case "Exempt": isExempt = try scanner.truth()
      default: try scanner.skip()
      }
    }
    guard let name, let expiry else { throw JSONScanner.Unexpected() }
    app = ThrottledApp(name: name, expiresAt: expiry, ratio: ratio, isExempt: isExempt)
  }

  static func list(_ scanner: inout JSONScanner) throws(JSONScanner.Unexpected) -> [AppThrottle] {
    var list: [AppThrottle] = []
    try scanner.array { (scanner) throws(JSONScanner.Unexpected) in
      list.append(try AppThrottle(&scanner))
    }
    return list
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let text = try container.decode(String.self, forKey: .expireAt)
    guard let expiry = Instant(rfc3339: text) else {
      throw DecodingError.dataCorruptedError(
        forKey: .expireAt, in: container, debugDescription: "not a time")
    }
    app = ThrottledApp(
      name: try container.decode(String.self, forKey: .name), expiresAt: expiry,
      ratio: try container.decodeIfPresent(Double.self, forKey: .ratio) ?? 1,
      isExempt: try container.decodeIfPresent(Bool.self, forKey: .exempt) ?? false)
  }
}

extension Instant {
  /// Reads `2026-11-21T02:50:36.455394593Z`, with any number of decimals and any offset.
  package init?(rfc3339 text: String) {
    var head = text
    var fraction = 0.0
    if let dot = text.firstIndex(of: ".") {
      let tail = text[text.index(after: dot)...]
      let digits = tail.prefix { $0.isNumber }
      fraction = Double("0.\(digits)") ?? 0
      head = String(text[..<dot] + tail.dropFirst(digits.count))
    }
    guard let date = try? Date(head, strategy: .iso8601) else { return nil }
    self.init(secondsSinceEpoch: date.timeIntervalSince1970 + fraction)
  }
}
