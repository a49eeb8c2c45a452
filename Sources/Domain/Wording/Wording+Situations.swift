package import FleetModel
package import Terms

extension Wording {
  /// The subject: `commerce/-80`, `all 4 shards`.
  package func words(_ subject: Situation.Subject) -> String {
    switch subject {
    case .shards(0): "the fleet"
    case .shards(1): "the shard"
    case .shards(let count): "\(all(count)) shards"
    case .shard(let name): "\(name)"
    }
  }

  /// One fact, as one part of a line.
  ///
  /// `clock`: writes an instant as the reader's time of day.
  /// `gates`: the kinds of those that tell of it.
  package func words(
    _ fact: Situation.Fact, of gates: Gates, clock: (Instant) -> String
  ) -> String {
    switch fact {
    case .lasts(let time): time.inTenths
    // Once it is over, what came of it has been said before.
    case .cutover(let cutover): cutover.isUnderWay ? words(cutover) : course(cutover)
    case .cutoverUnknown: "whether it is a cutover is unknown"
    case .onlyInTopo: "only topo names it"
    case .took(let time): "in \(time.inTenths)"
    case .buffered(let time): "buffered for \(time.inTenths)"
    case .held(let held, let size): "\(held.grouped)\(size.map { " of \($0.grouped)" } ?? "") held"
    case .waited(let count): "\(count.grouped) waited"
    case .notBuffered(let count): "\(count.grouped) not buffered"
    case .failed(let failed): count(failed)
    case .windowEnds(let time, let basis): "the window ends in \(time.inTenths)\(remark(basis))"
    case .windowPassed: "past window and maximum"
    case .givesUp(let time, let basis):
      "past the window, gives up in \(time.inTenths)\(remark(basis))"
    case .coolDown(let time, let basis):
      "the next failover is buffered again in \(time.countdown)\(remark(basis))"
    case .waitsFor(let shard): "waits for \(shard)"
    case .others(let count): "\(count.grouped) more shard\(count == 1 ? "" : "s") in trouble"
    case .relaySilent: "Prometheus tells nothing"
    case .sourcesFail(let count):
      count == 1 ? "discovery fails" : "\(count.grouped) sources of discovery fail"
    case .nobodyNamed: "nobody names a server"
    case .silentVtgates(let silent, let all):
      silent == all
        ? silence(silent, of: all, gates)
        : "\(silent.grouped) of \(count(all, of: gates)) silent"
    case .setAside(let count): "\(count.grouped) set aside"
    case .noFailover(let since): "no failover since \(clock(since))"
    case .lastFailover(let shard, let at, let failed):
      "last failover at \(clock(at)) of \(shard), \(count(failed))"
    case .lagOver(let lag, let shard):
      (shard.map { "\($0): " } ?? "") + excess(lag)
    case .notServing(let count, let first):
      count == 1
        ? notServing(1, [first], of: gates)
        : "\(count.grouped) \(member(of: gates))s do not serve"
    case .problems(let count): "\(count.grouped) problem\(count == 1 ? "" : "s")"
    case .lagAtMost(let seconds): "lag at most \(Self.bound(seconds).inHundredths) s"
    case .lagUnknown(_, of: 1): "lag unknown"
    case .lagUnknown(let shards, _):
      "lag of \(shards.grouped) shard\(shards == 1 ? "" : "s") unknown"
    }
  }

  /// A fact in fewer words, where there are any: `lag 7.3 s, over 5 s`.
  package func brief(_ fact: Situation.Fact) -> String? {
    guard case .lagOver(let lag, _) = fact, let value = value(lag), let threshold = lag.threshold
    else { return nil }
    return "\(lag.metric.name) \(value), over \(threshold.inHundredths)\(lag.metric.unit)"
  }

  /// Vtgates that do not answer: `1 of 3 vtgates does not answer`.
  func silence(_ silent: Int, of all: Int, _ gates: Gates) -> String {
    if silent == all {
      return all == 1 ? "the \(gate(gates)) does not answer" : "no \(gate(gates)) answers"
    }
    return
      "\(silent.grouped) of \(count(all, of: gates)) \(silent == 1 ? "does" : "do") not answer"
  }

  /// The next round number of seconds; the exact one stands in the row, and this line should not
  /// change every second while all is well.
  private static func bound(_ seconds: Double) -> Double {
    [0, 0.1, 0.2, 0.5].first { seconds <= $0 } ?? seconds.rounded(.up)
  }

  /// `6 failed`, `at least 6 failed`, `what failed is unknown`.
  private func count(_ failed: Failed) -> String {
    guard let count = failed.count else { return "what failed is unknown" }
    let least = failed.isAtLeast ? "at least " : failed.isEstimate ? "about " : ""
    return "\(least)\(count.grouped) failed"
      + (failed.isOfKeyspace && count > 0 ? " in the keyspace" : "")
  }
}
