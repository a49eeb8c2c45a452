import Dashboard
import Discovery
import FleetModel
import Foundation
import Lab
import LabServer
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

/// A file that gains and loses vtgates while the dashboard runs, over real sockets.
@Suite(.timeLimit(.minutes(2)), .serialized) struct DiscoverySessionTests {
  @Test func aFileGainsAndLosesAVtgateWhileTheDashboardRuns() async throws {
    let clock = RunClock()
    let host = LabHost(LabCluster.Configuration()) { clock.now }
    let vtgates = try await host.start(.free).vtgates
    let path = FileManager.default.temporaryDirectory.appending(path: "gates-\(UUID()).yml").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    func write(_ text: String) throws { try Data(text.utf8).write(to: URL(filePath: path)) }
    try write("- targets: ['\(vtgates[0])']\n  labels: {cell: zone1}\n")
    let file = ServerListFile(path, pause: .milliseconds(50))
    try await withSession([], sources: [file]) { screen, session in
      try await wait(for: "one vtgate and its shards") {
        screen.shows("1 vtgate", "commerce/-80", "serve")
      }
      try await wait(for: "who named it") { screen.shows("names vtgates in zone1") }
      try write("- targets: ['\(vtgates[0])', '\(vtgates[1])']\n")
      try await wait(for: "two vtgates") { screen.shows("2 vtgates") }
      // What cannot be read takes nobody away.
      try write("- targets: {}\n")
      try await wait(for: "the fault with its line") {
        session.model.fleet.log.events.contains {
          if case .remark(.warning, let words) = $0.kind {
            words == "\(path):1:12: targets must be a list of HOST:PORT; its last list stays"
          } else {
            false
          }
        }
      }
      #expect(session.model.fleet.vtgates.count == 2)
      try write("- targets: ['\(vtgates[1])']\n")
      try await wait(for: "one vtgate again, and no trouble") {
        screen.shows("1 vtgate ", "\(vtgates[0]) left: nobody", "shards serve")
      }
      #expect(Set(session.model.fleet.vtgates.keys) == [vtgates[1]])
    }
    await host.stop()
  }

  @Test func aLookWaitsForWhomItsSourcesName() async throws {
    let clock = RunClock()
    let host = LabHost(LabCluster.Configuration()) { clock.now }
    let addresses = try await host.start(.free)
    let path = FileManager.default.temporaryDirectory.appending(path: "gates-\(UUID()).json").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let targets = addresses.vtgates.map { "\"\($0)\"" }.joined(separator: ", ")
    try Data("[{\"targets\": [\(targets)]}]".utf8).write(to: URL(filePath: path))
    let vtctld = VtctldClient(VtctldAccess(servers: [try #require(addresses.vtctld)]))
    let watch = await Look.take(
      [], settings: .init(cluster: "test", interval: .seconds(1)),
      feed: Scraper(of: "test", sources: [ServerListFile(path), ServerDirectory.topo(vtctld)]) {
        clock.now
      },
      deadline: .seconds(20), now: { clock.now })
    await host.stop()
    #expect(watch.fleet.vtgates.count == 2)
    #expect(watch.fleet.tablets.count == 9)
    #expect(FleetCheck(watch.fleet).health == .healthy, "\(FleetCheck(watch.fleet).problems)")
    let tablet = try #require(watch.fleet.tablets.values.first)
    #expect(watch.fleet.naming(of: tablet.target)?.sources == [.vtctld])
    #expect(watch.fleet.naming(of: tablet.target)?.cell?.hasPrefix("zone") == true)
  }

  @Test func aLookSaysThatTopoDidNotAnswerAndGoesOn() async throws {
    let clock = RunClock()
    let host = LabHost(LabCluster.Configuration()) { clock.now }
    let addresses = try await host.start(.free)
    let silent = try await StubServer { _ in .silence }
    let vtctld = Address(host: "127.0.0.1", port: silent.port)
    let watch = await Look.take(
      addresses.vtgates.map { Target(.vtgate, $0) },
      settings: .init(cluster: "test", interval: .seconds(1)),
      feed: Scraper(of: "test") { clock.now }, deadline: .seconds(5),
      access: ClusterAccess(
        vtctld: VtctldClient(VtctldAccess(servers: [vtctld])),
        audit: AuditLog(path: nil, cluster: "test")), now: { clock.now })
    await host.stop()
    await silent.stop()
    #expect(watch.fleet.summaries.count == 3)
    // Nobody was asked any more while topo was waited for.
    #expect(FleetCheck(watch.fleet).health == .healthy, "\(FleetCheck(watch.fleet).problems)")
    #expect(
      watch.fleet.topoFailure
        == CallFailure(.unreachable, nil, .noAnswer(within: .seconds(5), to: "GetKeyspaces")))
  }
}
