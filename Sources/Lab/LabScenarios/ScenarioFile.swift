internal import Buffering
package import Lab
internal import TOMLKit
internal import Terms

/// Why a scenario file cannot be used; names the file, the place and what is wrong.
package struct ScenarioError: Error, Sendable, CustomStringConvertible {
  package let description: String
}

/// Reads scenarios from TOML, in the shape that docs/scenarios.md describes.
///
/// Unknown keys are errors.
package enum ScenarioFile {
  package static func read(_ text: String, name: String) throws(ScenarioError) -> Scenario {
    if let flaw = text.tomlFlaw {
      throw ScenarioError(description: "\(name): line \(flaw.line): \(flaw.words)")
    }
    let table: TOMLTable
    do {
      table = try TOMLTable(string: text)
    } catch let error as TOMLParseError {
      throw ScenarioError(
        description: "\(name): line \(error.source.begin.line): \(error.description)")
    } catch {
      throw ScenarioError(description: "\(name): \(error)")
    }
    do {
      return try scenario(Section(table, "", name), name)
    } catch let error as ScenarioError {
      throw error
    } catch {
      throw ScenarioError(description: "\(name): \(error)")
    }
  }

  private static func scenario(_ top: Section, _ name: String) throws -> Scenario {
    var top = top
    var scenario = Scenario(name: name, title: try top.string("title") ?? name)
    scenario.about = try top.string("about") ?? ""
    scenario.duration = try top.duration("duration") ?? .seconds(30)
    if let shard = try top.string("shard") { scenario.shard = try top.shardName(shard, "shard") }
    if var cluster = try top.section("cluster") {
      try readCluster(&cluster, into: &scenario.configuration)
    } else {
      scenario.configuration.keyspaces = [("commerce", ["0"])]
    }
    scenario.configuration.vtgates = 1
    scenario.configuration.hasBusyReplicas = false
    var flags = try top.section("vtgate") ?? Section(TOMLTable(), "vtgate.", name)
    try readFlags(&flags, into: &scenario.configuration)
    for var traffic in try top.sections("traffic") {
      scenario.configuration.traffic.append(try self.traffic(&traffic, standard: scenario.shard))
    }
    for var step in try top.sections("step") { scenario.steps.append(try self.step(&step)) }
    if var expect = try top.section("expect") {
      scenario.exact = Set(try expect.strings("exact") ?? [])
      for source in ["guide", "recording"] {
        guard var section = try expect.section(source) else { continue }
        let named = try section.string("name") ?? source
        var values: [Scenario.Counter: Int] = [:]
        for counter in Scenario.counters { values[counter] = try section.integer(counter) ?? 0 }
        try section.done()
        scenario.expectations.append(.init(source: named, values: values))
      }
      try expect.done()
    }
    if let stranger = scenario.exact.first(where: { !Scenario.counters.contains($0) }) {
      throw ScenarioError(description: "\(name): expect.exact: no counter is called \(stranger)")
    }
    try top.done()
    if let objection = scenario.objection {
      throw ScenarioError(description: "\(name): \(objection)")
    }
    return scenario
  }

  /// Reads `[cluster]`.
  private static func readCluster(
    _ section: inout Section, into configuration: inout LabCluster.Configuration
  ) throws {
    if let number = try section.integer("vitess") {
      guard let release = VitessRelease(rawValue: number) else {
        throw section.wrong("vitess", "is \(number), must be 14 to 24")
      }
      configuration.release = release
    }
    configuration.keyspaces = [("commerce", ["0"])]
    if let keyspaces = try section.lists("keyspaces") {
      guard !keyspaces.isEmpty else { throw section.wrong("keyspaces", "is empty") }
      for (name, shards) in keyspaces
      where shards.isEmpty || Set(shards).count < shards.count
        || shards.contains(where: { $0.isEmpty || $0.contains("/") })
      {
        throw section.wrong("keyspaces.\(name)", "must be a list of different shards")
      }
      for (name, shards) in keyspaces {
        if let flaw = ShardLayout(shards).flaw {
          throw section.wrong("keyspaces.\(name)", "is no keyspace: \(flaw)")
        }
      }
      configuration.keyspaces = keyspaces.map { ($0.0, $0.1) }
    }
    if let cells = try section.strings("cells") {
      guard !cells.isEmpty, Set(cells).count == cells.count, !cells.contains(where: \.isEmpty)
      else {
        throw section.wrong("cells", "must be a list of different cells")
      }
      configuration.cells = cells
    }
    configuration.replicas = try section.integer("replicas", 0...20) ?? 2
    configuration.seed = UInt64(try section.integer("seed", 0...Int.max) ?? 1)
    configuration.promotion = try section.duration("promotion") ?? .zero
    if let threshold = try section.number("throttler_threshold") {
      guard threshold > 0, threshold < 1e6 else {
        throw section.wrong("throttler_threshold", "is \(threshold), must be above 0")
      }
      configuration.threshold = threshold
    }
    configuration.heartbeatsOnDemand = try section.duration("heartbeat_on_demand_duration")
    configuration.areHeartbeatsEnabled = try section.bool("heartbeat_enable") ?? false
    try section.done()
  }

  /// `[vtgate]`: the buffer's flags under their own names.
  private static func readFlags(
    _ flags: inout Section, into configuration: inout LabCluster.Configuration
  ) throws {
    var buffer = BufferFlagChanges()
    buffer.isEnabled = try flags.bool("enable_buffer") ?? false
    buffer.isDryRun = try flags.bool("enable_buffer_dry_run")
    buffer.size = try flags.integer("buffer_size", 0...10_000_000)
    buffer.window = try flags.duration("buffer_window")
    buffer.maxFailoverDuration = try flags.duration("buffer_max_failover_duration")
    buffer.minTimeBetweenFailovers = try flags.duration("buffer_min_time_between_failovers")
    buffer.drainConcurrency = try flags.integer("buffer_drain_concurrency", 0...100_000)
    buffer.keyspaceShards = try flags.strings("buffer_keyspace_shards").map { Set($0) }
    configuration.buffer = RequestBuffer.Configuration().with(buffer)
    try flags.done()
  }

  /// `[[traffic]]`: a profile by name, and whatever differs from it.
  private static func traffic(
    _ section: inout Section, standard: ShardName
  ) throws -> Traffic {
    let name = try section.string("profile") ?? "steady"
    guard var profile = TrafficProfile.named(name) else {
      throw section.wrong(
        "profile",
        "is \"\(name)\", must be one of \(TrafficProfile.all.map(\.name).joined(separator: ", "))")
    }
    let threads = 0...100_000
    profile.persistent = try section.integer("persistent", threads) ?? profile.persistent
    profile.pooled = try section.integer("pooled", threads) ?? profile.pooled
    profile.oneOff = try section.integer("one_off", threads) ?? profile.oneOff
    profile.think = try section.duration("think") ?? profile.think
    profile.retries = try section.integer("retries", 0...1_000_000) ?? profile.retries
    profile.retryTime = try section.duration("retry_time") ?? profile.retryTime
    profile.readTimeout = try section.duration("read_timeout") ?? profile.readTimeout
    profile.deadline = try section.duration("deadline") ?? profile.deadline
    profile.transactions = try section.number("transactions") ?? profile.transactions
    profile.transactionTime =
      try section.duration("transaction_time") ?? profile.transactionTime
    var traffic = Traffic(profile, to: standard)
    if let shard = try section.string("shard") {
      traffic.shard = try section.shardName(shard, "shard")
    }
    traffic.table = try section.string("table") ?? traffic.table
    traffic.from = try section.duration("from") ?? .zero
    try section.done()
    return traffic
  }

  /// `[[step]]`: when, what, and the command's own parameters.
  private static func step(_ section: inout Section) throws -> DrillStep {
    guard let at = try section.duration("at") else { throw section.wrong("at", "is missing") }
    guard let command = try section.string("do") else { throw section.wrong("do", "is missing") }
    let parameters = try section.rest()
    // Read here too, so that a mistake is found before the scenario runs.
    do {
      _ = try DrillCommand(command, parameters, at: Instant(secondsSinceEpoch: 0))
    } catch {
      throw section.wrong("do", "\(error)")
    }
    return DrillStep(at: at, command: command, parameters: parameters)
  }
}

/// One table of the file; every key must have been asked for by the end.
private struct Section {
  private let table: TOMLTable
  private let path: String
  private let file: String
  private var left: Set<String>

  init(_ table: TOMLTable, _ path: String, _ file: String) {
    self.table = table
    self.path = path
    self.file = file
    left = Set(table.keys)
  }

  func wrong(_ key: String, _ what: String) -> ScenarioError {
    ScenarioError(description: "\(file): \(path)\(key) \(what)")
  }

  func done() throws {
    guard let stranger = left.min() else { return }
    throw ScenarioError(description: "\(file): unknown key \(path)\(stranger)")
  }

  private mutating func take(_ key: String) -> (any TOMLValueConvertible)? {
    left.remove(key)
    return table[key]
  }

  mutating func string(_ key: String) throws -> String? {
    guard let value = take(key) else { return nil }
    guard let text = value.string else { throw wrong(key, "must be a string") }
    return text
  }

  mutating func bool(_ key: String) throws -> Bool? {
    guard let value = take(key) else { return nil }
    guard let flag = value.bool else { throw wrong(key, "must be true or false") }
    return flag
  }

  mutating func integer(_ key: String, _ range: ClosedRange<Int> = Int.min...Int.max) throws -> Int?
  {
    guard let value = take(key) else { return nil }
    guard let number = value.int else { throw wrong(key, "must be a whole number") }
    guard range.contains(number) else {
      throw wrong(key, "is \(number), must be \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  mutating func number(_ key: String) throws -> Double? {
    guard let value = take(key) else { return nil }
    guard let number = value.double ?? value.int.map(Double.init) else {
      throw wrong(key, "must be a number")
    }
    return number
  }

  mutating func duration(_ key: String) throws -> Duration? {
    guard let text = try string(key) else { return nil }
    guard let duration = try? Duration(goText: text), duration >= .zero else {
      throw wrong(key, "is \"\(text)\", must be a duration like 1.5s or 2m")
    }
    return duration
  }

  mutating func strings(_ key: String) throws -> [String]? {
    guard let value = take(key) else { return nil }
    guard let array = value.array else { throw wrong(key, "must be a list of strings") }
    return try array.map { item in
      guard let text = item.string else { throw wrong(key, "must be a list of strings") }
      return text
    }
  }

  /// A table of lists of strings, by key.
  mutating func lists(_ key: String) throws -> [(String, [String])]? {
    guard var inner = try section(key) else { return nil }
    return try inner.left.sorted().map { name in (name, try inner.strings(name) ?? []) }
  }

  mutating func section(_ key: String) throws -> Section? {
    guard let value = take(key) else { return nil }
    guard let table = value.table else { throw wrong(key, "must be a table") }
    return Section(table, "\(path)\(key).", file)
  }

  mutating func sections(_ key: String) throws -> [Section] {
    guard let value = take(key) else { return [] }
    guard let array = value.array else { throw wrong(key, "must be written [[\(key)]]") }
    return try array.enumerated().map { index, item in
      guard let table = item.table else { throw wrong(key, "must be written [[\(key)]]") }
      return Section(table, "\(key)[\(index + 1)].", file)
    }
  }

  func shardName(_ text: String, _ key: String) throws -> ShardName {
    guard let shard = ShardName(text) else {
      throw wrong(key, "is \"\(text)\", must be keyspace/shard")
    }
    return shard
  }

  /// All keys not taken yet, as text.
  mutating func rest() throws -> [String: String] {
    var parameters: [String: String] = [:]
    for key in left {
      guard let value = table[key] else { continue }
      let text =
        value.string ?? value.bool.map { "\($0)" } ?? value.int.map { "\($0)" }
        ?? value.double.map { "\($0)" }
      guard let text else { throw wrong(key, "must be a string, a number, true or false") }
      parameters[key] = text
    }
    left = []
    return parameters
  }
}
