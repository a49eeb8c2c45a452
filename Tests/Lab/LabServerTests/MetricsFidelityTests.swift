import Buffering
import FleetModel
import Foundation
import Lab
import LabServer
import Terms
import TestSupport
import Testing

extension ServerTests {
  /// The lab's `/metrics` and `/debug/vars` beside those of real servers, series by series.
  @Suite struct MetricsFidelityTests {
    nonisolated(unsafe) private static let allowed: [AllowedDifference] = [
      .init(
        /^vtgate_(vttablet_call|api|mysql_server_timings|queries|query|streamlog|topology|resilient)/,
        "the recording's clients also set their session up and asked dual; the lab's only query"),
      .init(
        /^vtgate_mysql_server_conn_count_per_user/,
        "the recording's root looked at the cluster itself"
      ),
      .init(
        /_pool_get_conn_time|_conn_pool_|_wait_|_waits_|vttablet_queries|vttablet_results|_timings/,
        "pools and timings show which statements ran before; the lab runs its clients' only"),
      .init(
        /^vttablet_(query|user_query|user_table|table_|errors|kills|internal_errors|mysql)/,
        "counted by table and plan: t1 alone in the lab, dual and more in the recording"),
      .init(
        /^vttablet_(transactions|streamlog|vstream|v_stream|update_stream|schema|topology|tablet_srv)/,
        "traces of what was done to the recorded cluster before"),
      .init(
        /^vttablet_throttler_check_(any_|self_|shard_)/,
        "counted by what was asked before: the recording's tools asked more"),
      .init(/^vttablet_tabletmanagerclient/, "the lab's tablets do not call one another"),
      .init(/^vttablet_tablet_type_count/, "each recorded tablet had been both before"),
      .init(/^vttablet_user_transaction/, "left by what the recording's root did by hand"),
      .init(/bogus/, "a metric that the recording asked for by mistake"),
      .init(/^vttablet_buildpacks|^vttablet_innodb_rows/, "values of MySQL that the lab has not"),
    ]

    private static func check(
      _ found: SeriesSet, _ wanted: SeriesSet, sourceLocation: SourceLocation = #_sourceLocation
    ) {
      let missing = unexplained(wanted.series.subtracting(found.series), allowed)
      let extra = unexplained(found.series.subtracting(wanted.series), allowed)
      #expect(missing == [], "the recording has more", sourceLocation: sourceLocation)
      #expect(extra == [], "the lab has more", sourceLocation: sourceLocation)
      for (name, type) in wanted.types {
        guard let own = found.types[name] else { continue }
        #expect(own == type, "type of \(name)", sourceLocation: sourceLocation)
      }
    }

    @Test func aFreshVtgateOfV16() async throws {
      let bench = try await ServerBench(.v16)
      let body = try await bench.get("/metrics")
      Self.check(
        SeriesSet(body.text),
        try SeriesSet(fixture: "vitess-16/http/vtgate-fresh-no-traffic/metrics.txt.gz"))
      await bench.host.stop()
    }

    @Test func aFreshVtgateOfV22() async throws {
      let bench = try await ServerBench(.v22)
      let body = try await bench.get("/metrics")
      Self.check(
        SeriesSet(body.text),
        try SeriesSet(fixture: "vitess-22/http/vtgate-fresh-no-traffic/vtgate.metrics.txt.gz"))
      await bench.host.stop()
    }

    @Test func aVtgateOfV22WithoutBuffering() async throws {
      let bench = try await ServerBench(.v22) { $0.buffer.isEnabled = false }
      let body = try await bench.get("/metrics")
      let wanted = try SeriesSet(
        fixture: "vitess-22/http/vtgate-fresh-buffer-off/vtgate.metrics.txt.gz")
      Self.check(SeriesSet(body.text), wanted)
      #expect(
        SeriesSet(body.text).series.filter { $0.hasPrefix("vtgate_buffer_") } == [
          "vtgate_buffer_size"
        ])
      await bench.host.stop()
    }

    @Test(arguments: [VitessRelease.v16, .v22])
    func aVtgateAfterAFailoverUnderTraffic(_ release: VitessRelease) async throws {
      let bench = try await ServerBench(release, ServerBench.steady)
      bench.clock.pass(.seconds(6))
      #expect(try await bench.reparent().failure == nil)
      bench.clock.pass(.seconds(8))
      let found = SeriesSet(try await bench.get("/metrics").text)
      let wanted = try SeriesSet(
        fixture:
          "vitess-\(release.rawValue)/http/after-failover-under-traffic/vtgate.metrics.txt.gz")
      Self.check(found, wanted)
      for counter in wanted.series.filter({ $0.hasPrefix("vtgate_buffer_requests") }) {
        #expect(found.value(counter) == wanted.value(counter), "\(counter)")
      }
      await bench.host.stop()
    }

    @Test(arguments: [VitessRelease.v16, .v22], [UInt32(100), 101, 102])
    func tablets(_ release: VitessRelease, _ uid: UInt32) async throws {
      let bench = try await ServerBench(release, ServerBench.steady)
      // In the recordings 102 is primary and 101 lags; 101 had been primary before in v22's only.
      var request = Reparent.Request(.planned, ServerBench.shard)
      for alias in release == .v16 ? [102] : [101, 102] {
        request.newPrimary = TabletAlias(cell: "zone1", uid: UInt32(alias))
        #expect(try await bench.reparent(request).failure == nil)
        bench.clock.pass(.seconds(15))
        _ = try await bench.get("/metrics", from: bench.tablet(uid))
      }
      for path in ["/throttler/check?app=test", "/throttler/check-self?app=test&s=true"] {
        _ = try await bench.get(path, from: bench.tablet(uid))
      }
      try await bench.run("sql-thread", ["tablet": "zone1-101", "running": "false"])
      bench.clock.pass(.seconds(7))
      let found = SeriesSet(try await bench.get("/metrics", from: bench.tablet(uid)).text)
      let wanted = try SeriesSet(
        fixture: "vitess-\(release.rawValue)/http/lag-one-replica/tablet-\(uid).metrics.txt.gz")
      Self.check(found, wanted)
      let lag =
        release == .v16
        ? "vttablet_throttler_aggregated_mysql_self" : "vttablet_throttler_aggregated_self_lag"
      let isLagging = uid == 101
      #expect((found.value(lag) ?? 0 > 5) == isLagging)
      #expect((wanted.value(lag) ?? 0 > 5) == isLagging)
      await bench.host.stop()
    }

    @Test(arguments: [VitessRelease.v16, .v22])
    func debugVars(_ release: VitessRelease) async throws {
      let bench = try await ServerBench(release, ServerBench.steady)
      bench.clock.pass(.seconds(6))
      _ = try await bench.reparent()
      bench.clock.pass(.seconds(1))
      let answer = try await bench.get("/debug/vars")
      let found = try #require(try answer.json as? [String: Any])
      let data = try Fixtures.data(
        "vitess-\(release.rawValue)/http/after-failover-under-traffic/vtgate.debug-vars.json.gz")
      let wanted = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
      let missing = Set(wanted.keys).subtracting(found.keys)
      let extra = Set(found.keys).subtracting(wanted.keys)
      #expect(missing == [])
      #expect(extra == [])
      for name in wanted.keys where name.hasPrefix("Buffer") || name.hasPrefix("Healthcheck") {
        if let keys = (wanted[name] as? [String: Any])?.keys {
          let own = try #require(found[name] as? [String: Any], "\(name)")
          #expect(Set(own.keys) == Set(keys), "\(name)")
        }
      }
      #expect((found["BuildVersion"] as? String) == (release == .v22 ? "22.0.3" : nil))
      await bench.host.stop()
    }

    @Test func headersAreThoseOfTheRealServers() async throws {
      for (release, type) in [
        (VitessRelease.v16, "text/plain; version=0.0.4; charset=utf-8"),
        (.v22, "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"),
      ] {
        let bench = try await ServerBench(release)
        let metrics = try await bench.get("/metrics")
        #expect(metrics.header("Content-Type") == type)
        #expect(metrics.header("Content-Length") == nil)
        #expect(metrics.header("Date") == "Sat, 21 Nov 2026 02:43:20 GMT")
        let zipped = try await bench.get("/metrics", headers: [("Accept-Encoding", "gzip")])
        #expect(zipped.header("content-encoding") == "gzip")
        #expect(zipped.body.prefix(2) == Data([0x1F, 0x8B]))
        for (path, type) in [
          ("/debug/gateway", "application/json; charset=utf-8"),
          ("/debug/vars", "application/json; charset=utf-8"), ("/debug/health", "text/plain"),
          ("/debug/status", "text/html; charset=utf-8"),
        ] {
          let answer = try await bench.get(path)
          #expect(answer.status == 200)
          #expect(answer.header("Content-Type") == type, "\(path)")
        }
        for path in ["/", "/nosuch", "/throttler/check-self"] {
          let answer = try await bench.get(path)
          #expect(answer.status == 302)
          #expect(answer.header("Location") == "/debug/status")
          #expect(answer.text == "<a href=\"/debug/status\">Found</a>.\n\n")
        }
        await bench.host.stop()
      }
    }

    @Test(arguments: [VitessRelease.v16, .v22])
    func theGatewaysDocumentHasTheSameFields(_ release: VitessRelease) async throws {
      let bench = try await ServerBench(release)
      let found = try await bench.get("/debug/gateway")
      let path =
        release == .v16
        ? "vitess-16/http/gateway/idle.debug-gateway.json"
        : "vitess-22/http/healthy-idle-after-failover/vtgate.debug-gateway.json"
      let wanted = try JSONSerialization.jsonObject(with: Fixtures.data(path))
      // A tablet's record may be older than its state: then the term's start is missing from it.
      let optional: Set<String> = [
        "[].TabletsStats[].Tablet.primary_term_start_time",
        "[].TabletsStats[].Tablet.primary_term_start_time.seconds",
        "[].TabletsStats[].Tablet.primary_term_start_time.nanoseconds",
        "[].TabletsStats[].Stats.qps", "[].TabletsStats[].Stats.replication_lag_seconds",
      ]
      #expect(try shape(found.json).subtracting(optional) == shape(wanted).subtracting(optional))
      #expect(found.text.hasPrefix("[\n {\n  \"Cell\": \"zone1\",\n  \"Target\": {"))
      // Put together from parts, it is the very document that is written in one go elsewhere.
      let whole = try await bench.get("/api/health-check/")
      #expect(
        found.text
          == whole.text.replacing(/(?m)^ +/) { String(repeating: " ", count: $0.output.count / 2) })
      await bench.host.stop()
    }
  }
}

/// The paths of all fields of a JSON document.
func shape(_ value: Any, _ path: String = "") -> Set<String> {
  var paths: Set<String> = path.isEmpty ? [] : [path]
  if let object = value as? [String: Any] {
    for (key, inner) in object {
      paths.formUnion(shape(inner, path.isEmpty ? key : "\(path).\(key)"))
    }
  } else if let array = value as? [Any] {
    for inner in array { paths.formUnion(shape(inner, path + "[]")) }
  }
  return paths
}
