import Foundation
import Terms
import TestSupport
import Testing
import VitessClient

/// One file with three clusters of different releases, each reached in a way of its own: over TLS with
/// a client's certificate, behind a front's prefix with a password, and through Prometheus alone.
@Suite(
  .serialized, .timeLimit(.minutes(3)), .needs("nginx", "prometheus"),
  .enabled(if: Tmux.isInstalled))
struct ThreeClustersTests {
  private static let certificates = Fixtures.checkout.appending(path: "Tests/Fixtures/tls").path

  private static func front(_ labs: [LabProgram]) async throws -> NginxFront {
    let secure = labs[0].vtgates.map { vtgate in
      NginxFront.Door(
        isSecure: true,
        directives: "ssl_verify_client on; location / { proxy_pass http://\(vtgate); }")
    }
    let places = labs[1].vtgates.enumerated().map { index, vtgate in
      "location /vtgate-\(index + 1)/ { proxy_pass http://\(vtgate)/; }"
    }
    let prefixed = NginxFront.Door(
      isSecure: false,
      directives:
        "auth_basic vitess; auth_basic_user_file passwords; \(places.joined(separator: " "))")
    return try await NginxFront(secure + [prefixed], passwords: "joe:{PLAIN}planted\n")
  }

  private static func file(_ front: NginxFront, prometheus: Int) -> String {
    """
    [clusters.prod-eu]
    vtgate = ["https://127.0.0.1:\(front.ports[0])", "https://127.0.0.1:\(front.ports[1])"]
    http-ca = "\(certificates)/ca.pem"
    http-cert = "\(certificates)/client.pem"
    http-key = "\(certificates)/client.key"

    [clusters.staging]
    vtgate = ["127.0.0.1:\(front.ports[2])/vtgate-1", "127.0.0.1:\(front.ports[2])/vtgate-2"]
    http-credentials = "credentials"

    [clusters.us]
    prometheus = "http://127.0.0.1:\(prometheus)"

    """
  }

  /// When the first of some vtgates says that it buffers a shard's requests, asked again and again.
  private static func bufferingBegins(
    at vtgates: [String], of shard: String
  ) async throws -> ContinuousClock.Instant {
    let fetcher = HTTPFetcher()
    let addresses = vtgates.compactMap { Address($0) }
    while true {
      for address in addresses {
        let page = try await fetcher.page("/metrics", at: address, isLong: true)
        let starts = page.text.split(separator: "\n").filter {
          $0.hasPrefix("vtgate_buffer_starts{") && $0.contains("\"\(shard)\"")
        }
        if starts.contains(where: { !$0.hasSuffix(" 0") }) {
          await fetcher.shutdown()
          return .now
        }
      }
      try await Task.sleep(for: .milliseconds(10))
    }
  }

  @Test func oneCommandShowsAllThree() async throws {
    let labs = try [16, 20, 24].map {
      try LabProgram("--vitess \($0) --promotion 3s 2>/dev/null")
    }
    let folder = try ScratchFolder()
    let front = try await Self.front(labs)
    let prometheus = try await ScrapingServer(
      .prometheus, scraping: [.init("vtgate", [(labs[2].vtgates, [:])])])
    defer {
      for lab in labs { lab.end() }
      front.end()
      prometheus.end()
      folder.remove()
    }
    try folder.write("joe:planted\n", to: "credentials")
    try folder.write(Self.file(front, prometheus: prometheus.port), to: "config.toml")
    for name in ["config.toml", "credentials"] { chmod("\(folder.path)/\(name)", 0o600) }
    let config = "--config \(folder.path)/config.toml"
    for cluster in ["prod-eu", "staging", "us"] {
      var last: ProgramRun?
      try await wait(for: "the shards of \(cluster)", upTo: .seconds(40)) {
        let run = try await ProgramRun.besideServers(
          "check \(config) --cluster \(cluster) --wait 8s")
        last = run
        return run.output.contains("shards: 3,")
          && run.output.matches(of: /\d+?: serving|-: serving/).count == 3
      }
      #expect(last?.output.contains("no answer") == false, "\(String(describing: last))")
    }
    let tmux = try await Tmux("\(sluice) --all \(config)", columns: 160, rows: 50)
    defer { tmux.end() }
    try await tmux.wait(
      for: "3 clusters", "prod-eu ", "staging ", "us ", without: "no shard is known")
    #expect(tmux.screen.matches(of: /all 3 shards serve/).count == 3, "\(tmux.screen)")
    #expect(!tmux.screen.contains("planted"))

    // One that hangs costs the others nothing.
    kill(labs[1].process.processIdentifier, SIGSTOP)
    defer { kill(labs[1].process.processIdentifier, SIGCONT) }
    try await tmux.wait(for: "all 3 shards BLIND")
    async let known = Self.bufferingBegins(at: labs[0].vtgates, of: "-80")
    async let reparent = ProgramRun.besideServers(
      labs[0].command("planned-reparent shard=commerce/-80"))
    try await tmux.wait(for: "commerce/-80 BUFFERING", "all 3 shards BLIND")
    let shown = ContinuousClock.now
    let knownAt = try await known
    // Half a second until one of the vtgates is asked. The rest is for the answer, the frame, and this look
    // at the screen.
    #expect(shown - knownAt < .seconds(1))
    tmux.resize(columns: 80, rows: 24)
    try await tmux.wait(for: "commerce/-80 recovered", "all 3 shards BLIND", "3 clusters")
    #expect(try await reparent.status == 0)
  }
}
