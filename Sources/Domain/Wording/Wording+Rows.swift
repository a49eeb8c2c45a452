package import FleetModel
internal import Terms

/// A shard or a failover in one line, with everything that matters.
extension Wording {
  /// A shard in words: `BUFFERING, primary zone1-201?, held 312, …`.
  package func words(_ shard: ShardSummary) -> String {
    let primary = shard.primary.map { "\($0.short)" + (shard.primaryIsServing ? "" : "?") }
    var parts = [
      shard.idleness.map { word($0) } ?? shard.state.word,
      "primary \(primary ?? (shard.hasNeverHadPrimary ? "none" : "unknown"))",
    ]
    if let hold = shard.hold { parts.append(words(hold)) }
    if shard.onlyInTopo != nil { parts.append("only topo names it") }
    if shard.hasCounters {
      let counters = shard.counters
      parts += [
        number("held", shard.held), number("buffered", counters[.buffered]),
        number("drained", counters[.drained]), number("evicted", counters[.evicted]),
        number("skipped", counters[.skipped]),
      ]
      if let failed = shard.failed { parts.append(words(failed)) }
    } else if shard.countersCaveat == nil {
      parts.append("no counters")
    }
    if let caveat = shard.countersCaveat { parts.append(words(caveat)) }
    if shard.isBufferingOff { parts.append("buffering off") }
    if let lag = value(shard.lag) {
      let metric = shard.lag.metric
      let threshold = shard.lag.threshold.map { " of \($0.inHundredths)\(metric.unit)" } ?? ""
      parts.append("\(metric.name) \(lag)\(threshold)")
    }
    if shard.lag.isOverThreshold { parts.append("over the threshold") }
    if let caveat = shard.lag.caveat {
      parts.append(shard.lag.value == nil ? unknown(shard.lag, caveat) : words(caveat))
    }
    if !shard.throttledApps.isEmpty {
      parts.append("throttled: \(shard.throttledNames.joined(separator: " "))")
    }
    return parts.joined(separator: ", ")
  }

  private func number(_ name: String, _ number: Int?) -> String {
    "\(name) \(number?.grouped ?? "unknown")"
  }

  /// A failover in words: `commerce/-80 failover 3 is over: recovered, failed 0, …`.
  package func words(_ failover: Failover) -> String {
    let counts = failover.counts
    let verdict = failover.ended == nil ? "goes on" : "is over: \(word(failover.verdict))"
    var parts = [
      "\(failover.shard) \(word(failover.kind)) \(failover.id) \(verdict)",
      words(failover.failed),
      "\(failover.cutover == nil ? "primary" : "writes") \(primaries(failover))",
    ]
    if failover.kind == .failover, let culprit = failover.waitedFor {
      parts.append("waited for \(culprit)")
    }
    let codes = failover.failed.codes.sorted { $0.key < $1.key }
      .map { "\($0.key) \($0.value.grouped)" }
    if !codes.isEmpty { parts.append("client errors \(codes.joined(separator: " "))") }
    if let routing = failover.routing {
      parts.append("topo: \(words(routing, of: failover.shard))")
    }
    if failover.episodes > 1 {
      parts.append("\(failover.episodes.grouped) of them between two polls")
    }
    if failover.hidesUnbuffered { parts.append("and another that was not buffered") }
    if let longest = failover.longestBuffering {
      parts.append("buffered for \(longest.inTenths)")
    }
    if let uncertainty = failover.detected.uncertainty {
      parts.append("began up to \(uncertainty.inTenths) before it was seen")
    }
    parts += [
      number("peak", failover.peak), number("buffered", counts[.buffered]),
      number("drained", counts[.drained]), number("evicted", counts[.evicted]),
      number("skipped", counts[.skipped]), number("lost", counts.lost),
    ]
    return parts.joined(separator: ", ")
  }
}
