import FleetModel
import Foundation
import Lab
import LabServer
import Terms
import TestSupport
import Testing

extension ServerTests {
  /// The throttler's pages, asked what a real cluster was asked.
  @Suite struct ThrottlerPagesTests {
    /// What is left of a body when the moments in it are taken out.
    private static func timeless(_ text: String) -> String {
      text.replacing(/\d{4}-\d\d-\d\dT[0-9:.]+Z/, with: "TIME")
        .replacing(/"Value":[0-9.e-]+/, with: "\"Value\":V")
    }

    /// All of v16's routes with good and bad input, request by request as they were recorded.
    @Test func everyRecordedRequestOfV16HasTheSameAnswer() async throws {
      let bench = try await ServerBench(.v16)
      // In the recording 102 had been primary for a while.
      var request = Reparent.Request(.planned, ServerBench.shard)
      request.newPrimary = TabletAlias(cell: "zone1", uid: 102)
      _ = try await bench.reparent(request)
      bench.clock.pass(.seconds(12))
      var compared = 0
      for entry in try Fixtures.objects("vitess-16/http/throttle-app/index.ndjson") {
        let file = try #require(entry["file"] as? String)
        guard !file.contains("ratio-series"), let path = entry["path"] as? String,
          let method = entry["method"] as? String
        else { continue }
        let found = try await bench.get(path, from: bench.tablet(102), method: method)
        // A rule of one half rolls its dice.
        if !file.contains("throttled-half") {
          #expect(found.status == entry["status"] as? Int, "\(file): \(path)")
          let wanted = String(
            decoding: try Fixtures.data("vitess-16/http/throttle-app/\(file)"), as: UTF8.self)
          #expect(Self.timeless(found.text) == Self.timeless(wanted), "\(file): \(path)")
          let headers = (entry["headers"] as? [[String]] ?? []).filter { $0[0] != "Date" }
          let own = Dictionary(found.headers.map { ($0.0, $0.1) }) { first, _ in first }
          for header in headers where header[0] != "Content-Length" {
            #expect(own[header[0]] == header[1], "\(file): \(header[0])")
          }
          compared += 1
        }
        bench.clock.pass(.milliseconds(5))
      }
      #expect(compared > 30)
      await bench.host.stop()
    }

    /// v22's one surviving route in all its forms.
    @Test(arguments: ["throttler-enabled-healthy", "throttler-disabled"])
    func everyRecordedCheckOfV22HasTheSameFields(_ situation: String) async throws {
      let bench = try await ServerBench(.v22) {
        $0.isThrottlerEnabled = situation != "throttler-disabled"
      }
      bench.clock.pass(.seconds(8))
      var compared = 0
      for entry in try Fixtures.objects("vitess-22/http/\(situation)/index.ndjson.gz") {
        guard let process = entry["process"] as? String, process.hasPrefix("vttablet"),
          let file = entry["file"] as? String, let path = entry["path"] as? String,
          path.hasPrefix("/throttler"), let method = entry["method"] as? String,
          let uid = UInt32(process.suffix(3))
        else { continue }
        let found = try await bench.get(path, from: bench.tablet(uid), method: method)
        #expect(found.status == entry["status"] as? Int, "\(method) \(path)")
        let headers = (entry["headers"] as? [[String]] ?? []).filter {
          !["Date", "Content-Length"].contains($0[0])
        }
        let own = Dictionary(found.headers.map { ($0.0, $0.1) }) { first, _ in first }
        for header in headers {
          #expect(own[header[0]] == header[1], "\(method) \(path): \(header[0])")
        }
        let fixture = "vitess-22/http/\(situation)/\(file)"
        guard file.hasSuffix(".json"), method == "GET",
          let data = try? Fixtures.data(fixture),
          let wanted = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        else { continue }
        let json = try #require(try found.json as? [String: Any])
        #expect(shape(json) == shape(wanted), "\(path)")
        for key in ["ResponseCode", "Threshold", "Message", "AppName", "MetricName", "Scope"] {
          #expect(
            "\(json[key] ?? "")" == "\(wanted[key] ?? "")", "\(process) \(path): \(key)")
        }
        compared += 1
      }
      #expect(compared > 5)
      await bench.host.stop()
    }

    @Test func theStatusHasTheFieldsOfEachRelease() async throws {
      let fields: [VitessRelease: Set<String>] = [
        .v14: [
          "Keyspace", "Shard", "IsLeader", "IsOpen", "IsDormant", "AggregatedMetrics",
          "MetricsHealth",
        ],
        .v16: ["IsEnabled", "Query", "Threshold"],
        .v17: ["IsEnabled", "Query", "Threshold"],
        .v18: ["IsEnabled", "Query", "Threshold"],
        .v19: ["IsEnabled", "Query", "Threshold"],
        .v20: ["IsEnabled", "Query", "Threshold", "IsRecentlyChecked"],
        .v21: [
          "IsEnabled", "Query", "Threshold", "RecentlyChecked", "CustomQuery",
          "MetricNameUsedAsDefault", "MetricsThresholds", "ThrottledApps", "AppCheckedMetrics",
          "RecentApps",
        ],
      ]
      for release in VitessRelease.allCases where release < .v22 {
        let bench = try await ServerBench(release)
        let answer = try await bench.get("/throttler/status", from: bench.tablet(100))
        let json = try #require(try answer.json as? [String: Any])
        let wanted = try #require(fields[.v14]).union(fields[release] ?? [])
        #expect(Set(json.keys) == wanted, "\(release)")
        let metrics = try #require(json["AggregatedMetrics"] as? [String: Any])
        #expect(metrics.keys.contains(release < .v21 ? "mysql/shard" : "shard/lag"))
        await bench.host.stop()
      }
    }

    @Test func aReplicaThatIsGoneIsWrittenAsTheReleaseWritesIt() async throws {
      let bench = try await ServerBench(.v16)
      try await bench.run("process", ["server": "zone1-101", "state": "dead"])
      bench.clock.pass(.seconds(1))
      let answer = try await bench.get("/throttler/status", from: bench.tablet(100))
      let port = try bench.tablet(101).port
      #expect(
        answer.text.contains(
          "\"mysql/shard\":{\"ClusterName\":\"shard\",\"Key\":{\"Hostname\":\"127.0.0.1\",\"Port\":"
            + "\(port + 2000)},\"Value\":0,\"Err\":{\"Op\":\"Get\",\"URL\":\"http://127.0.0.1:\(port)"
            + "/throttler/check-self?app=vitess\",\"Err\":{\"Op\":\"dial\",\"Net\":\"tcp\","))
      await bench.host.stop()
    }
  }
}
