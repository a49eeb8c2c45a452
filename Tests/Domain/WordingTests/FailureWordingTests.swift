import FleetModel
import Terms
import Testing
import Wording

@Suite struct FailureWordingTests {
  private static let shard = ShardName(keyspace: "logs", shard: "0")
  private static let untitled = ScrapeFailure.Foreign(name: nil, prefix: nil)
  private static let front = ScrapeFailure.Foreign(name: "Vitess", prefix: "/vtgate-1")

  static let failures: [(ScrapeFailure, String)] = [
    (
      .unreachable(.proxy(Address(host: "proxy", port: 3128), .unreachable(.hostNotResolved))),
      "proxy proxy:3128: host name cannot be resolved"
    ),
    (
      .refused(path: "/metrics", .wantsCredentials(status: 407)),
      "/metrics answered 407: the proxy wants credentials: http_proxy=http://NAME:PASSWORD@HOST:PORT"
    ),
    (.unreachable(.hostNotResolved), "host name cannot be resolved"),
    (.unreachable(.refused), "connection refused"), (.unreachable(.reset), "connection reset"),
    (.unreachable(.noRoute), "no route to host"),
    (.notScraped, "it could not be scraped"),
    (.unreachable(.tooManyOpenFiles), "too many open files here: raise ulimit -n"),
    (.unreachable(.timedOut), "connection timed out"),
    (.unreachable(.closed(isInAnswer: true)), "connection closed in the middle of an answer"),
    (.unreachable(.closed(isInAnswer: false)), "connection closed without an answer"),
    (.unreachable(.notConnected(reason: nil)), "cannot connect"),
    (.unreachable(.broken(reason: nil)), "connection failed"),
    (.unreachable(.broken(reason: "why")), "connection failed: why"),
    (.unreachable(.tls(.other(reason: "why"))), "TLS failed: why"),
    (
      .unreachable(.tls(.otherName(than: nil, found: nil))),
      "its certificate is for another name: --http-server-name gives that"
    ),
    (
      .unreachable(.tls(.otherName(than: "gate", found: ["a.prod", "b.prod"]))),
      "its certificate is for a.prod, b.prod, not for gate: --http-server-name gives another"
    ),
    (
      .unreachable(.tls(.ownRefused(expired: Instant(secondsSinceEpoch: 1_769_904_000)))),
      "the client's certificate (--http-cert) expired on 2026-02-01"
    ),
    (
      .unreachable(.tls(.ownRefused(expired: nil))),
      "it does not trust the client's certificate: --http-cert and --http-key"
    ),
    (
      .refused(path: "/metrics", .deniedThrough(proxy: Address(host: "squid", port: 3128))),
      "/metrics answered 403: access is denied, by it or by the proxy squid:3128"
    ),
    (.noAnswer(within: .seconds(2)), "no answer within 2.0 s"),
    (.noConnection(within: .seconds(2)), "no connection within 2.0 s"),
    (
      .refused(path: "/metrics", .redirect(status: 302, to: "/login")),
      "/metrics answered 302: a redirect to /login, which is not followed"
    ),
    (
      .refused(path: "/metrics", .redirect(status: 301, to: "https://gate1/east/metrics")),
      "/metrics answered 301: a redirect to https://gate1/east/metrics, which is not followed: "
        + "--http-redirect https://gate1:443 does"
    ),
    (
      .refused(path: "/metrics", .wantsCredentials(status: 401)),
      "/metrics answered 401: it wants (other) credentials: --http-credentials"
    ),
    (.refused(path: "/metrics", .denied), "/metrics answered 403: access is denied"),
    (
      .refused(path: "/metrics", .notFound(untitled)),
      "/metrics answered 404: another server, or its pages are under a prefix"
    ),
    (
      .refused(path: "/metrics", .notFound(front)),
      "/metrics answered 404 by \"Vitess\": its links lead to pages of Vitess under /vtgate-1: "
        + "give that with the address"
    ),
    (.refused(path: "/metrics", .status(503)), "/metrics answered 503"),
    (.notUnderstood(path: "/metrics", .tooLong(mebibytes: 16)), "/metrics is longer than 16 MiB"),
    (.notUnderstood(path: "/metrics", .notHTTP(status: nil)), "/metrics is not HTTP"),
    (
      .notUnderstood(path: "/metrics", .notHTTP(status: 99)),
      "/metrics is not HTTP: it answered with status 99"
    ),
    (
      .notUnderstood(path: "/metrics", .compressed("br")),
      "/metrics is compressed (br), which was not asked for"
    ),
    (
      .notUnderstood(path: "/metrics", .webPage(untitled)),
      "/metrics is a web page (HTML): another server, or a front"
    ),
    (
      .notUnderstood(path: "/debug/vars", .malformed(reason: "it is not JSON")),
      "/debug/vars is not understood: it is not JSON"
    ),
    (
      .notUnderstood(path: "/metrics", .ofAnother(than: "vttablet")),
      "/metrics has nothing of a vttablet in it"
    ),
    (
      .notUnderstood(path: "/metrics", .lacks("vtgate_*", ofKind: "vtgate")),
      "/metrics has no vtgate_*, so this is no vtgate"
    ),
    (.foreign(.tls), "the port speaks TLS, and is asked in plaintext: https:// is wanted"),
    (.foreign(.http2), "the port speaks HTTP/2, as gRPC does: the web port is wanted"),
    (.foreign(.mysql), "the port speaks MySQL's protocol: the web port is wanted"),
    (.foreign(.ssh), "the port speaks SSH: the web port is wanted"),
    (
      .answersAsAnother(.init(alias: TabletAlias(cell: "zone1", uid: 302), shard: shard)),
      "address answers as zone1-302 of logs/0"
    ),
  ]

  @Test(arguments: failures) func aFailureHasItsWords(_ failure: ScrapeFailure, _ words: String) {
    #expect(Wording().words(failure) == words)
  }

  static let complaints: [(ReadingComplaint, String)] = [
    (
      .page("/debug/gateway", .refused(path: "/debug/gateway", .denied)),
      "/debug/gateway answered 403: access is denied"
    ),
    (
      .page("/debug/gateway", .noAnswer(within: .seconds(2))),
      "/debug/gateway: no answer within 2.0 s"
    ),
    (
      .unreadableEntries(path: "/debug/gateway", 1, reason: "why"),
      "/debug/gateway has an entry that cannot be read: why"
    ),
    (
      .unreadableEntries(path: "/debug/gateway", 2, reason: "why"),
      "/debug/gateway has 2 entries that cannot be read: why"
    ),
    (
      .tooManyTablets(12_001, limit: 12_000),
      "/debug/gateway names 12 001 tablets: those beyond 12 000 are left out"
    ),
    (
      .tabletsNotPolled(limit: 12_000), "it names more tablets than the 12 000 that are polled"
    ),
    (
      .tooManyShards(limit: 10_000),
      "/metrics names more than 10 000 shards: the others are left out"
    ),
    (
      .unusableCount(metric: "vtgate_buffer_starts", .init(.nan, of: shard), more: 0),
      "/metrics has no usable vtgate_buffer_starts of logs/0 (it says nan)"
    ),
    (
      .unusableCount(metric: "vtgate_buffer_size", .init(-1, of: nil), more: 1200),
      "/metrics has no usable vtgate_buffer_size (it says -1.0), nor 1 200 more"
    ),
    (
      .malformedLines(first: 3, problem: "has no value", more: 2),
      "/metrics line 3 has no value, and 2 more lines"
    ),
  ]

  @Test(arguments: complaints) func aComplaintHasItsWords(
    _ complaint: ReadingComplaint, _ words: String
  ) {
    #expect(Wording().words(complaint) == words)
  }

  @Test func whatAServerSaidIsMasked() {
    let mask = HostMask([Target(.vtgate, Address(host: "gate1", port: 15001))])
    let failure = ScrapeFailure.refused(
      path: "/metrics", .redirect(status: 302, to: "http://gate1:15001/"))
    #expect(Wording(mask: mask).words(failure).contains("gate1") == false)
  }
}
