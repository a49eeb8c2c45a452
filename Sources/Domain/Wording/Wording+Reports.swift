package import Actions
internal import FleetModel
internal import Terms

extension Wording {
  package func name(_ subject: ActionReport.Subject) -> String {
    switch subject {
    case .tablet(let label): quote(label)
    case .topo(let keyspace): keyspace.map { "topo of \($0)" } ?? "topo"
    case .vtctld(let address): "vtctld \(name(address))"
    case .vtadmin(let base): "vtadmin \(quote(base))"
    case .proxy(let address): "proxy \(name(address))"
    case .auditLog: "audit log"
    }
  }

  /// What became of one part: `ratio 0.25, 599.9 s left`.
  package func words(_ finding: ActionReport.Finding) -> String {
    switch finding {
    case .waitingItsTurn: "not sent yet"
    case .brokenOff: "not sent: given up"
    case .notSent(let objection): "not sent: \(words(objection))"
    case .notAsked(let failure): "not sent: \(words(failure))"
    case .notLogged(let reason): "not sent: \(quote(reason))"
    case .noRuleToRelease: "had no rule to release"

    case .sent: "sent"
    case .waitingForAnswer: "sent, waiting for its answer"
    case .readingBack: "taken, reading it back"
    case .failed(let failure): words(failure)
    case .promoted(let tablet): "promoted \(name(tablet))"
    case .othersReparented(let trace): words(trace)
    case .answered(let words): quote(words)

    case .topo(let sight): words(sight)
    case .inTopo(tabletsSayWhich: true): "has it"
    case .inTopo(tabletsSayWhich: false): "has it; tablets do not tell whose value they look at"
    case .notInTopo: "it is not in topo"

    case .denied(let isDenied): isDenied ? "denied" : "no longer denied"
    case .released: "released"
    case .stillListed: "still listed"
    case .notListed: "not listed yet"
    case .listed(let ratio, let left, let isThrottlerOff):
      "\(ratio.map { "ratio \($0.inHundredths)" } ?? "exempt"), \(left.inTenths) left"
        + (isThrottlerOff ? "; its throttler is off" : "")
    case .cannotBeRead(let failure): words(failure)
    case .listsNoRules: "this release cannot list its rules, and its check does not tell"
    case .cannotBeAsked: "it can be asked neither over HTTP nor through vtctld"

    case .throttler(let isEnabled): isEnabled.map { $0 ? "on" : "off" } ?? "it does not say"
    case .threshold(let value, let isLag):
      (isLag.map { $0 ? "lag, " : "a custom query, " } ?? "")
        + "threshold \(value?.inHundredths ?? "not known")"
    case .checksNotTold: "no release tells it"

    case .notSeen(let time, let last): "not seen within \(time.inTenths): \(words(last))"
    case .lineMissing(.result, let reason): "\(quote(reason)): the result is not in it"
    case .lineMissing(.observation, let reason): "\(quote(reason)): what was seen is not in it"
    }
  }

  /// What an outcome is based on: `seen at all 4`.
  package func words(_ verdict: ActionReport.Verdict) -> String {
    switch verdict {
    case .notSent(let objection): "nothing was sent: \(words(objection))"
    case .notReached(let failure): "nothing was sent: \(words(failure))"
    case .notLogged(let reason): "nothing was sent: \(quote(reason))"
    case .noRuleToRelease(let app, let subjects):
      "nothing was sent: \(app) has no rule at "
        + (subjects.count == 1 ? "" : "any of ")
        + subjects.map { name($0) }.joined(separator: ", ")
    case .noRuleInKeyspace(let app, let keyspace, let tablets):
      "nothing was sent: \(app) has no rule in the topo of \(keyspace), nor at any of its "
        + "\(tablets.grouped) tablets"
    case .primaryIsAnother(let primary, let expected):
      "nothing was sent: the primary in topo is \(primary.map(\.short) ?? "none"), not "
        + expected.short

    case .seen(let subject, let count, let off):
      "seen at \(count == 1 ? name(subject) : all(count))"
        + (off > 0 ? "; the throttler is off at \(off.grouped): a rule denies nothing there" : "")
    case .seenAtSome(let seen, let all, let failure):
      "seen at \(seen.grouped) of \(all.grouped)" + (failure.map { "; \(words($0))" } ?? "")
    case .nowhere(let finding): finding.map { words($0) } ?? "nothing was sent"
    case .notKnown: "whether it was carried out is not known"

    case .promoted(let tablet, let shard, let others):
      "\(name(tablet)) is primary of \(shard)" + (others.map { ", but \(words($0))" } ?? "")
    case .chosenAgain(let tablet, let shard):
      "\(tablet.short) is still primary of \(shard): it is well, and vtctld chose it again"
    case .refused(let failure, let sight):
      words(failure) + (sight.map { "; \(words($0))" } ?? "")
    case .unanswered(let failure, let sight):
      "no answer came (\(words(failure))): whether the reparent was carried out is not known"
        + (sight.map { "; \(outlook($0))" } ?? "")
    case .answered(let words): quote(words)
    case .proxyUnanswered(let failure, let route):
      "no answer came (\(words(failure))): whether it was carried out is not known; "
        + (route.map { words($0) } ?? "how the route stands could not be read")
    }
  }

  package func words(_ sight: ActionReport.TopoSight) -> String {
    switch sight {
    case .looking: "looking at topo"
    case .names(let primary): "topo names \(primary?.short ?? "nobody") as primary"
    case .stillNames(let primary): "topo still names \(primary.short) as primary"
    case .unread(let failure): "topo could not be read" + (failure.map { ": \(words($0))" } ?? "")
    }
  }

  package func words(_ trace: ActionReport.Interference) -> String {
    let words =
      switch trace {
      case .wasPrimaryByThen(let tablet, let expected):
        "\(tablet.short) was primary by then, not \(expected.short)"
      case .topoNames(let tablet): "topo now names \(tablet.short)"
      case .topoNamedMeanwhile(let tablet): "topo named \(tablet.short) meanwhile"
      case .topoNamedBefore(let tablet): "topo named \(tablet.short) before, and another since"
      case .promotedAgain(let tablet): "\(tablet.short) was to step down and was promoted"
      }
    return "someone else reparented as well: \(words)"
  }

  /// What topo says after a call that was never answered.
  private func outlook(_ sight: ActionReport.TopoSight) -> String {
    guard case .names(let primary?) = sight else { return words(sight) }
    return
      "topo now names \(primary.short) as primary: it was carried out, by this request or another"
  }

  /// The tablet that a server names, which it need not do.
  private func name(_ tablet: TabletAlias?) -> String { tablet?.short ?? "?" }
}
