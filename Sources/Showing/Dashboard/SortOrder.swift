internal import FleetModel
internal import Terms

/// How the fleet screen can be sorted.
enum SortOrder: String, CaseIterable, Sendable {
  case trouble, name, held, failed, lag

  /// Sorts shards, equal ones by name, so that nothing jumps about.
  ///
  /// `worst`: how bad it got for those in trouble.
  func sorted(_ shards: [ShardSummary], _ worst: [ShardName: Int]) -> [ShardSummary] {
    func descending(_ value: (ShardSummary) -> Double) -> [ShardSummary] {
      shards.enumerated().sorted { left, right in
        let (a, b) = (value(left.element), value(right.element))
        return a != b ? a > b : left.offset < right.offset
      }.map(\.element)
    }
    return switch self {
    case .name: shards
    case .trouble:
      worst.isEmpty
        ? shards : descending { Double(worst[$0.name] ?? 0) }
    case .held: descending { Double($0.held ?? 0) }
    // What may have failed comes before what certainly did not.
    case .failed: descending { $0.failed.map { Double($0.count ?? 0) + 0.5 } ?? 0 }
    case .lag: descending { $0.lag.value ?? -1 }
    }
  }

  var next: SortOrder {
    let all = Self.allCases
    return all[((all.firstIndex(of: self) ?? 0) + 1) % all.count]
  }
}
