import FleetModel
import PrometheusClient
import Terms
import TestSupport

/// A vtgate that counts by a vtgate's rules whatever the dice bring, and exposes it.
struct StoredVtgate {
  private struct Counted {
    var starts = 0
    var buffered = 0
    var drained = 0
    var lastDuration: Int?
    var stops: [String: Int] = ["NewPrimarySeen": 0, "MaxDurationExceeded": 0, "Shutdown": 0]
    var evicted: [String: Int] = ["BufferFull": 0, "ContextDone": 0, "WindowExceeded": 0]
    var skipped: [String: Int] = ["Disabled": 0, "LastFailoverTooRecent": 0]
    var isBuffering = false

    var held: Int { buffered - drained - evicted.values.reduce(0, +) }
  }

  let instance: String
  private var start = 1_795_772_000
  private var shards: [String: Counted] = [:]
  private var primaries: Set<String> = []
  private var errors: [String: Int] = [:]
  private let names: [String]

  init(_ instance: String, shards: Int) {
    self.instance = instance
    names = (0..<shards).map { "\($0)-\($0 + 1)" }
    for name in names { know(name) }
  }

  private mutating func know(_ name: String) {
    shards[name] = Counted()
    primaries.insert(name)
  }

  var key: StoredServer.Key { StoredServer.Key(instance: instance, job: "vtgate") }

  /// Something happens, or nothing.
  mutating func live(_ dice: inout Dice) {
    guard let name = names.randomElement(using: &dice) else { return }
    let held = shards[name]?.held ?? 0
    let count = Int.random(in: 1...9, using: &dice)
    switch Int.random(in: 0..<14, using: &dice) {
    case 0, 1:
      shards[name]?.isBuffering = true
      shards[name]?.starts += 1
      shards[name]?.buffered += count
      primaries.remove(name)
    case 2...4 where shards[name]?.isBuffering == true:
      shards[name]?.isBuffering = false
      shards[name]?.stops["NewPrimarySeen", default: 0] += 1
      shards[name]?.lastDuration = 100 * count
      primaries.insert(name)
    case 5, 6: shards[name]?.drained += held
    case 7: shards[name]?.skipped["LastFailoverTooRecent", default: 0] += count
    case 8: errors[name, default: 0] += count
    case 9 where shards[name]?.isBuffering == true:
      shards[name]?.evicted["BufferFull", default: 0] += held
    case 10 where Int.random(in: 0..<4, using: &dice) == 0:
      self = StoredVtgate(instance, shards: 0, after: self, names)
    case 11 where shards[name] == nil: know(name)
    default: break
    }
  }

  /// Another process at the same address, which knows some of the shards yet.
  private init(_ instance: String, shards: Int, after earlier: StoredVtgate, _ names: [String]) {
    self.instance = instance
    self.names = names
    start = earlier.start + 60
    for name in names.dropFirst() { know(name) }
  }

  /// What it exposes: names, labels and values.
  var series: [(name: String, labels: String, value: Int)] {
    var series = [
      ("vtgate_buffer_size", "", 1000), ("process_start_time_seconds", "", start),
      ("vtgate_healthcheck_checksum", "", primaries.count),
    ]
    for (name, counted) in shards.sorted(by: { $0.key < $1.key }) {
      let labels = #"keyspace="commerce",shard_name="\#(name)""#
      func add(_ family: String, _ value: Int, _ reason: String? = nil) {
        series.append(
          ("vtgate_buffer_\(family)", labels + (reason.map { #",reason="\#($0)""# } ?? ""), value))
      }
      add("starts", counted.starts)
      add("requests_buffered", counted.buffered)
      add("requests_buffered_dry_run", 0)
      add("requests_drained", counted.drained)
      add("utilization_sum", counted.buffered)
      for (reason, count) in counted.stops { add("stops", count, reason) }
      for (reason, count) in counted.evicted { add("requests_evicted", count, reason) }
      for (reason, count) in counted.skipped { add("requests_skipped", count, reason) }
      if let duration = counted.lastDuration { add("last_failover_duration_ms", duration) }
      let connections = "vtgate_healthcheck_connections"
      series.append((connections, labels + #",tablet_type="replica""#, 2))
      if primaries.contains(name) {
        series.append((connections, labels + #",tablet_type="primary""#, 1))
      }
    }
    for (name, count) in errors {
      let labels =
        #"keyspace="commerce",shard_name="\#(name)",db_type="primary",operation="Execute""#
      series.append(("vtgate_vttablet_call_error_count", labels, count))
      series.append(
        ("vtgate_api_error_counts", labels + #",code="UNAVAILABLE""#, count))
    }
    return series
  }

  /// Its page.
  var page: String { text { $0 } }

  /// As whoever has scraped it stores it.
  var stored: String {
    text { labels in
      let own = #"instance="\#(instance)",job="vtgate""#
      guard instance.hasPrefix("gate-2") else { return own + (labels.isEmpty ? "" : ",") + labels }
      // The target has a label that the vtgate uses itself.
      let renamed = labels.replacing("keyspace=", with: "exported_keyspace=")
      return own + #",keyspace="theirs""# + (renamed.isEmpty ? "" : ",") + renamed
    }
  }

  private func text(_ label: (String) -> String) -> String {
    series.map { name, labels, value in
      let labels = label(labels)
      return labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n"
    }.joined()
  }
}
