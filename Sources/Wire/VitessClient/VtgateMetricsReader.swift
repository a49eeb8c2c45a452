internal import Exposition
internal import FleetModel
internal import Terms

/// Reads the `/metrics` of one vtgate, one page after the other.
///
///     bytes ─ PageReader ─> numbers of series, values ─ if any has moved ─> VtgateMetrics
///                 └─ a new series ─> VtgateNames: what it means
///
/// A page that says the same as the last one gives the same value, which shares its memory.
package struct VtgateMetricsReader: Sendable {
  /// The most of each that are read, more than any fleet has: a server might name them without end.
  private static let shardLimit = 10_000
  private static let reasonLimit = 32
  /// Of pairs of keyspace and code, of which histories are kept.
  private static let errorKindLimit = 2000
  /// No process counts that far, and sums of this many such counts fit an integer.
  private static let countLimit = 1e15

  private var page = PageReader(Self.selection)
  /// What the page's series mean, by their numbers.
  private var series: [VtgateSeries] = []
  private var names = VtgateNames()
  private var last: VtgateMetrics?

  private static let selection = Selection(VtgateSeries.selectors)

  package init() {}

  /// `reading`: the last one, by which nothing else is known of the page that it was read from.
  init(like reading: VtgateReading) {
    last = VtgateMetrics(reading: reading)
  }

  /// Reads a whole page.
  package mutating func read(_ body: some Sequence<UInt8>) -> VtgateMetrics {
    begin()
    let done: Void? = body.withContiguousStorageIfAvailable { scan(UnsafeRawBufferPointer($0)) }
    if done == nil { ContiguousArray(body).withUnsafeBytes { scan($0) } }
    return finish()
  }

  /// Begins a page; one that was not finished counts for nothing.
  package mutating func begin() {
    guard page.begin() else { return }
    series = []
    names = VtgateNames()
  }

  package mutating func scan(_ chunk: UnsafeRawBufferPointer) {
    page.scan(chunk) { series.append(names.learn($0)) }
  }

  package mutating func finish() -> VtgateMetrics {
    page.finish { series.append(names.learn($0)) }
    names.finish()
    if page.isSame, let last { return last }
    let metrics = metrics
    last = metrics
    return metrics
  }

  /// How many series have been learned.
  var learned: Int { series.count }

  /// Shares the memory of another vtgate's that knows the same series; false if it does not.
  mutating func share(with other: VtgateMetricsReader) -> Bool {
    guard page.share(with: other.page) else { return false }
    (series, names) = (other.series, other.names)
    return true
  }

  /// Itself without what the last page said.
  var withoutReading: VtgateMetricsReader {
    var reader = self
    reader.last = nil
    return reader
  }

  // MARK: What a page says

  /// What is said of one shard.
  private struct Counted {
    var counters = Self.unreported
    var isReported = false
    /// Families with some value that cannot be a count.
    var bad: BufferCounters.Families = []
    /// The health check watches it; its gauges are never combined.
    var isWatched = false
    var primaryConnections: Int?
    var callErrors: Int?

    private static let unreported: BufferCounters = {
      var counters = BufferCounters()
      counters.unreported = .all
      return counters
    }()

    /// Nil where nothing is said of it.
    var reported: BufferCounters? {
      guard isReported || !bad.isEmpty else { return nil }
      var counters = counters
      counters.unreported.formUnion(bad)
      return counters
    }

    /// Whether the name stands for several shards.
    func isCombined(_ name: ShardName) -> Bool {
      let label = VtgateReading.combinedLabel
      return !isWatched && (name.shard == label || name.keyspace == label)
    }
  }

  /// What is learnt about a page on the way and judged at its end.
  private struct Notes {
    var buffers = 0
    var watched = 0
    var callErrors = 0
    var errorKinds = 0
    var firstBad: (series: Int32, count: ReadingComplaint.BadCount)?
    var badCount = 0
    /// At least one series of a vtgate is there.
    var isVtgate = false
    /// What was left out because there was too much of it.
    var excess: ReadingComplaint?
  }

  private var metrics: VtgateMetrics {
    var metrics = VtgateMetrics()
    var shards = Array(repeating: Counted(), count: names.shards.count)
    var notes = Notes()
    for (number, value) in zip(page.order, page.values) {
      let series = series[Int(number)]
      notes.isVtgate = notes.isVtgate || series.meaning != .processStart
      switch series.meaning {
      case .buffer:
        takeBuffer(series, value, number, &shards[Int(series.shard)], &notes)
      case .bufferSize: metrics.reading.bufferSize = count(value, number, &notes)
      case .unplacedBuffer: _ = count(value, number, &notes)
      case .connections, .primaryConnections:
        takeConnections(series, value, number, &shards[Int(series.shard)], &notes)
      case .callErrors:
        takeCallErrors(value, number, &shards[Int(series.shard)], &notes)
      case .clientErrors:
        takeClientErrors(names.errors[Int(series.detail)], value, number, &metrics.reading, &notes)
      case .processStart: if value.isFinite { metrics.reading.processStart = value }
      case .checksum: metrics.checksum = value.isFinite ? value : nil
      case .proxy: metrics.reading.proxy = ProxyReading()
      case .other: break
      }
    }
    put(shards, into: &metrics.reading)
    metrics.reading.complaint = complaint(notes)
    metrics.failure = notes.isVtgate ? nil : failure
    return metrics
  }

  private func takeBuffer(
    _ series: VtgateSeries, _ value: Double, _ number: Int32, _ shard: inout Counted,
    _ notes: inout Notes
  ) {
    let known = names.numbers[Int(series.detail)]
    guard let count = count(value, number, &notes) else {
      if let family = known.family { shard.bad.formUnion(family) }
      return
    }
    if !shard.isReported {
      guard notes.buffers < Self.shardLimit else {
        notes.excess = .tooManyShards(limit: Self.shardLimit)
        return
      }
      notes.buffers += 1
      shard.isReported = true
    }
    if let family = known.family { shard.counters.unreported.subtract(family) }
    guard let part = known.number else { return }
    shard.counters.take(count, as: part, limit: Int(Self.countLimit), reasons: Self.reasonLimit)
  }

  private func takeConnections(
    _ series: VtgateSeries, _ value: Double, _ number: Int32, _ shard: inout Counted,
    _ notes: inout Notes
  ) {
    if !shard.isWatched {
      guard notes.watched < Self.shardLimit else { return }
      notes.watched += 1
      shard.isWatched = true
    }
    guard series.meaning == .primaryConnections, let count = count(value, number, &notes) else {
      return
    }
    add(count, to: &shard.primaryConnections)
  }

  private func takeCallErrors(
    _ value: Double, _ number: Int32, _ shard: inout Counted, _ notes: inout Notes
  ) {
    guard let count = count(value, number, &notes) else { return }
    if shard.callErrors == nil {
      guard notes.callErrors < Self.shardLimit else { return }
      notes.callErrors += 1
    }
    add(count, to: &shard.callErrors)
  }

  private func takeClientErrors(
    _ errors: VtgateNames.Errors, _ value: Double, _ number: Int32, _ reading: inout VtgateReading,
    _ notes: inout Notes
  ) {
    guard let count = count(value, number, &notes), count > 0 else { return }
    var sum = reading.clientErrors[errors.keyspace]?[errors.code]
    if sum == nil {
      guard notes.errorKinds < Self.errorKindLimit else { return }
      notes.errorKinds += 1
    }
    add(count, to: &sum)
    reading.clientErrors[errors.keyspace, default: [:]][errors.code] = sum
  }

  private func add(_ count: Int, to sum: inout Int?) {
    sum = min(Int(Self.countLimit), (sum ?? 0) + count)
  }

  /// A count fit for arithmetic; nil, and noted, for `NaN`, infinities, negatives and numbers that
  /// no process reaches.
  private func count(_ value: Double, _ number: Int32, _ notes: inout Notes) -> Int? {
    if value >= 0, value < Self.countLimit { return Int(value) }
    notes.badCount += 1
    if notes.firstBad == nil {
      let shard = Int(series[Int(number)].shard)
      notes.firstBad = (number, .init(value, of: shard < 0 ? nil : names.shards[shard]))
    }
    return nil
  }

  /// Puts what is said of shards in its place, counts for several of them apart from those for one.
  ///
  /// What is as in the last reading shares that one's memory.
  private func put(_ shards: [Counted], into reading: inout VtgateReading) {
    var callErrors: [(ShardName, Int)] = []
    var connections: [(ShardName, Int)] = []
    for (name, shard) in zip(names.shards.names, shards) {
      let isCombined = shard.isCombined(name)
      if isCombined, let counters = shard.reported { reading.combined[name] = counters }
      if let errors = shard.callErrors, !isCombined { callErrors.append((name, errors)) }
      if let count = shard.primaryConnections { connections.append((name, count)) }
    }
    let areCombined = !reading.combined.isEmpty
    let last = last?.reading ?? VtgateReading()
    reading.buffers = ShardCounters(names.shards, like: last.buffers) { place in
      let shard = shards[place]
      guard let counters = shard.reported, !shard.isCombined(names.shards[place]) else {
        return nil
      }
      // Gauges are never combined: on their own they are not counters of a shard.
      return areCombined && counters.unreported.isSuperset(of: .all) ? nil : counters
    }
    reading.callErrors = last.callErrors.replaced(by: callErrors)
    reading.primaryConnections = last.primaryConnections.replaced(by: connections)
  }

  private func complaint(_ notes: Notes) -> ReadingComplaint? {
    if let first = page.diagnostics.first {
      return .malformedLines(
        first: first.line, problem: first.problem.rawValue, more: page.malformedLines - 1)
    }
    guard let bad = notes.firstBad else { return notes.excess }
    return .unusableCount(
      metric: page.name(of: bad.series), bad.count, more: notes.badCount - 1)
  }

  private var failure: ScrapeFailure {
    guard page.samples == 0 else {
      return .notUnderstood(path: "/metrics", .lacks("vtgate_*", ofKind: "vtgate"))
    }
    return .notUnderstood(
      path: "/metrics",
      page.diagnostics.first.map { .malformed(reason: "\($0)") } ?? .ofAnother(than: "vtgate"))
  }
}

extension Dictionary where Value: Equatable {
  /// A dictionary of these entries, which shares the memory of this one if they are the same.
  fileprivate func replaced(by entries: [(Key, Value)]) -> Self {
    var result = self
    for (key, value) in entries {
      guard let index = result.index(forKey: key) else {
        return Dictionary(uniqueKeysWithValues: entries)
      }
      if result.values[index] != value { result.values[index] = value }
    }
    return entries.count == count ? result : Dictionary(uniqueKeysWithValues: entries)
  }
}
