internal import Actions
internal import FleetModel
internal import TerminalKit
internal import Terms
internal import Wording

/// The rules of a shard, to release or renew.
struct RuleList: Form {
  struct Rule: Equatable, Sendable {
    let app: ThrottledApp
    /// Where it is set, and so where it is changed.
    let scope: AppRuleOrder.Scope
  }

  /// How long a renewed rule lasts.
  static let renewal = Duration.seconds(3600)

  let shard: ShardName
  let rules: [Rule]
  var selected = 0
  /// What will be done, once chosen.
  var order: AppRuleOrder?

  init(_ shard: ShardName, in fleet: Fleet, hasVtctld: Bool, at now: Instant) {
    self.shard = shard
    let inTopo = hasVtctld ? fleet.topoRules(of: shard.keyspace, at: now) : []
    var rules = inTopo.map { Rule(app: $0, scope: .keyspace(shard.keyspace)) }
    var inMemory: [ThrottledApp.Denial: (app: ThrottledApp, tablets: [AppRuleOrder.Tablet])] = [:]
    for tablet in fleet.summaries.first(where: { $0.name == shard })?.tablets ?? [] {
      guard let address = tablet.address, tablet.isFresh else { continue }
      for app in tablet.throttler?.throttledApps ?? []
      where !app.isBuiltIn && app.expiresAt > now && !inTopo.contains(where: app.isLike) {
        let target = AppRuleOrder.Tablet(
          label: tablet.label, alias: tablet.alias, shard: shard, address: address)
        inMemory[app.denial, default: (app, [])].tablets.append(target)
      }
    }
    rules += inMemory.values.map { Rule(app: $0.app, scope: .tablets($0.tablets)) }
    self.rules = rules.sorted { ThrottledApp.precedes($0.app, $1.app) }
  }

  // MARK: Keys

  var place: Place { order == nil ? .rules : .review }
  var step: (number: Int, of: Int)? { (order == nil ? 1 : 2, 2) }
  var question: String? { order.map { Wording().sentence($0) } ?? title }

  mutating func edit(_ key: Key) {}
  mutating func paste(_ text: String) -> Bool { false }

  mutating func answer(_ command: Command.ID, in model: Model) -> FormAnswer? {
    switch command {
    case .send: return order.map { .send(.throttle($0)) } ?? .stay
    case .goBack: order = nil
    case .cancel: return .cancel
    case .releaseRule:
      if let rule { order = AppRuleOrder(app: rule.app.name, .release, in: rule.scope) }
    case .renewRule:
      if let rule {
        // Servers store any number; above 1 denies everything, as 1 does.
        let ratio = AppRuleOrder.objection(toRatio: rule.app.ratio) == nil ? rule.app.ratio : 1
        order = AppRuleOrder(
          app: rule.app.name,
          .throttle(for: Self.renewal, ratio: ratio, isExempt: rule.app.isExempt), in: rule.scope)
      }
    default:
      guard let rows = model.rows(of: command) else { return nil }
      selected = min(max(0, selected + rows), rules.count - 1)
    }
    return .stay
  }

  private var rule: Rule? { rules.indices.contains(selected) ? rules[selected] : nil }
}

extension ThrottledApp {
  /// Whether a tablet's rule came from this one in topo; one set in the tablet's memory differs.
  fileprivate func isLike(_ other: ThrottledApp) -> Bool {
    denial == other.denial && (-2.0...2.0).contains((expiresAt - other.expiresAt).seconds)
  }
}
