package import FleetModel
package import Terms

extension ActionReport {
  /// Whose part it is.
  package enum Subject: Sendable, Hashable {
    /// By what it is called: an alias in short, or an address.
    case tablet(String)
    /// `keyspace`: nil where a shard's record is meant.
    case topo(keyspace: String?)
    case vtctld(Address)
    /// By its URL.
    case vtadmin(String)
    case auditLog
  }

  /// What one server said, or what was read back from it.
  package indirect enum Finding: Sendable, Equatable {
    // Before anything was sent there.
    case waitingItsTurn
    /// The operator broke off before its turn.
    case brokenOff
    case notSent(Objection)
    case notAsked(ScrapeFailure)
    /// The audit log takes no line, so nothing may be sent.
    case notLogged(reason: String)
    case noRuleToRelease

    // A request.
    case sent
    case waitingForAnswer
    case readingBack
    case failed(CallFailure)
    /// Nil where the server does not say who.
    case promoted(TabletAlias?)
    case othersReparented(Interference)

    // What topo says.
    case topo(TopoSight)
    /// `isTold`: tablets say that they have it too.
    case inTopo(isTold: Bool)
    case notInTopo

    // What a tablet says of a rule.
    case denied(Bool)
    case released
    case stillListed
    case notListed
    /// `isThrottlerOff`: it denies nothing then.
    case listed(ratio: Double?, left: Duration, isThrottlerOff: Bool)
    case cannotBeRead(ScrapeFailure)
    /// The release neither lists rules nor tells by its checks.
    case listsNoRules
    /// Neither over HTTP nor through vtctld.
    case cannotBeAsked

    // What a tablet says of its throttler; `isLag` is nil where only the threshold was set.
    case throttler(isEnabled: Bool?)
    case threshold(Double?, isLag: Bool?)
    case checksNotTold

    case notSeen(within: Duration, last: Finding)
    /// A line of the audit log that came too late to stop anything.
    case lineMissing(Line, reason: String)
  }

  /// A line of the audit log after the intent.
  package enum Line: Sendable, Equatable {
    case result, observation
  }

  /// What topo was seen to say of a shard's primary.
  package enum TopoSight: Sendable, Equatable {
    case looking
    case names(TabletAlias?)
    /// The one from before.
    case stillNames(TabletAlias)
    /// Nil: it was not asked in time.
    case unread(CallFailure?)
  }

  /// A trace of somebody else's reparent of the same shard.
  package enum Interference: Sendable, Equatable {
    case wasPrimaryByThen(TabletAlias, expected: TabletAlias)
    case topoNames(TabletAlias)
    case topoNamedMeanwhile(TabletAlias)
    /// The one that was promoted stood there before, and another since.
    case topoNamedBefore(TabletAlias)
    /// The one that was to step down.
    case promotedAgain(TabletAlias)
  }

  /// What an outcome rests on.
  package enum Verdict: Sendable, Equatable {
    case notSent(Objection)
    case notReached(CallFailure)
    case notLogged(reason: String)
    /// Nobody of these has such a rule.
    case noRuleToRelease(app: String, at: [Subject])
    /// Of a keyspace's record and so many tablets.
    case noRuleInKeyspace(app: String, keyspace: String, tablets: Int)
    case primaryIsAnother(TabletAlias?, expected: TabletAlias)

    /// Seen at one, or at all of so many; at `off` of them the throttler is off.
    case seen(at: Subject, of: Int, off: Int)
    /// Seen at some; `failure`: of the first of the others that failed.
    case seenAtSome(Int, of: Int, failure: Finding?)
    /// Nowhere; what was found at the first.
    case nowhere(Finding?)
    case notKnown

    case promoted(TabletAlias?, of: ShardName, others: Interference?)
    /// The server said no; `topo`: what it left behind.
    case refused(CallFailure, topo: TopoSight?)
    case unanswered(CallFailure, topo: TopoSight?)
  }
}
