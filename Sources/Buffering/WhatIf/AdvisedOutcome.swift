package import FleetModel
package import Terms

/// That nobody would have been let down by any vtgate with the flags that advice names.
///
/// It rests on what the failover itself tells, without polls.
package struct AdvisedOutcome: Sendable, Equatable {
  package let asked: AskedFlags
  package let spellsFlagsWithDashes: Bool
  package let gates: Gates
  /// Requests that came then.
  package let arrived: Int

  /// Nil where that is not sure, or advice names no flag of the buffer.
  ///
  /// `among`: the failovers of the run; `since`: when watching began.
  package init?(
    _ failover: Failover, _ advice: [Advice], among all: some BidirectionalCollection<Failover>,
    since: Instant
  ) {
    guard failover.ended != nil, let asked = AskedFlags(advice) else { return nil }
    let again = FailoverAgain(failover, among: all, since: since)
    guard !again.parts.isEmpty, again.answering.count == again.parts.count,
      again.answering.allSatisfy({ (try? $0.forecast(asked))?.losesNothing ?? false })
    else { return nil }
    self.asked = asked
    spellsFlagsWithDashes = advice.contains(where: \.spellsFlagsWithDashes)
    gates = failover.gates
    arrived = again.answering.reduce(0) { $0 + $1.outage.arrived }
  }
}

extension AskedFlags {
  /// Those that advice names; nil where it names none.
  package init?(_ advice: [Advice]) {
    self.init()
    for piece in advice {
      switch piece.kind {
      case .bufferTooSmall(_, _, _, _, let wanted): size = wanted
      case .windowTooShort(_, _, _, let settings), .maxDurationExceeded(_, let settings):
        for setting in settings {
          switch setting.flag {
          case .window: window = setting.value
          case .maxFailoverDuration: maxFailoverDuration = setting.value
          case .minTimeBetweenFailovers: minTimeBetweenFailovers = setting.value
          default: break
          }
        }
      default: break
      }
    }
    if self == AskedFlags() { return nil }
  }
}
