package import FleetModel
package import TerminalKit
package import Terms
internal import Watching
package import Wording

/// What the overview and the other clusters' screens know of one of several clusters, as its own
/// model tells it.
package struct ClusterGlance: Equatable, Sendable {
  package struct Lagging: Equatable, Sendable {
    package let shard: ShardName
    package let lag: Lag
    /// No other shard's is known than of those that count for nothing.
    package let isSetAside: Bool
  }

  /// As the configuration file calls it.
  package let name: String
  package let title: String
  /// The role of its title.
  package let role: StyleRole
  package let situation: Situation
  package let shards: Int
  /// Shards that do not serve or have a problem, without those whose trouble is meant to be.
  package let shardsInTrouble: Int
  /// What failed in failovers; nil where there was none.
  package let failed: Failed?
  /// It is known that there was none.
  package let isCounted: Bool
  /// The lag that is nearest to its threshold or furthest beyond it.
  package let worstLag: Lagging?
  package let vtgatesAnswering: Int
  package let vtgates: Int
  /// When a server last answered; nil where none has.
  package let answeredAt: Instant?
  /// Worst first; failovers that are over are told by ``failed``.
  package let problems: [FleetCheck.Problem]
  /// An action was sent from here that has not ended.
  package let isActing: Bool
  package let shardsFailingOver: [ShardName]
  /// Its hosts are masked on its own screens.
  package let isMasked: Bool
  package let standIns: HostMask
  /// Its servers' certificates are not checked.
  package let isUnverified: Bool

  package var health: FleetCheck.Health { problems.map(\.health).max() ?? .healthy }

  /// Something there needs looking at.
  package var isInTrouble: Bool { !problems.isEmpty }
}

extension Model {
  /// The cluster in short, as it is now; nil where it is the only one, and for the overview.
  package var glance: ClusterGlance? {
    guard let name = settings.cluster else { return nil }
    let shards = live.summaries
    let meant = shards.filter { !watch.setsAside($0, in: live) }
    let (worst, aside) = (WorstLag(of: meant), WorstLag(of: shards))
    let problems = problems
    let troubled = problems.compactMap { problem in
      if case .shard(let name) = problem.subject { name } else { nil }
    }
    let answers =
      live.vtgates.values.lazy.compactMap(\.watched.readAt).max()
      ?? live.tablets.values.lazy.compactMap(\.watched.readAt).max()
    return ClusterGlance(
      name: name, title: settings.title, role: settings.color?.role ?? .emphasis,
      situation: watch.situation(of: live, at: present).noting(problems.count),
      shards: shards.count,
      shardsInTrouble: Set(troubled).union(meant.filter { $0.state != .serving }.map(\.name)).count,
      failed: Failed.sum(meant.compactMap(\.failed)),
      isCounted: meant.contains(where: \.hasCounters),
      worstLag: (worst ?? aside).map {
        .init(shard: $0.shard.name, lag: $0.shard.lag, isSetAside: worst == nil)
      },
      vtgatesAnswering: live.vtgates.values.count(where: \.isFresh), vtgates: live.vtgates.count,
      answeredAt: answers,
      problems: problems,
      isActing: hasRunningActions, shardsFailingOver: shardsFailingOver, isMasked: mask != nil,
      standIns: standIns, isUnverified: watch.settings.isUnverified)
  }

  /// What a check finds, without failovers that are over; nothing as long as there is somebody who may
  /// still say how it is.
  private var problems: [FleetCheck.Problem] {
    guard live.isHeardOf else { return [] }
    let all = watch.check(live).problems
    let isBlind = all.contains { $0.finding == .blind }
    return all.filter { problem in
      switch problem.finding {
      case .failed, .sourceFails(_, nil): false
      // Nobody names a shard where nobody says anything.
      case .noShardNamed: !isBlind
      default: true
      }
    }
  }

  /// The clusters that are heard of, those in the worst trouble first, and of equals as they were
  /// named.
  var clustersInOrder: [ClusterGlance] {
    clusters.enumerated()
      .sorted { ($1.element.health, $0.offset) < ($0.element.health, $1.offset) }
      .map(\.element)
  }

  /// The other clusters of this run.
  var otherClusters: [ClusterGlance] { clusters.filter { $0.name != settings.cluster } }

  /// A sentence about this cluster with its name before it, where several are open.
  func ofCluster(_ sentence: String) -> String {
    settings.cluster.map { "\($0): \(sentence)" } ?? sentence
  }
}
