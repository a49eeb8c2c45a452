import FleetModel
import Scrape
import Synchronization
import Terms
import Testing
import VitessClient
import Watching

/// A made-up kind of gate that always answers at once.
private struct Eager: Prober {
  static let kind = Target.Kind(name: "eager", role: .gate)

  let count: Count
  private(set) var requests = 0

  final class Count: Sendable {
    let answers = Mutex(0)
  }

  init(_ count: Count) { self.count = count }

  mutating func probe() async throws(ScrapeFailure) -> ScrapeOutcome.Result {
    requests += 1
    count.answers.withLock { $0 += 1 }
    return .gate(VtgateReading())
  }
}

@Suite(.timeLimit(.minutes(1))) struct SlowReaderTests {
  /// What a reader has not taken stays bounded, nothing of it is lost, and polling goes on afterwards.
  @Test func nobodyIsAskedWhileTheReaderIsFarBehind() async throws {
    let count = Eager.Count()
    let start = ContinuousClock.now
    let scraper = Scraper(
      of: "test", Cadence(interval: .milliseconds(5), budget: 10_000, targetBudget: 10_000),
      probers: [Eager.kind: { _, _ in Eager(count) }]
    ) { Instant(secondsSinceEpoch: 1000) + (ContinuousClock.now - start) }
    await scraper.start([Target(Eager.kind, Address(host: "gate", port: 15001))])
    while await !scraper.waitsForReader { await Task.yield() }
    let untaken = count.answers.withLock { $0 }
    #expect(untaken < 100)

    var taken = 0
    for await observation in scraper.observations {
      if case .outcome = observation.news { taken += 1 }
      if taken > untaken + 10 { break }
    }
    #expect(taken > untaken + 10)
    await scraper.stop()
  }

  /// Where polls take long for most servers, the pace is said to be that slow before they end.
  @Test func pollsUnderWayCountForThePace() async throws {
    let held = Held()
    let start = ContinuousClock.now
    let scraper = Scraper(
      of: "test", Cadence(interval: .milliseconds(50), budget: 100_000, targetBudget: 10_000),
      probers: [Eager.kind: { address, _ in Hesitant(held, holds: address.port > 1) }],
      deadline: .seconds(1000)
    ) { Instant(secondsSinceEpoch: 1000) + (ContinuousClock.now - start) * 20 }
    await scraper.start((1...4).map { Target(Eager.kind, Address(host: "gate", port: $0)) })
    for await observation in scraper.observations {
      guard case .pace(let pace) = observation.news else { continue }
      if pace.vtgateInterval >= .seconds(20) { break }
    }
    held.release()
    await scraper.stop()
  }
}

/// Who holds polls up.
private final class Held: Sendable {
  private let waiting = Mutex<[CheckedContinuation<Void, Never>]?>([])

  func wait() async {
    await withCheckedContinuation { continuation in
      let isOver = waiting.withLock { waiting in
        waiting?.append(continuation)
        return waiting == nil
      }
      if isOver { continuation.resume() }
    }
  }

  func release() {
    let all = waiting.withLock { waiting in
      defer { waiting = nil }
      return waiting ?? []
    }
    for one in all { one.resume() }
  }
}

/// A gate that answers once, and whose second answer may be held up.
private struct Hesitant: Prober {
  static let kind = Eager.kind

  private let held: Held
  private let holds: Bool
  private(set) var requests = 0

  init(_ held: Held, holds: Bool) { (self.held, self.holds) = (held, holds) }

  mutating func probe() async throws(ScrapeFailure) -> ScrapeOutcome.Result {
    requests += 1
    if holds, requests > 1 { await held.wait() }
    return .gate(VtgateReading())
  }
}
