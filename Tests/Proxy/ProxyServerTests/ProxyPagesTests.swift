import Buffering
import Cutover
import FleetModel
import MySQLWire
import ProxyServer
import TestSupport
import Terms
import Testing
import VitessClient

/// The proxy's pages, read by what reads vtgates, and its commands.
@Suite(.serialized, .needs("mariadbd", "mariadb", "mariadb-install-db"))
struct ProxyPagesTests {
  private let route = ProxiedDatabase.route

  @Test func itIsReadAsAVtgate() async throws {
    let database = try await ProxiedDatabase()
    let pages = try await database.server.servePages(token: nil)
    let fetcher = HTTPFetcher()
    var vtgate = VtgateClient(pages, fetcher: fetcher)
    var reading = try await vtgate.poll()
    #expect(reading.complaint == nil)
    #expect(reading.bufferSize == 1000)
    #expect(reading.buffers[route]?.starts == 0)
    #expect(reading.primaryConnections[route] == 1)
    #expect(reading.flags?.window == .seconds(10))
    #expect(reading.tablets?.all.map(\.type) == [.replica, .primary])
    #expect(reading.tablets?.all.map { $0.database?.name } == ["new", "old"])
    #expect(reading.tablets?.all.map { $0.database?.isReadOnly } == [false, false])
    #expect(reading.proxy?.routes?[route] == ProxyRoute(server: "old"))
    #expect(reading.tablets?.all.map { $0.database?.replicates } == [false, false])
    #expect(reading.tablets?.all.first?.replicationLag == nil)

    let client = try await database.client()
    try database.gate.start(route, to: "new")
    async let held = client.query("SELECT 1")
    try await wait(for: "a statement that waits") {
      database.gate.board.buffer.waiting(for: route) == 1
    }
    reading = try await vtgate.poll()
    #expect(reading.buffers[route]?.starts == 1)
    #expect(reading.buffers[route]?.buffered == 1)
    #expect(reading.primaryConnections[route] == nil)
    #expect(reading.proxy?.routes?[route]?.cutover?.phase == .holding)
    try await database.server.switchOver(route, checks: false)
    _ = try await held
    reading = try await vtgate.poll()
    let primary = reading.tablets?.all.first { $0.type == .primary }
    #expect(primary?.alias == TabletAlias(cell: "new", uid: 2))
    #expect(primary?.isServing == true)
    let cutover = reading.proxy?.routes?[route]?.cutover
    #expect(cutover?.phase == .switched)
    #expect(cutover.map { [$0.from, $0.to] } == ["old", "new"])
    await fetcher.shutdown()
    await database.end()
  }

  @Test func commandsNeedTheToken() async throws {
    let database = try await ProxiedDatabase()
    let pages = try await database.server.servePages(token: "right")
    func send(_ path: String, token: String?) async throws -> (status: Int, text: String) {
      let fetcher = HTTPFetcher(
        HTTPAccess(
          named: [pages], credentials: token.flatMap { HTTPCredentials("Bearer \($0)") }))
      let page = try await fetcher.call(pages.url(path), to: pages, body: "", within: .seconds(10))
      await fetcher.shutdown()
      return (page.status, page.text)
    }
    for token in [nil, "wrong", "righ", "rightt"] {
      #expect(try await send("/cutover/start?to=new", token: token).status == 401)
    }
    #expect(database.gate.board.routes[route]?.isHolding == false)
    #expect(try await send("/cutover/start?to=nowhere", token: "right").status == 409)
    #expect(try await send("/cutover/start", token: "right").text == "to is missing\n")
    #expect(
      try await send("/cutover/start?to=new&route=commerce/-", token: "right").text
        == "commerce/- is held, to be switched to new\n")
    let refused = try await send("/cutover/switch", token: "right")
    #expect(refused.text.contains("new does not replicate"))
    #expect(database.gate.board.routes[route]?.isHolding == true)
    #expect(try await send("/cutover/switch?check=false", token: "right").status == 200)
    #expect(try await send("/cutover/cancel", token: "right").status == 409)
    #expect(try await send("/drain?backend=new", token: "right").status == 200)
    #expect(database.gate.board.conditions["new"]?.isDraining == true)
    await database.end()
  }

  /// The new server replicates from the old one, and is behind: the switch waits for it.
  @Test func aSwitchWaitsForReplication() async throws {
    let database = try await ProxiedDatabase()
    try database.old.run("CREATE TABLE commerce.t (n INT)")
    try database.new.replicate(from: database.old)
    try await wait(for: "replication") {
      (try? database.new.run("SELECT COUNT(*) FROM commerce.t")) == "0\n"
    }
    try await expectLag(of: 0, in: database)
    try database.new.run("STOP SLAVE SQL_THREAD")
    let client = try await database.client()
    _ = try await client.query("INSERT INTO t VALUES (1)")
    try database.gate.start(route, to: "new")
    await #expect(throws: Refusal.self) {
      try await database.server.switchOver(route, checks: true)
    }
    #expect(database.gate.board.routes[route]?.isHolding == true)
    try database.new.run("SET GLOBAL slave_parallel_threads = 0; START SLAVE SQL_THREAD")
    async let held = client.query("SELECT COUNT(*) AS n FROM t")
    try await database.server.switchOver(route, checks: true)
    #expect(try await held["n"] == "1")
    await database.end()
  }

  /// What the pages say of how far the replica is behind, once the proxy has looked.
  private func expectLag(of seconds: Int, in database: ProxiedDatabase) async throws {
    let pages = try await database.server.servePages(token: nil)
    let fetcher = HTTPFetcher()
    var vtgate = VtgateClient(pages, fetcher: fetcher)
    try await wait(for: "a look at the replica") {
      let tablets = try await vtgate.poll().tablets?.all
      let replica = tablets?.first { $0.type == .replica }
      return replica?.replicationLag == seconds && replica?.database?.replicates == true
    }
    await fetcher.shutdown()
  }
}
