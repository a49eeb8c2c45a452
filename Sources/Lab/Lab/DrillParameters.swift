internal import Buffering
internal import Terms

/// The parameters of a command, taken one by one.
struct DrillParameters {
  private let command: String
  private var left: [String: String]

  init(_ command: String, _ parameters: [String: String]) {
    self.command = command
    left = parameters
  }

  func allUsed() throws(Refusal) {
    guard let stranger = left.keys.min() else { return }
    throw Refusal("\(command) has no parameter \"\(stranger)\"")
  }

  func wrong(_ name: String, _ value: String, _ wanted: String) -> Refusal {
    Refusal("\(command): \(name) is \"\(value)\", but must be \(wanted)")
  }

  mutating func textIfAny(_ name: String) -> String? { left.removeValue(forKey: name) }

  mutating func text(_ name: String) throws(Refusal) -> String {
    guard let value = textIfAny(name), !value.isEmpty else {
      throw Refusal("\(command) needs \(name)=…")
    }
    return value
  }

  mutating func list(_ name: String) throws(Refusal) -> [String] {
    try text(name).split(separator: ",").map(String.init)
  }

  mutating func names(_ name: String) throws(Refusal) -> Set<String> { Set(try list(name)) }

  /// A workflow by the keyspace it goes to and its name.
  mutating func workflow() throws(Refusal) -> Workflow.ID {
    Workflow.ID(
      keyspace: try text("to"), name: textIfAny("workflow") ?? LabCluster.drillWorkflow)
  }

  mutating func shard(_ name: String) throws(Refusal) -> ShardName {
    let text = try text(name)
    guard let shard = ShardName(text) else { throw wrong(name, text, "keyspace/shard") }
    return shard
  }

  mutating func alias(_ name: String) throws(Refusal) -> TabletAlias {
    let text = try text(name)
    guard let alias = TabletAlias(text) else {
      throw wrong(name, text, "a tablet's alias, like zone1-101")
    }
    return alias
  }

  mutating func aliasIfAny(_ name: String) throws(Refusal) -> TabletAlias? {
    left[name] == nil ? nil : try alias(name)
  }

  mutating func duration(_ name: String) throws(Refusal) -> Duration {
    let text = try text(name)
    guard let duration = try? Duration(goText: text) else {
      throw wrong(name, text, "a duration, like 1.5s or 2m")
    }
    return duration
  }

  mutating func durationIfAny(_ name: String) throws(Refusal) -> Duration? {
    left[name] == nil ? nil : try duration(name)
  }

  mutating func numberIfAny(_ name: String) throws(Refusal) -> Double? {
    guard let text = textIfAny(name) else { return nil }
    guard let number = Double(text), number.isFinite else {
      throw wrong(name, text, "a number")
    }
    return number
  }

  mutating func bool(_ name: String) throws(Refusal) -> Bool {
    let text = try text(name)
    guard let value = Bool(text) else { throw wrong(name, text, "true or false") }
    return value
  }

  mutating func boolIfAny(_ name: String) throws(Refusal) -> Bool? {
    left[name] == nil ? nil : try bool(name)
  }

  /// The buffer's flags by vtgate's own names, with underscores or hyphens.
  mutating func bufferFlags() throws(Refusal) -> BufferFlagChanges {
    for (name, value) in left where name.hasPrefix("buffer-") || name.hasPrefix("enable-buffer") {
      left[name] = nil
      left[String(name.map { $0 == "-" ? "_" : $0 })] = value
    }
    var changes = BufferFlagChanges()
    changes.isEnabled = try flagIfAny("enable_buffer")
    changes.isDryRun = try flagIfAny("enable_buffer_dry_run")
    changes.size = try countIfAny("buffer_size")
    changes.window = try durationIfAny("buffer_window")
    changes.maxFailoverDuration = try durationIfAny("buffer_max_failover_duration")
    changes.minTimeBetweenFailovers = try durationIfAny("buffer_min_time_between_failovers")
    changes.drainConcurrency = try countIfAny("buffer_drain_concurrency")
    changes.keyspaceShards = textIfAny("buffer_keyspace_shards").map {
      Set($0.split(separator: ",").map(String.init))
    }
    return changes
  }

  /// A tablet's flags by vttablet's own names, with underscores or hyphens.
  mutating func tabletFlags() throws(Refusal) -> TabletFlags {
    for (name, value) in left where name.hasPrefix("throttle-") || name.hasPrefix("heartbeat-") {
      left[name] = nil
      left[String(name.map { $0 == "-" ? "_" : $0 })] = value
    }
    var flags = TabletFlags()
    flags.threshold = try durationIfAny("throttle_threshold")
    flags.metricsQuery = textIfAny("throttle_metrics_query")
    flags.metricsThreshold = try numberIfAny("throttle_metrics_threshold")
    if left["throttle_tablet_types"] != nil {
      flags.tabletTypes = try tabletTypes("throttle_tablet_types")
    }
    flags.checksAsCheckSelf = try flagIfAny("throttle_check_as_check_self")
    flags.heartbeatInterval = try durationIfAny("heartbeat_interval")
    return flags
  }

  private mutating func tabletTypes(_ name: String) throws(Refusal) -> Set<TabletType> {
    let known: [TabletType] = [
      .primary, .replica, .rdonly, .spare, .experimental, .backup, .drained,
    ]
    var types: Set<TabletType> = []
    for word in try list(name) {
      guard let type = known.first(where: { $0.description == word.lowercased() }) else {
        throw wrong(name, word, "types of tablet, like replica,rdonly")
      }
      types.insert(type)
    }
    return types
  }

  /// A switch as Go's flags take it: the guide writes `--enable_buffer=1`.
  private mutating func flagIfAny(_ name: String) throws(Refusal) -> Bool? {
    guard let text = textIfAny(name) else { return nil }
    switch text.lowercased() {
    case "1", "t", "true": return true
    case "0", "f", "false": return false
    default: throw wrong(name, text, "true or false")
    }
  }

  private mutating func countIfAny(_ name: String) throws(Refusal) -> Int? {
    guard let text = textIfAny(name) else { return nil }
    guard let count = Int(text), (0...10_000_000).contains(count) else {
      throw wrong(name, text, "a whole number from 0 to 10000000")
    }
    return count
  }

  /// `vtgate-2`, `vtctld`, or a tablet's alias.
  mutating func party(_ name: String) throws(Refusal) -> LabCluster.Party {
    let text = try text(name)
    if text == "vtctld" { return .vtctld }
    if text.hasPrefix("vtgate-"), let number = Int(text.dropFirst(7)), number > 0 {
      return .vtgate(number - 1)
    }
    guard let alias = TabletAlias(text) else {
      throw wrong(name, text, "vtctld, a vtgate like vtgate-1, or a tablet's alias like zone1-101")
    }
    return .tablet(alias)
  }
}
