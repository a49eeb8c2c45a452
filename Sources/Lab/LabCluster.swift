package import FleetModel

/// A small Vitess-shaped cluster: keyspaces, shards, tablets, vtgates, and clients that use them.
///
/// A value that `advance(to:)` moves on in steps of ``step``; the same seed and the same calls give
/// the same cluster. Time, sockets and threads are its owner's business.
package struct LabCluster: Sendable, Equatable {
  package struct Configuration: Sendable, Equatable {
    package var seed: UInt64 = 1
    package var cell = "zone1"
    package var keyspaces: [(name: String, shards: [String])] = [
      ("commerce", ["-80", "80-"]), ("customer", ["0"]),
    ]
    package var replicas = 2
    package var vtgates = 2
    package var buffer = RequestBuffer.Configuration()
    /// Client connections per vtgate and shard.
    package var clients = 12
    package var thinkTime: Duration = .milliseconds(80)
    /// How long a demoted primary finishes its open transactions; most of what clients feel.
    package var demotion: Duration = .milliseconds(400)
    package var waitReplicasTimeout: Duration = .seconds(15)
    /// The throttler's threshold in seconds: 5 from v18 on.
    package var threshold = 5.0
    package var throttledApps: [ShardName: [ThrottledApp]] = [:]

    package init() {}

    package static func == (left: Configuration, right: Configuration) -> Bool {
      left.seed == right.seed && left.buffer == right.buffer
        && left.keyspaces.elementsEqual(right.keyspaces) { $0 == $1 }
    }
  }

  /// The grain of simulated time.
  package static let step: Duration = .milliseconds(10)
  /// How long a query or a retry takes.
  private static let serviceTime: Duration = .milliseconds(10)

  package let configuration: Configuration
  package private(set) var now: Instant
  package private(set) var tablets: [TabletAlias: Tablet] = [:]
  package private(set) var vtgates: [Vtgate] = []
  package private(set) var reparents: [ShardName: PlannedReparent] = [:]
  package let shards: [ShardName]
  private var random: SeededGenerator

  package init(_ configuration: Configuration, at now: Instant) {
    self.configuration = configuration
    self.now = now
    random = SeededGenerator(seed: configuration.seed)
    var names: [ShardName] = []
    for keyspace in configuration.keyspaces {
      names += keyspace.shards.map { ShardName(keyspace: keyspace.name, shard: $0) }
    }
    shards = names
    for (index, shard) in names.enumerated() {
      for number in 0...configuration.replicas {
        let alias = TabletAlias(
          cell: configuration.cell, uid: UInt32(100 * (index + 1) + number + 1))
        tablets[alias] = Tablet(
          alias, shard, number == 0 ? .primary : .replica,
          primarySince: number == 0 ? now - .seconds(86_400) : nil)
      }
    }
    for number in 0..<configuration.vtgates { vtgates.append(makeVtgate(number)) }
  }

  private mutating func makeVtgate(_ number: Int) -> Vtgate {
    var vtgate = Vtgate(
      name: "vtgate-\(number + 1)", startedAt: now, buffer: configuration.buffer)
    for tablet in tablets.values {
      let sighting = tablet.sighting
      vtgate.view[tablet.alias] = sighting
      if sighting.type == .primary {
        _ = vtgate.buffer.sawPrimary(tablet.alias, of: tablet.shard, at: now)
      }
    }
    for shard in shards {
      for _ in 0..<configuration.clients {
        let pause = configuration.thinkTime.seconds * Double.random(in: 0...1, using: &random)
        vtgate.clients.append(
          Client(
            id: vtgate.clients.count, shard: shard,
            state: .thinking(until: now + .nanoseconds(Int64(pause * 1e9)))))
      }
    }
    return vtgate
  }

  // MARK: Requests from outside

  package struct Refusal: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String
  }

  /// Starts a planned reparent that moves a shard's primary to its least lagging replica.
  package mutating func plannedReparent(
    _ shard: ShardName
  ) throws(Refusal) -> PlannedReparent {
    guard shards.contains(shard) else {
      throw Refusal(
        description: "node doesn't exist: keyspaces/\(shard.keyspace)/shards/\(shard.shard)")
    }
    guard reparents[shard] == nil else {
      throw Refusal(description: "the shard is locked: a reparent is in progress")
    }
    let own = tablets.values.filter { $0.shard == shard }
    guard let primary = own.first(where: { $0.type == .primary && $0.isServing }),
      let candidate = own.filter({ $0.type == .replica && $0.isServing }).min(by: {
        ($0.replication.lag, $0.alias.uid) < ($1.replication.lag, $1.alias.uid)
      })
    else { throw Refusal(description: "no primary or no replica to promote") }
    let reparent = PlannedReparent(
      from: primary.alias, to: candidate.alias, phase: .catchUp,
      waitDeadline: now + configuration.waitReplicasTimeout)
    reparents[shard] = reparent
    return reparent
  }

  // MARK: Time

  /// Moves the cluster on; a large gap is cut into steps.
  package mutating func advance(to instant: Instant) {
    while instant - now >= Self.step { advanceStep() }
  }

  private mutating func advanceStep() {
    now = now + Self.step
    for shard in shards { advanceReparent(of: shard) }
    for alias in tablets.keys.sorted() {
      guard var tablet = tablets[alias], tablet.type != .primary else { continue }
      let hasWriter = tablets.values.contains {
        $0.shard == tablet.shard && $0.type == .primary && $0.isServing
      }
      tablet.replication.advance(by: Self.step.seconds, writes: hasWriter, random: &random)
      tablets[alias] = tablet
    }
    for index in vtgates.indices { advanceVtgate(index) }
  }

  private mutating func advanceReparent(of shard: ShardName) {
    guard var reparent = reparents[shard], let candidate = tablets[reparent.to] else { return }
    let hasCaughtUp = candidate.replication.lag < 0.01
    switch reparent.phase {
    case .catchUp where hasCaughtUp || candidate.replication.lag < 0.5:
      change(reparent.from) { $0.isServing = false }
      reparent.phase = .demoting(until: now + configuration.demotion)
    case .catchUp where now >= reparent.waitDeadline:
      reparents[shard] = nil
      return
    case .demoting(let until) where now >= until:
      reparent.phase = .waitingForPosition
      reparent.waitDeadline = now + configuration.waitReplicasTimeout
    case .waitingForPosition where hasCaughtUp:
      reparent.phase = .promoting(until: now + .milliseconds(50))
    case .waitingForPosition where now >= reparent.waitDeadline:
      // The candidate did not catch up: the old primary serves again.
      change(reparent.from) { $0.isServing = true }
      reparents[shard] = nil
      return
    case .promoting(let until) where now >= until:
      let promotion = now
      change(reparent.to) { $0.become(.primary, since: promotion) }
      change(reparent.from) {
        $0.become(.replica)
        $0.isServing = true
      }
      reparents[shard] = nil
      return
    default: break
    }
    reparents[shard] = reparent
  }

  /// Changes a tablet and tells every vtgate through its health stream, each after its own delay.
  private mutating func change(_ alias: TabletAlias, _ body: (inout Tablet) -> Void) {
    guard var tablet = tablets[alias] else { return }
    body(&tablet)
    tablets[alias] = tablet
    for index in vtgates.indices {
      let delay = Double.random(in: 0.02...0.12, using: &random)
      vtgates[index].arriving.append(
        (at: now + .nanoseconds(Int64(delay * 1e9)), sighting: tablet.sighting))
    }
  }

  // MARK: A vtgate's step

  private mutating func advanceVtgate(_ index: Int) {
    var vtgate = vtgates[index]
    let due = vtgate.arriving.filter { $0.at <= now }
    vtgate.arriving.removeAll { $0.at <= now }
    for (_, sighting) in due {
      vtgate.view[sighting.alias] = sighting
      if sighting.type == .primary, sighting.isServing {
        perform(
          vtgate.buffer.sawPrimary(sighting.alias, of: sighting.shard, at: now), on: &vtgate)
      }
    }
    perform(vtgate.buffer.advance(to: now), on: &vtgate)
    for client in vtgate.clients.indices { advanceClient(client, of: &vtgate) }
    vtgates[index] = vtgate
  }

  private mutating func advanceClient(_ index: Int, of vtgate: inout Vtgate) {
    let client = vtgate.clients[index]
    switch client.state {
    case .thinking(let until) where until <= now: query(index, of: &vtgate)
    case .retrying(let until) where until <= now:
      // Whatever the retry brought, the buffer's slot is free and the next one may go.
      answer(index, succeeded: attempt(client.shard, &vtgate), of: &vtgate)
      perform(vtgate.buffer.finished(client.id, at: now), on: &vtgate)
    default: break
    }
  }

  /// One query: asked at the buffer before the first attempt and after a failed one.
  private mutating func query(_ index: Int, of vtgate: inout Vtgate) {
    let client = vtgate.clients[index]
    for attempted in [RequestBuffer.Attempt.none, .failoverError] {
      let (verdict, actions) = vtgate.buffer.admit(
        client.id, for: client.shard, after: attempted, at: now)
      perform(actions, on: &vtgate)
      switch verdict {
      case .wait:
        vtgate.clients[index].state = .waiting
        return
      case .fail:
        answer(index, succeeded: false, of: &vtgate)
        return
      case .pass:
        if attempted == .none, attempt(client.shard, &vtgate) {
          answer(index, succeeded: true, of: &vtgate)
          return
        }
      }
    }
    answer(index, succeeded: false, of: &vtgate)
  }

  /// True when the primary the vtgate knows of takes the query; otherwise a CLUSTER_EVENT.
  private func attempt(_ shard: ShardName, _ vtgate: inout Vtgate) -> Bool {
    vtgate.calls[shard, default: 0] += 1
    guard let primary = vtgate.primary(of: shard), let tablet = tablets[primary.alias],
      tablet.type == .primary, tablet.isServing
    else {
      vtgate.callErrors[shard, default: 0] += 1
      return false
    }
    return true
  }

  private mutating func answer(_ index: Int, succeeded: Bool, of vtgate: inout Vtgate) {
    if !succeeded { vtgate.clientErrors[vtgate.clients[index].shard, default: 0] += 1 }
    let pause = configuration.thinkTime.seconds * Double.random(in: 0.5...1.5, using: &random)
    vtgate.clients[index].state = .thinking(until: now + .nanoseconds(Int64(pause * 1e9)))
  }

  private mutating func perform(_ actions: [RequestBuffer.Action], on vtgate: inout Vtgate) {
    for action in actions {
      switch action {
      case .retry(let id):
        vtgate.clients[id].state = .retrying(until: now + Self.serviceTime)
      case .fail(let id, _):
        answer(id, succeeded: false, of: &vtgate)
      }
    }
  }

  // MARK: The throttler

  /// What a tablet's throttler measures now.
  package func throttler(of alias: TabletAlias) -> ThrottlerState? {
    guard let tablet = tablets[alias] else { return nil }
    let isPrimary = tablet.type == .primary
    var state = ThrottlerState(
      isLeader: isPrimary && tablet.isServing
        && tablet.primarySince.map { now - $0 >= ThrottlerState.leadershipDelay } ?? false,
      isOpen: tablet.isServing, threshold: configuration.threshold)
    guard tablet.isServing else { return state }
    state.selfValue = lag(of: tablet)
    if state.isLeader {
      state.shardValue =
        tablets.values.filter { $0.shard == tablet.shard && $0.type == .replica && $0.isServing }
        .map { lag(of: $0) }.max() ?? 0
    }
    return state
  }

  private func lag(of tablet: Tablet) -> Double {
    Heartbeat.age(at: now) + (tablet.type == .primary ? 0 : tablet.replication.lag)
  }
}

extension Tablet {
  fileprivate var sighting: TabletSighting {
    TabletSighting(
      alias: alias, shard: shard, type: type, isServing: isServing, primarySince: primarySince)
  }
}
