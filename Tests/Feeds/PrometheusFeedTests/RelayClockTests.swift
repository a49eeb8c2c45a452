import Terms
import Testing

@testable import PrometheusFeed

/// The clock of who scrapes, asked again and again over a network that is fast or slow.
@Suite struct RelayClockTests {
  private static let start = Instant(secondsSinceEpoch: 1_795_772_000)

  private var clock = RelayClock()

  /// Asks at a second for the time that is `offset` beyond ours.
  ///
  /// Its answer takes `trip`, of which the way there is a `share`. Returns what it changes, in seconds.
  private mutating func ask(
    at second: Double, offset: Double, trip: Double = 0.01, share: Double = 0.5
  ) -> Double {
    let asked = Self.start + .seconds(second)
    let step = clock.take(
      asked + .seconds(trip * share + offset), asked: asked, at: asked + .seconds(trip))
    return (step.seconds * 1000).rounded() / 1000
  }

  private var offset: Double? { clock.offset.map { ($0.seconds * 1000).rounded() / 1000 } }

  private func isDue(at second: Double, interval: Duration? = nil, latest: Double? = nil) -> Bool {
    clock.isDue(
      at: Self.start + .seconds(second), interval: interval,
      latest: latest.map { Self.start + .seconds($0) })
  }

  @Test mutating func aSmallDifferenceIsNone() {
    #expect(offset == nil)
    let step = ask(at: 0, offset: 1.5)
    #expect(step == 0 && offset == 0)
  }

  /// What took six seconds is known to three, and would be counted for the whole run.
  @Test mutating func aSlowAnswerSaysLittle() {
    let first = ask(at: 0, offset: 0, trip: 6, share: 0)
    #expect(first == 0 && offset == 0)
    let better = ask(at: 60, offset: 30, trip: 0.02)
    // Slower, and no contradiction.
    let worse = ask(at: 120, offset: 30, trip: 8, share: 1)
    #expect(better == 30 && worse == 0 && offset == 30)
  }

  @Test mutating func aClockThatIsSetIsFollowed() {
    let steps = [(0, 0), (60, 10), (120, -30), (180, 0.3)].map { ask(at: $0, offset: $1) }
    #expect(steps == [0, 10, -40, 30])
    #expect(offset == 0)
  }

  /// It may have drifted, so a later answer counts though it took longer.
  @Test mutating func anOldAnswerSaysLessAndLess() {
    let steps = [(0, 5, 0.01), (60, 5.1, 0.8), (600, 5.4, 0.8)].map {
      ask(at: $0, offset: $1, trip: $2)
    }
    #expect(steps == [5, 0, 0.4])
  }

  /// No two answers are the same to the millisecond.
  @Test mutating func oneThatIsOffIsNotStepped() {
    let steps = [(0, 5), (60, 5.003), (120, 4.98), (180, 5.2), (240, 5.3)].map {
      ask(at: $0, offset: $1)
    }
    #expect(steps == [5, 0, 0, 0, 0.3])
    #expect(offset == 5.3)
  }

  /// Whatever its times are then, it is not asked in each look.
  @Test mutating func oneThatDoesNotTellIsAskedAgainLater() {
    clock.noteUntold(at: Self.start)
    #expect(offset == nil)
    #expect(!isDue(at: 1, latest: 500) && isDue(at: 60, latest: 60))
    let step = ask(at: 60, offset: 5)
    #expect(step == 5 && offset == 5)
    clock.noteUntold(at: Self.start + .seconds(120))
    #expect(offset == 5)
  }

  @Test mutating func itIsAskedNowAndThenAndWhereTimesDoNotFit() {
    #expect(isDue(at: 0))
    _ = ask(at: 0, offset: 0)
    clock.noteNews(at: Self.start)
    #expect(!isDue(at: 30, latest: 30) && isDue(at: 60, latest: 60))
    // From the future.
    #expect(!isDue(at: 1, latest: 2) && isDue(at: 1, latest: 11))
    // Nothing is news any more; but not in each look.
    #expect(!isDue(at: 14, interval: .seconds(5)) && isDue(at: 16, interval: .seconds(5)))
    _ = ask(at: 16, offset: 0)
    #expect(!isDue(at: 17, interval: .seconds(5)) && isDue(at: 22, interval: .seconds(5)))
  }
}
