internal import Exposition
package import FleetModel
internal import NIOCore
package import Terms

/// How many calls a second a vtgate makes to primaries, by shard.
///
/// `vtgate_vttablet_call_count` changes all the time, so it is read only on request, twice.
package struct CallRate: Sendable {
  private static let selection = Selection([.name("vtgate_vttablet_call_count")])
  private static let pause = Duration.seconds(1)

  private let fetcher: HTTPFetcher

  package init(_ fetcher: HTTPFetcher) { self.fetcher = fetcher }

  /// Takes a second and two requests.
  package func measure(_ vtgate: Address) async throws(ScrapeFailure) -> [ShardName: Double] {
    let before = try await counts(vtgate)
    let start = ContinuousClock.now
    try? await Task.sleep(for: Self.pause)
    let after = try await counts(vtgate)
    let seconds = (ContinuousClock.now - start).seconds
    return after.reduce(into: [:]) { rates, entry in
      rates[entry.key] = max(0, entry.value - before[entry.key, default: 0]) / seconds
    }
  }

  private func counts(_ vtgate: Address) async throws(ScrapeFailure) -> [ShardName: Double] {
    let page = try await fetcher.page("/metrics", of: Target(.vtgate, vtgate))
    if let refusal = page.refusal(of: "/metrics") { throw refusal }
    var byShard: [ShardName: Double] = [:]
    var scanner = Scanner(Self.selection)
    scanner.scan(page.body.readableBytesView) { Self.take($0, into: &byShard) }
    scanner.finish { Self.take($0, into: &byShard) }
    return byShard
  }

  private static func take(_ sample: Sample, into byShard: inout [ShardName: Double]) {
    guard let type = sample.label("db_type"), TabletType(name: type) == .primary,
      let keyspace = sample.label("keyspace"), let shard = sample.label("shard_name"),
      sample.value.isFinite
    else { return }
    byShard[ShardName(keyspace: keyspace, shard: shard), default: 0] += sample.value
  }
}
