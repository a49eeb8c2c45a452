import Buffering
import Cutover
import Terms
import Testing

/// What a proxy that runs takes over of another configuration.
@Suite struct ReloadTests {
  private static func backend(_ name: BackendName, port: Int = 3306, password: String = "")
    -> ProxyConfiguration.Backend
  {
    .init(
      name: name, engine: .mysql, address: Address(host: "127.0.0.1", port: port), user: "proxy",
      password: password)
  }

  private let route = ShardName(keyspace: "commerce", shard: "-")
  private let configuration: ProxyConfiguration

  init() {
    var configuration = ProxyConfiguration()
    configuration.listeners = [.init(engine: .mysql, address: Address(host: "127.0.0.1", port: 1))]
    configuration.backends = [Self.backend("old"), Self.backend("new")]
    configuration.routes = [
      .init(name: route, engine: .mysql, backend: "old", candidates: ["old", "new"])
    ]
    self.configuration = configuration
  }

  @Test func whatCanChangeDoes() {
    var wanted = configuration
    wanted.users = [.init(name: "shop", secret: .password("x"))]
    wanted.limits.connections = 3
    wanted.listeners[0].certificate = ("proxy.pem", "proxy.key")
    wanted.listeners[0].requiresTLS = true
    wanted.buffering.size = 5
    wanted.backends = [
      Self.backend("newer"), Self.backend("old", password: "y"), wanted.backends[1],
    ]
    wanted.routes = [
      .init(name: route, engine: .mysql, backend: "newer", candidates: ["newer", "old", "new"]),
      .init(
        name: ShardName(keyspace: "x", shard: "-"), engine: .mysql, databases: ["x"],
        backend: "newer", candidates: ["newer"]),
    ]
    let (changed, kept) = configuration.taking(over: wanted)
    #expect(kept == [])
    #expect(changed.users.map(\.name) == ["shop"])
    #expect(changed.limits.connections == 3)
    #expect(changed.listeners.map(\.requiresTLS) == [true])
    #expect(changed.listeners[0].certificate?.chain == "proxy.pem")
    #expect(changed.buffering.size == 5)
    // In an order in which nobody's alias changes.
    #expect(changed.backends.map(\.name) == ["old", "new", "newer"])
    #expect(changed.backend("old")?.password == "y")
    #expect(changed.routes.map(\.name.keyspace) == ["commerce", "x"])
    #expect(changed.route(route)?.candidates == ["old", "new", "newer"])
    #expect(changed.route(route)?.backend == "old")
    #expect(changed.objection == nil)
  }

  @Test func whatCannotIsNamedAndStays() {
    var wanted = configuration
    wanted.pages = Address(host: "127.0.0.1", port: 2)
    wanted.listeners = []
    wanted.backends = [Self.backend("old", port: 3307)]
    wanted.routes = [
      .init(
        name: route, engine: .mysql, databases: ["commerce"], backend: "old", candidates: ["old"])
    ]
    let (changed, kept) = configuration.taking(over: wanted)
    #expect(
      kept == [
        "pages, token_file and cell are read at the start only",
        "listeners are opened at the start only",
        "backend old stays at 127.0.0.1:3306: another server needs another name",
        "backend new is not given up before a restart",
        "route commerce/- keeps its databases and tables",
        "route commerce/- keeps its backend new",
      ])
    #expect(changed.backends.map(\.address.port) == [3306, 3306])
    #expect(changed.route(route)?.candidates == ["old", "new"])
    #expect(changed.listeners.count == 1)
  }

  /// What is in flight on such tables is known to the route they had, and to no other.
  @Test func routesOfTablesAreThereFromTheStartOrNotAtAll() {
    func ofTables(_ name: String, _ tables: Set<String>) -> ProxyConfiguration.Route {
      .init(
        name: ShardName(keyspace: name, shard: "-"), engine: .mysql, tables: tables, backend: "old",
        candidates: ["old", "new"])
    }
    var own = configuration
    own.routes += [ofTables("orders", ["commerce.orders"]), ofTables("lines", ["commerce.lines"])]
    var wanted = configuration
    wanted.routes += [ofTables("orders", ["commerce.items"]), ofTables("late", ["commerce.x"])]
    let (changed, kept) = own.taking(over: wanted)
    #expect(changed.routes.map(\.name) == own.routes.map(\.name))
    #expect(changed.routes.map(\.tables) == own.routes.map(\.tables))
    #expect(
      Set(kept) == [
        "route late/- is not added: routes of tables are read at the start only",
        "route orders/- keeps its databases and tables",
        "route lines/- is not given up before a restart",
      ])
    #expect(changed.objection == nil)
  }
}
