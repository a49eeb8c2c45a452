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
  /// What it names is not certain, and may have a route of its own; with a sentence for the client.
  case unclear(String)
}

/// The tables that have routes of their own: the same for as long as the proxy runs.
struct TableRoutes: Sendable {
  /// By `database.table`, case-folded.
  private let routes: [String: ShardName]
  /// Without their databases, case-folded.
  let names: Set<String>

  init(_ configuration: ProxyConfiguration) {
    routes = configuration.routes.reduce(into: [:]) { routes, route in
      for table in route.tables { routes[table.caseFolded] = route.name }
    }
    names = Set(routes.keys.map { String($0.drop { $0 != "." }.dropFirst()) })
  }

  var isEmpty: Bool { routes.isEmpty }

  func contains(_ route: ShardName) -> Bool { routes.values.contains(route) }

  /// `database`: the current one, that names without one belong to; `ofDatabase`: where the other
  /// tables of one belong.
  func routing(
    of named: NamedTables, in database: String?, ofDatabase: (String?) -> ShardName?
  ) -> TableRouting {
    var (routes, others) = (Set<ShardName>(), Set<TableName>())
    for table in named.all where !table.isOfServer {
      if let route = route(of: table, in: database) {
        routes.insert(route)
      } else if table.database != nil || named.doubt == .with
        || !named.common.contains(table.table)
      {
        others.insert(table)
      }
    }
    if let why = objection(to: named, in: database, of: routes.min()) { return .unclear(why) }
    guard !routes.isEmpty else { return others.isEmpty ? .nowhere : .database }
    for table in others {
      guard let route = ofDatabase(table.database ?? database) else {
        return .unclear(
          "\(table) is of a database without a route, and \(routes.min()?.description ?? "") is "
            + "used by the same statement")
      }
      routes.insert(route)
    }
    return routes.count == 1 ? .route(routes.removeFirst()) : .several(routes.sorted())
  }

  /// Why it is not certain which tables are meant, where that matters; `route`: of one that is.
  ///
  /// A table that has a route is nowhere passed over: wherever its name stands it was understood, or
  /// the statement does not run.
  private func objection(
    to named: NamedTables, in database: String?, of route: ShardName?
  ) -> String? {
    let known = Set(named.all.map { $0.within(database) })
    let unread = named.mentioned.filter { !known.contains($0.within(database)) }
      .sorted { $0.description < $1.description }
    for table in unread {
      guard let own = self.route(of: table, in: database) else { continue }
      return "\(table) is a table of \(own), and stands where it cannot be told what is meant: "
        + "name the table in FROM, JOIN, INTO or UPDATE, write columns of that name with their "
        + "table's (t.\(table.table)), and give other things other names"
    }
    if named.doubt == .quotes {
      return "a table that has a route of its own may be named behind a backslash in quotes: use "
        + "single quotes, and set sql_mode in a statement that is sent alone"
    }
    if named.doubt == .size {
      return "it names too many tables, or nests too deeply, to tell where it belongs"
    }
    guard let route, let doubt = named.doubt else { return nil }
    return switch doubt {
    case .with:
      "beside tables of \(route) WITH may stand only at the beginning of a SELECT that is "
        + "sent alone, with names that no table in it has"
    case .statement(let words):
      "tables of \(route) are named in what begins with \(words), and which others it uses "
        + "cannot be told: send its statements one by one"
    case .quotes, .size: nil
    }
  }

  private func route(of table: TableName, in database: String?) -> ShardName? {
    routes[table.within(database).description]
  }
}

extension TableName {
  /// With the current database, where it names none.
  fileprivate func within(_ current: String?) -> TableName {
    TableName(database: database ?? current, table: table)
  }

  /// Each server has its own.
  fileprivate var isOfServer: Bool {
    ["information_schema", "performance_schema", "mysql", "sys"].contains(database ?? "")
  }
}
