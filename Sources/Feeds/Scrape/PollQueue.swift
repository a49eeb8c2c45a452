package import FleetModel
internal import HeapModule
package import Terms

/// Decides which target is polled when.
///
/// A value: time comes in as an argument.
///
///     add ─> due ─ take ─> in flight ─ finish ─> due again
///             ▲                          │ on the grid · sooner if close · later if failing
///             └── watchClosely, hasten ──┘
///
/// Quiet targets share one grid of instants, so that their answers arrive together and the screen
/// is painted once for all of them. Only vtgates take turns, two while they are quiet and up to four
/// where they are watched closely: the first of them to know of a failover is heard of sooner. A target
/// that fails is left alone longer and longer, up to ``longestPause``, with jitter so that many do not come back in step. When the
/// budget is too small, vtgates go first and tablets take turns, but some tablet is always being
/// polled.
package struct PollQueue: Sendable {
  /// The longest time between two attempts at a failing target.
  ///
  /// Short enough to see a restarted vtgate within a failover.
  package static let longestPause: Duration = .seconds(4)
  /// The longest time between two attempts while the target is watched closely.
  static let longestClosePause: Duration = .milliseconds(250)
  /// The most requests that one poll makes: a vtgate's counters, tablets and variables; a tablet's
  /// status, apps and identity.
  package static let requestsPerPoll = 3

  /// This many vtgates are asked at once when nothing is known yet; the others as soon as one of them
  /// has answered, or after ``vanguardTime``.
  ///
  /// What the first says of series and tablets need not be learned from each of a hundred.
  private static let vanguard = 4
  private static let vanguardTime: Duration = .milliseconds(250)
  /// After this many vtgates a tablet is due: many that are watched closely would leave it no
  /// budget.
  private static let vtgatesBeforeATablet = 4
  /// In how many groups quiet vtgates take turns.
  private static let quietTurns = 2
  /// In how many groups vtgates that are watched closely take turns.
  private static let closeTurns = 4

  private struct Entry {
    var due: Instant
    /// A poll before then would exceed the target's own budget.
    var earliest: Instant
    var failures = 0
    /// When the current poll began; nil between two polls.
    var startedAt: Instant?
    /// Where the grid of its close polls begins; nil while it is not watched closely.
    var closeOrigin: Instant?
    /// Which of the turns of an interval it has while it is quiet.
    let turn: Int

    var isClose: Bool { closeOrigin != nil }
  }

  /// A place in the queue; it is skipped if its entry has left it since.
  private struct Place: Comparable {
    let due: Instant
    let number: Int
    let target: Target

    static func < (left: Place, right: Place) -> Bool {
      (left.due, left.number) < (right.due, right.number)
    }
    static func == (left: Place, right: Place) -> Bool { left.number == right.number }
  }

  private var cadence: Cadence
  /// The grid's origin.
  private let origin: Instant
  private var entries: [Target: Entry] = [:]
  private var vtgates = Heap<Place>()
  private var tablets = Heap<Place>()
  private var nextNumber = 0
  private var vtgatesInARow = 0
  /// How many vttablets are watched closely.
  private var closeTablets = 0
  /// The vtgates that wait for the first answer of any; nil once there was one.
  private var rearguard: Set<Target>? = []
  private var vtgatesAdded = 0
  /// How many vtgates have each turn.
  private var onTurn = Array(repeating: 0, count: quietTurns)

  package init(_ cadence: Cadence, origin: Instant) {
    self.cadence = cadence
    self.origin = origin
  }

  package var targets: some Collection<Target> { entries.keys }

  package func contains(_ target: Target) -> Bool { entries[target] != nil }

  /// Adds a target, which is due at once.
  package mutating func add(_ target: Target, at now: Instant) {
    guard entries[target] == nil else { return }
    var due = now
    var turn = 0
    if target.kind.role == .gate {
      turn = onTurn.indices.min { onTurn[$0] < onTurn[$1] } ?? 0
      onTurn[turn] += 1
      vtgatesAdded += 1
      if rearguard != nil, vtgatesAdded > Self.vanguard {
        rearguard?.insert(target)
        due = now + Self.vanguardTime
      }
    }
    entries[target] = Entry(due: due, earliest: now, turn: turn)
    enqueue(target, at: due)
  }

  /// Lets the vtgates go that waited for the first answer.
  private mutating func followVanguard(at now: Instant) {
    for target in (rearguard ?? []).sorted() {
      // One that was asked meanwhile and failed keeps to its pause.
      guard let entry = entries[target], entry.startedAt == nil, entry.failures == 0,
        entry.due > now
      else { continue }
      entries[target]?.due = now
      enqueue(target, at: now)
    }
    rearguard = nil
  }

  package mutating func remove(_ target: Target) {
    if let entry = entries.removeValue(forKey: target), target.kind.role == .gate {
      onTurn[entry.turn] -= 1
    }
    rearguard?.remove(target)
  }

  /// Polls these targets, and no others, at the close rate from now on.
  package mutating func watchClosely(_ targets: Set<Target>, at now: Instant) {
    let vtgates = targets.filter { $0.kind.role == .gate }.sorted()
    closeTablets = targets.count - vtgates.count
    let turns = max(1, min(vtgates.count, Self.closeTurns))
    let turn = Dictionary(uniqueKeysWithValues: zip(vtgates, 0...))
    for target in Array(entries.keys) {
      guard var entry = entries[target], entry.isClose != targets.contains(target) else { continue }
      entry.closeOrigin =
        entry.isClose ? nil : now + pause(of: target) * ((turn[target] ?? 0) % turns) / turns
      if entry.isClose, entry.startedAt == nil, entry.due > now + pause(of: target) {
        entry.due = max(now, entry.earliest)
        enqueue(target, at: entry.due)
      }
      entries[target] = entry
    }
  }

  /// Changes the time between two polls of targets not watched closely; a shorter one applies at
  /// once.
  package mutating func poll(every interval: Duration, at now: Instant) {
    cadence.interval = interval
    for (target, entry) in entries where entry.startedAt == nil && entry.failures == 0 {
      guard !entry.isClose, entry.due > now + interval else { continue }
      let due = max(now, entry.earliest)
      entries[target]?.due = due
      enqueue(target, at: due)
    }
  }

  /// The next target to poll now; it is in flight until
  /// ``finish(_:requests:succeeded:at:jitter:)``.
  package mutating func take(at now: Instant) -> Target? {
    let isTabletsTurn = vtgatesInARow >= Self.vtgatesBeforeATablet
    let order = isTabletsTurn ? [\Self.tablets, \Self.vtgates] : [\Self.vtgates, \Self.tablets]
    for queue in order {
      guard let due = nextDue(in: queue), due <= now else { continue }
      let target = self[keyPath: queue].removeMin().target
      entries[target]?.startedAt = now
      vtgatesInARow = target.kind.role == .gate ? vtgatesInARow + 1 : 0
      return target
    }
    return nil
  }

  /// When there will be something to take; nil when everything is in flight.
  package mutating func nextDue() -> Instant? {
    [nextDue(in: \.vtgates), nextDue(in: \.tablets)].compactMap(\.self).min()
  }

  /// Notes how a poll went, and decides when the next one is due.
  ///
  /// `requests`: how many it made; `jitter`: -1...1.
  package mutating func finish(
    _ target: Target, requests: Int, succeeded: Bool, at now: Instant, jitter: Double
  ) {
    guard var entry = entries[target], let startedAt = entry.startedAt else { return }
    entry.startedAt = nil
    if succeeded {
      entry.failures = 0
      if target.kind.role == .gate { followVanguard(at: now) }
      entry.due =
        if let closeOrigin = entry.closeOrigin {
          max(now, next(on: closeOrigin, every: pause(of: target), after: startedAt))
        } else {
          next(
            on: origin + cadence.interval * entry.turn / Self.quietTurns, every: cadence.interval,
            after: now)
        }
    } else {
      entry.failures = min(entry.failures + 1, 16)
      entry.due = now + pauseAfterFailure(of: target, entry, jitter)
    }
    // Its own budget holds in any second, even one that covers parts of two polls.
    let rate = Double(cadence.targetBudget - 2 * Self.requestsPerPoll)
    entry.earliest = startedAt + .nanoseconds(Int64(Double(requests) / rate * 1e9))
    entry.due = max(entry.due, entry.earliest)
    entries[target] = entry
    enqueue(target, at: entry.due)
  }

  // MARK: Time

  private func pause(of target: Target) -> Duration {
    let close =
      switch target.kind.role {
      case .gate: cadence.closeVtgates
      case .member:
        max(cadence.closeTablets, .seconds(1) * closeTablets / cadence.closeTabletRate)
      }
    return min(cadence.interval, close)
  }

  private func pauseAfterFailure(
    of target: Target, _ entry: Entry, _ jitter: Double
  ) -> Duration {
    // The first retry keeps the normal rate, because a single lost poll is no reason to look away.
    let factor = Double(1 << (entry.failures - 1))
    let limit =
      entry.isClose
      ? max(Self.longestClosePause, pause(of: target)).seconds
      : max(Self.longestPause, cadence.interval).seconds
    let pause = min(cadence.interval.seconds * factor, limit)
    return .nanoseconds(Int64(pause * (1 + 0.2 * jitter) * 1e9))
  }

  private func next(on origin: Instant, every interval: Duration, after instant: Instant) -> Instant
  {
    let step = max(1, interval.wholeNanoseconds)
    let passed = instant.nanoseconds - origin.nanoseconds
    guard passed >= 0 else { return origin }
    return Instant(nanoseconds: origin.nanoseconds + (passed / step + 1) * step)
  }

  // MARK: Places

  private mutating func enqueue(_ target: Target, at due: Instant) {
    let place = Place(due: due, number: nextNumber, target: target)
    nextNumber += 1
    switch target.kind.role {
    case .gate: vtgates.insert(place)
    case .member: tablets.insert(place)
    }
  }

  /// When the first place that is still valid is due.
  private mutating func nextDue(in queue: WritableKeyPath<Self, Heap<Place>>) -> Instant? {
    while let place = self[keyPath: queue].min {
      if let entry = entries[place.target], entry.startedAt == nil, entry.due == place.due {
        return place.due
      }
      self[keyPath: queue].removeMin()
    }
    return nil
  }
}
