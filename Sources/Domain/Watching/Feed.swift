package import FleetModel
package import Terms

/// A source of observations of one cluster, running until it is stopped.
///
///     Feed ─ [Observation] ─> Watch
///       ▲                       │
///       └─────── Wishes ────────┘
package protocol Feed: Sendable {
  /// What is told, together where it came together; ends when the feed has been stopped. There is
  /// one reader.
  var batches: AsyncStream<[Observation]> { get }

  /// Begins with the servers an operator named; it discovers the rest.
  func start(_ targets: [Target]) async

  /// Returns once everybody who names servers has done so once, or has failed to, with the time of the
  /// last observation that tells of that; nil where nothing had to be told.
  func hasHeardOfServers() async -> Instant?

  /// Takes a watch's current wishes, which the feed follows as far as it can.
  func grant(_ wishes: Wishes) async

  /// Stops all work; returns when nothing is running any more.
  func stop() async
}

extension Feed {
  package func hasHeardOfServers() async -> Instant? { nil }

  /// What is told, one by one.
  package var observations: Observations { Observations(batches: batches) }
}

/// What a feed tells, one by one; whoever reads on has one iterator, which keeps the rest of a
/// batch.
package struct Observations: AsyncSequence {
  fileprivate let batches: AsyncStream<[Observation]>

  package struct Iterator: AsyncIteratorProtocol {
    fileprivate var batches: AsyncStream<[Observation]>.Iterator
    fileprivate var rest: ArraySlice<Observation> = []

    package mutating func next(
      isolation: isolated (any Actor)? = #isolation
    ) async -> Observation? {
      while rest.isEmpty {
        guard let batch = await batches.next(isolation: isolation) else { return nil }
        rest = batch[...]
      }
      return rest.removeFirst()
    }
  }

  package func makeAsyncIterator() -> Iterator { Iterator(batches: batches.makeAsyncIterator()) }
}

/// What a watch would like its feed to do.
package struct Wishes: Sendable, Equatable, Codable {
  /// Servers to ask at the fast rate, and no others.
  package var closely: Set<Target> = []
  /// The shards whose servers these are; not all of their tablets may be known yet.
  package var shards: Set<ShardName> = []
  /// The time between two questions to a server that is not asked closely.
  package var interval: Duration

  package init(interval: Duration) { self.interval = interval }
}
