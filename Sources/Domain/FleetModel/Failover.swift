package import Terms

/// A moment as precisely as polling can tell it: it lies at most `uncertainty` before `at`.
package struct Moment: Sendable, Equatable, Codable {
  package let at: Instant
  /// Nil when there was no earlier poll: any time before `at`.
  package let uncertainty: Duration?

  package init(_ at: Instant, uncertainty: Duration?) {
    self.at = at
    self.uncertainty = uncertainty
  }

  /// Between two polls; `since` is the earlier one, nil when there was none.
  init(_ at: Instant, since: Instant?) {
    self.init(at, uncertainty: since.map { max(.zero, at - $0) })
  }
}

/// One failover of one shard, from its first sign until the shard has recovered.
///
///     detected ─> buffering ─> new primary seen ─> draining ─> ended
///                 (a track for each vtgate that did anything about it)
///
/// Everything in it comes from what polls prove: the counters of each vtgate (see
/// ``BufferCounters``) and the primary that their health checks see.
package struct Failover: Sendable, Equatable, Identifiable, Codable {
  /// What revealed it first.
  package enum Sign: Sendable, Equatable, Codable {
    case buffering
    case primaryGone
    /// Requests that should have been buffered were not.
    case skipping
    /// Clients saw queries fail, and nothing else showed.
    case errors
    /// Only another primary: it was over before any poll, and nobody buffered.
    case primaryChanged
  }

  /// The closest relation to any other shard that failed over at the same time.
  enum Company: Int, Comparable, Sendable, Codable {
    case none, ofAnotherKeyspace, ofItsKeyspace

    static func < (left: Company, right: Company) -> Bool { left.rawValue < right.rawValue }
  }

  package enum Phase: Sendable, Equatable {
    /// Something is wrong, and no vtgate is buffering.
    case detected
    case buffering
    /// At least one vtgate has seen a primary; others are still buffering.
    case newPrimarySeen
    case draining
    /// Every vtgate is done with it and a primary serves; others may yet turn out to have noticed
    /// it.
    case settling
    case ended

    package var isOver: Bool { self == .settling || self == .ended }
  }

  /// Numbers the failovers of a run from 1.
  package let id: Int
  package let shard: ShardName
  package let sign: Sign
  package let detected: Moment
  package let primaryBefore: TabletAlias?
  package internal(set) var primaryAfter: TabletAlias?
  /// When the vtgates' health checks no longer showed a serving primary; nil when that was never
  /// seen.
  package internal(set) var primaryGone: Moment?
  package internal(set) var newPrimarySeen: Moment?
  /// When the last of it was seen; nil while it is going on.
  package internal(set) var ended: Moment?
  /// By address; a vtgate that was restarted in the middle has one for each process.
  package internal(set) var tracks: [Track] = []
  /// The shard's replica lag during it, seconds.
  package internal(set) var lag = Series()
  /// When something about it was last seen.
  package internal(set) var changed: Moment
  /// Vtgates that did not buffer, as of its end; empty while it is going on.
  package internal(set) var absences: [Absence] = []
  /// What the clients of each vtgate saw fail.
  var felt: [Address: FeltErrors] = [:]
  /// Whether other shards failed over while it lasted.
  var company = Company.none
  /// The shard without a primary that it waited for: vtgate holds a keyspace's requests until its
  /// last shard is back (go/vt/discovery/keyspace_events.go, v13 to v24).
  package internal(set) var waitedFor: ShardName?
  /// What the topology said shortly before it; nil when nobody had asked.
  package internal(set) var routingBefore: ShardRouting?
  /// What it has said since no vtgate is buffering any more, as of the latest reading.
  package internal(set) var routing: ShardRouting?
  /// What it said last while it was going on.
  var routingMeanwhile: ShardRouting?
  /// Tables that were seen denied while it was going on.
  var deniedInBetween: Set<String> = []
  /// A vtgate that used to answer no longer does.
  var isMissingVtgates = false
  /// Which kinds of gates went through it; nil where they are vtgates.
  var gatesTold: Gates?
  /// The cutover that a proxy was told to make, as it was read last; nil where it was none.
  package internal(set) var plannedCutover: ProxyCutover?
  /// Nobody has read whether a proxy was told to make it; nil where that was read.
  var isCutoverUntold: Bool?
  /// What a proxy said of the server that it could no longer use; nil where it said nothing.
  package internal(set) var serverFault: ProxyRoute.ServerFault?
  /// What the application saw fail, as far as it is known now.
  package private(set) var failed = Failed(count: nil)
  /// How that number grew.
  package private(set) var failures = Series()

  init(id: Int, _ shard: ShardName, _ sign: Sign, at moment: Moment, primaryBefore: TabletAlias?) {
    self.id = id
    self.shard = shard
    self.sign = sign
    detected = moment
    changed = moment
    self.primaryBefore = primaryBefore
  }

  /// Records what is known to have failed by now.
  mutating func note(_ failed: Failed, at now: Instant) {
    self.failed = failed
    if let count = failed.count { failures.record(Double(count), at: now) }
  }

  /// How a shard that fails over at the same time relates to this one.
  func company(of other: ShardName) -> Company {
    if other == shard { return .none }
    return other.keyspace == shard.keyspace ? .ofItsKeyspace : .ofAnotherKeyspace
  }

  /// Whether signs of both were seen at the same time.
  package func overlaps(_ other: Failover) -> Bool {
    func isBefore(_ one: Failover, _ two: Failover) -> Bool {
      one.ended.map { $0.at < two.detected.at } ?? false
    }
    return !isBefore(self, other) && !isBefore(other, self)
  }

  package var phase: Phase {
    if ended != nil { return .ended }
    if tracks.contains(where: \.isBuffering) {
      return newPrimarySeen == nil ? .buffering : .newPrimarySeen
    }
    if tracks.contains(where: \.isDraining) { return .draining }
    return newPrimarySeen == nil && !tracks.contains(where: \.isRelieved) ? .detected : .settling
  }

  package var gates: Gates { gatesTold ?? .vtgates }

  /// Whether it may have been a planned cutover, of which nobody has told.
  package var mayBeCutover: Bool { isCutoverUntold == true && plannedCutover == nil }

  /// Whether some vtgate is still buffering or draining.
  var isActive: Bool { tracks.contains { $0.isBuffering || $0.isDraining } }

  /// Whether some vtgate stopped answering in the middle of it.
  var isUntold: Bool { tracks.contains { $0.interrupted?.cause == .unanswered } }

  /// How long after the last sign of it more may follow.
  ///
  /// After a traffic switch vtgate waits for a newer vschema, up to half of the maximum at a time,
  /// and then tries again (go/vt/vtgate/plan_execute.go, v18 to v24).
  var aftermath: Duration {
    guard kind == .trafficSwitch || kind == .unchanged else { return .zero }
    return (tracks.map(\.flags.maxFailoverDuration).max() ?? .zero) / 2
  }

  /// What all vtgates together counted.
  package var counts: BufferCounters {
    tracks.reduce(into: BufferCounters()) { $0.add($1.counts) }
  }

  /// The most that were queued, summed over the vtgates; nil when none reports it.
  package var peak: Int? {
    let peaks = tracks.compactMap(\.peak)
    return peaks.isEmpty ? nil : peaks.reduce(0, &+)
  }

  /// The most that was held between two instants, summed over the vtgates; nil where none says.
  ///
  /// `isUnseen`: some of it is a vtgate's own word, and no poll saw it: see ``Track/unseenPeak``.
  package func held(
    from start: Instant, to end: Instant
  ) -> (most: Double, isUnseen: Bool)? {
    var sum: Double?
    var isUnseen = false
    for track in tracks {
      if let peak = track.unseenPeak, peak.from < end, peak.to >= start {
        sum = (sum ?? 0) + Double(peak.most)
        isUnseen = true
      } else if let most = track.held.maximum(from: start, to: end) {
        sum = (sum ?? 0) + most
      }
    }
    return sum.map { ($0, isUnseen) }
  }

  /// Room in the buffers of all vtgates that took part; nil when none reports it.
  package var bufferSize: Int? {
    let sizes = tracks.filter { $0.started != nil }.compactMap(\.bufferSize)
    return sizes.isEmpty ? nil : sizes.reduce(0, &+)
  }

  /// The longest any vtgate buffered, exactly as it reports; nil until one has stopped.
  package var longestBuffering: Duration? { tracks.compactMap(\.duration).max() }

  /// How long the failover took: buffering as the vtgates report it, or else the time from losing sight
  /// of a primary to seeing one again; nil where polls saw nothing of it.
  package var time: Duration? {
    if let longestBuffering { return longestBuffering }
    if let primaryGone, let newPrimarySeen { return newPrimarySeen.at - primaryGone.at }
    return changed.at > detected.at ? changed.at - detected.at : nil
  }

  /// How many failovers this record may stand for: more than one when several began and ended
  /// between two polls of one vtgate.
  package var episodes: Int { tracks.map(\.episodes).max() ?? 0 }

  /// Whether a vtgate buffered and stopped, and then skipped requests as too soon after that:
  /// between two polls there was another failover, which it did not buffer.
  package var hidesUnbuffered: Bool {
    tracks.contains { track in
      track.sharesPoll && track.counts.stops[.maxDurationExceeded] == nil
        && track.counts.stopsTotal > 0 && track.tooRecent > 0
    }
  }

  /// Nobody who could be asked has said which tablet was primary, before or after it: whether it
  /// changed is not known either.
  package var isOfUnknownPrimaries: Bool { primaryBefore == nil && primaryAfter == nil }

  package enum Kind: Sendable, Equatable {
    /// The primary went away, and one serves again.
    case failover
    /// MoveTables or Reshard switched traffic or tried to: vtgates buffered, and no primary
    /// changed.
    case trafficSwitch
    /// Buffering without any change of the primary, which is known. By the counters alone it is either
    /// a traffic switch that ended some other way, or a reparent that was rolled back between two
    /// polls; see ``switching``.
    ///
    /// `NewPrimarySeen` is counted whenever the shard serves again, even with the same primary
    /// (go/vt/vtgate/buffer/shard_buffer.go, v13 to v24).
    case unchanged
    /// A proxy was told to give its route to another server.
    case cutover
    /// Queries failed, no vtgate buffered, and the primary is the same: tables that were switched
    /// away on v10 to v17, a primary that answers with errors, a vtgate that cannot reach it.
    case errors
  }

  package var kind: Kind {
    if plannedCutover != nil { return .cutover }
    if primaryGone != nil || waitedFor != nil { return .failover }
    if let primaryAfter, primaryAfter != primaryBefore { return .failover }
    if sign == .errors, tracks.allSatisfy({ $0.started == nil && $0.tooRecent == 0 }) {
      return .errors
    }
    let stops = counts.stops
    if isCountedAsSwitched { return .trafficSwitch }
    let hasBuffered = tracks.contains { $0.started != nil && !$0.isDryRun }
    guard hasBuffered, !isActive, !stops.isEmpty else { return .failover }
    if isProvenSwitch { return .trafficSwitch }
    return primaryBefore == nil ? .failover : .unchanged
  }

  /// Whether a vtgate's own reason for stopping says that traffic was switched.
  private var isCountedAsSwitched: Bool {
    let stops = counts.stops
    return stops[.moveTablesSwitchedTraffic] != nil || stops[.reshardingComplete] != nil
  }

  package enum Verdict: Sendable, Equatable {
    case goingOn
    /// Requests waited, a primary serves again, and nothing is known to have failed.
    case recovered
    /// The same, but the application saw queries fail: see ``failed``.
    case recoveredWithFailures
    /// Buffering was given up before a primary was seen.
    case gaveUp
    case notBuffered
    /// Traffic was switched to other tables or shards.
    case switched
    /// A traffic switch timed out or was cancelled: writes are where they were.
    case notSwitched
    /// A traffic switch was left half done: tables are denied, and their writes go nowhere.
    case halfSwitched
    /// The primary did not change: see ``Kind/unchanged``.
    case unchanged
    /// A vtgate that held requests was restarted, stopped answering or does not count what was
    /// lost: nobody knows what became of them.
    case unknown
  }

  /// How it went; the worst that happened decides.
  package var verdict: Verdict {
    guard ended != nil else { return .goingOn }
    if counts.stops[.maxDurationExceeded, default: 0] > 0 { return .gaveUp }
    if tracks.contains(where: { $0.interrupted != nil }) { return .unknown }
    if let plannedCutover {
      switch plannedCutover.phase {
      case .switched: return .switched
      case .cancelled: return .notSwitched
      case .timedOut: return .gaveUp
      case .holding, .takingOver, .undecided, .other: return .unknown
      }
    }
    if tracks.allSatisfy({ $0.started == nil }) { return .notBuffered }
    switch kind {
    case .trafficSwitch, .unchanged:
      if isCountedAsSwitched || switching == .switched { return .switched }
      if switching == .halfDone { return .halfSwitched }
      return isSwitchUndone ? .notSwitched : .unchanged
    case .failover, .cutover, .errors:
      if failed.isSomething { return .recoveredWithFailures }
      return counts.lost == nil ? .unknown : .recovered
    }
  }

  /// A vtgate that did not buffer during it.
  package struct Absence: Sendable, Equatable, Codable {
    package enum Reason: Sendable, Equatable, Codable {
      /// The failover came too soon after the last one.
      case tooRecent
      case bufferFull
      case noAnswer
      /// Its buffering is off, or does not cover the shard.
      case off
      case noTraffic
    }

    package let address: Address
    package let reason: Reason
  }

  /// How one vtgate went through it.
  package struct Track: Sendable, Equatable, Codable {
    package let address: Address
    package internal(set) var flags: BufferFlags
    package internal(set) var bufferSize: Int?
    /// How often it buffered: 0 when it only skipped, more than 1 when polls cannot tell episodes
    /// apart.
    package internal(set) var episodes = 0
    package internal(set) var started: Moment?
    package internal(set) var stopped: Moment?
    /// When nothing was queued any more.
    package internal(set) var drained: Moment?
    /// `last_failover_duration_ms`: from start to stop, without the drain; of the last episode.
    package internal(set) var duration: Duration?
    /// `last_requests_in_flight_max`, of the last episode.
    package internal(set) var peak: Int?
    /// What it counted during the failover.
    package internal(set) var counts = BufferCounters()
    /// Failed calls to the shard's primary; each attempt of a query counts.
    var callErrors = 0
    /// Requests let through while no primary served, because buffering is off or the vtgate is
    /// shutting down.
    var passedOn = 0
    /// It only counts what it would have buffered.
    package internal(set) var isDryRun = false
    /// Requests held.
    package internal(set) var held = Series()
    /// What cut it off in the middle; what the vtgate counted after its last poll is unknown.
    package internal(set) var interrupted: Interruption?
    /// Its start and its stop fell between the same two polls.
    package internal(set) var sharesPoll = false

    init(_ vtgate: VtgateState, _ shard: ShardName) {
      address = vtgate.address
      isDryRun = vtgate.isDryRun(for: shard)
      flags = vtgate.flags
      bufferSize = vtgate.watched.value?.bufferSize
    }

    /// The most that it held by its own word, and between which polls, where none saw anything held:
    /// all of it lay between two.
    package var unseenPeak: (most: Int, from: Instant, to: Instant)? {
      guard let started, let stopped, let peak, peak > 0,
        held.points.allSatisfy({ $0.value <= 0 })
      else { return nil }
      return (peak, started.at - (started.uncertainty ?? .zero), stopped.at)
    }

    package struct Interruption: Sendable, Equatable, Codable {
      package enum Cause: String, Sendable, Equatable, Codable {
        /// Its process was restarted.
        case restarted
        /// It has not answered for longer than it can buffer.
        case unanswered
        /// Its counters do not report the end of what they began to report.
        case uncounted
      }

      package let cause: Cause
      package let moment: Moment
    }

    package var isBuffering: Bool { started != nil && stopped == nil && interrupted == nil }
    package var isDraining: Bool { stopped != nil && drained == nil && interrupted == nil }
    /// Whether its requests were sent on, for any reason other than that it gave up.
    var isRelieved: Bool {
      stopped != nil && counts.stops.contains { $0.key != .maxDurationExceeded && $0.value > 0 }
    }
    /// Whether it buffered and is done.
    var isOver: Bool { started != nil && !isBuffering && !isDraining }
    /// Whether it is over, so that what its vtgate counts from now on belongs to another failover.
    var isClosed: Bool { isOver && interrupted?.cause != .uncounted }

    /// Requests skipped because the failover came too soon after the last one.
    package var tooRecent: Int {
      counts.skipped[.lastFailoverTooRecent, default: 0]
        + counts.skipped[.lastReparentTooRecent, default: 0]
    }

    /// How long requests waited at most, as polling saw it; nil while they are waiting.
    package var felt: Duration? {
      guard let started, let drained, episodes == 1 else { return nil }
      guard let duration, let stopped else { return drained.at - started.at }
      return duration + (drained.at - stopped.at)
    }
  }
}

/// A number over time, recorded when it changes; bounded.
package struct Series: Sendable, Equatable {
  package struct Sample: Sendable, Equatable {
    package let at: Instant
    package let value: Double
  }

  /// Beyond this many, every second one is dropped.
  package static let capacity = 1024

  package private(set) var points: [Sample] = []

  init() {}

  mutating func record(_ value: Double, at instant: Instant) {
    guard points.last?.value != value else { return }
    points.append(Sample(at: instant, value: value))
    guard points.count > Self.capacity else { return }
    points = points.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
  }

  /// The value at an instant; nil before the first point.
  package func value(at instant: Instant) -> Double? {
    points.last { $0.at <= instant }?.value
  }

  /// The largest value that held anywhere between two instants; nil before the first point.
  package func maximum(from start: Instant, to end: Instant) -> Double? {
    let inside = points.filter { $0.at > start && $0.at <= end }.map(\.value)
    return ([value(at: start)].compactMap(\.self) + inside).max()
  }
}

/// A list of times and values in turn: there are many points.
extension Series: Codable {
  package init(from decoder: any Decoder) throws {
    var list = try decoder.unkeyedContainer()
    while !list.isAtEnd {
      points.append(
        Sample(at: try list.decode(Instant.self), value: try list.decode(Double.self)))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var list = encoder.unkeyedContainer()
    for point in points {
      try list.encode(point.at)
      try list.encode(point.value)
    }
  }
}
