import FleetModel
import Importing
import Terms
import Testing

/// Names as shells, scripts and people make them.
@Suite struct WrittenMomentTests {
  @Test(arguments: [
    ("1795000000.prom", "2026-11-18T11:06:40.000Z", ".prom"),
    ("1795000000", "2026-11-18T11:06:40.000Z", ""),
    ("1795000000.25.prom", "2026-11-18T11:06:40.250Z", ".prom"),
    ("1795000000.123456789.txt.gz", "2026-11-18T11:06:40.123Z", ".txt.gz"),
    ("1795000000250.prom", "2026-11-18T11:06:40.250Z", ".prom"),
    ("1795000000250000.prom", "2026-11-18T11:06:40.250Z", ".prom"),
    ("1795000000250000000.prom", "2026-11-18T11:06:40.250Z", ".prom"),
    ("metrics-1795000000.prom", "2026-11-18T11:06:40.000Z", ".prom"),
    ("v22-metrics_1795000000.prom", "2026-11-18T11:06:40.000Z", ".prom"),
    ("20261118T105320Z.prom", "2026-11-18T10:53:20.000Z", ".prom"),
    ("20261118T105320.prom", "2026-11-18T10:53:20.000Z", ".prom"),
    ("20261118-105320.5.prom", "2026-11-18T10:53:20.500Z", ".prom"),
    ("20261118105320.prom", "2026-11-18T10:53:20.000Z", ".prom"),
    ("2026-11-18T10:53:20Z.json", "2026-11-18T10:53:20.000Z", ".json"),
    ("2026-11-18T10:53:20.25Z", "2026-11-18T10:53:20.250Z", ""),
    ("2026-11-18T11:53:20+01:00.prom", "2026-11-18T10:53:20.000Z", ".prom"),
    ("2026-11-18T11:53:20+0100.prom", "2026-11-18T10:53:20.000Z", ".prom"),
    ("2026-11-18T10-53-20.prom", "2026-11-18T10:53:20.000Z", ".prom"),
    ("2026-11-18_10-53-20.prom", "2026-11-18T10:53:20.000Z", ".prom"),
    ("2026-11-18 10:53:20.txt", "2026-11-18T10:53:20.000Z", ".txt"),
  ]) func aTimeIsFoundInAName(_ name: String, at: String, rest: String) throws {
    let moment = try #require(WrittenMoment(in: name))
    #expect(moment.at.rfc3339 == at)
    #expect(moment.rest == rest)
  }

  @Test(arguments: [
    "metrics.prom", "1.prom", "12345678.prom", "2026-13-01T00:00:00.prom", "2026-11-18.prom",
    "99999999999999999999.prom", "",
  ]) func whatCarriesNoneIsNil(_ name: String) { #expect(WrittenMoment(in: name) == nil) }

  @Test(arguments: [
    ("vtgate-10.0.0.1:15001", "vtgate", "10.0.0.1:15001"),
    ("vtgate-10.0.0.1_15001", "vtgate", "10.0.0.1:15001"),
    ("vttablet-host.example:15100", "vttablet", "host.example:15100"),
    ("tablet_[::1]:15100", "vttablet", "[::1]:15100"),
    ("vtgate-0.vtgate.svc:15001", "vtgate", "0.vtgate.svc:15001"),
    ("10.0.0.1:15001", nil, "10.0.0.1:15001"), ("10.0.0.1", nil, "10.0.0.1:80"),
    ("vtgate1", "vtgate", "vtgate1:80"), ("vtgate-1", "vtgate", "vtgate-1:80"),
  ]) func aFolderNamesAServer(_ name: String, kind: String?, address: String) throws {
    let server = try #require(SavedServerName(name))
    #expect(server.kind?.name == kind)
    #expect(server.address.description == address)
  }
}
