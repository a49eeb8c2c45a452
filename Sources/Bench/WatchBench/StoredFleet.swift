internal import FoundationEssentials

/// VictoriaMetrics with what the servers of a large fleet export, in which nothing happens.
///
/// It is as if it scraped them every quarter of a minute, each at a moment of its own:
///
///     vtgates, each of one keyspace ─┐
///     tablets, page by page ─────────┴─ a page when it is due ─> VictoriaMetrics
final class StoredFleet {
  /// Vtgates know the shards of one keyspace each; tablets are as many a shard.
  struct Size {
    let vtgates, keyspaces, shards, tablets: Int
  }

  static let interval: Duration = .seconds(15)
  static let place = "127.0.0.1:28428"

  let store: Child
  let series: Int
  private let pushing: Task<Void, any Error>

  /// Nil where VictoriaMetrics is not installed.
  ///
  /// `folder`: for what it stores; removed by the caller.
  init?(_ size: Size, in folder: String) async throws {
    guard let path = Peer.victoriaMetrics.path else { return nil }
    store = try Child([
      path, "-storageDataPath=\(folder)/data", "-httpListenAddr=\(Self.place)",
      "-loggerLevel=ERROR", "-search.maxUniqueTimeseries=1000000",
    ])
    let shards = (0..<size.shards).map { Self.shard($0, of: size.shards) }
    let pages =
      (0..<size.vtgates).map { Self.vtgate($0, of: "ks\(($0 % size.keyspaces).digits(2))", shards) }
      + (0..<size.keyspaces).map { Self.tablets($0, shards, each: size.tablets) }
    series = pages.reduce(0) { $0 + $1.count { $0 == UInt8(ascii: "\n") } }
    // In no order that servers have.
    let order = pages.indices.sorted { ($0 &* 7919) % 1009 < ($1 &* 7919) % 1009 }
    let turns = order.map { pages[$0] }
    pushing = Task { @concurrent in try await StoredFleet.push(turns) }
    for _ in 0..<200 where (try? Loopback(Self.place)) == nil {
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  deinit { pushing.cancel() }

  private static func push(_ pages: [[UInt8]]) async throws {
    while (try? Loopback(place)) == nil { try await Task.sleep(for: .milliseconds(50)) }
    let connection = try Loopback(place)
    let begin = ContinuousClock.now
    var round = 0
    while !Task.isCancelled {
      for (index, page) in pages.enumerated() {
        let due = begin + interval * round + interval * index / pages.count
        if due > .now { try await Task.sleep(until: due) }
        connection.send("POST", "/api/v1/import/prometheus", page.stamped(at: Date()))
        _ = try connection.answer()
      }
      // What takes longer than a round is behind, and does not catch up.
      round = max(round + 1, Int((ContinuousClock.now - begin) / interval))
    }
  }

  // MARK: Pages

  private static let reasons = [
    "requests_evicted": ["BufferFull", "ContextDone", "WindowExceeded"],
    "requests_skipped": [
      "BufferFull", "Disabled", "LastFailoverTooRecent", "LastReparentTooRecent", "Shutdown",
    ],
    "stops": ["MaxDurationExceeded", "NewPrimarySeen", "ReshardingComplete", "Shutdown"],
  ]
  private static let counts = [
    "failover_duration_sum_ms", "requests_buffered", "requests_buffered_dry_run",
    "requests_drained", "starts", "utilization_dry_run_sum", "utilization_sum",
  ]

  private static func vtgate(_ number: Int, of keyspace: String, _ shards: [String]) -> [UInt8] {
    let own = "instance=\"gate\(number):15001\",job=\"vtgate\""
    var text = """
      up{\(own)} 1
      vtgate_buffer_size{\(own)} 1000
      process_start_time_seconds{\(own)} 1795772152.31
      vtgate_healthcheck_checksum{\(own)} 1000
      vtgate_api_error_counts{code="UNAVAILABLE",db_type="primary",keyspace="\(keyspace)",\(own)} 0

      """
    for shard in shards {
      let labels = "keyspace=\"\(keyspace)\",shard_name=\"\(shard)\",\(own)"
      for name in counts { text += "vtgate_buffer_\(name){\(labels)} 0\n" }
      for (name, reasons) in reasons {
        for reason in reasons {
          text += "vtgate_buffer_\(name){reason=\"\(reason)\",\(labels)} 0\n"
        }
      }
      text += "vtgate_healthcheck_connections{tablet_type=\"primary\",\(labels)} 1\n"
      text += "vtgate_healthcheck_connections{tablet_type=\"replica\",\(labels)} 2\n"
    }
    return Array(text.utf8)
  }

  /// All of a keyspace, which are scraped at one moment.
  private static func tablets(_ keyspace: Int, _ shards: [String], each: Int) -> [UInt8] {
    var text = ""
    for (index, shard) in shards.enumerated() {
      for tablet in 0..<each {
        let number = (keyspace * shards.count + index) * 10 + tablet
        let labels =
          "instance=\"db\(number):15100\",job=\"vttablet\",keyspace=\"ks\(keyspace.digits(2))\","
          + "shard=\"\(shard)\",alias=\"zone1-\(number.digits(10))\""
        text += "up{\(labels)} 1\n"
        text += "vttablet_tablet_server_state{name=\"SERVING\",\(labels)} 1\n"
        text += "vttablet_replication_lag_sec{\(labels)} 0\n"
      }
    }
    return Array(text.utf8)
  }

  /// `-04`, `04-08`, …, `fc-`.
  private static func shard(_ index: Int, of count: Int) -> String {
    func bound(_ index: Int) -> String {
      guard (1..<count).contains(index) else { return "" }
      return String(String(256 * index / count | 256, radix: 16).suffix(2))
    }
    return "\(bound(index))-\(bound(index + 1))"
  }
}

extension [UInt8] {
  /// Its lines with a time, as all samples of a scrape have the same: otherwise they get that at which the
  /// block of the page was read in which they are.
  fileprivate func stamped(at time: Date) -> [UInt8] {
    let stamp = " \(Int(time.timeIntervalSince1970 * 1000))\n".utf8
    var page: [UInt8] = []
    page.reserveCapacity(count + count / 4)
    for byte in self { if byte == UInt8(ascii: "\n") { page += stamp } else { page.append(byte) } }
    return page
  }
}

extension Int {
  /// With zeros before it.
  fileprivate func digits(_ count: Int) -> String {
    String(repeating: "0", count: Swift.max(0, count - "\(self)".count)) + "\(self)"
  }
}
