package import Terms

/// What an operator's patterns name, and whose trouble therefore counts for nothing.
extension Fleet {
  /// Whether they name a server: its kind and address, its address alone, and of a tablet also its
  /// alias, its cell, its shard or its keyspace.
  ///
  /// Of a vtgate the cell is known if a source tells it.
  package func isIgnored(_ target: Target, by patterns: [NamePattern]) -> Bool {
    guard !patterns.isEmpty else { return false }
    let cell = naming(of: target)?.cell
    let isNamed = patterns.contains { pattern in
      pattern.matches(target.description) || pattern.matches(target.address.description)
        || cell.map { pattern.matches($0) } == true
    }
    guard !isNamed, let tablet = tablets[target.address], target.kind.role == .member else {
      return isNamed
    }
    return alias(of: tablet).map { patterns.match($0) } == true
      || shard(of: tablet).map { patterns.match($0) } == true
  }

  /// The patterns that name nothing that is known.
  package func unmatched(among patterns: [NamePattern]) -> [NamePattern] {
    patterns.filter { pattern in
      !summaries.contains { [pattern].match($0.name) }
        && !vtgates.values.contains { isIgnored($0.server, by: [pattern]) }
        && !tablets.values.contains { isIgnored($0.target, by: [pattern]) }
    }
  }

  /// The same of an event: one about a shard, or about servers of which all are named.
  package func isIgnored(_ event: FleetEvent, by patterns: [NamePattern]) -> Bool {
    guard !patterns.isEmpty else { return false }
    if let shard = event.shard { return patterns.match(shard) }
    switch event.kind {
    case .noAnswer(let target, _), .answersAgain(let target, _):
      return isIgnored(target, by: patterns)
    case .tabletsSilent, .tabletsAnswerAgain:
      return event.sources.allSatisfy { isIgnored(Target(.vttablet, $0.address), by: patterns) }
    default: return false
    }
  }

  /// The same of what a check has found; what it says of one tablet of a shard is that tablet's.
  func isIgnored(_ problem: FleetCheck.Problem, by patterns: [NamePattern]) -> Bool {
    switch problem.subject {
    case .server(let target): return isIgnored(target, by: patterns)
    case .shard(let name):
      if patterns.match(name) { return true }
      switch problem.finding {
      case .primaryServesLess(.alias(let alias), _), .addressTakenOver(.alias(let alias), _):
        return patterns.match(alias)
      default: return false
      }
    case .fleet, .tablets:
      return patterns.contains { $0.matches(problem.subject.description) }
    }
  }
}
