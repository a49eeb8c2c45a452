package import Terms

extension Advice {
  /// What a rule has found, the evidence for it, and the value to set where there is one.
  package enum Kind: Sendable, Equatable {
    case serversDisagree(Disagreement)
    /// `isLeftOut`: buffering is on at one of them, but its list of shards lacks this one.
    case bufferingOff(at: [Address], isOffEverywhere: Bool, isLeftOut: Bool)
    /// A failover within this time will not be buffered.
    case coolDown(Duration, leastTime: BufferFlags.Basis)
    case failoversTooClose(requests: Int, haveFailed: Bool, leastTime: BufferFlags.KnownLimit)
    /// `peak`: the most that the fullest vtgate held for the shard; `others`: the most that other
    /// shards held in it.
    case bufferTooSmall(
      requests: Int, peak: Int?, size: Int?, others: [Shard.Neighbour], wanted: Int)
    /// `took`: how long the last failover took, where it is over and that is known; `raise`: empty where
    /// ``maxDurationExceeded(after:raise:)`` says it.
    case windowTooShort(
      requests: Int, window: BufferFlags.KnownLimit?, took: Duration?, raise: [Setting])
    case clientsGaveUp(requests: Int, window: BufferFlags.KnownLimit?)
    case maxDurationExceeded(after: Duration, raise: [Setting])
    case waitedForAnother(ShardName, isOver: Bool)
    /// The old primary is primary again.
    case rolledBack(to: TabletAlias)
    /// A proxy holds the route for it; `limit`: it ends by itself after that.
    case cutoverUnderWay(ProxyCutover, inFlight: Int?, limit: BufferFlags.KnownLimit)
    /// It was cancelled or timed out.
    case cutoverNotDone(ProxyCutover)
    /// The server that a route leads to; `others`: those that it could be given to.
    case serverNotUsable(String, ProxyRoute.ServerFault, others: [String])
    /// Writes fail there, though it serves.
    case primaryReadOnly(String, others: [String])
    /// A workflow that takes writes away once it is switched, and how long ago vtctld told of it.
    case switchAhead(TrafficWorkflow, age: Duration, SwitchHold)
    /// How long a traffic switch held requests.
    case trafficSwitch(Duration)
    /// Tables are denied here, and their writes are accepted nowhere.
    case switchHalfDone(ShardRouting?)
    /// The switch timed out or was cancelled.
    case switchNotDone(staysAt: TabletAlias, ShardRouting?)
    case samePrimary(TabletAlias)
    case vtgateUnmoved([Address])
    case lagOverThreshold(Lag)
    case heartbeatsOff
    case throttlerDormant(isUnasked: Bool)
  }

  /// What the shard's vtgates do with requests while its writes are switched away.
  package enum SwitchHold: Sendable, Equatable {
    case held
    /// Buffering is off for the shard at all of them.
    case off
    /// Their release does not buffer this.
    case unsupported
    /// Their releases are not known, or nobody answers.
    case unknown
    /// Some hold them.
    case differing

    package init(_ answers: Set<SwitchHold>) {
      self = answers.count > 1 ? .differing : answers.first ?? .unknown
    }
  }

  /// A flag of vtgate or vttablet, spelled with dashes.
  package enum Flag: String, Sendable {
    case enableBuffer = "enable-buffer"
    case keyspaceShards = "buffer-keyspace-shards"
    case size = "buffer-size"
    case window = "buffer-window"
    case maxFailoverDuration = "buffer-max-failover-duration"
    case minTimeBetweenFailovers = "buffer-min-time-between-failovers"
    case healthCheckInterval = "health-check-interval"
    case heartbeatEnable = "heartbeat-enable"
    case heartbeatOnDemandDuration = "heartbeat-on-demand-duration"
  }

  /// The value that a time flag should have, in whole seconds.
  package struct Setting: Sendable, Equatable {
    package let flag: Flag
    package let value: Duration

    package init(_ flag: Flag, _ value: Duration) {
      self.flag = flag
      self.value = value
    }
  }
}

extension Advice.Kind {
  package var rule: Advice.Rule {
    switch self {
    case .serversDisagree: .serversDisagree
    case .bufferingOff: .bufferingOff
    case .coolDown: .coolDown
    case .failoversTooClose: .failoversTooClose
    case .bufferTooSmall: .bufferTooSmall
    case .windowTooShort: .windowTooShort
    case .clientsGaveUp: .clientsGaveUp
    case .maxDurationExceeded: .maxDurationExceeded
    case .waitedForAnother: .waitedForAnother
    case .rolledBack: .rolledBack
    case .cutoverUnderWay: .cutoverUnderWay
    case .cutoverNotDone: .cutoverNotDone
    case .serverNotUsable: .serverNotUsable
    case .primaryReadOnly: .primaryReadOnly
    case .switchAhead: .switchAhead
    case .trafficSwitch: .trafficSwitch
    case .switchHalfDone, .switchNotDone, .samePrimary: .samePrimary
    case .vtgateUnmoved: .vtgateUnmoved
    case .lagOverThreshold: .lagOverThreshold
    case .heartbeatsOff: .heartbeatsOff
    case .throttlerDormant: .throttlerDormant
    }
  }

  /// Its name in machine-readable output: the rule's, except where one rule covers several kinds.
  package var name: String {
    switch self {
    case .switchHalfDone: "switch-half-done"
    case .switchNotDone: "switch-not-done"
    default: rule.rawValue
    }
  }

  package var severity: FleetEvent.Severity {
    switch self {
    case .serversDisagree(let found): found.severity
    // What it cost decides, not its name: a request that was let through may have succeeded.
    case .failoversTooClose(_, let haveFailed, _): haveFailed ? .critical : .notice
    case .bufferTooSmall, .clientsGaveUp, .maxDurationExceeded, .switchHalfDone, .serverNotUsable:
      .critical
    case .cutoverNotDone, .primaryReadOnly, .bufferingOff, .windowTooShort, .waitedForAnother,
      .rolledBack, .switchNotDone,
      .samePrimary, .lagOverThreshold, .heartbeatsOff:
      .warning
    case .coolDown, .cutoverUnderWay, .switchAhead, .trafficSwitch, .vtgateUnmoved,
      .throttlerDormant:
      .notice
    }
  }
}
