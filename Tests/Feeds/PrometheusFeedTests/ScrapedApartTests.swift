import FleetModel
import Session
import Terms
import TestSupport
import Testing
import Timing
import Watching
import Wording

@testable import PrometheusFeed

/// Tablets are scraped more rarely than vtgates, and who scrapes may fall silent.
@Suite(.timeLimit(.minutes(1))) struct ScrapedApartTests {
  private static func server(_ fleet: StoredFleet) async throws -> StubServer {
    try await StubServer { fleet.reply(to: $0) }
  }

  /// One look is all that a check has.
  @Test(arguments: [15, 30, 60]) func theFirstLookFindsEveryTablet(_ interval: Int) async throws {
    let clock = RunClock()
    let fleet = StoredFleet(
      clock,
      [StoredFleet.vtgate("gate:1", every: 5)]
        + StoredFleet.tablet("db:1", every: interval, lag: 0)
        // It was not reached since, and is still within what is told of it.
        + StoredFleet.tablet("db:2", every: interval, lag: 42, ages: interval / 2..<Int.max))
    let server = try await Self.server(fleet)
    let observer = Observer(port: server.port, clock: clock)
    let watch = await Look.take(
      [], settings: .init(cluster: "lab", interval: .seconds(1)), feed: observer.feed,
      deadline: .seconds(20), now: { clock.now })
    await server.stop()
    #expect(watch.fleet.tablets.count == 2)
    #expect(watch.fleet.tablets.values.allSatisfy { $0.isFresh })
    #expect(watch.fleet.summaries.map(\.lag.value) == [42])
    let relay = try #require(watch.fleet.relay)
    #expect(relay.interval == .seconds(5))
    #expect(relay.tabletInterval == .seconds(interval))
    let note = try #require(FleetCheck(watch.fleet).notes.first { $0.finding.name == .relayed })
    #expect(
      Wording().words(note.finding)
        == "told by Prometheus at 127.0.0.1:\(server.port), which scrapes vtgates every 5.0 s and "
        + "tablets every \(Duration.seconds(interval).asInterval): moments are within 5.0 s, and what is shown, such as lag, is "
        + "that old and up to a few seconds more")
  }

  /// A longer time has those as well that were replaced within it.
  @Test func theFirstLookLeavesOutTabletsThatHaveLeft() async throws {
    let clock = RunClock()
    let fleet = StoredFleet(
      clock,
      [StoredFleet.vtgate("gate:1", every: 5)] + StoredFleet.tablet("db:1", every: 10, lag: 0)
        + StoredFleet.tablet("db:2", every: 10, lag: 0, ages: 150..<Int.max))
    let server = try await Self.server(fleet)
    let observer = Observer(port: server.port, clock: clock)
    await observer.start()
    try await wait(for: "the first look") { await observer.relay?.hasTold == true }
    let tablets = await observer.fleet.tablets.values.map(\.address)
    await observer.stop()
    await server.stop()
    #expect(tablets.map(\.description) == ["db:1"])
  }

  @Test(arguments: [
    ([[0, 5, 10, 15], [0, 15, 30]], 15), ([[0, 5, 10, 30, 35]], 5), ([[0, 5, 10], [0, 90]], 5),
    ([[0, 90]], 90), ([[0, 20, 20, 22, 27, 32, 37]], 5),
  ]) func theIntervalIsThatOfWhoIsScrapedMostRarely(_ scrapes: [[Int]], _ expected: Int) {
    let times = scrapes.map { $0.map { Instant(secondsSinceEpoch: Double($0)) } }
    #expect(StoredScrapes.interval(of: times) == .seconds(expected))
  }

  /// Servers that nobody asks are not silent, and nothing is shown as if it were known.
  @Test func oneThatFallsSilentIsNamedAloneAndNothingStaysGreen() async throws {
    let clock = RunClock()
    let fleet = StoredFleet(
      clock,
      (1...3).map { StoredFleet.vtgate("gate:\($0)", every: 1) }
        + (1...6).flatMap { StoredFleet.tablet("db:\($0)", every: 1, lag: 0) })
    let server = try await Self.server(fleet)
    let observer = Observer(port: server.port, clock: clock, deadline: .seconds(60))
    await observer.start()
    try await wait(for: "the first look") { await observer.relay?.hasTold == true }
    fleet.fallSilent()
    let start = clock.now
    try await wait(for: "word of it", upTo: .seconds(20)) {
      await observer.relay?.fault == .unheard
    }
    // Two intervals, or what nobody needs who is merely slow.
    #expect(clock.now - start < .seconds(8))
    try await wait(for: "the end of what was known") {
      await observer.settle()
      return await observer.fleet.tablets.values.allSatisfy { !$0.isFresh }
    }
    let watch = await observer.watch
    await observer.stop()
    await server.stop()
    let check = FleetCheck(watch.fleet)
    let named = check.problems.filter { $0.subject == .fleet }
    #expect(named.map(\.finding.name) == [.relayFails], "\(check.problems)")
    #expect(!check.problems.contains { $0.finding.name == .noAnswer }, "\(check.problems)")
    #expect(!check.problems.contains { $0.finding.name == .tabletsSilent }, "\(check.problems)")
    let situation = watch.situation(of: watch.fleet, at: clock.now)
    #expect(situation.hasWarning && situation.facts.contains(.relaySilent), "\(situation)")
    #expect(!watch.fleet.log.events.contains { $0.kind.name == .blind })
  }
}
