import FleetModel
import Lab
import LabServer
import Terms
import TestSupport
import Testing
import Timing
import VitessClient
import Watching

/// The lab as real servers tell of it that scrape it.
@Suite(.needs("prometheus", "victoria-metrics"), .timeLimit(.minutes(2)), .serialized)
struct ScrapedLabTests {
  /// A lab, a server that scrapes it, and somebody who watches through that.
  private func withLab(
    _ kind: ScrapingServer.Kind, relabelled: Bool = false,
    _ body: (LabHost, Observer, LabHost.Addresses) async throws -> Void
  ) async throws {
    let clock = RunClock()
    var configuration = LabCluster.Configuration()
    // Long enough for a scrape that comes late.
    configuration.promotion = .seconds(4)
    configuration.traffic = configuration.keyspaces.flatMap { keyspace in
      keyspace.shards.map { Traffic(.steady, to: ShardName(keyspace: keyspace.name, shard: $0)) }
    }
    let host = LabHost(configuration) { clock.now }
    let addresses = try await host.start(.free)
    let shards = configuration.tablets.reduce(into: [TabletAlias: ShardName]()) { shards, entry in
      for alias in entry.value { shards[alias] = entry.key }
    }
    // The first page that a lab draws may take longer than a scrape may.
    let fetcher = HTTPFetcher(deadline: .seconds(30))
    for address in addresses.vtgates + addresses.tablets.values {
      _ = try await fetcher.page("/metrics", at: address, isLong: true)
    }
    await fetcher.shutdown()
    let server = try await ScrapingServer(
      kind,
      scraping: [
        .init(
          "vitess/vtgate", [(addresses.vtgates.map(\.description), ["keyspace": "not-theirs"])]),
        .init(
          "vttablet",
          addresses.tablets.map { alias, address in
            let shard = shards[alias]
            return (
              [address.description],
              ["keyspace": shard?.keyspace ?? "", "shard": shard?.shard ?? "", "alias": "\(alias)"]
            )
          }),
      ])
    // Nothing listens at port 1 of another host of loopback.
    let observer = Observer(port: server.port, clock: clock) { address in
      relabelled ? Address(host: "127.0.0.2", port: address.port) : address
    }
    await observer.start()
    do {
      try await body(host, observer, addresses)
    } catch {
      Issue.record(error)
    }
    await observer.stop()
    server.end()
    await host.stop()
  }

  @Test(arguments: ScrapingServer.Kind.allCases) func aFailoverIsSeenThroughIt(
    _ kind: ScrapingServer.Kind
  ) async throws {
    try await withLab(kind, relabelled: true) { host, observer, _ in
      try await wait(for: "the fleet", upTo: .seconds(30)) {
        let fleet = await observer.fleet
        return fleet.vtgates.count == 2 && fleet.tablets.count == 9
          && fleet.summaries.count == 3
          && fleet.summaries.allSatisfy { $0.state == .serving && $0.tablets.count == 3 }
          && fleet.vtgates.values.allSatisfy(\.isFresh)
          && fleet.tablets.values.allSatisfy(\.isFresh)
      }
      let relay = await observer.relay
      #expect(relay?.fault == nil && relay?.unplaced == 0)
      #expect(relay?.interval.map { abs($0.seconds - 1) < 0.2 } == true)
      let check = FleetCheck(await observer.fleet)
      #expect(check.problems.isEmpty, "\(check.problems)")

      _ = await host.plannedReparent(ShardName(keyspace: "commerce", shard: "-80"))
      try await wait(for: "buffering", upTo: .seconds(15)) {
        await observer.settle()
        return await observer.shard("commerce/-80")?.state == .buffering
      }
      try await wait(for: "its end", upTo: .seconds(30)) {
        await observer.settle()
        let isServing = await observer.shard("commerce/-80")?.state == .serving
        let failover = await observer.fleet.failovers.all.first
        return isServing && failover?.counts.drained ?? 0 > 0
      }
      let failover = try #require(await observer.fleet.failovers.all.first)
      #expect(failover.shard.description == "commerce/-80")
      // As precise as the scrapes, and its length exact all the same.
      let uncertainty = try #require(failover.detected.uncertainty)
      #expect(uncertainty >= .milliseconds(500) && uncertainty <= .milliseconds(2500))
      for track in failover.tracks {
        let lasted = try #require(track.duration)
        #expect(abs(lasted.seconds - 4) < 0.5)
      }
      #expect(failover.counts.buffered > 0)
    }
  }

  @Test func aShardThatIsWatchedCloselyIsAskedDirectly() async throws {
    try await withLab(.prometheus) { host, observer, addresses in
      try await wait(for: "the fleet", upTo: .seconds(30)) {
        await observer.fleet.summaries.count == 3
      }
      let before = await observer.outcomes.count
      #expect(await observer.outcomes.allSatisfy { $0.took == .zero })
      await observer.arm(ShardName(keyspace: "commerce", shard: "-80"))
      try await wait(for: "twenty answers in a second or two") {
        await observer.outcomes.dropFirst(before).count { $0.took > .zero } > 20
      }
      // Its tablets are those that a vtgate lists, with their own word on who they are.
      try await wait(for: "its primary") {
        await observer.settle()
        return await observer.shard("commerce/-80")?.primary != nil
      }
      #expect(await observer.relay?.unreached == nil)
      // Nothing is told that is older than what was told of a server.
      var last: [Target: Instant] = [:]
      for outcome in await observer.outcomes {
        #expect(last[outcome.target].map { outcome.at > $0 } ?? true)
        last[outcome.target] = outcome.at
      }
    }
  }

  @Test func whoCannotBeReachedStaysWithPrometheus() async throws {
    try await withLab(.prometheus, relabelled: true) { host, observer, _ in
      try await wait(for: "the fleet", upTo: .seconds(30)) {
        await observer.fleet.summaries.count == 3
      }
      await observer.arm(ShardName(keyspace: "commerce", shard: "-80"))
      try await wait(for: "it to be said", upTo: .seconds(15)) {
        await observer.relay?.unreached?.count ?? 0 >= 2
      }
      await observer.settle()
      let fleet = await observer.fleet
      #expect(fleet.log.events.contains { $0.kind.name == .staysRelayed })
      #expect(fleet.vtgates.values.allSatisfy { $0.watched.failure == nil })
      let count = await observer.outcomes.count
      try await wait(for: "more of them") { await observer.outcomes.count > count }
    }
  }

  @Test(arguments: ScrapingServer.Kind.allCases) func aVtgateThatIsDownIsToldAsSuch(
    _ kind: ScrapingServer.Kind
  ) async throws {
    let clock = RunClock()
    let vtgate = Switch()
    let stub = try await StubServer { _ in
      await vtgate.isOn
        ? .body("vtgate_buffer_size 10\n", type: "text/plain; version=0.0.4") : .hangUp
    }
    let server = try await ScrapingServer(
      kind, scraping: [.init("vtgate", [(["127.0.0.1:\(stub.port)"], [:])])])
    let observer = Observer(port: server.port, clock: clock)
    await observer.start()
    try await wait(for: "the vtgate", upTo: .seconds(30)) {
      await observer.fleet.vtgates.values.contains { $0.watched.readAt != nil }
    }
    await vtgate.turnOff()
    try await wait(for: "its failure", upTo: .seconds(30)) {
      await observer.fleet.vtgates.values.contains { $0.watched.failure == .notScraped }
    }
    server.end()
    try await wait(for: "word of its own", upTo: .seconds(15)) {
      await observer.relay?.fault == .failed(.unreachable(.refused))
    }
    await observer.settle()
    #expect(await observer.fleet.log.events.contains { $0.kind.name == .relayFails })
    await observer.stop()
    await stub.stop()
  }
}

private actor Switch {
  private(set) var isOn = true

  func turnOff() { isOn = false }
}
