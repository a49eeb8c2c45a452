internal import Actions
internal import FleetModel
package import Operations
package import VitessClient
package import VtctldClient

/// What a session needs to act on a cluster and to know what the topology holds.
package struct Acting: Sendable {
  let audit: AuditLog
  private let vtctld: VtctldClient?
  private let vtadmin: VtadminClient?

  /// `vtctld`, `vtadmin`: nil when none is named.
  package init(vtctld: VtctldClient?, vtadmin: VtadminClient? = nil, audit: AuditLog) {
    self.vtctld = vtctld
    self.vtadmin = vtadmin
    self.audit = audit
  }

  var lookup: Lookup { Lookup(vtctld: vtctld, vtadmin: vtadmin) }

  /// How often the topology is asked for the rules in it: an operator waits no longer for one set
  /// elsewhere.
  private static let topoPause = Duration.seconds(5)

  func perform(
    _ action: Action, now: @escaping @Sendable () -> Instant,
    progress: @escaping @Sendable (ActionReport) async -> Void
  ) async {
    await Operator(vtctld: vtctld, vtadmin: vtadmin, audit: audit, now: now).perform(
      action, progress: progress)
  }

  /// Tells what the topology holds, again and again; and when it cannot be had, once.
  func watchTopo(
    _ take: @MainActor (Result<[TopoKeyspace], VtctldFailure>) -> Void
  ) async {
    guard let vtctld else { return }
    var hasFailed = false
    while !Task.isCancelled {
      do throws(VtctldFailure) {
        let keyspaces = try await vtctld.keyspaces()
        hasFailed = false
        await take(.success(keyspaces))
      } catch {
        if !hasFailed, !Task.isCancelled { await take(.failure(error)) }
        hasFailed = true
      }
      try? await Task.sleep(for: Self.topoPause, tolerance: .milliseconds(500))
    }
  }
}
