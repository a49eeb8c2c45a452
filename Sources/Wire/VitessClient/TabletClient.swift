package import FleetModel
internal import FoundationEssentials
internal import NIOCore
internal import NIOFoundationEssentialsCompat
package import Terms

/// Polls one vttablet with passive calls only, in whichever dialect it speaks.
///
/// Its gauges are read each time; what rarely changes is read only now and then, or when the gauges
/// call for it.
package struct TabletClient: Sendable {
  /// How old the list of throttled apps may become where it has a page of its own.
  private static let appListAge: Duration = .seconds(3)
  /// How long a tablet that does not say who it is is not asked again.
  private static let refusalAge: Duration = .seconds(5)

  /// Requests made so far.
  package private(set) var requests = 0

  /// How a tablet's release reports its lag.
  private enum Dialect {
    /// v10 to v21.
    case status(Pages)
    /// v22 and later: `/throttler/status` answers with a redirect (or 404).
    case metrics
  }

  /// What a tablet offers beside `/throttler/status`.
  private struct Pages {
    var hasAppList = true
    var hasMetrics = true
    /// Its rules say whether they exempt an app, as they do from v18 on; nil when they were not
    /// read.
    var tellsExemption: Bool?
  }

  private let fetcher: HTTPFetcher
  private let target: Target
  private var dialect: Dialect?
  private var identity: DebugVars?
  /// When the identity was last refused.
  private var identityRefusedAt: ContinuousClock.Instant?
  /// What was read along with the identity; when any of it changes, the identity must be read
  /// again.
  private var signs = Signs()
  /// Why the identity could not be learnt.
  private var identityFailure: ScrapeFailure?
  private var apps: (list: [ThrottledApp]?, at: ContinuousClock.Instant)?

  package init(_ address: Address, fetcher: HTTPFetcher) {
    self.fetcher = fetcher
    target = Target(.vttablet, address)
  }

  /// Reads the throttler's gauges.
  ///
  /// After a failure the dialect is determined anew, because the tablet may have come back with
  /// another release.
  package mutating func poll() async throws(ScrapeFailure) -> TabletReading {
    do throws(ScrapeFailure) {
      switch dialect {
      case .metrics: return try await pollMetrics()
      case .status, nil: return try await pollStatus()
      }
    } catch {
      dialect = nil
      apps = nil
      // The next to answer at the address may be somebody else.
      identity = nil
      throw error
    }
  }

  /// What changes when another tablet answers, or the same one with another type.
  private struct Signs: Equatable {
    var processStart: Double?
    var shard: ShardName?
    /// How often the type has changed.
    var typeChanges: Double?
    var isLeader: Bool?
  }

  private mutating func pollStatus() async throws(ScrapeFailure) -> TabletReading {
    let page = try await ask("/throttler/status")
    guard page.status == 200 else {
      guard dialect == nil, page.isElsewhere else {
        throw page.refusal(of: "/throttler/status")
          ?? .refused(path: "/throttler/status", .status(page.status))
      }
      try await fetcher.waitToAskMore()
      let reading = try await pollMetrics()
      dialect = .metrics
      return reading
    }
    if let refusal = page.refusal(of: "/throttler/status") { throw refusal }
    var (throttler, shard) = try await page.read { body throws(ScrapeFailure) in
      try ThrottlerStatus.decode(Data(buffer: body))
    }
    var pages = Pages()
    if case .status(let known) = dialect { pages = known }
    if throttler.throttledApps == nil, pages.hasAppList {
      let isOld = apps.map { .now - $0.at >= Self.appListAge } ?? true
      if isOld, fetcher.mayAskMore() {
        let page = try await ask("/throttler/throttled-apps")
        // A rule with ratio NaN makes the server answer with nothing, which is no reason to lose
        // the lag.
        let list = try? await page.read { body throws(ScrapeFailure) in
          try ThrottledApps.decode(Data(buffer: body))
        }
        apps = (list, .now)
        if pages.tellsExemption == nil {
          pages.tellsExemption = try await page.read { body throws(ScrapeFailure) in
            ThrottledApps.tellExemption(Data(buffer: body))
          }
        }
        pages.hasAppList = page.status == 200
      }
      throttler.throttledApps = pages.hasAppList ? apps?.list : nil
    }
    // Lag is known even without these gauges.
    var gauges: TabletMetrics.Gauges?
    if pages.hasMetrics, fetcher.mayAskMore() {
      do throws(ScrapeFailure) {
        gauges = try await metrics().gauges
      } catch  where error.kind == .refusedByServer || error.kind == .notUnderstood {
        pages.hasMetrics = false
      } catch {
        // Perhaps another time.
      }
    }
    dialect = .status(pages)
    // Leadership follows the type, though seconds later. A demoting primary stops leading before
    // its type changes.
    if throttler.isLeader == false, identity?.tabletType == .primary { identity = nil }
    var reading = await reading(throttler, gauges, shard: shard)
    reading.throttler.checkAs = checkAs(throttler.checkAs, tellsExemption: pages.tellsExemption)
    return reading
  }

  /// What decides whose value a check looks at, including what the command line says about it.
  ///
  /// The flag's name in v10 to v17: go/vt/vttablet/tabletserver/throttle/throttler.go.
  private func checkAs(
    _ known: ThrottlerReading.CheckAs, tellsExemption: Bool?
  ) -> ThrottlerReading.CheckAs {
    let flag =
      identity?.commandLine == nil
      ? nil : identity?.boolean("throttle-check-as-check-self") ?? false
    switch known {
    case .release, .topo: return known
    case .flag: return .flag(flag)
    case .topoOrFlag:
      if tellsExemption == true { return .topo }
      return switch identity?.boolean("throttler-config-via-topo") {
      case true?: .topo
      case false?: .flag(flag)
      case nil: .topoOrFlag(flag)
      }
    }
  }

  private mutating func pollMetrics() async throws(ScrapeFailure) -> TabletReading {
    let gauges = try await metrics().gauges
    var throttler = ThrottlerReading(source: .metrics)
    throttler.selfValue = gauges.selfValue
    throttler.shardValue = gauges.shardValue
    try await fetcher.waitToAskMore()
    let page = try await ask("/throttler/check-self?app=vitess")
    let check = try await page.read { body throws(ScrapeFailure) in
      ThrottlerCheck.decode(body.readableBytesView)
    }
    if let check {
      throttler.isEnabled = check.isEnabled
      throttler.isRecentlyChecked = check.isRecentlyChecked
      throttler.threshold = check.threshold
      throttler.metric = check.metric
    } else {
      // A gauge is never removed: without word from the throttler it means nothing.
      throttler.selfValue = nil
      throttler.shardValue = nil
    }
    return await reading(throttler, gauges, shard: nil)
  }

  private mutating func metrics() async throws(ScrapeFailure) -> TabletMetrics {
    requests += 1
    let coming = ComingPage(TabletMetrics())
    let page = try await fetcher.page("/metrics", of: target, reader: coming)
    if let refusal = page.refusal(of: "/metrics") { throw refusal }
    let metrics = coming.end { gauges in
      gauges.finish()
      return gauges
    }
    if let failure = metrics.failure { throw failure }
    return metrics
  }

  /// Adds who answered; the alias, and in most releases the type, are only on a large page, which
  /// is read again when something suggests that they may have changed.
  private mutating func reading(
    _ throttler: ThrottlerReading, _ gauges: TabletMetrics.Gauges?, shard: ShardName?
  ) async -> TabletReading {
    let shard = shard ?? gauges?.shard
    var signs = signs
    signs.shard = shard ?? signs.shard
    signs.isLeader = throttler.isLeader
    if let gauges {
      signs.processStart = gauges.processStart
      signs.typeChanges = gauges.typeChanges
    }
    if signs != self.signs {
      identity = nil
      identityRefusedAt = nil
      self.signs = signs
    }
    await identify()
    if let shard, identity?.tabletShard.map({ $0 != shard }) ?? false { identity = nil }
    var reading = TabletReading(throttler: throttler)
    reading.serverState = gauges?.serverState
    reading.replicationLag = gauges?.replicationLag
    reading.alias = identity?.tabletAlias
    reading.shard = shard ?? identity?.tabletShard
    reading.type = gauges?.type ?? identity?.tabletType
    reading.complaint = identityFailure.map { .page("/debug/vars", $0) }
    return reading
  }

  /// Asks once who the tablet is; what cannot be learnt is left out.
  private mutating func identify() async {
    let isRefused = identityRefusedAt.map { .now - $0 < Self.refusalAge } ?? false
    guard identity == nil, !isRefused, fetcher.mayAskMore() else { return }
    do throws(ScrapeFailure) {
      let page = try await ask("/debug/vars")
      if let refusal = page.refusal(of: "/debug/vars") { throw refusal }
      identity = try await page.read { body throws(ScrapeFailure) in
        try DebugVars.decode(Data(buffer: body))
      }
      identityFailure = nil
    } catch {
      identityFailure = error
    }
    identityRefusedAt = identity == nil ? .now : nil
  }

  private mutating func ask(_ path: String) async throws(ScrapeFailure) -> HTTPFetcher.Page {
    requests += 1
    return try await fetcher.page(path, of: target)
  }
}
