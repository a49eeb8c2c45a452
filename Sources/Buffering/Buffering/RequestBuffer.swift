package import Terms

/// One vtgate's request buffer: which requests wait while a shard has no primary.
///
/// One engine for everything that has to buffer as vtgate does. A pure state machine: time goes in,
/// actions come out, and the owner performs them.
///
///     IDLE ── failover error ──> BUFFERING ── stop reason ──> DRAINING ── queue empty ──> IDLE
///
/// Invariants, per shard: buffered = drained + Σ evicted + waiting; slots in use never exceed the
/// size; nothing waits longer than the window; there are no edges but those drawn.
///
/// Mirrors go/vt/vtgate/buffer/{buffer,shard_buffer,timeout_thread,variables}.go, v10 to v24.
package struct RequestBuffer: Sendable {
  package typealias RequestID = Int

  package enum State: Sendable, Equatable { case idle, buffering, draining }

  /// How a request's previous attempt ended.
  package enum Attempt: Sendable, Equatable {
    case none
    /// An error that signals a failover: CLUSTER_EVENT or, from v18 on, a table being moved away.
    case failoverError
    case otherError
  }

  package enum Verdict: Sendable, Equatable {
    /// Go on without waiting: try, or return the error at hand.
    case pass
    case wait
    case fail(String)
  }

  /// Something for the owner to do.
  package enum Action: Sendable, Equatable {
    /// Let a waiting request go on to the tablet; report back with
    /// ``RequestBuffer/finished(_:at:)``.
    case retry(RequestID)
    case fail(RequestID, String)
  }

  /// One shard's counters, under the names of variables.go.
  package struct Counters: Sendable, Equatable {
    package var starts = 0
    /// `MoveTablesSwitchedTraffic` appears with its first use.
    package var stops = Self.noStops
    package var failoverDurationSum: Duration = .zero
    package var utilizationSum = 0
    package var utilizationDryRunSum = 0
    package var buffered = 0
    package var bufferedDryRun = 0
    package var drained = 0
    package var evicted = Self.noEvictions
    package var skipped = Self.noSkips
    /// The three `last_*` gauges do not exist before the first start or stop.
    package var lastFailoverDuration: Duration?
    package var lastRequestsInFlightMax: Int?
    package var lastRequestsDryRunMax: Int?

    // Tables in one place: a shard that has counted nothing shares them with all the others.
    private static let noStops: [StopReason: Int] = [
      .newPrimarySeen: 0, .reshardingComplete: 0, .maxDurationExceeded: 0, .shutdown: 0,
    ]
    private static let noEvictions: [EvictReason: Int] = [
      .contextDone: 0, .bufferFull: 0, .windowExceeded: 0,
    ]
    private static let noSkips: [SkipReason: Int] = [
      .bufferFull: 0, .disabled: 0, .shutdown: 0, .lastReparentTooRecent: 0,
      .lastFailoverTooRecent: 0,
    ]

    package init() {}
  }

  private struct Entry: Sendable {
    let id: RequestID
    let deadline: Instant
  }

  private struct ShardState: Sendable {
    var state = State.idle
    /// A slice, so that the oldest leaves without a move of all the others.
    var queue: ArraySlice<Entry> = []
    /// The queue taken over at the stop, and how much of it has been worked off.
    var draining: [Entry] = []
    var drainIndex = 0
    var drainUnfinished = 0
    var startedAt: Instant?
    var endedAt: Instant?
    var reparentedAt: Instant?
    var primary: TabletAlias?
    var counters = Counters()
    /// Rises with each change of the counters.
    var revision = 0
  }

  /// Where a request that holds a slot is.
  private enum Place: Sendable { case queued, draining, evicted }

  package private(set) var configuration: Configuration
  private var shards: [ShardName: ShardState] = [:]
  /// The requests that hold a slot, over all shards.
  ///
  /// A request evicted by the window keeps its slot until its retry ends.
  private var holders: [RequestID: (shard: ShardName, place: Place)] = [:]
  /// Shards that are buffering, so that ``advance(to:)`` need not look at all of them.
  private var buffering: Set<ShardName> = []
  private var isShutDown = false
  /// Rises with each change of any shard's counters.
  package private(set) var revision = 0

  package init(_ configuration: Configuration) { self.configuration = configuration }

  /// Takes over other flags, unless a request waits or holds a slot by those at hand; returns whether
  /// it did.
  package mutating func reconfigure(_ changed: Configuration) -> Bool {
    guard changed != configuration else { return true }
    guard holders.isEmpty, buffering.isEmpty else { return false }
    configuration = changed
    return true
  }

  // MARK: What the outside sees

  package var slotsUsed: Int { holders.count }
  package var knownShards: [ShardName] { shards.keys.sorted() }
  package func counters(of shard: ShardName) -> Counters? { shards[shard]?.counters }
  package func revision(of shard: ShardName) -> Int { shards[shard]?.revision ?? 0 }
  package func state(of shard: ShardName) -> State { shards[shard]?.state ?? .idle }
  /// Requests queued or being drained.
  package func waiting(for shard: ShardName) -> Int {
    guard let state = shards[shard] else { return 0 }
    return state.queue.count + (state.state == .draining ? state.draining.count : 0)
  }

  /// When ``advance(to:)`` has something to do next; nil when nothing buffers.
  package var nextDeadline: Instant? {
    var next: Instant?
    for name in buffering {
      guard let shard = shards[name] else { continue }
      for instant in [
        shard.queue.first?.deadline, shard.startedAt.map { $0 + configuration.maxFailoverDuration },
      ].compactMap({ $0 }) {
        next = min(next ?? instant, instant)
      }
    }
    return next
  }

  // MARK: Requests

  /// Decides whether a request for a shard's primary, outside of a transaction, has to wait.
  ///
  /// `mayStart` is asked last, just before buffering would start: from v20 on the keyspace watcher
  /// has to know the shard.
  package mutating func admit(
    _ id: RequestID, for name: ShardName, after attempt: Attempt, at now: Instant,
    mayStart: () -> Bool = { true }
  ) -> (verdict: Verdict, actions: [Action]) {
    let mode = configuration.mode(of: name)
    if isShutDown {
      change(name) { $0.counters.skipped[.shutdown, default: 0] += 1 }
      return (.pass, [])
    }
    if mode == .disabled {
      change(name) { $0.counters.skipped[.disabled, default: 0] += 1 }
      return (.pass, [])
    }
    see(name)
    switch (state(of: name), attempt) {
    case (.draining, _), (.idle, .none), (.idle, .otherError), (.buffering, .otherError):
      return (.pass, [])
    case (.idle, .failoverError):
      if let reason = reasonNotToStart(name, at: now) {
        change(name) { $0.counters.skipped[reason, default: 0] += 1 }
        return (.pass, [])
      }
      guard mayStart() else { return (.pass, []) }
      start(name, at: now)
    case (.buffering, _): break
    }
    if mode == .dryRun {
      change(name) {
        $0.counters.lastRequestsDryRunMax = ($0.counters.lastRequestsDryRunMax ?? 0) + 1
        $0.counters.bufferedDryRun += 1
      }
      return (.pass, [])
    }
    return enqueue(id, name, at: now)
  }

  /// Why a shard would not be buffered if a request failed now; nil if it would.
  package func reasonNotToStart(_ name: ShardName, at now: Instant) -> SkipReason? {
    if isShutDown { return .shutdown }
    if configuration.mode(of: name) == .disabled { return .disabled }
    guard let shard = shards[name] else { return nil }
    func isRecent(_ instant: Instant?) -> Bool {
      instant.map { now - $0 < configuration.minTimeBetweenFailovers } ?? false
    }
    if isRecent(shard.endedAt) { return .lastFailoverTooRecent }
    return isRecent(shard.reparentedAt) ? .lastReparentTooRecent : nil
  }

  private mutating func start(_ name: ShardName, at now: Instant) {
    change(name) {
      $0.state = .buffering
      $0.startedAt = now
      $0.counters.starts += 1
      $0.counters.failoverDurationSum = .zero
      $0.counters.lastRequestsInFlightMax = 0
      $0.counters.lastRequestsDryRunMax = 0
    }
    buffering.insert(name)
  }

  private mutating func enqueue(
    _ id: RequestID, _ name: ShardName, at now: Instant
  ) -> (verdict: Verdict, actions: [Action]) {
    var actions: [Action] = []
    if holders.count >= configuration.size {
      guard let oldest = shards[name]?.queue.first else {
        change(name) { $0.counters.skipped[.bufferFull, default: 0] += 1 }
        return (.fail(Self.full), [])
      }
      // The oldest makes room for the newest, which takes over its slot.
      holders[oldest.id] = nil
      change(name) {
        $0.queue.removeFirst()
        $0.counters.evicted[.bufferFull, default: 0] += 1
      }
      actions.append(.fail(oldest.id, "buffer full: request evicted for newer request"))
    }
    holders[id] = (name, .queued)
    let deadline = now + configuration.window
    change(name) {
      $0.queue.append(Entry(id: id, deadline: deadline))
      $0.counters.buffered += 1
      $0.counters.lastRequestsInFlightMax = max(
        $0.counters.lastRequestsInFlightMax ?? 0, $0.queue.count)
    }
    return (.wait, actions)
  }

  /// Counts a request that is too long for the room its owner has left, as one that found the buffer
  /// full; returns what to tell its client.
  package mutating func refuseForLackOfRoom(_ name: ShardName) -> String {
    change(name) { $0.counters.skipped[.bufferFull, default: 0] += 1 }
    return Self.full
  }

  private static let full = "primary buffer is full"

  /// A retried request has ended, one way or the other.
  package mutating func finished(_ id: RequestID, at now: Instant) -> [Action] {
    guard let (name, place) = holders.removeValue(forKey: id), place == .draining,
      var shard = shards.removeValue(forKey: name)
    else { return [] }
    defer { shards[name] = shard }
    shard.drainUnfinished -= 1
    if shard.drainIndex < shard.draining.count {
      let next = shard.draining[shard.drainIndex]
      shard.drainIndex += 1
      return [.retry(next.id)]
    }
    if shard.drainUnfinished == 0 {
      endDrain(&shard)
      revision += 1
    }
    return []
  }

  /// A waiting request's client has given up.
  package mutating func clientGone(_ id: RequestID) -> [Action] {
    guard let (name, place) = holders[id], place == .queued,
      let index = shards[name]?.queue.firstIndex(where: { $0.id == id })
    else { return [] }
    change(name) {
      $0.queue.remove(at: index)
      $0.counters.evicted[.contextDone, default: 0] += 1
    }
    holders[id] = nil
    return [.fail(id, "context was canceled before failover finished: context canceled")]
  }

  // MARK: Time and health

  /// Lets time pass: evicts requests older than the window and ends a failover that takes too long.
  package mutating func advance(to now: Instant) -> [Action] {
    var actions: [Action] = []
    for name in buffering.sorted() {
      while let head = shards[name]?.queue.first, head.deadline <= now {
        change(name) {
          $0.queue.removeFirst()
          $0.counters.evicted[.windowExceeded, default: 0] += 1
        }
        holders[head.id] = (name, .evicted)
        // Unblocked without an error: it is retried once against whatever primary is known.
        actions.append(.retry(head.id))
      }
      if let start = shards[name]?.startedAt, now - start >= configuration.maxFailoverDuration {
        actions += stop(name, .maxDurationExceeded, at: now)
      }
    }
    return actions
  }

  /// Applies what a keyspace event says about one shard.
  ///
  /// `primary`: the one known to serve it; a change counts as a reparent even if the buffer was not
  /// needed. `outcome`: what the event means to a shard that is buffering.
  package mutating func keyspaceEvent(
    _ name: ShardName, primary: TabletAlias?, _ outcome: StopReason?, at now: Instant
  ) -> [Action] {
    see(name)
    if let primary, shards[name]?.primary != primary {
      if shards[name]?.primary != nil { shards[name]?.reparentedAt = now }
      shards[name]?.primary = primary
    }
    guard let outcome else { return [] }
    return stop(name, outcome, at: now)
  }

  /// Shuts down: buffers nothing more and lets go of everything that waits.
  package mutating func shutDown(at now: Instant) -> [Action] {
    isShutDown = true
    return buffering.sorted().flatMap { stop($0, .shutdown, at: now) }
  }

  /// Ends the buffering of a shard; does nothing unless it is buffering.
  package mutating func stop(
    _ name: ShardName, _ reason: StopReason, at now: Instant
  ) -> [Action] {
    guard buffering.remove(name) != nil, var shard = shards.removeValue(forKey: name) else {
      return []
    }
    defer { shards[name] = shard }
    revision += 1
    shard.revision += 1
    let duration = shard.startedAt.map { now - $0 } ?? .zero
    shard.endedAt = now
    shard.counters.stops[reason, default: 0] += 1
    shard.counters.lastFailoverDuration = duration
    shard.counters.failoverDurationSum += duration
    if configuration.mode(of: name) == .dryRun {
      let peak = shard.counters.lastRequestsDryRunMax ?? 0
      shard.counters.utilizationDryRunSum += 100 * peak / configuration.size
    } else {
      let peak = shard.counters.lastRequestsInFlightMax ?? 0
      shard.counters.utilizationSum += 100 * peak / configuration.size
    }
    shard.draining = Array(shard.queue)
    shard.queue = []
    shard.state = .draining
    for entry in shard.draining { holders[entry.id] = (name, .draining) }
    if reason == .reshardingComplete {
      // There is nowhere to retry them; they count as drained all the same.
      let gone = shard.draining
      for entry in gone { holders[entry.id] = nil }
      endDrain(&shard)
      return gone.map {
        .fail($0.id, "destination shard is missing after a resharding operation")
      }
    }
    shard.drainUnfinished = shard.draining.count
    shard.drainIndex = min(configuration.drainConcurrency, shard.draining.count)
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
    shard.revision += 1
  }

  /// Creates the shard's buffer, and with it all its zeros, if there is none yet.
  private mutating func see(_ name: ShardName) {
    if shards[name] == nil { change(name) { _ in } }
  }

  private mutating func change(_ name: ShardName, _ body: (inout ShardState) -> Void) {
    revision += 1
    body(&shards[name, default: ShardState()])
    shards[name]?.revision += 1
  }

  // MARK: Invariants

  /// Which invariant of the counters is violated; nil when all hold.
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
      if buffering.contains(name) != (shard.state == .buffering) {
        return "\(name): \(shard.state), but its timer says otherwise"
      }
      if shard.state == .idle, waiting > 0 { return "\(name): idle with \(waiting) waiting" }
    }
    if slotsUsed > configuration.size {
      return "\(slotsUsed) slots of \(configuration.size) in use"
    }
    return nil
  }
}
