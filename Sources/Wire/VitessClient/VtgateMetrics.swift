internal import Exposition
package import FleetModel
internal import Terms

/// vtgate's `/metrics`, reduced to what a failover shows.
///
/// Names and labels: go/vt/vtgate/buffer/variables.go, go/vt/discovery/healthcheck.go and
/// go/vt/vtgate/scatter_conn.go, identical from v10 to v24 but for reason values.
package struct VtgateMetrics: Sendable {
  package private(set) var reading = VtgateReading()
  /// `vtgate_healthcheck_checksum`, of who serves as what: see ``GatewayListing``; nil when not
  /// exported.
  package private(set) var checksum: Double?
  private var scanner = Scanner(Self.selection)
  private var notes = Notes()

  /// What is learnt about the document on the way and judged at its end.
  private struct Notes {
    /// Shards that the health check watches; its gauges are never combined.
    var watched: Set<ShardName> = []
    /// Families with some value that cannot be a count.
    var bad: [ShardName: BufferCounters.Families] = [:]
    var firstBad: (metric: String, count: ReadingComplaint.BadCount)?
    var badCount = 0
    /// At least one series of a vtgate is there.
    var isVtgate = false
    /// What was left out because there was too much of it.
    var excess: ReadingComplaint?
  }

  /// The most of each that are read, more than any fleet has: a server might name them without end.
  private static let shardLimit = 10_000
  private static let reasonLimit = 32
  /// Longer than names in topo are.
  private static let nameLimit = 512
  /// No process counts that far, and sums of this many such counts fit an integer.
  private static let countLimit = 1e15

  /// The labels that tell its series apart, as far as they are read.
  package static let labels: Set = [
    "keyspace", "shard_name", "reason", "tablet_type", "db_type", "code",
  ]

  private static let selectors: [Selection.Selector] = [
    .prefix("vtgate_buffer_"),
    .name("vtgate_healthcheck_connections"),
    .name("vtgate_vttablet_call_error_count"),
    .name("process_start_time_seconds"),
    .name("vtgate_healthcheck_checksum"),
    .name("vtgate_api_error_counts"),
  ]
  private static let selection = Selection(selectors)

  /// The one series that every vtgate reports, with buffering on or off, and once: it has no labels.
  package static let sizeName = "vtgate_buffer_size"

  /// The names of all series that are read, as a regular expression.
  package static let namePattern = selectors.map { selector in
    switch selector {
    case .name(let name): name
    case .prefix(let prefix): "\(prefix).+"
    }
  }.joined(separator: "|")

  /// Decodes a whole body.
  package init(body: some Sequence<UInt8>) {
    scanner.scan(body) { Self.take($0, into: &reading, &checksum, &notes) }
    scanner.finish { Self.take($0, into: &reading, &checksum, &notes) }
    for (shard, families) in notes.bad {
      reading.buffers[shard, default: Self.unreported].unreported.formUnion(families)
    }
    separateCombined()
    reading.complaint = notes.excess
    if let bad = notes.firstBad {
      reading.complaint = .unusableCount(
        metric: bad.metric, bad.count, more: notes.badCount - 1)
    }
    if let first = scanner.diagnostics.first {
      reading.complaint = .malformedLines(
        first: first.line, problem: first.problem.rawValue, more: scanner.malformedLines - 1)
    }
  }

  /// Equal for bodies in which every line that matters is the same.
  package static func digest(of body: UnsafeRawBufferPointer) -> UInt64 {
    Scanner.digest(of: body, selection)
  }

  /// What is wrong when the body cannot be a vtgate's.
  package var failure: ScrapeFailure? {
    guard !notes.isVtgate else { return nil }
    guard scanner.samples == 0 else {
      return .notUnderstood(path: "/metrics", .lacks("vtgate_*", ofKind: "vtgate"))
    }
    return .notUnderstood(
      path: "/metrics",
      scanner.diagnostics.first.map { .malformed(reason: "\($0)") } ?? .ofAnother(than: "vtgate"))
  }

  private static func take(
    _ sample: Sample, into reading: inout VtgateReading, _ checksum: inout Double?,
    _ notes: inout Notes
  ) {
    notes.isVtgate = notes.isVtgate || sample.selector != processStart
    switch sample.selector {
    case 0: takeBuffer(sample, into: &reading, &notes)
    case 1:
      guard let shard = shard(of: sample),
        notes.watched.count < shardLimit || notes.watched.contains(shard)
      else { return }
      notes.watched.insert(shard)
      // `master` is what v10 and v11 call a primary.
      guard let type = sample.label("tablet_type"), TabletType(name: type) == .primary,
        let count = count(sample.value, of: sample, &notes)
      else { return }
      add(count, to: &reading.primaryConnections[shard, default: 0])
    case 2:
      guard let type = sample.label("db_type"), TabletType(name: type) == .primary,
        let shard = shard(of: sample), let count = count(sample.value, of: sample, &notes),
        reading.callErrors.count < shardLimit || reading.callErrors[shard] != nil
      else { return }
      add(count, to: &reading.callErrors[shard, default: 0])
    case processStart: if sample.value.isFinite { reading.processStart = sample.value }
    case 5:
      guard let type = sample.label("db_type"), TabletType(name: type) == .primary,
        let keyspace = sample.label("keyspace"), let code = sample.label("code"), code != "OK",
        let count = count(sample.value, of: sample, &notes), count > 0,
        hasRoom(for: code, in: reading.clientErrors[keyspace, default: [:]]),
        reading.clientErrors.count < shardLimit
      else { return }
      add(count, to: &reading.clientErrors[keyspace, default: [:]][code, default: 0])
    default: checksum = sample.value.isFinite ? sample.value : nil
    }
  }

  /// Its place in ``selection``.
  private static let processStart = 3

  /// Nothing reported yet.
  private static let unreported: BufferCounters = {
    var counters = BufferCounters()
    counters.unreported = .all
    return counters
  }()

  private static let families: [Substring: BufferCounters.Families] = [
    "starts": .starts, "stops": .stops, "requests_buffered": .buffered,
    "requests_drained": .drained, "requests_evicted": .evicted, "requests_skipped": .skipped,
  ]

  private static func takeBuffer(
    _ sample: Sample, into reading: inout VtgateReading, _ notes: inout Notes
  ) {
    let name = sample.name
    let count = count(sample.value, of: sample, &notes)
    if name == sizeName {
      reading.bufferSize = count
      return
    }
    guard let shard = shard(of: sample) else { return }
    let family = families[name.dropFirst("vtgate_buffer_".count)]
    guard let count else {
      if let family { notes.bad[shard, default: []].formUnion(family) }
      return
    }
    guard reading.buffers.count < shardLimit || reading.buffers[shard] != nil else {
      notes.excess = .tooManyShards(limit: shardLimit)
      return
    }
    var counters = reading.buffers[shard] ?? unreported
    if let family { counters.unreported.subtract(family) }
    update(&counters, name, sample, count)
    reading.buffers[shard] = counters
  }

  /// Separates counts for several shards from those for one.
  private mutating func separateCombined() {
    func isCombined(_ shard: ShardName) -> Bool {
      let label = VtgateReading.combinedLabel
      guard shard.shard == label || shard.keyspace == label else { return false }
      return !notes.watched.contains(shard)
    }
    for (shard, counters) in reading.buffers where isCombined(shard) {
      reading.combined[shard] = counters
      reading.buffers[shard] = nil
    }
    for shard in reading.callErrors.keys where isCombined(shard) { reading.callErrors[shard] = nil }
    guard !reading.combined.isEmpty else { return }
    // Gauges are never combined: on their own they are not counters of a shard.
    reading.buffers = reading.buffers.filter { !$0.value.unreported.isSuperset(of: .all) }
  }

  private static func update(
    _ counters: inout BufferCounters, _ name: String, _ sample: Sample, _ count: Int
  ) {
    switch name.dropFirst("vtgate_buffer_".count) {
    case "starts": counters.starts = count
    case "stops":
      guard count > 0, let reason = sample.label("reason") else { return }
      // v10 and v11 say NewMasterSeen.
      let name = reason == "NewMasterSeen" ? StopReason.newPrimarySeen.rawValue : reason
      guard hasRoom(for: StopReason(rawValue: name), in: counters.stops) else { return }
      add(count, to: &counters.stops[StopReason(rawValue: name), default: 0])
    case "requests_buffered": counters.buffered = count
    case "requests_buffered_dry_run": counters.bufferedDryRun = count
    case "requests_drained": counters.drained = count
    case "requests_evicted":
      guard count > 0, let reason = sample.label("reason").map(EvictReason.init),
        hasRoom(for: reason, in: counters.evicted)
      else { return }
      counters.evicted[reason] = count
    case "requests_skipped":
      guard count > 0, let reason = sample.label("reason").map(SkipReason.init),
        hasRoom(for: reason, in: counters.skipped)
      else { return }
      counters.skipped[reason] = count
    case "last_failover_duration_ms": counters.lastFailoverDuration = .milliseconds(count)
    case "last_requests_in_flight_max": counters.lastRequestsInFlightMax = count
    default: break
    }
  }

  private static func shard(of sample: Sample) -> ShardName? {
    guard let keyspace = sample.label("keyspace"), let shard = sample.label("shard_name"),
      keyspace.utf8.count <= nameLimit, shard.utf8.count <= nameLimit
    else { return nil }
    return ShardName(keyspace: keyspace, shard: shard)
  }

  private static func hasRoom<Reason: Hashable>(
    for reason: Reason, in counts: [Reason: Int]
  ) -> Bool {
    counts.count < reasonLimit || counts[reason] != nil
  }

  private static func add(_ count: Int, to sum: inout Int) {
    sum = min(Int(countLimit), sum + count)
  }

  /// A count fit for arithmetic; nil, and noted, for `NaN`, infinities, negatives and numbers that
  /// no process reaches.
  private static func count(
    _ value: Double, of sample: Sample, _ notes: inout Notes
  ) -> Int? {
    if value >= 0, value < countLimit { return Int(value) }
    notes.badCount += 1
    if notes.firstBad == nil {
      notes.firstBad = ("\(sample.name)", .init(value, of: shard(of: sample)))
    }
    return nil
  }
}
