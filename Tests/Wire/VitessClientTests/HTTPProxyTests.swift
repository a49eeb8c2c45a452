import FleetModel
import Foundation
import Terms
import TestSupport
import Testing
import Wording

@testable import VitessClient

/// Servers behind proxies, and redirects, over real sockets.
@Suite(.timeLimit(.minutes(1))) struct HTTPProxyTests {
  private static let page = StubServer.Reply.body(
    "process_start_time_seconds 1", type: "text/plain; version=0.0.4")

  private static func ask(_ address: String, _ access: HTTPAccess) async throws -> String {
    let target = Target(.vtgate, try address.asAddress)
    let fetcher = HTTPFetcher(deadline: .seconds(20), access)
    defer { Task { await fetcher.shutdown() } }
    do throws(ScrapeFailure) {
      let page = try await fetcher.page("/metrics", of: target)
      return page.refusal(of: "/metrics").map { Wording().words($0) } ?? "\(page.status)"
    } catch {
      return Wording().words(error)
    }
  }

  private static func access(
    _ proxy: String, except: String = "", authority: String? = nil
  ) throws -> HTTPAccess {
    let proxy = try HTTPProxy(proxy)
    var security = HTTPSecurity()
    security.authority = authority
    return HTTPAccess(
      security: security, proxies: HTTPProxies(plaintext: proxy, tls: proxy, except: except))
  }

  @Test func aPlaintextServerIsAskedByItsWholeURL() async throws {
    let proxy = try await StubServer { _ in Self.page }
    let access = try Self.access("http://ada:p%40ss@127.0.0.1:\(proxy.port)")
    #expect(try await Self.ask("gate.example:15001/vtgate-1", access) == "200")
    let head = try #require(proxy.heads.first)
    #expect(
      head.hasPrefix("GET http://gate.example:15001/vtgate-1/metrics HTTP/1.1\r\n"), "\(head)")
    #expect(head.lowercased().contains("host: gate.example:15001\r\n"), "\(head)")
    let secret = Data("ada:p@ss".utf8).base64EncodedString()
    #expect(head.contains("\r\nProxy-Authorization: Basic \(secret)"), "\(head)")
    await proxy.stop()
  }

  /// The certificate is the server's, whoever carries it there.
  @Test func aServerOverTLSIsReachedThroughATunnel() async throws {
    let files = Fixtures.root.appending(path: "tls").path
    let server = try await StubServer(
      over: .init(chain: "\(files)/server.pem", key: "\(files)/server.key")
    ) { _ in Self.page }
    let proxy = try await ConnectProxy(to: server.port)
    let named = try Self.access("127.0.0.1:\(proxy.port)", authority: "\(files)/ca.pem")
    #expect(try await Self.ask("https://gate.example:443", named).contains("--http-server-name"))
    var security = HTTPSecurity()
    security.authority = "\(files)/ca.pem"
    security.serverName = "localhost"
    let way = try HTTPProxy("127.0.0.1:\(proxy.port)")
    let access = HTTPAccess(
      security: security, proxies: HTTPProxies(plaintext: nil, tls: way, except: ""))
    #expect(try await Self.ask("https://gate.example:8443/a", access) == "200")
    #expect(proxy.heads.last?.hasPrefix("CONNECT gate.example:8443 HTTP/1.1\r\n") == true)
    #expect(server.requests == ["/a/metrics"])
    await proxy.stop()
    await server.stop()
  }

  @Test func aProxyThatRefusesIsNamed() async throws {
    let proxy = try await ConnectProxy(to: 1, answering: "407 Proxy Authentication Required")
    let wants = try await Self.ask(
      "https://gate.example:443", try Self.access("127.0.0.1:\(proxy.port)"))
    #expect(wants.contains("proxy 127.0.0.1:\(proxy.port): it wants credentials"), "\(wants)")
    await proxy.stop()
    for scheme in ["http", "https"] {
      let gone = try await Self.ask(
        "\(scheme)://gate.example:80", try Self.access("127.0.0.1:\(proxy.port)"))
      #expect(gone == "proxy 127.0.0.1:\(proxy.port): connection refused", "\(gone)")
    }
    let busy = try await ConnectProxy(to: 1, answering: "502 Bad Gateway")
    let failed = try await Self.ask(
      "https://gate.example:443", try Self.access("127.0.0.1:\(busy.port)"))
    #expect(failed.hasSuffix("it answered 502 instead of connecting"), "\(failed)")
    await busy.stop()
  }

  @Test(arguments: [
    ("a.example:80", "", true), ("localhost:80", "", false), ("127.1.2.3:80", "", false),
    ("[::1]:80", "", false), ("a.example:80", "example", false),
    ("a.example:80", ".example", false),
    ("a.example:80", "*.example", false), ("aexample:80", "example", true),
    ("A.Example:80", "b.example, a.example", false), ("a.example:80", "*", false),
    ("a.example:80", "a.example:81", true), ("a.example:81", "a.example:81", false),
    ("10.1.2.3:80", "10.0.0.0/8", false), ("11.1.2.3:80", "10.0.0.0/8", true),
    ("10.1.2.3:80", "10.1.2.3", false), ("[fd00::7]:80", "fd00::/8", false),
    ("[fe00::7]:80", "[fd00::7]:80,fd00::/8", true), ("10.1.2.3:80", "10.0.0.0/99,,", true),
  ])
  func someServersAreReachedDirectly(_ server: String, _ list: String, _ isProxied: Bool) throws {
    let proxies = HTTPProxies(
      plaintext: try HTTPProxy("proxy:3128"), tls: nil, except: list)
    #expect((proxies.proxy(to: try server.asAddress) != nil) == isProxied)
    #expect(proxies.proxy(to: try "https://\(server)".asAddress) == nil)
  }

  @Test(arguments: [
    ("socks5://p:1080", HTTPProxy.Unusable.scheme("socks5")), ("https://p:1", .scheme("https")),
    ("p:3128/path", .notAnAddress), ("", .notAnAddress), ("a%zz:b@p:1", .notAnAddress),
  ])
  func whatIsNoProxyIsRefused(_ text: String, _ reason: HTTPProxy.Unusable) {
    #expect(throws: reason) { try HTTPProxy(text) }
  }

  /// Only to where the operator wants it, and only to the same page.
  @Test func aRedirectIsFollowedWhereItIsWanted() async throws {
    let server = try await StubServer { _ in Self.page }
    let place = try "127.0.0.1:\(server.port)".asAddress
    let front = try await StubServer { path in
      .redirect("http://127.0.0.1:\(server.port)\(path == "/x/metrics" ? "/login" : "/y/metrics")")
    }
    let wanted = HTTPAccess(redirects: [place])
    #expect(try await Self.ask("127.0.0.1:\(front.port)", wanted) == "200")
    #expect(server.requests == ["/y/metrics"])
    let elsewhere = try await Self.ask("127.0.0.1:\(front.port)/x", wanted)
    #expect(elsewhere.contains("/login, which is not followed"), "\(elsewhere)")
    let unwanted = try await Self.ask("127.0.0.1:\(front.port)", .open)
    #expect(unwanted.contains("which is not followed"), "\(unwanted)")
    #expect(server.requests.count == 1)
    await server.stop()
    await front.stop()
  }
}

extension String {
  fileprivate var asAddress: Address {
    get throws { try #require(Address(self)) }
  }
}
