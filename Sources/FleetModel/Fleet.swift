/// Everything known of the fleet at some moment: the last reading of each server, and what follows.
///
/// `apply` takes one poll's outcome; `shards(at:)` derives the rows an operator sees. Rules come from
/// vtgate's own code: see ``BufferCounters``.
package struct Fleet: Sendable, Equatable {
  package private(set) var vtgates: [Address: VtgateState] = [:]
  package private(set) var tablets: [Address: TabletState] = [:]
  package private(set) var log = EventLog()
  /// When the operator set a baseline; nil shows the servers' own totals.
  package private(set) var baselineAt: Instant?
  /// A reading older than this is stale.
  package var staleAfter: Duration

  /// The primary last seen serving, for events and while there is none.
  private var lastPrimary: [ShardName: TabletAlias] = [:]
  private var reparentedAt: [ShardName: Instant] = [:]
  private var shardsWithoutPrimary: Set<ShardName> = []
  private var histories: [ShardName: ShardHistory] = [:]

  package init(staleAfter: Duration = .seconds(3)) { self.staleAfter = staleAfter }

  // MARK: Input

  /// Makes a target known before its first answer, so that it is a row from the beginning.
  package mutating func watch(_ target: Target) {
    switch target.kind {
    case .vtgate where vtgates[target.address] == nil:
      vtgates[target.address] = VtgateState(address: target.address)
    case .vttablet where tablets[target.address] == nil:
      tablets[target.address] = TabletState(address: target.address)
    default: break
    }
  }

  /// Forgets a target that left the topology.
  package mutating func forget(_ target: Target, at instant: Instant) {
    switch target.kind {
    case .vtgate: vtgates[target.address] = nil
    case .vttablet:
      let alias = tablets[target.address].map { self.alias(of: $0) }
      tablets[target.address] = nil
      let name = alias.flatMap { $0?.short } ?? target.address.description
      log.append(FleetEvent(at: instant, .notice, "tablet \(name) left the topology"))
    }
  }

  /// Takes one poll's outcome.
  package mutating func apply(_ outcome: ScrapeOutcome) {
    watch(outcome.target)
    let address = outcome.target.address
    switch outcome.result {
    case .vtgate(let reading):
      guard var state = vtgates[address] else { return }
      noteRecovery(of: outcome.target, state.watched.failingSince, at: outcome.at)
      take(reading, into: &state, at: outcome.at)
      vtgates[address] = state
      notePrimaries(
        of: Set(state.tabletsByShard.keys).union(reading.buffers.keys), at: outcome.at)
    case .tablet(let reading):
      noteRecovery(of: outcome.target, tablets[address]?.watched.failingSince, at: outcome.at)
      tablets[address]?.watched.succeed(reading, at: outcome.at)
    case .failed(let failure):
      let known: ScrapeFailure?
      switch outcome.target.kind {
      case .vtgate:
        known = vtgates[address]?.watched.failure
        vtgates[address]?.watched.fail(failure, at: outcome.at)
      case .vttablet:
        known = tablets[address]?.watched.failure
        tablets[address]?.watched.fail(failure, at: outcome.at)
      }
      if known?.kind != failure.kind {
        log.append(
          FleetEvent(at: outcome.at, .warning, "\(outcome.target): \(failure.description)"))
      }
    }
  }

  /// Counts from here on: what the servers have counted so far is subtracted.
  package mutating func setBaseline(at instant: Instant) {
    baselineAt = instant
    for (address, state) in vtgates {
      vtgates[address]?.baseline = state.watched.value?.buffers ?? [:]
      vtgates[address]?.carried = [:]
    }
    log.append(FleetEvent(at: instant, .notice, "baseline set: counters count from here"))
  }

  /// Goes back to the servers' own totals.
  package mutating func clearBaseline(at instant: Instant) {
    guard baselineAt != nil else { return }
    baselineAt = nil
    for address in Array(vtgates.keys) {
      vtgates[address]?.baseline = [:]
      vtgates[address]?.carried = [:]
    }
    log.append(
      FleetEvent(at: instant, .notice, "baseline removed: counters are the vtgates' totals"))
  }

  /// Adds an event that did not come from a poll.
  package mutating func note(_ event: FleetEvent) { log.append(event) }

  /// Adds one point to every shard's history.
  package mutating func recordHistory(at now: Instant) {
    for shard in shards(at: now) {
      histories[shard.name, default: ShardHistory()].record(shard)
    }
  }

  package func history(of shard: ShardName) -> ShardHistory { histories[shard] ?? ShardHistory() }

  // MARK: A vtgate's reading

  private mutating func take(
    _ reading: VtgateReading, into state: inout VtgateState, at instant: Instant
  ) {
    let previous = state.watched.value
    let previousAt = state.watched.readAt
    let isRestart = previous.map { Self.isRestart(from: $0, to: reading) } ?? false
    if isRestart, let previous {
      if baselineAt != nil {
        for (shard, counters) in previous.buffers {
          state.carried[shard, default: BufferCounters()].add(
            counters.since(state.baseline[shard] ?? BufferCounters()))
        }
        state.baseline = [:]
      }
      state.episodes = [:]
      log.append(
        FleetEvent(
          at: instant, .warning, "vtgate restarted, its counters began again at 0:",
          sources: [.init(state.address)]))
    } else if previous == nil, baselineAt != nil {
      state.baseline = reading.buffers
    }
    for (shard, counters) in reading.buffers.sorted(by: { $0.key < $1.key }) {
      let before = isRestart ? BufferCounters() : previous?.buffers[shard]
      follow(
        counters, from: before ?? (previous == nil ? nil : BufferCounters()), shard, &state,
        at: instant, since: isRestart ? nil : previousAt)
    }
    state.watched.succeed(reading, at: instant)
    if let flags = reading.flags { state.flags = flags }
    if let version = reading.version { state.version = version }
    if let tablets = reading.tablets { state.tablets = tablets }
  }

  private static func isRestart(from previous: VtgateReading, to reading: VtgateReading) -> Bool {
    if let before = previous.processStart, let after = reading.processStart, before != after {
      return true
    }
    return reading.buffers.contains { shard, counters in
      previous.buffers[shard].map { counters.isReset(from: $0) } ?? false
    }
  }

  /// Compares two polls of one shard's counters and notes what they prove.
  private mutating func follow(
    _ now: BufferCounters, from before: BufferCounters?, _ shard: ShardName,
    _ state: inout VtgateState, at instant: Instant, since previousAt: Instant?
  ) {
    var episode = state.episodes[shard] ?? Episode()
    defer { state.episodes[shard] = episode }
    let source = state.address
    func event(_ severity: FleetEvent.Severity, _ text: String, _ detail: String = "") {
      log.append(
        FleetEvent(at: instant, shard: shard, severity, text, sources: [.init(source, detail)]))
    }
    guard let before else {
      if now.isBuffering { event(.warning, "buffering was already going on at") }
      return
    }
    let started = now.starts - before.starts
    let stopped = now.stopsTotal - before.stopsTotal
    if started > 0 {
      episode.startedAt = instant
      episode.uncertainty = previousAt.map { instant - $0 } ?? .zero
      if now.isBuffering { episode.stoppedAt = nil }
    }
    if started > 0, stopped > 0, !now.isBuffering, !before.isBuffering {
      let count = started == 1 ? "a failover" : "\(started) failovers"
      event(.warning, "\(count) began and ended between two polls of")
    } else if started > 0 {
      event(.warning, "buffering started on")
    }
    for (reason, count) in now.stops.byName where count > before.stops[reason, default: 0] {
      let isBad = reason == .maxDurationExceeded || reason == .shutdown
      let lasted = now.lastFailoverDuration.map { "after \($0.inTenths)" } ?? ""
      event(isBad ? .critical : .good, "buffering ended (\(reason.rawValue)) on", lasted)
      episode.stoppedAt = instant
    }
    for (reason, count) in now.evicted.byName {
      let more = count - before.evicted[reason, default: 0]
      guard more > 0 else { continue }
      event(
        reason == .windowExceeded ? .warning : .critical,
        "requests evicted (\(reason.rawValue)) by", "\(more)")
    }
    for (reason, count) in now.skipped.byName where reason != .disabled {
      let before = before.skipped[reason, default: 0]
      if count > before, before == 0 || started > 0 || !episode.reportedSkips.contains(reason) {
        event(.critical, "not buffering (\(reason.rawValue)) on")
        episode.reportedSkips.insert(reason)
      } else if count == before {
        episode.reportedSkips.remove(reason)
      }
    }
    let drained = now.drained - before.drained
    if drained > 0 { event(.good, "requests drained by", "\(drained)") }
  }

  // MARK: Primaries and recoveries

  private mutating func noteRecovery(of target: Target, _ failingSince: Instant?, at now: Instant) {
    guard let failingSince else { return }
    log.append(
      FleetEvent(at: now, .good, "\(target) answers again after \((now - failingSince).inTenths)"))
  }

  private mutating func notePrimaries(of names: Set<ShardName>, at instant: Instant) {
    for shard in names.sorted().map({ shard($0, at: instant) }) {
      if let primary = shard.primary, shard.primaryIsServing {
        let previous = lastPrimary[shard.name]
        if let previous, previous != primary {
          reparentedAt[shard.name] = instant
          log.append(
            FleetEvent(
              at: instant, shard: shard.name, .good,
              "primary is now \(primary.short), was \(previous.short)"))
        } else if shardsWithoutPrimary.contains(shard.name) {
          log.append(
            FleetEvent(
              at: instant, shard: shard.name, .good, "primary \(primary.short) is serving again"))
        }
        lastPrimary[shard.name] = primary
        shardsWithoutPrimary.remove(shard.name)
      } else if shard.isPrimaryMissing, lastPrimary[shard.name] != nil,
        shardsWithoutPrimary.insert(shard.name).inserted
      {
        log.append(
          FleetEvent(at: instant, shard: shard.name, .warning, "no vtgate sees a serving primary"))
      }
    }
  }

  package func alias(of tablet: TabletState) -> TabletAlias? {
    gatewayTablets.last { $0.address == tablet.address }?.alias ?? tablet.watched.value?.alias
  }

  private var gatewayTablets: [GatewayTablet] {
    vtgates.values.sorted { $0.address < $1.address }.flatMap { $0.tablets ?? [] }
  }

  // MARK: Derived

  /// All shards that any server knows, in the order of their names.
  package func shards(at now: Instant) -> [Shard] {
    var names = Set<ShardName>()
    for vtgate in vtgates.values {
      names.formUnion(vtgate.tabletsByShard.keys)
      guard let reading = vtgate.watched.value else { continue }
      names.formUnion(reading.buffers.keys)
      names.formUnion(reading.primaryConnections.keys)
    }
    let polled = Dictionary(grouping: tablets.values) { $0.watched.value?.shard }
    names.formUnion(polled.keys.compactMap(\.self))
    return names.sorted().map { derive($0, polled: polled[$0] ?? [], at: now) }
  }

  package func shard(_ name: ShardName, at now: Instant) -> Shard {
    derive(name, polled: tablets.values.filter { $0.watched.value?.shard == name }, at: now)
  }

  private func derive(_ name: ShardName, polled: [TabletState], at now: Instant) -> Shard {
    Shard(
      name, in: self, polled: polled.sorted { $0.address < $1.address },
      lastPrimary: lastPrimary[name], reparentedAt: reparentedAt[name], at: now)
  }
}

extension Dictionary where Key: RawRepresentable<String> {
  /// The entries in the order of their reasons' names, the same in every run.
  fileprivate var byName: [(key: Key, value: Value)] {
    sorted { $0.key.rawValue < $1.key.rawValue }
  }
}

extension Duration {
  /// The duration in words an operator reads: `0.3 s`, `12.4 s`, `2 m 05 s`, `1 h 58 m`.
  package var inTenths: String {
    let tenths = (wholeNanoseconds &+ 50_000_000) / 100_000_000
    if tenths < 600 { return "\(tenths / 10).\(tenths % 10) s" }
    let seconds = tenths / 10
    if seconds < 3600 { return "\(seconds / 60) m \(twoDigits(seconds % 60)) s" }
    return "\(seconds / 3600) h \(twoDigits(seconds / 60 % 60)) m"
  }

  private func twoDigits(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
