import Dashboard
import FleetModel
import Foundation
import Lab
import LabServer
import Scrape
import TerminalKit
import Terms
import TestSupport
import Testing
import Timing
import Watching

@testable import Session

/// Several clusters on one terminal, with servers behind them.
@MainActor
@Suite(.timeLimit(.minutes(2)), .serialized) struct ClustersSessionTests {
  private struct Cluster {
    let name: String
    let targets: [Target]
    var attention = Attention()
  }

  /// Runs clusters on a screen in memory until a body has seen what it wanted.
  private func withClusters(
    _ members: [Cluster], _ body: (MemoryScreen, [String: Session]) async throws -> Void
  ) async throws {
    let clock = RunClock()
    let screen = MemoryScreen(Size(columns: 140, rows: 40))
    let names = members.map(\.name)
    var overview = Model.Settings(
      title: "\(names.count) clusters", interval: .seconds(1),
      permission: .never(because: "the overview only shows"))
    overview.clusters = names
    let clusters = Clusters(overview, on: screen, now: { clock.now })
    var scrapers: [Scraper] = []
    var sessions: [String: Session] = [:]
    for member in members {
      let scraper = Scraper(of: member.name, Cadence(interval: .milliseconds(50))) { clock.now }
      scrapers.append(scraper)
      var settings = Model.Settings(
        title: member.name, interval: .milliseconds(50), opensFailovers: false,
        permission: .never(because: "--read-only"))
      settings.cluster = member.name
      settings.clusters = names
      settings.color = .blue
      clusters.add(member.name, titled: member.name, member.targets) { seat in
        let session = Session(
          settings: settings, screen: seat, feed: scraper, now: { clock.now },
          attention: member.attention)
        sessions[member.name] = session
        return session
      }
    }
    let running = Task { await clusters.run() }
    try await wait(for: "the overview") { screen.shows("sluice", "\(names.count) clusters") }
    try await body(screen, sessions)
    screen.end(.signal(SIGTERM))
    #expect(await running.value == .signal(SIGTERM))
    for scraper in scrapers { await scraper.stop() }
  }

  private static func lab(_ clock: RunClock) -> LabHost {
    var configuration = LabCluster.Configuration()
    configuration.promotion = .seconds(1)
    configuration.traffic = configuration.keyspaces.flatMap { keyspace in
      keyspace.shards.map { Traffic(.steady, to: ShardName(keyspace: keyspace.name, shard: $0)) }
    }
    return LabHost(configuration) { clock.now }
  }

  /// A cluster whose servers accept everything and answer nothing takes nothing from the others.
  @Test func aFailoverIsSeenBesideAClusterThatHangs() async throws {
    let hanging = try await StubServer { _ in .silence }
    let clock = RunClock()
    let host = Self.lab(clock)
    let vtgates = try await host.start(.free).vtgates
    try await withClusters([
      Cluster(
        name: "hangs", targets: [Target(.vtgate, Address(host: "127.0.0.1", port: hanging.port))]),
      Cluster(name: "lives", targets: vtgates.map { Target(.vtgate, $0) }),
    ]) { screen, sessions in
      try await wait(for: "the cluster that lives") { screen.shows("all 3 shards serve") }
      // It is seen within the second, from the overview and with the hanging cluster in front.
      for isInFront in [false, true] {
        if isInFront {
          screen.press(.enter)
          try await wait(for: "the hanging cluster") { screen.shows(" sluice  hangs ") }
        }
        let before = sessions["lives"]?.model.fleet.failovers.all.count ?? 0
        let began = ContinuousClock.now
        _ = await host.plannedReparent(ShardName(keyspace: "commerce", shard: "-80"))
        try await wait(for: "the failover") {
          sessions["lives"]?.model.fleet.failovers.all.count ?? 0 > before
        }
        #expect(ContinuousClock.now - began < .seconds(2))
        if !isInFront {
          try await wait(for: "its row") { screen.shows("commerce/-80") }
        }
        try await wait(for: "its end") {
          sessions["lives"]?.model.fleet.failovers.going.isEmpty == true
        }
      }
    }
    await host.stop()
    await hanging.stop()
  }

  /// Keys are for the cluster in front, and only that one draws.
  @Test func whatIsBehindTakesNoKeyAndDrawsNothing() async throws {
    let gone = Target(.vtgate, Address(host: "127.0.0.1", port: 1))
    try await withClusters([
      Cluster(name: "one", targets: [gone]), Cluster(name: "two", targets: [gone]),
    ]) { screen, sessions in
      let (one, two) = (try #require(sessions["one"]), try #require(sessions["two"]))
      try await wait(for: "news of both") { screen.shows("0/1") && screen.shows("trouble, ") }
      screen.press(.enter)
      try await wait(for: "the first") { screen.shows(" sluice  one ") }
      #expect(!screen.shows("trouble, "))
      screen.press(.character("e"))
      try await wait(for: "its events") { screen.shows("events") && one.model != two.model }
      let frames = screen.frames
      // However much happens in the other one, nothing of it is shown.
      for number in 0..<50 {
        two.appear()
        #expect(!screen.shows(" sluice  two "), "\(number)")
      }
      #expect(screen.frames - frames < 10)
      screen.press(.escape)
      try await wait(for: "its fleet") { screen.shows("waiting for the first answer") }
      screen.press(.escape)
      try await wait(for: "the overview") { screen.shows("2 clusters") }
      screen.press(.down)
      screen.press(.enter)
      try await wait(for: "the second") { screen.shows(" sluice  two ") }
      // The first one is as it was left.
      for key in ":cluster one" { screen.press(.character(key)) }
      try await wait(for: "the line") { screen.shows(":cluster one") }
      screen.press(.enter)
      try await wait(for: "the first again") { screen.shows(" sluice  one ") }
      // A size reaches those behind, too.
      screen.size = Size(columns: 90, rows: 20)
      screen.send(.resized(screen.size))
      try await wait(for: "the size") {
        one.model.size.columns == 90 && two.model.size.columns == 90
      }
    }
  }

  @Test func whatDrawsAttentionNamesItsCluster() async throws {
    var attention = Attention()
    attention.means = [.bell]
    attention.least = .warning
    let gone = Target(.vtgate, Address(host: "127.0.0.1", port: 1))
    try await withClusters([
      Cluster(name: "one", targets: [gone], attention: attention),
      Cluster(name: "two", targets: [gone]),
    ]) { screen, _ in
      screen.press(.down)
      screen.press(.enter)
      try await wait(for: "the other one") { screen.shows(" sluice  two ") }
      try await wait(for: "the bell") { !screen.attractions.isEmpty }
      #expect(screen.attractions.allSatisfy { $0.hasPrefix("one: ") }, "\(screen.attractions)")
    }
  }

  /// Whoever leaves one leaves all, and the terminal is given back once.
  @Test func leavingOneLeavesAll() async throws {
    let clock = RunClock()
    let screen = MemoryScreen(Size(columns: 100, rows: 24))
    var overview = Model.Settings(title: "2 clusters", interval: .seconds(1))
    overview.clusters = ["one", "two"]
    let clusters = Clusters(overview, on: screen, now: { clock.now })
    for name in overview.clusters {
      var settings = Model.Settings(title: name, interval: .seconds(1))
      settings.cluster = name
      settings.clusters = overview.clusters
      clusters.add(name, titled: name, []) { seat in
        Session(settings: settings, screen: seat, feed: Backlog([]), now: { clock.now })
      }
    }
    let running = Task { await clusters.run() }
    try await wait(for: "the overview") { screen.shows("2 clusters") }
    screen.press(.enter)
    try await wait(for: "the first") { screen.shows("waiting for the first answer") }
    screen.press(.character("q"))
    #expect(await running.value == .quit)
  }
}
