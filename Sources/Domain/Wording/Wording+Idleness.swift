package import FleetModel
internal import Terms

extension Wording {
  /// Why a shard serves nobody on purpose, in one word.
  package func word(_ idleness: Idleness) -> String {
    switch idleness {
    case .awaits: "waiting"
    case .replaced: "replaced"
    case .unused: "unused"
    case .uninitialized: "new"
    case .snapshot: "snapshot"
    }
  }

  /// What a shard does instead of serving: `waits for commerce.r1`.
  package func words(_ idleness: Idleness) -> String {
    switch idleness {
    case .awaits(let workflow): "waits for \(quote(workflow))"
    case .replaced: "is replaced by a Reshard"
    case .unused: "serves nobody"
    case .uninitialized: "has never had a primary"
    case .snapshot(let base):
      "is a snapshot of \(base.isEmpty ? "a keyspace" : base), which has no primary"
    }
  }
}
