internal import FleetModel
internal import Terms

/// The present of whoever listens to a feed, as far as it has been heard.
///
/// Of itself a feed tells at that very moment. How long such a word has waited is how far the listener is
/// behind, and what servers answered meanwhile has not been heard yet: that is not their silence.
struct Present: Sendable {
  /// Within this time what is told is taken as long as nothing holds the listener up.
  private static let promptly: Duration = .milliseconds(500)

  private let clock: @Sendable () -> Instant
  /// How long the feed's last word had waited, where that was not ``promptly``.
  private var backlog: Duration = .zero

  init(_ clock: @escaping @Sendable () -> Instant) { self.clock = clock }

  var now: Instant { clock() - backlog }

  /// Hears a batch before it is taken; answers in it may be older than the feed's own word.
  mutating func hear(_ batch: [Observation]) {
    let ownWord = batch.last { if case .pace = $0.news { true } else { false } }
    guard let waited = ownWord.map({ clock() - $0.at }) else { return }
    backlog = waited > Self.promptly ? waited : .zero
  }
}
