package import FleetModel
package import Terms

/// Where a rule for an app can go, seen from one shard.
package struct ThrottleScopes: Sendable, Equatable {
  package enum Kind: Sendable, Equatable, CaseIterable {
    /// The shard's primary, in its memory.
    case primary
    /// Every primary of the keyspace, one by one.
    case primaries
    case keyspace
  }

  package struct Choice: Sendable, Equatable {
    package let kind: Kind
    /// In words, with what it means.
    package let title: String
    /// In fewer words, without what it means.
    package let name: String
    /// Nil when it is impossible; see `reason`.
    package let scope: AppRuleOrder.Scope?
    package let reason: String?
    /// Why it would have no effect though it is possible.
    package var warning: String?
  }

  package let choices: [Choice]

  /// `hasVtctld`: a vtctld is named; `release`: of the shard's primary, nil as long as it is asked.
  package init(
    _ shard: ShardName, in fleet: Fleet, hasVtctld: Bool, release: Release? = nil
  ) {
    let shards = fleet.summaries.filter { $0.name.keyspace == shard.keyspace }
    let own = Self.target(shards.first { $0.name == shard }, shard)
    let all = shards.map { Self.target($0, $0.name) }
    let topoReason =
      hasVtctld
      ? Self.objection(toRulesInTopoOf: Self.known(shards.first { $0.name == shard }) ?? release)
      : "needs --vtctld HOST:PORT"
    var choices = [
      Choice(
        kind: .primary, title: "primary of \(shard), in its own memory only",
        name: "primary of \(shard), in memory",
        scope: own.tablet.map { .tablets([$0]) }, reason: own.reason),
      Choice(
        kind: .primaries,
        title:
          "all \(shards.count.grouped) primaries of \(shard.keyspace), one by one, in their memory",
        name: "all primaries, in memory",
        scope: all.contains { $0.tablet == nil } ? nil : .tablets(all.compactMap(\.tablet)),
        reason: all.lazy.compactMap(\.reason).first),
      Choice(
        kind: .keyspace, title: "keyspace \(shard.keyspace), every tablet of it, kept in topo",
        name: "keyspace \(shard.keyspace), in topo",
        scope: topoReason == nil ? .keyspace(shard.keyspace) : nil, reason: topoReason),
    ]
    let isOff =
      fleet.topo[shard.keyspace]?.throttler?.isEnabled == false
      || shards.first { $0.name == shard }?.tablets.first(where: \.isPrimary)?.throttler?.isEnabled
        == false
    if isOff {
      for index in choices.indices {
        choices[index].warning = "the throttler is off: a rule has no effect until T turns it on"
      }
    }
    self.choices = choices
  }

  /// The place of the first possible one, else of the first.
  package var firstPossible: Int { choices.firstIndex { $0.scope != nil } ?? 0 }

  /// What speaks against rules in the topology for a release; nil when nothing does.
  ///
  /// vtctld takes them for any release; what would not look at them is not sent.
  private static func objection(toRulesInTopoOf release: Release?) -> String? {
    guard let release else { return "still asking what its tablets run" }
    guard !release.isUnknown else {
      return "whether its tablets are v18 or later is not known"
    }
    return switch release.hasRulesInTopo {
    case true?: nil
    case false?: "\(release) knows no rules in topo; v18 does"
    case nil: "\(release) may know no rules in topo; v18 does"
    }
  }

  /// The release of a shard's primary as its own answers show it; nil where they leave it open.
  private static func known(_ summary: ShardSummary?) -> Release? {
    guard let tablet = summary?.tablets.first(where: \.isPrimary), tablet.isFresh,
      tablet.throttler?.source == .metrics
    else { return nil }
    return .withoutThrottlerStatus
  }

  private static func target(
    _ summary: ShardSummary?, _ shard: ShardName
  ) -> (tablet: AppRuleOrder.Tablet?, reason: String?) {
    guard let tablet = summary?.tablets.first(where: \.isPrimary), let address = tablet.address
    else { return (nil, "\(shard) has no primary with a known address") }
    guard let throttler = tablet.throttler, tablet.isFresh else {
      return (nil, "\(tablet.label) does not answer")
    }
    guard throttler.source == .status else {
      return (nil, "\(tablet.label) is v22 or later, which takes no rules over HTTP")
    }
    return (
      .init(label: tablet.label, alias: tablet.alias, shard: shard, address: address), nil
    )
  }
}
