import FleetModel
import Foundation
import Lab
import LabServer
import Terms
import Testing
import VtctldClient
import Wording

/// The lab's vtctld, with one keyspace of one shard behind it.
struct LabVtctld {
  static let shard = ShardName(keyspace: "commerce", shard: "0")

  private let host: LabHost
  let address: Address

  init(_ release: VitessRelease = .v22, door: LabHost.Door = LabHost.Door()) async throws {
    var configuration = LabCluster.Configuration()
    configuration.release = release
    configuration.keyspaces = [(Self.shard.keyspace, [Self.shard.shard])]
    configuration.vtgates = 1
    host = LabHost(configuration) { Instant(secondsSinceEpoch: Date().timeIntervalSince1970) }
    address = try #require(try await host.start(.free, door: door).vtctld)
  }

  var client: VtctldClient { VtctldClient(VtctldAccess(servers: [address])) }

  func stop() async { await host.stop() }
}

extension CallFailure {
  var said: String { Wording().words(self) }
}
