internal import Exposition
internal import FleetModel
internal import Terms

/// What one series of a vtgate's means, in a few bytes: large fleets have millions of them.
struct VtgateSeries: Sendable {
  enum Meaning: UInt8, Sendable {
    case bufferSize
    /// A number of a shard's ``BufferCounters``, or one beside those.
    case buffer
    /// Of the buffer as well, and of no shard.
    case unplacedBuffer
    /// Connections to a shard's tablets, and those to its primary.
    case connections, primaryConnections
    case callErrors
    case clientErrors
    case processStart
    case checksum
    /// Only a proxy has it.
    case proxy
    /// Nothing that is read.
    case other
  }

  let meaning: Meaning
  /// Its place in ``VtgateNames/numbers`` or ``VtgateNames/errors``; -1: in neither.
  var detail: Int32 = -1
  /// The place of its shard in ``VtgateNames/shards``; -1: it has none.
  var shard: Int32 = -1

  /// What is wanted of a page; ``VtgateNames/learn(_:)`` knows them by their places.
  static let selectors: [Selection.Selector] = [
    .prefix(bufferPrefix),
    .name(VtgateMetrics.connectionsName),
    .name(VtgateMetrics.callErrorsName),
    .name(VtgateMetrics.processStartName),
    .name(VtgateMetrics.checksumName),
    .name(VtgateMetrics.clientErrorsName),
    .name("sluice_proxy_routes"),
  ]
  fileprivate static let bufferPrefix = "vtgate_buffer_"
}

/// What the series of one vtgate name, each once.
struct VtgateNames: Sendable {
  /// A number of the buffer's.
  struct BufferNumber: Sendable {
    let family: BufferCounters.Families?
    /// Nil where it is none of those that are kept.
    let number: BufferCounters.Number?
  }

  /// Errors of one kind.
  struct Errors: Sendable {
    let keyspace: String
    /// A vtrpc code other than `OK`.
    let code: String
  }

  /// Longer than names in topo are.
  private static let nameLimit = 512

  private(set) var shards = ShardList()
  private(set) var numbers: [BufferNumber] = []
  private(set) var errors: [Errors] = []
  /// Places in ``numbers`` by name and reason, as far as the page has had new series: they are few, so that
  /// each page may name them once more.
  private var places: [String: Int32] = [:]

  /// Says what a series means that was not known before.
  mutating func learn(_ sample: Sample) -> VtgateSeries {
    switch sample.selector {
    case 0: buffer(sample)
    case 1: connections(sample)
    case 2: ofPrimary(sample) ? counted(.callErrors, sample) : VtgateSeries(meaning: .other)
    case 3: VtgateSeries(meaning: .processStart)
    case 4: VtgateSeries(meaning: .checksum)
    case 5: clientErrors(sample)
    default: VtgateSeries(meaning: .proxy)
    }
  }

  /// Ends a page.
  mutating func finish() { places = [:] }

  private mutating func buffer(_ sample: Sample) -> VtgateSeries {
    let name = sample.name
    let shard = shard(of: sample)
    guard name != VtgateMetrics.sizeName else {
      return VtgateSeries(meaning: .bufferSize, shard: shard ?? -1)
    }
    guard let shard else { return VtgateSeries(meaning: .unplacedBuffer) }
    let reason = sample.label("reason")
    return VtgateSeries(meaning: .buffer, detail: place(name, reason), shard: shard)
  }

  private mutating func connections(_ sample: Sample) -> VtgateSeries {
    guard let shard = shard(of: sample) else { return VtgateSeries(meaning: .other) }
    let isPrimary = sample.label("tablet_type").map { TabletType(name: $0) == .primary } ?? false
    return VtgateSeries(meaning: isPrimary ? .primaryConnections : .connections, shard: shard)
  }

  /// A series that counts for nothing without a shard.
  private mutating func counted(_ meaning: VtgateSeries.Meaning, _ sample: Sample) -> VtgateSeries {
    shard(of: sample).map { VtgateSeries(meaning: meaning, shard: $0) }
      ?? VtgateSeries(meaning: .other)
  }

  private mutating func clientErrors(_ sample: Sample) -> VtgateSeries {
    guard ofPrimary(sample), let keyspace = sample.label("keyspace"),
      let code = sample.label("code"), code != "OK"
    else { return VtgateSeries(meaning: .other) }
    errors.append(Errors(keyspace: keyspace, code: code))
    return VtgateSeries(
      meaning: .clientErrors, detail: Int32(errors.count - 1), shard: shard(of: sample) ?? -1)
  }

  /// `master` is what v10 and v11 call a primary.
  private func ofPrimary(_ sample: Sample) -> Bool {
    sample.label("db_type").map { TabletType(name: $0) == .primary } ?? false
  }

  private mutating func shard(of sample: Sample) -> Int32? {
    guard let keyspace = sample.label("keyspace"), let shard = sample.label("shard_name"),
      keyspace.utf8.count <= Self.nameLimit, shard.utf8.count <= Self.nameLimit
    else { return nil }
    return Int32(shards.number(of: ShardName(keyspace: keyspace, shard: shard)))
  }

  private mutating func place(_ name: String, _ reason: String?) -> Int32 {
    // A name has no blank in it.
    let key = reason.map { "\(name) \($0)" } ?? name
    if let known = places[key] { return known }
    let place = Int32(numbers.count)
    numbers.append(BufferNumber(name, reason))
    places[key] = place
    return place
  }
}

extension VtgateNames.BufferNumber {
  fileprivate init(_ name: String, _ reason: String?) {
    func counted<Reason: CountedReason>(
      _ number: (ReasonCounts<Reason>.Place) -> BufferCounters.Number
    ) -> BufferCounters.Number? {
      reason.flatMap { Reason(rawValue: $0) }.map { number(.init($0)) }
    }
    (family, number) =
      switch name.dropFirst(VtgateSeries.bufferPrefix.count) {
      case "starts": (.starts, .starts)
      // v10 and v11 say NewMasterSeen.
      case "stops" where reason == "NewMasterSeen": (.stops, .stops(.init(.newPrimarySeen)))
      case "stops": (.stops, counted { .stops($0) })
      case "requests_buffered": (.buffered, .buffered)
      case "requests_buffered_dry_run": (nil, .bufferedDryRun)
      case "requests_drained": (.drained, .drained)
      case "requests_evicted": (.evicted, counted { .evicted($0) })
      case "requests_skipped": (.skipped, counted { .skipped($0) })
      case "last_failover_duration_ms": (nil, .lastFailoverDuration)
      case "last_requests_in_flight_max": (nil, .lastRequestsInFlightMax)
      default: (nil, nil)
      }
  }
}
