package import Actions
internal import FleetModel
internal import Terms

extension Wording {
  /// What rules an order out: `a ratio is 0 to 1`.
  package func words(_ objection: Objection) -> String {
    switch objection {
    case .noApp: "no app is named"
    case .nameTooLong(let limit): "a name of more than \(limit) characters"
    case .nameHasUnseen: "the name has control or invisible characters"
    case .blindsTablets: "vitess is how tablets probe one another: its rule blinds them"
    case .ratioOutOfRange: "a ratio is 0 to 1"
    case .throttleTooShort: "a throttle lasts a second at least"
    case .throttleTooLong: "a throttle lasts a year at most"
    case .exemptionInMemory: "tablets take no exemption over HTTP: choose the keyspace, in topo"
    case .thresholdNotAboveZero: "a threshold is a number above 0"
    case .queryThresholdBelowZero: "a query's threshold is a number of 0 or more"
    case .noQuery: "no query is given"
    case .queryTooLong(let limit): "a query of more than \(limit) characters"
    case .queryHasUnseen: "the query has control or invisible characters"
    case .queryUnreadable: "a throttler reads queries that begin with select or show global only"

    case .doesNotSayWhoItIs(let address): "\(name(address)) does not say which tablet it is"
    case .answersAsAnother(let address, let occupant):
      "\(name(address)) answers as \(name(occupant))"
    case .noAddress(let shard): "\(shard) has no primary with a known address"
    case .tabletSilent(let tablet): "\(name(tablet)) does not answer"
    case .takesNoRules(let tablet):
      "\(name(tablet)) is v22 or later, which takes no rules over HTTP"
    case .releaseTakesNoRules(let release):
      "\(release) takes no rules over HTTP: it is v22 or later"
    case .releaseTakesNoRatio(let release): "\(release) takes no ratio; v14 and later do"

    case .noVtctldNamed: "no vtctld is named: --vtctld HOST:PORT"
    case .needsVtctld: "needs --vtctld HOST:PORT"
    case .releaseNotKnownYet: "still asking what its tablets run"
    case .releaseNotKnown: "whether its tablets are v18 or later is not known"
    case .releaseHasNoRulesInTopo(let release): "\(release) knows no rules in topo; v18 does"
    case .releaseMayHaveNoRulesInTopo(let release):
      "\(release) may know no rules in topo; v18 does"
    case .noKeyspace(let keyspace): "vtctld knows no keyspace \(keyspace)"
    case .noTabletWithThrottler(let keyspace): "\(keyspace) has no tablet with a throttler"
    case .tabletHasNoRulesInTopo(let tablet, let release):
      "\(tablet.short) runs \(release), which knows no rules in topo; v18 and later do"
    case .tabletIsSetByFlags(let tablet, let release):
      "\(tablet.short) runs \(release), whose throttler is set by flags only"
    case .tabletDoesNotFollowTopo(let tablet, let release):
      "\(tablet.short) runs \(release) without --throttler-config-via-topo: it does not look at topo"
    case .tabletIgnoresChecks(let tablet, let release):
      "\(tablet.short) runs \(release), which does not look at check_as_check_self; v16 to v20 do"
    case .tabletMayIgnoreChecks(let tablet, let release):
      "whether \(tablet.short) (\(release)) looks at check_as_check_self is not known; "
        + "v16 to v20 do"
    case .tabletsMayNotFollowTopo(let keyspace, let releases):
      "whether the tablets of \(keyspace) follow topo is not known "
        + "(\(releases.map(\.description).sorted().joined(separator: ", ")))"
    case .tabletMayNotFollowTopo(let tablet, let release):
      "whether \(tablet.short) (\(release)) follows topo is not known"

    case .noProxyToken: "proxies take commands with their token: --proxy-token-file FILE"
    case .noRoute(let route, let proxy): "proxy \(name(proxy)) has no route \(route)"
    case .routeLeadsElsewhere(let server, let expected):
      "the route leads to \(quote(server)) by now, not to \(quote(expected))"
    case .noCutover(let route): "no cutover of \(route) is under way"
    case .otherCutover(let cutover): "another one is under way, the \(words(cutover))"
    case .hasBecomeUndecided(let server):
      "whether \(quote(server)) takes writes already is not known any more"
    }
  }

  func name(_ occupant: TabletView.Occupant) -> String {
    (occupant.alias?.short ?? "a tablet") + (occupant.shard.map { " of \($0)" } ?? "")
  }
}
