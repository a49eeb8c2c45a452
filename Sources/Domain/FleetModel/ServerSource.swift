internal import Terms

/// Who names servers to watch, beside the operator and the vtgates' own lists.
package enum ServerSource: Sendable, Hashable, Codable, Comparable {
  /// By its path.
  case file(String)
  /// A name, with a port unless it stands for services.
  case dns(String)
  /// What a command prints.
  case command
  /// Topo's records of tablets.
  case vtctld
  /// Its own list of vtgates.
  case vtadmin
}

/// Who names a server, and what is known of it by that.
package struct Naming: Sendable, Equatable, Codable {
  package internal(set) var sources: Set<ServerSource> = []
  package internal(set) var cell: String?
}

extension Fleet {
  /// Who names a server; nil: the operator, or vtgates that list it.
  package func naming(of server: Target) -> Naming? {
    // Whoever named a proxy took it for a vtgate.
    namings[server.kind == .proxy ? Target(.vtgate, server.address) : server]
  }

  /// Takes who names servers from now on, or does no longer.
  mutating func noteNaming(_ event: FleetEvent) {
    switch event.kind {
    case .serversNamed(let kind, let cell, let source):
      for server in event.sources {
        let target = Target(kind, server.address)
        namings[target, default: Naming()].sources.insert(source)
        if let cell { namings[target]?.cell = cell }
      }
    case .serversNoLongerNamed(let kind, let source):
      for server in event.sources {
        namings[Target(kind, server.address)]?.sources.remove(source)
      }
    default: break
    }
  }
}
