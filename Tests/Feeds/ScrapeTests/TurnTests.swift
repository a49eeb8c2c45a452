import FleetModel
import Scrape
import Synchronization
import Terms
import TestSupport
import Testing
import VitessClient
import Watching

/// A made-up kind of gate that never answers.
private struct Silent: Prober {
  static let kind = Target.Kind(name: "silent", role: .gate)

  final class Asked: Sendable {
    let count = Mutex(0)
  }

  let asked: Asked
  let requests = 1

  mutating func probe() async throws(ScrapeFailure) -> ScrapeOutcome.Result {
    asked.count.withLock { $0 += 1 }
    // Ends when the poll is given up.
    let (answers, answering) = AsyncStream.makeStream(of: Never.self)
    for await _ in answers {}
    answering.finish()
    throw .noAnswer(within: .zero)
  }
}

/// A made-up kind of gate that has one page.
private struct OnePage: Prober {
  static let kind = Target.Kind(name: "one-page", role: .gate)

  let address: Address
  let fetcher: HTTPFetcher
  let requests = 1

  mutating func probe() async throws(ScrapeFailure) -> ScrapeOutcome.Result {
    _ = try await fetcher.page("/metrics", at: address, isLong: false)
    return .gate(VtgateReading())
  }
}

@Suite(.timeLimit(.minutes(1))) struct TurnTests {
  /// A clock by which more is due whenever it is looked at.
  private final class HastyClock: Sendable {
    private let looks = Mutex(0)

    func now() -> Instant {
      looks.withLock { looks in
        looks += 1
        return Instant(secondsSinceEpoch: 1000) + .microseconds(333) * looks
      }
    }
  }

  /// Where somebody is always due, the thread would never come to look at its sockets.
  @Test func anAnswerIsReadWhileThousandsAreDue() async throws {
    let server = try await StubServer { _ in .body("vtgate_buffer_size 10\n") }
    let asked = Silent.Asked()
    let clock = HastyClock()
    // Of 2,000 a second, 500 may be asked at once; after that, one is due every 0.67 ms.
    let scraper = Scraper(
      of: "test", Cadence(budget: 2000),
      probers: [
        Silent.kind: { _, _ in Silent(asked: asked) },
        OnePage.kind: { OnePage(address: $0, fetcher: $1) },
      ], deadline: .seconds(60)
    ) { clock.now() }
    let answering = Target(OnePage.kind, Address(host: "127.0.0.1", port: server.port))
    let silent = (1...4000).map { Target(Silent.kind, Address(host: "gate\($0)", port: 15001)) }
    await scraper.start([answering] + silent)
    var askedByThen = silent.count
    for await observation in scraper.observations {
      guard case .outcome(let outcome) = observation.news, outcome.target == answering else {
        continue
      }
      askedByThen = asked.count.withLock { $0 }
      break
    }
    await scraper.stop()
    await server.stop()
    #expect(askedByThen < silent.count / 2)
  }
}
