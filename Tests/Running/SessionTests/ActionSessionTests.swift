import Actions
import Dashboard
import FleetModel
import Foundation
import Lab
import LabServer
import Lines
import Operations
import Scrape
import Session
import TerminalKit
import Terms
import TestSupport
import Testing
import Timing
import VtctldClient
import Watching

/// Keys in, requests out, and the cluster really changed: the whole path over real sockets.
@Suite(.timeLimit(.minutes(3)), .serialized) struct ActionSessionTests {
  @MainActor
  private func withLab(
    _ release: VitessRelease,
    _ body: @MainActor (MemoryScreen, Session, LabHost, String) async throws -> Void
  ) async throws {
    let clock = RunClock()
    var configuration = LabCluster.Configuration()
    configuration.release = release
    configuration.keyspaces = [("commerce", ["0"])]
    configuration.hasBusyReplicas = false
    configuration.traffic = [
      Traffic(.steady, to: ShardName(keyspace: "commerce", shard: "0"))
    ]
    let host = LabHost(configuration) { clock.now }
    let addresses = try await host.start(.free)
    let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-\(UUID())")
    let path = folder.appending(path: "audit.jsonl").path
    let access = ClusterAccess(
      vtctld: VtctldClient(VtctldAccess(servers: [try #require(addresses.vtctld)])),
      audit: AuditLog(path: path, cluster: "test"))
    try await withSession(
      addresses.vtgates.map { Target(.vtgate, $0) }, access: access, hasVtctld: true
    ) { screen, session in
      try await wait(for: "the shard with lag") {
        screen.shows("commerce/0", "● serving") && !screen.shows("no data")
      }
      try await body(screen, session, host, path)
    }
    await host.stop()
    try? FileManager.default.removeItem(at: folder)
  }

  /// The screen reads every release, its lag and its buffers included.
  @Test(arguments: VitessRelease.allCases)
  @MainActor
  func everyReleaseIsShown(_ release: VitessRelease) async throws {
    try await withLab(release) { screen, _, _, _ in
      try await wait(for: "a calm fleet") { screen.shows("serves", "zone1-100", "no failover") }
      #expect(!screen.shows("off:") && !screen.shows("cannot be read"))
    }
  }

  private func type(_ text: String, on screen: MemoryScreen) async {
    for character in text { await screen.press(.character(character)) }
  }

  @Test(arguments: [VitessRelease.v16, .v20, .v21, .v22])
  @MainActor
  func anAppIsThrottledAndReleasedWithWhatTheScreenSays(_ release: VitessRelease) async throws {
    try await withLab(release) { screen, session, _, path in
      screen.press(.character("t"))
      try await wait(for: "the question") { screen.shows("allow actions", "type yes") }
      await type("yes", on: screen)
      try await wait(for: "the answer to be typed") { screen.shows("yes_") }
      screen.press(.enter)
      try await wait(for: "the form") { screen.shows("throttle an app") }
      await type("vreplication", on: screen)
      screen.press(.down)
      await type("10m", on: screen)
      screen.press(.down)
      await type("0.25", on: screen)
      try await wait(for: "the ratio to be typed") { screen.shows("0.25_") }
      screen.press(.enter)
      // From v22 on the choice is made already: there is but one.
      let place = release == .v22 ? "on every tablet of keyspace commerce, in topo" : "zone1-100"
      try await wait(for: "the sentence") {
        screen.shows("throttle vreplication for 10m at ratio 0.25", place)
      }
      #expect(!FileManager.default.fileExists(atPath: path) || text(path).isEmpty)
      screen.press(.character("y"))
      try await wait(for: "it to be read back") { screen.shows("done: seen at") }
      screen.press(.escape)
      try await wait(for: "the rule on the fleet's screen") {
        screen.row("▶commerce/0").contains { $0.hasPrefix("vreplic") }
          && screen.row("▶commerce/0").contains { $0.hasPrefix("9m") }
      }
      screen.press(.character("u"))
      try await wait(for: "the list") { screen.shows("throttled apps of commerce/0", "renews") }
      screen.press(.enter)
      try await wait(for: "the sentence") { screen.shows("release vreplication", place) }
      screen.press(.character("y"))
      try await wait(for: "the release") { screen.shows("done: ") }
      screen.press(.escape)
      try await wait(for: "the rule to go") {
        session.model.fleet.summaries[0].throttledApps.isEmpty
      }
      #expect(text(path).split(separator: "\n").count == 4)
    }
  }

  private func text(_ path: String) -> String {
    (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
  }

  @Test(arguments: [VitessRelease.v16, .v22])
  @MainActor
  func aReparentIsFiredOnceAndItsFailoverIsSeen(_ release: VitessRelease) async throws {
    try await withLab(release) { screen, session, host, path in
      screen.press(.character("A"))
      await type("yes", on: screen)
      try await wait(for: "the answer to be typed") { screen.shows("allow actions", "yes_") }
      screen.press(.enter)
      try await wait(for: "the permission") { screen.shows("ACTIONS 15m") }
      screen.press(.character("R"))
      try await wait(for: "the preflight") { screen.shows("pass  primary in topo  zone1-100") }
      #expect(!screen.shows("FAIL "))
      screen.press(.up, .up, .right)
      await type("commerce/0", on: screen)
      try await wait(for: "the name") { screen.shows("commerce/0_") }
      screen.press(.enter, .enter, .enter)
      try await wait(for: "the answer") {
        screen.shows("done: zone1-101 is primary of commerce/0", "vtctld: ")
      }
      #expect(await host.reparentCount == 1)
      screen.press(.escape, .character("f"), .enter)
      try await wait(for: "the failover") {
        screen.shows("zone1-100 to zone1-101", "recovered")
      }
      #expect(session.model.fleet.failovers.all.count == 1)
      let lines = text(path).split(separator: "\n")
      #expect(lines.count == 2 && lines[0].contains("\"phase\":\"intent\""))
    }
  }

  /// A switch that is cancelled and one that is not, from the lab's vtctld to the screen and the lines.
  @Test @MainActor func howASwitchEndedIsReadFromTopo() async throws {
    let clock = RunClock()
    var configuration = LabCluster.Configuration()
    configuration.release = .v22
    configuration.keyspaces = [("commerce", ["0"]), ("customer", ["0"])]
    configuration.vtgates = 1
    configuration.hasBusyReplicas = false
    configuration.traffic = [Traffic(.steady, to: ShardName(keyspace: "commerce", shard: "0"))]
    let host = LabHost(configuration) { clock.now }
    let addresses = try await host.start(.free)
    let access = ClusterAccess(
      vtctld: VtctldClient(VtctldAccess(servers: [try #require(addresses.vtctld)])),
      audit: AuditLog(path: "/dev/null", cluster: "test"))
    try await withSession(
      addresses.vtgates.map { Target(.vtgate, $0) }, access: access, hasVtctld: true
    ) { screen, session in
      try await wait(for: "the shard with lag") {
        screen.shows("commerce/0", "● serving") && !screen.shows("no data")
      }
      _ = try await host.perform(
        DrillCommand(
          "move-tables",
          ["from": "commerce", "to": "customer", "tables": "t1", "catch-up": "60s"],
          at: clock.now))
      try await wait(for: "buffering") { screen.shows("BUFFERING") }
      _ = try await host.perform(
        DrillCommand("cancel-move-tables", ["from": "commerce"], at: clock.now))
      try await wait(for: "the end", upTo: .seconds(40)) {
        session.model.fleet.failovers.all.first?.ended != nil
      }
      let failover = try #require(session.model.fleet.failovers.all.first)
      #expect(failover.verdict == .notSwitched)
      screen.press(.character("f"), .enter)
      try await wait(for: "the words") {
        screen.shows(
          "not switched",
          "commerce/0 denies no table; "
            + "customer.move: All Reads Switched. Writes Not Switched")
      }
      let change = FleetChange.failover(failover)
      let plain = PlainLine(utcOffset: 0).text(change, at: clock.now)
      #expect(plain.contains("is over: not switched, "))
      #expect(plain.contains("topo: commerce/0 denies no table; customer.move: All Reads"))
      let json = JSONLine().text(change, at: clock.now)
      #expect(json.contains("\"outcome\":\"not switched\""))
      #expect(json.contains("\"trafficState\":\"All Reads Switched. Writes Not Switched\""))
    }
    await host.stop()
  }
}
