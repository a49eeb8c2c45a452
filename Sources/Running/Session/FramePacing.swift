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
  /// Of the time between two polls of a server: sooner after a frame, what comes while nothing is watched
  /// closely is shown with what comes next, so that vtgates' two turns have no frame each.
  private static let shareLeft = 0.6
  private static let longestLeft: Duration = .milliseconds(600)
  /// Only after so long: at first much comes that nobody has seen.
  private static let beginning: Duration = .seconds(5)
  /// As ``gathering``, while something is going on or is expected.
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

  /// Whether answers that begin and end nothing need no frame, as others will come within half an
  /// interval; `interval`: between two polls of a server.
  func leavesToTheNext(every interval: Duration, at now: ContinuousClock.Instant) -> Bool {
    now - start >= Self.beginning && now - end < min(Self.longestLeft, interval * Self.shareLeft)
  }

  mutating func noteFrame(from start: ContinuousClock.Instant, to end: ContinuousClock.Instant) {
    self.end = end
    cost = end - start
  }

  /// When a frame is due that is wanted now; `isCalm`: nothing is watched closely.
  func due(
    _ occasion: Occasion, isCalm: Bool, at now: ContinuousClock.Instant
  ) -> ContinuousClock.Instant {
    max(now, end + rest(before: occasion, isCalm: isCalm))
  }

  private func rest(before occasion: Occasion, isCalm: Bool) -> Duration {
    switch occasion {
    // Frames for keys take at most half of the time, however fast keys come.
    case .atOnce: min(Self.longestRest, cost)
    case .news: max(Self.newsGathering, rest(Self.restAfterFrame))
    case .gathered where isCalm: max(Self.gathering, rest(Self.calmRestAfterFrame))
    case .gathered: max(Self.closeGathering, rest(Self.restAfterFrame))
    }
  }

  private func rest(_ times: Int) -> Duration { min(Self.longestRest, cost * times) }
}
