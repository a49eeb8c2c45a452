internal import Actions
package import FleetModel
package import Terms
internal import Timing
package import VitessClient
package import VtctldClient

/// The way to a cluster's topology: it is looked up here, and actions are carried out from here.
///
///     ClusterAccess ─┬─ lookups (facts, releases, routings): nothing is changed
///                    ├─ watchTopo: what topo holds, again and again
///                    └─ runner ─> ActionRunner ─> AuditLog, then one request
package struct ClusterAccess: Sendable {
  package let audit: AuditLog
  let vtctld: VtctldClient?
  let vtadmin: VtadminClient?
  /// How vtgates and tablets are reached.
  let http: HTTPAccess
  let proxyToken: HTTPCredentials?

  /// `vtctld`, `vtadmin`: nil when none was named; `proxyToken`: what proxies take commands with.
  package init(
    vtctld: VtctldClient?, vtadmin: VtadminClient? = nil, _ http: HTTPAccess = .open,
    proxyToken: HTTPCredentials? = nil, audit: AuditLog
  ) {
    self.http = http
    self.proxyToken = proxyToken
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
    ActionRunner(
      vtctld: vtctld, vtadmin: vtadmin, http, proxyToken: proxyToken, audit: audit, now: now)
  }

  /// How often the topology is asked for its rules, and so how long an operator waits at most to
  /// see one set elsewhere.
  private static let topoPause = Duration.seconds(5)
  /// How often shards' records and workflows are read while nothing happens: what they said before a
  /// traffic switch shows what it changed, and whether one is near.
  private static let routingPause = Duration.seconds(60)

  /// What the topology says once, or why it cannot be read; nothing where no vtctld was named.
  @concurrent package func topo(at now: Instant) async -> [Observation.News] {
    guard let vtctld else { return [] }
    do throws(CallFailure) {
      return [.topo(try await vtctld.keyspaces()), .routings(try await routings(at: now).routings)]
    } catch {
      return [.topoFailed(error)]
    }
  }

  /// Reports, repeatedly, what the topology says or why it cannot be read.
  ///
  /// `unexplained`: shards of which topo may tell more than it did; those that were not among them
  /// a second ago are asked about at once.
  package func watchTopo(
    now: @Sendable () -> Instant, unexplained: @MainActor () -> Set<ShardName>,
    _ tell: @escaping @MainActor (Observation.News) -> Void
  ) async {
    guard let vtctld else { return }
    var due = (keyspaces: now(), routings: now())
    let reader = RoutingReader(routings(at:withWorkflows:))
    let explainer = RoutingExplainer(routings(of:at:))
    await withDiscardingTaskGroup { group in
      for await _ in Ticks(first: .zero, every: .seconds(1), tolerance: .milliseconds(100)) {
        let start = now()
        if start >= due.routings {
          due.routings = start + Self.routingPause
          group.addTask {
            for piece in await reader.news(at: start) where !Task.isCancelled { await tell(piece) }
          }
        }
        let shards = await unexplained()
        group.addTask {
          for piece in await explainer.news(of: shards, at: start) where !Task.isCancelled {
            await tell(piece)
          }
        }
        guard start >= due.keyspaces else { continue }
        due.keyspaces = start + Self.topoPause
        let news = await keyspaces(vtctld)
        if !Task.isCancelled { await tell(news) }
      }
    }
  }

  private func keyspaces(_ vtctld: VtctldClient) async -> Observation.News {
    do throws(CallFailure) {
      return .topo(try await vtctld.keyspaces())
    } catch {
      return .topoFailed(error)
    }
  }
}
