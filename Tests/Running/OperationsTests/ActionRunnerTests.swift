import Actions
import FleetModel
import Foundation
import Lab
import LabServer
import Operations
import Synchronization
import Terms
import TestSupport
import Testing
import VitessClient
import VtctldClient

@Suite(.serialized, .timeLimit(.minutes(4))) struct ActionRunnerTests {
  private static let order = ReparentOrder(
    .planned, of: RunningLab.shard, expecting: RunningLab.primary)
  private static let quarter = AppRuleOrder.Change.throttle(
    for: .seconds(600), ratio: 0.25, isExempt: false)

  // MARK: Throttling

  @Test(arguments: [VitessRelease.v18, .v20, .v21, .v22])
  func aRuleInTopoIsSeenOnEveryTabletAndReleased(_ release: VitessRelease) async throws {
    let lab = try await RunningLab(release)
    let operate = try lab.operate()
    let scope = AppRuleOrder.Scope.keyspace("commerce")
    let set = await operate.perform(
      .throttle(AppRuleOrder(app: "vreplication", Self.quarter, in: scope)), progress: quietly)
    #expect(set.outcome == .done, "\(set)")
    #expect(set.parts.count == 4)
    #expect(set.parts.dropFirst().allSatisfy { $0.said.hasPrefix("ratio 0.25, ") })
    let topo = try await VtctldClient(VtctldAccess(servers: [lab.vtctld])).keyspaces()
    #expect(topo.first?.throttler?.throttledApps.map(\.name) == ["vreplication"])

    let released = await operate.perform(
      .throttle(AppRuleOrder(app: "vreplication", .release, in: scope)), progress: quietly)
    #expect(released.outcome == .done, "\(released)")
    #expect(lab.auditPhases == ["intent", "result", "intent", "result"])
    #expect(lab.auditOutcomes == ["done", "done"])
    await lab.stop()
  }

  @Test(arguments: [VitessRelease.v14, .v16, .v18, .v20, .v21])
  func aRuleInMemoryIsReadBackAndReleased(_ release: VitessRelease) async throws {
    let lab = try await RunningLab(release)
    let operate = try lab.operate()
    let scope = AppRuleOrder.Scope.tablets([try lab.tablet(100), try lab.tablet(101)])
    // What is no letter must arrive as it is.
    for app in ["vreplication", "a b&c=d/é:\u{1F512}"] {
      let set = await operate.perform(
        .throttle(AppRuleOrder(app: app, Self.quarter, in: scope)), progress: quietly)
      #expect(set.outcome == .done, "\(set)")
      let released = await operate.perform(
        .throttle(AppRuleOrder(app: app, .release, in: scope)), progress: quietly)
      #expect(released.outcome == .done, "\(released)")
    }
    #expect(lab.auditPhases.count == 16)
    await lab.stop()
  }

  @Test func theThrottlersSettingsAreReadBackFromTopo() async throws {
    let lab = try await RunningLab(.v22)
    let operate = try lab.operate()
    for change in [ThrottlerConfigOrder.Change.threshold(2.5), .disable, .enable] {
      let report = await operate.perform(
        .configure(ThrottlerConfigOrder(keyspace: "commerce", change)), progress: quietly)
      #expect(report.outcome == .done, "\(report)")
    }
    await lab.stop()
  }

  @Test(arguments: [VitessRelease.v16, .v18, .v20, .v21, .v22])
  func aCustomQueryIsSeenOnEveryTabletAndLagAgain(_ release: VitessRelease) async throws {
    let lab = try await RunningLab(release) { $0.isThrottlerConfigInTopo = true }
    let operate = try lab.operate()
    let checks: DefaultMetric.Scope? = release < .v21 ? .itself : nil
    let query = "show global status like 'threads_running'"
    let set = await operate.perform(
      .configure(
        ThrottlerConfigOrder(
          keyspace: "commerce", .metric(query: query, threshold: 60, checks: checks))),
      progress: quietly)
    #expect(set.outcome == .done, "\(set)")
    #expect(
      set.parts.dropFirst().map(\.said)
        == Array(repeating: "a custom query, threshold 60", count: 3))
    let config = try #require(try await lab.topoThrottler())
    #expect(config.customQuery == query && config.threshold == 60)
    #expect(config.checkAsCheckSelf == (checks == .itself))
    // Nothing else than the custom query was touched.
    #expect(config.isEnabled)

    let back = await operate.perform(
      .configure(
        ThrottlerConfigOrder(
          keyspace: "commerce",
          .metric(query: nil, threshold: 2.5, checks: checks.map { _ in .shard }))),
      progress: quietly)
    #expect(back.outcome == .done, "\(back)")
    #expect(back.parts.dropFirst().map(\.said) == Array(repeating: "lag, threshold 2.5", count: 3))
    let after = try #require(try await lab.topoThrottler())
    #expect(after.customQuery.isEmpty && after.threshold == 2.5 && !after.checkAsCheckSelf)
    let body = try #require(lab.audit.first?["body"] as? String)
    #expect(
      body
        == "{\"keyspace\":\"commerce\",\"threshold\":60.0,"
        + "\"custom_query\":\"show global status like 'threads_running'\",\"custom_query_set\":true"
        + (checks == nil ? "}" : ",\"check_as_check_self\":true}"))
    await lab.stop()
  }

  /// No release's tablets tell it, and none from v21 on looks at it.
  @Test(arguments: [VitessRelease.v16, .v20, .v21, .v22])
  func whoseValueChecksLookAtIsSetWhereAReleaseLooksAtIt(
    _ release: VitessRelease
  ) async throws {
    let lab = try await RunningLab(release) { $0.isThrottlerConfigInTopo = true }
    let operate = try lab.operate()
    for (scope, isSelf) in [(DefaultMetric.Scope.itself, true), (.shard, false)] {
      let report = await operate.perform(
        .configure(ThrottlerConfigOrder(keyspace: "commerce", .checks(scope))), progress: quietly)
      if release < .v21 {
        #expect(report.outcome == .done, "\(report)")
        #expect(
          report.parts.map(\.said) == ["has it; tablets do not tell whose value they look at"])
        #expect(try await lab.topoThrottler()?.checkAsCheckSelf == isSelf)
      } else {
        #expect(report.outcome == .notSent)
        #expect(report.said.contains("which does not look at check_as_check_self; v16 to v20"))
      }
    }
    #expect(lab.audit.isEmpty == (release >= .v21))
    await lab.stop()
  }

  @Test func whatNoThrottlerCanBeSetToIsNotSent() async throws {
    let lab = try await RunningLab(.v22)
    let changes: [ThrottlerConfigOrder.Change] = [
      .threshold(0), .threshold(.infinity), .metric(query: nil, threshold: -1, checks: nil),
      .metric(query: "drop table t", threshold: 1, checks: nil),
      .metric(query: "select 1", threshold: .nan, checks: nil),
    ]
    for change in changes {
      let report = try await lab.operate().perform(
        .configure(ThrottlerConfigOrder(keyspace: "commerce", change)), progress: quietly)
      #expect(report.outcome == .notSent && report.said.hasPrefix("nothing was sent: "))
    }
    #expect(lab.audit.isEmpty)
    await lab.stop()
  }

  /// A tablet's own answers tell who decides, and with topo the shard shows whose value it is.
  @Test(
    arguments: zip(
      VitessRelease.allCases,
      Array(repeating: ThrottlerReading.CheckAs.flag(false), count: 2)
        + Array(repeating: .topo, count: 5) + Array(repeating: .release, count: 4)))
  func whoDecidesWhoseValueCounts(
    _ release: VitessRelease, _ expected: ThrottlerReading.CheckAs
  ) async throws {
    let lab = try await RunningLab(release) { $0.isThrottlerConfigInTopo = true }
    let address = try lab.tablet(100).address
    let fetcher = HTTPFetcher()
    var client = TabletClient(address, fetcher: fetcher)
    let reading = try await client.poll()
    #expect(reading.throttler.checkAs == expected)
    var fleet = Fleet()
    fleet.apply(
      ScrapeOutcome(
        target: Target(.vttablet, address), at: lab.now(), took: .zero, result: .member(reading)))
    func scope(checksItself: Bool?) -> DefaultMetric.Scope? {
      if let checksItself {
        var keyspace = TopoKeyspace(name: "commerce")
        keyspace.throttler = .init(
          isEnabled: true, threshold: 5, checkAsCheckSelf: checksItself, throttledApps: [])
        fleet.apply([keyspace])
      }
      fleet.settle(at: lab.now())
      return fleet.shard(RunningLab.shard).tablets.first?.lag.metric.scope
    }
    #expect(scope(checksItself: nil) == .shard)
    #expect(scope(checksItself: true) == (expected == .topo ? .itself : .shard))
    #expect(scope(checksItself: false) == .shard)
    await fetcher.shutdown()
    await lab.stop()
  }

  // MARK: Reparents

  @Test(arguments: VitessRelease.allCases)
  func aPlannedReparentWithAndWithoutACandidate(_ release: VitessRelease) async throws {
    let lab = try await RunningLab(release)
    let operate = try lab.operate()
    let candidate = TabletAlias(cell: "zone1", uid: 102)
    let chosen = await operate.perform(
      .reparent(
        ReparentOrder(
          .planned, of: RunningLab.shard, to: candidate, expecting: RunningLab.primary)),
      progress: quietly)
    #expect(chosen.outcome == .done, "\(chosen)")
    #expect(!chosen.events.isEmpty)
    #expect(try await lab.topoPrimary() == candidate)
    let free = await operate.perform(
      .reparent(ReparentOrder(.planned, of: RunningLab.shard, expecting: candidate)),
      progress: quietly)
    #expect(free.outcome == .done, "\(free)")
    #expect(try await lab.topoPrimary() != candidate)
    #expect(lab.auditOutcomes == ["done", "done"])
    let body = try #require(lab.audit.first?["body"] as? String)
    #expect(
      body
        == "{\"keyspace\":\"commerce\",\"shard\":\"0\",\"new_primary\":{\"cell\":\"zone1\",\"uid\":102},"
        + "\"wait_replicas_timeout\":{\"seconds\":\"15\"},"
        + "\"expected_primary\":{\"cell\":\"zone1\",\"uid\":100}}")
    await lab.stop()
  }

  @Test(arguments: [VitessRelease.v16, .v22])
  func anEmergencyReparentAfterThePrimaryWasKilled(_ release: VitessRelease) async throws {
    let lab = try await RunningLab(release)
    _ = try await lab.host.perform(
      DrillCommand("process", ["server": "zone1-100", "state": "dead"], at: lab.now()))
    let report = try await lab.operate().perform(
      .reparent(
        ReparentOrder(.emergency, of: RunningLab.shard, expecting: RunningLab.primary)),
      progress: quietly)
    #expect(report.outcome == .done, "\(report)")
    #expect(try await lab.topoPrimary() != RunningLab.primary)
    await lab.stop()
  }

  /// As recorded on v23.
  @Test func anEmergencyReparentOfAPrimaryThatIsWellChoosesItAgain() async throws {
    let lab = try await RunningLab(.v22)
    let report = try await lab.operate().perform(
      .reparent(
        ReparentOrder(.emergency, of: RunningLab.shard, expecting: RunningLab.primary)),
      progress: quietly)
    #expect(report.outcome == .done, "\(report)")
    #expect(report.said.contains("zone1-100 is still primary of commerce/0"))
    #expect(try await lab.topoPrimary() == RunningLab.primary)
    await lab.stop()
  }

  @Test func anotherPrimaryThanExpectedSendsNothing() async throws {
    let lab = try await RunningLab(.v16)
    let report = try await lab.operate().perform(
      .reparent(
        ReparentOrder(
          .planned, of: RunningLab.shard, expecting: TabletAlias(cell: "zone1", uid: 101))),
      progress: quietly)
    #expect(report.outcome == .notSent)
    #expect(report.said.contains("the primary in topo is zone1-100, not zone1-101"))
    #expect(lab.audit.isEmpty)
    #expect(await lab.reparents() == 0)
    await lab.stop()
  }

  @Test func aCandidateThatCannotCatchUpFailsWithTheServersWordsAndTheState() async throws {
    let lab = try await RunningLab(.v22) {
      $0.traffic = [Traffic(.steady, to: RunningLab.shard)]
    }
    _ = try await lab.host.perform(
      DrillCommand("sql-thread", ["tablet": "zone1-101", "running": "false"], at: lab.now()))
    try await Task.sleep(for: .milliseconds(1500))
    let report = try await lab.operate().perform(
      .reparent(
        ReparentOrder(
          .planned, of: RunningLab.shard, to: TabletAlias(cell: "zone1", uid: 101),
          expecting: RunningLab.primary, waitReplicasTimeout: .seconds(1))),
      progress: quietly)
    #expect(report.outcome == .failed, "\(report)")
    #expect(report.said.contains("PlannedReparentShard: "))
    #expect(report.said.contains("topo names zone1-100 as primary"))
    #expect(lab.auditOutcomes == ["failed"])
    await lab.stop()
  }

  @Test func aLockedShardRefusesTheSecond() async throws {
    let lab = try await RunningLab(.v22) { $0.promotion = .seconds(2) }
    let operate = try lab.operate()
    async let first = operate.perform(.reparent(Self.order), progress: quietly)
    try await wait(for: "the first to be sent") { await lab.reparents() == 1 }
    let second = await operate.perform(.reparent(Self.order), progress: quietly)
    #expect(await first.outcome == .done)
    // It waits for the lock or finds another primary; either way it says so and nothing is done twice.
    #expect(second.outcome == .failed || second.outcome == .notSent, "\(second)")
    await lab.stop()
  }

  // MARK: Faults

  /// The calls of a reparent: GetKeyspaces, GetShard, PlannedReparentShard.
  @Test(arguments: [1, 2, 3], [FaultyProxy.Fault.beforeRequest, .afterRequest, .beforeAnswer])
  func whateverBreaksNothingIsSentTwiceAndNoSuccessIsMadeUp(
    _ call: Int, _ fault: FaultyProxy.Fault
  ) async throws {
    let lab = try await RunningLab(.v22) { $0.promotion = .milliseconds(300) }
    let proxy = try await FaultyProxy(to: lab.vtctld.port, fault, call: call)
    let operate = try lab.operate(
      through: [Address(host: "127.0.0.1", port: proxy.port), lab.vtctld])
    let report = await operate.perform(.reparent(Self.order), progress: quietly)
    let count = await lab.reparents()
    let primary = try await lab.topoPrimary()
    switch (call, fault) {
    case (1, _):
      // Nothing had begun: the other vtctld does it.
      #expect(report.outcome == .done, "\(report)")
      #expect(count == 1)
    case (2, _):
      #expect(report.outcome == .notSent, "\(report)")
      #expect(count == 0 && lab.audit.isEmpty)
    case (_, .beforeRequest):
      #expect(report.outcome == .unknown, "\(report)")
      #expect(count == 0 && primary == RunningLab.primary)
      #expect(report.said.contains("still names zone1-100"))
    default:
      #expect(report.outcome == .unknown, "\(report)")
      #expect(count == 1)
      #expect(report.said.contains("not known"), "\(report)")
    }
    if report.sentAt != nil { #expect(lab.auditPhases.prefix(2) == ["intent", "result"]) }
    // What topo showed afterwards is in the log as well.
    if report.outcome == .unknown { #expect(lab.auditPhases.dropFirst(2).contains("observed")) }
    await proxy.stop()
    await lab.stop()
  }

  @Test func breakingAReparentOffIsUnknownAndLookedFor() async throws {
    let lab = try await RunningLab(.v22) { $0.promotion = .seconds(1) }
    let operate = try lab.operate()
    let running = Task { await operate.perform(.reparent(Self.order), progress: quietly) }
    try await wait(for: "it to be sent") { await lab.reparents() == 1 }
    running.cancel()
    let report = await running.value
    #expect(report.outcome == .unknown, "\(report)")
    #expect(report.said.contains("topo "))
    #expect(lab.auditPhases.prefix(3) == ["intent", "result", "observed"])
    #expect(lab.auditOutcomes.allSatisfy { $0 == "unknown" })
    #expect(await lab.reparents() == 1)
    await lab.stop()
  }

  @Test func anAuditLogThatCannotBeWrittenStopsEverything() async throws {
    let lab = try await RunningLab(.v20)
    let operate = try lab.operate(auditingTo: "/dev/full")
    let reparent = await operate.perform(.reparent(Self.order), progress: quietly)
    #expect(reparent.outcome == .notSent, "\(reparent)")
    #expect(reparent.said.contains("cannot open the audit log /dev/full: it is not a file"))
    let scopes: [AppRuleOrder.Scope] = [.keyspace("commerce"), .tablets([try lab.tablet(100)])]
    for scope in scopes {
      let report = await operate.perform(
        .throttle(AppRuleOrder(app: "online-ddl", Self.quarter, in: scope)), progress: quietly)
      #expect(report.outcome == .notSent, "\(report)")
    }
    #expect(await lab.reparents() == 0)
    await lab.stop()
  }

  @Test func withNoVtctldNothingIsSentAndEachIsNamed() async throws {
    let lab = try await RunningLab(.v20)
    let dead = [Address(host: "127.0.0.1", port: 1), Address(host: "127.0.0.1", port: 2)]
    let report = try await lab.operate(through: dead)
      .perform(.reparent(Self.order), progress: quietly)
    #expect(report.outcome == .notSent)
    #expect(report.said.contains("127.0.0.1:1") && report.said.contains("127.0.0.1:2"))
    await lab.stop()
  }
}

/// vtadmin's API as go/vt/vtadmin/http answers, over a real socket.
@Suite(.serialized, .timeLimit(.minutes(1))) struct VtadminTests {
  private static func keyspaces(primary uid: Int) -> String {
    """
    {"result":{"keyspaces":[{"cluster":{"id":"prod"},"keyspace":{"name":"commerce"},"shards":{"0":
    {"keyspace":"commerce","name":"0","shard":{"primary_alias":{"cell":"zone1","uid":\(uid)}}}}}]},
    "ok":true}
    """
  }

  /// `promotes`: the reparent is carried out.
  private static func perform(
    _ answer: StubServer.Reply, promotes: Bool = false
  ) async throws -> (report: ActionReport, requests: [String], lines: [String]) {
    let primary = Mutex(100)
    let server = try await StubServer { path in
      if path.hasPrefix("/api/keyspaces") {
        return .body(keyspaces(primary: primary.withLock { $0 }))
      }
      if promotes { primary.withLock { $0 = 101 } }
      return answer
    }
    let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-\(UUID())")
    let path = folder.appending(path: "audit.jsonl").path
    let operate = ActionRunner(
      vtctld: nil,
      vtadmin: VtadminClient("http://127.0.0.1:\(server.port)/", cluster: "prod"),
      audit: AuditLog(path: path, cluster: "test"), observation: .milliseconds(100),
      now: { Instant(secondsSinceEpoch: Date().timeIntervalSince1970) })
    let report = await operate.perform(
      .reparent(
        ReparentOrder(
          .planned, of: RunningLab.shard, to: TabletAlias(cell: "zone1", uid: 101),
          expecting: RunningLab.primary)), progress: quietly)
    await server.stop()
    let lines = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    try? FileManager.default.removeItem(at: folder)
    return (report, server.requests, lines.split(separator: "\n").map(String.init))
  }

  @Test func aReparentThroughVtadmin() async throws {
    let (report, requests, lines) = try await Self.perform(
      .body(
        #"""
        {"result":{"cluster":{"id":"prod"},"keyspace":"commerce","shard":"0","promoted_primary":
        {"cell":"zone1","uid":101},"events":[{"value":"elected new primary candidate"}]},"ok":true}
        """#), promotes: true)
    #expect(report.outcome == .done)
    #expect(report.said == "zone1-101 is primary of commerce/0")
    #expect(report.events == ["elected new primary candidate"])
    #expect(requests.filter { $0.contains("planned_failover") }.count == 1)
    #expect(requests.contains("/api/shard/prod/commerce/0/planned_failover"))
    #expect(lines.count == 2)
    // Plain JSON: vtadmin does not read seconds from a string.
    #expect(lines[0].contains(#"\"wait_replicas_timeout\":{\"seconds\":15}"#))
  }

  @Test(arguments: [
    (
      StubServer.Reply.body(
        #"{"ok":false,"error":{"message":"primary not reachable"}}"#, status: 500),
      ActionReport.Outcome.failed, "vtadmin: primary not reachable; topo names zone1-100"
    ),
    (
      .body(
        #"{"ok":false,"error":{"message":"rpc error: code = Unavailable desc = EOF"}}"#, status: 500
      ),
      .unknown, "code = Unavailable"
    ),
    (.body("<html>", status: 403, type: "text/html"), .failed, "answered 403"),
    (.body("<html>", status: 504, type: "text/html"), .unknown, "answered 504"),
    (.hangUp, .unknown, "no answer came"),
  ])
  func whatVtadminAnswersIsTakenForWhatItIs(
    _ answer: StubServer.Reply, _ outcome: ActionReport.Outcome, _ words: String
  ) async throws {
    let (report, requests, lines) = try await Self.perform(answer)
    #expect(report.outcome == outcome)
    #expect(report.said.contains(words), "\(report.said)")
    #expect(requests.filter { $0.contains("planned_failover") }.count == 1)
    #expect(lines.count == (outcome == .unknown ? 3 : 2))
  }
}
