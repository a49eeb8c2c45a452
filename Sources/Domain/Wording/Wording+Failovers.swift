package import FleetModel
internal import Terms

extension Wording {
  /// What a failover is called; JSON has the same word.
  package func word(_ kind: Failover.Kind) -> String {
    switch kind {
    case .failover: "failover"
    case .trafficSwitch: "traffic switch"
    case .unchanged: "buffering"
    case .errors: "errors"
    }
  }

  /// How it went; JSON has the same word.
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

  /// `failed 6`, `failed at least 6 in the keyspace`, `failed unknown`.
  package func words(_ failed: Failed) -> String {
    guard let count = failed.count else { return "failed unknown" }
    let least = failed.isAtLeast ? "at least " : failed.isEstimate ? "about " : ""
    return "failed \(least)\(count.grouped)"
      + (failed.isOfKeyspace && count > 0 ? " in the keyspace" : "")
      + (failed.isAssumed ? " (3 attempts a query assumed)" : "")
  }
}
