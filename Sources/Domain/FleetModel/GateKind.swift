package import Terms

/// What a gate is.
package enum GateKind: String, Sendable, Hashable, Codable, CaseIterable {
  case vtgate
  /// `sluice proxy`: it holds statements for database servers as vtgate does for tablets.
  case proxy
}

/// Which kinds of gates a fact is about, so that it can be worded.
package enum Gates: String, Sendable, Hashable, Codable, CaseIterable {
  case vtgates, proxies, both

  /// An unknown kind is a vtgate, and so is that of nobody.
  package init(_ kinds: some Sequence<GateKind>) {
    let kinds = Set(kinds)
    self = kinds == [.proxy] ? .proxies : kinds.contains(.proxy) ? .both : .vtgates
  }

  package var hasProxies: Bool { self != .vtgates }
}

/// What a proxy tells beside what a vtgate tells.
package struct ProxyReading: Sendable, Equatable, Codable {
  /// How its routes stand, by the shards that they are; nil where nobody has read that.
  package var routes: [ShardName: ProxyRoute]?

  package init(routes: [ShardName: ProxyRoute]? = nil) { self.routes = routes }
}

/// How one route of a proxy stands.
package struct ProxyRoute: Sendable, Equatable, Codable {
  /// The server that it leads to, by its name in the proxy's file.
  package var server: String
  /// Statements and transactions that were let through and have not ended.
  package var inFlight: Int
  /// The last cutover since the proxy began, over or not.
  package var cutover: ProxyCutover?
  /// Why its server cannot be used; nil where it can.
  package var fault: ServerFault?

  /// What keeps a server from being used.
  package enum ServerFault: Sendable, Equatable, Codable {
    /// It cannot be reached, or is shutting down; in the proxy's words, nil where it gives none.
    case down(String?)
    /// An operator has marked it so.
    case draining
  }

  package init(
    server: String, inFlight: Int = 0, cutover: ProxyCutover? = nil, fault: ServerFault? = nil
  ) {
    self.server = server
    self.inFlight = inFlight
    self.cutover = cutover
    self.fault = fault
  }
}

/// The planned change of a proxy's route from one server to another.
package struct ProxyCutover: Sendable, Hashable, Codable {
  package enum Phase: String, Sendable, Hashable, Codable {
    /// New work waits, what is in flight goes on at the old server.
    case holding
    /// The new server becomes the primary; nothing ends it before that is decided.
    case takingOver = "taking over"
    /// Whether the new server has become the primary is not known, and the route stays held.
    case undecided
    case switched, cancelled
    case timedOut = "timed out"
    /// One that this release does not know.
    case other
  }

  package var phase: Phase
  /// The servers, by their names in the proxy's file.
  package var from: String
  package var to: String
  /// By the proxy's clock.
  package var startedAt: Instant
  package var endedAt: Instant?
  /// Why it was cancelled, or is undecided, in the proxy's words.
  package var reason: String?

  package init(
    _ phase: Phase, from: String, to: String, startedAt: Instant, endedAt: Instant? = nil,
    reason: String? = nil
  ) {
    self.phase = phase
    self.from = from
    self.to = to
    self.startedAt = startedAt
    self.endedAt = endedAt
    self.reason = reason
  }

  package var isUnderWay: Bool { [.holding, .takingOver, .undecided].contains(phase) }
  /// Whether it was given up, and the old server serves on.
  package var isUndone: Bool { phase == .cancelled || phase == .timedOut }

  /// Whether it may hold its route for a moment; one that is undecided waits for an operator.
  package var mayHold: Bool { phase == .holding || phase == .takingOver }

  /// Whether they are the same one, however far it is.
  func isSame(as other: ProxyCutover) -> Bool {
    startedAt == other.startedAt && from == other.from && to == other.to
  }
}

/// A database server behind a proxy, which takes the place of a tablet.
package struct DatabaseServer: Sendable, Hashable, Codable {
  /// As the proxy's file calls it.
  package var name: String
  /// Where it listens for its own protocol.
  package var address: Address?
  /// `mysql` or `postgres`.
  package var engine: String?
  package var version: String?
  /// Nil where it was not said.
  package var isReadOnly: Bool?

  package init(
    name: String, address: Address? = nil, engine: String? = nil, version: String? = nil,
    isReadOnly: Bool? = nil
  ) {
    self.name = name
    self.address = address
    self.engine = engine
    self.version = version
    self.isReadOnly = isReadOnly
  }
}

extension Target.Kind {
  /// What a vtgate is called once it has said that it is a proxy; nobody is polled as one.
  package static let proxy = Target.Kind(name: GateKind.proxy.rawValue, role: .gate)
  /// One that has not said which of the two it is.
  static let gate = Target.Kind(name: "gate", role: .gate)
}

extension VtgateState {
  package var kind: GateKind { watched.value?.proxy == nil ? .vtgate : .proxy }

  /// The server as it is told of, by what it has said that it is.
  package var server: Target { kind == .proxy ? Target(.proxy, address) : target }

  /// It is a proxy, and nobody has read how its cutovers stand.
  var hidesCutovers: Bool { watched.value?.proxy.map { $0.routes == nil } ?? false }

  /// How its route to a shard stands; nil at a vtgate.
  func route(to shard: ShardName) -> ProxyRoute? { watched.value?.proxy?.routes?[shard] }
}

extension Fleet {
  package var gates: Gates { Gates(vtgates.values.lazy.map(\.kind)) }

  /// The kinds of those that know a shard; where none does, of all.
  func gates(of shard: ShardName?) -> Gates {
    let all = gates
    guard all == .both, let shard else { return all }
    let own = vtgates.values.filter {
      $0.tablets?[shard] != nil || $0.watched.value?.buffers[shard] != nil
    }
    return own.isEmpty ? all : Gates(own.map(\.kind))
  }

  /// The cutovers for which every proxy of a route holds it, and for no longer than it may.
  ///
  /// How long that is, is by our clock where its beginning was seen, and else by the proxy's.
  func cutoversThatHold(at now: Instant) -> [ShardName: ProxyCutover] {
    var holds: [ShardName: ProxyCutover] = [:]
    var others: Set<ShardName> = []
    for proxy in vtgates.values where proxy.kind == .proxy && proxy.isFresh {
      for (shard, route) in proxy.watched.value?.proxy?.routes ?? [:] {
        guard let cutover = route.cutover, cutover.mayHold,
          now - (records.part(of: shard, \.holdBegan) ?? cutover.startedAt)
            <= proxy.flags[.maximum].time
        else {
          others.insert(shard)
          continue
        }
        holds[shard] = cutover
      }
    }
    return holds.filter { !others.contains($0.key) }
  }

  /// Whether some proxy that knows a shard does not say how its cutovers stand.
  func hidesCutovers(of shard: ShardName) -> Bool {
    vtgates.values.contains { $0.hidesCutovers && HealthCheck($0).knows(shard) }
  }

  /// Whether some proxy holds a shard for a cutover, by what it said last.
  func isHeldForCutover(_ shard: ShardName) -> Bool {
    vtgates.values.contains { $0.route(to: shard)?.cutover?.mayHold == true }
  }

  /// Notes that a proxy's cutover stands otherwise than it did.
  ///
  /// `sinceBefore`: the proxy has not been read before, so that its own clock tells when it began.
  mutating func noteHold(
    _ cutover: ProxyCutover, of shard: ShardName, sinceBefore: Bool, at instant: Instant?
  ) {
    record(shard) { record in
      record.mark(.tablets)
      if !cutover.mayHold {
        record.holdBegan = nil
      } else if record.holdBegan == nil {
        record.holdBegan = sinceBefore ? cutover.startedAt : instant
      }
    }
  }

  /// Notes that a hold has lasted longer than it may, and no server serves yet.
  mutating func noteEndOfHold(of name: ShardName, was last: ShardSummary?, at now: Instant) {
    guard last?.hold != nil, let summary = records.part(of: name, \.summary), summary.hold == nil,
      summary.isPrimaryMissing
    else { return }
    tell(FleetEvent(at: now, shard: name, .primaryUnseen))
  }

  /// How many database servers stand behind proxies, each named once.
  package var databaseServers: Int {
    let proxied = vtgates.values.filter { $0.kind == .proxy }.compactMap(\.tablets)
    return Set(proxied.flatMap { list in list.all.compactMap { $0.database.map(\.name) } }).count
  }

  /// Adds an event, which says which kinds of gates it is about.
  mutating func tell(_ event: FleetEvent) {
    let gates = gates(of: event.shard)
    guard gates.hasProxies else { return log.append(event) }
    var event = event
    event.gates = gates
    log.append(event)
  }
}
