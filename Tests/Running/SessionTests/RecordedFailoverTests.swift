import Dashboard
import FleetModel
import Foundation
import Scrape
import Session
import TerminalKit
import Terms
import TestSupport
import Testing
import Timing

private let commerce = ShardName(keyspace: "commerce", shard: "0")

/// A gateway whose primary is whichever tablet the recording says; ports are the test's.
private func gateway(primary: Int?, _ ports: [Int: Int]) -> String {
  let tablets = ports.sorted { $0.key < $1.key }.map { uid, port in
    let type = uid == primary ? 1 : 2
    return """
      {"Cell":"zone1","Target":{"keyspace":"commerce","shard":"0","tablet_type":\(type)},
      "TabletsStats":[{"Tablet":{"alias":{"cell":"zone1","uid":\(uid)},"hostname":"127.0.0.1",
      "port_map":{"vt":\(port)}},"Target":{"keyspace":"commerce","shard":"0","tablet_type":\(type)},
      "Serving":true,"PrimaryTermStartTime":\(type == 1 ? uid : 0),"Stats":{},"LastError":null}]}
      """
  }
  return "[\(tablets.joined(separator: ","))]"
}

@Suite(.timeLimit(.minutes(2)), .serialized) struct RecordedFailoverTests {
  /// Events stand below each other in full width.
  private static let size = Size(columns: 128, rows: 60)

  /// Vitess 16.0.7, a planned reparent that hit a buffer of four slots: what curl showed at each
  /// moment stands in the recording's own counters.
  @Test func aBufferThatWasTooSmall() async throws {
    let cluster = try await RecordedCluster("vitess-16/failovers/prs-buffer-size-4") { rel, ports in
      gateway(primary: rel < 6.05 ? 100 : rel < 6.25 ? nil : 101, ports)
    }
    try await withSession([Target(.vtgate, cluster.vtgate)], size: Self.size) { screen, _ in
      try await wait(for: "the quiet fleet") {
        screen.shows("commerce/0", "● serving", "zone1-100", "3 tablets")
          && !screen.shows("no data")
      }
      #expect(screen.row("commerce/0").contains("/1s") || screen.shows("/1s"))
      cluster.move(to: 6.15)
      try await wait(for: "buffering") { screen.shows("◐ BUFFERING", "zone1-100?") }
      cluster.move(to: 6.2)
      try await wait(for: "eight buffered and four evicted") {
        screen.row("commerce/0").joined(separator: " ").contains("4 8 0 4 0 \u{2265}4")
      }
      cluster.move(to: 6.4)
      try await wait(for: "the end") {
        screen.row("commerce/0").joined(separator: " ").contains("0 8 4 4 0 \u{2265}4")
          && screen.shows("● serving", "zone1-101")
      }
      #expect(
        screen.shows(
          "buffering started on", "requests evicted (BufferFull) by",
          "buffering ended (NewPrimarySeen) on 127.0.0.1:\(cluster.vtgate.port) (after 0.1 s)",
          "primary is now zone1-101, was zone1-100", "requests drained by"))
      screen.press(.enter)
      try await wait(for: "the advice") {
        screen.shows("4 requests failed because a buffer was full (peak 4, size 4)", "BufferFull 4")
      }
    }
    await cluster.stop()
  }

  /// Vitess 16.0.7: the second of two reparents came too soon to be buffered.
  @Test func twoFailoversTooClose() async throws {
    let cluster = try await RecordedCluster("vitess-16/failovers/prs-twice-5s-apart") {
      rel, ports in
      gateway(primary: rel < 6.4 ? 102 : rel < 11.4 ? 100 : 101, ports)
    }
    try await withSession([Target(.vtgate, cluster.vtgate)], size: Self.size) { screen, session in
      try await wait(for: "the quiet fleet") { screen.shows("● serving", "zone1-102") }
      for rel in [6.1, 6.2] {
        cluster.move(to: rel)
        try await wait(for: "buffering") { screen.shows("BUFFERING") }
      }
      cluster.move(to: 7)
      try await wait(for: "six drained") {
        screen.row("commerce/0").joined(separator: " ").contains("0 6 6 0 0 0")
      }
      for rel in [11.1, 11.2, 11.3, 11.5] {
        cluster.move(to: rel)
        try await wait(for: "more skipped") {
          session.model.fleet.shard(commerce).counters
            .skipped[.lastFailoverTooRecent, default: 0] > 0
        }
      }
      try await wait(for: "48 skipped") {
        screen.row("commerce/0").joined(separator: " ").contains("0 6 6 0 48 \u{2265}16")
      }
      #expect(screen.shows("requests not buffered (LastFailoverTooRecent) by"))
      let counters = session.model.fleet.shard(commerce).counters
      #expect(counters.lastFailoverDuration == .milliseconds(343))
      #expect(counters.starts == 1)
    }
    await cluster.stop()
  }

  /// Vitess 16.0.7: a failover that outlasted the window of one second.
  @Test func aWindowThatWasTooShort() async throws {
    let cluster = try await RecordedCluster(
      "vitess-16/failovers/prs-window-1s-open-transaction"
    ) { rel, ports in gateway(primary: rel < 6.1 ? 100 : rel < 10.6 ? nil : 101, ports) }
    try await withSession([Target(.vtgate, cluster.vtgate)], size: Self.size) { screen, session in
      try await wait(for: "the quiet fleet") { screen.shows("● serving") }
      for tick in cluster.ticks where tick.rel > 6 && tick.rel < 11.5 {
        cluster.move(to: tick.rel)
        let before = session.model.fleet.vtgates[cluster.vtgate]?.watched.readAt
        try await wait(for: "the next poll") {
          session.model.fleet.vtgates[cluster.vtgate]?.watched.readAt != before
        }
        let shard = session.model.fleet.shard(commerce)
        #expect(shard.held ?? 0 <= 6)
      }
      try await wait(for: "the end") {
        screen.row("commerce/0").joined(separator: " ").contains("0 30 6 24 0 ?")
      }
      #expect(screen.shows("requests evicted (WindowExceeded) by"))
    }
    await cluster.stop()
  }

  /// Vitess 22.0.3, tablets without `/throttler/status`: lag comes from their metrics.
  @Test func aSlowCatchUpOnTheNewRelease() async throws {
    let slow = try Fixtures.objects("vitess-22/failovers/prs-slow-catch-up.slow.ndjson.gz")
    let gateways: [(rel: Double, body: String)] = slow.compactMap { object in
      guard let rel = object["rel"] as? Double, let gateway = object["gateway"] as? [String: Any],
        let body = gateway["body"] as? String
      else { return nil }
      return (rel, body)
    }
    let cluster = try await RecordedCluster("vitess-22/failovers/prs-slow-catch-up") { rel, ports in
      var body = gateways.last { $0.rel <= rel }?.body ?? gateways.first?.body ?? "[]"
      for (uid, port) in ports {
        body = body.replacingOccurrences(of: "\"vt\": \(15000 + uid)", with: "\"vt\": \(port)")
      }
      return body
    }
    try await withSession([Target(.vtgate, cluster.vtgate)], size: Self.size) { screen, session in
      try await wait(for: "the quiet fleet") {
        screen.shows("● serving", "zone1-100", "3 tablets") && !screen.shows("no data")
      }
      cluster.move(to: 8.5)
      try await wait(for: "six held") {
        screen.shows("◐ BUFFERING")
          && session.model.fleet.shard(commerce).held == 6
      }
      cluster.move(to: 14)
      try await wait(for: "all drained") {
        screen.row("commerce/0").joined(separator: " ").contains("0 6 6 0 0 0")
      }
      let shard = session.model.fleet.shard(commerce)
      #expect(shard.counters.lastFailoverDuration == .milliseconds(5475))
      #expect(shard.tablets.count == 3)
      #expect(shard.tablets.allSatisfy { $0.throttler?.source == .metrics })
    }
    await cluster.stop()
  }

  @Test func aVtgateRestartIsAnEventAndNoNegativeNumber() async throws {
    let cluster = try await RecordedCluster("vitess-16/failovers/vtgate-restart") { _, ports in
      gateway(primary: 100, ports)
    }
    try await withSession([Target(.vtgate, cluster.vtgate)], size: Self.size) { screen, session in
      try await wait(for: "the quiet fleet") { screen.shows("● serving") }
      screen.press(.character("b"))
      let silent = cluster.ticks.first { $0.vtgateMetrics == nil }
      if let silent {
        cluster.move(to: silent.rel)
        try await wait(for: "the dead vtgate") { screen.shows("0 of 1 vtgate") }
        #expect(screen.shows("✖ BLIND", "BLIND for"))
      }
      cluster.move(to: 14)
      try await wait(for: "the vtgate again", upTo: .seconds(20)) {
        screen.shows("vtgate restarted, its counters began again at 0", "● serving")
      }
      let counters = session.model.fleet.shard(commerce).counters
      #expect(counters.buffered >= 0 && counters.drained >= 0)
    }
    await cluster.stop()
  }
}
