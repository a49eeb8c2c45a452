import FleetModel
import Foundation
import Terms
import TestSupport
import Testing
import VitessClient
import Wording

/// A front that explains a refusal by quoting the request: what it says is passed on, the secrets of it
/// are not.
@Suite(.timeLimit(.minutes(1))) struct QuotedSecretTests {
  private static let secret = "s3cret-4f1c"

  private static func access(
    _ address: Address, credentials: String? = nil,
    headers: [(name: String, value: String)] = [], proxies: HTTPProxies = .none
  ) throws -> HTTPAccess {
    HTTPAccess(
      named: [address], credentials: try credentials.map { try #require(HTTPCredentials($0)) },
      headers: headers, proxies: proxies)
  }

  private static let accesses: [@Sendable (Address) throws -> HTTPAccess] = [
    { try access($0, credentials: "joe:\(secret)") },
    { try access($0, credentials: "Bearer \(secret)") },
    { try access($0, headers: [("X-Token", secret)]) },
    { try access($0, headers: [("Authorization", "Token \(secret)")]) },
  ]

  /// As it is, and as a header has it together with a name.
  private static func gives(_ words: String, _ secret: String = secret) -> Bool {
    [secret, Data("joe:\(secret)".utf8).base64EncodedString()].contains { words.contains($0) }
  }

  @Test(arguments: accesses.indices, [200, 404]) func whatAPageCallsItself(
    _ index: Int, _ status: Int
  ) async throws {
    let server = try await StubServer { _ in .quote(status: status) }
    let address = Address(host: "127.0.0.1", port: server.port)
    let fetcher = HTTPFetcher(try Self.accesses[index](address))
    let page = try await fetcher.page("/metrics", of: Target(.vtgate, address))
    let words = Wording().words(try #require(page.refusal(of: "/metrics")))
    #expect(words.contains("(hidden)") && !Self.gives(words), "\(words)")
    #expect(page.text.contains("(hidden)") && !Self.gives(page.text), "\(page.text)")
    await fetcher.shutdown()
    await server.stop()
  }

  @Test(arguments: accesses.indices) func whatATabletAnswersToARule(_ index: Int) async throws {
    let server = try await StubServer { _ in .quote(status: 500) }
    let address = Address(host: "127.0.0.1", port: server.port)
    let fetcher = HTTPFetcher(try Self.accesses[index](address))
    do throws(CallFailure) {
      try await ThrottlerCalls(fetcher).send(ThrottlerCalls.path(releasing: "a"), to: address)
      Issue.record("it was accepted")
    } catch {
      let words = Wording().words(error)
      #expect(words.contains("(hidden)") && !Self.gives(words), "\(words)")
    }
    await fetcher.shutdown()
    await server.stop()
  }

  @Test func whereARedirectLeads() async throws {
    let server = try await StubServer { _ in
      .redirect("/login?token=\(String(repeating: "x", count: 80))\(Self.secret)")
    }
    let address = Address(host: "127.0.0.1", port: server.port)
    let fetcher = HTTPFetcher(try Self.access(address, credentials: "Bearer \(Self.secret)"))
    let page = try await fetcher.page("/metrics", of: Target(.vtgate, address))
    let words = Wording().words(try #require(page.refusal(of: "/metrics")))
    // Not a beginning of it either, where the text is cut.
    #expect(words.contains("/login") && !words.contains(Self.secret.prefix(5)), "\(words)")
    await fetcher.shutdown()
    await server.stop()
  }

  /// A proxy answers in place of a server that is asked in plaintext.
  @Test func whatAProxySays() async throws {
    let server = try await StubServer { _ in .quote(status: 404) }
    let address = try #require(Address("gate.example:15001"))
    let proxy = try HTTPProxy("http://joe:\(Self.secret)@127.0.0.1:\(server.port)")
    let fetcher = HTTPFetcher(
      try Self.access(address, proxies: HTTPProxies(plaintext: proxy, tls: nil, except: "")))
    let page = try await fetcher.page("/metrics", of: Target(.vtgate, address))
    let words = Wording().words(try #require(page.refusal(of: "/metrics")))
    #expect(words.contains("(hidden)") && !Self.gives(words), "\(words)")
    await fetcher.shutdown()
    await server.stop()
  }
}
