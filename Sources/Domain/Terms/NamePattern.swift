/// A pattern for names of shards and servers: `*` matches any text, `?` one character.
package struct NamePattern: Sendable, Equatable, Codable, CustomStringConvertible {
  package let description: String

  package init(_ text: String) { description = text }

  package func matches(_ name: String) -> Bool {
    let pattern = Array(description)
    let name = Array(name)
    // Where to go back to when the last star matched too little.
    var (p, n, star, taken) = (0, 0, -1, 0)
    while n < name.count {
      if p < pattern.count, pattern[p] == "*" {
        (star, taken) = (p, n)
        p += 1
      } else if p < pattern.count, pattern[p] == "?" || pattern[p] == name[n] {
        p += 1
        n += 1
      } else if star >= 0 {
        taken += 1
        (p, n) = (star + 1, taken)
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == "*" }
  }
}

extension [NamePattern] {
  /// Whether one names a shard, or its keyspace.
  package func match(_ shard: ShardName) -> Bool {
    contains { $0.matches(shard.description) || $0.matches(shard.keyspace) }
  }

  /// Whether one names a tablet, by its alias in either spelling, or its cell.
  package func match(_ alias: TabletAlias) -> Bool {
    contains {
      $0.matches(alias.short) || $0.matches(alias.description) || $0.matches(alias.cell)
    }
  }
}
