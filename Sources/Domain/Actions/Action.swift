internal import FleetModel
package import Terms

/// Something that an operator can do to a cluster.
///
///     a form or the shell ─> order ─ objection? ─> Action ─ Preflight ─> confirmed ─> ActionReport
///
/// An order says exactly what is to be done and where, and knows what rules it out whatever the
/// cluster's state. A ``Preflight`` compares it with what is known of the shard. Each
/// action has one ``ActionReport``, which says how it stands until it is over. Nothing is sent from
/// here.
package enum Action: Sendable, Equatable {
  case throttle(AppRuleOrder)
  case configure(ThrottlerConfigOrder)
  case reparent(ReparentOrder)
  case cutover(CutoverOrder)

  /// Whether it gives a shard another primary, or is a step on the way there.
  package var isFailover: Bool {
    switch self {
    case .reparent, .cutover: true
    case .throttle, .configure: false
    }
  }

  /// The shard it applies to; nil when it applies to a whole keyspace.
  package var shard: ShardName? {
    switch self {
    case .throttle(let order): order.shard
    case .configure: nil
    case .reparent(let order): order.shard
    case .cutover(let order): order.route
    }
  }
}

/// An order to throttle an app or to release it.
package struct AppRuleOrder: Sendable, Equatable {
  package enum Change: Sendable, Equatable {
    /// Denies a share of the app's checks, 0...1, for this long; an exempt app is never denied.
    case throttle(for: Duration, ratio: Double, isExempt: Bool)
    case release
  }

  /// Where a rule goes.
  package enum Scope: Sendable, Equatable {
    /// Into the memory of these tablets, by one request to each (v10 to v21); lost when a tablet
    /// restarts.
    case tablets([Tablet])
    /// Into the topology, for every tablet of every shard of the keyspace, through vtctld (v18 and
    /// later).
    case keyspace(String)
  }

  package struct Tablet: Sendable, Equatable {
    package let label: String
    /// The tablet that is meant, whoever answers at the address; nil when only the address was
    /// given.
    package let alias: TabletAlias?
    package let shard: ShardName?
    package let address: Address

    package init(label: String, alias: TabletAlias?, shard: ShardName?, address: Address) {
      self.label = label
      self.alias = alias
      self.shard = shard
      self.address = address
    }

    /// Why the tablet may not be sent anything, given who answers at its address; nil when it may.
    package func objection(toAnswering alias: TabletAlias?, of shard: ShardName?) -> Objection? {
      if alias == nil, shard == nil { return .doesNotSayWhoItIs(address) }
      let isOther =
        self.alias.map { meant in alias.map { $0 != meant } ?? false } ?? false
        || self.shard.map { meant in shard.map { $0 != meant } ?? false } ?? false
      return isOther ? .answersAsAnother(address, .init(alias: alias, shard: shard)) : nil
    }
  }

  package var app: String
  package var change: Change
  package var scope: Scope

  package init(app: String, _ change: Change, in scope: Scope) {
    self.app = app
    self.change = change
    self.scope = scope
  }

  var shard: ShardName? {
    if case .tablets(let tablets) = scope, tablets.count == 1 { tablets[0].shard } else { nil }
  }

  /// What rules the order out; nil when nothing does.
  package var objection: Objection? {
    switch change {
    // It must be possible to release a rule that blinds the tablets.
    case .release: return Self.objection(toName: app)
    case .throttle(let duration, let ratio, let isExempt):
      if case .tablets = scope, isExempt { return .exemptionInMemory }
      return Self.objection(toApp: app) ?? Self.objection(toRatio: ratio)
        ?? Self.objection(toDuration: duration)
    }
  }

  /// What rules out a rule for an app; nil when nothing does.
  package static func objection(toApp name: String) -> Objection? {
    name == "vitess" ? .blindsTablets : objection(toName: name)
  }

  /// What rules out a name; nil when nothing does.
  package static func objection(toName name: String) -> Objection? {
    if name.allSatisfy(\.isWhitespace) { return .noApp }
    if name.unicodeScalars.count > 256 { return .nameTooLong(limit: 256) }
    return name.hasUnseen ? .nameHasUnseen : nil
  }

  /// What rules out a ratio; nil when nothing does.
  ///
  /// The server itself accepts any number.
  package static func objection(toRatio ratio: Double) -> Objection? {
    (0...1).contains(ratio) ? nil : .ratioOutOfRange
  }

  /// What rules out a duration; nil when nothing does.
  package static func objection(toDuration duration: Duration) -> Objection? {
    if duration < .seconds(1) { return .throttleTooShort }
    return duration > .seconds(366 * 86_400) ? .throttleTooLong : nil
  }

  /// The names under which Vitess' own apps check, v10 to v24
  /// (go/vt/vttablet/tabletserver/throttle/throttlerapp/app.go).
  package static let knownApps = [
    "vreplication", "online-ddl", "tablegc", "vcopier", "vplayer", "vstreamer", "rowstreamer",
    "resultstreamer", "messager", "schema-tracker", "external-connector", "replica-connector",
  ]
}

/// An order to make another tablet a shard's primary.
package struct ReparentOrder: Sendable, Equatable {
  package enum Kind: String, Sendable, Equatable {
    case planned
    /// Without the old primary's help, when it is gone.
    case emergency
  }

  package var kind: Kind
  package var shard: ShardName
  /// Nil leaves the choice to vtctld.
  package var newPrimary: TabletAlias?
  /// Nothing is done if another tablet has become primary by then.
  package var expectedPrimary: TabletAlias
  package var waitReplicasTimeout: Duration

  /// vtctldclient's default from v16 on.
  package static let defaultTimeout = Duration.seconds(15)

  package init(
    _ kind: Kind, of shard: ShardName, to newPrimary: TabletAlias? = nil,
    expecting expectedPrimary: TabletAlias, waitReplicasTimeout: Duration = defaultTimeout
  ) {
    self.kind = kind
    self.shard = shard
    self.newPrimary = newPrimary
    self.expectedPrimary = expectedPrimary
    self.waitReplicasTimeout = waitReplicasTimeout
  }

  /// The longest that writes may wait: the old primary steps down within the remote operation
  /// timeout and the candidate catches up within `waitReplicasTimeout`
  /// (go/vt/vtctl/reparentutil/planned_reparenter.go).
  func worstStall(_ release: Release) -> Duration {
    waitReplicasTimeout + release.remoteOperationTimeout
  }
}

extension String {
  /// Whether it has control characters or invisible ones, which nobody would notice before it is
  /// sent.
  var hasUnseen: Bool {
    unicodeScalars.contains { scalar in
      [.control, .format, .lineSeparator, .paragraphSeparator, .surrogate]
        .contains(scalar.properties.generalCategory)
    }
  }
}
