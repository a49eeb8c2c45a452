package import FleetModel
package import Terms

/// A source of observations of one cluster, running until it is stopped.
///
///     Feed ─ Observation ─> Watch
///       ▲                     │
///       └────── Wishes ───────┘
package protocol Feed: Sendable {
  /// Ends when the feed has been stopped; there is one reader.
  var observations: AsyncStream<Observation> { get }

  /// Begins with the servers an operator named; it discovers the rest.
  func start(_ targets: [Target]) async

  /// Returns once everybody who names servers has done so once, or has failed to.
  func hasHeardOfServers() async

  /// Takes a watch's current wishes, which the feed follows as far as it can.
  func grant(_ wishes: Wishes) async

  /// Stops all work; returns when nothing is running any more.
  func stop() async
}

extension Feed {
  package func hasHeardOfServers() async {}
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
