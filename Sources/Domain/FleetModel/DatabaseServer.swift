package import Terms

/// A database server behind a proxy, which takes the place of a tablet.
package struct DatabaseServer: Sendable, Hashable, Codable {
  /// As the proxy's file calls it.
  package var name: String
  /// Where it listens for its own protocol.
  package var address: Address?
  /// `mysql` or `postgres`.
  package var engine: String?
  package var version: String?
  /// Nil where it was not said.
  package var isReadOnly: Bool?
  /// Whether it is set up to follow another server; nil where it was not said.
  package var replicates: Bool?

  package init(
    name: String, address: Address? = nil, engine: String? = nil, version: String? = nil,
    isReadOnly: Bool? = nil, replicates: Bool? = nil
  ) {
    self.name = name
    self.address = address
    self.engine = engine
    self.version = version
    self.isReadOnly = isReadOnly
    self.replicates = replicates
  }
}

extension Fleet {
  /// How many database servers stand behind proxies, each named once.
  package var databaseServers: Int {
    let proxied = vtgates.values.filter { $0.kind == .proxy }.compactMap(\.tablets)
    return Set(proxied.flatMap { list in list.all.compactMap { $0.database.map(\.name) } }).count
  }
}
