internal import Actions
internal import FleetModel
internal import TerminalKit

/// The rules of a shard: which to release or renew.
struct RuleList: Equatable, Sendable {
  struct Rule: Equatable, Sendable {
    let app: ThrottledApp
    /// Where it stands, and so where it is changed.
    let scope: ThrottleOrder.Scope
  }

  /// How long a renewed rule lasts.
  static let renewal = Duration.seconds(3600)

  let shard: ShardName
  let rules: [Rule]
  var selected = 0
  /// What will be done, once it is chosen.
  var order: ThrottleOrder?

  init(_ shard: ShardName, in fleet: Fleet, hasVtctld: Bool, at now: Instant) {
    self.shard = shard
    let summary = fleet.summaries.first { $0.name == shard }
    let inTopo = fleet.topoRules(of: shard.keyspace, at: now)
    rules = (summary?.throttledApps ?? []).compactMap { app in
      if hasVtctld, inTopo.contains(where: { $0.name == app.name }) {
        return Rule(app: app, scope: .keyspace(shard.keyspace))
      }
      let tablets = (summary?.tablets ?? []).filter { tablet in
        tablet.throttler?.throttledApps?.contains { $0.name == app.name } ?? false
      }
      let targets = tablets.compactMap { tablet in
        tablet.address.map {
          ThrottleOrder.Tablet(label: tablet.label, shard: shard, address: $0)
        }
      }
      return targets.isEmpty ? nil : Rule(app: app, scope: .tablets(targets))
    }
  }

  mutating func press(_ key: Key) -> Dialog.Answer {
    if let order {
      switch key {
      case .enter: return .send(.throttle(order))
      case .escape: self.order = nil
      default: break
      }
      return .stay
    }
    switch key {
    case .escape: return .cancel
    case .up: selected = max(0, selected - 1)
    case .down: selected = min(rules.count - 1, selected + 1)
    case .enter, .character("u"):
      if let rule { order = ThrottleOrder(app: rule.app.name, .release, in: rule.scope) }
    case .character("r"):
      if let rule {
        order = ThrottleOrder(
          app: rule.app.name,
          .throttle(for: Self.renewal, ratio: rule.app.ratio, isExempt: rule.app.isExempt),
          in: rule.scope)
      }
    default: break
    }
    return .stay
  }

  private var rule: Rule? { rules.indices.contains(selected) ? rules[selected] : nil }
}
