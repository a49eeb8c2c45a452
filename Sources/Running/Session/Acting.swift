internal import Actions
internal import FleetModel
package import Operations
internal import Terms
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

  /// Tells what the topology holds, or why it cannot be had, again and again.
  func watchTopo(_ tell: @MainActor (Observation.News) -> Void) async {
    guard let vtctld else { return }
    while !Task.isCancelled {
      let news: Observation.News
      do throws(VtctldFailure) {
        news = .topo(try await vtctld.keyspaces())
      } catch {
        news = .topoFailed(error.description)
      }
      if !Task.isCancelled { await tell(news) }
      try? await Task.sleep(for: Self.topoPause, tolerance: .milliseconds(500))
    }
  }
}
