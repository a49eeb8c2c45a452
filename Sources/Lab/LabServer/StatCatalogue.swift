internal import Lab
internal import Stats

/// Every variable that a kind of server exports, in the order of `/metrics`.
///
/// The frame that a server's live numbers are put into.
///
/// The catalogue holds what a real server showed: names, types, label names in the server's own
/// order, help texts, and the values of what the lab does not model. Families that the lab models
/// are listed by name only.
///
/// It is read from the files of `Catalogue`, whose lines are split at `|`:
/// - `# words` is for readers only.
/// - `V|Variable|type|labels|help` begins a variable of `/debug/vars` that `/metrics` also shows,
///   under the name that ``StatFamily/metricName(of:in:)`` makes of it. A type `histogram:1,2` names
///   its bounds.
/// - `M|metric|type|labels|help` begins one that only `/metrics` has.
/// - `|label values|value` is one of its series; a histogram's value is `sum n0,n1,…`, not
///   cumulative.
/// - `J|Variable|JSON` is one that only `/debug/vars` has.
struct StatCatalogue: Sendable {
  let server: StatFamily.Server
  let release: VitessRelease
  /// Sorted by metric.
  let families: [StatFamily]
  /// Variables without a metric, with their JSON.
  let strings: [(name: String, json: String)]

  private static let cache = SharedCache<StatCatalogue>()

  /// The catalogue of a release; read once.
  static func of(_ server: StatFamily.Server, _ release: VitessRelease) -> StatCatalogue {
    cache.value(for: "\(server)\(release.rawValue)") { read(server, release) }
  }

  /// v16, v22 and a part of v23 were recorded: any other release has what the nearest of them showed.
  private static func read(_ server: StatFamily.Server, _ release: VitessRelease) -> StatCatalogue {
    let recorded =
      switch (server, release < .v18) {
      case (.vtgate, true): PackageResources.vtgate_16_txt
      case (.vtgate, false): PackageResources.vtgate_22_txt
      case (.vttablet, true): PackageResources.vttablet_16_txt
      case (.vttablet, false): PackageResources.vttablet_22_txt
      }
    var families: [StatFamily] = []
    var strings: [(String, String)] = []
    for line in String(decoding: recorded, as: UTF8.self).split(separator: "\n") {
      let fields = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
      switch fields[0] {
      case _ where line.hasPrefix("#"): break
      case "V", "M":
        let type = fields[2].split(separator: ":")
        families.append(
          StatFamily(
            variable: fields[0] == "V" ? fields[1] : nil,
            metric: fields[0] == "V"
              ? StatFamily.metricName(of: fields[1], in: server.rawValue) : fields[1],
            type: String(type[0]),
            bounds: type.count == 1 ? nil : type[1].split(separator: ",").map(String.init),
            labels: fields[3].split(separator: ",").map(String.init), help: fields[4]))
      case "J": strings.append((fields[1], fields[2]))
      default:
        let values = fields[1].split(separator: ",", omittingEmptySubsequences: false)
        families[families.count - 1].series.append(
          StatFamily.Series(
            labels: families[families.count - 1].labels.isEmpty || fields[1].isEmpty
              ? [] : values.map(String.init),
            value: .recorded(fields[2], variable: fields.count > 3 ? fields[3] : nil)))
      }
    }
    return StatCatalogue(
      server: server, release: release,
      families: families.filter { exists($0.variable ?? $0.metric, server, release) }
        .sorted { $0.metric < $1.metric },
      strings: strings.filter { exists($0.0, server, release) })
  }

  /// Whether a release has a variable; releases between the recorded ones lack some.
  private static func exists(
    _ name: String, _ server: StatFamily.Server, _ release: VitessRelease
  ) -> Bool {
    switch server {
    case .vtgate:
      if name.hasPrefix("Throttler") || name.hasPrefix("QueryExecutions") || name == "QueryRoutes"
        || name == "HealthCheckChannelFullErrors"
      {
        return release.countsQueryExecutions
      }
      if name.hasPrefix("QueriesProcessed") || name.hasPrefix("QueriesRouted") {
        return release.countsQueriesProcessed
      }
    case .vttablet:
      // Up to v14 the throttler's numbers were not exported (#10443).
      if name.hasPrefix("ThrottlerAggregated") || name.hasPrefix("ThrottlerCheck")
        || name.hasPrefix("ThrottlerProbe")
      {
        return release.exportsThrottler
      }
      if name.hasPrefix("SemiSyncMonitor") { return release >= .v22 }
      if name == "GetThrottlerStatusRequest" { return release >= .v21 }
      if name == "ThrottlerHeartbeatRequests" { return release >= .v20 }
    }
    // BuildVersion arrived in v19.
    return name != "BuildVersion" || release.tellsItsVersion
  }

  /// The families with the live ones filled in: same variable replaced, others added.
  ///
  /// One without series still appears in `/debug/vars`, as `{}`.
  func with(_ live: [StatFamily]) -> [StatFamily] {
    var byMetric: [String: StatFamily] = [:]
    for family in live { byMetric[family.metric] = family }
    var all = families.map { known in
      guard var family = byMetric.removeValue(forKey: known.metric) else { return known }
      if !known.help.isEmpty { family.help = known.help }
      return family
    }
    all += byMetric.values
    return all.sorted { $0.metric < $1.metric }
  }
}
