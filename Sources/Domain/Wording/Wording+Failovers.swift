package import FleetModel
package import Terms

extension Wording {
  /// What kind of failover it was; JSON uses the same word.
  package func word(_ kind: Failover.Kind) -> String {
    switch kind {
    case .failover: "failover"
    case .trafficSwitch: "traffic switch"
    case .unchanged: "buffering"
    case .cutover: "cutover"
    case .errors: "errors"
    }
  }

  /// How it went; JSON uses the same word.
  package func word(_ verdict: Failover.Verdict) -> String {
    switch verdict {
    case .goingOn: "going on"
    case .recovered: "recovered"
    case .recoveredWithFailures: "recovered with failures"
    case .gaveUp: "gave up"
    case .notBuffered: "not buffered"
    case .switched: "switched"
    case .notSwitched: "not switched"
    case .halfSwitched: "half switched"
    case .unchanged: "same primary"
    case .unknown: "unknown"
    }
  }

  /// What an assumed count of failures is based on.
  package var assumedAttempts: String {
    "\(BufferFlags(source: .defaults).retryCount + 1) attempts a query assumed"
  }

  /// The primary before and after: `zone1-100 to zone1-101`, or that it did not change; of a cutover
  /// the keyspaces, `commerce to customer`.
  package func primaries(_ failover: Failover) -> String {
    if let cutover = failover.cutover { return "\(cutover.from) to \(cutover.to)" }
    if failover.isOfUnknownPrimaries { return "unknown" }
    let before = failover.primaryBefore?.short ?? "unknown"
    switch failover.kind {
    case .failover where failover.waitedFor == nil:
      return "\(before)" + (after(failover).map { " to \($0)" } ?? ", none new yet")
    case .cutover:
      return failover.plannedCutover.map {
        "\(quote($0.from))\($0.isUndone ? ", not" : " to") \(quote($0.to))"
      } ?? before
    case .failover, .trafficSwitch, .unchanged, .errors: return "\(before) throughout"
    }
  }

  /// The primary after it; nil while there may still come one.
  private func after(_ failover: Failover) -> String? {
    failover.primaryAfter?.short ?? (failover.ended == nil ? nil : "unknown")
  }

  /// The end of the same: `to zone1-102`, or the primary that there was throughout.
  package func primaryInTheEnd(_ failover: Failover) -> String {
    if let cutover = failover.cutover { return "to \(cutover.to)" }
    if failover.isOfUnknownPrimaries { return "unknown" }
    return switch failover.kind {
    case .failover where failover.waitedFor == nil:
      after(failover).map { "to \($0)" } ?? "none yet"
    case .failover, .cutover, .trafficSwitch, .unchanged, .errors:
      failover.primaryBefore?.short ?? "unknown"
    }
  }

  /// `failed 6`, `failed at least 6 in the keyspace`, `failed unknown`.
  package func words(_ failed: Failed) -> String {
    guard let count = failed.count else { return "failed unknown" }
    let least = failed.isAtLeast ? "at least " : failed.isEstimate ? "about " : ""
    return "failed \(least)\(count.grouped)"
      + (failed.isOfKeyspace && count > 0 ? " in the keyspace" : "")
      + (failed.isAssumed ? " (\(assumedAttempts))" : "")
  }

  /// What both tiers do while traffic is switched: the primary refuses, vtgates hold.
  ///
  /// `silent`: vtgates that do not answer now, of which nobody knows what they hold.
  package func switching(
    _ failover: Failover, refusing tables: Set<String>, silent: Set<Address>
  ) -> String {
    let holding = failover.tracks.count { $0.isBuffering && !silent.contains($0.address) }
    let noun = gate(failover.gates)
    let gates =
      switch holding {
      case 0:
        silent.isEmpty ? "no \(noun) holds requests" : "no \(noun) that answers holds requests"
      case 1: "1 \(noun) holds requests"
      default: "\(count(holding, of: failover.gates)) hold requests"
      }
    let unknown =
      silent.isEmpty
      ? "" : ", \(silent.count.grouped) \(silent.count == 1 ? "does" : "do") not answer"
    return quote("the primary refuses \(list(tables)); \(gates)\(unknown)")
  }

  /// Where the topology and the workflows send a shard's writes: `commerce/0 denies t1;
  /// customer.m1: running`.
  package func words(_ routing: ShardRouting, of shard: ShardName) -> String {
    let place =
      if !routing.isPrimaryServing {
        "\(shard) no longer serves writes"
      } else if routing.deniedTables.isEmpty {
        "\(shard) denies no table"
      } else {
        "\(shard) denies \(list(routing.deniedTables))"
      }
    let workflows = routing.workflows(deciding: shard).prefix(3).map { workflow in
      "\(workflow.label): \(workflow.trafficState ?? (workflow.isFrozen ? "frozen" : "running"))"
    }
    return quote(([place] + workflows).joined(separator: "; "))
  }
}
