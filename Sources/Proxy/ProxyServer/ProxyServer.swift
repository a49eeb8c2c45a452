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
    var health: [Task<Void, Never>] = []
    var examinations: [BackendName: Examination] = [:]
  }

  /// `fronts` makes the protocols' sides for a gate.
  package init(
    _ configuration: ProxyConfiguration, on group: any EventLoopGroup,
    now: @escaping @Sendable () -> Instant,
    fronts: (Gate, any EventLoopGroup) throws -> [Engine: any ProtocolFront]
  ) rethrows {
    self.group = group
    startedAt = now()
    gate = Gate(configuration, on: group.next(), now: now)
    self.fronts = try fronts(gate, group)
  }

  package var configuration: ProxyConfiguration { gate.configuration }
  /// What was found at the last look, by backend.
  package var examinations: [BackendName: Examination] { state.withLock { $0.examinations } }

  var pages: ProxyPages {
    ProxyPages(
      board: gate.board, examinations: examinations, traffic: gate.traffic.counts,
      connections: gate.traffic.connections, startedAt: startedAt, now: gate.instant)
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
    for backend in configuration.backends { await examine(backend) }
    var addresses: [Address] = []
    for listener in configuration.listeners {
      let channel = try await open(listener)
      state.withLock { $0.ports.append(channel) }
      addresses.append(
        Address(
          host: listener.address.host,
          port: channel.localAddress?.port ?? listener.address.port))
    }
    let tasks = configuration.backends.map { backend in
      Task { [weak self] in
        while !Task.isCancelled, let interval = self?.configuration.limits.healthInterval {
          try? await Task.sleep(for: interval)
          await self?.examine(backend)
        }
      }
    }
    state.withLock { $0.health = tasks }
    return addresses
  }

  private func open(_ listener: ProxyConfiguration.Listener) async throws -> any Channel {
    try await ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 1024)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelOption(.socketOption(.so_keepalive), value: 1)
      .childChannelInitializer { [self] client in
        client.eventLoop.makeCompletedFuture {
          try self.fronts[listener.engine]?.welcome(client, listener)
        }
      }
      .bind(host: listener.address.host, port: listener.address.port).get()
  }

  private func examine(_ backend: ProxyConfiguration.Backend) async {
    guard let front = fronts[backend.engine] else { return }
    let examination = await front.examine(backend, within: configuration.limits.connect)
    guard !Task.isCancelled else { return }
    state.withLock { $0.examinations[backend.name] = examination }
    gate.found(backend.name, isUp: examination.isUp)
  }

  /// Holds a route, waits for what is in flight, and gives it to its new backend once that has
  /// everything.
  ///
  /// `checks`: whether the new backend must have caught up; without, what the old one wrote last
  /// may be missing.
  package func switchOver(_ route: ShardName, checks: Bool) async throws(Refusal) {
    guard let cutover = gate.board.routes[route]?.cutover, cutover.isHolding,
      let from = configuration.backend(cutover.from), let to = configuration.backend(cutover.to)
    else { throw Refusal(.failedPrecondition, "no cutover of \(route) is under way") }
    await gate.waitUntilQuiet(route)
    // It may have ended instead of becoming quiet.
    try gate.board.checkThatItHolds(cutover)
    if checks, let front = fronts[from.engine] {
      // One of which it is not known whether it has taken over had caught up before.
      if cutover.phase == .holding {
        try await front.catchUp(from: from, to: to, within: configuration.limits.catchUp)
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
    switch await front.takeOver(backend, within: configuration.limits.catchUp) {
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

  /// Takes no more clients, lets go what waits, and lets end what is in flight, for as long as a
  /// cutover would.
  package func stop() async {
    let (ports, health) = state.withLock { ($0.ports, $0.health) }
    for task in health { task.cancel() }
    for port in ports { try? await port.close() }
    gate.shutDown()
    let end = gate.instant + configuration.limits.inFlight
    while gate.board.routes.values.contains(where: { $0.inFlight > 0 }), gate.instant < end {
      try? await Task.sleep(for: .milliseconds(10))
    }
    for front in fronts.values { await front.stop() }
  }
}
