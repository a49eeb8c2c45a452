package import Terms

/// How a recording is being played.
package struct Playback: Sendable, Equatable {
  /// The speeds that can be chosen, recorded seconds a second.
  package static let speeds: [Double] = [0.1, 0.25, 0.5, 1, 2, 5, 10, 25, 50, 100]

  package var isPlaying = true
  package var speed = 1.0
  package var isLooping = false
  /// The moment that is shown.
  package var position: Instant
  package let began: Instant
  package let ended: Instant
  /// Nothing comes after ``position``.
  package var isAtEnd = false
  /// Why nothing comes after it, in words, where that is not the end of the recording.
  package var damage: String?
  /// Between two samples, where they were taken by somebody else; nil where Sluice saw it all itself.
  package var importedEvery: Duration?

  package init(from position: Instant, began: Instant, ended: Instant) {
    self.position = position
    self.began = began
    self.ended = ended
  }

  /// What somebody who looks at it wants.
  package enum Wish: Sendable, Equatable {
    case playOrPause
    case faster, slower
    case loop
    case seek(Instant)
    /// To stand still after the next one of these.
    case observation, second, event, failover
    /// To stand still at the one before.
    case secondBefore, eventBefore, failoverBefore
  }
}
