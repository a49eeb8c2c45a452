import Actions
import FleetModel
import Foundation
import Lines
import Terms
import TestSupport
import Testing
import Watching

/// Advice and the lines of a preflight say as values what their words say.
@Suite struct SubjectsTests {
  private static let now = Instant(secondsSinceEpoch: 1_795_000_000)
  private static let shard = ShardName(keyspace: "commerce", shard: "0")
  private static let other = ShardName(keyspace: "commerce", shard: "80-")
  private static let old = TabletAlias(cell: "zone1", uid: 100)
  private static let new = TabletAlias(cell: "zone1", uid: 101)
  private static let gate = Address(host: "gate1", port: 15001)
  private static let behind = Lag(value: 7.25, threshold: 5)
  private static let routing = ShardRouting(
    readAt: now, deniedTables: ["t1"], isPrimaryServing: true,
    workflows: [
      TrafficWorkflow(
        name: "m1", source: "commerce", sourceShards: ["0"], target: "customer", tables: ["t1"],
        trafficState: "Reads Not Switched. Writes Not Switched", isFrozen: false)
    ])
  private static let topo =
    #""topo": {"at": "2026-11-18T11:06:40.000Z", "deniedTables": ["t1"], "primaryServing": true, "workflows": [{"name": "m1", "source": "commerce", "target": "customer", "tables": ["t1"], "trafficState": "Reads Not Switched. Writes Not Switched"}]}"#
  private static let window = BufferFlags.KnownLimit(.seconds(10), by: .vitessDefault)

  static let advice: [(Advice.Kind, String)] = [
    (
      .serversDisagree(Disagreement(.primaryUnseen, servers: [gate], primary: old, since: now)),
      #""disagreement": "primary-unseen", "servers": ["gate1:15001"], "primary": "zone1-0000000100", "standing": false"#
    ),
    (
      .bufferingOff(at: [gate], isOffEverywhere: true, isLeftOut: false),
      #""servers": ["gate1:15001"], "everywhere": true, "leftOut": false"#
    ),
    (.coolDown(.seconds(56), leastTime: .commandLine), #""lasting": 56000"#),
    (
      .failoversTooClose(requests: 17, haveFailed: true, leastTime: window),
      #""requests": 17, "failed": true, "leastTime": {"time": 10000, "basis": "default"}"#
    ),
    (
      .bufferTooSmall(
        requests: 4, peak: 8, size: 10, others: [.init(shard: other, peak: 3)], wanted: 15),
      #""requests": 4, "peak": 8, "bufferSize": 10, "others": [{"shard": "commerce/80-", "peak": 3}], "settings": [{"flag": "--buffer_size", "value": "15"}]"#
    ),
    (
      .windowTooShort(
        requests: 6, window: window, took: .seconds(30),
        raise: [.init(.window, .seconds(45)), .init(.minTimeBetweenFailovers, .seconds(90))]),
      #""requests": 6, "window": {"time": 10000, "basis": "default"}, "took": 30000, "settings": [{"flag": "--buffer_window", "value": "45s"}, {"flag": "--buffer_min_time_between_failovers", "value": "1m30s"}]"#
    ),
    (
      .clientsGaveUp(requests: 3, window: window),
      #""requests": 3, "window": {"time": 10000, "basis": "default"}"#
    ),
    (
      .maxDurationExceeded(after: .seconds(20), raise: [.init(.maxFailoverDuration, .seconds(40))]),
      #""after": 20000, "settings": [{"flag": "--buffer_max_failover_duration", "value": "40s"}]"#
    ),
    (.waitedForAnother(other, isOver: true), #""waitedFor": "commerce/80-", "over": true"#),
    (.rolledBack(to: old), #""primary": "zone1-0000000100""#),
    (
      .cutoverUnderWay(
        ProxyCutover(.holding, from: "old", to: "new", startedAt: now), inFlight: 2,
        limit: .init(.seconds(20), by: .commandLine)),
      #""cutover": {"from": "old", "to": "new", "phase": "holding", "began": "\#(now.rfc3339)"}, "inFlight": 2, "maximum": {"time": 20000, "basis": "command-line"}"#
    ),
    (
      .cutoverNotDone(ProxyCutover(.timedOut, from: "old", to: "new", startedAt: now)),
      #""cutover": {"from": "old", "to": "new", "phase": "timed out", "began": "\#(now.rfc3339)"}"#
    ),
    (
      .serverNotUsable("old", .draining, others: ["new"]),
      #""server": "old", "reason": "draining", "servers": ["new"]"#
    ),
    (.primaryReadOnly("old", others: ["new"]), #""server": "old", "servers": ["new"]"#),
    (
      .switchAhead(
        TrafficWorkflow(
          name: "m1", source: "commerce", sourceShards: ["0"], target: "customer", tables: ["t1"],
          trafficState: "Reads Not Switched. Writes Not Switched", isFrozen: false,
          streams: .init(states: ["Running"], lag: .seconds(1))), age: .seconds(12),
        .held),
      #""workflow": {"name": "m1", "source": "commerce", "target": "customer", "tables": ["t1"], "trafficState": "Reads Not Switched. Writes Not Switched", "states": ["Running"], "lag": 1000, "readiness": "ready"}, "age": 12000, "buffered": true"#
    ),
    (.trafficSwitch(.seconds(3)), #""lasting": 3000"#),
    (.switchHalfDone(routing), topo),
    (.switchNotDone(staysAt: old, routing), #""primary": "zone1-0000000100", \#(topo)"#),
    (.samePrimary(old), #""primary": "zone1-0000000100""#),
    (.vtgateUnmoved([gate]), #""servers": ["gate1:15001"]"#),
    (
      .lagOverThreshold(behind),
      #""lag": 7.25, "lagThreshold": 5, "lagMetric": "lag", "lagScope": "shard", "lagWitness": "heartbeats""#
    ),
    (.heartbeatsOff, ""), (.throttlerDormant(isUnasked: true), #""unasked": true"#),
  ]

  private static func object(_ line: String) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
  }

  private static func subjects(_ json: String) throws -> NSDictionary {
    try object("{\(json)}") as NSDictionary
  }

  @Test(arguments: advice) func adviceTellsItsEvidence(_ kind: Advice.Kind, _ json: String) throws {
    let line = try Self.object(
      JSONLine().text(.advice(Advice(kind, for: Self.shard)), at: Self.now))
    #expect(line["kind"] as? String == kind.name)
    #expect(line["rule"] as? String == kind.rule.rawValue)
    let common: Set = [
      "version", "type", "at", "shard", "rule", "kind", "holds", "severity", "finding", "remedy",
    ]
    let subjects = line.filter { !common.contains($0.key) } as NSDictionary
    #expect(try subjects == Self.subjects(json))
  }

  @Test func everyRuleIsTold() {
    #expect(Set(Self.advice.map(\.0.rule)) == Set(Advice.Rule.allCases))
  }

  static let evidence: [(ReparentPreflight.Evidence, String)] = [
    (
      .topoNotRead(CallFailure(.unreachable, nil, .reported("vtctld is away"))),
      #""reason": "vtctld is away""#
    ), (.topoNamesNoPrimary, ""),
    (
      .topoNamesAnother(new, expected: old),
      #""primary": "zone1-0000000101", "expectedPrimary": "zone1-0000000100""#
    ),
    (
      .topoAsExpected(old, isCheckedAgain: true),
      #""primary": "zone1-0000000100", "checkedAgain": true"#
    ),
    (.nobodySaysWhoServes, ""),
    (.primaryServes(old, for: .planned), #""primary": "zone1-0000000100""#),
    (.primaryServesNot(old, for: .planned), #""primary": "zone1-0000000100""#),
    (
      .anotherServes(new, expected: old),
      #""primary": "zone1-0000000101", "expectedPrimary": "zone1-0000000100""#
    ),
    (.isPrimaryAlready(old), #""tablet": "zone1-0000000100""#),
    (.noTabletOfShard(new, shard), #""tablet": "zone1-0000000101""#),
    (.noOtherReplica(cell: "zone1"), #""cell": "zone1""#),
    (.replicasFit(1, of: 2), #""fit": 1, "all": 2"#),
    (
      .noReplica(.alias(new), .rdonly), #""tablet": "zone1-0000000101", "tabletType": "rdonly""#
    ),
    (.servesNot(.alias(new)), #""tablet": "zone1-0000000101""#),
    (
      .candidateFails(.alias(new), ScrapeFailure.unreachable(.refused)),
      #""tablet": "zone1-0000000101", "failure": {"kind": "unreachable", "text": "connection refused"}"#
    ),
    (
      .candidateLagNotKnown(.alias(new), .noAnswer),
      #""tablet": "zone1-0000000101", "caveat": "no-answer""#
    ),
    (
      .candidateLag(.alias(new), behind, threshold: 5, caveat: .throttlerClosed),
      #""tablet": "zone1-0000000101", "caveat": "throttler-closed", "lag": 7.25, "lagThreshold": 5, "lagMetric": "lag", "lagScope": "shard", "lagWitness": "heartbeats""#
    ),
    (.noVtgateAnswers, ""), (.bufferingOff(at: [gate]), #""servers": ["gate1:15001"]"#),
    (.vtgatesSilent(1, of: 3), #""silent": 1, "all": 3"#),
    (.bufferingNotKnown(at: [gate]), #""servers": ["gate1:15001"]"#),
    (.bufferingOn(vtgates: 3), #""vtgates": 3"#), (.coolDownNotKnown, ""),
    (.coolDownLeft(.seconds(56)), #""lasting": 56000"#), (.coolDownOver, ""),
    (
      .room(at: gate, rate: 1200, lasting: .seconds(1), needed: 1200, free: 90, size: 1000),
      #""server": "gate1:15001", "rate": 1200, "lasting": 1000, "needed": 1200, "free": 90, "bufferSize": 1000"#
    ),
    (.ratesNotKnown(1, of: 2), #""unknown": 1, "all": 2"#),
    (
      .stall(
        .seconds(30), waitTimeout: .seconds(15), window: .seconds(10), maximum: .seconds(20)),
      #""lasting": 30000, "waitTimeout": 15000, "window": {"time": 10000}, "maximum": {"time": 20000}"#
    ),
    (.stallWithoutLimits(.seconds(30)), #""lasting": 30000"#), (.ownReparentGoesOn, ""),
    (.failoverGoesOn(3), #""failover": 3"#), (.noOtherReparent, ""),
    (
      .throttledApps([.init("vreplication", left: .seconds(60))]),
      #""apps": [{"name": "vreplication", "left": 60000}]"#
    ),
    (.policyNotKnown, ""), (.noPoliciesInTopo, ""),
    (.noSemiSync(isPolicySet: true), #""policy": "none""#),
    (.acknowledgers(2, policy: "semi_sync"), #""acknowledging": 2, "policy": "semi_sync""#),
  ]

  @Test(arguments: evidence) func aCheckTellsItsSubjects(
    _ evidence: ReparentPreflight.Evidence, _ json: String
  ) throws {
    let preflight = ReparentPreflight([.init(.candidate, .warn, evidence)])
    let order = ReparentOrder(.planned, of: Self.shard, expecting: Self.old)
    let plan = try Self.object(
      JSONLine().text(.reparent(order), preflight, request: "", at: Self.now))
    let lines = try #require(plan["preflight"] as? [[String: Any]])
    #expect(lines.map { $0["kind"] as? String } == [evidence.name.rawValue])
    let common: Set = ["check", "status", "kind", "evidence"]
    let subjects = lines.first?.filter { !common.contains($0.key) } as NSDictionary?
    #expect(try subjects == Self.subjects(json))
  }

  @Test func allEvidenceIsTold() {
    #expect(Set(Self.evidence.map(\.0.name)) == Set(ReparentPreflight.Evidence.Name.allCases))
  }

  @Test func kindsAreDocumented() throws {
    let document = try String(
      contentsOf: Fixtures.checkout.appending(path: "docs/json.md"), encoding: .utf8)
    let names =
      Self.advice.map(\.0.name) + ReparentPreflight.Evidence.Name.allCases.map(\.rawValue)
      + Lag.Caveat.Name.allCases.map(\.rawValue)
      + FleetCheck.Finding.Name.allCases.map(\.rawValue)
      + Objection.Name.allCases.map(\.rawValue)
      + ActionReport.Verdict.Name.allCases.map(\.rawValue)
      + ActionReport.Finding.Name.allCases.map(\.rawValue)
    for name in Set(names) { #expect(document.contains("`\(name)`"), "\(name)") }
  }
}
