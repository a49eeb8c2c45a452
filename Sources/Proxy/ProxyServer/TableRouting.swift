internal import Cutover
internal import MySQLWire
internal import Terms

/// Where a statement belongs by the tables that it names.
enum TableRouting: Equatable {
  /// It names no tables.
  case nowhere
  /// It names tables, and none that has a route of its own.
  case database
  case route(ShardName)
  /// No statement runs on two sides, not even while both lead to one server.
  case several([ShardName])
}

extension ProxyConfiguration {
  var routesTables: Bool { routes.contains { !$0.tables.isEmpty } }

  /// `database`: the current one, that names without one belong to.
  func routing(of named: NamedTables, in database: String?) -> TableRouting {
    var routes: Set<ShardName> = []
    var others: Set<TableName> = []
    for table in named.all where !table.isOfServer {
      if let route = route(ofTable: table, in: database) {
        routes.insert(route)
      } else if table.database != nil || !named.common.contains(table.table) {
        others.insert(table)
      }
    }
    guard !routes.isEmpty else { return others.isEmpty ? .nowhere : .database }
    for table in others {
      routes.insert(
        route(ofAnyTableIn: table.database ?? database)
          // There is nothing that could run it, as the server will say.
          ?? ShardName(keyspace: table.database ?? database ?? "", shard: "-"))
    }
    return routes.count == 1 ? .route(routes.removeFirst()) : .several(routes.sorted())
  }

  private func route(ofTable table: TableName, in database: String?) -> ShardName? {
    guard let database = table.database ?? database?.lowercased() else { return nil }
    return routes.first { $0.tables.contains("\(database).\(table.table)") }?.name
  }

  private func route(ofAnyTableIn database: String?) -> ShardName? {
    let own = routes.filter { $0.engine == .mysql }
    let named = own.first { route in
      route.databases.contains { $0.lowercased() == database?.lowercased() }
    }
    return (named ?? own.first { $0.takesAnyDatabase })?.name
  }
}

extension TableName {
  /// Each server has its own.
  fileprivate var isOfServer: Bool {
    ["information_schema", "performance_schema", "mysql", "sys"].contains(database ?? "")
  }
}
