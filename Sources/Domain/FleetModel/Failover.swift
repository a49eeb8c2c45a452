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
}
