import FleetModel
import Foundation
import Lines
import Terms
import TestSupport
import Testing
import Wording

@testable import VitessClient

private let commerce = ShardName(keyspace: "commerce", shard: "-80")

/// What cannot be read is said, and proves no health.
@Suite struct BlindSpotTests {
  private static let folder = "cases/debug-pages-denied"

  /// Serves a folder of a case: a file a path, `FILE.status` beside it; what is missing is elsewhere.
  private static func serve(
    _ port: Int, replacing pages: [String: StubServer.Reply] = [:]
  ) async throws -> StubServer {
    try await StubServer { path in
      let name = String(path.prefix { $0 != "?" }.dropFirst()).replacing("/", with: "_")
      if let page = pages[name] { return page }
      let file = "\(folder)/\(port)/\(name)"
      guard let data = try? Fixtures.data(file) else { return .redirect("/debug/status") }
      let status = (try? Fixtures.data("\(file).status")).flatMap {
        Int(String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
      }
      return .body(String(decoding: data, as: UTF8.self), status: status ?? 200, type: "text/plain")
    }
  }

  private static func look(
    _ target: Target, _ result: ScrapeOutcome.Result, into fleet: inout Fleet
  ) {
    let now = Instant(secondsSinceEpoch: 1_795_300_000)
    fleet.apply(ScrapeOutcome(target: target, at: now, took: .zero, result: result))
    fleet.settle(at: now)
  }

  /// One poll of the case's vtgate with some of its pages replaced.
  private static func check(
    vtgate pages: [String: StubServer.Reply] = [:], deadline: Duration = .seconds(20)
  ) async throws -> (FleetCheck, Fleet) {
    let server = try await serve(23001, replacing: pages)
    let fetcher = HTTPFetcher(deadline: deadline)
    let address = Address(host: "127.0.0.1", port: server.port)
    var client = VtgateClient(address, fetcher: fetcher)
    var fleet = Fleet()
    look(Target(.vtgate, address), .gate(try await client.poll()), into: &fleet)
    await fetcher.shutdown()
    await server.stop()
    return (FleetCheck(fleet), fleet)
  }

  private static let vars = StubServer.Reply.body(#"{"cmdline": ["vtgate", "--enable_buffer"]}"#)

  @Test func pagesThatAreDeniedAreAProblem() async throws {
    let (check, fleet) = try await Self.check(vtgate: ["debug_vars": Self.vars])
    #expect(check.health == .degraded)
    #expect(
      check.problems.map { Wording().words($0.finding) } == [
        "/debug/gateway answered 403: access is denied"
      ])
    #expect(fleet.shard(commerce).state == .serving)
    let line = JSONLine().text(check, at: Instant(secondsSinceEpoch: 0))
    #expect(line.contains("/debug/gateway answered 403"))
  }

  @Test(
    arguments: zip(
      ["500", "html", "text", "object", "cut"],
      [
        "/debug/gateway answered 500", "/debug/gateway is a web page (HTML)",
        "/debug/gateway is not understood: it is not JSON",
        "/debug/gateway is not understood: ", "/debug/gateway is not understood: it is not JSON",
      ]))
  func aListThatIsNoneIsSaid(_ kind: String, _ expected: String) async throws {
    let replies: [String: StubServer.Reply] = [
      "500": .body("oops", status: 500, type: "text/plain"),
      "html": .body("<html><body>login</body></html>", type: "text/html"),
      "text": .body("NaN, Inf", type: "text/plain"), "object": .body(#"{"a": 1}"#),
      "cut": .body(#"[{"Target": {"keyspace""#),
    ]
    let (check, _) = try await Self.check(
      vtgate: ["debug_vars": Self.vars, "debug_gateway": try #require(replies[kind])])
    #expect(check.health == .degraded)
    #expect(
      check.problems.first.map { Wording().words($0.finding).hasPrefix(expected) } == true,
      "\(check.problems)")
  }

  @Test func aListThatNeverComesIsSaidAndCountersCountAllTheSame() async throws {
    let (check, fleet) = try await Self.check(
      vtgate: ["debug_vars": Self.vars, "debug_gateway": .silence], deadline: .seconds(2))
    #expect(check.health == .degraded)
    #expect(
      check.problems.map { Wording().words($0.finding) } == [
        "/debug/gateway: no answer within 2.0 s"
      ])
    #expect(fleet.shard(commerce).hasCounters)
  }

  /// One bad field costs its own entry, or only itself.
  @Test(
    arguments: [
      (#""uid": -1"#, 1, "cannot be read"), (#""uid": 4294967296"#, 1, "cannot be read"),
      (#""uid": "101""#, 1, "alias.uid"), (#""uid": null"#, 1, "names no tablet"),
      (#""uid": 101, "x": [[{}]]"#, 2, nil),
    ] as [(String, Int, String?)])
  func aListLosesTheBadEntryOnly(_ uid: String, _ count: Int, _ reason: String?) throws {
    func entry(_ uid: String) -> String {
      """
      {"Tablet": {"alias": {"cell": "z", \(uid)}, "hostname": "h", "port_map": {"vt": 15100}},
       "Target": {"keyspace": "k", "shard": "-", "tablet_type": 1}, "Serving": true}
      """
    }
    let list = try DebugGateway.decode(
      Data(
        #"[{"Target": {"keyspace": "k", "shard": "-"}, "TabletsStats": [\#(entry(uid)), \#(entry(#""uid": 100"#))]}]"#
          .utf8))
    #expect(list.all.count == count)
    #expect(list.all.contains { $0.alias.uid == 100 })
    let words = list.complaint.map { Wording().words($0) }
    #expect(words == nil ? reason == nil : reason.map { words?.contains($0) } == true)
  }

  @Test(arguments: [(#""15100""#, 15100), ("-1", nil), (#""x""#, nil), ("1e9", nil), ("[]", nil)])
  func aBadPortCostsTheAddressOnly(_ port: String, _ expected: Int?) throws {
    let list = try DebugGateway.decode(
      Data(
        #"[{"TabletsStats": [{"Tablet": {"alias": {"cell": "z", "uid": 7}, "hostname": "h", "port_map": {"vt": \#(port)}}, "Target": {"keyspace": "k", "shard": "-"}}]}]"#
          .utf8))
    #expect(list.all.map(\.address?.port) == [expected])
  }

  /// The primary may be the entry that could not be read: connections tell then.
  @Test func aHoleInTheListIsNoMissingPrimary() async throws {
    let list =
      #"[{"TabletsStats": [{"Tablet": {"alias": {"cell": "z", "uid": -1}}}, {"Tablet": {"alias": {"cell": "z", "uid": 7}, "keyspace": "commerce", "shard": "-80"}, "Serving": true}]}]"#
    let (check, fleet) = try await Self.check(
      vtgate: ["debug_vars": Self.vars, "debug_gateway": .body(list)])
    #expect(fleet.shard(commerce).state == .serving)
    #expect(check.health == .degraded)
  }

  @Test func aTabletIsPlacedByItsMetricsWhereItsPagesAreDenied() async throws {
    let server = try await Self.serve(23010)
    let fetcher = HTTPFetcher(deadline: .seconds(20))
    let address = Address(host: "127.0.0.1", port: server.port)
    var client = TabletClient(address, fetcher: fetcher)
    let reading = try await client.poll()
    #expect(reading.shard == commerce)
    #expect(reading.type == .primary)
    #expect(reading.serverState == .serving)
    await fetcher.shutdown()
    await server.stop()
  }

  @Test func aTabletThatCannotBePlacedIsAProblem() async throws {
    let metrics = "vttablet_tablet_server_state{name=\"SERVING\"} 1\n"
    let server = try await Self.serve(
      23010, replacing: ["metrics": .body(metrics, type: "text/plain")])
    let fetcher = HTTPFetcher(deadline: .seconds(20))
    let target = Target(.vttablet, Address(host: "127.0.0.1", port: server.port))
    var client = TabletClient(target.address, fetcher: fetcher)
    var fleet = Fleet()
    Self.look(target, .member(try await client.poll()), into: &fleet)
    let check = FleetCheck(fleet)
    #expect(check.health > .healthy)
    #expect(
      check.problems.contains {
        $0.subject == .server(target)
          && Wording().words($0.finding)
            == "its shard is not known: /debug/vars answered 403: access is denied"
      }, "\(check.problems)")
    await fetcher.shutdown()
    await server.stop()
  }
}

@Suite struct NameTests {
  @Test func everyShardIsARowOfItsOwn() throws {
    let metrics = VtgateMetrics(body: try Fixtures.data("cases/names/23301/metrics"))
    var reading = metrics.reading
    reading.tablets = try DebugGateway.decode(try Fixtures.data("cases/names/23301/debug_gateway"))
    let list = try #require(reading.tablets)
    reading.respell(list.dotted)
    var fleet = Fleet()
    let now = Instant(secondsSinceEpoch: 1_795_300_000)
    fleet.apply(
      ScrapeOutcome(
        target: Target(.vtgate, Address(host: "h", port: 1)), at: now, took: .zero,
        result: .gate(reading)))
    fleet.settle(at: now)
    #expect(Set(fleet.summaries.map(\.name)) == Set(list.shards))
    #expect(fleet.summaries.allSatisfy { $0.primaryIsServing })
    #expect(fleet.summaries.allSatisfy { $0.hasCounters })
  }
}
