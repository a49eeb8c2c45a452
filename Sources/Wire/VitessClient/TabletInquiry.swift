package import FleetModel
internal import FoundationEssentials
internal import NIOCore
internal import NIOFoundationEssentialsCompat
package import Terms

/// Who answers at a vttablet's address, and what its release can do.
package struct TabletProfile: Sendable, Equatable {
  /// Nil when `/debug/vars` is denied.
  package var alias: TabletAlias?
  package var shard: ShardName?
  package var release = Release.unknown
  /// Whether its throttler does what topo says: up to v17 a flag decides, and it cannot always be
  /// read.
  package var followsTopo: Bool?
  /// Nil where only vtctld tells (v22 and later).
  package var isThrottlerEnabled: Bool?

  package init() {}
}

/// Asks a vttablet who it is, immediately before something is sent to it, because an address may
/// have passed to another tablet since it was learnt.
package struct TabletInquiry: Sendable {
  private let fetcher: HTTPFetcher

  package init(_ fetcher: HTTPFetcher) { self.fetcher = fetcher }

  /// Passive: it wakes no throttler.
  package func profile(at address: Address) async throws(ScrapeFailure) -> TabletProfile {
    let target = Target(.vttablet, address)
    let vars = try await fetcher.page("/debug/vars", of: target)
    var profile = TabletProfile()
    if vars.status == 200, let known = try? DebugVars.decode(Data(buffer: vars.body)) {
      profile.alias = known.tabletAlias
      profile.shard = known.tabletShard
      profile.release = known.version.flatMap { Release($0) } ?? .unknown
      profile.followsTopo = known.boolean("throttler-config-via-topo")
    }
    let status = try await fetcher.page("/throttler/status", of: target)
    let behaviour = try await behaviour(status, target)
    if status.status == 200,
      let (throttler, shard) = try? ThrottlerStatus.decode(Data(buffer: status.body))
    {
      profile.shard = profile.shard ?? shard
      profile.isThrottlerEnabled = throttler.isEnabled
    }
    if profile.release.isUnknown { profile.release = behaviour }
    profile.followsTopo = profile.release.followsTopo(
      flag: profile.followsTopo, commandLineIsKnown: vars.status == 200)
    return profile
  }

  /// The release, deduced from the fields that came with it.
  private func behaviour(
    _ status: HTTPFetcher.Page, _ target: Target
  ) async throws(ScrapeFailure) -> Release {
    guard status.status == 200,
      let keys = try? JSONDecoder().decode(StatusKeys.self, from: Data(buffer: status.body))
    else { return status.isElsewhere ? .withoutThrottlerStatus : .unknown }
    if keys.hasCustomQuery { return .withCustomQueryInStatus }
    if keys.hasRecentlyChecked { return .withRecentlyCheckedInStatus }
    let apps = try await fetcher.page("/throttler/throttled-apps", of: target)
    if apps.isElsewhere { return .withoutListOfApps }
    guard keys.hasThreshold else { return .withoutThresholdInStatus }
    guard let tellsExemption = ThrottledApps.tellExemption(Data(buffer: apps.body))
    else { return .withListOfApps }
    if tellsExemption { return .withExemptRules }
    let check = try await fetcher.page("/throttler/check-self?app=vitess&s=true", of: target)
    guard let keys = try? JSONDecoder().decode(CheckKeys.self, from: Data(buffer: check.body))
    else { return .withoutExemptRules }
    return keys.hasRecentlyChecked ? .withRecentlyCheckedInChecks : .withoutRecentlyCheckedInChecks
  }
}

/// Which of the fields that releases added to `/throttler/status` are there.
private struct StatusKeys: Decodable {
  let hasThreshold, hasRecentlyChecked, hasCustomQuery: Bool

  enum CodingKeys: String, CodingKey {
    case threshold = "Threshold"
    case recentlyChecked = "IsRecentlyChecked"
    case customQuery = "CustomQuery"
    case isOpen = "IsOpen"
  }

  init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    // Another program's answer says nothing.
    _ = try keys.decode(Bool.self, forKey: .isOpen)
    hasThreshold = keys.contains(.threshold)
    hasRecentlyChecked = keys.contains(.recentlyChecked)
    hasCustomQuery = keys.contains(.customQuery)
  }
}

/// v17 added `RecentlyChecked` to the answer of a check.
private struct CheckKeys: Decodable {
  let hasRecentlyChecked: Bool

  enum CodingKeys: String, CodingKey {
    case recentlyChecked = "RecentlyChecked"
    case threshold = "Threshold"
  }

  init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    _ = try keys.decode(Double.self, forKey: .threshold)
    hasRecentlyChecked = keys.contains(.recentlyChecked)
  }
}
