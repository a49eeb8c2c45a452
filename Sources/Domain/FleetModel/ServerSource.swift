package import Terms

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

/// How a source stands after the last look at it.
package struct SourceStanding: Sendable, Equatable, Codable {
  /// Why that look failed, with the place; nil where it did not, and before the first.
  package var fault: String?
  /// Whether the last list that could be read names a server; nil before there is any, and where a part
  /// of it has never been read.
  package var namesServers: Bool?
  /// What is left out of that list and why, with the place; of many the first, and how many more there
  /// are.
  package private(set) var remarks: [String]

  /// Each is an event and a note of its own, and whoever writes the list decides how many there are.
  private static let mostRemarks = 10

  package init(fault: String? = nil, namesServers: Bool? = nil, remarks: [String] = []) {
    (self.fault, self.namesServers) = (fault, namesServers)
    self.remarks = Array(remarks.prefix(Self.mostRemarks))
    let rest = remarks.count - self.remarks.count
    if rest > 0 { self.remarks.append("and \(rest.grouped) more like these") }
  }

  /// Whether it was looked at.
  package var isKnown: Bool { fault != nil || namesServers != nil }
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

  /// Takes how a source of servers stands, and says once what is wrong with it.
  package mutating func apply(
    _ standing: SourceStanding, of source: ServerSource, at instant: Instant
  ) {
    let before = sources.updateValue(standing, forKey: source) ?? SourceStanding()
    let known = Set(before.remarks)
    var news = standing.remarks.filter { !known.contains($0) }
    if let fault = standing.fault, fault != before.fault {
      let rest = standing.namesServers == nil ? "it is looked at again" : "its last list stays"
      news.append("\(fault); \(rest)")
    }
    for words in news { tell(FleetEvent(at: instant, .remark(.warning, words))) }
  }

  /// Whether no server is asked, and nobody who could name one is still to be heard.
  package var asksNobody: Bool {
    vtgates.isEmpty && tablets.isEmpty && relay == nil && !sources.isEmpty
      && sources.values.allSatisfy(\.isKnown)
  }

  /// Whether a server has answered or failed, or whoever tells or names them leaves nothing to wait for.
  package var isHeardOf: Bool {
    vtgates.values.contains { $0.watched.isHeard } || tablets.contains { $0.watched.isHeard }
      || relay?.fault != nil || asksNobody
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
