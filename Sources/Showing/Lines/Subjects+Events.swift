internal import FleetModel
internal import Terms
internal import Wording

extension Subjects {
  init(_ kind: FleetEvent.Kind) {
    switch kind {
    case .vtgateRestarted, .severalProcesses, .primaryUnseen, .othersWait, .deadRecords, .blind,
      .shardBlind, .shardSeenAgain, .tabletsAnswerAgain, .baselineSet, .baselineRemoved,
      .topoUnread, .actionsForbidden, .noted, .remark:
      break
    case .buffering(let step): take(step)
    case .combinedBuffering(let step, let keyspace):
      take(step)
      combined = true
      self.keyspace = keyspace
    case .clientErrorsRise(let codes): self.codes = codes
    case .primaryChanged(let now, let before):
      (primaryAfter, primaryBefore) = (now.description, before.description)
    case .primaryServesAgain(let alias): primary = alias.description
    case .disagreement(let found), .agreement(let found): take(found)
    case .cutover(let cutover): self.cutover = PlannedCutover(cutover)
    case .lagOverThreshold(let lag, let replica):
      take(lag)
      tablet = replica.flatMap(Self.name)
    case .lagBackUnderThreshold(let metric): lagMetric = metric.name
    case .primaryServesLess(let tablet, let state):
      (self.tablet, serverState) = (Self.name(tablet), state.word)
    case .primaryServesFully(let tablet): self.tablet = Self.name(tablet)
    case .addressTakenOver(let tablet, let occupant):
      self.tablet = Self.name(tablet)
      self.occupant = Occupant(occupant)
    case .noAnswer(let target, let failure):
      take(target)
      self.failure = Failure(failure)
    case .answersAgain(let target, let time):
      take(target)
      after = milliseconds(time)
    case .tabletsSilent(let failure): self.failure = Failure(failure)
    case .vtgateLeft(let target): take(target)
    case .serversNamed(let kind, let cell, let source):
      (serverKind, self.cell, namedBy) = (kind.name, cell, Wording().words(source))
    case .serversNoLongerNamed(let kind, let source):
      (serverKind, namedBy) = (kind.name, Wording().words(source))
    case .tabletLeft(let tablet): self.tablet = Self.name(tablet)
    case .sightRegained(let time): after = milliseconds(time)
    case .acknowledged(let subject), .acknowledgementWithdrawn(let subject),
      .acknowledgedDiffers(let subject), .acknowledgedOver(let subject):
      take(subject)
    case .relayFails(let relay, let fault), .relayHidesTablets(let relay, let fault):
      server = relay.description
      take(fault)
    case .relayTellsAgain(let relay, let time):
      (server, after) = (relay.description, milliseconds(time))
    case .staysRelayed(let unreached): take(unreached)
    case .switchNear(let workflow, let isHalfWay, let shards, let time):
      (workflowName, halfWay, self.shards) = (workflow, isHalfWay, shards)
      lasting = milliseconds(time)
    case .actionsAllowed(let time): lasting = milliseconds(time)
    case .actionBegun(let action): self.action = action
    case .actionEnded(_, let outcome, let action, let verdict):
      (self.outcome, self.action, self.verdict) = (outcome, action, verdict)
    }
  }

  mutating func take(_ fault: RelayFault) {
    reason = fault.name.rawValue
    if case .failed(let failure) = fault { self.failure = Failure(failure) }
  }

  mutating func take(_ unreached: Relay.Unreached) {
    take(unreached.first)
    (self.unreached, failure) = (unreached.count, Failure(unreached.failure))
  }

  private mutating func take(_ step: FleetEvent.BufferStep) {
    switch step {
    case .goingOn, .started, .drained: break
    case .passed(let count): failovers = count
    case .ended(let reason): self.reason = reason.rawValue
    case .evicted(let reason): self.reason = reason.rawValue
    case .notBuffered(let reason): self.reason = reason.rawValue
    }
  }
}
