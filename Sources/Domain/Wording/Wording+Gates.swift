package import FleetModel
internal import Terms

/// What holds requests, by its name, and how it is configured: nothing else decides whether a
/// sentence says vtgate or proxy.
extension Wording {
  /// `vtgate`, `proxy`, `vtgate or proxy`.
  package func gate(_ gates: Gates) -> String {
    switch gates {
    case .vtgates: "vtgate"
    case .proxies: "proxy"
    case .both: "vtgate or proxy"
    }
  }

  /// `vtgates`, `proxies`, `vtgates and proxies`.
  package func gates(_ gates: Gates) -> String {
    switch gates {
    case .vtgates: "vtgates"
    case .proxies: "proxies"
    case .both: "vtgates and proxies"
    }
  }

  /// `1 proxy`, `3 vtgates`.
  package func count(_ count: Int, of gates: Gates) -> String {
    "\(count.grouped) \(count == 1 ? gate(gates) : self.gates(gates))"
  }

  package func gate(_ kind: GateKind) -> String { gate(Gates([kind])) }
  package func count(_ count: Int, of kind: GateKind) -> String {
    self.count(count, of: Gates([kind]))
  }

  /// What stands behind them: `tablet`, `server`.
  package func member(of gates: Gates) -> String { gates == .proxies ? "server" : "tablet" }

  /// A setting as it is written where it is set: `--buffer_window`, `[buffering] window`.
  ///
  /// Where there are vtgates and proxies, as vtgates have it: a proxy's file has the same words.
  package func spelled(_ flag: Advice.Flag, withDashes: Bool, of gates: Gates) -> String {
    gates == .proxies ? flag.inProxyFile : flag.spelled(withDashes: withDashes)
  }

  /// A flag as the servers of some advice have it.
  package func spelled(_ flag: Advice.Flag, in advice: Advice) -> String {
    spelled(flag, withDashes: advice.spellsFlagsWithDashes, of: advice.gates)
  }

  /// How a cutover stands: `cutover from old to new: holding`.
  package func words(_ cutover: ProxyCutover) -> String {
    let reason = cutover.reason.map { " (\(quote($0)))" } ?? ""
    let state = cutover.phase == .other ? "" : ": \(cutover.phase.rawValue)"
    return "\(course(cutover))\(state)\(reason)"
  }

  /// How a route stands: `leads to old; cutover from old to new: holding`.
  package func words(_ route: ProxyRoute) -> String {
    "leads to \(quote(route.server))" + (route.cutover.map { "; \(words($0))" } ?? "")
  }

  /// Which way it leads: `cutover from old to new`.
  func course(_ cutover: ProxyCutover) -> String {
    "cutover from \(quote(cutover.from)) to \(quote(cutover.to))"
  }

  /// Why a server cannot be used: `old cannot be used: connection refused`.
  func words(_ fault: ProxyRoute.ServerFault, of server: String) -> String {
    switch fault {
    case .down(let why):
      "\(quote(server)) cannot be used\(why.map { ": \(quote($0))" } ?? "")"
    case .draining: "\(quote(server)) is marked as draining, and gets no new work"
    }
  }

  /// What an operator of a proxy can do in place of a reparent: `X starts a cutover to new`.
  func cutoverStart(to server: String?, by means: CutoverMeans) -> String {
    switch means {
    case .commands: "sluice cutover start --to \(server.map { quote($0) } ?? "SERVER")"
    case .key(let key): "\(key) starts a cutover\(server.map { " to \(quote($0))" } ?? "")"
    }
  }

  /// Why an action on tablets is not possible behind a proxy, and what is.
  package func noTabletsBehindProxies(_ means: CutoverMeans = .commands) -> String {
    "behind a proxy there are database servers, which have no throttler and no vtctld: "
      + "\(cutoverStart(to: nil, by: means)), which gives its route to another server"
  }
}

/// By what whoever reads the words can make a cutover.
package enum CutoverMeans: Sendable {
  /// `sluice cutover`, in a shell.
  case commands
  /// A key that opens the form for the next step.
  case key(String)
}

extension Advice.Flag {
  /// With dashes or with underscores.
  fileprivate func spelled(withDashes hasDashes: Bool) -> String {
    "--" + (hasDashes ? rawValue : String(rawValue.map { $0 == "-" ? "_" : $0 }))
  }

  /// The key that has its meaning in a proxy's file.
  fileprivate var inProxyFile: String {
    switch self {
    case .enableBuffer: "[buffering] enable"
    case .healthCheckInterval: "[limits] health_interval"
    case .keyspaceShards, .size, .window, .maxFailoverDuration, .minTimeBetweenFailovers:
      "[buffering] "
        + rawValue.dropFirst("buffer-".count).map { $0 == "-" ? "_" : String($0) }.joined()
    // A proxy has nothing of the kind.
    case .heartbeatEnable, .heartbeatOnDemandDuration: spelled(withDashes: false)
    }
  }
}
