internal import Actions
package import FleetModel
package import Terms
package import VitessClient
package import VtctldClient

/// The way to a cluster's topology: what it holds is looked up here, and actions are carried out.
///
///     ClusterAccess ─┬─ lookups (facts, releases, routings): nothing is changed
///                    ├─ watchTopo: what topo holds, again and again
///                    └─ runner ─> ActionRunner ─> AuditLog, then one request
package struct ClusterAccess: Sendable {
  package let audit: AuditLog
  let vtctld: VtctldClient?
  let vtadmin: VtadminClient?

  /// `vtctld`, `vtadmin`: nil when none is named.
  package init(vtctld: VtctldClient?, vtadmin: VtadminClient? = nil, audit: AuditLog) {
    self.vtctld = vtctld
    self.vtadmin = vtadmin
    self.audit = audit
  }

  /// Why the audit log cannot be written; nil when it can.
  @concurrent package func auditFailure() async -> String? {
    do throws(AuditLog.Unwritable) {
      try audit.probe()
      return nil
    } catch {
      return error.description
    }
  }

  package func runner(now: @escaping @Sendable () -> Instant) -> ActionRunner {
    ActionRunner(vtctld: vtctld, vtadmin: vtadmin, audit: audit, now: now)
  }

  /// How often the topology is asked for the rules in it: an operator waits no longer for one set
  /// elsewhere.
  private static let topoPause = Duration.seconds(5)
  /// How often shards' records are read while nothing happens: what they held before a switch of
  /// traffic tells what it changed.
  private static let routingPause = Duration.seconds(60)
  /// How often those of a shard are read whose failover they may explain.
  private static let explainingPause = Duration.seconds(3)

  /// Tells what the topology holds, or why it cannot be had, again and again.
  ///
  /// `unexplained`: shards that held requests or failed without another primary.
  package func watchTopo(
    now: @Sendable () -> Instant, unexplained: @MainActor () -> Set<ShardName>,
    _ tell: @MainActor (Observation.News) -> Void
  ) async {
    guard let vtctld else { return }
    var due = (keyspaces: now(), routings: now(), explanations: now())
    while !Task.isCancelled {
      var news: [Observation.News] = []
      let start = now()
      do throws(CallFailure) {
        if start >= due.keyspaces {
          due.keyspaces = start + Self.topoPause
          news.append(.topo(try await vtctld.keyspaces()))
        }
        let shards = start >= due.explanations ? await unexplained() : []
        if !shards.isEmpty {
          due.explanations = start + Self.explainingPause
          news.append(.routings(try await routings(of: shards, at: start)))
        } else if start >= due.routings {
          due.routings = start + Self.routingPause
          news.append(.routings(try await routings(at: start)))
        }
      } catch {
        news.append(.topoFailed(error))
      }
      for piece in news where !Task.isCancelled { await tell(piece) }
      try? await Task.sleep(for: .seconds(1), tolerance: .milliseconds(100))
    }
  }
}
