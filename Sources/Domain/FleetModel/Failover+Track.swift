package import Terms

extension Failover {
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
