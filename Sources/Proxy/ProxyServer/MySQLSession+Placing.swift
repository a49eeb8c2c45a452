internal import Cutover
internal import MySQLWire
internal import NIOCore
internal import Terms

// A command's way to its place.
extension MySQLSession {
  /// Has a backend answer a command.
  func run(_ command: MySQLCommand) {
    if let refusal = command.traits.refusal {
      return refuse(ServerError(1235, state: "42000", refusal))
    }
    if let loss {
      self.loss = nil
      return refuse(ServerError(1105, loss))
    }
    let route: ShardName
    do throws(ServerError) {
      route = try self.route(of: command)
    } catch {
      return refuse(error)
    }
    command.route = route
    self.command = command
    phase = .busy
    if work != nil {
      guard let connection, route == workRoute else { return failAcrossRoutes(route) }
      return begin(on: connection)
    }
    workRoute = route
    let (work, answer) = gate.admit(
      to: route, bytes: command.frames.readableBytes, on: channel.eventLoop)
    self.work = work
    isFirstStatementOfWork = true
    take(answer)
  }

  /// Where a command belongs: by the tables that it names, or by its database.
  ///
  /// What names neither stays with what is under way, or with what ties the session.
  private func route(of command: MySQLCommand) throws(ServerError) -> ShardName {
    let database = command.traits.database ?? command.database ?? state.database
    let routing = command.tables.map { gate.routing(of: $0, in: database) } ?? .nowhere
    switch routing {
    case .unclear(let why): throw .notSupported(why)
    case .several(let routes):
      throw .notSupported(
        "the statement names tables of several routes "
          + "(\(routes.map(\.description).joined(separator: ", "))), "
          + "and no statement runs on two servers")
    case .route(let route):
      try checkThatPinsAllow(route)
      return route
    case .nowhere, .database: break
    }
    if work != nil, let workRoute, command.traits.database == nil,
      routing == .nowhere || !gate.tableRoutes.contains(workRoute)
    {
      return workRoute
    }
    if routing == .nowhere, let route = routeOfPins(for: command) { return route }
    guard let route = self.route(of: database)?.name else {
      throw unknownDatabase(database)
    }
    if command.traits.database == nil { try checkThatPinsAllow(route) }
    return route
  }

  /// Where what ties the session is, for a command that names no tables; nil where nothing does.
  ///
  /// Tables that procedures and statements in strings use are not seen: they are the database's.
  private func routeOfPins(for command: MySQLCommand) -> ShardName? {
    guard !gate.tableRoutes.isEmpty, !state.pins.isEmpty, command.traits.database == nil,
      command.traits.pins.isDisjoint(with: [.procedures, .preparedByName])
    else { return nil }
    return pinnedTo
  }

  /// What ties the session to a server is not given up for a statement on tables that are elsewhere.
  ///
  /// Where tables have routes, other routes are elsewhere, wherever they lead: what would fail after a
  /// cutover fails before it.
  private func checkThatPinsAllow(_ route: ShardName) throws(ServerError) {
    guard work == nil, let connection, !state.pins.isEmpty, let pinnedTo, route != pinnedTo,
      !gate.tableRoutes.isEmpty || gate.standing(of: route)?.backend != connection.backend.name
    else { return }
    throw tied(to: pinnedTo, not: route)
  }

  private func tied(to own: ShardName, not route: ShardName) -> ServerError {
    .notSupported(
      "the statement belongs to \(route), and the session is tied to \(own) by \(state.pinNames)")
  }

  private func failAcrossRoutes(_ route: ShardName) {
    let own = workRoute?.description ?? ""
    fail(
      .notSupported(
        "\(route) cannot be used before the transaction on \(own) has ended: no transaction runs on "
          + "two servers"))
  }

  func take(_ answer: Gate.Answer) {
    switch answer {
    case .now(let placement): take(placement)
    case .later(let future):
      connectAhead()
      future.assumeIsolated().whenComplete { [self] result in
        // Fails only where the client is gone.
        if case .success(let placement) = result { take(placement) }
      }
    }
  }

  private func take(_ placement: Gate.Placement) {
    guard phase != .closed else { return leave() }
    switch placement {
    case .fail(let refusal):
      endWork()
      fail(ServerError(refusal), counted: refusal.code.rawValue)
    case .run(let backend):
      if let connection, connection.isOpen, connection.backend.name == backend.name,
        connection.backend.login == backend.login || !state.pins.isEmpty,
        !connection.lacksDatabase || isOnTables,
        front.sessions.pool.claim(connection, at: connection.backend)
      {
        dropAhead()
        return begin(on: connection)
      }
      if let route = command?.route, let pinnedTo, route != pinnedTo, !gate.tableRoutes.isEmpty,
        connection?.isOpen == true, !state.pins.isEmpty
      {
        return fail(tied(to: pinnedTo, not: route))
      }
      if let lost = moveAway() {
        endWork()
        return fail(ServerError(1105, lost))
      }
      if let ahead, ahead.backend.name == backend.name { return use(ahead) }
      connect(to: backend)
    }
  }

  /// Gives up the connection at hand; returns what is lost with it, or was before.
  private func moveAway() -> String? {
    if connection != nil, !state.pins.isEmpty {
      loss =
        "the session moved to another server and left behind what cannot be carried: "
        + state.pinNames
    }
    dropConnection()
    state.loseConnection()
    defer { loss = nil }
    return loss
  }
}

extension ServerError {
  fileprivate static func notSupported(_ why: String) -> ServerError {
    ServerError(1235, state: "42000", why)
  }

  /// What vtgate would say, or a server that stops.
  fileprivate init(_ refusal: Refusal) {
    if refusal == .stopping { self = .shutdown } else { self.init(1105, refusal.description) }
  }
}
