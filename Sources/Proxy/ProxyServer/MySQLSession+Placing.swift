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
    guard let route = route(of: command) else {
      return refuse(unknownDatabase(command.traits.database))
    }
    var command = command
    command.route = route
    self.command = command
    phase = .busy
    if work != nil {
      guard let connection, route == workRoute else { return failAcrossRoutes() }
      return begin(on: connection)
    }
    workRoute = route
    let (work, answer) = gate.admit(
      to: route, bytes: command.frames.readableBytes, on: channel.eventLoop)
    self.work = work
    isFirstStatementOfWork = true
    take(answer)
  }

  /// Where a command belongs: what is under way stays on its route, unless it says another database.
  private func route(of command: MySQLCommand) -> ShardName? {
    if work != nil, command.traits.database == nil { return workRoute }
    return route(of: command.traits.database ?? state.database)?.name
  }

  private func failAcrossRoutes() {
    fail(
      ServerError(
        1235, state: "42000",
        "another route's database cannot be used before the transaction has ended"))
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
    guard phase != .closed else { return endWork() }
    switch placement {
    case .fail(let refusal):
      endWork()
      fail(ServerError(refusal), counted: refusal.code.rawValue)
    case .run(let backend):
      if let connection, connection.isOpen, connection.backend.name == backend.name {
        dropAhead()
        return begin(on: connection)
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
  /// What vtgate would say, or a server that stops.
  fileprivate init(_ refusal: Refusal) {
    if refusal == .stopping { self = .shutdown } else { self.init(1105, refusal.description) }
  }
}
