import Dashboard
import FleetModel
import Lab
import LabServer
import Scrape
import Session
import TerminalKit
import Terms
import TestSupport
import Testing
import Timing
import Watching

/// Some steady traffic to every shard.
private func steady(_ configuration: LabCluster.Configuration) -> [Traffic] {
  configuration.keyspaces.flatMap { keyspace in
    keyspace.shards.map { Traffic(.steady, to: ShardName(keyspace: keyspace.name, shard: $0)) }
  }
}

/// The whole path over real sockets: lab, scraper, model, screen.
@Suite(.timeLimit(.minutes(2)), .serialized) struct LabSessionTests {
  @Test func aRehearsedFailoverIsSeenWhole() async throws {
    let clock = RunClock()
    var configuration = LabCluster.Configuration()
    configuration.promotion = .seconds(1)
    configuration.traffic = steady(configuration)
    let host = LabHost(configuration) { clock.now }
    let vtgates = try await host.start(.free).vtgates
    try await withSession(vtgates.map { Target(.vtgate, $0) }, isLab: true) { screen, session in
      try await wait(for: "three shards with lag") {
        screen.shows("2 vtgates", "9 tablets", "commerce/-80", "commerce/80-", "customer/0")
          && !screen.shows("no data")
      }
      _ = await host.plannedReparent(ShardName(keyspace: "commerce", shard: "-80"))
      try await wait(for: "buffering") { screen.shows("◐ BUFFERING") }
      try await wait(for: "the new primary") {
        screen.shows("primary is now zone1-10") && screen.shows("● serving")
          && !screen.shows("BUFFERING")
      }
      try await wait(for: "the drain") {
        let shard = session.model.fleet.summaries[0]
        return shard.counters.buffered > 0 && shard.counters.drained == shard.counters.buffered
      }
      #expect(session.model.fleet.summaries[0].counters.lost == 0)
    }
    await host.stop()
  }

  @Test func aPrimaryInItsGracePeriodIsSeenShuttingDown() async throws {
    let clock = RunClock()
    var configuration = LabCluster.Configuration()
    configuration.release = .v22
    configuration.traffic = steady(configuration)
    let host = LabHost(configuration) { clock.now }
    let vtgates = try await host.start(.free).vtgates
    try await withSession(vtgates.map { Target(.vtgate, $0) }, isLab: true) { screen, session in
      try await wait(for: "three shards with lag") {
        screen.shows("2 vtgates", "9 tablets") && !screen.shows("no data")
      }
      // The demotion waits for it as long as the grace of v20 and later lasts.
      _ = try await host.perform(
        DrillCommand(
          "transaction", ["shard": "commerce/-80", "open": "20s"], at: clock.now))
      screen.press(.enter)
      try await wait(for: "the open shard") { screen.shows("TABLET SAYS") }
      _ = await host.plannedReparent(ShardName(keyspace: "commerce", shard: "-80"))
      try await wait(for: "the headline and the row") {
        screen.shows(" primary zone1-100  shutting down", "yes     shutting down")
          || screen.shows("tablets say: zone1-100 shutting down")
      }
      try await wait(for: "its end") {
        session.model.fleet.log.events.contains {
          $0.kind
            == .primaryServesLess(.alias(TabletAlias(cell: "zone1", uid: 100)), .shuttingDown)
        } && screen.shows("primary is now")
      }
    }
    await host.stop()
  }

  @Test func aSnapshotWaitsForEveryServer() async throws {
    let clock = RunClock()
    var configuration = LabCluster.Configuration()
    configuration.asking = [("customer", "vreplication", .milliseconds(10))]
    let host = LabHost(configuration) { clock.now }
    let vtgates = try await host.start(.free).vtgates
    let start = ContinuousClock.now
    let watch = await Look.take(
      vtgates.map { Target(.vtgate, $0) },
      settings: Watch.Settings(cluster: "lab", interval: .seconds(1)),
      feed: Scraper(of: "lab") { clock.now }, deadline: .seconds(5), now: { clock.now })
    #expect(ContinuousClock.now - start < .seconds(2))
    var canvas = Canvas(size: Size(columns: 100, rows: 30))
    Snapshot.draw(
      watch, settings: .init(title: "lab", interval: .seconds(1)),
      view: .shard(ShardName(keyspace: "customer", shard: "0")), on: &canvas)
    let text = canvas.lines.joined(separator: "\n")
    #expect(text.contains("customer/0"))
    #expect(text.contains("primary zone1-300"))
    #expect(text.contains("leader, on"))
    #expect(!text.contains("no data"))
    await host.stop()
  }

  @Test func aPortInUseIsNamed() async throws {
    let taken = try await StubServer { _ in .hangUp }
    let clock = RunClock()
    let host = LabHost(LabCluster.Configuration()) { clock.now }
    await #expect(throws: PortUnavailable.self) {
      _ = try await host.start(.init(vtgate: taken.port, tabletBase: 0, vtctld: 0))
    }
    await host.stop()
    await taken.stop()
  }
}
