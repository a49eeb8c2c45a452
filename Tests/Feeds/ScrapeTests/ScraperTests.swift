import Discovery
import FleetModel
import Scrape
import Synchronization
import Terms
import TestSupport
import Testing
import VitessClient
import Watching
import Wording

/// What a tablet of v14 to v20 answers.
private func tablet(_ path: String) -> StubServer.Reply {
  switch path {
  case "/throttler/status": .body(status)
  case "/throttler/throttled-apps": .body("null")
  case "/metrics": .body("vttablet_tablet_server_state{name=\"SERVING\"} 1\n")
  default: .redirect("/debug/status")
  }
}

private let status = """
  {"Keyspace":"k","Shard":"0","IsLeader":true,"IsOpen":true,"IsEnabled":true,"IsDormant":false,
  "Query":"select 1 from _vt.heartbeat","Threshold":1,"AggregatedMetrics":{"mysql/self":
  {"Value":0.25}},"MetricsHealth":{}}
  """

/// Runs a scraper on some targets until a condition on what it reported holds.
private func reports(
  _ targets: [Target], interval: Duration = .milliseconds(50), deadline: Duration = .seconds(20),
  probers: Probers = .vitess, until condition: @Sendable ([Observation]) -> Bool
) async throws -> [Observation] {
  let clock = ContinuousClock()
  let start = clock.now
  let scraper = Scraper(
    of: "test", Cadence(interval: interval), probers: probers, deadline: deadline
  ) {
    Instant(secondsSinceEpoch: 1000) + (clock.now - start)
  }
  await scraper.start(targets)
  let timer = Task {
    try await Task.sleep(for: .seconds(20))
    await scraper.stop()
  }
  var seen: [Observation] = []
  for await report in scraper.observations {
    seen.append(report)
    if condition(seen) { break }
  }
  timer.cancel()
  await scraper.stop()
  return seen
}

extension [Observation] {
  /// What happened, by the feed's own word.
  fileprivate var kinds: [FleetEvent.Kind] {
    compactMap { if case .event(let event) = $0.news { event.kind } else { nil } }
  }

  /// How sources stood, one after the other.
  fileprivate var standings: [SourceStanding] {
    compactMap { if case .source(_, let standing) = $0.news { standing } else { nil } }
  }

  fileprivate func failures(of target: Target) -> [String] {
    compactMap {
      guard case .outcome(let outcome) = $0.news, outcome.target == target,
        case .failed(let failure) = outcome.result
      else { return nil }
      return Wording().words(failure)
    }
  }

  fileprivate func readings(of target: Target) -> Int {
    count {
      guard case .outcome(let outcome) = $0.news, outcome.target == target else { return false }
      if case .failed = outcome.result { return false }
      return true
    }
  }
}

extension Target {
  fileprivate init(_ kind: Kind, port: Int) {
    self.init(kind, Address(host: "127.0.0.1", port: port))
  }
}

@Suite(.timeLimit(.minutes(1))) struct ScraperTests {
  struct Odd: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let reply: StubServer.Reply
    let expected: String
  }

  static let odd = [
    Odd(
      testDescription: "HTML", reply: .body("<html></html>", type: "text/html"),
      expected: "/metrics is a web page (HTML): another server, or a front"),
    Odd(
      testDescription: "forbidden", reply: .body("Access denied", status: 403),
      expected: "/metrics answered 403: access is denied"),
    Odd(
      testDescription: "redirect", reply: .redirect("/debug/status"),
      expected: "/metrics answered 302: a redirect to /debug/status, which is not followed"),
    Odd(
      testDescription: "redirect with a secret",
      reply: .redirect("http://joe:s3cret@login.example:1/?next=s3cret,a=s3cret"),
      expected: "/metrics answered 302: a redirect to http://(hidden)@login.example:1/?(hidden), "
        + "which is not followed"),
    Odd(
      testDescription: "not HTTP", reply: .raw("SSH-2.0-OpenSSH_9.2\r\n"),
      expected: "the port speaks SSH: the web port is wanted"),
    Odd(testDescription: "silence", reply: .silence, expected: "no answer within 2.0 s"),
    Odd(
      testDescription: "hang-up", reply: .hangUp,
      expected: "connection closed without an answer"),
    Odd(
      testDescription: "half an answer",
      reply: .raw("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nvtgate_buffer_size 10\n"),
      expected: "connection closed in the middle of an answer"),
  ]

  @Test(arguments: odd) func anOddVtgateIsARowWithAReason(_ odd: Odd) async throws {
    let server = try await StubServer { _ in odd.reply }
    let target = Target(.vtgate, port: server.port)
    let seen = try await reports([target], deadline: .seconds(2)) {
      !$0.failures(of: target).isEmpty
    }
    #expect(seen.failures(of: target).first == odd.expected)
    await server.stop()
  }

  /// Where many answers come at once each takes long, and nobody is silent.
  @Test func anAnswerThatKeepsComingIsNoSilence() async throws {
    let lines = (0..<12).map { "vtgate_buffer_size \($0)\n" }
    let server = try await StubServer { path in
      path == "/metrics" ? .pieces(lines, every: .milliseconds(100), ends: true) : .redirect("/")
    }
    let target = Target(.vtgate, port: server.port)
    let seen = try await reports([target], deadline: .milliseconds(500)) {
      $0.readings(of: target) > 0 || !$0.failures(of: target).isEmpty
    }
    #expect(seen.readings(of: target) > 0 && seen.failures(of: target).isEmpty)
    await server.stop()
  }

  /// One that stops in the middle is, and one that never ends may not go on for ever.
  @Test(arguments: [(2, "no answer within 0.5 s"), (200, "no answer within 2.5 s")])
  func anAnswerMustEnd(_ pieces: Int, _ words: String) async throws {
    let server = try await StubServer { _ in
      .pieces(
        Array(repeating: "vtgate_buffer_size 10\n", count: pieces), every: .milliseconds(100),
        ends: false)
    }
    let target = Target(.vtgate, port: server.port)
    let seen = try await reports([target], deadline: .milliseconds(500)) {
      !$0.failures(of: target).isEmpty
    }
    #expect(seen.failures(of: target).first == words)
    await server.stop()
  }

  @Test func aDeadTargetCostsTheOthersNothing() async throws {
    let good = try await StubServer { tablet($0) }
    let gone = try await StubServer { _ in .hangUp }
    await gone.stop()
    let slow = try await StubServer { _ in .silence }
    let targets = [good.port, gone.port, slow.port].map { Target(.vttablet, port: $0) }
    let seen = try await reports(targets, deadline: .seconds(2)) {
      $0.readings(of: targets[0]) >= 10 && !$0.failures(of: targets[2]).isEmpty
    }
    #expect(seen.failures(of: targets[0]).isEmpty)
    #expect(seen.failures(of: targets[1]).first == "connection refused")
    #expect(seen.failures(of: targets[2]).first == "no answer within 2.0 s")
    await good.stop()
    await slow.stop()
  }

  @Test func oneRequestAtATimeOverOneConnection() async throws {
    let server = try await StubServer { path in
      try? await Task.sleep(for: .milliseconds(20))
      return tablet(path)
    }
    let target = Target(.vttablet, port: server.port)
    _ = try await reports([target]) { $0.readings(of: target) >= 8 }
    #expect(server.mostInFlight == 1)
    #expect(server.connections == 1)
    await server.stop()
  }

  @Test func aTabletWithoutStatusIsReadFromItsMetrics() async throws {
    let server = try await StubServer { path in
      switch path {
      case "/metrics":
        .body(
          "vttablet_throttler_aggregated_self_default 0.5\nvttablet_tablet_server_state{name=\"SERVING\"} 1\n"
        )
      case "/throttler/check-self?app=vitess":
        .body(
          "{\"ResponseCode\":1,\"Threshold\":5,\"AppName\":\"vitess\",\"Metrics\":{\"default\":{\"Threshold\":5}}}"
        )
      case "/debug/vars":
        .body(
          "{\"TabletAlias\":\"zone1-0000000100\",\"TabletKeyspace\":\"k\",\"TabletShard\":\"0\",\"TabletType\":\"primary\"}"
        )
      default: .redirect("/debug/status")
      }
    }
    let target = Target(.vttablet, port: server.port)
    let seen = try await reports([target]) { $0.readings(of: target) >= 3 }
    guard case .outcome(let outcome) = seen.last?.news, case .member(let reading) = outcome.result
    else {
      Issue.record("no reading")
      return
    }
    #expect(reading.throttler.source == .metrics)
    #expect(reading.throttler.selfValue == 0.5)
    #expect(reading.throttler.threshold == 5)
    #expect(reading.alias?.uid == 100)
    // The dialect is found out once, and no redirect is followed.
    #expect(server.requests.count { $0 == "/throttler/status" } == 1)
    #expect(!server.requests.contains("/debug/status"))
    #expect(server.requests.count { $0 == "/debug/vars" } == 1)
    await server.stop()
  }

  /// A source whose next look a test decides.
  private final class NextLook: Sendable {
    private let next = Mutex<Result<[Target], DiscoveryFault>?>(nil)

    func set(_ next: Result<[Target], DiscoveryFault>) { self.next.withLock { $0 = next } }
    func take() -> Result<[Target], DiscoveryFault>? {
      next.withLock { next in
        defer { next = nil }
        return next
      }
    }
  }

  private struct Listed: DiscoverySource {
    let source = ServerSource.file("/etc/gates.yml")
    let pause = Duration.milliseconds(20)
    let next: NextLook

    @concurrent mutating func look() async throws(DiscoveryFault) -> ServerList? {
      guard let targets = try next.take()?.get() else { return nil }
      return ServerList(targets.map { NamedServer($0.kind, $0.address, cell: "zone1") })
    }
  }

  @Test func whomASourceNamesComesAndGoesAndItsLastListOutlivesAFault() async throws {
    let server = try await StubServer { path in
      path == "/metrics" ? .body("vtgate_buffer_size 10\n") : .body("[]")
    }
    let first = Target(.vtgate, port: server.port)
    let second = Target(.vtgate, Address(host: "localhost", port: server.port))
    let fault = DiscoveryFault("/etc/gates.yml:1:3", "targets must be a list of HOST:PORT")
    let next = NextLook()
    next.set(.success([first]))
    let clock = ContinuousClock()
    let start = clock.now
    let scraper = Scraper(
      of: "test", Cadence(interval: .milliseconds(50)), sources: [Listed(next: next)]
    ) { Instant(secondsSinceEpoch: 1000) + (clock.now - start) }
    await scraper.start([])
    _ = await scraper.hasHeardOfServers()
    var seen: [Observation] = []
    var stage = 0
    var polledAfterFault = 0
    for await observation in scraper.observations {
      seen.append(observation)
      switch stage {
      case 0 where seen.readings(of: first) > 0:
        next.set(.success([first, second]))
        stage = 1
      case 1 where seen.readings(of: second) > 0:
        next.set(.failure(fault))
        stage = 2
      case 2 where seen.standings.last?.fault != nil:
        polledAfterFault = seen.readings(of: second)
        stage = 3
      case 3 where seen.readings(of: second) > polledAfterFault + 2:
        next.set(.success([second]))
        stage = 4
      default: break
      }
      if case .forgot = observation.news { break }
    }
    await scraper.stop()
    await server.stop()
    #expect(stage == 4)
    #expect(seen.last?.news == .forgot(first))
    let source = ServerSource.file("/etc/gates.yml")
    #expect(
      seen.kinds == [
        .serversNamed(.vtgate, cell: "zone1", by: source),
        .serversNamed(.vtgate, cell: "zone1", by: source),
      ])
    #expect(
      seen.standings == [
        SourceStanding(), SourceStanding(namesServers: true),
        SourceStanding(fault: "\(fault)", namesServers: true), SourceStanding(namesServers: true),
      ])
  }

  @Test func aFaultIsToldWhereNobodyIsAsked() async throws {
    let next = NextLook()
    next.set(.failure(DiscoveryFault("/etc/gates.yml", "there is no such file")))
    let clock = ContinuousClock()
    let start = clock.now
    let scraper = Scraper(of: "test", sources: [Listed(next: next)]) {
      Instant(secondsSinceEpoch: 1000) + (clock.now - start)
    }
    await scraper.start([])
    for await observation in scraper.observations {
      guard case .source(_, let standing) = observation.news, let fault = standing.fault else {
        continue
      }
      #expect(fault == "/etc/gates.yml: there is no such file")
      break
    }
    await scraper.stop()
  }

  @Test func withTheLastVtgateGoTheTabletsThatItListed() async throws {
    let replica = try await StubServer { tablet($0) }
    let port = replica.port
    let server = try await StubServer { path in
      switch path {
      case "/metrics": .body("vtgate_buffer_size 10\n")
      case "/debug/gateway":
        .body(
          """
          [{"Cell":"z","Target":{"keyspace":"k","shard":"0","tablet_type":1},"TabletsStats":[{"Tablet":
          {"alias":{"cell":"z","uid":1},"hostname":"127.0.0.1","port_map":{"vt":\(port)}},"Serving":true,
          "PrimaryTermStartTime":1,"Stats":{},"LastError":null}]}]
          """)
      default: .body("{}")
      }
    }
    let gate = Target(.vtgate, port: server.port)
    let member = Target(.vttablet, port: port)
    let next = NextLook()
    next.set(.success([gate]))
    let clock = ContinuousClock()
    let start = clock.now
    let scraper = Scraper(
      of: "test", Cadence(interval: .milliseconds(50)), sources: [Listed(next: next)]
    ) { Instant(secondsSinceEpoch: 1000) + (clock.now - start) }
    await scraper.start([])
    var seen: [Observation] = []
    for await observation in scraper.observations {
      seen.append(observation)
      if seen.readings(of: member) == 1 { next.set(.success([])) }
      if observation.news == .forgot(member) { break }
    }
    await scraper.stop()
    await server.stop()
    await replica.stop()
    #expect(seen.contains { $0.news == .forgot(gate) })
  }

  @Test func tabletsAreFoundThroughAVtgateAndForgottenWhenTheyLeave() async throws {
    let replica = try await StubServer { tablet($0) }
    let isListed = Mutex(true)
    let port = replica.port
    let server = try await StubServer { path in
      switch path {
      case "/metrics": return .body("vtgate_buffer_size 10\n")
      case "/debug/gateway":
        guard isListed.withLock({ $0 }) else { return .body("[]") }
        return .body(
          """
          [{"Cell":"z","Target":{"keyspace":"k","shard":"0","tablet_type":1},"TabletsStats":[{"Tablet":
          {"alias":{"cell":"z","uid":1},"hostname":"127.0.0.1","port_map":{"vt":\(port)}},"Serving":true,
          "PrimaryTermStartTime":1,"Stats":{},"LastError":null}]}]
          """)
      default: return .body("{}")
      }
    }
    let found = Target(.vttablet, port: port)
    let seen = try await reports([Target(.vtgate, port: server.port)]) { seen in
      if seen.readings(of: found) >= 2 { isListed.withLock { $0 = false } }
      return seen.contains { if case .forgot = $0.news { true } else { false } }
    }
    #expect(seen.contains { $0.news == .watching(found) })
    #expect(seen.readings(of: found) >= 2)
    await server.stop()
    await replica.stop()
  }
}
