/// When the next frame may be shown: one that draws too often takes no answers meanwhile.
struct FramePacing {
  /// What a frame is for.
  enum Occasion {
    /// Answers, which can wait for others.
    case gathered
    /// Answers that begin or end something.
    case news
    /// Whatever the operator did.
    case atOnce
  }

  /// Answers are shown as they come, but those that arrive within this time of a frame share the
  /// next one.
  private static let gathering: Duration = .milliseconds(150)
  /// The same while nothing is watched closely, of the time between two polls of a server: what comes on
  /// vtgates' second turn and the tick of the clock have no frame each.
  private static let calmShare = 0.6
  private static let longestCalmGathering: Duration = .milliseconds(600)
  /// Only after so long: at first much comes that nobody has seen.
  private static let beginning: Duration = .seconds(5)
  /// The same while something is going on or is expected.
  private static let closeGathering: Duration = .milliseconds(90)
  /// The same for answers that begin or end something.
  private static let newsGathering: Duration = .milliseconds(5)
  /// After a frame nothing is shown for this many times its cost, so that answers are taken
  /// meanwhile.
  private static let restAfterFrame = 4
  /// The same while nothing begins or ends: of a large fleet some answer is always new.
  private static let calmRestAfterFrame = 16
  /// However much a frame costs.
  private static let longestRest: Duration = .seconds(1)

  /// How long the last frame took to derive and draw, and when it was done.
  private var cost: Duration = .zero
  private var end: ContinuousClock.Instant
  private let start: ContinuousClock.Instant

  init(from start: ContinuousClock.Instant) { (self.start, end) = (start, start) }

  mutating func noteFrame(from start: ContinuousClock.Instant, to end: ContinuousClock.Instant) {
    self.end = end
    cost = end - start
  }

  /// When a frame is due that is wanted now.
  ///
  /// `interval`: between two polls of a server where nothing is watched closely; else nil.
  func due(
    _ occasion: Occasion, calm interval: Duration?, at now: ContinuousClock.Instant
  ) -> ContinuousClock.Instant {
    let calm = interval.map { interval in
      now - start < Self.beginning
        ? Self.gathering
        : max(Self.gathering, min(Self.longestCalmGathering, interval * Self.calmShare))
    }
    return max(now, end + rest(before: occasion, calm: calm))
  }

  private func rest(before occasion: Occasion, calm gathering: Duration?) -> Duration {
    switch occasion {
    // Frames for keys take at most half of the time, however fast keys come.
    case .atOnce: min(Self.longestRest, cost)
    case .news: max(Self.newsGathering, rest(Self.restAfterFrame))
    case .gathered:
      gathering.map { max($0, rest(Self.calmRestAfterFrame)) }
        ?? max(Self.closeGathering, rest(Self.restAfterFrame))
    }
  }

  private func rest(_ times: Int) -> Duration { min(Self.longestRest, cost * times) }
}
