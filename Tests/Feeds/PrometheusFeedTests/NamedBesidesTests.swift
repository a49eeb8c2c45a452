import Discovery
import FleetModel
import Lab
import LabServer
import Synchronization
import Terms
import TestSupport
import Testing
import Timing
import VitessClient
import Watching

/// Sources that name servers beside Prometheus: what they know is added, and whom it lacks is said.
@Suite(.needs("prometheus"), .timeLimit(.minutes(2)), .serialized) struct NamedBesidesTests {
  /// A source whose list a test changes.
  private struct Listed: DiscoverySource {
    let source = ServerSource.vtctld
    let pause = Duration.milliseconds(50)
    let list: Box

    final class Box: Sendable {
      let value: Mutex<ServerList>

      init(_ list: ServerList) { value = Mutex(list) }
    }

    @concurrent mutating func look() async throws(DiscoveryFault) -> ServerList? {
      list.value.withLock { $0 }
    }
  }

  /// A lab whose tablets are scraped without labels, and one of whose vtgates is not; a source names
  /// all of them, and knows the rest.
  private func withLab(
    _ body: (Observer, Listed.Box, LabHost.Addresses) async throws -> Void
  ) async throws {
    let clock = RunClock()
    var configuration = LabCluster.Configuration()
    configuration.keyspaces = [("commerce", ["0"])]
    configuration.vtgates = 2
    let shard = ShardName(keyspace: "commerce", shard: "0")
    configuration.traffic = [Traffic(.steady, to: shard)]
    let host = LabHost(configuration) { clock.now }
    let addresses = try await host.start(.free)
    let server = try await ScrapingServer(
      .prometheus,
      scraping: [
        .init("vtgate", [([addresses.vtgates[0].description], [:])]),
        .init("vttablet", [(addresses.tablets.values.map(\.description), [:])]),
      ])
    var list = ServerList(addresses.vtgates.map { NamedServer(.vtgate, $0, cell: "zone1") })
    for (alias, address) in addresses.tablets {
      var tablet = NamedServer(
        .vttablet, address, cell: alias.cell, keyspace: "commerce", shard: "0")
      tablet.alias = alias
      list.servers.append(tablet)
    }
    list.shards = [
      shard: TopoShard(primary: nil), ShardName(keyspace: "new", shard: "-"): .init(primary: nil),
    ]
    let box = Listed.Box(list)
    let observer = Observer(port: server.port, clock: clock, sources: [Listed(list: box)])
    await observer.start()
    do {
      try await body(observer, box, addresses)
    } catch {
      Issue.record(error)
    }
    await observer.stop()
    server.end()
    await host.stop()
  }

  @Test func whatTheyKnowIsAddedAndWhomItLacksIsSaid() async throws {
    try await withLab { observer, box, addresses in
      let (scraped, other) = (addresses.vtgates[0], Target(.vtgate, addresses.vtgates[1]))
      try await wait(for: "tablets that nothing but the source places", upTo: .seconds(30)) {
        await observer.settle()
        let row = await observer.shard("commerce/0")
        return row?.tablets.count == 3 && row?.tablets.allSatisfy { $0.alias != nil } == true
      }
      try await wait(for: "the vtgate that is not scraped", upTo: .seconds(10)) {
        let relay = await observer.relay
        await observer.settle()
        let vtgate = await observer.fleet.vtgates[scraped]
        return relay?.unscrapedGates != nil && relay?.unscrapedTablets == nil
          && vtgate?.isFresh == true
      }
      var fleet = await observer.fleet
      #expect(await observer.relay?.unscrapedGates == .init(1, first: other))
      #expect(await observer.relay?.unplaced == 0)
      #expect(fleet.vtgates.keys.map(\.description) == [scraped.description])
      #expect(fleet.naming(of: Target(.vtgate, scraped))?.cell == "zone1")
      #expect(!fleet.log.events.contains { $0.kind.name == .vtgateLeft })
      let check = FleetCheck(fleet)
      #expect(
        check.problems.map(\.finding) == [.unscraped(.init(1, first: other))])
      #expect(check.health == .degraded)
      #expect(fleet.summaries.map(\.name.description) == ["commerce/0", "new/-"])

      // Closely it is asked itself, and goes on to be.
      await observer.arm(ShardName(keyspace: "commerce", shard: "0"))
      try await wait(for: "its own word", upTo: .seconds(10)) {
        await observer.fleet.vtgates[other.address]?.watched.readAt != nil
      }
      await observer.disarm(ShardName(keyspace: "commerce", shard: "0"))
      let told = try #require(await observer.fleet.vtgates[other.address]?.watched.readAt)
      try await wait(for: "more of it", upTo: .seconds(10)) {
        await observer.fleet.vtgates[other.address]?.watched.readAt.map {
          $0 - told > .seconds(3)
        } == true
      }
      // Until it is named no longer.
      box.value.withLock { $0.servers.removeAll { $0.target == other } }
      try await wait(for: "it to leave", upTo: .seconds(10)) {
        await observer.fleet.vtgates[other.address] == nil
      }
      fleet = await observer.fleet
      #expect(fleet.log.events.contains { $0.kind == .vtgateLeft(other) })
      try await wait(for: "nothing to be missing", upTo: .seconds(10)) {
        await observer.relay?.unscrapedGates == nil
      }
    }
  }
}
