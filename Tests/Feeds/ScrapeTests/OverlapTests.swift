import FleetModel
import Scrape
import Synchronization
import Terms
import Testing
import VitessClient

/// A made-up kind of gate that answers when two of it are being asked at the same moment.
private struct Rendezvous: Prober {
  static let kind = Target.Kind(name: "rendezvous", role: .gate)

  /// How many are in the middle of a probe, and whether two ever were.
  final class Meeting: Sendable {
    let state = Mutex((present: 0, hasHappened: false))
  }

  let meeting: Meeting
  private(set) var requests = 0

  init(_ meeting: Meeting) { self.meeting = meeting }

  /// Takes the thread for as long as the other takes to come, as reading a long answer does.
  mutating func probe() async throws(ScrapeFailure) -> ScrapeOutcome.Result {
    requests += 1
    meeting.state.withLock { state in
      state.present += 1
      if state.present > 1 { state.hasHappened = true }
    }
    defer { meeting.state.withLock { $0.present -= 1 } }
    let end = ContinuousClock.now + .milliseconds(500)
    while ContinuousClock.now < end {
      if meeting.state.withLock({ $0.hasHappened }) { return .gate(VtgateReading()) }
    }
    throw .noAnswer(within: .zero)
  }
}

@Suite(.timeLimit(.minutes(1))) struct OverlapTests {
  /// Reading answers is most of the work: it must not wait for its turn on the scraper's actor.
  @Test func twoServersAreReadAtTheSameTime() async throws {
    let meeting = Rendezvous.Meeting()
    let start = ContinuousClock.now
    let scraper = Scraper(
      of: "test", Cadence(interval: .milliseconds(50)),
      probers: [Rendezvous.kind: { _, _ in Rendezvous(meeting) }]
    ) { Instant(secondsSinceEpoch: 1000) + (ContinuousClock.now - start) }
    await scraper.start(
      (1...2).map { Target(Rendezvous.kind, Address(host: "gate\($0)", port: 15001)) })
    var answers = 0
    for await observation in scraper.observations {
      guard case .outcome(let outcome) = observation.news else { continue }
      if case .gate = outcome.result { answers += 1 }
      if answers == 2 || ContinuousClock.now - start > .seconds(20) { break }
    }
    await scraper.stop()
    #expect(answers == 2)
  }
}
