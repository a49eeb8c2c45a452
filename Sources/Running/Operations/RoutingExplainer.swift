internal import FleetModel
internal import Terms

/// Reads what topo says of shards of which it may tell more than it did.
///
/// Workflows are asked for at every keyspace, and each call may take seconds, so it works beside whoever
/// asks.
actor RoutingExplainer {
  /// How often a shard's records are read while they may tell more.
  private static let pause = Duration.seconds(3)

  typealias Read =
    @Sendable (_ shards: Set<ShardName>, _ at: Instant) async throws(CallFailure) -> [ShardName:
    ShardRouting]

  private let read: Read
  private var isReading = false
  private var dueAt: Instant?
  private var asked: Set<ShardName> = []

  init(_ read: @escaping Read) { self.read = read }

  /// What is read; nothing while the last reading goes on, or soon after one of the same shards.
  func news(of shards: Set<ShardName>, at now: Instant) async -> [Observation.News] {
    guard !isReading else { return [] }
    let isDue = dueAt.map { now >= $0 } ?? true || !shards.isSubset(of: asked)
    asked = shards
    guard !shards.isEmpty, isDue else { return [] }
    dueAt = now + Self.pause
    isReading = true
    defer { isReading = false }
    do throws(CallFailure) {
      return [.routings(try await read(shards, now))]
    } catch {
      return [.topoFailed(error)]
    }
  }
}
