internal import FleetModel
internal import Lab

/// What a vtgate of release 20 serves.
enum VtgatePages {
  static func metrics(_ vtgate: Vtgate, startedAt: Instant) -> String {
    var text = MetricsText()
    text.family(
      "process_start_time_seconds", "gauge",
      "Start time of the process since unix epoch in seconds.")
    text.sample("process_start_time_seconds", [], startedAt.secondsSinceEpoch)
    buffer(vtgate.buffer, &text)
    text.family(
      "vtgate_healthcheck_connections", "gauge", "the number of healthcheck connections registered")
    let serving = vtgate.view.values.filter(\.isServing)
    let groups = Dictionary(grouping: serving) { "\($0.shard)|\($0.type)" }
    for (_, group) in groups.sorted(by: { $0.key < $1.key }) {
      let first = group[0]
      text.sample(
        "vtgate_healthcheck_connections",
        labels(first.shard) + [("tablet_type", first.type.description)], group.count)
    }
    text.family(
      "vtgate_vttablet_call_error_count", "counter",
      "Error count from tablet calls in scatter conns")
    for (shard, count) in vtgate.callErrors.sorted(by: { $0.key < $1.key }) {
      text.sample(
        "vtgate_vttablet_call_error_count",
        labels(shard) + [("operation", "Execute"), ("db_type", "primary")], count)
    }
    return text.text
  }

  private static func labels(_ shard: ShardName) -> [(String, String)] {
    [("keyspace", shard.keyspace), ("shard_name", shard.shard)]
  }

  private static func buffer(_ buffer: RequestBuffer, _ text: inout MetricsText) {
    typealias Counters = RequestBuffer.Counters
    func plain(_ name: String, _ type: String, _ help: String, _ value: (Counters) -> Int?) {
      let rows = buffer.knownShards.compactMap { shard in
        buffer.counters(of: shard).flatMap(value).map { (shard, $0) }
      }
      guard !rows.isEmpty else { return }
      text.family("vtgate_buffer_\(name)", type, help)
      for (shard, value) in rows { text.sample("vtgate_buffer_\(name)", labels(shard), value) }
    }
    func byReason(_ name: String, _ help: String, _ value: (Counters) -> [(String, Int)]) {
      guard !buffer.knownShards.isEmpty else { return }
      text.family("vtgate_buffer_\(name)", "counter", help)
      for shard in buffer.knownShards {
        for (reason, count) in buffer.counters(of: shard).map(value)?.sorted(by: { $0.0 < $1.0 })
          ?? []
        {
          text.sample("vtgate_buffer_\(name)", labels(shard) + [("reason", reason)], count)
        }
      }
    }
    func milliseconds(_ duration: Duration) -> Int { Int(duration.wholeNanoseconds / 1_000_000) }
    // With buffering off there is no buffer object from v18 on, and only the size is exported.
    if buffer.configuration.isEnabled {
      plain("failover_duration_sum_ms", "counter", "Total buffering duration in milliseconds") {
        milliseconds($0.failoverDurationSum)
      }
      plain("last_failover_duration_ms", "gauge", "Buffered requests during the last failover") {
        $0.lastFailoverDuration.map(milliseconds)
      }
      plain(
        "last_requests_in_flight_max", "gauge",
        "The max value of buffered requests in flight of the last failover",
        \.lastRequestsInFlightMax)
      plain("requests_buffered", "counter", "How many requests have been buffered", \.buffered)
      plain(
        "requests_buffered_dry_run", "counter",
        "How many requests would have been buffered (dry run mode)"
      ) {
        _ in 0
      }
      plain(
        "requests_drained", "counter", "How many buffered requests have been drained", \.drained)
      byReason("requests_evicted", "How many buffered requests have been evicted") {
        $0.evicted.map { ($0.key.rawValue, $0.value) }
      }
      byReason("requests_skipped", "How many requests were skipped by the buffer") {
        $0.skipped.map { ($0.key.rawValue, $0.value) }
      }
    }
    text.family("vtgate_buffer_size", "gauge", "The maximum number of buffered requests")
    text.sample("vtgate_buffer_size", [], buffer.configuration.size)
    if buffer.configuration.isEnabled {
      plain("starts", "counter", "How many times buffering has been started", \.starts)
      byReason("stops", "How many times buffering has been stopped") {
        $0.stops.map { ($0.key.rawValue, $0.value) }
      }
      plain("utilization_sum", "gauge", "Cumulative buffer utilization", \.utilizationSum)
    }
  }

  static func gateway(_ vtgate: Vtgate, cell: String, ports: [TabletAlias: Int]) -> String {
    let groups = Dictionary(grouping: vtgate.view.values) { "\($0.shard)|\($0.type.rawValue)" }
    let texts = groups.sorted { $0.key < $1.key }.map { _, tablets in
      let target = target(tablets[0])
      let stats = tablets.sorted { $0.alias < $1.alias }
        .map { self.stats($0, port: ports[$0.alias] ?? 0) }
      return """
        {"Cell":\(JSONText.string(cell)),"Target":\(target),"TabletsStats":[\
        \(stats.joined(separator: ","))]}
        """
    }
    return "[\(texts.joined(separator: ",\n"))]"
  }

  private static func target(_ tablet: TabletSighting) -> String {
    """
    {"keyspace":\(JSONText.string(tablet.shard.keyspace)),\
    "shard":\(JSONText.string(tablet.shard.shard)),"tablet_type":\(tablet.type.rawValue)}
    """
  }

  private static func stats(_ tablet: TabletSighting, port: Int) -> String {
    let term = tablet.primarySince.map { Int($0.secondsSinceEpoch) } ?? 0
    return """
      {"Tablet":{"alias":{"cell":\(JSONText.string(tablet.alias.cell)),"uid":\(tablet.alias.uid)},\
      "hostname":"127.0.0.1","port_map":{"grpc":\(port + 1000),"vt":\(port)},\
      "keyspace":\(JSONText.string(tablet.shard.keyspace)),\
      "shard":\(JSONText.string(tablet.shard.shard)),"type":\(tablet.type.rawValue)},\
      "Target":\(target(tablet)),"Serving":\(tablet.isServing),"PrimaryTermStartTime":\(term),\
      "Stats":{},"LastError":null}
      """
  }

  static func vars(_ vtgate: Vtgate, _ buffer: RequestBuffer.Configuration) -> String {
    var arguments = ["vtgate", "--cell", "zone1", "--cells_to_watch", "zone1"]
    if buffer.isEnabled { arguments.append("--enable_buffer=1") }
    arguments.append("--buffer_size=\(buffer.size)")
    arguments.append("--buffer_window=\(goText(buffer.window))")
    arguments.append("--buffer_max_failover_duration=\(goText(buffer.maxFailoverDuration))")
    arguments.append(
      "--buffer_min_time_between_failovers=\(goText(buffer.minTimeBetweenFailovers))")
    arguments.append("--buffer_drain_concurrency=\(buffer.drainConcurrency)")
    if !buffer.keyspaceShards.isEmpty {
      arguments.append(
        "--buffer_keyspace_shards=\(buffer.keyspaceShards.sorted().joined(separator: ","))")
    }
    let list = arguments.map(JSONText.string).joined(separator: ",")
    return "{\"BuildVersion\":\"20.0.8\",\"cmdline\":[\(list)]}\n"
  }

  private static func goText(_ duration: Duration) -> String {
    "\(duration.wholeNanoseconds / 1_000_000)ms"
  }
}
