package import Actions
internal import FleetModel
package import Terms

extension Wording {
  /// Exactly what will be done, and where.
  package func sentence(_ action: Action) -> String {
    switch action {
    case .throttle(let order): sentence(order)
    case .configure(let order): sentence(order)
    case .reparent(let order): sentence(order)
    case .cutover(let order): sentence(order)
    }
  }

  package func sentence(_ order: AppRuleOrder) -> String {
    let place =
      switch order.scope {
      case .tablets(let tablets):
        "in the memory of \(tablets.map { quote($0.label) }.joined(separator: ", "))"
      case .keyspace(let keyspace): "on every tablet of keyspace \(keyspace), in topo"
      }
    switch order.change {
    case .throttle(let duration, _, true):
      return "exempt \(order.app) from throttling for \(duration.asFlag) \(place)"
    case .throttle(let duration, let ratio, false):
      return "throttle \(order.app) for \(duration.asFlag) at ratio \(ratio.inFull) \(place), "
        + "which denies \(denial(ofRatio: ratio))"
    case .release: return "release \(order.app) \(place)"
    }
  }

  package func sentence(_ order: ThrottlerConfigOrder) -> String {
    let verb =
      switch order.change {
      case .enable: "enable the throttler"
      case .disable: "disable the throttler"
      case .threshold(let value): "set the throttler's threshold to \(value.inFull)"
      case .metric(let query?, let threshold, let checks):
        "set the throttler's custom query to \"\(query)\" and its threshold to \(threshold.inFull)"
          + words(checks)
      case .metric(nil, let threshold, let checks):
        "set the throttler back to lag and its threshold to \(threshold.inFull) s" + words(checks)
      case .checks(.itself):
        "make checks look at the asked tablet's own value (check_as_check_self)"
      case .checks(.shard): "make checks look at the shard's value (check_as_check_shard)"
      }
    return "\(verb) on every tablet of keyspace \(order.keyspace), in topo"
  }

  private func words(_ checks: DefaultMetric.Scope?) -> String {
    switch checks {
    case .itself?: ", of the asked tablet's own value (check_as_check_self),"
    case .shard?: ", of the shard's value (check_as_check_shard),"
    case nil: ""
    }
  }

  package func sentence(_ order: ReparentOrder) -> String {
    let target = order.newPrimary.map(\.short) ?? "a replica that vtctld chooses"
    return "\(order.kind.rawValue) reparent of \(order.shard) from \(order.expectedPrimary.short) "
      + "to \(target)"
  }

  /// The share of checks that a ratio denies: `44 % of its checks, 25 % under a longer name`.
  ///
  /// A tablet draws once for each part of the asking app's name that has a rule, and once more for
  /// the whole name: twice for an app whose name is exactly the rule's, once for
  /// `vcopier:online-ddl` under a rule for online-ddl. v10 to v13 deny every check.
  package func denial(ofRatio ratio: Double) -> String {
    func percent(_ share: Double) -> String { "\((share * 100).inHundredths) %" }
    guard ratio > 0, ratio < 1 else { return ratio > 0 ? "all its checks" : "none of its checks" }
    let exact = (ThrottledApp.deniedShare(ofRatio: ratio) * 100).rounded() / 100
    return "\(percent(exact)) of its checks, \(percent(ratio)) under a longer name"
  }

  // MARK: Where a rule can go

  /// The choice together with what it means.
  package func title(_ choice: ThrottleScopes.Choice, of shard: ShardName) -> String {
    switch choice.kind {
    case .primary: "primary of \(shard), in its own memory only"
    case .primaries:
      "\(all(choice.shards)) primaries of \(shard.keyspace), one by one, in their memory"
    case .keyspace: "keyspace \(shard.keyspace), every tablet of it, kept in topo"
    }
  }

  /// A shorter title that leaves out what the choice means.
  package func name(_ choice: ThrottleScopes.Choice, of shard: ShardName) -> String {
    switch choice.kind {
    case .primary: "primary of \(shard), in memory"
    case .primaries: "all primaries, in memory"
    case .keyspace: "keyspace \(shard.keyspace), in topo"
    }
  }

  /// Why a rule would have no effect; nil when it would have one.
  package func caution(_ scopes: ThrottleScopes) -> String? {
    scopes.isThrottlerOff ? "the throttler is off: a rule has no effect until T turns it on" : nil
  }
}

extension Double {
  /// For sentences that say what is sent, in which nothing may be rounded.
  fileprivate var inFull: String {
    magnitude < 1e15 && self == rounded() ? "\(Int(self))" : "\(self)"
  }
}
