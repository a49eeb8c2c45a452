internal import Buffering
internal import Cutover
internal import Stats
internal import Terms

/// What a proxy tells of itself, in the words of a vtgate, so that whatever watches vtgates can
/// watch it.
///
/// A route is a shard, its backend the shard's primary, and the others that may serve it replicas.
/// That it is no vtgate it says as well: by a series in `/metrics`, and by what it tells of databases
/// in `/debug/gateway`.
struct ProxyPages {
  let board: Switchboard
  let examinations: [BackendName: Examination]
  let traffic: [ShardName: Traffic.Counts]
  let connections: (now: Int, accepted: Int)
  /// Of sessions to backends.
  let backendConnections: [BackendName: Int]
  let startedAt: Instant
  let now: Instant

  // MARK: /metrics

  var metrics: [UInt8] {
    var text = MetricsText()
    for family in families.sorted(by: { $0.metric < $1.metric }) where !family.series.isEmpty {
      text.append(family)
    }
    return text.bytes
  }

  private var families: [StatFamily] {
    StatFamily.buffer(board.buffer) + [processStart, routeCount] + process + answers
      + connectionsByTarget
  }

  private var processStart: StatFamily {
    var family = StatFamily(
      variable: nil, metric: "process_start_time_seconds", type: "gauge", bounds: nil, labels: [],
      help: "Start of the process, in seconds since 1970.")
    family.series = [
      .init(labels: [], value: .number((startedAt.secondsSinceEpoch * 100).rounded() / 100))
    ]
    return family
  }

  /// That it is a proxy: the one series that no vtgate has.
  private var routeCount: StatFamily {
    var family = StatFamily(
      variable: nil, metric: "sluice_proxy_routes", type: "gauge", bounds: nil, labels: [],
      help: "Routes of this proxy.")
    family.series = [.init(labels: [], value: .number(Double(board.routes.count)))]
    return family
  }

  private var process: [StatFamily] {
    let uptime = Double((now - startedAt).wholeNanoseconds)
    return [
      .live("Uptime", "gauge", .vtgate, [([], uptime)]),
      .live("BufferSize", "gauge", .vtgate, [([], Double(board.configuration.buffering.size))]),
      .live("MysqlServerConnAccepted", "counter", .vtgate, [([], Double(connections.accepted))]),
      .live("MysqlServerConnCount", "gauge", .vtgate, [([], Double(connections.now))]),
    ]
  }

  private var answers: [StatFamily] {
    let labels = ["operation", "keyspace", "db_type"]
    func target(_ route: ShardName) -> [String] { ["Execute", route.keyspace, "primary"] }
    return [
      .timings(
        "VtgateApi", .vtgate, labels: labels, traffic.map { (target($0.key), $0.value.times) }),
      .live(
        "VtgateApiErrorCounts", "counter", .vtgate, labels: labels + ["code"],
        traffic.flatMap { route, counts in
          counts.errors.map { (target(route) + [$0.key], Double($0.value)) }
        }),
    ]
  }

  private var connectionsByTarget: [StatFamily] {
    [
      .live(
        "HealthcheckConnections", "gauge", .vtgate,
        labels: ["keyspace", "shard_name", "tablet_type"],
        groups.flatMap { group in
          let serving = group.backends.count { serves($0, group) }
          return serving == 0
            ? []
            : [([group.route.keyspace, group.route.shard, "\(group.type)"], Double(serving))]
        })
    ]
  }

  // MARK: /debug/gateway

  private struct Group {
    let route: ShardName
    let type: TabletType
    let backends: [ProxyConfiguration.Backend]
  }

  private var groups: [Group] {
    board.configuration.routes.flatMap { route in
      let primary = board.routes[route.name]?.backend
      let backends = route.candidates.compactMap(board.configuration.backend)
      return [
        Group(
          route: route.name, type: .primary, backends: backends.filter { $0.name == primary }),
        Group(
          route: route.name, type: .replica, backends: backends.filter { $0.name != primary }),
      ].filter { !$0.backends.isEmpty }
    }
  }

  private func serves(_ backend: ProxyConfiguration.Backend, _ group: Group) -> Bool {
    let isHeld = group.type == .primary && board.routes[group.route]?.isHolding == true
    let condition = board.conditions[backend.name]
    return condition?.isUp == true && condition?.isDraining == false && !isHeld
  }

  var gateway: String {
    JSONNode.array(
      groups.map { group in
        let target = JSONNode.object([
          ("keyspace", .string(group.route.keyspace)), ("shard", .string(group.route.shard)),
          ("tablet_type", .int(group.type.rawValue)),
        ])
        return .object([
          ("Cell", .string(board.configuration.cell)), ("Target", target),
          ("TabletsStats", .array(group.backends.map { tablet($0, group, target) })),
        ])
      }
    ).text(indent: "  ")
  }

  private func tablet(
    _ backend: ProxyConfiguration.Backend, _ group: Group, _ target: JSONNode
  ) -> JSONNode {
    let alias = alias(of: backend.name)
    let term =
      group.type == .primary
      ? Int(board.routes[group.route]?.servesSince.secondsSinceEpoch ?? 0) : 0
    let record = JSONNode.object([
      (
        "alias",
        .object([
          ("cell", .string(alias.cell)), ("uid", .int(Int(alias.uid))),
        ])
      ), ("hostname", .string(backend.address.host)),
      ("port_map", .object([(backend.engine.rawValue, .int(backend.address.port))])),
      ("keyspace", .string(group.route.keyspace)), ("shard", .string(group.route.shard)),
      ("type", .int(group.type.rawValue)),
      (
        "db_server_version",
        examinations[backend.name]?.version.map(JSONNode.string) ?? .null
      ),
    ])
    return .object([
      ("Tablet", record), ("Target", target), ("Serving", .bool(serves(backend, group))),
      ("PrimaryTermStartTime", .int(term)), ("Stats", stats(backend, group.type)),
      ("LastError", board.conditions[backend.name]?.isUp == false ? .object([]) : .null),
      ("Database", database(backend)),
    ])
  }

  /// A backend's name, and its place in the file.
  private func alias(of backend: BackendName) -> TabletAlias {
    let place = board.configuration.backends.firstIndex { $0.name == backend } ?? 0
    return TabletAlias(cell: backend.description, uid: UInt32(place + 1))
  }

  /// What a tablet does not have: it is asked over its own protocol, and nobody else can be.
  private func database(_ backend: ProxyConfiguration.Backend) -> JSONNode {
    let examination = examinations[backend.name]
    return .object([
      ("name", .string(backend.name.description)),
      ("address", .string(backend.address.description)),
      ("engine", .string(backend.engine.rawValue)),
      ("version", examination?.version.map(JSONNode.string) ?? .null),
      ("readOnly", examination?.isReadOnly.map(JSONNode.bool) ?? .null),
      ("replicates", examination?.replicates.map(JSONNode.bool) ?? .null),
    ])
  }

  /// How far a backend is behind: Go leaves a lag of 0 out, and one that is not known has no stats.
  private func stats(_ backend: ProxyConfiguration.Backend, _ type: TabletType) -> JSONNode {
    if type == .primary { return .object([]) }
    guard let lag = examinations[backend.name]?.lag else { return .null }
    let seconds = Int(lag.components.seconds)
    return .object(seconds > 0 ? [("replication_lag_seconds", .int(seconds))] : [])
  }

  // MARK: /debug/vars, /healthz

  /// The buffer's flags under vtgate's names, as if they had been given on a command line.
  var vars: String {
    let buffering = board.configuration.buffering
    var arguments = ["sluice", "proxy", "--buffer_size=\(buffering.size)"]
    if buffering.isEnabled { arguments.append("--enable_buffer=1") }
    if buffering.isDryRun { arguments.append("--enable_buffer_dry_run") }
    arguments += [
      "--buffer_window=\(buffering.window.goText)",
      "--buffer_max_failover_duration=\(buffering.maxFailoverDuration.goText)",
      "--buffer_min_time_between_failovers=\(buffering.minTimeBetweenFailovers.goText)",
      "--buffer_drain_concurrency=\(buffering.drainConcurrency)",
    ]
    if !buffering.keyspaceShards.isEmpty {
      arguments.append(
        "--buffer_keyspace_shards=\(buffering.keyspaceShards.sorted().joined(separator: ","))")
    }
    return VarsText.write(
      families,
      strings: [("cmdline", "[\(arguments.map(JSONText.string).joined(separator: ","))]")])
  }

  /// Why the proxy is not well; nil when every route has a backend that serves it.
  var fault: String? {
    let down = board.routes.filter { board.conditions[$0.1.backend]?.isUp != true }.map(\.0)
      .sorted()
    guard let route = down.first else { return nil }
    return "\(route): \(board.routes[route]?.backend.description ?? "") is not up"
  }

  // MARK: /cutover

  /// How the routes stand, for people and programs.
  var status: String {
    JSONNode.array(
      board.configuration.routes.compactMap { known in
        board.routes[known.name].map { route(known.name, $0) }
      }
    ).text(indent: "  ") + "\n"
  }

  private func route(_ name: ShardName, _ state: Switchboard.RouteState) -> JSONNode {
    .object([
      ("route", .string(name.description)), ("backend", .string(state.backend.description)),
      ("inFlight", .int(state.inFlight)), ("waiting", .int(board.buffer.waiting(for: name))),
      ("cutover", state.cutover.map { cutover($0) } ?? .null),
      (
        "backends",
        .array(
          (board.configuration.route(name)?.candidates ?? []).map { backend($0) })
      ),
    ])
  }

  private func cutover(_ cutover: Cutover) -> JSONNode {
    var fields: [(String, JSONNode)] = [
      ("phase", .string(cutover.phase.word)), ("from", .string(cutover.from.description)),
      ("to", .string(cutover.to.description)),
      ("seconds", .number(((cutover.endedAt ?? now) - cutover.startedAt).seconds)),
      ("started", moment(cutover.startedAt)),
      ("ended", cutover.endedAt.map { moment($0) } ?? .null),
    ]
    switch cutover.phase {
    case .cancelled(let why), .undecided(let why): fields.append(("why", .string(why)))
    case .holding, .forced, .takingOver, .switched, .timedOut: break
    }
    return .object(fields)
  }

  /// Seconds since 1970, to a millisecond.
  private func moment(_ instant: Instant) -> JSONNode {
    .number((instant.secondsSinceEpoch * 1000).rounded() / 1000)
  }

  private func backend(_ name: BackendName) -> JSONNode {
    let (condition, examination) = (board.conditions[name], examinations[name])
    return .object([
      ("name", .string(name.description)),
      ("up", condition?.isUp.map(JSONNode.bool) ?? .null),
      ("draining", .bool(condition?.isDraining ?? false)),
      ("inFlight", .int(board.inFlight(at: name))),
      ("readOnly", examination?.isReadOnly.map(JSONNode.bool) ?? .null),
      ("lagSeconds", examination?.lag.map { .number($0.seconds) } ?? .null),
      ("connections", .int(backendConnections[name] ?? 0)),
      (
        "mostConnections",
        board.configuration.backend(name)?.mostConnections.map(JSONNode.int) ?? .null
      ), ("fault", examination?.fault.map(JSONNode.string) ?? .null),
    ])
  }
}
