import FleetModel
import Foundation
import Terms
import TestSupport
import Testing
import VitessClient

/// What a proxy tells beside a vtgate's pages, as a real one told it.
@Suite struct ProxyStatusTests {
  private static let route = ShardName(keyspace: "commerce", shard: "-")

  private func readings() throws -> [VtgateReading] {
    var server = SavedServer(Target(.vtgate, Address(host: "127.0.0.1", port: 15999)))
    return try Fixtures.objects("proxy/mariadb.cutover.ndjson.gz").compactMap { line in
      func page(_ name: String) -> Data { Data((line[name] as? String ?? "").utf8) }
      var pages = SavedPages(metrics: page("metrics"))
      (pages.gateway, pages.cutover) = (page("gateway"), page("cutover"))
      guard case .gate(let reading) = try server.read(pages) else { return nil }
      return reading
    }
  }

  @Test func itsRoutesAndCutoversAreRead() throws {
    let routes = try readings().compactMap { $0.proxy?.routes?[Self.route] }
    #expect(routes.first?.server == "old")
    #expect(routes.first?.cutover == nil)
    let phases = routes.compactMap { $0.cutover?.phase }
    #expect(Set(phases) == [.holding, .switched])
    #expect(phases.first == .holding && phases.last == .switched)
    let switched = try #require(routes.last?.cutover)
    #expect((switched.from, switched.to) == ("old", "new"))
    let lasted = try #require(switched.endedAt) - switched.startedAt
    #expect(lasted > .seconds(2) && lasted < .seconds(10))
    let faults = routes.compactMap(\.fault)
    #expect(!faults.isEmpty)
    #expect(routes.last?.server == "new")
  }

  /// A letter may have any number of marks.
  @Test func aNameIsBoundedInBytes() throws {
    let name = "a" + String(repeating: "\u{301}", count: 100_000)
    let body = #"[{"route":"commerce/-","backend":"\#(name)"}]"#
    let routes = try ProxyStatus.decode(Data(body.utf8))
    #expect(routes[Self.route].map { $0.server.utf8.count <= 514 } == true)
  }

  @Test func itsServersAreToldWithTheirWord() throws {
    let first = try #require(try readings().first?.tablets?.all)
    #expect(first.map(\.type) == [.replica, .primary])
    #expect(first.map { $0.database?.name } == ["new", "old"])
    #expect(first.map { $0.database?.isReadOnly } == [true, false])
    #expect(first.map { $0.database?.engine } == ["mysql", "mysql"])
    #expect(first.allSatisfy { $0.database?.address != nil && $0.address == nil })
    #expect(first[0].replicationLag == 0)
    // The scanner and the decoder read the same.
    for line in try Fixtures.objects("proxy/mariadb.cutover.ndjson.gz") {
      let text = line["gateway"] as? String ?? ""
      // An escape that the scanner leaves to the decoder.
      let decoded = text.replacing("\"hostname\"", with: "\"\\u0068ostname\"")
      #expect(
        try DebugGateway.decode(Data(text.utf8)) == DebugGateway.decode(Data(decoded.utf8)))
    }
  }

  @Test func aVtgateHasNothingOfTheKind() throws {
    let body = try Fixtures.data("vitess-22/http/healthy-idle-after-failover/vtgate.metrics.txt.gz")
    #expect(VtgateMetrics(body: body).reading.proxy == nil)
  }

  @Test(arguments: [
    "", "{}", "[1]", #"[{"route": 3}]"#, #"[{"route": "a/b"}]"#, "[{]",
  ]) func nonsenseIsRefused(_ text: String) {
    #expect(throws: ScrapeFailure.self) { try ProxyStatus.decode(Data(text.utf8)) }
  }

  @Test func whatIsNotKnownIsNotMadeUp() throws {
    let text = #"""
      [{"route": "commerce/-", "backend": "old", "inFlight": -3,
        "cutover": {"phase": "pondering", "from": "old", "to": "new", "started": 1795000000.5},
        "backends": [{"name": "old", "up": null}]},
       {"route": "customer/-", "backend": "old", "cutover": {"phase": "holding", "from": "a", "to": "b"}},
       {"route": "no route", "backend": "old"}]
      """#
    let routes = try ProxyStatus.decode(Data(text.utf8))
    #expect(routes.count == 2)
    let route = try #require(routes[Self.route])
    #expect(route.inFlight == nil)
    #expect(route.fault == nil)
    #expect(route.cutover?.phase == .other)
    let other = routes[ShardName(keyspace: "customer", shard: "-")]
    #expect(other?.cutover == nil)
    #expect(other?.inFlight == .some(nil))
  }
}
