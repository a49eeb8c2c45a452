package import Terms

/// Something to fix in a shard, or to know about it: a kind with its evidence.
///
/// The rules come from Vitess' guide to buffering scenarios and from vtgate's own code
/// (go/vt/vtgate/buffer). Each looks at one shard at one moment, so advice that no longer holds
/// simply disappears. Its words are `Wording`'s.
package struct Advice: Sendable, Equatable {
  package let shard: ShardName
  package let kind: Kind
  /// Its servers spell flags with dashes rather than underscores.
  package let spellsFlagsWithDashes: Bool
  /// The kinds of gates that hold the shard's requests: proxies have no flags, but a file.
  package let gates: Gates

  package init(
    _ kind: Kind, for shard: ShardName, spellsFlagsWithDashes: Bool = false,
    gates: Gates = .vtgates
  ) {
    self.gates = gates
    self.kind = kind
    self.shard = shard
    self.spellsFlagsWithDashes = spellsFlagsWithDashes
  }

  package enum Rule: String, Sendable, CaseIterable {
    case serversDisagree = "servers-disagree"
    case bufferingOff = "buffering-off"
    case coolDown = "cool-down"
    case failoversTooClose = "failovers-too-close"
    case bufferTooSmall = "buffer-too-small"
    case windowTooShort = "window-too-short"
    case clientsGaveUp = "clients-gave-up"
    case maxDurationExceeded = "max-duration-exceeded"
    case waitedForAnother = "waited-for-another"
    case rolledBack = "rolled-back"
    case cutoverUnderWay = "cutover-under-way"
    case cutoverNotDone = "cutover-not-done"
    case serverNotUsable = "server-not-usable"
    case primaryReadOnly = "primary-read-only"
    case switchAhead = "switch-ahead"
    case trafficSwitch = "traffic-switch"
    case samePrimary = "same-primary"
    case vtgateUnmoved = "vtgate-unmoved"
    case lagOverThreshold = "lag-over-threshold"
    case heartbeatsOff = "heartbeats-off"
    case throttlerDormant = "throttler-dormant"
  }

  package var rule: Rule { kind.rule }
  package var severity: FleetEvent.Severity { kind.severity }
}

extension Shard {
  /// The advice that holds at this moment, most severe first.
  package func advice(at now: Instant) -> [Advice] {
    let scene = AdviceScene(shard: self, now: now)
    return Advice.Rule.allCases.compactMap { scene.finding($0) }
      .map {
        Advice(
          $0, for: summary.name, spellsFlagsWithDashes: scene.spellsFlagsWithDashes, gates: gates)
      }
      .enumerated()
      .sorted { ($1.element.severity, $0.offset) < ($0.element.severity, $1.offset) }
      .map(\.element)
  }
}
