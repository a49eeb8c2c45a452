package import FleetModel

/// One vtgate's request buffer: which requests wait while a shard has no primary.
///
/// A pure state machine: time comes in, actions come out, whoever owns it performs them.
///
///     IDLE ── failover error ──> BUFFERING ── stop reason ──> DRAINING ── queue empty ──> IDLE
///
/// Invariants, per shard: buffered = drained + Σ evicted + waiting; never more slots in use than the
/// size; nothing waits longer than the window; no other edges than those drawn.
///
/// Mirrors go/vt/vtgate/buffer/{buffer,shard_buffer,timeout_thread,variables}.go, read at v10 to v24.
package struct RequestBuffer: Sendable, Equatable {
  package typealias RequestID = Int

  package struct Configuration: Sendable, Equatable {
    package var isEnabled = true
    package var window: Duration = .seconds(10)
    package var size = 1000
    package var maxFailoverDuration: Duration = .seconds(20)
    package var minTimeBetweenFailovers: Duration = .seconds(60)
    package var drainConcurrency = 1
    /// Keyspaces or `keyspace/shard`; empty means all.
    package var keyspaceShards: Set<String> = []

    package init() {}

    func covers(_ shard: ShardName) -> Bool {
      isEnabled
        && (keyspaceShards.isEmpty || keyspaceShards.contains(shard.keyspace)
          || keyspaceShards.contains(shard.description))
    }
  }

  package enum State: Sendable, Equatable { case idle, buffering, draining }

  /// What a request's previous attempt brought.
  package enum Attempt: Sendable, Equatable {
    case none
    /// An error that tells of a failover: CLUSTER_EVENT.
    case failoverError
    case otherError
  }

  package enum Verdict: Sendable, Equatable {
    /// Go on without waiting: try, or return the error there is.
    case pass
    case wait
    case fail(String)
  }

  /// Something for the owner to do.
  package enum Action: Sendable, Equatable {
    /// Let a waiting request go on to the tablet; answer with ``RequestBuffer/finished(_:at:)``.
    case retry(RequestID)
    case fail(RequestID, String)
  }

  /// What is counted for one shard, under the names of variables.go.
  package struct Counters: Sendable, Equatable {
    package var starts = 0
    package var stops: [StopReason: Int] = [
      .newPrimarySeen: 0, .reshardingComplete: 0, .maxDurationExceeded: 0, .shutdown: 0,
    ]
    package var failoverDurationSum: Duration = .zero
    package var utilizationSum = 0
    package var buffered = 0
    package var drained = 0
    package var evicted: [EvictReason: Int] = [.contextDone: 0, .bufferFull: 0, .windowExceeded: 0]
    package var skipped: [SkipReason: Int] = [
      .bufferFull: 0, .disabled: 0, .shutdown: 0, .lastReparentTooRecent: 0,
      .lastFailoverTooRecent: 0,
    ]
    /// The three `last_*` gauges do not exist before the first start or stop.
    package var lastFailoverDuration: Duration?
    package var lastRequestsInFlightMax: Int?

    package init() {}
  }

  private struct Entry: Sendable, Equatable {
    let id: RequestID
    let deadline: Instant
  }

  private struct ShardState: Sendable, Equatable {
    var state = State.idle
    var queue: [Entry] = []
    /// The queue taken over at the stop, and how far it has been worked off.
    var draining: [Entry] = []
    var drainIndex = 0
    var drainUnfinished = 0
    var startedAt: Instant?
    var endedAt: Instant?
    var reparentedAt: Instant?
    var primary: TabletAlias?
    var counters = Counters()
  }

  package let configuration: Configuration
  private var shards: [ShardName: ShardState] = [:]
  /// Slots taken, over all shards.
  ///
  /// A request evicted by the window keeps its slot until its retry ends.
  package private(set) var slotsUsed = 0
  /// Requests that hold a slot, by the shard they wait for.
  private var holders: [RequestID: ShardName] = [:]

  package init(_ configuration: Configuration) { self.configuration = configuration }

  // MARK: What the outside sees

  package var knownShards: [ShardName] { shards.keys.sorted() }
  package func counters(of shard: ShardName) -> Counters? { shards[shard]?.counters }
  package func state(of shard: ShardName) -> State { shards[shard]?.state ?? .idle }
  /// Requests queued or being drained.
  package func waiting(for shard: ShardName) -> Int {
    guard let state = shards[shard] else { return 0 }
    return state.queue.count + (state.state == .draining ? state.draining.count : 0)
  }

  // MARK: Requests

  /// Asks whether a request for a shard's primary, outside of a transaction, has to wait.
  package mutating func admit(
    _ id: RequestID, for name: ShardName, after attempt: Attempt, at now: Instant
  ) -> (verdict: Verdict, actions: [Action]) {
    var shard = shards[name] ?? ShardState()
    defer { shards[name] = shard }
    guard configuration.covers(name) else {
      shard.counters.skipped[.disabled, default: 0] += 1
      return (.pass, [])
    }
    switch (shard.state, attempt) {
    case (.draining, _), (.idle, .none), (.idle, .otherError), (.buffering, .otherError):
      return (.pass, [])
    case (.idle, .failoverError):
      if let end = shard.endedAt, now - end < configuration.minTimeBetweenFailovers {
        shard.counters.skipped[.lastFailoverTooRecent, default: 0] += 1
        return (.pass, [])
      }
      if let end = shard.reparentedAt, now - end < configuration.minTimeBetweenFailovers {
        shard.counters.skipped[.lastReparentTooRecent, default: 0] += 1
        return (.pass, [])
      }
      shard.state = .buffering
      shard.startedAt = now
      shard.counters.starts += 1
      shard.counters.failoverDurationSum = .zero
      shard.counters.lastRequestsInFlightMax = 0
    case (.buffering, _): break
    }
    return enqueue(id, name, &shard, at: now)
  }

  private mutating func enqueue(
    _ id: RequestID, _ name: ShardName, _ shard: inout ShardState, at now: Instant
  ) -> (verdict: Verdict, actions: [Action]) {
    var actions: [Action] = []
    if slotsUsed >= configuration.size {
      guard !shard.queue.isEmpty else {
        shard.counters.skipped[.bufferFull, default: 0] += 1
        return (.fail("primary buffer is full"), [])
      }
      // The oldest makes room for the newest, which takes over its slot.
      let oldest = shard.queue.removeFirst()
      holders[oldest.id] = nil
      slotsUsed -= 1
      shard.counters.evicted[.bufferFull, default: 0] += 1
      actions.append(.fail(oldest.id, "buffer full: request evicted for newer request"))
    }
    slotsUsed += 1
    holders[id] = name
    shard.queue.append(Entry(id: id, deadline: now + configuration.window))
    shard.counters.buffered += 1
    shard.counters.lastRequestsInFlightMax = max(
      shard.counters.lastRequestsInFlightMax ?? 0, shard.queue.count)
    return (.wait, actions)
  }

  /// A retried request has come to its end, whatever that was.
  package mutating func finished(_ id: RequestID, at now: Instant) -> [Action] {
    guard let name = holders.removeValue(forKey: id) else { return [] }
    slotsUsed -= 1
    guard var shard = shards[name], shard.draining.contains(where: { $0.id == id }) else {
      return []
    }
    defer { shards[name] = shard }
    shard.drainUnfinished -= 1
    if shard.drainIndex < shard.draining.count {
      let next = shard.draining[shard.drainIndex]
      shard.drainIndex += 1
      return [.retry(next.id)]
    }
    if shard.drainUnfinished == 0 { endDrain(&shard) }
    return []
  }

  /// A waiting request's client has given up.
  package mutating func clientGone(_ id: RequestID) -> [Action] {
    guard let name = holders[id], var shard = shards[name],
      let index = shard.queue.firstIndex(where: { $0.id == id })
    else { return [] }
    shard.queue.remove(at: index)
    shard.counters.evicted[.contextDone, default: 0] += 1
    shards[name] = shard
    holders[id] = nil
    slotsUsed -= 1
    return [.fail(id, "context was canceled before failover finished: context canceled")]
  }

  // MARK: Time and health

  /// Lets time pass: requests older than the window go, and a failover that takes too long is ended.
  package mutating func advance(to now: Instant) -> [Action] {
    var actions: [Action] = []
    for name in knownShards {
      guard var shard = shards[name], shard.state == .buffering else { continue }
      while let head = shard.queue.first, head.deadline <= now {
        shard.queue.removeFirst()
        shard.counters.evicted[.windowExceeded, default: 0] += 1
        // Unblocked without an error: it is retried once against whatever primary is known.
        actions.append(.retry(head.id))
      }
      shards[name] = shard
      if let start = shard.startedAt, now - start >= configuration.maxFailoverDuration {
        actions += stop(name, .maxDurationExceeded, at: now)
      }
    }
    return actions
  }

  /// The health check saw a primary serving the shard: a new one, or the same one again.
  package mutating func sawPrimary(
    _ alias: TabletAlias, of name: ShardName, at now: Instant
  ) -> [Action] {
    var shard = shards[name] ?? ShardState()
    if let known = shard.primary, known != alias { shard.reparentedAt = now }
    shard.primary = alias
    shards[name] = shard
    return stop(name, .newPrimarySeen, at: now)
  }

  /// Ends the buffering of a shard; nothing happens unless it is going on.
  package mutating func stop(
    _ name: ShardName, _ reason: StopReason, at now: Instant
  ) -> [Action] {
    guard var shard = shards[name], shard.state == .buffering else { return [] }
    defer { shards[name] = shard }
    let duration = shard.startedAt.map { now - $0 } ?? .zero
    shard.endedAt = now
    shard.counters.stops[reason, default: 0] += 1
    shard.counters.lastFailoverDuration = duration
    shard.counters.failoverDurationSum += duration
    let peak = shard.counters.lastRequestsInFlightMax ?? 0
    shard.counters.utilizationSum += 100 * peak / configuration.size
    shard.draining = shard.queue
    shard.queue = []
    shard.drainUnfinished = shard.draining.count
    shard.drainIndex = min(configuration.drainConcurrency, shard.draining.count)
    shard.state = .draining
    guard !shard.draining.isEmpty else {
      endDrain(&shard)
      return []
    }
    return shard.draining.prefix(shard.drainIndex).map { .retry($0.id) }
  }

  /// `requests_drained` jumps by the whole queue, once, at the end.
  private func endDrain(_ shard: inout ShardState) {
    shard.counters.drained += shard.draining.count
    shard.draining = []
    shard.drainIndex = 0
    shard.state = .idle
  }

  // MARK: Invariants

  /// What is wrong with the counters; nil when every invariant holds.
  package func violation(at now: Instant) -> String? {
    for (name, shard) in shards {
      let counters = shard.counters
      let waiting = waiting(for: name)
      let evicted = counters.evicted.values.reduce(0, +)
      if counters.buffered != counters.drained + evicted + waiting {
        return
          "\(name): buffered \(counters.buffered) is not drained \(counters.drained) + evicted "
          + "\(evicted) + waiting \(waiting)"
      }
      let stops = counters.stops.values.reduce(0, +)
      if counters.starts != stops + (shard.state == .buffering ? 1 : 0) {
        return "\(name): \(counters.starts) starts, \(stops) stops, \(shard.state)"
      }
      if let late = shard.queue.first(where: { $0.deadline + .milliseconds(1) < now }) {
        return "\(name): request \(late.id) waits beyond its window"
      }
    }
    if slotsUsed > configuration.size {
      return "\(slotsUsed) slots of \(configuration.size) in use"
    }
    if slotsUsed != holders.count { return "\(slotsUsed) slots, \(holders.count) holders" }
    return nil
  }
}
