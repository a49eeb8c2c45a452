import NIOCore
import PostgresWire
import TestSupport
import Testing

@Suite struct StartupPacketTests {
  private func read(_ bytes: [UInt8]) throws -> StartupPacket? {
    var buffer = ByteBuffer(bytes: bytes)
    return try StartupPacket.read(from: &buffer)
  }

  @Test func aRecordedStartupIsRead() throws {
    guard case .startup(let startup) = try read(Conversation.psql.client) else {
      return #expect(Bool(false))
    }
    #expect(startup.user == "postgres")
    #expect(startup.database == "postgres")
    #expect(startup.settings == [.init("application_name", "psql")])
    #expect(startup.negotiation == nil)
    #expect(!startup.isForReplication)
  }

  @Test(arguments: [
    StartupPacket.encryption(.tls), .encryption(.gss),
    .cancel(.init(process: 7, secret: 4_000_000_000)),
    .startup(Startup([.init("user", "app"), .init("options", "-c work_mem=8MB")])),
  ]) func whatIsWrittenIsRead(_ packet: StartupPacket) throws {
    #expect(try read(Array(buffer: packet.bytes)) == packet)
    for count in 0..<packet.bytes.readableBytes {
      #expect(
        try read(Array(buffer: packet.bytes).dropLast(packet.bytes.readableBytes - count)) == nil)
    }
  }

  @Test func theDatabaseIsCalledLikeTheUserUnlessNamed() {
    #expect(Startup([.init("user", "app")]).database == "app")
    #expect(Startup([.init("user", "app"), .init("database", "commerce")]).database == "commerce")
  }

  @Test func replicationIsRecognized() {
    for value in ["true", "on", "database", "1"] {
      #expect(Startup([.init("replication", value)]).isForReplication, "\(value)")
    }
    #expect(!Startup([.init("replication", "off")]).isForReplication)
  }

  /// A client of protocol 3.2 goes on with 3.0 once it has been told.
  @Test func aNewerMinorVersionIsNegotiated() {
    let startup = Startup(version: 3 << 16 | 2, [.init("user", "app"), .init("_pq_.x", "1")])
    #expect(
      startup.negotiation.map { Array(buffer: $0) }
        == [0x76, 0, 0, 0, 19, 0, 3, 0, 0, 0, 0, 0, 1] + Array("_pq_.x".utf8) + [0])
    #expect(startup.settings.isEmpty)
  }

  @Test(
    arguments: [
      [0, 0, 0, 0], [0, 0, 0, 7], [0xFF, 0xFF, 0xFF, 0xFF], [0, 0, 0x27, 0x11],
      // Protocol 2, no terminator, a cancel request that is too long, bytes behind the terminator.
      [0, 0, 0, 8, 0, 2, 0, 0], [0, 0, 0, 12, 0, 3, 0, 0, 0x75, 0x73, 0x65, 0x72],
      [0, 0, 0, 20, 0x04, 0xD2, 0x16, 0x2E, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3],
      [0, 0, 0, 10, 0, 3, 0, 0, 0, 0],
    ] as [[UInt8]]) func whatCannotBeIsRefused(_ bytes: [UInt8])
  {
    #expect(throws: ProtocolViolation.self) { try read(bytes) }
  }

  @Test func brokenPacketsDoNoHarm() {
    let mutations = Mutations(
      of: Conversation.allCases.map { Array($0.client.prefix(120)) }, seed: 5)
    for _ in 0..<3_000 {
      var buffer = ByteBuffer(bytes: mutations.next())
      _ = try? StartupPacket.read(from: &buffer)
    }
  }
}
