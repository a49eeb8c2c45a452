import FleetModel
import Foundation
import Lines
import Terms
import TestSupport
import Testing

@Suite struct EventLineTests {
  private static let at = Instant(secondsSinceEpoch: 1_795_000_000)
  private static let gate = Target(.vtgate, Address(host: "gate1", port: 15001))
  private static let old = TabletAlias(cell: "zone1", uid: 100)
  private static let new = TabletAlias(cell: "zone1", uid: 101)
  private static let slow = ScrapeFailure.noAnswer(within: .seconds(2))

  private static func found(
    _ kind: Disagreement.Kind, isStanding: Bool = true, failures: Double = 0
  ) -> Disagreement {
    Disagreement(
      kind, servers: [gate.address], primary: new, since: at, isStanding: isStanding,
      failures: failures)
  }

  private static let odd =
    #""servers": ["gate1:15001"], "primary": "zone1-0000000101", "standing": true"#

  static let kinds: [(FleetEvent.Kind, String)] = [
    (.vtgateRestarted, #"{"kind": "vtgate-restarted"}"#),
    (.severalProcesses, #"{"kind": "several-processes"}"#),
    (.buffering(.goingOn), #"{"kind": "buffering-going-on"}"#),
    (.buffering(.passed(2)), #"{"kind": "failovers-between-polls", "failovers": 2}"#),
    (.buffering(.started), #"{"kind": "buffering-started"}"#),
    (
      .buffering(.ended(.maxDurationExceeded)),
      #"{"kind": "buffering-ended", "reason": "MaxDurationExceeded"}"#
    ),
    (
      .buffering(.evicted(.bufferFull)), #"{"kind": "requests-evicted", "reason": "BufferFull"}"#
    ),
    (
      .buffering(.notBuffered(.shutdown)),
      #"{"kind": "requests-not-buffered", "reason": "Shutdown"}"#
    ),
    (.buffering(.drained), #"{"kind": "requests-drained"}"#),
    (
      .combinedBuffering(.started, keyspace: "commerce"),
      #"{"kind": "buffering-started", "combined": true, "keyspace": "commerce"}"#
    ),
    (
      .combinedBuffering(.ended(.shutdown), keyspace: nil),
      #"{"kind": "buffering-ended", "combined": true, "reason": "Shutdown"}"#
    ),
    (
      .clientErrorsRise(codes: ["ABORTED", "UNAVAILABLE"]),
      #"{"kind": "client-errors-rise", "codes": ["ABORTED", "UNAVAILABLE"]}"#
    ),
    (
      .primaryChanged(to: new, from: old),
      #"{"kind": "primary-changed", "primaryAfter": "zone1-0000000101", "primaryBefore": "zone1-0000000100"}"#
    ),
    (.primaryUnseen, #"{"kind": "primary-unseen"}"#),
    (
      .primaryServesAgain(old),
      #"{"kind": "primary-serves-again", "primary": "zone1-0000000100"}"#
    ),
    (.othersWait, #"{"kind": "others-wait"}"#),
    (
      .cutover(
        ProxyCutover(
          .cancelled, from: "old", to: "new", startedAt: at, endedAt: at, reason: "an operator")),
      #"{"kind": "cutover", "cutover": {"from": "old", "to": "new", "phase": "cancelled", "began": "2026-11-18T11:06:40.000Z", "ended": "2026-11-18T11:06:40.000Z", "reason": "an operator"}}"#
    ),
    (
      .lagOverThreshold(Lag(value: 7.25, threshold: 5), replica: .alias(new)),
      #"{"kind": "lag-over-threshold", "lag": 7.25, "lagThreshold": 5, "lagMetric": "lag", "lagScope": "shard", "lagWitness": "heartbeats", "tablet": "zone1-0000000101"}"#
    ),
    (
      .lagOverThreshold(
        Lag(
          value: 42, threshold: 5,
          metric: .custom(query: "show global status like 'threads_running'", scope: .itself)),
        replica: nil),
      #"{"kind": "lag-over-threshold", "lag": 42, "lagThreshold": 5, "lagMetric": "threads_running", "lagScope": "itself"}"#
    ),
    (.lagBackUnderThreshold(.lag), #"{"kind": "lag-back-under-threshold", "lagMetric": "lag"}"#),
    (
      .primaryServesLess(.alias(old), .shuttingDown),
      #"{"kind": "primary-serves-less", "tablet": "zone1-0000000100", "serverState": "shutting down"}"#
    ),
    (
      .primaryServesFully(.address(gate.address)),
      #"{"kind": "primary-serves-fully", "tablet": "gate1:15001"}"#
    ),
    (
      .noAnswer(gate, slow),
      #"{"kind": "no-answer", "server": "gate1:15001", "serverKind": "vtgate", "failure": {"kind": "timed-out", "text": "no answer within 2.0 s", "within": 2000}}"#
    ),
    (
      .answersAgain(gate, after: .milliseconds(1500)),
      #"{"kind": "answers-again", "server": "gate1:15001", "serverKind": "vtgate", "after": 1500}"#
    ),
    (
      .tabletsSilent(slow),
      #"{"kind": "tablets-silent", "failure": {"kind": "timed-out", "text": "no answer within 2.0 s", "within": 2000}}"#
    ),
    (
      .disagreement(found(.primaryUnseen)),
      #"{"kind": "disagreement", "disagreement": "primary-unseen", \#(odd)}"#
    ),
    (
      .disagreement(found(.otherPrimary(old))),
      #"{"kind": "disagreement", "disagreement": "other-primary", "tablets": ["zone1-0000000100"], \#(odd)}"#
    ),
    (
      .agreement(found(.severalPrimaries([old, new]))),
      #"{"kind": "agreement", "disagreement": "several-primaries", "tablets": ["zone1-0000000100", "zone1-0000000101"], \#(odd)}"#
    ),
    (
      .disagreement(found(.claimsPrimary(old))),
      #"{"kind": "disagreement", "disagreement": "claims-primary", "tablets": ["zone1-0000000100"], \#(odd)}"#
    ),
    (
      .disagreement(found(.deniesPrimary(old))),
      #"{"kind": "disagreement", "disagreement": "denies-primary", "tablets": ["zone1-0000000100"], \#(odd)}"#
    ),
    (
      .disagreement(found(.failingCalls, failures: 12.5)),
      #"{"kind": "disagreement", "disagreement": "failing-calls", "failuresPerSecond": 12.5, \#(odd)}"#
    ),
    (
      .addressTakenOver(
        .alias(old), by: .init(alias: new, shard: ShardName(keyspace: "logs", shard: "0"))),
      #"{"kind": "address-taken-over", "tablet": "zone1-0000000100", "occupant": {"tablet": "zone1-0000000101", "shard": "logs/0"}}"#
    ),
    (.tabletsAnswerAgain, #"{"kind": "tablets-answer-again"}"#),
    (.deadRecords, #"{"kind": "dead-records"}"#),
    (.tabletLeft(.unknown), #"{"kind": "tablet-left"}"#),
    (
      .vtgateLeft(gate),
      #"{"kind": "vtgate-left", "server": "gate1:15001", "serverKind": "vtgate"}"#
    ),
    (
      .serversNamed(.vtgate, cell: "zone1", by: .file("/etc/gates.yml")),
      #"{"kind": "servers-named", "serverKind": "vtgate", "cell": "zone1", "namedBy": "/etc/gates.yml"}"#
    ),
    (
      .serversNoLongerNamed(.vttablet, by: .vtctld),
      #"{"kind": "servers-no-longer-named", "serverKind": "vttablet", "namedBy": "vtctld"}"#
    ),
    (.blind, #"{"kind": "blind"}"#),
    (.sightRegained(after: .seconds(4)), #"{"kind": "sight-regained", "after": 4000}"#),
    (.shardBlind, #"{"kind": "shard-blind"}"#),
    (.shardSeenAgain, #"{"kind": "shard-seen-again"}"#),
    (
      .relayFails(gate.address, .knowsNoVtgate(matchers: "")),
      #"{"kind": "relay-fails", "server": "gate1:15001", "reason": "knows-no-vtgate"}"#
    ),
    (
      .relayFails(gate.address, .failed(slow)),
      #"{"kind": "relay-fails", "server": "gate1:15001", "reason": "failed", "failure": {"kind": "timed-out", "text": "no answer within 2.0 s", "within": 2000}}"#
    ),
    (
      .relayHidesTablets(gate.address, .refused(words: "too much")),
      #"{"kind": "relay-hides-tablets", "server": "gate1:15001", "reason": "refused"}"#
    ),
    (
      .relayTellsAgain(gate.address, after: .seconds(4)),
      #"{"kind": "relay-tells-again", "server": "gate1:15001", "after": 4000}"#
    ),
    (
      .staysRelayed(Relay.Unreached(3, first: gate, slow)),
      #"{"kind": "stays-relayed", "unreached": 3, "server": "gate1:15001", "serverKind": "vtgate", "failure": {"kind": "timed-out", "text": "no answer within 2.0 s", "within": 2000}}"#
    ),
    (
      .topoUnread(CallFailure(.unreachable, .vtctld(gate.address), .connection(.refused))),
      #"{"kind": "topo-unread"}"#
    ),
    (
      .switchNear(workflow: "customer.m1", isHalfWay: true, shards: 12, closelyFor: .seconds(300)),
      #"{"kind": "switch-near", "workflowName": "customer.m1", "halfWay": true, "shards": 12, "lasting": 300000}"#
    ),
    (.baselineSet, #"{"kind": "baseline-set"}"#),
    (.baselineRemoved, #"{"kind": "baseline-removed"}"#),
    (
      .acknowledged(.server(gate)),
      #"{"kind": "acknowledged", "server": "gate1:15001", "serverKind": "vtgate"}"#
    ),
    (
      .acknowledgementWithdrawn(.shard(ShardName(keyspace: "logs", shard: "0"))),
      #"{"kind": "acknowledgement-withdrawn"}"#
    ),
    (
      .acknowledgedDiffers(.tablets(0)),
      #"{"kind": "acknowledged-differs", "serverKind": "vttablet"}"#
    ),
    (.acknowledgedOver(.fleet), #"{"kind": "acknowledged-over"}"#),
    (
      .actionsAllowed(for: .seconds(900)), #"{"kind": "actions-allowed", "lasting": 900000}"#
    ),
    (.actionsForbidden, #"{"kind": "actions-forbidden"}"#),
    (
      .actionBegun("throttle vreplication"),
      #"{"kind": "action-begun", "action": "throttle vreplication"}"#
    ),
    (
      .actionEnded(.good, outcome: "done", action: "reparent", verdict: "zone1-0000000101 leads"),
      #"{"kind": "action-ended", "action": "reparent", "outcome": "done", "verdict": "zone1-0000000101 leads"}"#
    ),
    (.noted("something"), #"{"kind": "noted"}"#),
    (.remark(.warning, "something"), #"{"kind": "remark"}"#),
  ]

  private static let common: Set<String> = [
    "version", "type", "id", "at", "shard", "severity", "text", "sources", "until",
  ]

  /// The line without what every event has.
  private static func subjects(_ event: FleetEvent) throws -> NSDictionary {
    let line = try #require(
      JSONSerialization.jsonObject(with: Data(JSONLine().text(event).utf8)) as? [String: Any])
    return line.filter { !common.contains($0.key) } as NSDictionary
  }

  @Test(arguments: kinds) func aKindTellsItsSubjects(_ kind: FleetEvent.Kind, _ json: String) throws
  {
    let expected = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? NSDictionary
    #expect(try Self.subjects(FleetEvent(at: Self.at, kind)) == expected)
  }

  @Test func everyKindIsToldAndDocumented() throws {
    #expect(Set(Self.kinds.map(\.0.name)) == Set(FleetEvent.Kind.Name.allCases))
    let text = try String(
      contentsOf: Fixtures.checkout.appending(path: "docs/json.md"), encoding: .utf8)
    let table = try #require(text.split(separator: "| `kind` | Subjects |").dropFirst().first)
    let rows = table.split(separator: "\n\n")[0].split(separator: "\n").dropFirst()
    let documented = rows.flatMap { row in
      row.split(separator: "|")[0].matches(of: /`([a-z-]+)`/).map { String($0.1) }
    }
    #expect(documented.sorted() == FleetEvent.Kind.Name.allCases.map(\.rawValue).sorted())
  }

  @Test func whatWasParticularAtAServerIsANumberBesideItsWords() throws {
    let event = FleetEvent(
      at: Self.at, .buffering(.ended(.newPrimarySeen)),
      sources: [
        .init(Self.gate.address, lasted: .milliseconds(1200)),
        .init(Self.gate.address, count: 4873), .init(Self.gate.address),
      ])
    let text = JSONLine().text(event)
    #expect(text.contains(#"{"detail":"after 1.2 s","lasted":1200,"server":"gate1:15001"}"#))
    #expect(text.contains(#"{"count":4873,"detail":"4 873","server":"gate1:15001"}"#))
    #expect(text.contains(#"{"server":"gate1:15001"}"#))
    #expect(text.contains(#""text":"buffering ended (NewPrimarySeen) on""#))
  }
}
