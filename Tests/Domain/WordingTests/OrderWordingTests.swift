import Actions
import FleetModel
import Terms
import Testing
import Wording

/// What an order, what speaks against it and what came of it are in words.
@Suite struct OrderWordingTests {
  private static let shard = ShardName(keyspace: "commerce", shard: "0")
  private static let vtctld = Address(host: "db", port: 15999)

  @Test func anActionSaysExactlyWhatItDoesAndWhere() {
    let wording = Wording()
    let throttle = AppRuleOrder(
      app: "vreplication", .throttle(for: .seconds(5400), ratio: 0.25, isExempt: false),
      in: .keyspace("commerce"))
    #expect(
      wording.sentence(.throttle(throttle))
        == "throttle vreplication for 1h30m at ratio 0.25 on every tablet of keyspace commerce, "
        + "in topo, which denies 44 % of its checks, 25 % under a longer name")
    // Nothing of a number is rounded away, and none is too large to be said.
    for (ratio, words) in [(0.001, "0.001"), (1, "1"), (1e300, "1e+300"), (.infinity, "inf")] {
      let order = AppRuleOrder(
        app: "a", .throttle(for: .seconds(1), ratio: ratio, isExempt: false), in: .keyspace("k"))
      #expect(wording.sentence(order).contains("at ratio \(words) on"))
    }
    let reparent = ReparentOrder(
      .emergency, of: Self.shard, to: TabletAlias(cell: "zone1", uid: 102),
      expecting: TabletAlias(cell: "zone1", uid: 100))
    #expect(
      wording.sentence(.reparent(reparent))
        == "emergency reparent of commerce/0 from zone1-100 to zone1-102")
  }

  static let failures: [(CallFailure, String)] = [
    (
      CallFailure(.refused, .vtctld(vtctld), .said("no such shard", to: "PlannedReparentShard")),
      "vtctld db:15999: PlannedReparentShard: no such shard"
    ),
    (
      CallFailure(.unreachable, .vtctld(vtctld), .connection(.refused)),
      "vtctld db:15999: connection refused"
    ),
    (
      CallFailure(.unreachable, .vtctld(vtctld), .connection(.otherName(than: "a", found: []))),
      "vtctld db:15999: its certificate is for no name, not for a: --vtctld-grpc-server-name gives another"
    ),
    (
      CallFailure(.lost, .tablet(Target(.vttablet, vtctld)), .answered(status: 502, words: "bad")),
      "vttablet db:15999 answered 502: bad"
    ),
    (
      CallFailure(
        .unreachable, nil,
        .each([
          CallFailure(.unreachable, .vtctld(vtctld), .connection(.timedOut)),
          CallFailure(.unreachable, .vtadmin, .said("away", to: nil)),
        ])), "vtctld db:15999: no connection in time; vtadmin: away"
    ),
  ]

  @Test(arguments: failures) func aFailedCallNamesWhoWasCalled(
    _ failure: CallFailure, _ words: String
  ) {
    #expect(Wording().words(failure) == words)
    #expect(!Wording(mask: HostMask([] as [Target])).words(failure).contains("db:15999"))
  }

  private static let lost = CallFailure(.lost, .vtctld(vtctld), .brokenOff("PlannedReparentShard"))
  private static let tablet = TabletAlias(cell: "zone1", uid: 101)

  static let verdicts: [(ActionReport.Verdict, String)] = [
    (.notSent(.noVtctldNamed), "nothing was sent: no vtctld is named: --vtctld HOST:PORT"),
    (
      .noRuleToRelease(app: "a", at: [.tablet("zone1-100"), .tablet("zone1-200")]),
      "nothing was sent: a has no rule at any of zone1-100, zone1-200"
    ),
    (
      .primaryIsAnother(nil, expected: tablet),
      "nothing was sent: the primary in topo is none, not zone1-101"
    ),
    (.seen(at: .tablet("zone1-100"), of: 1, off: 0), "seen at zone1-100"),
    (
      .seen(at: .topo(keyspace: "k"), of: 4, off: 3),
      "seen at all 4; the throttler is off at 3: a rule denies nothing there"
    ),
    (
      .seenAtSome(1, of: 2, failure: .notSent(.takesNoRules(.alias(tablet)))),
      "seen at 1 of 2; not sent: zone1-101 is v22 or later, which takes no rules over HTTP"
    ),
    (
      .promoted(tablet, of: shard, others: .topoNames(TabletAlias(cell: "zone1", uid: 102))),
      "zone1-101 is primary of commerce/0, but someone else reparented as well: "
        + "topo now names zone1-102"
    ),
    (
      .unanswered(lost, topo: .names(tablet)),
      "no answer came (vtctld db:15999: PlannedReparentShard: broken off from here): whether the "
        + "reparent was carried out is not known; topo now names zone1-101 as primary: it was "
        + "carried out, by this request or another"
    ),
    (
      .unanswered(lost, topo: .names(nil)),
      "no answer came (vtctld db:15999: PlannedReparentShard: broken off from here): whether the "
        + "reparent was carried out is not known; topo names nobody as primary"
    ),
  ]

  @Test(arguments: verdicts) func anOutcomeSaysWhatItRestsOn(
    _ verdict: ActionReport.Verdict, _ words: String
  ) {
    #expect(Wording().words(verdict) == words)
  }
}
