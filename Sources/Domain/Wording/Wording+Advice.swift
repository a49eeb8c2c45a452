package import FleetModel
internal import Terms

extension Wording {
  /// What is wrong, and the evidence for it.
  package func finding(_ advice: Advice) -> String {
    switch advice.kind {
    case .serversDisagree(let found): words(found, of: advice.gates)
    case .bufferingOff(let vtgates, let isOffEverywhere, _):
      "\(isOffEverywhere ? "no" : "not every") \(gate(advice.gates)) buffers for this shard "
        + "(off at \(names(vtgates)))"
    case .coolDown(let wait, let basis):
      "a failover within the next \(wait.countdown) will not be buffered\(remark(basis))"
    case .failoversTooClose(let requests, let haveFailed, _):
      "\(requests.grouped) requests were not buffered: failovers too close together"
        + (haveFailed ? "" : "; none failed")
    case .bufferTooSmall(let requests, let peak, let size, let others, _):
      "\(requests.grouped) requests failed because a buffer was full"
        + fullness(peak: peak, size: size, others)
    case .windowTooShort(let requests, let window, let took, _):
      "\(requests.grouped) requests outlasted the window"
        + (window.map { " of \(words($0))" } ?? "")
        + (took.map { ", the last failover took \($0.inTenths)" } ?? "")
    case .clientsGaveUp(let requests, _):
      "\(requests.grouped) clients gave up while they were buffered"
    case .maxDurationExceeded(let time, _):
      "buffering was given up after \(time.inTenths), before a primary was seen"
    case .waitedForAnother(let culprit, let isOver):
      "requests \(isOver ? "were" : "are") held because \(culprit) \(isOver ? "had" : "has") no "
        + "primary: vtgate holds a whole keyspace until its last shard is back"
    case .rolledBack(let primary):
      "\(primary.short) is primary again: the reparent was rolled back or never done"
    case .cutoverUnderWay(let cutover, let inFlight, let limit):
      "\(words(cutover)), \(inFlight.map(\.grouped) ?? "nobody knows how much") in flight, "
        + "\(words(limit)) at most"
    case .cutoverNotDone(let cutover):
      "\(words(cutover)): \(quote(cutover.from)) serves on"
    case .serverNotUsable(let server, let fault, _): words(fault, of: server)
    case .primaryReadOnly(let server, _): "\(quote(server)) serves and is read-only: writes fail"
    case .switchAhead(let workflow, let age, _): words(workflow, age: age)
    case .trafficSwitch(let held):
      "a traffic switch held requests for \(held.inTenths), until the next health message of the "
        + "source's primary; clients may have waited longer"
    case .switchHalfDone(let routing):
      "a traffic switch was left half done: tables are denied, and nobody takes their writes"
        + told(routing, of: advice.shard)
    case .switchNotDone(let primary, let routing):
      "a traffic switch timed out or was cancelled, and writes stay at \(primary.short)"
        + told(routing, of: advice.shard)
    case .samePrimary(let primary):
      "requests were held and \(primary.short) stayed primary: a traffic switch that timed out, was "
        + "cancelled or ended between two health messages, or a reparent that was rolled back"
    case .vtgateUnmoved(let vtgates):
      "the counters of \(names(vtgates)) did not move in the last failover"
    case .lagOverThreshold(let lag): excess(lag)
    case .heartbeatsOff: "apps ask the throttler and are denied, because no heartbeats are written"
    case .throttlerDormant(let isUnasked):
      (isUnasked ? "nobody asks the throttler, and no" : "no")
        + " heartbeats are written: gauges show the age of the newest, which is no lag"
    }
  }

  /// What to do about it.
  package func remedy(_ advice: Advice, by means: CutoverMeans = .commands) -> String {
    func flag(_ flag: Advice.Flag) -> String { spelled(flag, in: advice) }
    func raise(_ settings: [Advice.Setting]) -> String {
      "raise "
        + settings.map { "\(flag($0.flag)) to \($0.value.asFlag)" }.joined(separator: ", ")
    }
    return switch advice.kind {
    case .serversDisagree(let found): remedy(found, of: advice.gates)
    case .bufferingOff(_, _, isLeftOut: true): "add \(advice.shard) to \(flag(.keyspaceShards))"
    case .bufferingOff(_, _, isLeftOut: false):
      advice.gates == .proxies
        ? "set \(flag(.enableBuffer)) = true in the proxy's file"
        : "start vtgate with \(flag(.enableBuffer))"
    case .coolDown: "wait, or lower \(flag(.minTimeBetweenFailovers))"
    case .failoversTooClose(_, _, let leastTime):
      "leave \(words(leastTime)) (\(flag(.minTimeBetweenFailovers))) between two "
        + (advice.gates == .proxies ? "cutovers" : "reparents")
    case .bufferTooSmall(_, _, _, _, let wanted): "raise \(flag(.size)) to \(wanted) or more"
    case .windowTooShort(_, _, _, let settings) where settings.isEmpty:
      "what keeps buffering from giving up helps them as well"
    case .windowTooShort(_, _, _, let settings): raise(settings)
    case .clientsGaveUp(_, let window):
      "let clients wait longer\(window.map { " than \(words($0))" } ?? "") (\(flag(.window)))"
    case .maxDurationExceeded(_, let settings):
      "find out why it took so long, or \(raise(settings))"
    case .waitedForAnother(let culprit, _):
      "mend \(culprit); no flag would help this shard alone"
    case .rolledBack: "read vtctld's answer; a candidate that lags must catch up first"
    case .cutoverUnderWay(let cutover, _, _): remedy(cutover, by: means)
    case .cutoverNotDone(let cutover):
      "see to its reason, then once more: \(cutoverStart(to: cutover.to, by: means))"
    case .serverNotUsable(_, .draining, _): "take the mark away, or end the cutover that needs it"
    case .serverNotUsable(_, .down, let others):
      "start it again, which loses nothing; another lacks what it has not replicated, and nobody can "
        + "say how much: \(cutoverStart(to: others.first, by: means)), then switch \(unchecked(means))"
    case .primaryReadOnly(_, let others):
      "let it take writes, or give its route to another: \(cutoverStart(to: others.first, by: means))"
    case .switchAhead(let workflow, _, let hold):
      expectation(of: workflow, hold, window: flag(.window), tick: flag(.healthCheckInterval))
    case .trafficSwitch:
      "lower \(flag(.healthCheckInterval)) of the source's vttablets (20s by default), and keep "
        + "\(flag(.window)) and SwitchTraffic's --timeout above it"
    case .switchHalfDone: "switch again, or lift the denial: SetShardTabletControl --remove"
    case .switchNotDone: "see what kept the target from catching up, then switch again"
    case .samePrimary:
      "ask vtctld how it ended: GetWorkflows of the target keyspace, GetShard \(advice.shard), or "
        + "the reparent's answer"
    case .vtgateUnmoved:
      "see whether that \(gate(advice.gates)) gets traffic for this shard, and sees its primary"
    case .lagOverThreshold(let lag):
      lag.isCustomMetric
        ? "apps that check are denied until it falls: look at what drives it"
        : "a planned reparent waits for the candidate to catch up: look at the lagging replica"
    case .heartbeatsOff:
      "start the primary's vttablet with \(flag(.heartbeatOnDemandDuration)), "
        + "or with \(flag(.heartbeatEnable))"
    case .throttlerDormant(isUnasked: true):
      "nothing to do: they are written while an app checks, where they are on demand"
    case .throttlerDormant(isUnasked: false):
      "where they are on demand, nothing to do; else start the primary's vttablet with "
        + flag(.heartbeatEnable)
    }
  }

  /// How a cutover that is under way goes on.
  private func remedy(_ cutover: ProxyCutover, by means: CutoverMeans) -> String {
    switch (cutover.phase, means) {
    case (.takingOver, _): "nothing to do: \(quote(cutover.to)) is becoming the primary"
    case (.undecided, .commands):
      "see whether \(quote(cutover.to)) takes writes: if so, sluice cutover switch, else cancel"
    case (.undecided, .key(let key)):
      "see whether \(quote(cutover.to)) takes writes: if so, switch by \(key), else cancel by it"
    case (_, .commands):
      "sluice cutover switch goes on at the new server, sluice cutover cancel at the old one"
    case (_, .key(let key)):
      "\(key) switches to the new server, or cancels and goes on at the old one"
    }
  }

  private func unchecked(_ means: CutoverMeans) -> String {
    switch means {
    case .commands: "--unchecked"
    case .key: "without the check"
    }
  }

  /// ` (peak 8, size 10); the size is shared, commerce/80- held 4 at most`.
  private func fullness(peak: Int?, size: Int?, _ others: [Shard.Neighbour]) -> String {
    let size = size.map { ", size \($0.grouped)" } ?? ""
    let names = others.prefix(3).map { "\($0.shard) held \($0.peak.grouped)" }
    return (peak.map { " (peak \($0.grouped)\(size))" } ?? "")
      + (names.isEmpty ? "" : "; the size is shared, \(names.joined(separator: ", ")) at most")
  }

  private func told(_ routing: ShardRouting?, of shard: ShardName) -> String {
    routing.map { " (\(words($0, of: shard)))" } ?? ""
  }
}
