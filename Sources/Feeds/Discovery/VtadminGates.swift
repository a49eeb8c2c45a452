package import FleetModel
internal import Terms
package import VitessClient
internal import Wording

/// The vtgates that vtadmin knows of a cluster, by whatever it discovers them with itself.
package struct VtadminGates: DiscoverySource {
  package let source = ServerSource.vtadmin
  package let pause: Duration
  private let client: VtadminClient
  private var last: ServerList?

  package init(_ client: VtadminClient, pause: Duration = .seconds(15)) {
    self.client = client
    self.pause = pause
  }

  @concurrent package mutating func look() async throws(DiscoveryFault) -> ServerList? {
    let list: ServerList
    do throws(CallFailure) {
      let gates = try await client.gates()
      if gates.isEmpty { try await requireCluster() }
      list = Self.list(gates)
    } catch {
      throw DiscoveryFault("vtadmin", Wording().words(error))
    }
    guard list != last else { return nil }
    last = list
    return list
  }

  /// vtadmin has no vtgates of a cluster that it does not know, and does not say so.
  private func requireCluster() async throws(CallFailure) {
    let known = try await client.clusters()
    guard !known.contains(client.cluster) else { return }
    throw CallFailure(.refused, .vtadmin, .unknownCluster(client.cluster, known: known.sorted()))
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
