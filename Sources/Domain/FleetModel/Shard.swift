package import Terms

/// One shard with everything known about it, as its own screen shows it.
@dynamicMemberLookup
package struct Shard: Sendable, Equatable {
  package enum State: String, Sendable, Equatable, CaseIterable, Codable {
    case blind, noPrimary, buffering, holding, draining, disputed, serving, noData

    package static let worstUrgency = 6

    /// The word used on the screen, in lines and in JSON; in capitals when it needs attention.
    package var word: String {
      switch self {
      case .serving: "serving"
      case .buffering: "BUFFERING"
      case .holding: "HOLDING"
      case .draining: "DRAINING"
      case .disputed: "DISAGREE"
      case .blind: "BLIND"
      case .noPrimary: "NO PRIMARY"
      case .noData: "no data"
      }
    }

    /// Higher means more trouble.
    package var urgency: Int {
      switch self {
      case .blind: 6
      case .noPrimary: 5
      case .buffering: 4
      case .disputed: 3
      case .draining, .holding: 2
      case .noData: 1
      case .serving: 0
      }
    }
  }

  package let summary: ShardSummary
  /// Every vtgate's part, sorted by address.
  package let vtgates: [VtgateView]
  /// The newest failover of the run; nil when there was none.
  package let lastFailover: Failover?
  /// The fullest vtgate's Σ held over all shards ÷ its size, 0...1, and more while slots are kept;
  /// nil when no size is known.
  package let fill: Double?
  /// The most that other shards held in each vtgate during the last failover, largest first.
  package let neighbours: [Address: [Neighbour]]
  /// Whose word it is which tablets there are; nil when nobody has told of any shard's.
  package let tabletSource: TabletSource?
  /// What vtctld told last of the workflows of its keyspace; nil when it has told of none.
  package let workflowsTold: ShardRouting?
  /// The kinds of gates that hold its requests.
  package let gates: Gates
  /// Somebody tells of servers that has scraped them.
  package let isRelayed: Bool

  /// Who tells which tablets a shard has.
  package enum TabletSource: Sendable, Equatable {
    /// The lists of the vtgates.
    case vtgates
    /// What Prometheus, or another with its API, scrapes.
    case relay
  }

  /// Another shard that shares a vtgate's buffer.
  package struct Neighbour: Sendable, Equatable {
    package let shard: ShardName
    package let peak: Int

    package init(shard: ShardName, peak: Int) {
      self.shard = shard
      self.peak = peak
    }
  }

  /// Room in the buffers of all vtgates; nil when none reports it.
  package var bufferSize: Int? {
    let sizes = vtgates.compactMap(\.bufferSize)
    return sizes.isEmpty ? nil : sizes.reduce(0, &+)
  }

  package subscript<Value>(dynamicMember path: KeyPath<ShardSummary, Value>) -> Value {
    summary[keyPath: path]
  }

  /// One vtgate's part in the shard.
  package struct VtgateView: Sendable, Equatable {
    package let address: Address
    package let freshness: Freshness
    /// What the process itself reports; nil when it has no series for the shard.
    package let total: BufferCounters?
    /// The same since the baseline.
    package let counted: BufferCounters
    /// The vtgate only pretends to buffer for this shard; its `starts` and `stops` change all the
    /// same.
    package let isDryRun: Bool
    /// When the shard's primary was last seen to change; a vtgate counts its cool-down from there
    /// too.
    package let reparentedAt: Instant?
    package let episode: Episode
    package let flags: BufferFlags
    package let bufferSize: Int?
    /// Requests held for all shards together; the shards share the size.
    package let heldOverall: Int?
    /// Failed calls to the shard's primary since the process started; nil when none are exported.
    package let callErrors: Int?
    /// `BuildVersion`, v19 and later.
    package let version: String?
    package let kind: GateKind
    /// How its route to the shard stands; nil at a vtgate, and where that was not read.
    package let route: ProxyRoute?

    /// When it was read last.
    package let readAt: Instant?
    /// It was asked here; false where somebody who scrapes it has told that.
    package let isAsked: Bool
    /// It is a proxy, and nobody has read how its cutovers stand.
    package let hidesCutovers: Bool

    /// Known to buffer, and known to drain: see ``isPhaseUnknown``.
    package var isBuffering: Bool { !isDryRun && total?.isBuffering == true }
    package var isDraining: Bool { total?.isDraining == true }
    /// Its counters do not show whether it is buffering or draining.
    package var isPhaseUnknown: Bool {
      combinesShards || total.map { $0.isBuffering == nil || $0.isDraining == nil } ?? false
    }
    /// It counts the shard together with others.
    package let combinesShards: Bool
    /// Nil when it has no series for the shard, or not all that make up the sum.
    package var held: Int? { total?.held }

    /// True when the vtgate is known not to buffer for this shard.
    package func isOff(for shard: ShardName) -> Bool { flags.areOff(for: shard, total) }

    /// How long until the next failover would be buffered; nil when one would be buffered now.
    package func cooldown(at now: Instant) -> Duration? {
      guard let end = [episode.stoppedAt, reparentedAt].compactMap(\.self).max() else { return nil }
      let left = flags.minTimeBetweenFailovers - (now - end)
      return left > .zero ? left : nil
    }

    /// Time since the poll that showed the start of the current failover.
    package func elapsed(at now: Instant) -> Duration? {
      guard isBuffering, let start = episode.startedAt else { return nil }
      return now - start
    }

    init(_ shard: ShardName, _ state: VtgateState, _ freshness: Freshness, _ reparentedAt: Instant?)
    {
      address = state.address
      self.freshness = freshness
      self.reparentedAt = reparentedAt
      isDryRun = state.isDryRun(for: shard)
      let reading = state.watched.value
      total = reading?.buffers[shard]
      combinesShards = reading?.combines(shard) ?? false
      counted = state.counted(of: shard)
      episode = state.episodes[shard] ?? Episode()
      flags = state.flags
      bufferSize = reading?.bufferSize
      heldOverall = state.heldTotal
      callErrors = reading?.callErrors[shard]
      version = state.version
      kind = state.kind
      route = state.route(to: shard)
      hidesCutovers = state.hidesCutovers
      readAt = state.watched.readAt
      // To be told takes no time.
      isAsked = state.watched.askedAt.map { $0 < state.watched.readAt ?? $0 } ?? true
    }
  }
}

extension Failover {
  /// The vtgates that did not buffer during it, and why, as far as is known now.
  ///
  /// `vtgates`: what each knows about its shard now.
  package func absences(among vtgates: [Shard.VtgateView]) -> [Absence] {
    let buffered = Set(tracks.filter { $0.started != nil }.map(\.address))
    // Where there are vtgates and proxies, those of the other kind have nothing to do with it.
    let kinds = Set(
      vtgates.filter { buffered.contains($0.address) || $0.total != nil }.map(\.kind))
    let concerned = kinds.isEmpty ? vtgates : vtgates.filter { kinds.contains($0.kind) }
    return concerned.filter { !buffered.contains($0.address) }.map { vtgate in
      let track = tracks.last { $0.address == vtgate.address }
      let reason: Absence.Reason =
        if let track, track.tooRecent > 0 {
          .tooRecent
        } else if let track, track.counts.skipped[.bufferFull, default: 0] > 0 {
          .bufferFull
        } else if !vtgate.freshness.isFresh {
          .noAnswer
        } else if vtgate.isOff(for: shard) {
          .off
        } else {
          .noTraffic
        }
      return Absence(address: vtgate.address, reason: reason)
    }
  }
}

extension BufferFlags {
  /// Whether buffering for the shard is only pretended.
  func areDryRun(for shard: ShardName) -> Bool { isDryRun && covers(shard) == false }

  /// True when requests to a shard are known not to be buffered.
  ///
  /// `total`: what the vtgate has counted for the shard.
  func areOff(for shard: ShardName, _ total: BufferCounters?) -> Bool {
    // Flags may also come from a configuration file, so anything buffered is proof.
    if let total, total.buffered > 0 { return false }
    if let covers = covers(shard) { return !covers }
    return (total?.skipped[.disabled] ?? 0) > 0
  }
}

extension VtgateState {
  /// Whether it only pretends to buffer for the shard.
  func isDryRun(for shard: ShardName) -> Bool { flags.areDryRun(for: shard) }

  /// What it has counted for the shard since the baseline, earlier processes included.
  func counted(of shard: ShardName) -> BufferCounters {
    Self.counted(of: shard, watched.value?.buffers[shard], baseline, carried)
  }

  fileprivate static func counted(
    of shard: ShardName, _ total: BufferCounters?, _ baseline: ShardCounters,
    _ carried: [ShardName: BufferCounters]
  ) -> BufferCounters {
    let total = total ?? BufferCounters()
    guard !baseline.isEmpty || !carried.isEmpty else { return total }
    var counted = total.since(baseline[shard] ?? BufferCounters())
    if let carried = carried[shard] { counted.add(carried) }
    return counted
  }
}

/// What one vtgate's buffer says of all shards: looked at for each of them, a whole ``VtgateState`` would
/// be copied a hundred thousand times.
struct VtgateBuffers {
  fileprivate let reading: ShardCounters
  /// Counts for several shards together, if there are any.
  private let combined: VtgateReading?
  private let baseline: ShardCounters
  private let carried: [ShardName: BufferCounters]
  fileprivate let flags: BufferFlags
  fileprivate let isFresh: Bool
  fileprivate let size: Int?
  fileprivate var hasCarried: Bool { !carried.isEmpty }

  init(_ state: VtgateState) {
    let value = state.watched.value
    reading = value?.buffers ?? ShardCounters()
    combined = value.flatMap { $0.combined.isEmpty ? nil : $0 }
    (baseline, carried) = (state.baseline, state.carried)
    (flags, isFresh, size) = (state.flags, state.isFresh, value?.bufferSize)
  }

  fileprivate func combines(_ shard: ShardName) -> Bool { combined?.combines(shard) ?? false }

  /// Of what it has counted in `total`, what counts since the baseline, earlier processes included.
  fileprivate func counted(of shard: ShardName, _ total: BufferCounters?) -> BufferCounters {
    VtgateState.counted(of: shard, total, baseline, carried)
  }
}

extension ShardSummary.Buffering {
  init(_ shard: ShardName, _ vtgates: [VtgateBuffers]) {
    self.init()
    var longest: Duration?
    var peak: Int?
    // Most vtgates name the same shards: their tables have them in the same rows.
    var last: (table: ShardCounters, row: Int?)?
    for vtgate in vtgates {
      if vtgate.combines(shard) {
        counters.unreported = .all
        combining += 1
      }
      if last.map({ !vtgate.reading.sharesRows(with: $0.table) }) ?? true {
        last = (vtgate.reading, vtgate.reading.row(of: shard))
      }
      let total = last?.row.flatMap { vtgate.reading[row: $0] }
      if total != nil || vtgate.hasCarried { counters.add(vtgate.counted(of: shard, total)) }
      hasCounters = hasCounters || total != nil
      guard vtgate.isFresh else { continue }
      freshVtgates += 1
      if vtgate.flags.areOff(for: shard, total) { vtgatesOff += 1 }
      if let size = vtgate.size, let held = (total ?? .init()).held {
        share = max(share ?? 0, Double(held) / Double(max(1, size)))
      }
      guard let total else { continue }
      held = held.flatMap { sum in total.held.map { sum &+ $0 } }
      isBuffering =
        isBuffering || (total.isBuffering == true && !vtgate.flags.areDryRun(for: shard))
      isDraining = isDraining || total.isDraining == true
      if let last = total.lastFailoverDuration { longest = max(longest ?? last, last) }
      if let most = total.lastRequestsInFlightMax { peak = (peak ?? 0) &+ most }
    }
    if combining > 0 { held = nil }
    counters.lastFailoverDuration = longest
    counters.lastRequestsInFlightMax = peak
  }
}
