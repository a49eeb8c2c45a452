import Discovery
import FleetModel
import Terms
import TestSupport
import Testing
import VitessClient

/// vtgates as vtadmin's API lists them (proto/vtadmin.proto, written as encoding/json does).
@Suite(.timeLimit(.minutes(1))) struct VtadminDirectoryTests {
  private static func vtadmin(gates: String) async throws -> StubServer {
    try await StubServer { path in
      switch path {
      case "/api/gates?cluster_id=prod-eu":
        .body(#"{"result":{"gates":[\#(gates)]},"ok":true}"#)
      case "/api/gates?cluster_id=prod": .body(#"{"result":{},"ok":true}"#)
      case "/api/clusters":
        .body(
          #"{"result":{"clusters":[{"id":"prod-us","name":"US"},{"id":"prod-eu","name":"EU"}]},"ok":true}"#
        )
      default:
        .body(#"{"error":{"message":"unauthorized","code":"x"},"ok":false}"#, status: 401)
      }
    }
  }

  private static func look(
    _ server: StubServer, _ cluster: String
  ) async throws(DiscoveryFault) -> ServerList? {
    var gates = ServerDirectory.vtadmin(
      VtadminClient("http://127.0.0.1:\(server.port)", cluster: cluster))
    return try await gates.look()
  }

  @Test func vtgatesWithAWebAddressAreNamed() async throws {
    let server = try await Self.vtadmin(
      gates: #"{"hostname":"gate-1:15991","cell":"zone1","cluster":{"id":"prod-eu"},"#
        + #""keyspaces":["commerce","customer"],"FQDN":"gate-1.example:15001"},"#
        + #"{"hostname":"gate-2:15991","FQDN":"https://gw.example/gate-2"},"#
        + #"{"hostname":"gate-3:15991"}"#)
    let list = try #require(try await Self.look(server, "prod-eu"))
    await server.stop()
    let first = try #require(Address("gate-1.example:15001"))
    let second = try #require(Address("https://gw.example/gate-2"))
    #expect(
      list.servers == [
        NamedServer(.vtgate, first, cell: "zone1", keyspace: "commerce, customer"),
        NamedServer(.vtgate, second),
      ])
    #expect(
      list.remarks == [
        "vtadmin: vtgate gate-3:15991 has no FQDN with a port, so its web port is not known"
      ])
  }

  @Test func anEmptyListIsOnlyBelievedOfAClusterThatItKnows() async throws {
    let server = try await Self.vtadmin(gates: "")
    #expect(try await Self.look(server, "prod-eu") == ServerList())
    await #expect(
      throws: DiscoveryFault(nil, "vtadmin knows no cluster prod, but prod-eu, prod-us")
    ) { _ = try await Self.look(server, "prod") }
    await #expect(throws: DiscoveryFault(nil, "vtadmin: unauthorized")) {
      _ = try await Self.look(server, "other")
    }
    await server.stop()
  }
}
