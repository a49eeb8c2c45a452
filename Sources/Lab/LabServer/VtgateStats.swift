internal import Buffering
internal import Lab
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
    if release >= .v22 { families += executions(statistics) }
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

  // MARK: The buffer

  /// One of the buffer's variables for a shard; with reasons, one series per reason.
  struct BufferVariable: Sendable {
    let name: String
    let type: String
    let series: @Sendable (RequestBuffer.Counters) -> [(reason: String?, value: Int)]

    static let all: [BufferVariable] = [
      one("BufferFailoverDurationSumMs", "counter") { milliseconds($0.failoverDurationSum) },
      maybe("BufferLastFailoverDurationMs") {
        $0.lastFailoverDuration.map(milliseconds)
      },
      maybe("BufferLastRequestsDryRunMax") {
        $0.lastRequestsDryRunMax
      },
      maybe("BufferLastRequestsInFlightMax") {
        $0.lastRequestsInFlightMax
      },
      one("BufferRequestsBuffered", "counter") { $0.buffered },
      one("BufferRequestsBufferedDryRun", "counter") {
        $0.bufferedDryRun
      },
      one("BufferRequestsDrained", "counter") {
        $0.drained
      },
      reasons("BufferRequestsEvicted") {
        $0.evicted.map { ($0.key.rawValue, $0.value) }
      },
      reasons("BufferRequestsSkipped") {
        $0.skipped.map { ($0.key.rawValue, $0.value) }
      },
      one("BufferStarts", "counter") { $0.starts },
      reasons("BufferStops") {
        $0.stops.map { ($0.key.rawValue, $0.value) }
      },
      one("BufferUtilizationDryRunSum", "counter") {
        $0.utilizationDryRunSum
      },
      one("BufferUtilizationSum", "gauge") {
        $0.utilizationSum
      },
    ]

    private static func milliseconds(_ duration: Duration) -> Int {
      Int(duration.wholeNanoseconds / 1_000_000)
    }

    private static func one(
      _ name: String, _ type: String,
      _ value: @escaping @Sendable (RequestBuffer.Counters) -> Int
    ) -> BufferVariable {
      BufferVariable(name: name, type: type) { [(nil, value($0))] }
    }

    /// A gauge that does not exist before the first failover.
    private static func maybe(
      _ name: String,
      _ value: @escaping @Sendable (RequestBuffer.Counters) -> Int?
    ) -> BufferVariable {
      BufferVariable(name: name, type: "gauge") { counters in
        value(counters).map { [(nil, $0)] } ?? []
      }
    }

    private static func reasons(
      _ name: String,
      _ values: @escaping @Sendable (RequestBuffer.Counters) -> [(String, Int)]
    ) -> BufferVariable {
      BufferVariable(name: name, type: "counter") { counters in
        values(counters).sorted { $0.0 < $1.0 }.map { (Optional($0.0), $0.1) }
      }
    }
  }

  static func buffer(_ buffer: RequestBuffer) -> [StatFamily] {
    let shards = buffer.knownShards.map { ($0, buffer.counters(of: $0)) }
    return BufferVariable.all.map { variable in
      var labels = ["keyspace", "shard_name"]
      var series: [(labels: [String], value: Double)] = []
      for (shard, counters) in shards {
        let values = counters.map { variable.series($0) } ?? []
        for (reason, value) in values {
          let own = [shard.keyspace, shard.shard]
          if reason != nil, labels.count == 2 { labels.append("reason") }
          series.append((own + (reason.map { [$0] } ?? []), Double(value)))
        }
      }
      return .live(
        variable.name, variable.type, .vtgate, labels: labels, series)
    }
  }
}
