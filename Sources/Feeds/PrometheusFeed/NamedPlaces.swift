internal import Discovery
internal import FleetModel
internal import PrometheusClient
internal import Terms

/// What those who name servers know of the ones that Prometheus tells of: where each is reached, and a
/// tablet's shard and alias.
struct NamedPlaces: Sendable {
  /// By host and port: a scrape's label `instance` has no more.
  private var places: [Target: StoredServer.Place] = [:]

  /// `known`: those that have been told, which keep the address that they have.
  ///
  /// Of several servers behind one front none is the one that an `instance` means.
  init(_ servers: [Target: NamedServer], known: (Target) -> Bool) {
    for (bare, servers) in Dictionary(grouping: servers.values, by: { $0.target.bare }) {
      guard servers.count == 1, let server = servers.first else { continue }
      places[bare] = StoredServer.Place(
        known(bare) ? bare.address : server.target.address, shard: server.shardName,
        alias: server.alias)
    }
  }

  subscript(_ server: Target) -> StoredServer.Place? {
    guard var place = places[server.bare] else { return nil }
    // Where the operator has said how it is reached, that counts.
    if !server.address.isBare { place.address = server.address }
    return place
  }
}

extension Target {
  fileprivate var bare: Target {
    Target(kind, Address(host: address.host, port: address.port))
  }
}
