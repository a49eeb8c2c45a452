package import FleetModel
internal import Terms

/// Whatever tells observations of one cluster: it goes on until it is stopped.
///
///     Feed ─ Observation ─> Watch
///       ▲                     │
///       └────── Wishes ───────┘
package protocol Feed: Sendable {
  /// Ends when the feed has been stopped; there is one reader.
  var observations: AsyncStream<Observation> { get }

  /// Begins with the servers that an operator named; others are found on the way.
  func start(_ targets: [Target]) async

  /// Takes what a watch would like from now on, as far as the feed can choose.
  func grant(_ wishes: Wishes) async

  /// Ends all work; returns when nothing runs any more.
  func stop() async
}

/// What a watch would like to be told.
package struct Wishes: Sendable, Equatable {
  /// Servers to ask at the fast rate, and no others.
  package var closely: Set<Target> = []
  /// Between two questions to a server that is not asked closely.
  package var interval: Duration

  package init(interval: Duration) { self.interval = interval }
}
