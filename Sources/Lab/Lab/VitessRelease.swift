/// The Vitess release that the lab behaves as, and how releases differ.
///
/// Every rule names the release that introduced it; names are those of release notes and sources.
package enum VitessRelease: Int, Sendable, CaseIterable, Comparable, CustomStringConvertible {
  case v14 = 14
  case v16 = 16
  case v18 = 18
  case v20 = 20
  case v21 = 21
  case v22 = 22

  package static func < (left: VitessRelease, right: VitessRelease) -> Bool {
    left.rawValue < right.rawValue
  }

  /// The patch release that is simulated: `22.0.3`.
  package var description: String {
    switch self {
    case .v14: "14.0.5"
    case .v16: "16.0.7"
    case .v18: "18.0.8"
    case .v20: "20.0.8"
    case .v21: "21.0.5"
    case .v22: "22.0.3"
    }
  }

  // MARK: vtgate's buffer

  /// Up to v17 a vtgate without buffering counts every request as `skipped{Disabled}`; from v18 on
  /// it has no buffer at all.
  package var hasBufferWhenOff: Bool { self < .v18 }
  /// `--buffer_drain_concurrency` took effect in v19 (#15042).
  package var drainsOneByOne: Bool { self < .v20 }
  /// v18 introduced buffering of requests to tables that MoveTables moves away.
  package var buffersMovedTables: Bool { self >= .v18 }
  /// v20.0.4 and later ask the keyspace watcher before they start to buffer (#17013).
  package var asksWatcherBeforeStart: Bool { self >= .v20 }
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

  // MARK: vttablet

  /// How long a demoted primary waits for open transactions before it kills them: v20 made
  /// `--shutdown_grace_period` 3 s; before, it waits for as long as they take.
  package var transactionGrace: Duration? { self < .v20 ? nil : .seconds(3) }

  /// From v18 on the throttler's configuration is in topo alone; v16 and v17 let a flag choose.
  package var hasThrottlerFlags: Bool { self < .v18 }
  package var canHaveThrottlerConfigInTopo: Bool { self >= .v16 }
  /// 1 s up to v17.
  package var defaultThreshold: Double { self < .v18 ? 1 : 5 }
  /// v21 introduced metrics besides lag, scopes, and response codes in place of HTTP's.
  package var hasManyMetrics: Bool { self >= .v21 }
  /// v22 removed everything below `/throttler/` except `check-self`.
  package var hasThrottlerPages: Bool { self < .v22 }
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
  package var hasTolerableLag: Bool { self >= .v20 }
  package var hasThrottledAppRules: Bool { self >= .v18 }
  /// `WorkflowStatus` and the calls that change workflows: vtctldclient's own MoveTables.
  package var hasWorkflowCalls: Bool { self >= .v18 }
  package var hasThrottlerCalls: Bool { self >= .v21 }
}
