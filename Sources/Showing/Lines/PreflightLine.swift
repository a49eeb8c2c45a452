internal import Actions
internal import FleetModel
internal import Terms
internal import Wording

extension Told<PreflightWords> {
  init(_ line: ReparentPreflight.Line) {
    self.init(words: PreflightWords(line), subjects: Subjects(line.evidence))
  }
}

/// A check before a reparent, in words.
struct PreflightWords: Encodable {
  let check: String
  let status: String
  let kind: String
  let evidence: String

  init(_ line: ReparentPreflight.Line) {
    check = line.check.rawValue
    status = line.status.word
    kind = line.evidence.name.rawValue
    evidence = Wording().words(line.evidence)
  }
}

extension Subjects {
  fileprivate init(_ evidence: ReparentPreflight.Evidence) {
    switch evidence {
    case .topoNamesNoPrimary, .nobodySaysWhoServes, .noVtgateAnswers, .coolDownNotKnown,
      .coolDownOver, .ownReparentGoesOn, .noOtherReparent, .policyNotKnown, .noPoliciesInTopo:
      break
    case .topoNotRead(let failure): reason = failure.map { Wording().words($0) }
    case .topoNamesAnother(let primary, let expected),
      .anotherServes(let primary, let expected):
      (self.primary, expectedPrimary) = (primary.description, expected.description)
    case .topoAsExpected(let primary, let isCheckedAgain):
      (self.primary, checkedAgain) = (primary.description, isCheckedAgain)
    case .primaryServes(let primary, _), .primaryServesNot(let primary, _):
      self.primary = primary.description
    case .isPrimaryAlready(let alias), .noTabletOfShard(let alias, _):
      tablet = alias.description
    case .noOtherReplica(let cell): self.cell = cell
    case .replicasFit(let fit, let all): (self.fit, self.all) = (fit, all)
    case .noReplica(let name, let type):
      (tablet, tabletType) = (Self.name(name), type.description)
    case .servesNot(let name): tablet = Self.name(name)
    case .candidateFails(let name, let failure):
      (tablet, self.failure) = (Self.name(name), Failure(failure))
    case .candidateLagNotKnown(let name, let caveat):
      (tablet, self.caveat) = (Self.name(name), caveat?.name.rawValue)
    case .candidateLag(let name, let lag, let threshold, let caveat):
      take(lag)
      (tablet, lagThreshold) = (Self.name(name), finite(threshold))
      self.caveat = caveat?.name.rawValue
    case .bufferingOff(let vtgates), .bufferingNotKnown(let vtgates): take(vtgates)
    case .vtgatesSilent(let silent, let all): (self.silent, self.all) = (silent, all)
    case .bufferingOn(let vtgates): self.vtgates = vtgates
    case .coolDownLeft(let time): lasting = milliseconds(time)
    case .room(let vtgate, let rate, let time, let needed, let free, let size):
      (server, self.rate, lasting) = (vtgate.description, finite(rate), milliseconds(time))
      (self.needed, self.free, bufferSize) = (needed, free, size)
    case .ratesNotKnown(let unknown, let all): (self.unknown, self.all) = (unknown, all)
    case .stall(let time, let waitTimeout, let window, let maximum):
      (lasting, self.waitTimeout) = (milliseconds(time), milliseconds(waitTimeout))
      (self.window, self.maximum) = (Limit(window), Limit(maximum))
    case .stallWithoutLimits(let time): lasting = milliseconds(time)
    case .failoverGoesOn(let number): failover = number
    case .throttledApps(let rules):
      apps = rules.map { App(name: $0.app, left: milliseconds($0.left)) }
    case .noSemiSync(let isPolicySet): policy = isPolicySet ? "none" : nil
    case .acknowledgers(let count, let policy): (acknowledging, self.policy) = (count, policy)
    }
  }
}
