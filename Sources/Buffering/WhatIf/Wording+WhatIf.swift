package import FleetModel
internal import Terms
package import Wording

extension Wording {
  /// Why a failover cannot be taken through a vtgate's buffer again, and what to do about it.
  package func words(_ refusal: RecordedOutage.Refusal, of gates: Gates) -> String {
    let gate = gate(gates)
    return switch refusal {
    case .goesOn: "the failover goes on at the end of the recording: record until it is over"
    case .beganBefore:
      "the failover had begun before the recording did: let sluice record run all the time"
    case .trafficSwitch:
      "it was a switch of traffic, and where its requests went depends on the routing: take a failover"
    case .restarted:
      "the \(gate) was restarted in the middle, and what it counted until then is lost: take another failover"
    case .unanswered:
      "the \(gate) stopped answering in the middle, and what it counted is not known: take another failover"
    case .uncounted(let families):
      "the \(gate) does not report \(families.names.joined(separator: ", ")): start it without "
        + "--stats-drop-variables for them"
    case .dryRun:
      "the \(gate) only counted what it would have buffered: turn its dry run off and record "
        + "again"
    case .nothingCounted:
      "the \(gate) counted no request: with its buffering off, or without traffic, there is nothing to go by"
    case .resumed:
      "the \(gate) had given up on it once and began to buffer it again: take the failover before it"
    case .entangled:
      "its counts cannot be told from those of another failover between the same polls: record with a "
        + "shorter --interval"
    case .implausible:
      "the \(gate) counted more than \(RecordedOutage.limit.grouped) requests, which is more than can be "
        + "taken through the buffer again"
    }
  }

  /// Why there is no answer for some flags, and what to do about it.
  package func words(_ unanswered: WhatIf.Unanswered, of gates: Gates) -> String {
    switch unanswered {
    case .unknown(let flag):
      "nobody read --\(flag.rawValue), and it matters here: say what it is, with --\(flag.rawValue)"
    case .tooSoonUnclear:
      "whether it would have come too soon after a failover before it is not in the recording: leave "
        + "--\(Advice.Flag.minTimeBetweenFailovers.rawValue) as it was, or begin to record earlier"
    case .endUnknown:
      "the \(gate(gates)) was not buffering when its primary came back, and no poll shows when that was: record "
        + "with a shorter --interval"
    case .mayBeginAgain:
      "with these flags buffering might begin a second time in its middle: raise "
        + "--\(Advice.Flag.minTimeBetweenFailovers.rawValue)"
    }
  }

  /// What keeps every setting of a sweep from losing nothing, and what to do about it.
  package func words(_ obstacle: FlagSweep.Obstacle, of gates: Gates) -> String {
    func flag(_ flag: Advice.Flag) -> String { spelled(flag, withDashes: true, of: gates) }
    return switch obstacle {
    case .nobodyTold: "no \(gate(gates)) can be told about"
    case .unanswered(let unanswered): words(unanswered, of: gates)
    case .tooSoon:
      "it comes too soon after the failover before it: lower "
        + "\(flag(.minTimeBetweenFailovers))"
    case .givesUp:
      "buffering may be given up before there is a primary: raise "
        + "\(flag(.maxFailoverDuration))"
    case .window: "requests may outlast their window: raise \(flag(.window))"
    case .size: "more requests may come than fit: raise \(flag(.size))"
    }
  }

  /// What the flags that advice names would have come to: `with --buffer_size 1600 …`.
  package func words(_ outcome: AdvisedOutcome) -> String {
    func spelled(_ flag: Advice.Flag) -> String {
      self.spelled(flag, withDashes: outcome.spellsFlagsWithDashes, of: outcome.gates)
    }
    let asked = outcome.asked
    let flags = [
      asked.size.map { "\(spelled(.size)) \($0)" },
      asked.window.map { "\(spelled(.window)) \($0.asFlag)" },
      asked.maxFailoverDuration.map { "\(spelled(.maxFailoverDuration)) \($0.asFlag)" },
      asked.minTimeBetweenFailovers.map { "\(spelled(.minTimeBetweenFailovers)) \($0.asFlag)" },
    ]
    return
      "with \(flags.compactMap(\.self).joined(separator: ", ")) every request would have waited "
      + "for the new primary, \(outcome.arrived.grouped) at most"
  }

  /// How sure a count is: `exact`, `up to 1 240`.
  package func sureness(_ count: Forecast.Count) -> String {
    if count.isExact { return "exact" }
    return sureness(
      least: count.least == 0 ? nil : count.least.grouped, most: count.most?.grouped)
  }

  /// How many client errors are avoided, or added: `client errors added: 7 (7 or more)`.
  package func words(_ avoided: Forecast.Avoided) -> String {
    guard avoided.likely < 0 else {
      return "client errors avoided: \(avoided.likely.grouped) (\(sureness(avoided)))"
    }
    let added = avoided.asAdded
    return "client errors added: \(added.likely.grouped) (\(sureness(added)))"
  }

  private func sureness(_ avoided: Forecast.Avoided) -> String {
    if avoided.isExact { return "exact" }
    return sureness(least: avoided.least?.grouped, most: avoided.most?.grouped)
  }

  /// Nothing waits for less than no time.
  package func sureness(_ wait: Forecast.Wait) -> String {
    if wait.isExact { return "exact" }
    return sureness(
      least: wait.least == .zero ? nil : wait.least.tight, most: wait.most?.tight)
  }

  private func sureness(least: String?, most: String?) -> String {
    switch (least, most) {
    case (let least?, let most?): "\(least) to \(most)"
    case (let least?, nil): "\(least) or more"
    case (nil, let most?): "up to \(most)"
    case (nil, nil): "not known"
    }
  }
}
