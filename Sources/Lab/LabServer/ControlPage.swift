internal import Lab
internal import Stats
internal import Terms

/// The lab's own page on loopback: what is going on, and commands to change it.
///
///     curl localhost:14900/
///     curl -X POST 'localhost:14900/replica?tablet=zone1-101&speed=0.5'
enum ControlPage {
  /// What a request gets that comes from another machine or from a web page.
  ///
  /// A page of any site can send a POST here, also through a host name of its own that resolves to
  /// 127.0.0.1; a browser names the page in `Origin` and that host in `Host`. curl sends no
  /// `Origin`.
  @Sendable
  static func refusal(host: String?, origin: String?) -> Page? {
    func isLocal(_ authority: some StringProtocol) -> Bool {
      let name =
        authority.hasPrefix("[")
        ? String(authority.prefix { $0 != "]" }) + "]" : String(authority.prefix { $0 != ":" })
      return ["localhost", "127.0.0.1", "[::1]"].contains(name.lowercased())
    }
    if let host, isLocal(host), origin.map({ $0 == "http://\(host)" }) ?? true { return nil }
    return .failure(
      "the lab takes commands from this machine only: Host or Origin is foreign\n", status: 403)
  }

  static func answer(_ target: RequestTarget, _ method: String, _ host: LabHost) async -> Page {
    switch (method, target.path) {
    case ("GET", "/"): return .text(help)
    case ("GET", "/state"): return .json(await host.overview())
    case ("GET", "/scenario"): return .text(await host.standing + "\n")
    case ("POST", _):
      let parameters = Dictionary(target.query.map { ($0.name, $0.value) }) { _, last in last }
      do {
        let command = try DrillCommand(
          String(target.path.dropFirst()), parameters, at: await host.instant)
        return .text(try await host.perform(command) + "\n")
      } catch {
        return .failure("\(error)\n", status: 400)
      }
    default:
      return .failure(
        "GET / lists the commands, GET /state shows the cluster, GET /scenario the scenario and its "
          + "clients; commands are POSTed\n", status: 404
      )
    }
  }

  private static var help: String {
    let width = DrillCommand.vocabulary.map(\.usage.count).max() ?? 0
    let lines = DrillCommand.vocabulary.map { entry in
      "  \(entry.usage)\(String(repeating: " ", count: width - entry.usage.count))  \(entry.meaning)"
    }
    return """
      GET /state shows the cluster, GET /scenario how the scenario and its clients stand.
      Commands are POSTed, with their parameters in the query:
        curl -X POST 'http://…/sql-thread?tablet=zone1-101&running=false'

      \(lines.joined(separator: "\n"))

      """
  }

  static func overview(_ cluster: LabCluster) -> JSONNode {
    .object([
      ("release", .string("\(cluster.configuration.release)")),
      ("now", .string(goTime(cluster.now))),
      ("shards", .array(cluster.shards.map { shard($0, cluster) })),
      (
        "vtgates",
        .array(
          cluster.vtgates.map { vtgate in
            .object([
              ("name", .string(vtgate.name)), ("process", .string("\(vtgate.process)")),
              ("clientErrors", errors(vtgate)),
            ])
          })
      ), ("clients", clients(cluster.clients)),
      ("connectionsRefused", .int(cluster.connectionsRefused)),
    ])
  }

  private static func shard(_ name: ShardName, _ cluster: LabCluster) -> JSONNode {
    let reparent = cluster.reparent(of: name)
    return .object([
      ("name", .string(name.description)),
      (
        "primary",
        cluster.topology.shards[name]?.primary.map { .string($0.description) } ?? .null
      ), ("reparent", reparent.map { .string("\($0.phase)") } ?? .null),
      (
        "tablets",
        .array(
          (cluster.tabletsOfShard[name] ?? []).compactMap { cluster.tablets[$0] }.map { tablet in
            .object([
              ("alias", .string(tablet.alias.description)),
              ("type", .string(tablet.type.description)),
              ("state", .string(tablet.state.rawValue)),
              ("process", .string("\(tablet.process)")),
              ("mysql", .bool(tablet.isMySQLRunning)),
              (
                "lag",
                cluster.heartbeatLag(tablet.alias, at: cluster.now).map { .number($0) } ?? .null
              ), ("position", .string(cluster.position(of: tablet.alias))),
            ])
          })
      ),
    ])
  }

  /// Errors that clients received, by text, and how often.
  private static func errors(_ vtgate: Vtgate) -> JSONNode {
    var texts: [String: Int] = [:]
    for errors in vtgate.statistics.clientErrors.values {
      texts.merge(errors) { $0 + $1 }
    }
    return .object(texts.sorted { $0.key < $1.key }.map { ($0.key, .int($0.value)) })
  }

  private static func clients(_ clients: (running: Int, ended: [String: Int])) -> JSONNode {
    .object([
      ("running", .int(clients.running)),
      (
        "ended",
        .object(clients.ended.sorted { $0.key < $1.key }.map { ($0.key, .int($0.value)) })
      ),
    ])
  }

  // MARK: The scenario

  /// What a scenario is about, how far it is, its clients, and its counters beside its sources'.
  static func standing(_ drill: Drill?, _ cluster: LabCluster) -> String {
    var lines: [String] = []
    if let drill { lines += describe(drill, at: cluster.now) }
    let (running, ended) = cluster.clients
    let died = ended.values.reduce(0, +)
    lines.append(
      "clients: \(running) of \(running + died) run" + (died > 0 ? ", \(died) ended:" : ""))
    for (text, count) in ended.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
      lines.append("  \(count) × \(text.split(separator: "\n").joined(separator: " / "))")
    }
    return lines.joined(separator: "\n")
  }

  private static func describe(_ drill: Drill, at now: Instant) -> [String] {
    let scenario = drill.scenario
    var lines = [scenario.title]
    switch drill.phase {
    case .waiting: return lines + ["it waits: start sends its steps"]
    case .running(let start): lines.append("it has run for \((now - start).tight)")
    case .over(let start, let end): lines.append("it took \((end - start).tight)")
    }
    lines += scenario.tableLines(of: drill.counters, titled: "lab").map { "  " + $0 }
    if case .over = drill.phase, !scenario.expectations.isEmpty {
      let problems = scenario.disagreements(with: drill.counters)
      lines += problems.isEmpty ? ["it came out as it must"] : problems.map { "differs: \($0)" }
    }
    return lines
  }
}
