import Foundation
import Lab
import LabServer
import NIOCore
import Terms
import TestSupport
import Testing

extension ServerTests {
  @Suite struct ControlTests {
    @Test func theControlPageListsAndCarriesOutCommands() async throws {
      let bench = try await ServerBench(.v22)
      let control = try #require(bench.addresses.control)
      #expect(try await bench.get("/", from: control).text.contains("planned-reparent"))
      let state = try await bench.get("/state", from: control).json as? [String: Any]
      #expect((state?["shards"] as? [[String: Any]])?.count == 1)
      let wrong = try await bench.get("/mysql?tablet=zone1-100", from: control, method: "POST")
      #expect(wrong.status == 400)
      #expect(wrong.text == "mysql needs running=…\n")
      #expect(try await bench.get("/nosuch", from: control).status == 404)
      let done = try await bench.get(
        "/sql-thread?tablet=zone1-101&running=false", from: control, method: "POST")
      #expect(done.text == "done\n")
      await bench.host.stop()
    }

    /// Any web page can send a POST here, also through a name of its own that leads to 127.0.0.1.
    @Test(arguments: [
      ("evil.example", nil), ("evil.example:PORT", nil), ("localhost.evil.example:PORT", nil),
      ("127.0.0.1.evil.example", nil), ("10.0.0.1:PORT", nil), ("[::2]:PORT", nil), ("", nil),
      ("127.0.0.1:PORT", "http://evil.example"), ("127.0.0.1:PORT", "null"),
      ("127.0.0.1:PORT", "http://127.0.0.1:1"), ("127.0.0.1:PORT", "https://127.0.0.1:PORT"),
      ("localhost:PORT", "http://127.0.0.1:PORT"),
    ])
    func aForeignHostOrOriginIsRefusedAndNothingIsDone(
      _ name: String, _ origin: String?
    ) async throws {
      let bench = try await ServerBench(.v22)
      let control = try #require(bench.addresses.control)
      func header(_ text: String) -> String { text.replacing("PORT", with: "\(control.port)") }
      let headers = [("Host", header(name))] + (origin.map { [("Origin", header($0))] } ?? [])
      let command = "/process?server=zone1-101&state=dead"
      for (path, method) in [(command, "POST"), ("/", "GET"), ("/state", "GET")] {
        let answer = try await bench.get(path, from: control, method: method, headers: headers)
        #expect(answer.status == 403, "\(method) \(path)")
        #expect(
          answer.text
            == "the lab takes commands from this machine only: Host or Origin is foreign\n")
      }
      #expect(try await bench.get("/debug/health", from: bench.tablet(101)).status == 200)
      await bench.host.stop()
    }

    @Test(arguments: [
      ("127.0.0.1:PORT", nil), ("localhost", nil), ("LOCALHOST:PORT", nil), ("[::1]:PORT", nil),
      ("localhost:PORT", "http://localhost:PORT"),
    ])
    func thisMachinesNamesMayDriveTheLab(_ name: String, _ origin: String?) async throws {
      let bench = try await ServerBench(.v22)
      let control = try #require(bench.addresses.control)
      func header(_ text: String) -> String { text.replacing("PORT", with: "\(control.port)") }
      let headers = [("Host", header(name))] + (origin.map { [("Origin", header($0))] } ?? [])
      let answer = try await bench.get(
        "/process?server=zone1-101&state=dead", from: control, method: "POST", headers: headers)
      #expect(answer.status == 200)
      let state = try await bench.get("/state", from: control).text
      #expect(state.contains("\"process\": \"dead\""))
      await bench.host.stop()
    }

    @Test func aDeadServerRefusesAndARestartedOneBeginsAtZero() async throws {
      let bench = try await ServerBench(.v16, ServerBench.steady)
      bench.clock.pass(.seconds(3))
      let before = SeriesSet(try await bench.get("/metrics").text)
      try await bench.run("process", ["server": "vtgate-1", "state": "dead"])
      await #expect(throws: (any Error).self) { _ = try await bench.get("/metrics") }
      bench.clock.pass(.seconds(1))
      try await bench.run("process", ["server": "vtgate-1", "state": "running"])
      let after = SeriesSet(try await bench.get("/metrics").text)
      let start = "process_start_time_seconds"
      #expect((after.value(start) ?? 0) > (before.value(start) ?? 0))
      #expect(after.value("vtgate_mysql_server_conn_accepted") == 0)
      await bench.host.stop()
    }

    @Test func aVtgateTakesOtherFlagsAndItsPagesSaySo() async throws {
      let bench = try await ServerBench(.v22, ServerBench.steady)
      let control = try #require(bench.addresses.control)
      let path = "/restart?server=vtgate-1&buffer_size=4&buffer_window=3s"
      #expect(try await bench.get(path, from: control, method: "POST").text == "done\n")
      let vars = try await bench.get("/debug/vars").text
      #expect(vars.contains("--buffer_size=4") && vars.contains("--buffer_window=3s"))
      #expect(SeriesSet(try await bench.get("/metrics").text).value("vtgate_buffer_size") == 4)
      let refused = try await bench.get(
        "/restart?server=vtgate-1&buffer_size=0", from: control, method: "POST")
      #expect(refused.status == 400)
      #expect(refused.text.contains("vtgate-1 would not start: -buffer_size must be >= 1"))
      await bench.host.stop()
    }

    @Test func aScenarioWaitsIsStartedAndSaysHowItStands() async throws {
      let bench = try await ServerBench(.v16, ServerBench.steady)
      let control = try #require(bench.addresses.control)
      let without = try await bench.get("/start", from: control, method: "POST")
      #expect(without.status == 400)
      #expect(without.text.hasPrefix("there is no scenario to start"))
      var scenario = Scenario(name: "drill", title: "A drill")
      scenario.steps = [
        DrillStep(
          at: .seconds(5), command: "sql-thread",
          parameters: ["tablet": "zone1-101", "running": "false"])
      ]
      scenario.expectations = [.init(source: "guide", values: ["requests_buffered": 6])]
      await bench.host.prepare(scenario)
      bench.clock.pass(.seconds(9))
      let waiting = try await bench.get("/scenario", from: control).text
      #expect(waiting.hasPrefix("A drill\nit waits: start sends its steps\nclients: "))
      #expect(try await bench.get("/start", from: control, method: "POST").status == 200)
      #expect(try await bench.get("/start", from: control, method: "POST").status == 400)
      try await wait(for: "its step") { await bench.host.progress.drill?.outcomes.count == 1 }
      bench.clock.pass(.seconds(2))
      let over = try await bench.get("/scenario", from: control).text
      #expect(over.contains("requests_buffered      6    0  ~"), "\(over)")
      #expect(over.contains("differs: requests_buffered is 0, must not be 0"))
      await bench.host.stop()
    }

    @Test func aServerCanBeSlowSilentOrTalkGarbage() async throws {
      let bench = try await ServerBench(.v22)
      try await bench.run("manner", ["server": "vtgate-1", "is": "slow", "delay": "200ms"])
      let start = ContinuousClock.now
      #expect(try await bench.get("/debug/health").status == 200)
      #expect(ContinuousClock.now - start >= .milliseconds(200))
      try await bench.run("manner", ["server": "vtgate-1", "is": "garbage"])
      await #expect(throws: (any Error).self) { _ = try await bench.get("/debug/health") }
      try await bench.run("manner", ["server": "vtgate-1", "is": "closed"])
      await #expect(throws: (any Error).self) { _ = try await bench.get("/debug/health") }
      try await bench.run("manner", ["server": "vtgate-1", "is": "normal"])
      #expect(try await bench.get("/debug/health").status == 200)
      await bench.host.stop()
    }

    @Test func anUnhealthyTabletSaysSo() async throws {
      let bench = try await ServerBench(.v22)
      try await bench.run("mysql", ["tablet": "zone1-101", "running": "false"])
      bench.clock.pass(.seconds(1))
      let answer = try await bench.get("/debug/health", from: bench.tablet(101))
      #expect(answer.status == 500)
      #expect(
        answer.text
          == "not ok: Code: CLUSTER_EVENT\noperation not allowed in state NOT_SERVING\n\n")
      await bench.host.stop()
    }

    /// Same seed, same run: every byte of every page.
    @Test(arguments: VitessRelease.allCases)
    func theSameSeedServesTheSameBytes(_ release: VitessRelease) async throws {
      func pages(_ seed: UInt64) async throws -> [String] {
        let bench = try await ServerBench(release) {
          $0.seed = seed
          $0.hasBusyReplicas = true
          ServerBench.steady(&$0)
        }
        bench.clock.pass(.seconds(5))
        _ = await bench.host.plannedReparent(ServerBench.shard)
        bench.clock.pass(.seconds(20))
        var pages: [String] = []
        for path in ["/metrics", "/debug/vars", "/debug/gateway"] {
          pages.append(try await bench.get(path).text)
        }
        for uid in [UInt32(100), 101, 102] {
          for path in ["/metrics", "/throttler/status", "/throttler/check-self?app=test"] {
            pages.append(try await bench.get(path, from: bench.tablet(uid)).text)
          }
        }
        await bench.host.stop()
        // Free ports differ from run to run.
        return pages.map {
          $0.replacing(
            /"(grpc|vt)": \d+|_port": \d+|,(grpc|vt):\d+|"--port",\s*"\d+"/, with: "PORT")
        }
      }
      let first = try await pages(7)
      #expect(try await pages(7) == first)
      #expect(try await pages(8) != first)
    }
  }
}
