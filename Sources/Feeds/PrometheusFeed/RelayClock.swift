internal import Terms

/// What the clock of who scrapes shows beyond ours, so that its times become ours.
///
/// A clock that is asked over the network is known to half of the round trip, so the best answer counts
/// until another contradicts it: then the clock was set, or another server answers.
struct RelayClock {
  /// Between two questions.
  private static let pause: Duration = .seconds(60)
  /// The same while nothing is news.
  private static let leastPause: Duration = .seconds(5)
  /// Clocks that differ by less count as equal.
  static let tolerance: Duration = .seconds(2)
  /// Less is not corrected: after a step all that is known of the servers' series is asked for again.
  private static let leastStep: Duration = .milliseconds(250)
  /// How much two clocks may drift apart in a second: ten times as fast as a clock is slewed.
  private static let drift = 0.005
  /// After so many intervals without news the clock is in doubt.
  private static let patience = 3

  /// One answer.
  private struct Answer {
    let offset: Duration
    /// How far off it may be.
    let error: Duration
    let at: Instant

    /// What it makes count.
    var counting: Duration {
      abs(offset.seconds) <= max(RelayClock.tolerance, error).seconds ? .zero : offset
    }

    func error(at now: Instant) -> Duration {
      error + .milliseconds(1) + (now - at) * RelayClock.drift
    }
  }

  private var best: Answer?
  private var askedAt: Instant?
  /// When a scrape last was news.
  private var newsAt: Instant?

  /// What is counted; nil until it has told: its times are taken for ours.
  private(set) var offset: Duration?

  /// Whether to ask now.
  ///
  /// `interval`: between two scrapes, where it is known; `latest`: the time of the latest of them.
  func isDue(at now: Instant, interval: Duration?, latest: Instant?) -> Bool {
    guard let askedAt, now - askedAt < Self.pause else { return true }
    // It has not told: not every server that answers does.
    guard let offset else { return false }
    if let latest, latest - offset > now + Self.tolerance { return true }
    guard now - askedAt >= Self.leastPause, let interval, let newsAt else { return false }
    return now - newsAt > max(interval * Self.patience, Self.leastPause)
  }

  mutating func noteNews(at now: Instant) { newsAt = now }

  /// It was asked, and did not tell.
  mutating func noteUntold(at now: Instant) { askedAt = now }

  /// Takes the time that it told, asked for at `asked` and heard at `now`; returns by how much more than
  /// before its times are counted as beyond ours.
  mutating func take(_ time: Instant, asked: Instant, at now: Instant) -> Duration {
    askedAt = asked
    let error = (now - asked) / 2
    let answer = Answer(offset: time - (asked + error), error: error, at: now)
    if let best {
      let known = best.error(at: now)
      let isContradicted =
        abs((answer.offset - best.offset).seconds) > (known + answer.error(at: now)).seconds
      guard isContradicted || answer.error <= known else { return .zero }
    }
    best = answer
    let step = answer.counting - (offset ?? .zero)
    guard offset == nil || abs(step.seconds) >= Self.leastStep.seconds else { return .zero }
    offset = answer.counting
    return step
  }
}
