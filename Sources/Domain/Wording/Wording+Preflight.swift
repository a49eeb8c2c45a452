package import Actions
internal import FleetModel
internal import Terms

extension Wording {
  /// What a check has found: `zone1-101 at 0.2 s, threshold 1 s`.
  package func words(_ evidence: ReparentPreflight.Evidence) -> String {
    switch evidence {
    case .topoNotRead(let failure): failure.map { words($0) } ?? "not read yet"
    case .topoNamesNoPrimary: "topo names no primary"
    case .topoNamesAnother(let primary, let expected):
      "topo says \(primary.short), not \(expected.short)"
    case .topoAsExpected(let primary, let isCheckedAgain):
      "\(primary.short), as expected; \(guardian(isCheckedAgain))"

    case .nobodySaysWhoServes: "no vtgate answers: nobody says who serves"
    case .primaryServes(let primary, .planned): "\(primary.short) serves"
    case .primaryServes(let primary, .emergency):
      "\(primary.short) serves: a planned reparent loses nothing, and vtctld may choose it again"
    case .primaryServesNot(let primary, .planned):
      "no vtgate sees \(primary.short) serve: a planned reparent needs it"
    case .primaryServesNot(let primary, .emergency): "no vtgate sees \(primary.short) serve"
    case .anotherServes(let serving, let expected):
      "\(serving.short) serves now, not \(expected.short): close this form and open it again"

    case .isPrimaryAlready(let tablet): "\(tablet.short) is primary already"
    case .noTabletOfShard(let tablet, let shard): "\(tablet.short) is no tablet of \(shard)"
    case .noOtherReplica(let cell): "the cell \(cell) has no other replica: name one"
    case .replicasFit(let fit, let all): "\(fit) of \(all) replicas fit; vtctld chooses"
    case .noReplica(let tablet, let type): "\(name(tablet)) is \(type), not replica"
    case .servesNot(let tablet): "\(name(tablet)) does not serve"
    case .candidateFails(let tablet, let failure): "\(name(tablet)): \(words(failure))"
    case .candidateLagNotKnown(let tablet, let caveat):
      "\(name(tablet)): \(caveat.map { words($0) } ?? "its lag is not known")"
    case .candidateLag(let tablet, let lag, let threshold, let caveat):
      "\(name(tablet)) at \(value(lag) ?? "")"
        + (lag.witness == .heartbeats ? "" : " by \(lag.witness.rawValue)")
        + (threshold.map { ", threshold \($0.inHundredths) s" } ?? "")
        + (caveat.map { "; \(words($0))" } ?? "")

    case .noVtgateAnswers: "no vtgate answers"
    case .bufferingOff(let vtgates): "off at \(names(vtgates))"
    case .vtgatesSilent(let silent, let all): silence(silent, of: all, .vtgates)
    case .bufferingNotKnown(let vtgates): "whether it is on cannot be read at \(names(vtgates))"
    case .bufferingOn(let count): count == 1 ? "on at the vtgate" : "on at \(all(count)) vtgates"
    case .coolDownNotKnown: "no vtgate says"
    case .coolDownLeft(let time): "\(time.countdown) left: this failover would not be buffered"
    case .coolDownOver: "over"
    case .room(let vtgate, let rate, let time, let needed, let free, let size):
      "\(name(vtgate)): up to \(needed.grouped) requests in \(time.inTenths) "
        + "(\(Int(rate.rounded()).grouped)/s); room for \(free.grouped) of \(size.grouped)"
    case .ratesNotKnown(let unknown, let all):
      "the rate of queries is not known at \(unknown) of \(all) vtgates"
    case .stall(let stall, let waitTimeout, let window, let maximum):
      "\(stall.inTenths) at worst (wait timeout \(waitTimeout.inTenths)); "
        + "window \(window.inTenths), max \(maximum.inTenths)"
    case .stallWithoutLimits(let stall): "\(stall.inTenths); no vtgate says its limits"

    case .ownReparentGoesOn: "one that was sent from here has not ended"
    case .failoverGoesOn(let number): "failover \(number) of this shard goes on"
    case .noOtherReparent: "none seen"
    case .throttledApps(let rules) where rules.isEmpty: "none: nobody holds them back"
    case .throttledApps(let rules):
      rules.prefix(4).map { "\($0.app.prefix(40)) (\($0.left.inTenths) left)" }
        .joined(separator: ", ")
    case .policyNotKnown: "the policy is not known"
    case .noPoliciesInTopo: "topo has no policy: before v14 each tablet has its own flag"
    case .noSemiSync(isPolicySet: false): "no policy is set, which means none: not needed"
    case .noSemiSync(isPolicySet: true): "policy none: not needed"
    case .acknowledgers(let count, let policy):
      "policy \(policy): \(count) tablets can acknowledge"
    }
  }

  private func guardian(_ isCheckedAgain: Bool?) -> String {
    switch isCheckedAgain {
    case true?: "vtctld checks it again"
    case false?: "this release of vtctld does not check it again"
    case nil: "whether vtctld checks it again is not known"
    }
  }
}
