internal import GRPCCore
internal import GRPCNIOTransportHTTP2Posix
package import Lab
internal import NIOPosix
internal import Stats
package import Terms

/// The lab cluster in real time on loopback: every vtgate and vttablet with its pages on its own
/// port, vtctld over gRPC, and a page to control it all.
///
///     time ────────┐
///     HTTP, gRPC ──┼─> LabHost ─> LabCluster
///     drills ──────┘
///
/// Each request first moves the cluster to the present, so answers are as exact as the engine. The
/// lab spells every metric and field itself and never uses the dashboard's parsers, so that the two
/// cannot share a mistake.
package actor LabHost {
  package struct Ports: Sendable {
    /// The first vtgate's port; the others follow.
    ///
    /// 0 takes any free ones, here and below.
    package var vtgate = 15001
    /// Added to a tablet's uid.
    package var tabletBase = 15000
    package var vtctld = 15999
    /// Nil: no control page.
    package var control: Int?

    package static let free = Ports(vtgate: 0, tabletBase: 0, vtctld: 0, control: 0)

    package init(
      vtgate: Int = 15001, tabletBase: Int = 15000, vtctld: Int = 15999, control: Int? = nil
    ) {
      self.vtgate = vtgate
      self.tabletBase = tabletBase
      self.vtctld = vtctld
      self.control = control
    }
  }

  /// How vtctld is protected, with files as the real one takes them.
  package struct Door: Sendable {
    /// A certificate chain and its key, PEM; nil: no TLS.
    package var certificate: (chain: String, key: String)?
    /// If set, clients must present a certificate that this authority signed.
    package var authority: String?
    /// The name and password that each call must carry.
    package var credentials: (username: String, password: String)?

    package init() {}
  }

  /// Where the lab listens.
  package struct Addresses: Sendable {
    package var vtgates: [Address] = []
    package var tablets: [TabletAlias: Address] = [:]
    package var vtctld: Address?
    package var control: Address?
  }

  /// How often the cluster moves on while nobody asks.
  private static let pace: Duration = .milliseconds(20)

  private var cluster: LabCluster
  private let now: @Sendable () -> Instant
  private var listeners: [LabCluster.Party: Listener] = [:]
  private var control: Listener?
  private var pages: HostedPages
  private var waiting: [Int: CheckedContinuation<Reparent, Never>] = [:]
  private var switching: [Int: CheckedContinuation<Workflow.Outcome, Never>] = [:]
  private var tasks: [Task<Void, any Error>] = []
  private var nextRehearsal = 0
  /// The scenario that is rehearsed, if any, and who is told what becomes of it.
  private(set) var drill: Drill?
  private var tellOfDrill: @Sendable (String) -> Void = { _ in }
  private let group = MultiThreadedEventLoopGroup.singleton

  package init(_ configuration: LabCluster.Configuration, now: @escaping @Sendable () -> Instant) {
    self.now = now
    cluster = LabCluster(configuration, at: now())
    pages = HostedPages(configuration)
  }

  package var release: VitessRelease { cluster.configuration.release }
  package var reparentCount: Int { cluster.reparentCount }

  // MARK: Life

  /// Starts every server and returns their addresses once all of them listen.
  package func start(_ ports: Ports, door: Door = Door()) async throws -> Addresses {
    var addresses = Addresses()
    for alias in cluster.tablets.keys.sorted() {
      let wanted = ports.tabletBase == 0 ? 0 : ports.tabletBase + Int(alias.uid)
      let port = try await listen(.tablet(alias), on: wanted) { [weak self] method, uri in
        await self?.answer(uri, tablet: alias) ?? .empty
      }
      cluster.webPorts[alias] = port
      addresses.tablets[alias] = Address(host: "127.0.0.1", port: port)
    }
    for index in cluster.vtgates.indices {
      let wanted = ports.vtgate == 0 ? 0 : ports.vtgate + index
      let port = try await listen(.vtgate(index), on: wanted) { [weak self] method, uri in
        await self?.answer(uri, vtgate: index) ?? .empty
      }
      addresses.vtgates.append(Address(host: "127.0.0.1", port: port))
    }
    addresses.vtctld = try await startVtctld(on: ports.vtctld, door)
    if let port = ports.control {
      let listener = Listener(
        port: port, group: group, now: now, refusal: ControlPage.refusal
      ) { [weak self] method, uri in
        await self?.answer(uri, method: method) ?? .empty
      }
      try await listener.open()
      control = listener
      addresses.control = Address(host: "127.0.0.1", port: listener.port)
    }
    tasks.append(Task { [weak self] in try await self?.keepTime() })
    return addresses
  }

  package func stop() async {
    for task in tasks { task.cancel() }
    tasks = []
    for listener in listeners.values { await listener.close() }
    await control?.close()
  }

  private func listen(
    _ party: LabCluster.Party, on port: Int, _ answer: @escaping Listener.Answer
  ) async throws -> Int {
    let listener = Listener(port: port, group: group, now: now, answer)
    try await listener.open()
    listeners[party] = listener
    return listener.port
  }

  private func startVtctld(on port: Int, _ door: Door) async throws -> Address {
    let server = GRPCServer(
      transport: .http2NIOPosix(
        address: .ipv4(host: "127.0.0.1", port: port), transportSecurity: door.security,
        config: .defaults { config in
          // `--grpc_max_message_size`.
          config.rpc.maxRequestPayloadSize = 16 * 1024 * 1024
        }),
      services: [VtctldService(host: self)],
      interceptors: door.credentials.map {
        [StaticAuthentication(username: $0.username, password: $0.password)]
      } ?? [])
    tasks.append(
      Task {
        do {
          try await server.serve()
        } catch let error as RuntimeError {
          throw PortUnavailable(port: port, reason: "\(error)")
        }
      })
    guard let bound = try await server.listeningAddress?.ipv4?.port else {
      throw PortUnavailable(port: port, reason: "the gRPC server ended before it listened")
    }
    return Address(host: "127.0.0.1", port: bound)
  }

  // MARK: Time

  private func keepTime() async throws {
    while true {
      catchUp()
      try await Task.sleep(for: Self.pace, tolerance: .milliseconds(2))
    }
  }

  private func catchUp() {
    cluster.advance(to: now())
    for (operation, outcome) in cluster.takeOutcomes() {
      waiting.removeValue(forKey: operation)?.resume(returning: outcome)
    }
    for (operation, outcome) in cluster.takeSwitchOutcomes() {
      switching.removeValue(forKey: operation)?.resume(returning: outcome)
    }
    if drill?.follow(cluster) == true { tellOfDrill(standing) }
  }

  /// Acts on the current cluster.
  func ask<Reply: Sendable>(
    _ body: @Sendable (inout LabCluster) throws(Refusal) -> Reply
  ) throws(Refusal) -> Reply {
    catchUp()
    return try body(&cluster)
  }

  // MARK: Drills

  /// Starts a reparent and returns its outcome.
  package func reparent(_ request: Reparent.Request) async -> Reparent {
    catchUp()
    let operation = cluster.reparent(request)
    return await withCheckedContinuation { waiting[operation] = $0 }
  }

  /// Starts a switch of traffic and returns its outcome.
  func switchTraffic(
    _ request: Workflow.SwitchRequest
  ) async throws(Refusal) -> Workflow.Outcome {
    catchUp()
    let operation = try cluster.switchTraffic(request)
    return await withCheckedContinuation { switching[operation] = $0 }
  }

  /// Gives a switch up; its outcome says so.
  func cancelSwitch(of workflow: Workflow.ID) {
    catchUp()
    cluster.cancelSwitch(of: workflow)
  }

  /// Starts a planned reparent and says what it is doing.
  package func plannedReparent(_ shard: ShardName) -> String {
    catchUp()
    guard cluster.topology.shards[shard] != nil else {
      return "planned reparent refused: \(Refusal.noShard(shard))"
    }
    guard cluster.reparent(of: shard) == nil else {
      return "planned reparent refused: the shard is locked by another one"
    }
    _ = cluster.reparent(Reparent.Request(.planned, shard))
    return
      "planned reparent sent: \(cluster.topology.shards[shard]?.primary?.short ?? "?") steps down"
  }

  /// Runs a command; waits for a reparent to end.
  package func perform(_ command: DrillCommand) async throws -> String {
    catchUp()
    if case .reparent(let request) = command {
      let outcome = await reparent(request)
      if let refusal = outcome.failure { throw refusal }
      return outcome.log.map(\.text).joined(separator: "\n")
    }
    if case .manner(let party, let manner) = command {
      guard let listener = listeners[party] else { throw Refusal("there is no server \(party)") }
      try await listener.behave(.init(manner))
      return "\(party): \(manner)"
    }
    switch command {
    case .start:
      try start()
      return "the scenario's steps are sent"
    case .startClients:
      let count = cluster.startClients()
      return "\(count) \(count == 1 ? "client begins" : "clients begin") again"
    default: break
    }
    try cluster.perform(command)
    try await followProcesses()
    return "done"
  }

  /// Closes the ports of servers that are gone, and silences those of servers that hang.
  private func followProcesses() async throws {
    for (party, listener) in listeners {
      let process: Tablet.Process
      switch party {
      case .vtgate(let index): process = cluster.vtgates[index].process
      case .tablet(let alias): process = cluster.tablets[alias]?.process ?? .running
      case .vtctld: continue
      }
      if processes[party, default: .running] != process {
        processes[party] = process
        switch process {
        case .running: try await listener.behave(.normal)
        case .hung: try await listener.behave(.silent)
        case .dead: try await listener.behave(.closed)
        }
      }
    }
  }

  private var processes: [LabCluster.Party: Tablet.Process] = [:]

  /// Runs commands at their times, counted from now.
  ///
  /// `report` is told what was done, from any task.
  package func rehearse(
    _ steps: [DrillStep], _ report: @escaping @Sendable (String) -> Void
  ) {
    carryOut(steps) { report("\($0): \($1)") }
  }

  private func carryOut(
    _ steps: [DrillStep], _ report: @escaping @Sendable (DrillStep, String) async -> Void
  ) {
    let start = now()
    for step in steps {
      tasks.append(
        Task { [weak self] in
          guard let self else { return }
          let due = start + step.at
          try await Task.sleep(for: max(.zero, due - self.now()))
          do {
            let command = try DrillCommand(step.command, step.parameters, at: self.now())
            await report(step, try await self.perform(command))
          } catch let error as CancellationError {
            throw error
          } catch {
            await report(step, "\(error)")
          }
        })
    }
  }

  // MARK: The scenario

  /// Lets a scenario wait for its start.
  ///
  /// `report`: told what its steps bring and how it stands in the end; may be called from any task.
  package func prepare(
    _ scenario: Scenario, _ report: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    drill = Drill(scenario)
    tellOfDrill = report
  }

  /// Sends the scenario's steps, the first one after `lead`.
  package func start(after lead: Duration = .zero) throws(Refusal) {
    catchUp()
    guard let steps = drill?.steps(after: lead) else {
      throw Refusal("there is no scenario to start: give one with --scenario")
    }
    try drill?.start(cluster)
    carryOut(steps) { [weak self] step, text in await self?.note(step, text) }
  }

  private func note(_ step: DrillStep, _ text: String) {
    drill?.note(step, text)
    tellOfDrill("\(step): \(text)")
  }

  /// How the scenario and the clients stand; the drill is nil where there is no scenario.
  package var progress: (drill: Drill?, clients: (running: Int, ended: [String: Int])) {
    catchUp()
    return (drill, cluster.clients)
  }

  /// The same as lines of text.
  var standing: String { ControlPage.standing(drill, cluster) }

  /// Reparents one shard after another, forever.
  package func reparent(
    every interval: Duration, first: Duration, _ report: @escaping @Sendable (String) -> Void
  ) {
    tasks.append(
      Task {
        try await Task.sleep(for: first)
        while true {
          let shard = self.nextShard()
          report("\(shard): \(self.plannedReparent(shard))")
          try await Task.sleep(for: interval)
        }
      })
  }

  private func nextShard() -> ShardName {
    defer { nextRehearsal += 1 }
    return cluster.shards[nextRehearsal % cluster.shards.count]
  }

  // MARK: Pages

  private func answer(_ uri: String, vtgate index: Int) -> Page {
    catchUp()
    return pages.answer(RequestTarget(uri), vtgate: index, cluster)
  }

  private func answer(_ uri: String, tablet alias: TabletAlias) -> Page {
    catchUp()
    return pages.answer(RequestTarget(uri), tablet: alias, &cluster)
  }

  private func answer(_ uri: String, method: String) async -> Page {
    catchUp()
    return await ControlPage.answer(RequestTarget(uri), method, self)
  }

  /// The control page's view of the cluster.
  func overview() -> String { ControlPage.overview(cluster).text(indent: "  ") + "\n" }

  package var instant: Instant { now() }
}

extension Listener.Manner {
  fileprivate init(_ manner: DrillCommand.Manner) {
    self =
      switch manner {
      case .normal: .normal
      case .slow(let delay): .slow(delay)
      case .garbage: .garbage
      case .silent: .silent
      case .closed: .closed
      }
  }
}
