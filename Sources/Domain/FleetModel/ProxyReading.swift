package import Terms

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
  /// Statements and transactions that were let through and have not ended; nil where it does not tell.
  package var inFlight: Int?
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
    server: String, inFlight: Int? = 0, cutover: ProxyCutover? = nil, fault: ServerFault? = nil
  ) {
    self.server = server
    self.inFlight = inFlight
    self.cutover = cutover
    self.fault = fault
  }
}

extension VtgateState {
  /// It is a proxy, and nobody has read how its cutovers stand.
  var hidesCutovers: Bool { watched.value?.proxy.map { $0.routes == nil } ?? false }

  /// How its route to a shard stands; nil at a vtgate.
  func route(to shard: ShardName) -> ProxyRoute? { watched.value?.proxy?.routes?[shard] }
}
