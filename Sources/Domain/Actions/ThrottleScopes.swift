package import FleetModel
package import Terms

/// Where a rule for an app can go, seen from one shard.
package struct ThrottleScopes: Sendable, Equatable {
  package enum Kind: Sendable, Equatable, CaseIterable {
    /// The shard's primary, in its memory.
    case primary
    /// Every primary of the keyspace, one after the other.
    case primaries
    case keyspace
  }

  package struct Choice: Sendable, Equatable {
    package let kind: Kind
    /// The number of shards it reaches.
    package let shards: Int
    /// Nil when this choice is impossible; see `reason`.
    package let scope: AppRuleOrder.Scope?
    package let reason: Objection?
  }

  package let shard: ShardName
  package let choices: [Choice]
  /// A rule is accepted but has no effect.
  package let isThrottlerOff: Bool

  /// `hasVtctld`: a vtctld was named; `release`: that of the shard's primary, nil until it answers.
  package init(
    _ shard: ShardName, in fleet: Fleet, hasVtctld: Bool, release: Release? = nil
  ) {
    let shards = fleet.summaries.filter { $0.name.keyspace == shard.keyspace }
    let own = Self.target(shards.first { $0.name == shard }, shard)
    let all = shards.map { Self.target($0, $0.name) }
    let topoReason =
      hasVtctld
      ? Self.objection(toRulesInTopoOf: Self.known(shards.first { $0.name == shard }) ?? release)
      : .needsVtctld
    self.shard = shard
    choices = [
      Choice(
        kind: .primary, shards: 1, scope: own.tablet.map { .tablets([$0]) }, reason: own.reason),
      Choice(
        kind: .primaries, shards: shards.count,
        scope: all.contains { $0.tablet == nil } ? nil : .tablets(all.compactMap(\.tablet)),
        reason: all.lazy.compactMap(\.reason).first),
      Choice(
        kind: .keyspace, shards: shards.count,
        scope: topoReason == nil ? .keyspace(shard.keyspace) : nil, reason: topoReason),
    ]
    isThrottlerOff =
      fleet.topo[shard.keyspace]?.throttler?.isEnabled == false
      || shards.first { $0.name == shard }?.tablets.first(where: \.isPrimary)?.throttler?.isEnabled
        == false
  }

  /// The index of the first possible choice, or 0 when there is none.
  package var firstPossible: Int { choices.firstIndex { $0.scope != nil } ?? 0 }

  /// Why a release takes no rules in the topology; nil when it takes them.
  ///
  /// vtctld accepts them for any release; they are not sent where tablets would ignore them.
  private static func objection(toRulesInTopoOf release: Release?) -> Objection? {
    guard let release else { return .releaseNotKnownYet }
    guard !release.isUnknown else { return .releaseNotKnown }
    return switch release.hasRulesInTopo {
    case true?: nil
    case false?: .releaseHasNoRulesInTopo(release)
    case nil: .releaseMayHaveNoRulesInTopo(release)
    }
  }

  /// The release of a shard's primary as its own answers show it; nil when they leave it open.
  private static func known(_ summary: ShardSummary?) -> Release? {
    guard let tablet = summary?.tablets.first(where: \.isPrimary), tablet.isFresh,
      tablet.throttler?.source == .metrics
    else { return nil }
    return .withoutThrottlerStatus
  }

  private static func target(
    _ summary: ShardSummary?, _ shard: ShardName
  ) -> (tablet: AppRuleOrder.Tablet?, reason: Objection?) {
    guard let tablet = summary?.tablets.first(where: \.isPrimary), let address = tablet.address
    else { return (nil, .noAddress(shard)) }
    guard let throttler = tablet.throttler, tablet.isFresh else {
      return (nil, .tabletSilent(tablet.name))
    }
    guard throttler.source == .status else { return (nil, .takesNoRules(tablet.name)) }
    return (
      .init(label: tablet.label, alias: tablet.alias, shard: shard, address: address), nil
    )
  }
}
