internal import Terms

/// Which keyspace the queries for a table go to: `vschema.RoutingRules`.
///
/// A rule's name is that of a table, of a table in the keyspace of the session, or of either with a
/// tablet type: `t1`, `commerce.t1`, `commerce.t1@replica`. The order of rules means nothing.
package struct RoutingRules: Sendable, Equatable {
  /// Qualified tables by the names of the rules.
  package private(set) var tables: [String: String] = [:]
  /// Rises with each writing of the rules; vtgates see a newer vschema by it.
  private(set) var revision = 0

  /// Where writes and primary reads of a session in a keyspace go.
  func keyspace(of table: String, in keyspace: String) -> String {
    guard !tables.isEmpty, let target = tables["\(keyspace).\(table)"],
      let dot = target.firstIndex(of: ".")
    else { return keyspace }
    return String(target[..<dot])
  }

  /// As a new MoveTables writes them: everything still goes to the source.
  mutating func create(_ moved: Set<String>, from source: String, to target: String) {
    for table in moved {
      for name in names(of: table, in: [source, target], ["", "@replica", "@rdonly"]) {
        tables[name] = "\(source).\(table)"
      }
    }
    revision += 1
  }

  /// Sends the reads of some tablet types to a keyspace.
  mutating func switchReads(
    of moved: Set<String>, between keyspaces: [String], to keyspace: String,
    _ types: Set<TabletType>
  ) {
    for table in moved {
      for name in names(of: table, in: keyspaces, types.map { "@\($0)" }) {
        tables[name] = "\(keyspace).\(table)"
      }
    }
    revision += 1
  }

  /// Sends writes, and the reads from primaries, to a keyspace; there they need no rule.
  mutating func switchWrites(of moved: Set<String>, from old: String, to keyspace: String) {
    for table in moved {
      tables["\(keyspace).\(table)"] = nil
      tables[table] = "\(keyspace).\(table)"
      tables["\(old).\(table)"] = "\(keyspace).\(table)"
    }
    revision += 1
  }

  mutating func delete(_ moved: Set<String>, between keyspaces: [String]) {
    for table in moved {
      for name in names(of: table, in: keyspaces, ["", "@replica", "@rdonly"]) {
        tables[name] = nil
      }
    }
    revision += 1
  }

  private func names(
    of table: String, in keyspaces: [String], _ suffixes: [String]
  ) -> [String] {
    ([table] + keyspaces.map { "\($0).\(table)" }).flatMap { name in suffixes.map { name + $0 } }
  }
}
