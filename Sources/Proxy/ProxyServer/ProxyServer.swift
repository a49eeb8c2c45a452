package import Cutover
package import NIOCore
internal import NIOPosix
internal import Synchronization
package import Terms

/// A buffering proxy in front of databases: its ports, its looks at backends, and its pages.
package final class ProxyServer: Sendable {
  package let gate: Gate
  private let group: any EventLoopGroup
  private let fronts: [Engine: any ProtocolFront]
  private let startedAt: Instant
  private let state = Mutex(State())

  private struct State {
    var ports: [any Channel] = []
    var health: [BackendName: Task<Void, Never>] = [:]
    var examinations: [BackendName: Examination] = [:]
    /// As last found: one that is down does not say.
    var isReadOnly: [BackendName: Bool] = [:]
  }

  /// `log`: records what happens; `fronts` makes the protocols' sides for a gate.
  package init(
    _ configuration: ProxyConfiguration, on group: any EventLoopGroup,
    now: @escaping @Sendable () -> Instant,
    log: @escaping @Sendable (ProxyEvent) -> Void = { _ in },
    fronts: (Gate, any EventLoopGroup) throws -> [Engine: any ProtocolFront]
  ) rethrows {
    self.group = group
    startedAt = now()
    gate = Gate(configuration, on: group.next(), now: now, log: log)
    self.fronts = try fronts(gate, group)
  }

  package var configuration: ProxyConfiguration { gate.configuration }
  /// What was found at the last look, by backend.
  package var examinations: [BackendName: Examination] { state.withLock { $0.examinations } }

  var pages: ProxyPages {
    ProxyPages(
      board: gate.board, examinations: examinations, traffic: gate.traffic.counts,
      connections: gate.traffic.connections,
      backendConnections: fronts.values.reduce(into: [:]) { all, front in
        all.merge(front.connections, uniquingKeysWith: +)
      }, startedAt: startedAt, now: gate.instant)
  }

  /// Serves the pages, and takes commands that bring the token; returns where.
  package func servePages(token: String?) async throws -> Address {
    let channel = try await PagePort.open(
      configuration.pages, on: group, ProxyControl(server: self, token: token))
    state.withLock { $0.ports.append(channel) }
    return Address(
      host: configuration.pages.host,
      port: channel.localAddress?.port ?? configuration.pages.port)
  }

  /// Looks at all backends, opens the ports for clients, and returns where they are.
  package func start() async throws -> [Address] {
    for backend in configuration.backends { await examine(backend.name) }
    var addresses: [Address] = []
    for listener in configuration.listeners {
      let channel = try await open(listener)
      state.withLock { $0.ports.append(channel) }
      addresses.append(
        Address(
          host: listener.address.host,
          port: channel.localAddress?.port ?? listener.address.port))
    }
    for backend in configuration.backends { watch(backend.name) }
    return addresses
  }

  /// Looks at a backend every now and then.
  private func watch(_ backend: BackendName) {
    let task = Task { [weak self] in
      while !Task.isCancelled, let interval = self?.gate.limits.healthInterval {
        try? await Task.sleep(for: interval)
        await self?.examine(backend)
      }
    }
    state.withLock { $0.health[backend] = task }
  }

  /// Goes on with another configuration as far as that is possible while work goes on; returns in
  /// sentences what stays as it was.
  ///
  /// Throws why nothing of it is taken.
  package func reload(_ wanted: ProxyConfiguration) throws -> [String] {
    var (changed, kept) = configuration.taking(over: wanted)
    if let objection = changed.objection { throw objection }
    let adoptions = try fronts.values.map { try $0.adopting(changed) }
    let known = Set(configuration.backends.map(\.name))
    if !gate.reconfigure(changed) {
      kept.append("the buffer's flags stay as they are while statements wait")
    }
    for adopt in adoptions { adopt() }
    for backend in changed.backends where !known.contains(backend.name) { watch(backend.name) }
    return kept
  }

  /// Who is in already stays as it came in when a listener's TLS changes.
  private func open(_ listener: ProxyConfiguration.Listener) async throws -> any Channel {
    try await ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 1024)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelOption(.socketOption(.so_keepalive), value: 1)
      .childChannelInitializer { [self] client in
        client.eventLoop.makeCompletedFuture {
          try self.fronts[listener.engine]?.welcome(client, listener.asOf(self.configuration))
          // Behind the session: all that is read would come by it.
          try client.pipeline.syncOperations.addHandler(
            WriteTimeout { self.gate.limits.clientWrite })
        }
      }
      .open(listener.address, for: "clients")
  }

  private func examine(_ name: BackendName) async {
    guard let backend = gate.backend(name), let front = fronts[backend.engine] else { return }
    let asked = gate.instant
    let examination = await front.examine(backend, within: gate.limits.connect)
    guard !Task.isCancelled else { return }
    let events = state.withLock { state in
      let last = state.examinations.updateValue(examination, forKey: name)
      let wasReadOnly = state.isReadOnly[name]
      if let isReadOnly = examination.isReadOnly { state.isReadOnly[name] = isReadOnly }
      return ProxyEvent.changes(
        of: name, from: last, to: examination, wasReadOnly: wasReadOnly)
    }
    for event in events { gate.log(event) }
    gate.found(name, examination, asked: asked)
  }

  /// Waits until nothing of a held route is in flight, and gives it to its new backend once that has
  /// everything; returns how much was ended by force.
  ///
  /// `checks`: whether the new backend must have caught up; without, what the old one wrote last
  /// may be missing. `most`: what is in flight is ended instead of waited for, if it is no more
  /// statements and transactions than that.
  @discardableResult
  package func switchOver(
    _ route: ShardName, checks: Bool, ending most: Int? = nil
  ) async throws(Refusal) -> Int {
    do throws(Refusal) {
      guard let cutover = gate.standing(of: route)?.cutover, cutover.isHolding else {
        throw Refusal(.failedPrecondition, "no cutover of \(route) is under way")
      }
      guard let most else {
        try await carryOut(cutover, checks: checks)
        return 0
      }
      return try await force(cutover, atMost: most, checks: checks)
    } catch {
      gate.log(.notSwitched(route, why: error.description))
      throw error
    }
  }

  /// Ends what is in flight on a held route and switches it; returns how much was ended.
  ///
  /// Nothing is ended before it is known that the switch could be made.
  private func force(
    _ cutover: Cutover, atMost most: Int, checks: Bool
  ) async throws(Refusal) -> Int {
    try gate.board.checkThatWorkMayEnd(cutover, atMost: most)
    // As before the switch itself, one of which it is not known whether it has taken over is not asked.
    if checks, cutover.phase == .holding { try await checkBeforeEnding(cutover) }
    let (forced, works) = try gate.force(cutover, atMost: most)
    if !works.isEmpty { await end(works, of: forced) }
    do throws(Refusal) {
      try await carryOut(forced, checks: checks)
    } catch {
      gate.release(forced)
      throw error
    }
    return works.count
  }

  private func end(_ works: Set<Gate.WorkID>, of cutover: Cutover) async {
    let route = cutover.route
    gate.log(.ends(works.count, route, on: cutover.from))
    for front in fronts.values {
      for (backend, why) in await front.breakOff(works, of: route) {
        gate.log(.notKilled(route, on: backend, why: why))
      }
    }
    let deadline = Task { [gate] in
      try await Task.sleep(for: gate.limits.connect)
      gate.endInFlight(of: cutover)
    }
    await gate.waitUntilQuiet(route)
    deadline.cancel()
  }

  /// Throws where both servers do not answer or nothing is replicated: the check after the end of what
  /// is in flight would fail as well.
  private func checkBeforeEnding(_ cutover: Cutover) async throws(Refusal) {
    guard let from = configuration.backend(cutover.from),
      let to = configuration.backend(cutover.to), let front = fronts[from.engine]
    else { return }
    do throws(Refusal) {
      try await front.catchUp(
        cutover.route, from: from, to: to, within: configuration.limits.catchUp)
    } catch {
      throw Refusal(
        error.code,
        "nothing was ended, for the switch could not be made: \(error.description); with --unchecked it "
          + "is made all the same")
    }
  }

  private func carryOut(_ cutover: Cutover, checks: Bool) async throws(Refusal) {
    let route = cutover.route
    guard let from = configuration.backend(cutover.from),
      let to = configuration.backend(cutover.to)
    else { throw Refusal(.failedPrecondition, "its backends are not known any more") }
    await gate.waitUntilQuiet(route)
    // It may have ended instead of becoming quiet.
    try gate.board.checkThatItHolds(cutover)
    if checks, let front = fronts[from.engine] {
      // One of which it is not known whether it has taken over had caught up before.
      if cutover.phase == .holding || cutover.phase == .forced {
        try await front.catchUp(
          route, from: from, to: to, within: configuration.limits.catchUp)
      }
      try await takeOver(cutover, to, front)
    }
    try gate.commit(cutover)
    for front in fronts.values { front.switched(route) }
  }

  private func takeOver(
    _ cutover: Cutover, _ backend: ProxyConfiguration.Backend, _ front: any ProtocolFront
  ) async throws(Refusal) {
    try gate.takeOver(cutover)
    switch await front.takeOver(backend, within: gate.limits.catchUp) {
    case .done: return
    case .refused(let why):
      // That it cannot be asked again settles no doubt.
      let doubt = if case .undecided(let doubt) = cutover.phase { doubt } else { nil as String? }
      gate.failTakeOver(cutover, doubt: doubt)
      throw Refusal(.failedPrecondition, why)
    case .unknown(let why):
      gate.failTakeOver(cutover, doubt: why)
      throw Refusal(
        .failedPrecondition,
        "whether \(backend.name) has become the primary is not known: \(why); "
          + "\(cutover.route) stays held: find out, then switch again or cancel")
    }
  }

  /// Takes no more clients and no new work, lets end what is in flight for as long as a cutover would,
  /// and says goodbye.
  package func stop() async {
    let (ports, health) = state.withLock { ($0.ports, $0.health.values) }
    for task in health { task.cancel() }
    for port in ports { try? await port.close() }
    gate.shutDown()
    let limit = gate.limits.inFlight
    await withTaskGroup { group in
      for front in fronts.values { group.addTask { await front.stop(within: limit) } }
    }
  }
}
