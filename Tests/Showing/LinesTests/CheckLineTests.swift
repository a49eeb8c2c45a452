import FleetModel
import Foundation
import Lines
import Terms
import Testing

/// What a check has found says as values what its words say.
@Suite struct CheckLineTests {
  private static let now = Instant(secondsSinceEpoch: 1_795_000_000)
  private static let shard = ShardName(keyspace: "commerce", shard: "0")
  private static let alias = TabletAlias(cell: "zone1", uid: 100)

  private static let relay: Relay = {
    var relay = Relay(Address(host: "prom", port: 9090))
    relay.interval = .seconds(15)
    relay.tabletInterval = .seconds(30)
    return relay
  }()

  static let findings: [(FleetCheck.Finding, String)] = [
    (.noShardNamed, ""), (.blind, ""), (.severalProcesses, ""), (.shardBlind, ""),
    (.namedByNoVtgate, ""), (.nothingKnown, ""), (.bufferingOff, ""), (.deadRecords, ""),
    (.unverified, ""),
    (
      .noAnswer(.unreachable(.refused)),
      #""failure": {"kind": "unreachable", "text": "connection refused"}"#
    ),
    (.noAnswer(nil), ""),
    (
      .tabletsSilent(7, [.alias(alias)], .noAnswer(within: .seconds(2))),
      #""silent": 7, "tablets": ["zone1-0000000100"], "failure": {"kind": "timed-out", "text": "no answer within 2.0 s", "within": 2000}"#
    ),
    (
      .relayFails(relay, .failed(.unreachable(.refused))),
      #""server": "prom:9090", "reason": "failed", "failure": {"kind": "unreachable", "text": "connection refused"}"#
    ),
    (
      .relayHidesTablets(relay, .refused(words: "too much")),
      #""server": "prom:9090", "reason": "refused""#
    ),
    (
      .relayIsSlow(relay, .seconds(22)),
      #""server": "prom:9090", "interval": 15000, "took": 22000"#
    ),
    (.sourceFails(.file("/etc/gates.yml"), "no"), #""namedBy": "/etc/gates.yml""#),
    (.sourceFails(.vtctld, nil), #""namedBy": "vtctld""#),
    (.sourceStays(.command, "no"), #""namedBy": "the command""#),
    (.sourceNamesNobody(.vtadmin), #""namedBy": "vtadmin""#),
    (.sourceRemark(.dns("gates:1"), "no"), #""namedBy": "DNS (gates:1)""#),
    (.relayed(relay), #""server": "prom:9090", "interval": 15000, "tabletInterval": 30000"#),
    (.tabletsUnplaced(7), #""unplaced": 7"#),
    (
      .relayClockUnknown(relay, .refused(words: "no")),
      #""server": "prom:9090", "reason": "refused""#
    ),
    (
      .staysRelayed(
        Relay.Unreached(
          2, first: Target(.vttablet, Address(host: "db", port: 1)), .unreachable(.refused))),
      #""unreached": 2, "server": "db:1", "serverKind": "vttablet", "failure": {"kind": "unreachable", "text": "connection refused"}"#
    ),
    (
      .unscraped(.init(3, first: Target(.vtgate, Address(host: "gate", port: 1)))),
      #""unscraped": 3, "server": "gate:1", "serverKind": "vtgate""#
    ),
    (.topoUnread(CallFailure(.unreachable, nil, .connection(.refused))), ""),
    (.cutoversUnknown, ""), (.onlyInTopo(primary: nil), ""),
    (.onlyInTopo(primary: alias), #""primary": "zone1-0000000100""#),
    (
      .cutoverUnderWay(
        ProxyCutover(.holding, from: "old", to: "new", startedAt: now), held: 4),
      #""cutover": {"from": "old", "to": "new", "phase": "holding", "began": "\#(now.rfc3339)"}, "requests": 4"#
    ),
    (.shardNotKnown(nil), ""), (.primaryUnseen(hasOnlyReplicas: true), #""onlyReplicas": true"#),
    (.holding(.buffering, 12), #""requests": 12"#), (.holding(.draining, nil), ""),
    (
      .disagreement(
        Disagreement(.failingCalls, servers: [], primary: alias, since: now)),
      #""disagreement": "failing-calls", "primary": "zone1-0000000100", "failuresPerSecond": 0, "standing": false"#
    ),
    (
      .lagOver(Lag(value: 7.25, threshold: 5)),
      #""lag": 7.25, "lagThreshold": 5, "lagMetric": "lag", "lagScope": "shard", "lagWitness": "heartbeats""#
    ),
    (
      .primaryServesLess(.alias(alias), .notServing),
      #""tablet": "zone1-0000000100", "serverState": "not serving""#
    ),
    (.severalWritable(["new", "old"]), #""servers": ["new", "old"]"#),
    (
      .tabletsNotServing(4, [.alias(alias)]),
      #""notServing": 4, "tablets": ["zone1-0000000100"]"#
    ),
    (
      .addressTakenOver(.alias(alias), by: .init(alias: nil, shard: shard)),
      #""tablet": "zone1-0000000100", "occupant": {"shard": "commerce/0"}"#
    ),
    (.setAside(.replaced, for: [shard]), #""idle": "replaced", "successors": ["commerce/0"]"#),
    (.snapshot(of: "commerce"), #""keyspace": "commerce""#), (.snapshot(of: ""), ""),
    (.acknowledged(.bufferingOff), #""acknowledged": true"#),
    (.ignored(.holding(.buffering, 12)), #""ignored": true, "requests": 12"#),
  ]

  static func check(_ finding: FleetCheck.Finding) -> FleetCheck {
    FleetCheck(
      problems: [.init(subject: .shard(shard), health: .degraded, finding: finding)], notes: [],
      shards: [])
  }

  @Test(arguments: findings) func aFindingHasItsSubjects(
    _ finding: FleetCheck.Finding, _ json: String
  ) throws {
    let line = JSONLine().text(Self.check(finding), at: Self.now)
    let object = try #require(
      JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    let problem = try #require((object["problems"] as? [[String: Any]])?.first)
    #expect(problem["kind"] as? String == finding.name.rawValue)
    #expect(problem["shard"] as? String == "commerce/0")
    let common: Set = ["subject", "shard", "health", "kind", "text"]
    let subjects = problem.filter { !common.contains($0.key) } as NSDictionary
    let wanted = try JSONSerialization.jsonObject(with: Data("{\(json)}".utf8)) as? NSDictionary
    #expect(subjects == wanted)
  }
}
