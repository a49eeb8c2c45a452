internal import Cutover
internal import Terms

/// A page as it is sent.
struct ProxyPage: Sendable {
  var status = 200
  var type = "text/plain; charset=utf-8"
  var body: [UInt8]

  init(_ text: String, status: Int = 200, type: String = "text/plain; charset=utf-8") {
    self.status = status
    self.type = type
    body = Array(text.utf8)
  }

  init(metrics body: [UInt8]) {
    type = "text/plain; version=0.0.4; charset=utf-8"
    self.body = body
  }
}

/// What was asked of the pages' port.
struct ProxyRequest: Sendable {
  let method: String
  let path: String
  let query: [String: String]
  /// Under which name the client has found the port.
  let host: String?
  let origin: String?
  let authorization: String?
}

/// Answers the pages, and carries out commands that bring the token.
struct ProxyControl: Sendable {
  let server: ProxyServer
  /// Nil refuses all commands.
  let token: String?

  func answer(_ request: ProxyRequest) async -> ProxyPage {
    guard isFoundRightly(request.host) else {
      return ProxyPage("the proxy's pages are not found under that name\n", status: 403)
    }
    switch (request.method == "HEAD" ? "GET" : request.method, request.path) {
    case ("GET", "/metrics"): return ProxyPage(metrics: server.pages.metrics)
    case ("GET", "/debug/gateway"):
      return ProxyPage(server.pages.gateway, type: "application/json; charset=utf-8")
    case ("GET", "/debug/vars"):
      return ProxyPage(server.pages.vars, type: "application/json; charset=utf-8")
    case ("GET", "/healthz"):
      return server.pages.fault.map { ProxyPage("\($0)\n", status: 503) } ?? ProxyPage("ok\n")
    case ("GET", "/cutover"):
      return ProxyPage(server.pages.status, type: "application/json; charset=utf-8")
    case ("POST", _):
      if let refusal = refusal(of: request) { return refusal }
      return await carryOut(request)
    default: return ProxyPage("there is no such page\n", status: 404)
    }
  }

  /// Whether a client has meant this port.
  ///
  /// A web page may have a name of its own lead to loopback, to read what is served there; it does
  /// that by a name, and not by a number. Elsewhere than on loopback a proxy cannot know its names.
  private func isFoundRightly(_ host: String?) -> Bool {
    let own = server.configuration.pages.host
    guard let host, Self.isLoopback(own) else { return true }
    let name =
      host.hasPrefix("[") ? host.dropFirst().prefix { $0 != "]" } : host.prefix { $0 != ":" }
    return [own.lowercased(), "localhost"].contains(name.lowercased())
      || Address(host: String(name), port: 1).isNumeric
  }

  private static func isLoopback(_ host: String) -> Bool {
    host.lowercased() == "localhost" || host == "::1" || host.hasPrefix("127.")
  }

  /// A web page can send a POST here, also through a name of its own that leads to this machine, but
  /// it knows no token; what says that it comes from a page is refused all the same.
  private func refusal(of request: ProxyRequest) -> ProxyPage? {
    guard request.origin == nil else {
      return ProxyPage("commands are not taken from web pages\n", status: 403)
    }
    guard let token else {
      return ProxyPage(
        "the proxy was started without token_file, and takes no commands\n", status: 403)
    }
    let given = Array((request.authorization ?? "").utf8)
    let wanted = Array("Bearer \(token)".utf8)
    let isEqual =
      given.count == wanted.count && zip(given, wanted).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    return isEqual ? nil : ProxyPage("the token is missing or wrong\n", status: 401)
  }

  private func carryOut(_ request: ProxyRequest) async -> ProxyPage {
    do {
      return ProxyPage(try await perform(request) + "\n")
    } catch let refusal as Refusal {
      return ProxyPage("\(refusal)\n", status: 409)
    } catch {
      return ProxyPage("\(error)\n", status: 400)
    }
  }

  private struct Misused: Error, CustomStringConvertible { let description: String }

  private func perform(_ request: ProxyRequest) async throws -> String {
    switch request.path {
    case "/cutover/start":
      let (route, target) = (try route(request), BackendName(try value("to", request)))
      let unbuffered = request.query["unbuffered"] == "true"
      try server.gate.start(route, to: target, unbuffered: unbuffered)
      return "\(route) is held, to be switched to \(target)"
    case "/cutover/switch":
      let route = try route(request)
      let checks = request.query["check"] != "false"
      let most = try number("force", request)
      let ended = try await server.switchOver(route, checks: checks, ending: most)
      return most == nil
        ? "\(route) is switched"
        : "\(route) is switched; \(ended) statements or transactions were ended"
    case "/cutover/cancel":
      let route = try route(request)
      try server.gate.cancel(route, because: "an operator cancelled it")
      return "the cutover of \(route) is cancelled"
    case "/drain":
      let backend = BackendName(try value("backend", request))
      guard server.configuration.backend(backend) != nil else {
        throw Misused(description: "there is no backend \(backend)")
      }
      let isDraining = request.query["on"] != "false"
      server.gate.drain(backend, isDraining)
      return "\(backend) \(isDraining ? "gets no new work" : "gets work again")"
    default: throw Misused(description: "there is no such command")
    }
  }

  private func value(_ name: String, _ request: ProxyRequest) throws -> String {
    guard let value = request.query[name] else {
      throw Misused(description: "\(name) is missing")
    }
    // It stands in the answer, perhaps on somebody's terminal.
    guard ProxyConfiguration.isName(value) else {
      throw Misused(description: "\(name) has characters that no name has")
    }
    return value
  }

  /// Nil where it is not given.
  private func number(_ name: String, _ request: ProxyRequest) throws -> Int? {
    guard request.query[name] != nil else { return nil }
    guard let number = Int(try value(name, request)), number >= 0 else {
      throw Misused(description: "\(name) must be a number, of what may be ended at most")
    }
    return number
  }

  /// The route that is named; where there is one only, it need not be.
  private func route(_ request: ProxyRequest) throws -> ShardName {
    let routes = server.configuration.routes
    if request.query["route"] == nil, routes.count == 1 { return routes[0].name }
    let name = try value("route", request)
    guard let route = ShardName(name) else {
      throw Misused(description: "a route is written keyspace/shard")
    }
    return route
  }
}
