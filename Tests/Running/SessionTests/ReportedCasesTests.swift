import FleetModel
import Lines
import Scrape
import Session
import Terms
import TestSupport
import Testing
import Timing
import Watching
import Wording

/// What `sluice check` says of small clusters written after public reports.
@Suite(.serialized) struct ReportedCasesTests {
  @MainActor
  private func check(
    _ name: String, vtgates: [Int], ignoring: [NamePattern] = []
  ) async throws -> (check: FleetCheck, fleet: Fleet, ports: [Int: Int]) {
    let served = try await ServedCase(name)
    let clock = RunClock()
    let watch = await Look.take(
      vtgates.compactMap { served.ports[$0] }.map { port in
        Target(.vtgate, Address(host: "127.0.0.1", port: port))
      }, settings: Watch.Settings(cluster: "case", interval: .seconds(1)),
      feed: Scraper(of: "case") { clock.now }, deadline: .seconds(5), looksTwice: true,
      now: { clock.now })
    await served.stop()
    return (FleetCheck(watch.fleet, ignoring: ignoring), watch.fleet, served.ports)
  }

  @Test func aVtgateWithAStaleViewIsNamed() async throws {
    let (check, fleet, ports) = try await check(
      "stale-view-of-one-vtgate", vtgates: [21001, 21002, 21003])
    #expect(check.health == .degraded)
    let odd = Address(host: "127.0.0.1", port: try #require(ports[21003]))
    let texts = check.problems.filter { $0.subject.description == "orders/80-" }.map {
      Wording().words($0.finding)
    }
    #expect(
      texts.contains { $0.hasSuffix("sees no serving primary, the others see useast1a-1235") })
    #expect(texts.contains { $0.hasPrefix("calls to the primary fail at vtgate ") })
    #expect(texts.allSatisfy { $0.contains("\(odd)") || $0.contains("lag") })
    #expect(fleet.shard(ShardName(keyspace: "orders", shard: "80-")).state == .disputed)
  }

  @Test func recordsOfTabletsThatLeftAreOneNote() async throws {
    let (check, fleet, _) = try await check("deregistered-backup-pods", vtgates: [22001])
    #expect(check.problems.isEmpty)
    #expect(check.notes.map(\.subject.description) == ["400 tablets"])
    #expect(fleet.log.events.count { $0.severity >= .warning } == 0)
  }

  @Test func shardsWithoutAPrimaryOnPurposeAreToldApartOrSetAside() async throws {
    let (check, _, _) = try await check("no-primary-on-purpose", vtgates: [23601])
    #expect(check.notes.map(\.subject.description) == ["customer/0"])
    #expect(check.problems.map(\.subject.description) == ["restoreks/0"])
    #expect(
      check.problems.first.map { Wording().words($0.finding).contains("a snapshot keyspace") }
        == true)
    let (ignoring, _, _) = try await self.check(
      "no-primary-on-purpose", vtgates: [23601], ignoring: [NamePattern("restore*/*")])
    #expect(ignoring.health == .healthy)
    #expect(ignoring.notes.map(\.subject.description) == ["customer/0", "restoreks/0"])
  }
}
