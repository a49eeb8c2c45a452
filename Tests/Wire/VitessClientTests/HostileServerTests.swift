import FleetModel
import Foundation
import NIOCore
import Terms
import TestSupport
import Testing
import Wording

@testable import VitessClient

/// No byte from outside ends the program, and what a port speaks is named.
@Suite struct HostileServerTests {
  private static func words(_ failure: ScrapeFailure) -> String { Wording().words(failure) }

  /// What a poll of a server that answers everything so comes to.
  private static func failure(
    greeting: [UInt8] = [], _ reply: StubServer.Reply
  ) async throws -> ScrapeFailure? {
    let server = try await StubServer(greeting: greeting) { _ in reply }
    let fetcher = HTTPFetcher(deadline: .seconds(20))
    var client = VtgateClient(Address(host: "127.0.0.1", port: server.port), fetcher: fetcher)
    var failure: ScrapeFailure?
    do throws(ScrapeFailure) { _ = try await client.poll() } catch { failure = error }
    await fetcher.shutdown()
    await server.stop()
    return failure
  }

  /// Statuses 000, 001, 010 and 099 trip preconditions of libraries that take them for informational.
  @Test(arguments: [
    "000", "001", "010", "099", "100", "101", "199", "999", "-1", "1000", "2x0", "",
  ])
  func aStatusThatNoAnswerHasIsRefused(_ status: String) async throws {
    let failure = try await Self.failure(
      .raw("HTTP/1.1 \(status) X\r\nContent-Length: 0\r\n\r\n"))
    #expect(failure != nil)
  }

  @Test func aPortThatSpeaksSomethingElseIsNamed() async throws {
    let greetings: [([UInt8], String)] = [
      ([0x4A, 0, 0, 0, 0x0A] + Array("8.0.30-Vitess\u{0}".utf8), "MySQL"),
      ([0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0x40, 0], "HTTP/2"),
      (Array("SSH-2.0-OpenSSH_9.2\r\n".utf8), "SSH"),
    ]
    for (greeting, word) in greetings {
      let failure = try await Self.failure(greeting: greeting, .hangUp)
      #expect(failure.map(Self.words)?.contains(word) == true, "\(String(describing: failure))")
    }
    let alert = try await Self.failure(.bytes([0x15, 3, 1, 0, 2, 2, 22]))
    #expect(alert.map(Self.words)?.contains("TLS") == true, "\(String(describing: alert))")
    let go = try await Self.failure(
      .raw(
        "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"))
    #expect(go.map(Self.words)?.contains("TLS") == true, "\(String(describing: go))")
  }

  @Test(
    arguments: zip(
      [
        "302 Found\r\nLocation: https://login.example/?next=x",
        "401 Unauthorized\r\nWWW-Authenticate: Basic",
        "403 Forbidden", "404 Not Found", "200 OK\r\nContent-Type: text/html", "503 Busy",
        "200 OK\r\nContent-Encoding: br",
      ],
      [
        "/metrics answered 302: a redirect to https://login.example/?(hidden), which is not followed",
        "/metrics answered 401: it wants (other) credentials: --http-credentials",
        "/metrics answered 403: access is denied",
        "/metrics answered 404: another server, or its pages are under a prefix",
        "/metrics is a web page (HTML): another server, or a front", "/metrics answered 503",
        "/metrics is compressed (br), which was not asked for",
      ]))
  func aFrontIsNamedAsWhatItIs(_ head: String, _ expected: String) async throws {
    let failure = try await Self.failure(
      .raw("HTTP/1.1 \(head)\r\nContent-Length: 4\r\n\r\n<hr>"))
    #expect(failure.map(Self.words) == expected)
  }

  private struct FrontPage {
    let head: String
    let body: String
    let expected: String

    init(_ head: String, _ body: String, _ expected: String) {
      (self.head, self.body, self.expected) = (head, body, expected)
    }
  }

  private static let long = String(repeating: "x", count: 100)
  private static let pages: [FrontPage] = [
    FrontPage(
      "404 Not Found\r\nServer: nginx/1.25", "<html><head><title>404 Not Found</title></head>",
      "answered 404: another server, or its pages are under a prefix"),
    FrontPage(
      "404 Not Found\r\nServer: envoy", "",
      "answered 404 by \"envoy\": another server, or its pages are under a prefix"),
    FrontPage(
      "404 Not Found", "404 page not found\n",
      "answered 404: another server, or its pages are under a prefix"),
    FrontPage(
      "404 Not Found", "<TITLE lang=en>\n  Vitess  west</TITLE>",
      "answered 404 by \"Vitess west\": another server, or its pages are under a prefix"),
    FrontPage(
      "404 Not Found",
      "<title>Vitess</title><a href=\"https://x/\">x</a><a href='/vtgate-1/debug/status'>1</a>",
      "answered 404 by \"Vitess\": its links lead to pages of Vitess under /vtgate-1: "
        + "give that with the address"),
    FrontPage(
      "404 Not Found", "<title></title><a href=\"/debug/status\">own</a>",
      "answered 404: another server, or its pages are under a prefix"),
    FrontPage(
      "200 OK\r\nContent-Type: text/html", "<title>Sign in</title>",
      "is a web page (HTML) by \"Sign in\": another server, or a front"),
    FrontPage(
      "200 OK\r\nContent-Type: text/html", "<title>Index</title><a href=\"/gw/metrics\">m</a>",
      "is a web page (HTML) by \"Index\": its links lead to pages of Vitess under /gw: "
        + "give that with the address"),
    FrontPage(
      "404 Not Found", "<title>\(long)yyy</title>",
      "answered 404 by \"\(long)\": another server, or its pages are under a prefix"),
    FrontPage(
      "404 Not Found", "<title>no end <a href=",
      "answered 404: another server, or its pages are under a prefix"),
  ]

  /// By its title, its server or its links, where it tells any of them.
  @Test func aFrontIsNamedByItsPage() async throws {
    for page in Self.pages {
      let length = page.body.utf8.count
      let failure = try await Self.failure(
        .raw("HTTP/1.1 \(page.head)\r\nContent-Length: \(length)\r\n\r\n\(page.body)"))
      #expect(failure.map(Self.words) == "/metrics \(page.expected)")
    }
  }

  /// As nginx answers a client without a certificate, and one whose certificate it does not trust.
  @Test(arguments: ["No required SSL certificate was sent", "The SSL certificate error"])
  func aClientWhoseCertificateIsNotTakenIsToldSo(_ title: String) async throws {
    let html = "<html>\r\n<head><title>400 \(title)</title></head>"
    let failure = try await Self.failure(.body(html, status: 400, type: "text/html"))
    #expect(
      failure.map(Self.words)
        == "it wants a certificate of the client that it trusts: --http-cert and --http-key")
  }

  /// Compressed with gzip by hand: `vtgate_buffer_size 10\n`.
  @Test func gzipThatWasNotAskedForIsRead() async throws {
    let body = try Fixtures.gzip(Data("vtgate_buffer_size 10\n".utf8))
    let head = Array(
      "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(body.count)\r\n\r\n".utf8)
    let server = try await StubServer { _ in .bytes(head + Array(body)) }
    let fetcher = HTTPFetcher()
    let page = try await fetcher.page(
      "/metrics", of: Target(.vtgate, Address(host: "127.0.0.1", port: server.port)))
    #expect(String(buffer: page.body) == "vtgate_buffer_size 10\n")
    await fetcher.shutdown()
    await server.stop()
  }

  @Test func aBodyThatUnfoldsWithoutEndIsCutOff() async throws {
    let body = try Fixtures.gzip(Data(repeating: 0x20, count: 20 << 20))
    let head = Array(
      "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(body.count)\r\n\r\n".utf8)
    let failure = try await Self.failure(.bytes(head + Array(body)))
    #expect(failure.map(Self.words) == "/metrics is longer than 16 MiB")
  }

  /// Random bytes, and real answers of which bytes are changed, cut out and doubled; whatever comes
  /// of them, the next poll is made.
  @Test(arguments: 0..<8)
  func randomAndMutatedAnswersEndNothing(_ seed: Int) async throws {
    let bodies = [
      "vtgate_buffer_size 10\nvtgate_buffer_starts{keyspace=\"k\",shard_name=\"-\"} 1\n",
      #"[{"Target":{"keyspace":"k","shard":"-","tablet_type":1},"TabletsStats":[{"Tablet":{"alias":{"cell":"c","uid":7},"hostname":"h","port_map":{"vt":1}},"Serving":true}]}]"#,
    ]
    let zipped = try Fixtures.gzip(Data(bodies[0].utf8))
    let answers: [[UInt8]] =
      bodies.map { body in
        Array("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)".utf8)
      } + [
        Array(
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n16\r\n\(bodies[0].prefix(22))\r\n0\r\nA: b\r\n\r\n"
            .utf8),
        Array("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No\r\nConnection: close\r\n\r\n".utf8),
        Array(
          "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(zipped.count)\r\n\r\n"
            .utf8)
          + Array(zipped),
      ]
    let mutations = Mutations(of: answers, seed: seed)
    let server = try await StubServer { _ in .bytes(mutations.next()) }
    let address = Address(host: "127.0.0.1", port: server.port)
    let fetcher = HTTPFetcher(deadline: .milliseconds(60))
    var vtgate = VtgateClient(address, fetcher: fetcher)
    var tablet = TabletClient(address, fetcher: fetcher)
    for _ in 0..<60 {
      _ = try? await vtgate.poll()
      _ = try? await tablet.poll()
    }
    await fetcher.shutdown()
    await server.stop()
  }

  /// All time limits of a thread share a timer.
  @Test func aShortTimeLimitIsNotBehindALongOne() async throws {
    let server = try await StubServer { _ in .silence }
    let target = Target(.vtgate, Address(host: "127.0.0.1", port: server.port))
    let (patient, hasty) = (
      HTTPFetcher(deadline: .seconds(60)), HTTPFetcher(deadline: .milliseconds(50))
    )
    let thread = LoopThread.all[0]
    let long = Task(executorPreference: thread) { try await patient.page("/long", of: target) }
    try await wait(for: "the first request") { server.requests.contains("/long") }
    let short = Task(executorPreference: thread) { try await hasty.page("/short", of: target) }
    await #expect(throws: ScrapeFailure.noAnswer(within: .milliseconds(50))) {
      try await short.value
    }
    long.cancel()
    await #expect(throws: ScrapeFailure.self) { try await long.value }
    await patient.shutdown()
    await hasty.shutdown()
    await server.stop()
  }
}
