import FleetModel
import Foundation
import Scrape
import Session
import Synchronization
import Terms
import TestSupport
import Testing
import Timing
import Watching

/// How often events run a hook, whatever the servers do.
@Suite(.timeLimit(.minutes(1)), .serialized) struct AttentionTests {
  /// A vtgate that lists tablets at addresses where nobody answers.
  ///
  /// `areHeard`: the vtgate has had word of them; without any they are backups long gone from topo.
  private static func gateway(_ count: Int, areHeard: Bool) -> String {
    let tablets = (0..<count).map { index in
      """
      {"Cell":"zone1","Target":{"keyspace":"commerce","shard":"0","tablet_type":2},
      "TabletsStats":[{"Tablet":{"alias":{"cell":"zone1","uid":\(1000 + index)},
      "hostname":"127.9.\(index / 250).\(1 + index % 250)","port_map":{"vt":1}},
      "Target":{"keyspace":"commerce","shard":"0","tablet_type":2},
      "Serving":\(areHeard),"PrimaryTermStartTime":0,"Stats":\(areHeard ? "{}" : "null"),
      "LastError":null}]}
      """
    }
    return "[\(tablets.joined(separator: ","))]"
  }

  @MainActor
  @Test(arguments: [true, false])
  func fourHundredTabletsThatDoNotAnswerRunItAFewTimes(_ areHeard: Bool) async throws {
    let count = 400
    let gateway = Self.gateway(count, areHeard: areHeard)
    let server = try await StubServer { path in
      switch path {
      case "/metrics": .body("vtgate_buffer_size 10\n", type: "text/plain")
      case "/debug/gateway": .body(gateway)
      default: .body("{\"cmdline\":[\"vtgate\"]}")
      }
    }
    let clock = RunClock()
    let runs = Mutex<[String]>([])
    let silent = Mutex<Set<String>>([])
    let records = Mutex(0)
    var attention = Attention()
    attention.least = .warning
    attention.hook = { event in
      runs.withLock { $0.append(event) }
      return nil
    }
    let scraper = Scraper(of: "test", Cadence(interval: .milliseconds(100))) { clock.now }
    let session = LineSession(
      settings: .init(cluster: "test", interval: .milliseconds(100)), feed: scraper,
      format: .json, utcOffset: 0, now: { clock.now }, attention: attention
    ) { line in
      let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      if (object?["text"] as? String)?.contains("nobody has heard of") == true {
        records.withLock { $0 += 1 }
      }
      for source in object?["sources"] as? [[String: Any]] ?? [] {
        if let name = source["server"] as? String, name.hasPrefix("127.9.") {
          _ = silent.withLock { $0.insert(name) }
        }
      }
    }
    let running = Task {
      await session.run([Target(.vtgate, Address(host: "127.0.0.1", port: server.port))])
    }
    try await wait(for: "all to be told as silent", upTo: .seconds(30)) {
      areHeard ? silent.withLock { $0.count } == count : records.withLock { $0 } == 1
    }
    // As many polls again bring no news.
    let before = runs.withLock { $0.count }
    let polls = server.requests.count { $0 == "/metrics" }
    try await wait(for: "more polls") {
      server.requests.count { $0 == "/metrics" } >= polls + 20
    }
    // Records of nobody are a notice, said once.
    #expect((areHeard ? 1...5 : 0...0).contains(before), "\(runs.withLock { $0 })")
    #expect(runs.withLock { $0.count } == before)
    #expect(records.withLock { $0 } == (areHeard ? 0 : 1))
    await scraper.stop()
    await running.value
    await server.stop()
  }
}
