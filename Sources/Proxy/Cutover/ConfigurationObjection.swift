internal import Buffering
internal import Terms

/// What keeps a configuration's values from working together.
package struct ConfigurationObjection: Error, Sendable, Equatable, CustomStringConvertible {
  /// The table of the file that it is about, as `route 2`; empty for the file as a whole.
  package let place: String
  /// What is wrong, and what to do about it.
  package let what: String

  package var description: String { place.isEmpty ? what : "\(place): \(what)" }
}

extension ProxyConfiguration {
  /// The first objection; nil when there is none.
  package var objection: ConfigurationObjection? {
    objectionToNames ?? objectionToListeners ?? objectionToRoutes ?? objectionToOverlaps
      ?? objectionToBuffering
      ?? (listeners.isEmpty
        ? ConfigurationObjection(place: "", what: "there is no listener: add a [[listener]]")
        : nil)
  }

  /// Whether a name can be written on a terminal as it is.
  package static func isName(_ text: String) -> Bool {
    !text.isEmpty
      && text.unicodeScalars.allSatisfy { scalar in
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
          .paragraphSeparator:
          false
        default: true
        }
      }
  }

  private var objectionToNames: ConfigurationObjection? {
    Self.objection("backend", backends.map(\.name.description))
      ?? Self.objection("route", routes.map(\.name.description))
      ?? Self.objection("user", users.map(\.name))
  }

  private static func objection(_ kind: String, _ names: [String]) -> ConfigurationObjection? {
    for (index, name) in names.enumerated() {
      guard isName(name) else {
        return at(kind, index, "its name is empty, or has characters that cannot be shown")
      }
      if names[..<index].contains(name) {
        return at(kind, index, "two \(kind)s are called \(name): rename one")
      }
    }
    return nil
  }

  private var objectionToListeners: ConfigurationObjection? {
    for (index, listener) in listeners.enumerated() where listener.address.port != 0 {
      if listeners[..<index].contains(where: { $0.address == listener.address }) {
        return Self.at(
          "listener", index, "two listeners are at \(listener.address): give one another port")
      }
      if listener.address == pages {
        return Self.at(
          "listener", index, "the pages are at \(pages) too: give one another port")
      }
    }
    return nil
  }

  private var objectionToRoutes: ConfigurationObjection? {
    for (index, route) in routes.enumerated() {
      if let what = objection(to: route) { return Self.at("route", index, what) }
    }
    return nil
  }

  private func objection(to route: Route) -> String? {
    if let what = objection(toTablesOf: route) { return what }
    guard route.candidates.contains(route.backend) else {
      return "\(route.backend) is not among the backends of \(route.name)"
    }
    for (index, name) in route.candidates.enumerated() {
      guard let backend = backend(name) else {
        return "no backend is called \(name): add a [[backend]] of that name"
      }
      guard backend.engine == route.engine else {
        return "backend \(name) speaks \(backend.engine.rawValue), and the first one "
          + route.engine.rawValue
      }
      if route.candidates[..<index].contains(name) {
        return "backends has \(name) twice: name it once"
      }
    }
    return nil
  }

  private func objection(toTablesOf route: Route) -> String? {
    guard let first = route.tables.min() else { return nil }
    guard route.engine == .mysql else { return "tables are routed for mysql only: name databases" }
    for table in route.tables.sorted() {
      let parts = table.split(separator: ".", omittingEmptySubsequences: false)
      guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else {
        return "tables has \(table): write database.table"
      }
      if self.route(ofDatabase: String(parts[0]), .mysql) == nil {
        return "the database of \(table) has no route for its other tables: add one"
      }
    }
    return route.databases.isEmpty
      ? nil : "databases and tables are two routes: give \(first) one of its own"
  }

  /// No statement may have two routes.
  private var objectionToOverlaps: ConfigurationObjection? {
    for (index, route) in routes.enumerated() {
      for other in routes[..<index] where other.engine == route.engine {
        if let name = route.databases.filter(other.names).min() {
          return Self.at(
            "route", index,
            "\(other.name) and \(route.name) both have the database \(name): name it in one")
        }
        if let name = other.tables.intersection(route.tables).min() {
          return Self.at(
            "route", index,
            "\(other.name) and \(route.name) both have the table \(name): name it in one")
        }
        if other.takesAnyDatabase, route.takesAnyDatabase {
          return Self.at(
            "route", index,
            "\(other.name) and \(route.name) both take any database of "
              + "\(route.engine.rawValue): name the databases of one")
        }
      }
    }
    return nil
  }

  private var objectionToBuffering: ConfigurationObjection? {
    func objection(_ what: String) -> ConfigurationObjection {
      ConfigurationObjection(place: "buffering", what: what)
    }
    guard buffering.window >= .seconds(1), buffering.window <= buffering.maxFailoverDuration else {
      return objection("the window must be 1s at least, and no longer than max_failover_duration")
    }
    guard buffering.size >= 1, buffering.drainConcurrency >= 1 else {
      return objection("size and drain_concurrency must be 1 at least")
    }
    return nil
  }

  /// `index`: from 0, of the tables of that kind.
  private static func at(
    _ kind: String, _ index: Int, _ what: String
  ) -> ConfigurationObjection {
    ConfigurationObjection(place: "\(kind) \(index + 1)", what: what)
  }
}
