import Actions
import FleetModel
import Foundation
import Lab
import LabServer
import Operations
import Terms
import Testing
import VtctldClient
import Wording

/// The lab in real time, and an operator beside it.
struct RunningLab {
  static let shard = ShardName(keyspace: "commerce", shard: "0")
  static let primary = TabletAlias(cell: "zone1", uid: 100)

  let host: LabHost
  let addresses: LabHost.Addresses
  let now: @Sendable () -> Instant
  let auditPath: String

  init(
    _ release: VitessRelease, door: LabHost.Door = LabHost.Door(),
    _ change: (inout LabCluster.Configuration) -> Void = { _ in }
  ) async throws {
    let start = ContinuousClock.now
    let wall = Instant(secondsSinceEpoch: Date().timeIntervalSince1970)
    let now: @Sendable () -> Instant = { wall + (ContinuousClock.now - start) }
    self.now = now
    var configuration = LabCluster.Configuration()
    configuration.release = release
    configuration.keyspaces = [("commerce", ["0"])]
    configuration.vtgates = 1
    configuration.hasBusyReplicas = false
    change(&configuration)
    host = LabHost(configuration) { now() }
    addresses = try await host.start(.free, door: door)
    auditPath =
      FileManager.default.temporaryDirectory
      .appending(path: "sluice-audit-\(UUID().uuidString)/audit.jsonl").path
  }

  func stop() async {
    await host.stop()
    try? FileManager.default.removeItem(
      at: URL(filePath: auditPath).deletingLastPathComponent())
  }

  var vtctld: Address {
    get throws { try #require(addresses.vtctld) }
  }

  func operate(
    through servers: [Address]? = nil, auditingTo path: String? = nil
  ) throws -> ActionRunner {
    let servers = try servers ?? [vtctld]
    return ActionRunner(
      vtctld: VtctldClient(VtctldAccess(servers: servers)),
      audit: AuditLog(path: path ?? auditPath, cluster: "lab"), observation: .seconds(3), now: now)
  }

  /// The lines of the audit log.
  var audit: [[String: Any]] {
    guard let text = try? String(contentsOfFile: auditPath, encoding: .utf8) else { return [] }
    return text.split(separator: "\n").compactMap {
      try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
    }
  }

  var auditPhases: [String] { audit.compactMap { $0["phase"] as? String } }
  var auditOutcomes: [String] { audit.compactMap { $0["outcome"] as? String } }

  func topoPrimary() async throws -> TabletAlias? {
    try await VtctldClient(VtctldAccess(servers: [vtctld])).withConnection {
      connection throws(CallFailure) in
      try await connection.shard(Self.shard)
    }.primary
  }

  /// How many reparents the cluster has carried out or tried.
  func reparents() async -> Int { await host.reparentCount }

  /// A tablet by its uid; `port`: where it is thought to be, if not where it is.
  func tablet(_ uid: UInt32, at port: Int? = nil) throws -> AppRuleOrder.Tablet {
    let alias = TabletAlias(cell: "zone1", uid: uid)
    let address =
      try port.map { Address(host: "127.0.0.1", port: $0) } ?? #require(addresses.tablets[alias])
    return AppRuleOrder.Tablet(
      label: alias.short, alias: alias, shard: Self.shard, address: address)
  }

  func topoThrottler() async throws -> TopoKeyspace.ThrottlerConfig? {
    try await VtctldClient(VtctldAccess(servers: [vtctld])).keyspaces().first?.throttler
  }
}

func quietly(_ report: ActionReport) async {}

extension ActionRunner {
  /// Does an action that begins now.
  @discardableResult
  func perform(_ action: Action, progress: @escaping Progress) async -> ActionReport {
    let now = Instant(secondsSinceEpoch: Date().timeIntervalSince1970)
    return await perform(ActionReport(action, at: now), progress: progress)
  }
}

extension ActionReport {
  /// Its verdict in words.
  var said: String { verdict.map { Wording().words($0) } ?? "" }
}

extension ActionReport.Part {
  var said: String { Wording().words(finding) }
}

extension CallFailure {
  var said: String { Wording().words(self) }
}
