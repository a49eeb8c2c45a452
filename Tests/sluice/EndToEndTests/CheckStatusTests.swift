import Foundation
import TestSupport
import Testing

/// The program's exit status is the health that it prints.
@Suite(.timeLimit(.minutes(2))) struct CheckStatusTests {
  private static let shard = #"{keyspace="commerce",shard_name="0""#

  /// A vtgate that counts, and whose list of tablets says what the test wants.
  private static func vtgate(gateway: StubServer.Reply) async throws -> StubServer {
    try await StubServer { request in
      switch request {
      case "/metrics":
        .body(
          """
          process_start_time_seconds 1.7e+09
          vtgate_buffer_size 1000
          vtgate_healthcheck_checksum 1
          vtgate_buffer_starts\(shard)} 0
          vtgate_buffer_stops\(shard),reason="NewPrimarySeen"} 0
          vtgate_buffer_requests_buffered\(shard)} 0
          vtgate_buffer_requests_evicted\(shard),reason="BufferFull"} 0
          vtgate_buffer_requests_skipped\(shard),reason="BufferFull"} 0
          vtgate_buffer_requests_drained\(shard)} 0
          vtgate_healthcheck_connections\(shard),tablet_type="primary"} 1

          """, type: "text/plain; version=0.0.4")
      case "/debug/gateway": gateway
      case "/debug/vars": .body(#"{"cmdline": ["vtgate", "--enable_buffer"]}"#)
      default: .body("404", status: 404, type: "text/plain")
      }
    }
  }

  @Test func nobodyAnswers() throws {
    let run = try ProgramRun("check --vtgate 127.0.0.1:1")
    #expect(run.status == 2, "\(run)")
    #expect(run.output.hasPrefix("failing; ") && run.output.contains("blind: no vtgate answers"))
  }

  @Test func whatIsIgnoredIsCountedAndIsNoProblem() throws {
    let lab = try LabProgram("--traffic none 2>&1")
    defer { lab.end() }
    let vtgate = try #require(lab.greeting.firstMatch(of: /--vtgate 127\.0\.0\.1:\d+/)).output
    let run = try ProgramRun("check \(vtgate) --vtgate 127.0.0.1:1 --ignore '*:1'")
    #expect(run.status == 0, "\(run)")
    #expect(run.output.hasPrefix("healthy; shards: 3, problems: 0, set aside: 1\n"), "\(run)")
    #expect(run.output.contains("note: vtgate 127.0.0.1:1: ignored: connection refused\n"))
    let loud = try ProgramRun("check \(vtgate) --vtgate 127.0.0.1:1")
    #expect(loud.status == 1 && loud.output.hasPrefix("degraded; shards: 3, problems: 1\n"))
  }

  @Test func moreServersThanTheShellAllowsOpenFilesAtFirst() throws {
    let lab = try LabProgram("--shards 30 --traffic none 2>&1")
    defer { lab.end() }
    let vtgate = try #require(
      lab.greeting.firstMatch(of: /--vtgate (127\.0\.0\.1:\d+)/), "\(lab.greeting)")
    let run = try ProgramRun(
      "check --wait 60s --vtgate \(vtgate.1)", limits: "ulimit -S -n 64;")
    #expect(run.status == 0, "\(run)")
    #expect(run.output.hasPrefix("healthy; shards: 30, problems: 0"), "\(run)")
    let few = try ProgramRun("check --vtgate \(vtgate.1)", limits: "ulimit -n 64;")
    #expect(few.status == 1, "\(few)")
    #expect(few.output.contains("too many open files here: raise ulimit -n"), "\(few)")
  }

  @Test(arguments: ["", "--json"]) func aPageThatIsDenied(_ format: String) async throws {
    let server = try await Self.vtgate(
      gateway: .body("forbidden", status: 403, type: "text/plain"))
    let run = try await ProgramRun.besideServers(
      "check --vtgate 127.0.0.1:\(server.port) \(format)")
    await server.stop()
    #expect(run.status == 1, "\(run)")
    #expect(run.output.contains("/debug/gateway answered 403: access is denied"), "\(run)")
  }

  @Test func allIsWell() async throws {
    let server = try await Self.vtgate(
      gateway: .body(
        """
        [{"Target": {"keyspace": "commerce", "shard": "0", "tablet_type": 1}, "Up": true, \
        "Serving": true, "PrimaryTermStartTime": 1, "Stats": {}, \
        "Tablet": {"alias": {"cell": "zone1", "uid": 100}, "keyspace": "commerce", "shard": "0", \
        "type": 1, "hostname": ""}}]
        """))
    let run = try await ProgramRun.besideServers("check --vtgate 127.0.0.1:\(server.port)")
    await server.stop()
    #expect(run.status == 0, "\(run)")
    #expect(run.output.hasPrefix("healthy; shards: 1, problems: 0"), "\(run)")
  }
}
