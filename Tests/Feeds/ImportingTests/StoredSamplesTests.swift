import FleetModel
import Foundation
import Importing
import PrometheusClient
import Terms
import TestSupport
import Testing
import VitessClient
import Watching
import Wording

/// What Prometheus and VictoriaMetrics have scraped is told as it was.
@Suite(.timeLimit(.minutes(2))) struct StoredSamplesTests {
  private static let first = Address(host: "127.0.0.1", port: 15001)
  private static let second = Address(host: "127.0.0.1", port: 15002)
  private static let start = Instant(nanoseconds: 1_795_772_140_000_000_000)
  private static let end = Instant(nanoseconds: 1_795_772_570_000_000_000)

  private func stored(_ folder: String, limit: Int = .max) async throws -> StoredSamples {
    let server = try await storedSeriesServer(folder, limit: limit)
    let fetcher = HTTPFetcher(deadline: .seconds(20))
    let client = PrometheusClient(Address(host: "127.0.0.1", port: server.port), over: fetcher)
    let stored = try await StoredSamples(from: client, Self.start, to: Self.end)
    await fetcher.shutdown()
    return stored
  }

  @Test(arguments: ["prometheus", "victoria-metrics"]) func aFleetIsToldAsItWasScraped(
    _ folder: String
  ) async throws {
    let stored = try await stored(folder)
    #expect(stored.vtgates.map(\.target.address) == [Self.first, Self.second])
    let watch = try SavedFiles().watch(of: stored.samples)
    let failovers = watch.fleet.failovers.all
    #expect(failovers.count == 10)
    // Which tablets were primary is nowhere in it, and so neither is that one stayed it.
    #expect(failovers.allSatisfy { $0.verdict != .unchanged && $0.isOfUnknownPrimaries })
    #expect(
      failovers.allSatisfy {
        let words = Wording().whatHappened($0)
        return words.contains("is not known") && !words.contains("stayed")
          && !words.contains("without a primary")
      })

    let body = try Fixtures.data("prometheus/15001.metrics.txt")
    let truth = VtgateMetrics(body: body).reading.buffers
    for (shard, counters) in truth {
      var told = BufferCounters()
      for track in failovers.filter({ $0.shard == shard }).flatMap(\.tracks)
      where track.address == Self.first { told.add(track.counts) }
      #expect(told.starts == counters.starts && told.stops == counters.stops)
      #expect(told.buffered == counters.buffered && told.drained == counters.drained)
    }
    for failover in failovers {
      #expect(failover.detected.uncertainty.map { $0 <= .milliseconds(5100) } == true)
    }
  }

  @Test func aScrapeThatFailedIsNoAnswer() async throws {
    let samples = try await stored("prometheus").samples.filter { $0.target.address == Self.second }
    let missing = try samples.filter { try $0.pages() == nil }
    #expect(samples.count == 84 && missing.count == 2)
  }

  @Test func aLongTimeIsAskedForInPiecesThatFit() async throws {
    let whole = try await stored("prometheus").samples
    let pieces = try await stored("prometheus", limit: 20_000).samples
    #expect(pieces.map(\.at) == whole.map(\.at) && pieces.map(\.target) == whole.map(\.target))
  }
}
