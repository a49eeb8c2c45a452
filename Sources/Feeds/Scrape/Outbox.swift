internal import DequeModule
internal import FleetModel
internal import Terms

/// What a feed tells, handed on together where it comes together, which wakes the reader once.
///
///     tell ─> held ─ when it is due, or all has come ─> batches ─> the reader, who may be behind
struct Outbox {
  /// Room for whatever polls in flight can still report once the reader has fallen behind.
  private static let capacity = 1 << 16
  /// How long an observation waits for others that are on their way, unless it is urgent.
  private static let longestHold: Duration = .milliseconds(50)

  let batches: AsyncStream<[Observation]>
  private let continuation: AsyncStream<[Observation]>.Continuation
  private var held: [Observation] = []
  /// When what is held must be handed on at the latest; nil where nothing is.
  private(set) var due: Instant?
  /// How many observations are in each batch that the reader had not taken when the last was sent.
  private var untaken = Deque<Int>()
  private(set) var lastTold: Instant

  init(at now: Instant) {
    lastTold = now
    (batches, continuation) = AsyncStream.makeStream(
      bufferingPolicy: .bufferingOldest(Self.capacity))
  }

  /// What the reader has not taken, as far as the last batch has shown.
  var count: Int { untaken.reduce(held.count, +) }

  mutating func tell(_ observation: Observation, isUrgent: Bool, at now: Instant) {
    lastTold = now
    held.append(observation)
    if due == nil { due = isUrgent ? now : now + Self.longestHold }
  }

  mutating func handOn() {
    due = nil
    guard !held.isEmpty else { return }
    untaken.append(held.count)
    if case .enqueued(let room) = continuation.yield(held) {
      untaken.removeFirst(max(0, untaken.count - (Self.capacity - room)))
    }
    held = []
  }

  func finish() { continuation.finish() }
}
