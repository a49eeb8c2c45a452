import FleetModel
import Session
import Terms
import TestSupport
import Testing
import Timing
import Watching
import Wording

/// Who tells nothing is named, with what to do about it.
@Suite(.timeLimit(.minutes(1))) struct FaultTests {
  struct Case: CustomStringConvertible, Sendable {
    let reply: StubServer.Reply
    let words: String

    var description: String { words }
  }

  private static let empty =
    #"{"status":"success","data":{"resultType":"vector","result":[]}}"#

  @Test(arguments: [
    Case(
      reply: .body("", status: 401),
      words:
        "/api/v1/query answered 401: it wants (other) credentials: --http-credentials"),
    Case(
      reply: .body("", status: 503),
      words: "/api/v1/query answered 503: it is starting, or has too much to do"),
    Case(
      reply: .body("<html><title>Grafana</title>", type: "text/html"),
      words: "/api/v1/query is a web page (HTML) by \"Grafana\": another server, or a front"),
    Case(
      reply: .body(
        #"{"status":"error","errorType":"bad_data","error":"parse error"}"#, status: 400),
      words: "it says: parse error"),
    Case(
      reply: .body(
        #"{"status":"success","isPartial":true,"data":{"resultType":"vector","result":[]}}"#),
      words: "it answers in part only: some of the servers that store for it do not answer"),
    Case(reply: .hangUp, words: "connection closed without an answer"),
  ]) func whatIsWrongIsSaid(_ fault: Case) async throws {
    let server = try await StubServer { _ in fault.reply }
    let observer = Observer(port: server.port, clock: RunClock())
    await observer.start()
    try await wait(for: "the fault") { await observer.relay?.fault != nil }
    await observer.settle()
    let check = FleetCheck(await observer.fleet)
    await observer.stop()
    await server.stop()
    let problem = try #require(check.problems.first { $0.finding.name == .relayFails })
    #expect(check.health == .failing)
    #expect(
      Wording().words(problem.finding)
        == "Prometheus at 127.0.0.1:\(server.port): \(fault.words)")
  }

  @Test func noneOfTheSeriesIsThere() async throws {
    let server = try await StubServer { _ in .body(Self.empty) }
    let observer = Observer(port: server.port, clock: RunClock(), matchers: #"cluster="prod""#)
    await observer.start()
    // Without its time nothing can be said of anything.
    try await wait(for: "the fault") { await observer.relay?.fault != nil }
    await observer.stop()
    await server.stop()
    let timed = try await StubServer { path in
      path.contains("query=time")
        ? .body(#"{"status":"success","data":{"resultType":"scalar","result":[1795772152.3,"1"]}}"#)
        : .body(Self.empty)
    }
    let other = Observer(port: timed.port, clock: RunClock(), matchers: #"cluster="prod""#)
    await other.start()
    try await wait(for: "the fault") {
      await other.relay?.fault == .knowsNoVtgate(matchers: #"cluster="prod""#)
    }
    await other.stop()
    await timed.stop()
  }

  /// Prometheus limits what one query may read, and tablets have more series than vtgates.
  @Test func tabletsThatItRefusesAreNotPassedOverInSilence() async throws {
    let clock = RunClock()
    let server = try await StubServer { path in
      let now = Double(clock.now.nanoseconds / 1_000_000) / 1000
      guard !path.contains("query=time") else {
        return .body(
          #"{"status":"success","data":{"resultType":"scalar","result":[\#(now),"1"]}}"#)
      }
      guard !path.contains("%22vttablet_") else {
        return .body(
          #"{"status":"error","errorType":"execution","error":"too many samples"}"#, status: 422)
      }
      guard path.contains("vtgate_buffer_size") else { return .body(Self.empty) }
      let values = [9, 4].map { "[\(now - $0),\"100\"]" }.joined(separator: ",")
      return .body(
        #"{"status":"success","data":{"resultType":"matrix","result":[{"metric":"#
          + #"{"__name__":"vtgate_buffer_size","instance":"gate:1","job":"vtgate"},"#
          + #""values":[\#(values)]}]}}"#)
    }
    let observer = Observer(port: server.port, clock: clock)
    await observer.start()
    try await wait(for: "the fault") { await observer.relay?.tabletFault != nil }
    await observer.settle()
    let fleet = await observer.fleet
    await observer.stop()
    await server.stop()
    #expect(fleet.relay?.fault == nil && fleet.vtgates.count == 1)
    #expect(fleet.log.events.contains { $0.kind.name == .relayHidesTablets })
    let problem = try #require(
      FleetCheck(fleet).problems.first { $0.finding.name == .relayHidesTablets })
    #expect(problem.health == .degraded)
    #expect(
      Wording().words(problem.finding)
        == "Prometheus at 127.0.0.1:\(server.port) tells nothing new of tablets: it says: too many samples"
    )
  }

  /// Others with its API need not know the function by which its time is asked for.
  @Test(arguments: [
    (
      StubServer.Reply.body(
        #"{"status":"error","errorType":"bad_data","error":"unknown function"}"#, status: 400),
      "it says: unknown function"
    ),
    (.body(Self.empty), "/api/v1/query has nothing of a Prometheus in it"),
  ])
  func oneThatDoesNotTellItsTimeTellsOfTheFleet(reply: StubServer.Reply, why: String) async throws {
    let clock = RunClock()
    let server = try await StubServer { path in
      guard !path.contains("query=time") else { return reply }
      let last = Int(clock.now.nanoseconds / 1_000_000_000)
      func series(_ labels: String) -> StubServer.Reply {
        let values = (0..<9).reversed().map { "[\(last - $0),\"1\"]" }.joined(separator: ",")
        return .body(
          #"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{\#(labels)},"#
            + #""values":[\#(values)]}]}}"#)
      }
      if path.contains("%22vttablet_") {
        return series(
          #""__name__":"vttablet_tablet_server_state","name":"SERVING","instance":"tablet:1","#
            + #""job":"vttablet","keyspace":"commerce","shard":"0""#)
      }
      guard path.contains("vtgate_buffer_size") else { return .body(Self.empty) }
      return series(#""__name__":"vtgate_buffer_size","instance":"gate:1","job":"vtgate""#)
    }
    let observer = Observer(port: server.port, clock: clock)
    await observer.start()
    try await wait(for: "what it has stored") {
      let kinds = await observer.outcomes.map(\.target.kind)
      return kinds.contains(.vtgate) && kinds.contains(.vttablet)
    }
    await observer.settle()
    let fleet = await observer.fleet
    await observer.stop()
    await server.stop()
    #expect(fleet.relay?.fault == nil && fleet.relay?.tabletFault == nil)
    let note = try #require(
      FleetCheck(fleet).notes.first { $0.finding.name == .relayClockUnknown })
    #expect(
      Wording().words(note.finding)
        == "the clock of Prometheus at 127.0.0.1:\(server.port) is unknown, and taken for this "
        + "machine's: \(why)")
  }

  /// That it is slow is neither its silence nor that of the vtgates.
  @Test func thatItAnswersSlowlyIsSaid() async throws {
    let clock = RunClock()
    let gate = Gate()
    let server = try await StubServer { path in
      let now = clock.now.nanoseconds / 1_000_000_000
      guard !path.contains("query=time") else {
        return .body(
          #"{"status":"success","data":{"resultType":"scalar","result":[\#(now),"1"]}}"#)
      }
      if path.contains("vtgate_healthcheck_connections") { await gate.pass() }
      guard path.contains("vtgate_buffer_size") else { return .body(Self.empty) }
      let values = (0..<9).reversed().map { "[\(now - Int64($0)),\"100\"]" }.joined(separator: ",")
      return .body(
        #"{"status":"success","data":{"resultType":"matrix","result":[{"metric":"#
          + #"{"__name__":"vtgate_buffer_size","instance":"gate:1","job":"vtgate"},"#
          + #""values":[\#(values)]}]}}"#)
    }
    let observer = Observer(port: server.port, clock: clock)
    await observer.start()
    try await wait(for: "word of it") { await observer.relay?.delay != nil }
    await observer.settle()
    let relay = await observer.relay
    let check = FleetCheck(await observer.fleet)
    await gate.open()
    try await wait(for: "the end of it") { await observer.relay.map { $0.delay == nil } ?? false }
    await observer.stop()
    await server.stop()
    #expect(relay?.fault == nil && relay?.interval == .seconds(1))
    let problem = try #require(check.problems.first { $0.finding.name == .relayIsSlow })
    #expect(problem.health == .degraded)
    #expect(
      Wording().words(problem.finding).hasPrefix(
        "Prometheus at 127.0.0.1:\(server.port) answers slowly: the last look took "))
  }

  /// It may be hours until an answer that comes byte by byte is whole.
  @Test(arguments: [
    StubServer.Reply.silence,
    .pieces(Array(repeating: " ", count: 600), every: .milliseconds(100), ends: false),
  ]) func whoeverTakesTheQuestionAndTellsNothingIsNamed(_ reply: StubServer.Reply) async throws {
    let server = try await StubServer { _ in reply }
    let observer = Observer(port: server.port, clock: RunClock(), deadline: .seconds(60))
    await observer.start()
    try await wait(for: "word of it") { await observer.relay?.fault == .unheard }
    await observer.settle()
    let fleet = await observer.fleet
    await observer.stop()
    await server.stop()
    #expect(fleet.isHeardOf)
    let words = "Prometheus at 127.0.0.1:\(server.port): it has not answered yet"
    #expect(FleetCheck(fleet).problems.map { Wording().words($0.finding) }.contains(words))
    #expect(fleet.log.events.map { Wording().words($0.kind) } == [words])
  }

  /// A look ends with the fault, and does not wait for servers that nobody names.
  @Test func aLookEndsWithTheFault() async throws {
    let server = try await StubServer { _ in .body("", status: 503) }
    let clock = RunClock()
    let observer = Observer(port: server.port, clock: clock)
    let start = ContinuousClock.now
    let watch = await Look.take(
      [], settings: .init(cluster: "lab", interval: .seconds(1)), feed: observer.feed,
      deadline: .seconds(20), now: { clock.now })
    #expect(ContinuousClock.now - start < .seconds(10))
    #expect(watch.fleet.relay?.fault != nil)
    await server.stop()
  }
}

/// Whoever wants to pass waits until it is open.
private actor Gate {
  private var isOpen = false
  private var waiting: [CheckedContinuation<Void, Never>] = []

  func pass() async {
    guard !isOpen else { return }
    await withCheckedContinuation { waiting.append($0) }
  }

  func open() {
    isOpen = true
    for continuation in waiting { continuation.resume() }
    waiting = []
  }
}
