/// The Vitess release that the lab behaves as, and how releases differ.
///
/// Every rule names the release that introduced it; names are those of release notes and sources.
package enum VitessRelease: Int, Sendable, CaseIterable, Comparable, CustomStringConvertible {
  case v14 = 14
  case v15
  case v16
  case v17
  case v18
  case v19
  case v20
  case v21
  case v22
  case v23
  /// Not released yet: the development head of March 2026.
  case v24

  package static func < (left: VitessRelease, right: VitessRelease) -> Bool {
    left.rawValue < right.rawValue
  }

  /// The patch release that is simulated: `22.0.3`.
  package var description: String {
    switch self {
    case .v14: "14.0.5"
    case .v15: "15.0.5"
    case .v16: "16.0.7"
    case .v17: "17.0.7"
    case .v18: "18.0.8"
    case .v19: "19.0.10"
    case .v20: "20.0.8"
    case .v21: "21.0.5"
    case .v22: "22.0.3"
    case .v23: "23.0.0"
    case .v24: "24.0.0-SNAPSHOT"
    }
  }

  /// Flags are spelled with dashes; before v23 most have underscores.
  package func flag(_ name: String) -> String {
    self < .v23 ? "--\(name)" : "--" + name.map { $0 == "_" ? "-" : String($0) }.joined()
  }

  // MARK: vtgate's buffer

  /// Up to v17 a vtgate without buffering counts every request as `skipped{Disabled}`; from v18 on
  /// it has no buffer at all.
  package var hasBufferWhenOff: Bool { self < .v18 }
  /// `--buffer_drain_concurrency` took effect in v19 (#15042).
  package var drainsOneByOne: Bool { self < .v19 }
  /// v18 introduced buffering of requests to tables that MoveTables moves away.
  package var buffersMovedTables: Bool { self >= .v18 }
  /// v19.0.8, v20.0.4 and all later ones ask the keyspace watcher before they start to buffer
  /// (#17013).
  package var asksWatcherBeforeStart: Bool { self >= .v19 }
  /// v14 to v17 refuse to start unless the pause between failovers is twice the longest failover.
  package var wantsPauseOfTwiceTheDuration: Bool { self < .v18 }
  /// v20 and later refuse a pause below one second; v18 and v19 check nothing.
  package var wantsPauseOfASecond: Bool { self >= .v20 }
  /// From v21 on vtgate words it less certainly.
  package var primaryNotServing: String {
    self < .v21
      ? "primary is not serving, there is a reparent operation in progress"
      : "primary is not serving, there may be a reparent operation in progress"
  }

  /// v23 denies a MoveTables' tables where they are not served yet, from its creation on; v16 only
  /// where writes have left.
  package var deniesTablesUntilSwitched: Bool { self >= .v18 }
  /// v16 leaves the tables denied if the caller of a switch goes away; v23 undoes the switch.
  package var undoesCanceledSwitch: Bool { self >= .v18 }

  /// v22 counts query executions and routes; v23 has dropped what was counted instead of them
  /// before, and counts transactions.
  package var countsQueryExecutions: Bool { self >= .v22 }
  package var countsQueriesProcessed: Bool { self < .v23 }
  package var countsTransactions: Bool { self >= .v23 }
  /// The content type of `/metrics` says how names are escaped.
  package var namesEscaping: Bool { self >= .v22 }
  /// The variable `BuildVersion`.
  package var tellsItsVersion: Bool { self >= .v19 }

  // MARK: vttablet

  /// `vttablet_tablet_server_state` names keyspace, shard and type besides the state (recorded on
  /// v23, and not on v16 and v22).
  package var namesTabletInServerState: Bool { self >= .v23 }

  /// How long a demoted primary waits for open transactions before it kills them: v20 made
  /// `--shutdown_grace_period` 3 s; before, it waits for as long as they take.
  package var transactionGrace: Duration? { self < .v20 ? nil : .seconds(3) }

  /// From v18 on the throttler's configuration is in topo alone; v16 and v17 let a flag choose,
  /// `--throttler-config-via-topo`.
  package var hasThrottlerFlags: Bool { self < .v18 }
  package var canHaveThrottlerConfigInTopo: Bool { self >= .v16 }
  /// The flag's default.
  package var prefersThrottlerConfigInTopo: Bool { self >= .v17 }
  /// v15 exports the throttler's numbers (#10443).
  package var exportsThrottler: Bool { self >= .v15 }
  /// 1 s up to v17.
  package var defaultThreshold: Double { self < .v18 ? 1 : 5 }
  /// v21 introduced metrics besides lag, scopes, and response codes in place of HTTP's.
  package var hasManyMetrics: Bool { self >= .v21 }
  /// v22 removed everything below `/throttler/` except `check-self`.
  package var hasThrottlerPages: Bool { self < .v22 }
  /// `RecentlyChecked` in a check's answer, apps that are never throttled, and 200 where a tablet that
  /// leads nobody is asked for its shard's value, rather than 404.
  package var tellsRecentChecks: Bool { self >= .v17 }
  /// A failed probe is named by the tablet's alias, rather than by host and port.
  package var namesProbesByAlias: Bool { self >= .v19 }
  /// Rules with `exempt`, and rules in topo.
  package var hasExemptRules: Bool { self >= .v18 }
  /// `p=low`.
  package var hasLowPriority: Bool { self < .v20 }
  /// v20 made dormancy real: before, a throttler's own checks kept it awake.
  package var canBeDormant: Bool { self >= .v20 }
  /// From v20 on only the leader asks for heartbeats.
  package var onlyLeaderRequestsHeartbeats: Bool { self >= .v20 }
  /// From v21 on heartbeats are written on demand unless a flag says otherwise, for 10 s after each
  /// check; nil: no such default.
  package var heartbeatLease: Duration? { self >= .v21 ? .seconds(10) : nil }
  /// From v22 on an expired rule is deleted from topo rather than stored (#17283).
  package var deletesExpiredRules: Bool { self >= .v22 }

  // MARK: vtctld

  /// The CLI's and vtctld's remote operation timeout: 15 s from v16 on (go/vt/topo/locks.go).
  package var remoteOperationTimeout: Duration { self < .v16 ? .seconds(30) : .seconds(15) }
  package var hasExpectedPrimary: Bool { self >= .v21 }
  /// `PlannedReparentShardRequest.allow_cross_cell_promotion`; before, only a tablet that is named is
  /// promoted in another cell.
  package var canElectAcrossCells: Bool { self >= .v21 }
  package var hasTolerableLag: Bool { self >= .v19 }
  /// `GetFullStatus` and `GetTopologyPath`.
  package var hasFullStatus: Bool { self >= .v15 }
  /// `Keyspace.sidecar_db_name`.
  package var hasSidecarName: Bool { self >= .v17 }
  package var hasThrottledAppRules: Bool { self >= .v18 }
  /// `WorkflowStatus` and the calls that change workflows: vtctldclient's own MoveTables.
  package var hasWorkflowCalls: Bool { self >= .v18 }
  package var hasThrottlerCalls: Bool { self >= .v21 }
}
