import Discovery
import FleetModel
import Terms
import Testing

/// Names that stand for servers, asked of the system and of a server of our own.
@Suite(.timeLimit(.minutes(1))) struct DNSNameTests {
  private static let service = "_web._tcp.vtgate.vitess.test"

  private static func look(
    _ services: [NameServer.Service], code: UInt8 = 0
  ) async throws -> Result<ServerList?, DiscoveryFault> {
    let server = try await NameServer(services, code: code)
    var name = try #require(
      DNSName(Self.service, asking: Address(host: "127.0.0.1", port: server.port)))
    let result: Result<ServerList?, DiscoveryFault>
    do throws(DiscoveryFault) {
      result = .success(try await name.look())
    } catch {
      result = .failure(error)
    }
    await server.stop()
    return result
  }

  @Test func aNameStandsForItsAddresses() async throws {
    var name = try #require(DNSName("localhost:15001"))
    let list = try await name.look()
    #expect(
      list?.servers == [NamedServer(.vtgate, Address(host: "127.0.0.1", port: 15001))])
    #expect(try await name.look() == nil)
  }

  @Test func whatStandsAroundANameStandsAroundItsAddresses() async throws {
    var name = try #require(DNSName("https://localhost/vtgate"))
    let address = try #require(Address("https://127.0.0.1:443/vtgate"))
    #expect(try await name.look()?.servers == [NamedServer(.vtgate, address)])
  }

  @Test func aServiceStandsForItsHostsAndPorts() async throws {
    let result = try await Self.look([
      .init(host: "vtgate-1.vitess.test", port: 15001),
      .init(host: "vtgate-0.vitess.test", port: 15000),
    ])
    #expect(
      try result.get()?.servers == [
        NamedServer(.vtgate, Address(host: "vtgate-0.vitess.test", port: 15000)),
        NamedServer(.vtgate, Address(host: "vtgate-1.vitess.test", port: 15001)),
      ])
  }

  @Test func whatIsNotThereIsNoList() async throws {
    #expect(
      try await Self.look([], code: 3)
        == .failure(DiscoveryFault(Self.service, "there is no such name")))
    #expect(
      try await Self.look([]) == .failure(DiscoveryFault(Self.service, "it has no SRV records")))
    var name = try #require(DNSName("no-such-host.invalid:15001"))
    await #expect(throws: DiscoveryFault.self) { _ = try await name.look() }
  }

  @Test(arguments: ["vtgate", "_web", "gate:0", "a b:1", "_a b._tcp.x", ""])
  func whatIsNoNameIsRefused(_ text: String) { #expect(DNSName(text) == nil) }
}
