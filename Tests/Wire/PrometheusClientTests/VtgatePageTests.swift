import FleetModel
import Foundation
import NIOCore
import PrometheusClient
import Terms
import TestSupport
import Testing
import VitessClient

/// What is read of few series, of a real server that has stored all of them.
@Suite(.needs("victoria-metrics"), .timeLimit(.minutes(2))) struct VtgatePageTests {
  /// A server that stores what it is given, and counts what it tells.
  private final class Store: Sendable {
    let client: PrometheusClient
    private let server: ScrapingServer
    private let front: StubServer
    private let fetcher = HTTPFetcher(deadline: .seconds(10))
    private let told = Told()

    actor Told {
      var (series, bytes) = (0, 0)

      func add(_ answer: String) {
        series += answer.matches(of: /"metric"/).count
        bytes += answer.utf8.count
      }
      func reset() { (series, bytes) = (0, 0) }
    }

    init() async throws {
      server = try await ScrapingServer(.victoriaMetrics, scraping: [])
      let address = Address(host: "127.0.0.1", port: server.port)
      let (fetcher, told) = (fetcher, told)
      front = try await StubServer { path in
        guard let page = try? await fetcher.page(path, at: address, isLong: true) else {
          return .hangUp
        }
        let answer = String(buffer: page.body)
        await told.add(answer)
        return .body(answer)
      }
      client = PrometheusClient(
        Address(host: "127.0.0.1", port: front.port), over: HTTPFetcher(deadline: .seconds(10)))
      try await wait(for: "the server") {
        (try? await fetcher.page("/health", at: address, isLong: false)) != nil
      }
    }

    func put(_ text: String, at instant: Instant) async throws {
      let time = instant.nanoseconds / 1_000_000
      let path = "http://127.0.0.1:\(server.port)/api/v1/import/prometheus?timestamp=\(time)"
      _ = try await fetcher.call(path, body: text, within: .seconds(10))
    }

    /// Makes everything visible that was put.
    func settle() async throws {
      let address = Address(host: "127.0.0.1", port: server.port)
      _ = try await fetcher.page("/internal/force_flush", at: address, isLong: false)
      await told.reset()
    }

    var toldSeries: Int { get async { await told.series } }
    var toldBytes: Int { get async { await told.bytes } }

    func stop() async {
      await client.shutdown()
      await fetcher.shutdown()
      await front.stop()
      server.end()
    }
  }

  @Test(arguments: 1...3) func theFewSeriesSayWhatAllOfThemDo(_ seed: UInt64) async throws {
    var dice = Dice(seed)
    let store = try await Store()
    var vtgates = (1...3).map { StoredVtgate("gate-\($0):15001", shards: 5) }
    var pages: [StoredServer.Key: VtgatePage] = [:]
    var known: [String: VtgateMetrics] = [:]
    let begin = Instant(nanoseconds: Int64(Date.now.timeIntervalSince1970 - 600) * 1_000_000_000)
    var at = begin
    for _ in 0..<16 {
      var scraped: [String: [(at: Instant, page: String)]] = [:]
      var scrapes: [StoredServer.Key: Set<Instant>] = [:]
      // Sometimes several scrapes of each are looked at together.
      for _ in 0..<[1, 1, 1, 3].randomElement(using: &dice)! {
        at = at + .seconds(5)
        for index in vtgates.indices {
          for _ in 0..<Int.random(in: 0...3, using: &dice) { vtgates[index].live(&dice) }
          let (vtgate, time) = (vtgates[index], at + .milliseconds(137 * index))
          try await store.put(vtgate.stored, at: time)
          scraped[vtgate.instance, default: []].append((time, vtgate.page))
          scrapes[vtgate.key, default: []].insert(time)
        }
      }
      try await store.settle()
      let answers = try await store.client.answers(of: scrapes, &pages)
      for vtgate in vtgates {
        let told = answers[vtgate.key] ?? []
        let expected = scraped[vtgate.instance] ?? []
        #expect(told.map(\.at) == expected.map(\.at))
        for (answer, page) in zip(told, expected) {
          if let metrics = answer.metrics {
            known[vtgate.instance] = VtgateMetrics(
              body: metrics, like: known[vtgate.instance]?.reading ?? VtgateReading())
          }
          let reading = try #require(known[vtgate.instance]).reading
          let expected = VtgateMetrics(body: Data(page.page.utf8)).reading
          #expect(reading == expected, "\(Self.words(reading))\n\(Self.words(expected))")
        }
      }
    }
    await store.stop()
  }

  private static func words(_ reading: VtgateReading) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return (try? encoder.encode(reading)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  /// At rest each shard of each vtgate costs two series a scrape, of the twenty that it has.
  @Test func whatRestsIsNotTransferred() async throws {
    let store = try await Store()
    let vtgates = (1...6).map { StoredVtgate("gate-\($0):15001", shards: 30) }
    var pages: [StoredServer.Key: VtgatePage] = [:]
    let begin = Instant(nanoseconds: Int64(Date.now.timeIntervalSince1970 - 600) * 1_000_000_000)
    for round in 0..<4 {
      let at = begin + .seconds(5) * round
      for vtgate in vtgates { try await store.put(vtgate.stored, at: at) }
      try await store.settle()
      let scrapes = Dictionary(uniqueKeysWithValues: vtgates.map { ($0.key, Set([at])) })
      let answers = try await store.client.answers(of: scrapes, &pages)
      #expect(answers.values.allSatisfy { $0.allSatisfy { ($0.metrics == nil) == (round > 0) } })
    }
    // Per vtgate: three of its own, a sum, and two a shard.
    #expect(await store.toldSeries == 6 * (3 + 1 + 2 * 30))
    #expect(await store.toldBytes < 6 * 30 * 2 * 260)
    await store.stop()
  }
}
