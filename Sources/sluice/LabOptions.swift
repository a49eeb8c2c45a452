internal import ArgumentParser
internal import Buffering
internal import Lab
internal import Terms
internal import VitessClient

/// The embedded cluster's shape: what is given changes the cluster that a command or a scenario brings.
struct LabOptions: ParsableArguments {
  @Option(
    name: .customLong("vitess"),
    help: "The Vitess release to behave as, 14 to 24. (default: 20)")
  var release: VitessRelease?

  @Option(help: "Seed of everything random in the cluster. (default: 1)")
  var seed: UInt64?

  @Option(
    name: .customLong("keyspace"),
    help: ArgumentHelp(
      "A keyspace with its shards; may be repeated. (default: commerce:-80,80- and customer:0)",
      valueName: "name:shards"))
  var keyspaces: [KeyspaceShape] = []

  @Option(help: "Shards of one keyspace \"commerce\", 1 to 1024, instead of --keyspace.")
  var shards: Int?

  @Option(help: "Replicas of each shard, 0 to 20. (default: 2)")
  var replicas: Int?

  @Option(
    help: ArgumentHelp(
      "Cells that tablets and vtgates are spread over. (default: zone1)", valueName: "list"))
  var cells: CellList?

  @Option(
    help: ArgumentHelp(
      "Cells whose tablets the vtgates know. (default: all)", valueName: "list"))
  var cellsToWatch: CellList?

  @Option(
    name: .customLong("vtgates"), help: "How many vtgates, 1 to 200. (default: 2)")
  var vtgates: Int?

  @Option(
    help: ArgumentHelp(
      "What clients do: \(TrafficProfile.all.map(\.name).joined(separator: ", ")), or none. "
        + "(default: steady)", valueName: "profile"))
  var traffic: TrafficName?

  @Option(
    help:
      "Client connections per vtgate and shard, 0 to 1000, of each kind alike. (default: the profile's)"
  )
  var clients: Int?

  @Flag(
    inversion: .prefixedNo,
    help: "Run the vtgates with buffering, or without. (default: --buffer)")
  var buffer: Bool?

  @Option(help: "Slots of each vtgate's buffer. (default: 1000; in the demo 60)")
  var bufferSize: Int?

  @Option(
    help: ArgumentHelp(
      "How long requests may wait in the buffer. (default: 10s)", valueName: "duration"))
  var bufferWindow: Interval?

  @Option(
    help: ArgumentHelp(
      "How long a failover is buffered at most. (default: 20s)", valueName: "duration"))
  var bufferMaxFailoverDuration: Interval?

  @Option(
    help: ArgumentHelp(
      "How long after one the next failover is buffered. (default: 1m)", valueName: "duration"))
  var bufferMinTimeBetweenFailovers: Interval?

  @Option(help: "How many buffered requests are drained at once; from v19 on. (default: 1)")
  var bufferDrainConcurrency: Int?

  @Option(
    help: ArgumentHelp(
      "Buffer these keyspaces or keyspace/shards only.", valueName: "list"))
  var bufferKeyspaceShards: String?

  @Flag(help: "Count what would be buffered, as --enable_buffer_dry_run does.")
  var bufferDryRun = false

  @Option(
    help: ArgumentHelp(
      "How much longer a promotion takes than it needs, e.g. 400ms or 3s. (default: 0s; in the demo 3s)",
      valueName: "duration"))
  var promotion: Interval?

  @Option(help: "The throttler's threshold in seconds. (default: the release's own)")
  var throttlerThreshold: Double?

  @Flag(help: "Run the tablets with their throttlers off.")
  var noThrottler = false

  @Flag(
    inversion: .prefixedNo,
    help: "Take v16's and v17's throttler configuration from topo, or not. (default: from v17 on)")
  var throttlerConfigViaTopo: Bool?

  @Option(
    help: ArgumentHelp(
      "Write heartbeats only so long after a throttler was asked. (default from v21 on: 10s)",
      valueName: "duration"))
  var heartbeatOnDemandDuration: Interval?

  @Flag(help: "Write heartbeats all the time (the default up to v20).")
  var heartbeatEnable = false

  @Flag(help: "Replicas that never lag by themselves.")
  var calmReplicas = false

  func validate() throws {
    for (flag, time) in [
      ("--buffer-window", bufferWindow),
      ("--buffer-max-failover-duration", bufferMaxFailoverDuration),
      ("--buffer-min-time-between-failovers", bufferMinTimeBetweenFailovers),
      ("--promotion", promotion), ("--heartbeat-on-demand-duration", heartbeatOnDemandDuration),
    ] { try time?.check(flag) }
    guard (1...200).contains(vtgates ?? 1) else {
      throw ValidationError("--vtgates must be 1 to 200")
    }
    guard (0...20).contains(replicas ?? 0) else {
      throw ValidationError("--replicas must be 0 to 20")
    }
    guard (1...1024).contains(shards ?? 1) else {
      throw ValidationError("--shards must be 1 to 1024")
    }
    let known = cells?.names ?? LabCluster.Configuration().cells
    if let stranger = cellsToWatch?.names.first(where: { !known.contains($0) }) {
      throw ValidationError("--cells-to-watch names \(stranger), which is none of the cells")
    }
    guard shards == nil || keyspaces.isEmpty else {
      throw ValidationError("--shards and --keyspace exclude each other")
    }
    let names = keyspaces.map(\.name)
    if let twice = names.first(where: { name in names.filter { $0 == name }.count > 1 }) {
      throw ValidationError("--keyspace \(twice) is given twice")
    }
    for keyspace in keyspaces {
      if let flaw = ShardLayout(keyspace.shards).flaw {
        throw ValidationError("--keyspace \(keyspace.name): \(flaw)")
      }
    }
    guard (0...1000).contains(clients ?? 0) else {
      throw ValidationError("--clients must be 0 to 1000")
    }
    if let threshold = throttlerThreshold, threshold <= 0 || !threshold.isFinite {
      throw ValidationError("--throttler-threshold must be above 0")
    }
  }

  /// The flags over a cluster that is there already.
  ///
  /// `profile`: what clients do on every shard unless the flags say otherwise; nil leaves the
  /// cluster's own clients.
  func configuration(
    over standard: LabCluster.Configuration, profile: TrafficProfile?
  ) -> LabCluster.Configuration {
    var configuration = standard
    configuration.release = release ?? standard.release
    configuration.seed = seed ?? standard.seed
    configuration.cells = cells?.names ?? standard.cells
    configuration.cellsToWatch = cellsToWatch?.names ?? standard.cellsToWatch
    configuration.vtgates = vtgates ?? standard.vtgates
    configuration.replicas = replicas ?? standard.replicas
    if let shards {
      configuration.keyspaces = [("commerce", KeyspaceShape.ranges(shards))]
    } else if !keyspaces.isEmpty {
      configuration.keyspaces = keyspaces.map { ($0.name, $0.shards) }
    }
    configuration.buffer = standard.buffer.with(bufferFlags)
    configuration.promotion = promotion?.duration ?? standard.promotion
    configuration.threshold = throttlerThreshold ?? standard.threshold
    if noThrottler { configuration.isThrottlerEnabled = false }
    configuration.isThrottlerConfigInTopo =
      throttlerConfigViaTopo ?? standard.isThrottlerConfigInTopo
    configuration.heartbeatsOnDemand =
      heartbeatOnDemandDuration?.duration ?? standard.heartbeatsOnDemand
    if heartbeatEnable { configuration.areHeartbeatsEnabled = true }
    if calmReplicas { configuration.hasBusyReplicas = false }
    if let traffic {
      configuration.traffic = self.traffic(to: configuration, traffic.profile)
    } else if let profile {
      configuration.traffic = self.traffic(to: configuration, profile)
    } else {
      for index in configuration.traffic.indices {
        configuration.traffic[index].profile = withClients(configuration.traffic[index].profile)
      }
    }
    return configuration
  }

  /// A command's own cluster with the flags over it.
  func cluster(
    over standard: LabCluster.Configuration, profile: TrafficProfile
  ) throws -> LabCluster.Configuration {
    let configuration = configuration(over: standard, profile: profile)
    if let refusal = configuration.buffer.refusal(by: configuration.release) {
      throw ValidationError("vtgate \(configuration.release) would not start: \(refusal)")
    }
    return configuration
  }

  private var bufferFlags: BufferFlagChanges {
    var flags = BufferFlagChanges()
    flags.isEnabled = buffer
    if bufferDryRun { flags.isDryRun = true }
    flags.size = bufferSize
    flags.window = bufferWindow?.duration
    flags.maxFailoverDuration = bufferMaxFailoverDuration?.duration
    flags.minTimeBetweenFailovers = bufferMinTimeBetweenFailovers?.duration
    flags.drainConcurrency = bufferDrainConcurrency
    flags.keyspaceShards = bufferKeyspaceShards.map {
      Set($0.split(separator: ",").map(String.init))
    }
    return flags
  }

  private func withClients(_ standard: TrafficProfile) -> TrafficProfile {
    guard let clients else { return standard }
    var profile = standard
    (profile.persistent, profile.pooled) = (clients / 3, clients / 3)
    profile.oneOff = clients - 2 * (clients / 3)
    return profile
  }

  /// Every vtgate has clients for every shard, unless that would be too many: then each has some of
  /// the shards.
  private func traffic(
    to configuration: LabCluster.Configuration, _ profile: TrafficProfile?
  ) -> [Traffic] {
    guard let profile = profile.map(withClients) else { return [] }
    let shards = configuration.servingShards
    guard shards.count * configuration.vtgates > 200 else {
      return shards.map { Traffic(profile, to: $0) }
    }
    return (0..<configuration.vtgates).map { number in
      var traffic = Traffic(profile, to: shards[number % shards.count])
      traffic.vtgate = number
      return traffic
    }
  }
}

extension VitessRelease: ExpressibleByArgument {
  init?(argument: String) {
    guard let number = Int(argument) else { return nil }
    self.init(rawValue: number)
  }
}

/// A traffic profile by name, or none.
struct TrafficName: ExpressibleByArgument {
  let profile: TrafficProfile?

  init?(argument: String) {
    guard argument == "none" || TrafficProfile.named(argument) != nil else { return nil }
    profile = TrafficProfile.named(argument)
  }
}

/// Cells by name: `zone1,zone2`.
struct CellList: ExpressibleByArgument {
  let names: [String]

  init?(argument: String) {
    names = argument.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard Set(names).count == names.count, names.count <= 20,
      names.allSatisfy({ name in
        !name.isEmpty && name.count <= 32
          && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
      })
    else { return nil }
  }
}

/// A keyspace and its shards: `commerce:-80,80-`.
struct KeyspaceShape: ExpressibleByArgument {
  let name: String
  let shards: [String]

  init?(argument: String) {
    let parts = argument.split(separator: ":", maxSplits: 1).map(String.init)
    guard parts.count == 2, !parts[0].contains("/") else { return nil }
    let shards = parts[1].split(separator: ",").map(String.init)
    guard !shards.isEmpty, Set(shards).count == shards.count,
      shards.allSatisfy({ !$0.contains("/") })
    else { return nil }
    (name, self.shards) = (parts[0], shards)
  }

  /// Equal key ranges, `-80` and `80-` or as many as wanted; a single shard is `0`.
  static func ranges(_ count: Int) -> [String] {
    guard count > 1 else { return ["0"] }
    let digits = count <= 256 ? 2 : 4
    func bound(_ index: Int) -> String {
      guard index > 0, index < count else { return "" }
      let top = digits == 2 ? 256 : 65_536
      let text = String(top * index / count, radix: 16)
      return String(repeating: "0", count: digits - text.count) + text
    }
    return (0..<count).map { "\(bound($0))-\(bound($0 + 1))" }
  }
}
