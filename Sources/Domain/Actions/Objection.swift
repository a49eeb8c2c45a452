package import FleetModel
package import Terms

/// What rules out an order or its destination; the words are `Wording`'s.
package enum Objection: Sendable, Equatable {
  // The order itself.
  case noApp
  case nameTooLong(limit: Int)
  case nameHasUnseen
  /// Tablets probe one another as vitess, so denying it makes the shard's lag unknown.
  case blindsTablets
  case ratioOutOfRange
  case throttleTooShort
  case throttleTooLong
  /// Tablets accept no exemption over HTTP.
  case exemptionInMemory
  case thresholdNotAboveZero
  case queryThresholdBelowZero
  case noQuery
  case queryTooLong(limit: Int)
  case queryHasUnseen
  /// A throttler would not recognize it as a query.
  case queryUnreadable

  // The tablet that would receive it.
  case doesNotSayWhoItIs(Address)
  case answersAsAnother(Address, TabletView.Occupant)
  case noAddress(ShardName)
  case tabletSilent(TabletName)
  /// Its answers show that it is v22 or later.
  case takesNoRules(TabletName)
  case releaseTakesNoRules(Release)
  /// v10 to v13 would deny every check.
  case releaseTakesNoRatio(Release)

  // The keyspace's record in topo.
  case noVtctldNamed
  case needsVtctld
  case releaseNotKnownYet
  case releaseNotKnown
  case releaseHasNoRulesInTopo(Release)
  case releaseMayHaveNoRulesInTopo(Release)
  case noKeyspace(String)
  case noTabletWithThrottler(keyspace: String)
  case tabletHasNoRulesInTopo(TabletAlias, Release)
  case tabletIsSetByFlags(TabletAlias, Release)
  /// It runs without `--throttler-config-via-topo`.
  case tabletDoesNotFollowTopo(TabletAlias, Release)
  case tabletIgnoresChecks(TabletAlias, Release)
  case tabletMayIgnoreChecks(TabletAlias, Release)
  case tabletsMayNotFollowTopo(keyspace: String, Set<Release>)
  case tabletMayNotFollowTopo(TabletAlias, Release)

  // The proxy that would receive it.
  case noProxyToken
  case noRoute(ShardName, Address)
  case routeLeadsElsewhere(String, expected: String)
  case noCutover(ShardName)
  /// Another one than was meant is under way.
  case otherCutover(ProxyCutover)
  /// Whether the server takes writes already is not known any more.
  case hasBecomeUndecided(String)
}

extension Objection {
  /// Its name in machine-readable output, which never changes.
  package enum Name: String, Sendable, CaseIterable {
    case noApp = "no-app"
    case name = "name-not-allowed"
    case blindsTablets = "blinds-tablets"
    case ratio = "ratio-out-of-range"
    case duration = "duration-out-of-range"
    case exemptionInMemory = "exemption-in-memory"
    case threshold = "threshold-out-of-range"
    case query = "query-not-allowed"
    case tabletNotKnown = "tablet-not-known"
    case answersAsAnother = "answers-as-another"
    case tabletSilent = "tablet-silent"
    case takesNoRules = "takes-no-rules"
    case takesNoRatio = "takes-no-ratio"
    case noVtctld = "no-vtctld"
    case releaseNotKnown = "release-not-known"
    case noKeyspace = "no-keyspace"
    case noTablet = "no-tablet"
    case noRulesInTopo = "no-rules-in-topo"
    case doesNotFollowTopo = "does-not-follow-topo"
    case ignoresChecks = "ignores-checks"
    case noProxyToken = "no-proxy-token"
    case noRoute = "no-route"
    case routeLeadsElsewhere = "route-leads-elsewhere"
    case noCutover = "no-cutover"
    case cutoverUndecided = "cutover-undecided"
  }

  package var name: Name {
    switch self {
    case .noApp: .noApp
    case .nameTooLong, .nameHasUnseen: .name
    case .blindsTablets: .blindsTablets
    case .ratioOutOfRange: .ratio
    case .throttleTooShort, .throttleTooLong: .duration
    case .exemptionInMemory: .exemptionInMemory
    case .thresholdNotAboveZero, .queryThresholdBelowZero: .threshold
    case .noQuery, .queryTooLong, .queryHasUnseen, .queryUnreadable: .query
    case .doesNotSayWhoItIs, .noAddress: .tabletNotKnown
    case .answersAsAnother: .answersAsAnother
    case .tabletSilent: .tabletSilent
    case .takesNoRules, .releaseTakesNoRules: .takesNoRules
    case .releaseTakesNoRatio: .takesNoRatio
    case .noVtctldNamed, .needsVtctld: .noVtctld
    case .releaseNotKnownYet, .releaseNotKnown: .releaseNotKnown
    case .noKeyspace: .noKeyspace
    case .noTabletWithThrottler: .noTablet
    case .releaseHasNoRulesInTopo, .releaseMayHaveNoRulesInTopo, .tabletHasNoRulesInTopo:
      .noRulesInTopo
    case .tabletIsSetByFlags, .tabletDoesNotFollowTopo, .tabletsMayNotFollowTopo,
      .tabletMayNotFollowTopo:
      .doesNotFollowTopo
    case .tabletIgnoresChecks, .tabletMayIgnoreChecks: .ignoresChecks
    case .noProxyToken: .noProxyToken
    case .noRoute: .noRoute
    case .routeLeadsElsewhere: .routeLeadsElsewhere
    case .noCutover, .otherCutover: .noCutover
    case .hasBecomeUndecided: .cutoverUndecided
    }
  }
}
