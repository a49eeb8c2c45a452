internal import ArgumentParser
internal import Buffering
internal import Lab
internal import Terms
internal import VitessClient

/// The embedded cluster's shape.
struct LabOptions: ParsableArguments {
  @Option(
    name: .customLong("vitess"),
    help: "The Vitess release to behave as: 14, 16, 18, 20, 21 or 22.")
  var release = VitessRelease.v20

  @Option(help: "Seed of everything random in the cluster.")
  var seed: UInt64 = 1

  @Option(
    name: .customLong("keyspace"),
    help: ArgumentHelp(
      "A keyspace with its shards; may be repeated (default: commerce:-80,80- and customer:0).",
      valueName: "name:shards"))
  var keyspaces: [KeyspaceShape] = []

  @Option(help: "Shards of one keyspace \"commerce\", 1 to 1024, instead of --keyspace.")
  var shards: Int?

  @Option(help: "Replicas of each shard, 0 to 20.")
  var replicas = 2

  @Option(name: .customLong("vtgates"), help: "How many vtgates, 1 to 200.")
  var vtgates = 2

  @Option(
    help: ArgumentHelp(
      "What clients do: \(TrafficProfile.all.map(\.name).joined(separator: ", ")), or none.",
      valueName: "profile"))
  var traffic: TrafficName = TrafficName(profile: .steady)

  @Option(
    help:
      "Client connections per vtgate and shard, 0 to 1000, of each kind alike (default: the profile's)."
  )
  var clients: Int?

  @Option(help: "Slots of each vtgate's buffer (default: 1000; in the demo 60).")
  var bufferSize: Int?

  @Option(help: ArgumentHelp("How long requests may wait in the buffer.", valueName: "duration"))
  var bufferWindow = Interval(duration: .seconds(10))

  @Option(
    help: ArgumentHelp("How long a failover is buffered at most.", valueName: "duration"))
  var bufferMaxFailoverDuration = Interval(duration: .seconds(20))

  @Option(
    help: ArgumentHelp("How long after one the next failover is buffered.", valueName: "duration"))
  var bufferMinTimeBetweenFailovers = Interval(duration: .seconds(60))

  @Option(help: "How many buffered requests are drained at once; from v19 on.")
  var bufferDrainConcurrency = 1

  @Option(
    help: ArgumentHelp(
      "Buffer these keyspaces or keyspace/shards only.", valueName: "list"))
  var bufferKeyspaceShards: String?

  @Flag(help: "Run the vtgates without buffering.")
  var noBuffer = false

  @Flag(help: "Count what would be buffered, as --enable_buffer_dry_run does.")
  var bufferDryRun = false

  @Option(
    help: ArgumentHelp(
      "How much longer a promotion takes than it needs, e.g. 400ms or 3s.", valueName: "duration"))
  var promotion: Interval?

  @Option(help: "The throttler's threshold in seconds (default: the release's own).")
  var throttlerThreshold: Double?

  @Flag(help: "Run the tablets with their throttlers off.")
  var noThrottler = false

  @Flag(help: "Keep the throttler's configuration in topo where v16 has a choice.")
  var throttlerConfigViaTopo = false

  @Option(
    help: ArgumentHelp(
      "Write heartbeats only so long after a throttler was asked (default from v21 on: 10s).",
      valueName: "duration"))
  var heartbeatOnDemandDuration: Interval?

  @Flag(help: "Write heartbeats all the time (the default up to v20).")
  var heartbeatEnable = false

  @Flag(help: "Replicas that never lag by themselves.")
  var calmReplicas = false

  /// The names of the flags, none of which can be combined with a scenario.
  static let names = [
    "--vitess", "--seed", "--keyspace", "--shards", "--replicas", "--vtgates", "--traffic",
    "--clients", "--buffer-size", "--buffer-window", "--buffer-max-failover-duration",
    "--buffer-min-time-between-failovers", "--buffer-drain-concurrency",
    "--buffer-keyspace-shards", "--no-buffer", "--buffer-dry-run", "--promotion",
    "--throttler-threshold", "--no-throttler", "--throttler-config-via-topo",
    "--heartbeat-on-demand-duration", "--heartbeat-enable", "--calm-replicas",
  ]

  func validate() throws {
    guard (1...200).contains(vtgates) else { throw ValidationError("--vtgates must be 1 to 200") }
    guard (0...20).contains(replicas) else { throw ValidationError("--replicas must be 0 to 20") }
    guard (1...1024).contains(shards ?? 1) else {
      throw ValidationError("--shards must be 1 to 1024")
    }
    guard shards == nil || keyspaces.isEmpty else {
      throw ValidationError("--shards and --keyspace exclude each other")
    }
    let names = keyspaces.map(\.name)
    if let twice = names.first(where: { name in names.filter { $0 == name }.count > 1 }) {
      throw ValidationError("--keyspace \(twice) is given twice")
    }
    guard (0...1000).contains(clients ?? 0) else {
      throw ValidationError("--clients must be 0 to 1000")
    }
    if let threshold = throttlerThreshold, threshold <= 0 || !threshold.isFinite {
      throw ValidationError("--throttler-threshold must be above 0")
    }
    let buffer = configuration(over: .init()).buffer
    if let refusal = buffer.refusal(by: release) {
      throw ValidationError("vtgate \(release) would not start: \(refusal)")
    }
  }

  /// The flags applied to a command's own defaults.
  func configuration(over standard: LabCluster.Configuration) -> LabCluster.Configuration {
    var configuration = standard
    configuration.release = release
    configuration.seed = seed
    configuration.vtgates = vtgates
    configuration.replicas = replicas
    if let shards {
      configuration.keyspaces = [("commerce", KeyspaceShape.ranges(shards))]
    } else if !keyspaces.isEmpty {
      configuration.keyspaces = keyspaces.map { ($0.name, $0.shards) }
    }
    configuration.buffer.size = bufferSize ?? standard.buffer.size
    configuration.buffer.isEnabled = !noBuffer
    configuration.buffer.isDryRun = bufferDryRun
    configuration.buffer.window = bufferWindow.duration
    configuration.buffer.maxFailoverDuration = bufferMaxFailoverDuration.duration
    configuration.buffer.minTimeBetweenFailovers = bufferMinTimeBetweenFailovers.duration
    configuration.buffer.drainConcurrency = bufferDrainConcurrency
    configuration.buffer.keyspaceShards = Set(
      (bufferKeyspaceShards ?? "").split(separator: ",").map(String.init))
    configuration.promotion = promotion?.duration ?? standard.promotion
    configuration.threshold = throttlerThreshold
    configuration.isThrottlerEnabled = !noThrottler
    configuration.isThrottlerConfigInTopo = throttlerConfigViaTopo
    configuration.heartbeatsOnDemand = heartbeatOnDemandDuration?.duration
    configuration.areHeartbeatsEnabled = heartbeatEnable
    configuration.hasBusyReplicas = !calmReplicas
    configuration.traffic = traffic(to: configuration, like: standard.traffic.first?.profile)
    return configuration
  }

  /// Every vtgate has clients for every shard, unless that would be too many: then each has some of
  /// the shards.
  private func traffic(
    to configuration: LabCluster.Configuration, like standard: TrafficProfile?
  ) -> [Traffic] {
    guard var profile = traffic.profile else { return [] }
    if let standard, profile == .steady { profile = standard }
    if let clients {
      (profile.persistent, profile.pooled) = (clients / 3, clients / 3)
      profile.oneOff = clients - 2 * (clients / 3)
    }
    let shards = configuration.keyspaces.flatMap { keyspace in
      keyspace.shards.map { ShardName(keyspace: keyspace.name, shard: $0) }
    }
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

  var defaultValueDescription: String { "\(rawValue)" }
}

/// A traffic profile by name, or none.
struct TrafficName: ExpressibleByArgument {
  let profile: TrafficProfile?

  init(profile: TrafficProfile?) { self.profile = profile }

  init?(argument: String) {
    guard argument == "none" || TrafficProfile.named(argument) != nil else { return nil }
    profile = TrafficProfile.named(argument)
  }

  var defaultValueDescription: String { profile?.name ?? "none" }
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
