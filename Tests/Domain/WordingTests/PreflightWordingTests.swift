import Actions
import FleetModel
import Terms
import Testing
import Wording

@Suite struct PreflightWordingTests {
  private static let old = TabletAlias(cell: "zone1", uid: 100)
  private static let new = TabletAlias(cell: "zone1", uid: 101)
  private static let shard = ShardName(keyspace: "commerce", shard: "0")
  private static let gates = (1...2).map { Address(host: "gate\($0)", port: 15001) }
  private static let behind = Lag(value: 7.25, threshold: 5)

  static let evidence: [(ReparentPreflight.Evidence, String)] = [
    (.topoNotRead(nil), "not read yet"),
    (
      .topoNotRead(CallFailure(.unreachable, nil, .reported("vtctld is away"))), "vtctld is away"
    ),
    (.topoNamesNoPrimary, "topo names no primary"),
    (.topoNamesAnother(new, expected: old), "topo says zone1-101, not zone1-100"),
    (
      .topoAsExpected(old, isCheckedAgain: true), "zone1-100, as expected; vtctld checks it again"
    ),
    (
      .topoAsExpected(old, isCheckedAgain: false),
      "zone1-100, as expected; this release of vtctld does not check it again"
    ),
    (
      .topoAsExpected(old, isCheckedAgain: nil),
      "zone1-100, as expected; whether vtctld checks it again is not known"
    ),
    (.nobodySaysWhoServes, "no vtgate answers: nobody says who serves"),
    (.primaryServes(old, for: .planned), "zone1-100 serves"),
    (
      .primaryServes(old, for: .emergency),
      "zone1-100 serves: a planned reparent loses nothing, and vtctld may choose it again"
    ),
    (
      .primaryServesNot(old, for: .planned),
      "no vtgate sees zone1-100 serve: a planned reparent needs it"
    ),
    (.primaryServesNot(old, for: .emergency), "no vtgate sees zone1-100 serve"),
    (
      .anotherServes(new, expected: old),
      "zone1-101 serves now, not zone1-100: close this form and open it again"
    ),
    (.isPrimaryAlready(old), "zone1-100 is primary already"),
    (.noTabletOfShard(new, shard), "zone1-101 is no tablet of commerce/0"),
    (.noOtherReplica(cell: "zone1"), "the cell zone1 has no other replica: name one"),
    (.replicasFit(1, of: 2), "1 of 2 replicas fit; vtctld chooses"),
    (.noReplica(.alias(new), .rdonly), "zone1-101 is rdonly, not replica"),
    (.servesNot(.alias(new)), "zone1-101 does not serve"),
    (
      .candidateFails(.alias(new), ScrapeFailure.unreachable(.refused)),
      "zone1-101: connection refused"
    ),
    (.candidateLagNotKnown(.alias(new), nil), "zone1-101: its lag is not known"),
    (.candidateLagNotKnown(.alias(new), .noAnswer), "zone1-101: no answer"),
    (
      .candidateLag(.alias(new), behind, threshold: 5, caveat: nil),
      "zone1-101 at 7.3 s, threshold 5 s"
    ),
    (
      .candidateLag(.alias(new), behind, threshold: nil, caveat: .throttlerClosed),
      "zone1-101 at 7.3 s; throttler closed"
    ),
    (.noVtgateAnswers, "no vtgate answers"),
    (.bufferingOff(at: gates), "off at gate1:15001, gate2:15001"),
    (.vtgatesSilent(1, of: 3), "1 of 3 vtgates does not answer"),
    (.vtgatesSilent(2, of: 2), "no vtgate answers"),
    (.bufferingNotKnown(at: gates), "whether it is on cannot be read at gate1:15001, gate2:15001"),
    (.bufferingOn(vtgates: 1), "on at the vtgate"),
    (.bufferingOn(vtgates: 2), "on at both vtgates"),
    (.bufferingOn(vtgates: 3), "on at all 3 vtgates"),
    (.coolDownNotKnown, "no vtgate says"),
    (.coolDownLeft(.seconds(56)), "56s left: this failover would not be buffered"),
    (.coolDownOver, "over"),
    (
      .room(at: gates[0], rate: 1200, lasting: .seconds(1), needed: 1200, free: 90, size: 1000),
      "gate1:15001: up to 1 200 requests in 1.0 s (1 200/s); room for 90 of 1 000"
    ),
    (.ratesNotKnown(1, of: 2), "the rate of queries is not known at 1 of 2 vtgates"),
    (
      .stall(
        .seconds(30), waitTimeout: .seconds(15), window: .seconds(10), maximum: .seconds(20)),
      "30.0 s at worst (wait timeout 15.0 s); window 10.0 s, max 20.0 s"
    ),
    (.stallWithoutLimits(.seconds(30)), "30.0 s; no vtgate says its limits"),
    (.ownReparentGoesOn, "one that was sent from here has not ended"),
    (.failoverGoesOn(3), "failover 3 of this shard goes on"), (.noOtherReparent, "none seen"),
    (.throttledApps([]), "none: nobody holds them back"),
    (
      .throttledApps([.init("vreplication", left: .seconds(60))]), "vreplication (1m00s left)"
    ),
    (.policyNotKnown, "the policy is not known"),
    (.noPoliciesInTopo, "topo has no policy: before v14 each tablet has its own flag"),
    (.noSemiSync(isPolicySet: true), "policy none: not needed"),
    (.noSemiSync(isPolicySet: false), "no policy is set, which means none: not needed"),
    (.acknowledgers(2, policy: "semi_sync"), "policy semi_sync: 2 tablets can acknowledge"),
  ]

  @Test(arguments: evidence) func evidenceHasItsWords(
    _ evidence: ReparentPreflight.Evidence, _ words: String
  ) {
    #expect(Wording().words(evidence) == words)
  }

  @Test func allEvidenceIsWorded() {
    #expect(Set(Self.evidence.map(\.0.name)) == Set(ReparentPreflight.Evidence.Name.allCases))
  }

  @Test func evidenceNamesNoHostThatIsMasked() {
    let mask = HostMask(Self.gates.map { Target(.vtgate, $0) })
    let wording = Wording(mask: mask)
    #expect(wording.words(.bufferingOff(at: Self.gates)) == "off at vtgate-1, vtgate-2")
    #expect(
      wording.words(.topoNotRead(CallFailure(.unreachable, nil, .reported("gate1:15001 is away"))))
        == "vtgate-1 is away")
  }
}
