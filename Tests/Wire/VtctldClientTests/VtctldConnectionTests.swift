import Actions
import FleetModel
import Lab
import Synchronization
import Terms
import Testing
import VtctldClient

/// What a connection reads and changes, over the wire.
@Suite(.serialized, .timeLimit(.minutes(1))) struct VtctldConnectionTests {
  private static let primary = TabletAlias(cell: "zone1", uid: 100)

  @Test func topoIsReadAsItIs() async throws {
    let lab = try await LabVtctld()
    let (keyspaces, shard, tablets) = try await lab.client.withConnection {
      connection throws(CallFailure) in
      (
        connection.keyspaces, try await connection.shard(LabVtctld.shard),
        try await connection.tablets(of: LabVtctld.shard.keyspace)
      )
    }
    await lab.stop()
    #expect(keyspaces.map(\.name) == ["commerce"])
    #expect(shard.primary == Self.primary)
    #expect(shard.isPrimaryServing && shard.deniedTables.isEmpty)
    #expect(tablets.map(\.alias.uid).sorted() == [100, 101, 102])
    #expect(tablets.allSatisfy { $0.address != nil })
    #expect(tablets.first { $0.alias == Self.primary }?.type == .primary)
  }

  @Test func whatIsNotThereIsTheServersWord() async throws {
    let lab = try await LabVtctld()
    let failure = await #expect(throws: CallFailure.self) {
      try await lab.client.withConnection { connection throws(CallFailure) in
        try await connection.shard(ShardName(keyspace: "commerce", shard: "nope"))
      }
    }
    await lab.stop()
    #expect(failure?.kind == .refused)
    #expect(failure?.callee == .vtctld(lab.address))
    guard case .said(_, to: "GetShard")? = failure?.cause else {
      Issue.record("\(String(describing: failure))")
      return
    }
  }

  @Test func aChangeIsReadBack() async throws {
    let lab = try await LabVtctld()
    let change = ThrottlerChange(keyspace: "commerce", .threshold(2.5))
    try await lab.client.withConnection { connection throws(CallFailure) in
      try await connection.update(change)
    }
    let keyspaces = try await lab.client.keyspaces()
    await lab.stop()
    #expect(keyspaces.first?.throttler?.threshold == 2.5)
  }

  @Test func aReparentPromotesWhomItNames() async throws {
    let lab = try await LabVtctld()
    let order = ReparentOrder(
      .planned, of: LabVtctld.shard, to: TabletAlias(cell: "zone1", uid: 102),
      expecting: Self.primary)
    let (promoted, events) = try await lab.client.withConnection {
      connection throws(CallFailure) in
      let answer = try await connection.reparent(order)
      return (answer.promoted, answer.events)
    }
    let after = try await lab.client.withConnection { connection throws(CallFailure) in
      try await connection.shard(LabVtctld.shard).primary
    }
    await lab.stop()
    #expect(promoted == order.newPrimary && after == order.newPrimary)
    #expect(!events.isEmpty)
  }

  /// Calls that came with v21: an older vtctld says that it does not know them.
  @Test(arguments: [VitessRelease.v20, .v21]) func aCallThatAReleaseDoesNotKnow(
    _ release: VitessRelease
  ) async throws {
    let lab = try await LabVtctld(release)
    var failure: CallFailure?
    do throws(CallFailure) {
      _ = try await lab.client.withConnection { connection throws(CallFailure) in
        try await connection.throttlerStatus(of: Self.primary)
      }
    } catch {
      failure = error
    }
    await lab.stop()
    #expect(
      (failure?.kind == .unimplemented) == (release == .v20), "\(String(describing: failure))")
  }

  @Test func theNextServerIsTriedWhileNoWorkHasBegun() async throws {
    let lab = try await LabVtctld()
    let dead = Address(host: "127.0.0.1", port: 1)
    let client = VtctldClient(VtctldAccess(servers: [dead, lab.address]))
    #expect(try await client.keyspaces().count == 1)
    let begun = Mutex(0)
    // Once the work has begun its failure is the answer: nothing is done twice.
    let failure = await #expect(throws: CallFailure.self) {
      try await client.withConnection { _ throws(CallFailure) in
        begun.withLock { $0 += 1 }
        throw CallFailure(.unreachable, nil, .reported("in the middle"))
      }
    }
    await lab.stop()
    #expect(failure?.said == "in the middle" && begun.withLock { $0 } == 1)
    let all = await #expect(throws: CallFailure.self) {
      _ = try await VtctldClient(
        VtctldAccess(servers: [dead, Address(host: "127.0.0.1", port: 2)])
      ).keyspaces()
    }
    #expect(all?.kind == .unreachable)
    #expect(all?.said.contains("127.0.0.1:1") == true && all?.said.contains("127.0.0.1:2") == true)
  }
}
