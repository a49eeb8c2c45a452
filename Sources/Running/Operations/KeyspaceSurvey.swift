internal import Actions
internal import FleetModel
internal import Terms
internal import VitessClient
internal import VtctldClient

/// One tablet of a keyspace, as topo and the tablet itself describe it.
struct SurveyedTablet: Sendable {
  let alias: TabletAlias
  /// Where it can be asked over HTTP; nil when nobody answers there, or another tablet does.
  var address: Address?
  /// The release it runs; unknown when nobody reports it.
  var release = Release.unknown
  var followsTopo: Bool?
  var isThrottlerEnabled: Bool?
}

/// What is known about the tablets of a keyspace before their topo record is changed: vtctld
/// accepts changes that the tablets' release does not understand or their flags tell them to
/// ignore.
struct KeyspaceSurvey: Sendable {
  let keyspace: String
  /// Those that have a throttler.
  let tablets: [SurveyedTablet]
}

extension KeyspaceSurvey {
  init(
    of keyspace: String, _ records: [TopoTablet], _ connection: VtctldConnection,
    _ desk: TabletDesk
  ) async {
    self.keyspace = keyspace
    let asked = records.filter {
      $0.address != nil && [.primary, .replica, .rdonly].contains($0.type)
    }
    tablets = await withTaskGroup(of: SurveyedTablet.self) { group in
      for record in asked {
        group.addTask { await Self.look(at: record, of: keyspace, connection, desk) }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }.sorted { $0.alias < $1.alias }
  }

  static func look(
    at record: TopoTablet, of keyspace: String, _ connection: VtctldConnection,
    _ desk: TabletDesk
  ) async -> SurveyedTablet {
    var tablet = SurveyedTablet(alias: record.alias)
    if let address = record.address,
      let profile = try? await desk.inquiry.profile(at: address),
      profile.alias.map({ $0 == record.alias }) ?? (profile.shard?.keyspace == keyspace)
    {
      tablet.address = address
      tablet.release = profile.release
      tablet.followsTopo = profile.followsTopo
      tablet.isThrottlerEnabled = profile.isThrottlerEnabled
    }
    guard tablet.release.isUnknown else { return tablet }
    // Its web port cannot be reached from here, or says nothing, but vtctld may reach it.
    if let release = try? await connection.release(of: record.alias), !release.isUnknown {
      tablet.release = release
    } else if (try? await connection.throttlerStatus(of: record.alias)) != nil {
      tablet.release = .withThrottlerCalls
    }
    tablet.followsTopo = tablet.release.followsTopo(
      flag: tablet.followsTopo, commandLineIsKnown: false)
    return tablet
  }

  /// What rules out a change of the keyspace's record; nil when nothing does.
  func objection(to change: ThrottlerChange) -> Objection? {
    guard !tablets.isEmpty else { return .noTabletWithThrottler(keyspace: keyspace) }
    let isRule = if case .rule = change.change { true } else { false }
    if isRule {
      if let old = tablets.first(where: { $0.release.hasRulesInTopo == false }) {
        return .tabletHasNoRulesInTopo(old.alias, old.release)
      }
    } else {
      if let old = tablets.first(where: { $0.release.hasThrottlerConfigInTopo == false }) {
        return .tabletIsSetByFlags(old.alias, old.release)
      }
      if let deaf = tablets.first(where: { $0.followsTopo == false }) {
        return .tabletDoesNotFollowTopo(deaf.alias, deaf.release)
      }
    }
    if change.setsChecks,
      let deaf = tablets.first(where: {
        !$0.release.isUnknown && $0.release.hasCheckAsCheckSelf != true
      })
    {
      return deaf.release.hasCheckAsCheckSelf == false
        ? .tabletIgnoresChecks(deaf.alias, deaf.release)
        : .tabletMayIgnoreChecks(deaf.alias, deaf.release)
    }
    let isCarried = tablets.contains {
      isRule ? $0.release.hasRulesInTopo == true : $0.followsTopo == true
    }
    guard isCarried else {
      return .tabletsMayNotFollowTopo(keyspace: keyspace, Set(tablets.map(\.release)))
    }
    // One that answered but left it open may not follow topo, and would then be harmed.
    if let unsure = tablets.first(where: {
      !$0.release.isUnknown
        && (isRule ? $0.release.hasRulesInTopo == nil : $0.followsTopo == nil)
    }) {
      return .tabletMayNotFollowTopo(unsure.alias, unsure.release)
    }
    return nil
  }

  /// Whether a tablet has a rule for the order's app.
  func holds(
    _ order: AppRuleOrder, _ connection: VtctldConnection, _ desk: TabletDesk, at now: Instant
  ) async -> Bool {
    await withTaskGroup(of: Bool.self) { group in
      for tablet in tablets {
        group.addTask {
          if let address = tablet.address, let apps = try? await desk.calls.apps(at: address) {
            return order.isIn(apps, at: now)
          }
          let status = try? await connection.throttlerStatus(of: tablet.alias)
          return status.map { order.isIn($0.throttled, at: now) } ?? false
        }
      }
      return await group.contains(true)
    }
  }
}

extension ThrottlerChange {
  /// Whether it sets whose value checks look at.
  fileprivate var setsChecks: Bool {
    switch change {
    case .enable, .disable, .threshold, .rule: false
    case .query(_, _, let checks): checks != nil
    case .checks: true
    }
  }
}
