internal import Terms

// What a proxy that runs may be told anew.
extension ProxyConfiguration {
  /// This configuration with all of another that can change while work goes on; and in sentences
  /// what cannot, and stays as it is.
  ///
  /// Users, limits, the buffer's flags, listeners' TLS and how backends are logged in to are replaced; backends,
  /// routes of databases, and backends of routes are added. Aliases of backends stay what they are.
  ///
  /// A route of tables is not added: what is in flight on them through their database's route would
  /// not be known to it, and a cutover of it would not wait for that.
  package func taking(
    over wanted: ProxyConfiguration
  ) -> (configuration: ProxyConfiguration, kept: [String]) {
    var (result, kept) = (self, [String]())
    (result.users, result.limits, result.buffering) = (
      wanted.users, wanted.limits, wanted.buffering
    )
    if pages != wanted.pages || tokenFile != wanted.tokenFile || cell != wanted.cell {
      kept.append("pages, token_file and cell are read at the start only")
    }
    if Set(listeners.map(\.place)) != Set(wanted.listeners.map(\.place)) {
      kept.append("listeners are opened at the start only")
    }
    result.listeners = listeners.map { $0.asOf(wanted) }
    result.backends = Self.merged(backends, wanted.backends, by: \.name, "backend", &kept) {
      $0.taking(over: $1, &$2)
    }
    let known = Set(routes.map(\.name))
    let late = wanted.routes.filter { !$0.tables.isEmpty && !known.contains($0.name) }.map(\.name)
    kept += late.map { "route \($0) is not added: routes of tables are read at the start only" }
    result.routes = Self.merged(
      routes, wanted.routes.filter { !late.contains($0.name) }, by: \.name, "route", &kept
    ) {
      $0.taking(over: $1, &$2)
    }
    return (result, kept)
  }

  /// Those at hand, changed where they are wanted still, and new ones behind them.
  private static func merged<Item, Name: Hashable & CustomStringConvertible>(
    _ own: [Item], _ wanted: [Item], by name: KeyPath<Item, Name>, _ kind: String,
    _ kept: inout [String], _ change: (Item, Item, inout [String]) -> Item
  ) -> [Item] {
    let known = Set(own.map { $0[keyPath: name] })
    var result: [Item] = []
    for item in own {
      let other = wanted.first { $0[keyPath: name] == item[keyPath: name] }
      if other == nil {
        kept.append("\(kind) \(item[keyPath: name]) is not given up before a restart")
      }
      result.append(other.map { change(item, $0, &kept) } ?? item)
    }
    return result + wanted.filter { !known.contains($0[keyPath: name]) }
  }
}

extension ProxyConfiguration.Listener {
  /// What is settled when the port is opened.
  fileprivate var place: String { "\(engine) \(address)" }

  /// This port as a later configuration has it.
  package func asOf(_ configuration: ProxyConfiguration) -> Self {
    configuration.listeners.first { $0.place == place } ?? self
  }
}

extension ProxyConfiguration.Backend {
  fileprivate func taking(over wanted: Self, _ kept: inout [String]) -> Self {
    guard engine == wanted.engine, address == wanted.address else {
      kept.append("backend \(name) stays at \(address): another server needs another name")
      return self
    }
    return wanted
  }
}

extension ProxyConfiguration.Route {
  fileprivate func taking(over wanted: Self, _ kept: inout [String]) -> Self {
    if databases != wanted.databases || tables != wanted.tables {
      kept.append("route \(name) keeps its databases and tables")
    }
    if let missing = candidates.first(where: { !wanted.candidates.contains($0) }) {
      kept.append("route \(name) keeps its backend \(missing)")
    }
    let new = wanted.candidates.filter { !candidates.contains($0) }
    return Self(
      name: name, engine: engine, databases: databases, tables: tables, backend: backend,
      candidates: candidates + new)
  }
}
