import FleetModel
import Synchronization
import Terms
import TestSupport
import Testing

@testable import Operations

/// Who explains shards by their workflows keeps nobody waiting.
@Suite(.timeLimit(.minutes(1))) struct RoutingExplainerTests {
  private static let start = Instant(secondsSinceEpoch: 1_795_772_000)
  private static let shards = ["-80", "80-"].map { ShardName(keyspace: "commerce", shard: $0) }

  /// What was asked for so far.
  private final class Asked: Sendable {
    let shards = Mutex<[Set<ShardName>]>([])
    var count: Int { shards.withLock(\.count) }
  }

  @Test func whatIsSlowIsNotAskedForAgain() async throws {
    let (asked, gate) = (Asked(), AsyncStream<Void>.makeStream())
    let explainer = RoutingExplainer { shards, _ in
      asked.shards.withLock { $0.append(shards) }
      for await _ in gate.stream { break }
      return [:]
    }
    let first = Task { await explainer.news(of: [Self.shards[0]], at: Self.start) }
    try await wait(for: "the question") { asked.count == 1 }
    let other = await explainer.news(of: Set(Self.shards), at: Self.start + .seconds(60))
    #expect(other.isEmpty && asked.count == 1)
    gate.continuation.finish()
    #expect(await first.value == [.routings([:])])
    // The one that came meanwhile has not been explained.
    let second = await explainer.news(of: Set(Self.shards), at: Self.start + .seconds(1))
    #expect(second == [.routings([:])] && asked.count == 2)
  }

  @Test func aShardIsAskedAboutAtOnceAndThenNowAndThen() async {
    let asked = Asked()
    let explainer = RoutingExplainer { shards, _ in
      asked.shards.withLock { $0.append(shards) }
      return [:]
    }
    var counts: [Int] = []
    for (second, shards) in [
      (0, []), (1, [0]), (2, [0]), (3, [0, 1]), (4, [0, 1]), (5, [0]), (6, [0]), (7, []), (8, [1]),
    ] {
      _ = await explainer.news(
        of: Set(shards.map { Self.shards[$0] }), at: Self.start + .seconds(second))
      counts.append(asked.count)
    }
    #expect(counts == [0, 1, 1, 2, 2, 2, 3, 3, 4])
  }

  @Test func whyNothingCanBeReadIsTold() async {
    let failure = CallFailure(.unreachable, nil, .noVtctldNamed)
    let explainer = RoutingExplainer { _, _ throws(CallFailure) in throw failure }
    let news = await explainer.news(of: Set(Self.shards), at: Self.start)
    #expect(news == [.topoFailed(failure)])
  }
}
