import Foundation
import Lab
import LabServer
import TestSupport
import Testing

/// The checksum against recorded pairs of `/metrics` and `/debug/gateway`.
@Suite struct HealthcheckChecksumTests {
  /// Recorded pairs whose two pages were asked in the same state of affairs.
  private static let folders = Fixtures.paths { path in
    path.hasPrefix("vitess-22/http/") && path.hasSuffix("/vtgate.debug-gateway.json")
      // A killed vttablet's stream broke between the two requests.
      && !path.contains("replica-vttablet-killed")
  }.map { String($0.dropLast("/vtgate.debug-gateway.json".count)) }

  @Test(arguments: folders) func itIsWhatTheRealVtgateComputed(_ folder: String) throws {
    let metrics = try SeriesSet(fixture: "\(folder)/vtgate.metrics.txt.gz")
    let gateway = try Fixtures.data("\(folder)/vtgate.debug-gateway.json")
    #expect(
      Double(try checksum(of: gateway)) == metrics.value("vtgate_healthcheck_checksum"))
  }

  @Test func theLabsVtgateServesTheOneOfItsOwnView() async throws {
    let bench = try await ServerBench(.v22)
    let metrics = SeriesSet(try await bench.get("/metrics").text)
    let gateway = try await bench.get("/debug/gateway").body
    #expect(
      Double(try checksum(of: gateway)) == metrics.value("vtgate_healthcheck_checksum"))
    await bench.host.stop()
  }

  private func checksum(of gateway: Data) throws -> UInt32 {
    var checksum = HealthcheckChecksum()
    let groups = try #require(
      try JSONSerialization.jsonObject(with: gateway) as? [[String: Any]])
    for group in groups {
      let target = try #require(group["Target"] as? [String: Any])
      let types = ["UNKNOWN", "PRIMARY", "REPLICA", "RDONLY"]
      checksum.addTarget(
        cell: group["Cell"] as? String ?? "", keyspace: target["keyspace"] as? String ?? "",
        shard: target["shard"] as? String ?? "", type: types[target["tablet_type"] as? Int ?? 0])
      for tablet in group["TabletsStats"] as? [[String: Any]] ?? [] {
        checksum.addTablet(
          isServing: tablet["Serving"] as? Bool ?? false,
          termStart: tablet["PrimaryTermStartTime"] as? Int ?? 0)
      }
    }
    return checksum.value
  }
}
