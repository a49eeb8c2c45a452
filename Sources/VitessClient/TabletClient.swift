package import FleetModel
internal import FoundationEssentials
internal import NIOCore
internal import NIOFoundationEssentialsCompat

/// Polls one vttablet with passive calls only, in whichever dialect it speaks.
package struct TabletClient: Sendable {
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

  package init(_ address: Address, fetcher: HTTPFetcher) {
    self.fetcher = fetcher
    target = Target(.vttablet, address)
  }

  /// Reads the throttler's gauges.
  ///
  /// After a failure the dialect is found out anew, because the tablet may have come back with
  /// another release.
  package mutating func poll(deadline: Duration) async throws(ScrapeFailure) -> TabletReading {
    let clock = ContinuousClock()
    let end = clock.now + deadline
    do throws(ScrapeFailure) {
      switch dialect {
      case .metrics: return try await pollMetrics(until: end)
      case .status, nil: return try await pollStatus(until: end)
      }
    } catch {
      dialect = nil
      throw error
    }
  }

  private mutating func pollStatus(
    until end: ContinuousClock.Instant
  ) async throws(ScrapeFailure) -> TabletReading {
    let page = try await page("/throttler/status", until: end)
    guard page.status == 200 else {
      guard dialect == nil, (300..<400).contains(page.status) || page.status == 404 else {
        throw ScrapeFailure(.refusedByServer, "/throttler/status answered \(page.status)")
      }
      let reading = try await pollMetrics(until: end)
      dialect = .metrics
      return reading
    }
    var (throttler, shard) = try ThrottlerStatus.decode(Data(buffer: page.body))
    var hasAppList = true
    if case .status(let known) = dialect { hasAppList = known }
    if throttler.throttledApps == nil, hasAppList {
      let apps = try await self.page("/throttler/throttled-apps", until: end)
      if apps.status == 200 {
        // A rule with ratio NaN makes the server answer with nothing: no reason to lose the lag.
        throttler.throttledApps = try? ThrottledApps.decode(Data(buffer: apps.body))
      } else {
        hasAppList = false
      }
    }
    dialect = .status(hasAppList: hasAppList)
    // Leadership follows the type, though seconds later; the type itself stands on a large page. A
    // demoting primary stops leading before its type changes.
    let isDemoting = throttler.isLeader == false && identity?.tabletType == .primary
    if wasLeader != throttler.isLeader || isDemoting {
      identity = nil
      wasLeader = throttler.isLeader
    }
    await identify(until: end)
    var reading = TabletReading(throttler: throttler)
    reading.shard = shard ?? identity?.tabletShard
    reading.alias = identity?.tabletAlias
    reading.type = identity?.tabletType
    return reading
  }

  private mutating func pollMetrics(
    until end: ContinuousClock.Instant
  ) async throws(ScrapeFailure) -> TabletReading {
    var metrics = try await fetcher.stream(
      "/metrics", of: target, deadline: left(until: end), into: TabletMetrics()
    ) { metrics, chunk in
      metrics.scan(chunk)
    }
    metrics.finish()
    if let failure = metrics.failure { throw failure }
    var throttler = ThrottlerReading(source: .metrics)
    throttler.selfValue = metrics.gauges.selfValue
    throttler.shardValue = metrics.gauges.shardValue
    let page = try await page("/throttler/check-self?app=vitess", until: end)
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
    await identify(until: end)
    var reading = TabletReading(throttler: throttler)
    reading.serverState = metrics.gauges.serverState
    reading.alias = identity?.tabletAlias
    reading.shard = identity?.tabletShard
    reading.type = identity?.tabletType
    return reading
  }

  /// Asks once who the tablet is; what cannot be learnt is left out.
  private mutating func identify(until end: ContinuousClock.Instant) async {
    guard identity == nil else { return }
    if let page = try? await page("/debug/vars", until: end), page.status == 200 {
      identity = try? DebugVars.decode(Data(buffer: page.body))
    }
  }

  private func page(
    _ path: String, until end: ContinuousClock.Instant
  ) async throws(ScrapeFailure) -> HTTPFetcher.Page {
    try await fetcher.page(path, of: target, deadline: left(until: end))
  }

  private func left(until end: ContinuousClock.Instant) -> Duration {
    max(.milliseconds(1), end - ContinuousClock.now)
  }
}
