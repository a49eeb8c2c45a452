internal import Buffering
internal import Lab
internal import Stats
internal import Terms

/// The variables of one vtgate, live.
enum VtgateStats {
  private typealias Counters = RequestBuffer.Counters

  /// Everything except the variables of the buffer and the health check.
  static func families(_ vtgate: Vtgate, _ release: VitessRelease, at now: Instant) -> [StatFamily]
  {
    traffic(vtgate.statistics, release) + process(vtgate, release, at: now)
  }

  private static func process(
    _ vtgate: Vtgate, _ release: VitessRelease, at now: Instant
  ) -> [StatFamily] {
    var start = StatFamily(
      variable: nil, metric: "process_start_time_seconds", type: "gauge", bounds: nil, labels: [],
      help: "")
    let seconds = (vtgate.startedAt + vtgate.clockSkew).secondsSinceEpoch
    start.series = [.init(labels: [], value: .number((seconds * 100).rounded() / 100))]
    let statistics = vtgate.statistics
    func gauge(_ name: String, _ type: String, _ value: Double) -> StatFamily {
      .live(name, type, .vtgate, [([], value)])
    }
    return [
      start,
      .live(
        "Uptime", "gauge", .vtgate,
        release < .v18 ? [] : [([], Double((now - vtgate.startedAt).wholeNanoseconds))]),
      gauge("BufferSize", "gauge", Double(vtgate.buffer.configuration.size)),
      gauge("MysqlServerConnAccepted", "counter", Double(statistics.connectionsAccepted)),
      gauge("MysqlServerConnCount", "gauge", Double(statistics.connections)),
      .live(
        "MysqlServerConnCountByTLSVer", "gauge", .vtgate, labels: ["tls"],
        [(["None"], Double(statistics.connections))]),
      .live(
        "MysqlServerConnCountPerUser", "gauge", .vtgate, labels: ["count"],
        statistics.connectionsAccepted == 0
          ? [] : [(["app"], Double(statistics.connections))]),
    ]
  }

  /// Which tablets serve, by target.
  static func health(_ vtgate: Vtgate) -> [StatFamily] {
    let labels = ["keyspace", "shard_name", "tablet_type"]
    var serving: [[String]: Double] = [:]
    var errors: [[String]: Double] = [:]
    for sighting in vtgate.view.values {
      let key = [sighting.shard.keyspace, sighting.shard.shard, sighting.type.description]
      if sighting.isServing { serving[key, default: 0] += 1 }
      let count = vtgate.statistics.healthErrors[sighting.shard]?[sighting.type] ?? 0
      errors[key] = Double(count)
    }
    return [
      .live(
        "HealthcheckChecksum", "gauge", .vtgate, labels: [],
        [([], Double(HealthcheckChecksum(vtgate).value))]),
      .live(
        "HealthcheckConnections", "gauge", .vtgate, labels: labels,
        serving.map { ($0.key, $0.value) }),
      .live(
        "HealthcheckErrors", "counter", .vtgate, labels: labels,
        errors.map { ($0.key, $0.value) }),
      .live(
        "HealthcheckPrimaryPromoted", "counter", .vtgate, labels: ["keyspace", "shard_name"],
        vtgate.statistics.primaryPromoted.map {
          ([$0.key.keyspace, $0.key.shard], Double($0.value))
        }),
    ]
  }

  private static func traffic(
    _ statistics: VtgateStatistics, _ release: VitessRelease
  ) -> [StatFamily] {
    let call = ["operation", "keyspace", "shard_name", "db_type"]
    let api = ["operation", "keyspace", "db_type"]
    func calls(_ shard: ShardName) -> [String] {
      ["Execute", shard.keyspace, shard.shard, "primary"]
    }
    func rows(_ name: String, _ counts: [String: Int]) -> StatFamily {
      .live(
        name, "counter", .vtgate, labels: api,
        counts.map { (["Execute", $0.key, "primary"], Double($0.value)) })
    }
    var families: [StatFamily] = [
      .timings(
        "VttabletCall", .vtgate, labels: call, statistics.calls.map { (calls($0.key), $0.value) }),
      .live(
        "VttabletCallErrorCount", "counter", .vtgate, labels: call,
        statistics.callErrors.map { (calls($0.key), Double($0.value)) }),
      .timings(
        "VtgateApi", .vtgate, labels: api,
        statistics.api.map { (["Execute", $0.key, "primary"], $0.value) }),
      .live(
        "VtgateApiErrorCounts", "counter", .vtgate, labels: api + ["code"],
        statistics.apiErrors.flatMap { keyspace, codes in
          codes.map { (["Execute", keyspace, "primary", $0.key], Double($0.value)) }
        }),
      rows("VtgateApiRowsAffected", statistics.rowsAffected),
      rows("VtgateApiRowsReturned", statistics.rowsReturned),
    ]
    let queries = statistics.inserts + statistics.selects
    guard queries > 0 else { return families }
    families.append(
      .live(
        "StreamlogSend", "counter", .vtgate, labels: ["logger_names"],
        [(["VTGate"], Double(queries))]
      ))
    let plans = [("InsertUnsharded", statistics.inserts), ("Unsharded", statistics.selects)]
    for name in ["QueriesProcessed", "QueriesRouted"] {
      families.append(
        .live(
          name, "counter", .vtgate, labels: ["plan"],
          plans.map { ([$0.0], Double($0.1)) }))
      families.append(
        .live(
          name + "ByTable", "counter", .vtgate, labels: ["plan", "keyspace", "table"],
          byTable(statistics).map {
            ([$0.isInsert ? plans[0].0 : plans[1].0, $0.keyspace, "t1"], $0.count)
          }))
    }
    if release >= .v20 {
      families.append(
        rows("VtgateQueryTextCharactersProcessed", statistics.api.mapValues { $0.count * 35 }))
    }
    if release.countsQueryExecutions { families += executions(statistics) }
    if release.countsTransactions {
      families.append(
        .live(
          "TransactionsProcessed", "counter", .vtgate, labels: ["shard", "type"],
          help: "Counts transactions processed at VTGate by shard distribution (single or cross), "
            + "transaction type (read write or read only)",
          // As recorded: as many as there are SELECTs, and no others.
          [(["Single", "ReadOnly"], Double(statistics.selects))]))
    }
    return families
  }

  private static func byTable(
    _ statistics: VtgateStatistics
  ) -> [(isInsert: Bool, keyspace: String, count: Double)] {
    statistics.rowsAffected.map { (true, $0.key, Double($0.value)) }
      + statistics.rowsReturned.map { (false, $0.key, Double($0.value)) }
  }

  /// What v22 counts instead of queries processed and routed.
  private static func executions(_ statistics: VtgateStatistics) -> [StatFamily] {
    let verbs = [("INSERT", statistics.inserts), ("SELECT", statistics.selects)]
    var families = ["QueryExecutions", "QueryRoutes"].map { name in
      StatFamily.live(
        name, "counter", .vtgate, labels: ["query", "plan", "tablet"],
        verbs.map { ([$0.0, "Passthrough", "PRIMARY"], Double($0.1)) })
    }
    families.append(
      .live(
        "QueryExecutionsByTable", "counter", .vtgate, labels: ["query", "table"],
        byTable(statistics).map {
          ([$0.isInsert ? "INSERT" : "SELECT", "\($0.keyspace)_t1"], $0.count)
        }))
    return families
  }
}
