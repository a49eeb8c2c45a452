import Buffering
import Cutover
import Foundation
import ProxyServer
import TestSupport
import Terms
import Testing

/// The proxy's file.
@Suite struct ProxyFileTests {
  private func read(_ text: String) throws -> ProxyConfiguration {
    try ProxyFile.read(text, name: "proxy.toml") { $0.hasSuffix(".password") ? "secret\n" : nil }
  }

  /// What the documentation shows is a file that works, and its limits are those that count.
  @Test func theDocumentedFileIsOne() throws {
    let text = try String(
      contentsOf: Fixtures.checkout.appending(path: "docs/proxy.md"), encoding: .utf8)
    let blocks = text.split(separator: "```")
    let example = try #require(blocks.first { $0.hasPrefix("toml\n") }).dropFirst(5)
    let configuration = try read(String(example))
    #expect(configuration.listeners.count == 1)
    #expect(configuration.listeners[0].certificate?.chain == "proxy.pem")
    #expect(configuration.backends.map(\.password) == ["secret", "secret"])
    #expect(configuration.backends[0].transport == .verified(authority: "ca.pem"))
    #expect(configuration.routes.map(\.name.description) == ["commerce/-", "orders/-"])
    #expect(configuration.routes[1].tables == ["commerce.orders", "commerce.lines"])
    #expect(configuration.route(ofDatabase: "commerce", .mysql)?.backend == "old")
    #expect(configuration.route(ofDatabase: "other", .mysql) == nil)
    let standard = ProxyConfiguration()
    #expect(configuration.limits.statementSize == standard.limits.statementSize)
    #expect(configuration.limits.heldBytes == standard.limits.heldBytes)
    #expect(configuration.limits.inFlight == standard.limits.inFlight)
    #expect(configuration.limits.backendIdle == standard.limits.backendIdle)
    #expect(configuration.limits.clientIdle == standard.limits.clientIdle)
    #expect(configuration.limits.clientWrite == standard.limits.clientWrite)
    #expect(configuration.limits.connections == standard.limits.connections)
    #expect(configuration.buffering == standard.buffering)
    #expect(configuration.pages == standard.pages)
  }

  @Test func theDocumentedPartForPostgresIsOne() throws {
    let text = try String(
      contentsOf: Fixtures.checkout.appending(path: "docs/proxy.md"), encoding: .utf8)
    let blocks = text.split(separator: "```").filter { $0.hasPrefix("toml\n") }
    let configuration = try read(String(try #require(blocks.last).dropFirst(5)))
    #expect(configuration.listeners.map(\.engine) == [.postgres])
    #expect(configuration.backends.map(\.engine) == [.postgres])
    #expect(configuration.backends[0].passwordMethods == [.scram])
    let weaker = try read(
      Self.start + "password_methods = [\"md5\", \"password\"]\nprotocol = \"postgres\"")
    #expect(weaker.backends[0].passwordMethods == [.md5, .cleartext])
  }

  private static let start = """
    [[listener]]
    address = "127.0.0.1:3307"
    [[backend]]
    name = "a"
    address = "127.0.0.1:3306"
    user = "u"

    """

  /// Servers that do not tell capitals apart have one database of these.
  @Test func databasesAreComparedWithoutRegardToCapitals() throws {
    let configuration = try read(
      Self.start + """
        [[route]]
        name = "shop"
        databases = ["Shop"]
        backends = ["a"]
        [[route]]
        name = "orders"
        tables = ["Shop.orders"]
        backends = ["a"]
        """)
    #expect(configuration.route(ofDatabase: "SHOP", .mysql)?.name.keyspace == "shop")
    #expect(configuration.route(ofDatabase: "other", .mysql) == nil)
  }

  @Test(arguments: [
    ("colour = 1", "line 1: unknown key colour"),
    ("[[route]]", "line 7: route 1: backends is missing"),
    ("[[route]]\nbackends = []", "line 8: route 1: backends is empty"),
    ("[[route]]\nbackends = [\"b\"]", "line 8: route 1: no backend is called b"),
    ("[[route]]\nbackends = [\"a\", \"a\"]", "line 7: route 1: backends has a twice"),
    (
      "[[route]]\nname = \"x\"\nbackends = [\"a\"]\n[[route]]\nname = \"y\"\nbackends = [\"a\"]",
      "line 10: route 2: x/- and y/- both take any database of mysql"
    ),
    (
      """
      [[route]]
      databases = ["x", "y"]
      backends = ["a"]
      [[route]]
      databases = ["z", "y"]
      backends = ["a"]
      """, "line 10: route 2: x/- and z/- both have the database y"
    ),
    (
      "[[listener]]\naddress = \"127.0.0.1:3307\"",
      "line 7: listener 2: two listeners are at 127.0.0.1:3307"
    ),
    (
      "[[listener]]\naddress = \"127.0.0.1:15999\"",
      "line 7: listener 2: the pages are at 127.0.0.1:15999 too"
    ),
    ("[[user]]\nname = \"\"\npassword = \"x\"", "line 7: user 1: its name is empty"),
    ("[[user]]\nname = \"a\\u001b\"\npassword = \"x\"", "line 7: user 1: its name"),
    ("# \u{0}", "line 7: a zero byte"),
    ("route = [{ backends = [\"b\"] }]", "line 1: route 1: no backend is called b"),
    (
      "[[route]]\ntables = [\"s.t\"]\nbackends = [\"a\"]",
      "line 8: route 1: a route of tables needs"
    ),
    (
      "[[route]]\nname = \"x\"\ntables = [\"t\"]\nbackends = [\"a\"]",
      "line 7: route 1: tables has t: write database.table"
    ),
    (
      "[[route]]\nname = \"x\"\ntables = [\"s.t\"]\nbackends = [\"a\"]",
      "line 7: route 1: the database of s.t has no route for its other tables"
    ),
    (
      """
      [[route]]
      databases = ["s"]
      tables = ["s.t"]
      name = "x"
      backends = ["a"]
      """, "line 7: route 1: databases and tables are two routes"
    ),
    (
      """
      [[route]]
      backends = ["a"]
      [[route]]
      name = "x"
      tables = ["s.t", "s.u"]
      backends = ["a"]
      [[route]]
      name = "y"
      tables = ["s.U"]
      backends = ["a"]
      """, "line 13: route 3: x/- and y/- both have the table s.u"
    ),
    (
      """
      [[route]]
      name = "x"
      databases = ["Shop"]
      backends = ["a"]
      [[route]]
      name = "y"
      databases = ["shop"]
      backends = ["a"]
      """, "line 11: route 2: x/- and y/- both have the database shop"
    ),
    ("[limits]\nbackend_idle = \"0s\"", "line 8: limits: backend_idle is too short"),
    ("[limits]\n\nhealth_interval = \"1ns\"", "line 9: limits: health_interval is too short"),
    ("[limits]\nclient_write = \"0\"", "client_write is too short"),
    ("[[user]]\nname = \"x\"", "user x needs a password or a verifier"),
    ("[[user]]\nname = \"x\"\nverifier = \"secret\"", "the verifier of user x is none"),
    (
      "[[user]]\nname = \"x\"\npassword_file = \"none\"",
      "line 9: user 1: password_file cannot be read: none"
    ),
    (
      "[[user]]\nname = \"x\"\npassword = \"\"",
      "line 9: user 1: password is empty: everybody would be let in"
    ),
    ("[limits]\nconnections = 0", "line 8: limits: connections must be a whole number above 0"),
    ("[buffering]\nwindow = \"30s\"", "the window must be"), ("[", "line 7"),
    ("pages = 5", "pages must be HOST:PORT"),
    ("[[backend]]\nname = \"a\"\naddress = \"h:1\"\nuser = \"u\"", "two backends are called a"),
    ("[[backend]]\nname = \"b\"\naddress = \"h:1\"\nuser = \"u\"\ntls = \"on\"", "tls is \"on\""),
    (
      "[[backend]]\nname = \"b\"\naddress = \"h:1\"\nuser = \"u\"\npassword_methods = [\"ldap\"]",
      "password_methods has \"ldap\""
    ),
  ]) func whatIsWrongIsSaid(_ text: String, _ words: String) {
    let isAtTop = !text.hasPrefix("[") && text.contains("=")
    let error = #expect(throws: ProxyFileError.self) {
      try read(isAtTop ? text + "\n" + Self.start : Self.start + text)
    }
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
  }

  @Test(arguments: [Engine.mysql, .postgres])
  func aCertificateThatCannotBeUsedIsNamed(_ engine: Engine) throws {
    let files = Fixtures.root.appending(path: "tls").path
    func problem(_ chain: String, _ key: String) -> String? {
      var configuration = ProxyConfiguration()
      configuration.listeners = [
        .init(engine: engine, address: Address(host: "127.0.0.1", port: 3307))
      ]
      configuration.listeners[0].certificate = (chain, key)
      let error = #expect(throws: CertificateProblem.self) {
        try ProxyServer(forTestsOf: configuration)
      }
      return error?.description
    }
    let (chain, key) = ("\(files)/server.pem", "\(files)/server.key")
    #expect(problem("/no", key)?.hasPrefix("listener 127.0.0.1:3307: certificate /no ") == true)
    #expect(problem(chain, "/no")?.hasPrefix("listener 127.0.0.1:3307: key /no ") == true)
    #expect(
      problem("\(files)/ca.pem", key)?.hasPrefix(
        "listener 127.0.0.1:3307: certificate \(files)/ca.pem with key \(key) ") == true)
  }
}
