package import FleetModel
package import Terms

extension ReparentPreflight {
  /// What a check has found, with its subjects; the words are `Wording`'s.
  package enum Evidence: Sendable, Equatable {
    // The primary in topo.
    /// Nil while the request is under way.
    case topoNotRead(CallFailure?)
    case topoNamesNoPrimary
    case topoNamesAnother(TabletAlias, expected: TabletAlias)
    /// `isCheckedAgain`: whether vtctld checks again before it acts; nil when it does not say.
    case topoAsExpected(TabletAlias, isCheckedAgain: Bool?)

    // The primary as vtgates see it.
    case nobodySaysWhoServes
    case primaryServes(TabletAlias, for: ReparentOrder.Kind)
    case primaryServesNot(TabletAlias, for: ReparentOrder.Kind)
    /// The shard has another primary by now.
    case anotherServes(TabletAlias, expected: TabletAlias)

    // The candidate.
    case isPrimaryAlready(TabletAlias)
    case noTabletOfShard(TabletAlias, ShardName)
    case noOtherReplica(cell: String)
    /// How many of them may become primary; vtctld chooses one.
    case replicasFit(Int, of: Int)
    case noReplica(TabletName, TabletType)
    case servesNot(TabletName)
    case candidateFails(TabletName, ScrapeFailure)
    case candidateLagNotKnown(TabletName, Lag.Caveat?)
    /// `caveat`: why the lag proves little.
    case candidateLag(TabletName, Lag, threshold: Double?, caveat: Lag.Caveat?)

    // Buffering.
    case noVtgateAnswers
    case bufferingOff(at: [Address])
    case vtgatesSilent(Int, of: Int)
    case bufferingNotKnown(at: [Address])
    case bufferingOn(vtgates: Int)
    case coolDownNotKnown
    case coolDownLeft(Duration)
    case coolDownOver
    /// For the vtgate with the least room: `rate` in queries a second; `needed` is the most that
    /// can come.
    case room(at: Address, rate: Double, lasting: Duration, needed: Int, free: Int, size: Int)
    case ratesNotKnown(Int, of: Int)
    case stall(Duration, waitTimeout: Duration, window: Duration, maximum: Duration)
    case stallWithoutLimits(Duration)

    // Other operations under way.
    case ownReparentGoesOn
    case failoverGoesOn(Int)
    case noOtherReparent
    case throttledApps([Rule])
    case policyNotKnown
    case noPoliciesInTopo
    case noSemiSync(isPolicySet: Bool)
    case acknowledgers(Int, policy: String)
  }

  /// A throttled app and how long it stays throttled.
  package struct Rule: Sendable, Equatable {
    package let app: String
    package let left: Duration

    package init(_ app: String, left: Duration) {
      self.app = app
      self.left = left
    }
  }
}

extension ReparentPreflight.Evidence {
  /// Its name in machine-readable output, which never changes.
  package enum Name: String, Sendable, CaseIterable {
    case topoNotRead = "topo-not-read"
    case topoNamesNoPrimary = "topo-names-no-primary"
    case topoNamesAnother = "topo-names-another"
    case topoAsExpected = "topo-as-expected"
    case nobodySaysWhoServes = "nobody-says-who-serves"
    case primaryServes = "primary-serves"
    case primaryServesNot = "primary-serves-not"
    case anotherServes = "another-serves"
    case isPrimaryAlready = "is-primary-already"
    case noTabletOfShard = "no-tablet-of-shard"
    case noOtherReplica = "no-other-replica"
    case replicasFit = "replicas-fit"
    case noReplica = "no-replica"
    case servesNot = "serves-not"
    case candidateFails = "candidate-fails"
    case candidateLagNotKnown = "candidate-lag-not-known"
    case candidateLag = "candidate-lag"
    case noVtgateAnswers = "no-vtgate-answers"
    case bufferingOff = "buffering-off"
    case vtgatesSilent = "vtgates-silent"
    case bufferingNotKnown = "buffering-not-known"
    case bufferingOn = "buffering-on"
    case coolDownNotKnown = "cool-down-not-known"
    case coolDownLeft = "cool-down-left"
    case coolDownOver = "cool-down-over"
    case room
    case ratesNotKnown = "rates-not-known"
    case stall
    case stallWithoutLimits = "stall-without-limits"
    case ownReparentGoesOn = "own-reparent-goes-on"
    case failoverGoesOn = "failover-goes-on"
    case noOtherReparent = "no-other-reparent"
    case throttledApps = "throttled-apps"
    case policyNotKnown = "policy-not-known"
    case noPoliciesInTopo = "no-policies-in-topo"
    case noSemiSync = "no-semi-sync"
    case acknowledgers
  }

  package var name: Name {
    switch self {
    case .topoNotRead: .topoNotRead
    case .topoNamesNoPrimary: .topoNamesNoPrimary
    case .topoNamesAnother: .topoNamesAnother
    case .topoAsExpected: .topoAsExpected
    case .nobodySaysWhoServes: .nobodySaysWhoServes
    case .primaryServes: .primaryServes
    case .primaryServesNot: .primaryServesNot
    case .anotherServes: .anotherServes
    case .isPrimaryAlready: .isPrimaryAlready
    case .noTabletOfShard: .noTabletOfShard
    case .noOtherReplica: .noOtherReplica
    case .replicasFit: .replicasFit
    case .noReplica: .noReplica
    case .servesNot: .servesNot
    case .candidateFails: .candidateFails
    case .candidateLagNotKnown: .candidateLagNotKnown
    case .candidateLag: .candidateLag
    case .noVtgateAnswers: .noVtgateAnswers
    case .bufferingOff: .bufferingOff
    case .vtgatesSilent: .vtgatesSilent
    case .bufferingNotKnown: .bufferingNotKnown
    case .bufferingOn: .bufferingOn
    case .coolDownNotKnown: .coolDownNotKnown
    case .coolDownLeft: .coolDownLeft
    case .coolDownOver: .coolDownOver
    case .room: .room
    case .ratesNotKnown: .ratesNotKnown
    case .stall: .stall
    case .stallWithoutLimits: .stallWithoutLimits
    case .ownReparentGoesOn: .ownReparentGoesOn
    case .failoverGoesOn: .failoverGoesOn
    case .noOtherReparent: .noOtherReparent
    case .throttledApps: .throttledApps
    case .policyNotKnown: .policyNotKnown
    case .noPoliciesInTopo: .noPoliciesInTopo
    case .noSemiSync: .noSemiSync
    case .acknowledgers: .acknowledgers
    }
  }
}
