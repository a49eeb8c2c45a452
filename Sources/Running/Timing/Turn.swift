/// A turn of work on the main actor that ends after a while, so that others have theirs.
@MainActor package struct Turn {
  private static let longest: Duration = .milliseconds(2)

  private var began = ContinuousClock.now

  package init() {}

  /// Lets whatever waits for the main actor go first, if this turn has lasted long enough.
  ///
  /// `Task.yield()` goes through the pool of threads and back, which wakes two of them each time.
  package mutating func giveWay() async {
    guard .now - began >= Self.longest else { return }
    await withCheckedContinuation { continuation in
      Task { @MainActor in continuation.resume() }
    }
    began = .now
  }
}
