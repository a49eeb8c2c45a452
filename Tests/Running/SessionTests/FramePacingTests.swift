import Testing

@testable import Session

/// How soon after a frame the next one comes.
@Suite struct FramePacingTests {
  /// In milliseconds, after a frame that took as many as `cost`.
  private static func rest(
    _ occasion: FramePacing.Occasion, isCalm: Bool, cost: Int, waited: Int = 0, runs: Int = 0,
    every interval: Duration = .seconds(1)
  ) -> Duration {
    let start = ContinuousClock.now
    let end = start + .milliseconds(cost)
    var pacing = FramePacing(from: start - .seconds(runs))
    pacing.noteFrame(from: start, to: end)
    let now = end + .milliseconds(waited)
    return pacing.due(occasion, calm: isCalm ? interval : nil, at: now) - now
  }

  @Test func theCheaperAFrameTheSoonerTheNextOne() {
    #expect(Self.rest(.gathered, isCalm: true, cost: 2) == .milliseconds(150))
    #expect(Self.rest(.gathered, isCalm: true, cost: 20) == .milliseconds(320))
    #expect(Self.rest(.gathered, isCalm: false, cost: 2) == .milliseconds(90))
    #expect(Self.rest(.gathered, isCalm: false, cost: 30) == .milliseconds(120))
    #expect(Self.rest(.news, isCalm: true, cost: 1) == .milliseconds(5))
    #expect(Self.rest(.news, isCalm: false, cost: 20) == .milliseconds(80))
    #expect(Self.rest(.atOnce, isCalm: true, cost: 20) == .milliseconds(20))
  }

  /// Vtgates take two turns in an interval, and neither these nor the clock's tick are worth a frame each.
  @Test func atRestFramesAreFewerThanAnswers() {
    #expect(Self.rest(.gathered, isCalm: true, cost: 2, runs: 60) == .milliseconds(600))
    #expect(
      Self.rest(.gathered, isCalm: true, cost: 2, runs: 60, every: .milliseconds(500))
        == .milliseconds(300))
    #expect(
      Self.rest(.gathered, isCalm: true, cost: 2, runs: 60, every: .milliseconds(100))
        == .milliseconds(150))
    #expect(Self.rest(.news, isCalm: true, cost: 1, runs: 60) == .milliseconds(5))
    #expect(Self.rest(.gathered, isCalm: false, cost: 2, runs: 60) == .milliseconds(90))
    #expect(Self.rest(.atOnce, isCalm: true, cost: 20, runs: 60) == .milliseconds(20))
  }

  @Test(arguments: [FramePacing.Occasion.gathered, .news, .atOnce])
  func whateverAFrameCostsTheNextOneComes(_ occasion: FramePacing.Occasion) {
    #expect(Self.rest(occasion, isCalm: true, cost: 5000) == .seconds(1))
    #expect(Self.rest(occasion, isCalm: true, cost: 5000, waited: 2000) == .zero)
  }
}
