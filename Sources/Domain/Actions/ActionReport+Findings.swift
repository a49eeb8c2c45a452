package import FleetModel
package import Terms

extension ActionReport {
  /// The server or record that a part of the report is about.
  package enum Subject: Sendable, Hashable {
    /// By name: a short alias or an address.
    case tablet(String)
    /// `keyspace`: nil for a shard's record.
    case topo(keyspace: String?)
    case vtctld(Address)
    /// By its URL.
    case vtadmin(String)
    /// By the address of its pages.
    case proxy(Address)
    case auditLog
  }

  /// What one server said, or what was read back from it.
  package indirect enum Finding: Sendable, Equatable {
    // Before anything was sent there.
    case waitingItsTurn
    /// The operator cancelled before its turn came.
    case brokenOff
    case notSent(Objection)
    case notAsked(ScrapeFailure)
    /// The audit log could not be written, so nothing may be sent.
    case notLogged(reason: String)
    case noRuleToRelease

    // A request.
    case sent
    case waitingForAnswer
    case readingBack
    case failed(CallFailure)
    /// Nil when the server does not name it.
    case promoted(TabletAlias?)
    case othersReparented(Interference)
    /// In the words of a proxy that has carried it out.
    case answered(String)

    // What topo says.
    case topo(TopoSight)
    /// `tabletsSayWhich`: tablets report which value they have.
    case inTopo(tabletsSayWhich: Bool)
    case notInTopo

    // What a tablet says about a rule.
    case denied(Bool)
    case released
    case stillListed
    case notListed
    /// `isThrottlerOff`: in that case the rule denies nothing.
    case listed(ratio: Double?, left: Duration, isThrottlerOff: Bool)
    case cannotBeRead(ScrapeFailure)
    /// The release neither lists rules nor shows them in its checks.
    case listsNoRules
    /// Neither over HTTP nor through vtctld.
    case cannotBeAsked

    // What a tablet says about its throttler; `isLag` is nil when only the threshold was set.
    case throttler(isEnabled: Bool?)
    case threshold(Double?, isLag: Bool?)
    case checksNotTold

    case notSeen(within: Duration, last: Finding)
    /// A line of the audit log failed too late to stop anything.
    case lineMissing(Line, reason: String)
  }

  /// A line of the audit log that follows the intent.
  package enum Line: Sendable, Equatable {
    case result, observation
  }

  /// What topo was seen to say about a shard's primary.
  package enum TopoSight: Sendable, Equatable {
    case looking
    case names(TabletAlias?)
    /// The previous primary.
    case stillNames(TabletAlias)
    /// Nil when it was not asked in time.
    case unread(CallFailure?)
  }

  /// A trace of somebody else's reparent of the same shard.
  package enum Interference: Sendable, Equatable {
    case wasPrimaryByThen(TabletAlias, expected: TabletAlias)
    case topoNames(TabletAlias)
    case topoNamedMeanwhile(TabletAlias)
    /// The promoted tablet was named before, and another one since.
    case topoNamedBefore(TabletAlias)
    /// The tablet that was to step down.
    case promotedAgain(TabletAlias)
  }

  /// What an outcome is based on.
  package enum Verdict: Sendable, Equatable {
    case notSent(Objection)
    case notReached(CallFailure)
    case notLogged(reason: String)
    /// None of these has such a rule.
    case noRuleToRelease(app: String, at: [Subject])
    /// Neither the keyspace's record nor any of this many tablets has one.
    case noRuleInKeyspace(app: String, keyspace: String, tablets: Int)
    case primaryIsAnother(TabletAlias?, expected: TabletAlias)

    /// Seen at the only one, or at all; at `off` of them the throttler is off.
    case seen(at: Subject, of: Int, off: Int)
    /// Seen at some; `failure`: the first failure among the others.
    case seenAtSome(Int, of: Int, failure: Finding?)
    /// Seen nowhere; with the finding at the first.
    case nowhere(Finding?)
    case notKnown

    case promoted(TabletAlias?, of: ShardName, others: Interference?)
    /// An emergency reparent chose the primary again, which was well after all.
    case chosenAgain(TabletAlias, of: ShardName)
    /// The server refused; `topo`: the state it left behind.
    case refused(CallFailure, topo: TopoSight?)
    case unanswered(CallFailure, topo: TopoSight?)
    /// In the proxy's words.
    case answered(String)
    /// A proxy did not answer; `route`: how it said afterwards that the route stands, nil where it did
    /// not.
    case proxyUnanswered(CallFailure, route: ProxyRoute?)
  }
}
