import Testing

@testable import Session

/// How soon after a frame the next one comes.
@Suite struct FramePacingTests {
  /// In milliseconds, after a frame that took as many as `cost`.
  private static func rest(
    _ occasion: FramePacing.Occasion, isCalm: Bool, cost: Int, waited: Int = 0
  ) -> Duration {
    let start = ContinuousClock.now
    let end = start + .milliseconds(cost)
    var pacing = FramePacing(from: start)
    pacing.noteFrame(from: start, to: end)
    let now = end + .milliseconds(waited)
    return pacing.due(occasion, isCalm: isCalm, at: now) - now
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

  /// Vtgates take two turns in an interval, which are not worth a frame each.
  @Test(arguments: [
    (60, 1000, 500, true), (60, 1000, 700, false), (60, 500, 250, true), (60, 500, 350, false),
    (60, 5000, 500, true), (60, 5000, 2500, false), (1, 1000, 500, false),
  ]) func atRestTheSecondTurnIsShownWithTheNext(
    _ runs: Int, _ interval: Int, _ waited: Int, _ isLeft: Bool
  ) {
    let now = ContinuousClock.now
    var pacing = FramePacing(from: now - .seconds(runs))
    let end = now - .milliseconds(waited)
    pacing.noteFrame(from: end - .milliseconds(2), to: end)
    #expect(pacing.leavesToTheNext(every: .milliseconds(interval), at: now) == isLeft)
  }

  @Test(arguments: [FramePacing.Occasion.gathered, .news, .atOnce])
  func whateverAFrameCostsTheNextOneComes(_ occasion: FramePacing.Occasion) {
    #expect(Self.rest(occasion, isCalm: true, cost: 5000) == .seconds(1))
    #expect(Self.rest(occasion, isCalm: true, cost: 5000, waited: 2000) == .zero)
  }
}
