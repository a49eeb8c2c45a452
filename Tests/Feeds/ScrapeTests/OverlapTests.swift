import FleetModel
import Scrape
import Synchronization
import Terms
import TestSupport
import Testing
import VitessClient
import Watching

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A made-up kind of gate whose long answer is read when two of it are being read at the same moment.
private struct Rendezvous: Prober {
  static let kind = Target.Kind(name: "rendezvous", role: .gate)

  /// How many are in the middle of reading, and whether two ever were.
  final class Meeting: Sendable {
    private let state = Mutex((present: 0, hasHappened: false))

    /// Takes the thread for as long as the other takes to come, as reading a long answer does.
    func attend() throws(ScrapeFailure) {
      state.withLock { state in
        state.present += 1
        if state.present > 1 { state.hasHappened = true }
      }
      defer { state.withLock { $0.present -= 1 } }
      let end = ContinuousClock.now + .milliseconds(500)
      while ContinuousClock.now < end {
        if state.withLock({ $0.hasHappened }) { return }
      }
      throw .noAnswer(within: .zero)
    }
  }

  let address: Address
  let fetcher: HTTPFetcher
  let meeting: Meeting
  private(set) var requests = 0

  init(_ address: Address, _ fetcher: HTTPFetcher, _ meeting: Meeting) {
    self.address = address
    self.fetcher = fetcher
    self.meeting = meeting
  }

  mutating func probe() async throws(ScrapeFailure) -> ScrapeOutcome.Result {
    requests += 1
    let page = try await fetcher.page("/metrics", at: address, isLong: true)
    try await page.read { [meeting] _ throws(ScrapeFailure) in try meeting.attend() }
    return .gate(VtgateReading())
  }
}

/// A made-up kind of gate that notes on which thread it is asked.
private struct Noting: Prober {
  static let kind = Target.Kind(name: "noting", role: .gate)

  /// The threads, by numbers of the system.
  final class Threads: Sendable {
    let seen = Mutex<Set<Int>>([])
  }

  let threads: Threads
  private(set) var requests = 0

  init(_ threads: Threads) { self.threads = threads }

  mutating func probe() async throws(ScrapeFailure) -> ScrapeOutcome.Result {
    requests += 1
    threads.seen.withLock { _ = $0.insert(pthread_self().hashValue) }
    return .gate(VtgateReading())
  }
}

@Suite(.timeLimit(.minutes(1))) struct OverlapTests {
  private static func scraper(_ probers: Probers) -> Scraper {
    let start = ContinuousClock.now
    return Scraper(of: "test", Cadence(interval: .milliseconds(50)), probers: probers) {
      Instant(secondsSinceEpoch: 1000) + (ContinuousClock.now - start)
    }
  }

  /// A long answer must not keep the thread on which others arrive.
  @Test func twoLongAnswersAreReadAtTheSameTime() async throws {
    let text = String(repeating: "#", count: HTTPFetcher.Page.longLength)
    let server = try await StubServer { _ in .body(text, type: "text/plain") }
    let meeting = Rendezvous.Meeting()
    let scraper = Self.scraper([Rendezvous.kind: { Rendezvous($0, $1, meeting) }])
    await scraper.start(
      ["127.0.0.1", "localhost"].map {
        Target(Rendezvous.kind, Address(host: $0, port: server.port))
      })
    let start = ContinuousClock.now
    var answers = 0
    for await observation in scraper.observations {
      guard case .outcome(let outcome) = observation.news else { continue }
      if case .gate = outcome.result { answers += 1 }
      if answers == 2 || ContinuousClock.now - start > .seconds(20) { break }
    }
    await scraper.stop()
    await server.stop()
    #expect(answers == 2)
  }

  /// A hop from thread to thread costs more than reading most answers, and one thread is not enough
  /// for thousands of connections.
  @Test(arguments: [12, 200])
  func aSmallFleetIsAskedOnOneThreadAndALargeOneOnSeveral(_ servers: Int) async throws {
    let threads = Noting.Threads()
    let scraper = Self.scraper([Noting.kind: { _, _ in Noting(threads) }])
    let targets = (1...servers).map {
      Target(Noting.kind, Address(host: "gate\($0)", port: 15001))
    }
    await scraper.start(targets)
    var answered: Set<Target> = []
    for await observation in scraper.observations {
      if case .outcome(let outcome) = observation.news { answered.insert(outcome.target) }
      if answered.count == servers { break }
    }
    await scraper.stop()
    let used = threads.seen.withLock { $0.count }
    #expect(used == (servers < 20 ? 1 : min(7, LoopThread.all.count)))
  }

  @Test func answersOfOneInstantAreToldTogether() async throws {
    let scraper = Self.scraper([Noting.kind: { _, _ in Noting(Noting.Threads()) }])
    await scraper.start(
      (1...12).map { Target(Noting.kind, Address(host: "gate\($0)", port: 15001)) })
    var (batches, most) = (0, 0)
    for await batch in scraper.batches {
      batches += 1
      most = max(most, batch.count { if case .outcome = $0.news { true } else { false } })
      if most == 8 || batches > 100 { break }
    }
    await scraper.stop()
    // All that wait for those that go ahead.
    #expect(most == 8)
  }
}
