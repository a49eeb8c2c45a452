internal import FleetModel
internal import Terms
package import VitessClient

extension ServerDirectory {
  /// The vtgates that vtadmin knows of a cluster, by whatever it discovers them with itself.
  package static func vtadmin(
    _ vtadmin: VtadminClient, pause: Duration = .seconds(15)
  ) -> ServerDirectory {
    ServerDirectory(.vtadmin, "vtadmin", pause: pause) { () throws(CallFailure) in
      let gates = try await vtadmin.gates()
      if gates.isEmpty { try await requireCluster(of: vtadmin) }
      return list(gates)
    }
  }

  /// vtadmin has no vtgates of a cluster that it does not know, and does not say so.
  private static func requireCluster(of vtadmin: VtadminClient) async throws(CallFailure) {
    let known = try await vtadmin.clusters()
    guard !known.contains(vtadmin.cluster) else { return }
    throw CallFailure(.refused, .vtadmin, .unknownCluster(vtadmin.cluster, known: known.sorted()))
  }

  private static func list(_ gates: [VtadminClient.Gate]) -> ServerList {
    var list = ServerList()
    for gate in gates.prefix(ServerList.limit) {
      // The other name is the gRPC address, as in vtadmin's discovery.json.
      guard let address = gate.fqdn.flatMap({ Address($0) }) else {
        list.remarks.append(
          "vtadmin: vtgate \(gate.hostname) has no FQDN with a port, so its web port is not known")
        continue
      }
      list.servers.append(
        NamedServer(
          .vtgate, address, cell: gate.cell,
          keyspace: gate.keyspaces.isEmpty ? nil : gate.keyspaces.joined(separator: ", ")))
    }
    return list
  }
}
