internal import Watching

extension Model {
  /// Stops the screen or lets it go on; a recording itself.
  mutating func stopOrPlay() -> [Effect] { step(.playOrPause) { $0.togglePause() } }

  /// Has the player of a recording do something; where there is none, does what stands for it.
  mutating func step(_ wish: Playback.Wish, else live: (inout Model) -> Void) -> [Effect] {
    guard playback == nil else { return [.play(wish)] }
    live(&self)
    return []
  }
}
