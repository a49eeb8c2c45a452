package import FleetModel
internal import FoundationEssentials
internal import NIOCore
internal import NIOFoundationEssentialsCompat

/// Polls one vttablet with passive calls only, in whichever dialect it speaks.
///
/// Its gauges are read each time; what changes rarely only now and then, or when the gauges say so.
package struct TabletClient: Sendable {
  /// How old the list of throttled apps may be where it stands on a page of its own.
  private static let appListAge: Duration = .seconds(3)

  /// Requests made so far.
  package private(set) var requests = 0

  /// How a tablet's release tells its lag.
  private enum Dialect {
    /// v10 to v21.
    case status(hasAppList: Bool)
    /// v22 and later: `/throttler/status` answers with a redirect (or 404).
    case metrics
  }

  private let fetcher: HTTPFetcher
  private let target: Target
  private var dialect: Dialect?
  private var identity: DebugVars?
  private var typeChanges: Double?
  private var wasLeader: Bool?
  private var apps: (list: [ThrottledApp]?, at: ContinuousClock.Instant)?

  package init(_ address: Address, fetcher: HTTPFetcher) {
    self.fetcher = fetcher
    target = Target(.vttablet, address)
  }

  /// Reads the throttler's gauges.
  ///
  /// After a failure the dialect is found out anew, because the tablet may have come back with
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
      throw error
    }
  }

  private mutating func pollStatus() async throws(ScrapeFailure) -> TabletReading {
    let page = try await ask("/throttler/status")
    guard page.status == 200 else {
      guard dialect == nil, (300..<400).contains(page.status) || page.status == 404 else {
        throw ScrapeFailure(.refusedByServer, "/throttler/status answered \(page.status)")
      }
      try await fetcher.waitToAskMore()
      let reading = try await pollMetrics()
      dialect = .metrics
      return reading
    }
    var (throttler, shard) = try ThrottlerStatus.decode(Data(buffer: page.body))
    var hasAppList = true
    if case .status(let known) = dialect { hasAppList = known }
    if throttler.throttledApps == nil, hasAppList {
      let isOld = apps.map { .now - $0.at >= Self.appListAge } ?? true
      if isOld, fetcher.mayAskMore() {
        let page = try await ask("/throttler/throttled-apps")
        // A rule with ratio NaN makes the server answer with nothing: no reason to lose the lag.
        let list = try? ThrottledApps.decode(Data(buffer: page.body))
        apps = (list, .now)
        hasAppList = page.status == 200
      }
      throttler.throttledApps = hasAppList ? apps?.list : nil
    }
    dialect = .status(hasAppList: hasAppList)
    // Leadership follows the type, though seconds later; the type itself stands on a large page. A
    // demoting primary stops leading before its type changes.
    let isDemoting = throttler.isLeader == false && identity?.tabletType == .primary
    if wasLeader != throttler.isLeader || isDemoting {
      identity = nil
      wasLeader = throttler.isLeader
    }
    await identify()
    var reading = TabletReading(throttler: throttler)
    reading.shard = shard ?? identity?.tabletShard
    reading.alias = identity?.tabletAlias
    reading.type = identity?.tabletType
    return reading
  }

  private mutating func pollMetrics() async throws(ScrapeFailure) -> TabletReading {
    requests += 1
    var metrics = try await fetcher.stream("/metrics", of: target, into: TabletMetrics()) {
      metrics, chunk in
      metrics.scan(chunk)
    }
    metrics.finish()
    if let failure = metrics.failure { throw failure }
    var throttler = ThrottlerReading(source: .metrics)
    throttler.selfValue = metrics.gauges.selfValue
    throttler.shardValue = metrics.gauges.shardValue
    try await fetcher.waitToAskMore()
    let page = try await ask("/throttler/check-self?app=vitess")
    if let check = ThrottlerCheck.decode(Data(buffer: page.body)) {
      throttler.isEnabled = check.isEnabled
      throttler.threshold = check.threshold
      throttler.isCustomMetric = check.isCustomMetric
    } else {
      // A gauge is never removed: without a word from the throttler it means nothing.
      throttler.selfValue = nil
      throttler.shardValue = nil
    }
    // The type stands on no other page, and that one is large: asked only when it has changed.
    if typeChanges != metrics.gauges.typeChanges {
      identity = nil
      typeChanges = metrics.gauges.typeChanges
    }
    await identify()
    var reading = TabletReading(throttler: throttler)
    reading.serverState = metrics.gauges.serverState
    reading.alias = identity?.tabletAlias
    reading.shard = identity?.tabletShard
    reading.type = identity?.tabletType
    return reading
  }

  /// Asks once who the tablet is; what cannot be learnt is left out.
  private mutating func identify() async {
    guard identity == nil, fetcher.mayAskMore() else { return }
    if let page = try? await ask("/debug/vars"), page.status == 200 {
      identity = try? DebugVars.decode(Data(buffer: page.body))
    }
  }

  private mutating func ask(_ path: String) async throws(ScrapeFailure) -> HTTPFetcher.Page {
    requests += 1
    return try await fetcher.page(path, of: target)
  }
}
