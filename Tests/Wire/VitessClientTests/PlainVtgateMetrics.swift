import Exposition
import FleetModel
import Terms
import VitessClient

/// A vtgate's page read from its samples by name, without anything that was learned before: slow, and
/// what the reader must agree with.
struct PlainVtgateMetrics {
  private(set) var reading = VtgateReading()
  private(set) var checksum: Double?
  private var watched: Set<ShardName> = []
  private var bad: [ShardName: BufferCounters.Families] = [:]
  private var firstBad: (metric: String, count: ReadingComplaint.BadCount)?
  private var badCount = 0
  private var excess: ReadingComplaint?
  private(set) var isVtgate = false
  private(set) var samples = 0
  private(set) var malformed: Diagnostic?

  private static let selection = Selection([
    .prefix("vtgate_buffer_"), .name("vtgate_healthcheck_connections"),
    .name("vtgate_vttablet_call_error_count"), .name("process_start_time_seconds"),
    .name("vtgate_healthcheck_checksum"), .name("vtgate_api_error_counts"),
  ])
  private static let families: [String: BufferCounters.Families] = [
    "starts": .starts, "stops": .stops, "requests_buffered": .buffered,
    "requests_drained": .drained, "requests_evicted": .evicted, "requests_skipped": .skipped,
  ]
  private static let unreported: BufferCounters = {
    var counters = BufferCounters()
    counters.unreported = .all
    return counters
  }()

  init(_ body: [UInt8]) {
    var scanner = Scanner(Self.selection)
    scanner.scan(body) { take($0) }
    scanner.finish { take($0) }
    samples = scanner.samples
    for (shard, families) in bad {
      reading.buffers[shard, default: Self.unreported].unreported.formUnion(families)
    }
    separateCombined()
    reading.complaint = excess
    if let firstBad {
      reading.complaint = .unusableCount(
        metric: firstBad.metric, firstBad.count, more: badCount - 1)
    }
    malformed = scanner.diagnostics.first
    if let malformed {
      reading.complaint = .malformedLines(
        first: malformed.line, problem: malformed.problem.rawValue, more: scanner.malformedLines - 1
      )
    }
  }

  private mutating func take(_ sample: Sample) {
    isVtgate = isVtgate || sample.selector != 3
    func isPrimary(_ type: String?) -> Bool {
      type.map { TabletType(name: $0) == .primary } ?? false
    }
    switch sample.selector {
    case 0: takeBuffer(sample)
    case 1:
      guard let shard = shard(of: sample), watched.count < 10_000 || watched.contains(shard) else {
        return
      }
      watched.insert(shard)
      guard isPrimary(sample.label("tablet_type")),
        let count = count(sample)
      else { return }
      reading.primaryConnections[shard] = sum(reading.primaryConnections[shard], count)
    case 2:
      guard isPrimary(sample.label("db_type")),
        let shard = shard(of: sample), let count = count(sample),
        reading.callErrors.count < 10_000 || reading.callErrors[shard] != nil
      else { return }
      reading.callErrors[shard] = sum(reading.callErrors[shard], count)
    case 3: if sample.value.isFinite { reading.processStart = sample.value }
    case 4: checksum = sample.value.isFinite ? sample.value : nil
    default:
      guard isPrimary(sample.label("db_type")),
        let keyspace = sample.label("keyspace"), let code = sample.label("code"), code != "OK",
        let count = count(sample), count > 0
      else { return }
      let known = reading.clientErrors[keyspace]?[code]
      let kinds = reading.clientErrors.values.reduce(0) { $0 + $1.count }
      guard known != nil || kinds < 2000 else { return }
      reading.clientErrors[keyspace, default: [:]][code] = sum(known, count)
    }
  }

  private mutating func takeBuffer(_ sample: Sample) {
    let count = count(sample)
    guard sample.name != "vtgate_buffer_size" else {
      reading.bufferSize = count
      return
    }
    guard let shard = shard(of: sample) else { return }
    let name = String(sample.name.dropFirst("vtgate_buffer_".count))
    let family = Self.families[name]
    guard let count else {
      if let family { bad[shard, default: []].formUnion(family) }
      return
    }
    guard reading.buffers.count < 10_000 || reading.buffers[shard] != nil else {
      excess = .tooManyShards(limit: 10_000)
      return
    }
    var counters = reading.buffers[shard] ?? Self.unreported
    if let family { counters.unreported.subtract(family) }
    update(&counters, name, sample.label("reason"), count)
    reading.buffers[shard] = counters
  }

  private func update(
    _ counters: inout BufferCounters, _ name: String, _ reason: String?, _ count: Int
  ) {
    func hasRoom<Reason: Hashable>(_ counts: [Reason: Int], _ reason: Reason) -> Bool {
      counts.count < 32 || counts[reason] != nil
    }
    switch name {
    case "starts": counters.starts = count
    case "stops":
      guard count > 0, let reason else { return }
      let stop = StopReason(rawValue: reason == "NewMasterSeen" ? "NewPrimarySeen" : reason)
      if hasRoom(counters.stops, stop) { counters.stops[stop] = sum(counters.stops[stop], count) }
    case "requests_buffered": counters.buffered = count
    case "requests_buffered_dry_run": counters.bufferedDryRun = count
    case "requests_drained": counters.drained = count
    case "requests_evicted":
      guard count > 0, let reason = reason.map(EvictReason.init(rawValue:)) else { return }
      if hasRoom(counters.evicted, reason) { counters.evicted[reason] = count }
    case "requests_skipped":
      guard count > 0, let reason = reason.map(SkipReason.init(rawValue:)) else { return }
      if hasRoom(counters.skipped, reason) { counters.skipped[reason] = count }
    case "last_failover_duration_ms": counters.lastFailoverDuration = .milliseconds(count)
    case "last_requests_in_flight_max": counters.lastRequestsInFlightMax = count
    default: break
    }
  }

  private mutating func separateCombined() {
    func isCombined(_ shard: ShardName) -> Bool {
      (shard.shard == "all" || shard.keyspace == "all") && !watched.contains(shard)
    }
    for (shard, counters) in reading.buffers where isCombined(shard) {
      reading.combined[shard] = counters
      reading.buffers[shard] = nil
    }
    for shard in reading.callErrors.keys where isCombined(shard) { reading.callErrors[shard] = nil }
    guard !reading.combined.isEmpty else { return }
    reading.buffers = reading.buffers.filter { !$0.value.unreported.isSuperset(of: .all) }
  }

  private func shard(of sample: Sample) -> ShardName? {
    guard let keyspace = sample.label("keyspace"), let shard = sample.label("shard_name"),
      keyspace.utf8.count <= 512, shard.utf8.count <= 512
    else { return nil }
    return ShardName(keyspace: keyspace, shard: shard)
  }

  private func sum(_ known: Int?, _ count: Int) -> Int {
    min(1_000_000_000_000_000, (known ?? 0) + count)
  }

  private mutating func count(_ sample: Sample) -> Int? {
    if sample.value >= 0, sample.value < 1e15 { return Int(sample.value) }
    badCount += 1
    if firstBad == nil { firstBad = (sample.name, .init(sample.value, of: shard(of: sample))) }
    return nil
  }
}
