import Buffering
import FleetModel
import Lab
import Terms
import TestSupport
import Watching
import WhatIf

/// A failover of the lab in virtual time, polled once a second, as a watch and a recording know it.
struct LabFailover {
  static let vtgate = Address(host: "vtgate-1", port: 15001)
  private static let start = Instant(secondsSinceEpoch: 1_795_000_000)

  /// What happens, whatever the flags.
  struct Story {
    var release = VitessRelease.v22
    var profile = TrafficProfile.steady
    var keyspaces: [(name: String, shards: [String])] = [("commerce", ["0"])]
    /// How long the new primary takes.
    var promotion: Duration = .seconds(2)
    /// Of every shard, counted from the start.
    var reparents: [Duration] = [.milliseconds(2300)]
    var seed: UInt64 = 1
    /// When polls fall between two full seconds.
    var phase: Duration = .zero
    /// Whether the command line can be read.
    var tellsFlags = true

    var shards: [ShardName] {
      keyspaces.flatMap { keyspace in
        keyspace.shards.map { ShardName(keyspace: keyspace.name, shard: $0) }
      }
    }
  }

  /// What polls of one shard's counters said.
  private(set) var polls: [ShardName: [RecordedOutage.Poll]] = [:]
  let failovers: SharingArray<Failover>
  /// What its vtgate counted from just before the last reparents on.
  private(set) var counts: [ShardName: BufferCounters] = [:]
  /// Queries that it answered with an error from then on, for all shards.
  let failed: Int
  /// All that it had counted until then, of latencies too.
  let history: VtgateStatistics

  init(_ story: Story, _ flags: RequestBuffer.Configuration) {
    var cluster = LabCluster(Self.configuration(story, flags), at: Self.start)
    var watch = Watch(Watch.Settings(cluster: "lab", interval: .seconds(1)), at: Self.start)
    var before: [ShardName: BufferCounters] = [:]
    var (history, errors) = (cluster.vtgates[0].statistics, 0)
    var due = story.reparents.flatMap { reparent in
      story.shards.map { (at: reparent, shard: $0) }
    }
    let last = story.shards.count
    let end =
      (due.last?.at ?? .zero) + story.promotion + max(.seconds(3), story.profile.retryTime)
    var next = Self.start + story.phase
    while next < Self.start + end + .seconds(90) {
      // Once all is over only the watch's time goes on.
      if next <= Self.start + end {
        while let reparent = due.first, Self.start + reparent.at <= next {
          cluster.advance(to: Self.start + reparent.at)
          if due.count == last {
            history = cluster.vtgates[0].statistics
            errors = Self.errors(cluster)
            for shard in story.shards { before[shard] = Self.counters(cluster, shard) }
          }
          due.removeFirst()
          _ = cluster.reparent(Reparent.Request(.planned, reparent.shard))
        }
        cluster.advance(to: next)
        for shard in story.shards {
          polls[shard, default: []].append(
            RecordedOutage.Poll(
              asked: next, answered: next, Self.counters(cluster, shard),
              seesPrimary: cluster.vtgates[0].primary(of: shard) != nil))
        }
      }
      watch.take(Self.observation(cluster, story, flags, at: next))
      _ = watch.tick(at: next)
      next = next + (next <= Self.start + end ? .seconds(1) : .seconds(10))
    }
    failovers = watch.fleet.failovers.all
    failed = Self.errors(cluster) - errors
    self.history = history
    for (shard, before) in before {
      counts[shard] = Self.counters(cluster, shard).since(before)
    }
  }

  /// The last failover of a shard, to be taken through the buffer again.
  func again(_ shard: ShardName) throws -> WhatIf {
    guard let failover = failovers.last(where: { $0.shard == shard }) else {
      throw RecordedOutage.Refusal.nothingCounted
    }
    let again = FailoverAgain(
      failover, among: failovers, since: polls[shard]?.first?.answered ?? failover.detected.at
    ) { _, failover in (polls[failover.shard] ?? []).around(failover) }
    guard let part = again.parts.first else { throw RecordedOutage.Refusal.nothingCounted }
    return try part.whatIf.get()
  }

  private static func configuration(
    _ story: Story, _ flags: RequestBuffer.Configuration
  ) -> LabCluster.Configuration {
    var configuration = LabCluster.Configuration()
    configuration.release = story.release
    configuration.keyspaces = story.keyspaces
    (configuration.vtgates, configuration.replicas) = (1, 1)
    configuration.hasBusyReplicas = false
    configuration.areHeartbeatsEnabled = true
    configuration.buffer = flags
    configuration.promotion = story.promotion
    configuration.seed = story.seed
    configuration.traffic = story.shards.map { Traffic(story.profile, to: $0) }
    return configuration
  }

  private static func errors(_ cluster: LabCluster) -> Int {
    cluster.vtgates[0].statistics.apiErrors.values.reduce(0) { $0 + $1.values.reduce(0, +) }
  }

  private static func counters(_ cluster: LabCluster, _ shard: ShardName) -> BufferCounters {
    let counters = cluster.vtgates[0].buffer.counters(of: shard) ?? .init()
    var told = BufferCounters()
    told.starts = counters.starts
    told.stops = counters.stops.filter { $0.value > 0 }
    told.buffered = counters.buffered
    told.drained = counters.drained
    told.evicted = counters.evicted.filter { $0.value > 0 }
    told.skipped = counters.skipped.filter { $0.value > 0 }
    // A vtgate tells whole milliseconds.
    told.lastFailoverDuration = counters.lastFailoverDuration.map {
      .milliseconds($0.wholeNanoseconds / 1_000_000)
    }
    told.lastRequestsInFlightMax = counters.lastRequestsInFlightMax
    return told
  }

  private static func observation(
    _ cluster: LabCluster, _ story: Story, _ flags: RequestBuffer.Configuration, at now: Instant
  ) -> Observation {
    var reading = VtgateReading()
    reading.processStart = 1
    reading.bufferSize = flags.size
    var tablets: [GatewayTablet] = []
    for shard in story.shards {
      reading.buffers[shard] = counters(cluster, shard)
      guard let primary = cluster.vtgates[0].primary(of: shard) else { continue }
      reading.primaryConnections[shard] = 1
      tablets.append(
        GatewayTablet(
          alias: primary.alias, shard: shard, type: .primary, isServing: true,
          primaryTermStart: Int(primary.primarySince?.secondsSinceEpoch ?? 0)))
    }
    reading.tablets = GatewayTablets(tablets)
    reading.clientErrors = cluster.vtgates[0].statistics.apiErrors
    if story.tellsFlags {
      var told = BufferFlags(source: .commandLine)
      told.isEnabled = true
      told.window = flags.window
      told.maxFailoverDuration = flags.maxFailoverDuration
      told.minTimeBetweenFailovers = flags.minTimeBetweenFailovers
      reading.flags = told
      reading.commandLine = 1
    }
    return Observation(
      of: "lab", at: now,
      .outcome(
        ScrapeOutcome(
          target: Target(.vtgate, vtgate), at: now, took: .zero, result: .gate(reading))))
  }
}
