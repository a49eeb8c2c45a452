internal import ArgumentParser
internal import FleetModel
internal import Recording
internal import TerminalKit
internal import Terms
internal import Watching
internal import WhatIf
internal import Wording

/// A recorded failover that can be taken through the buffer again, by replaying it.
struct RecordedAgain {
  /// What a watch follows before it: what vtgates are, and how they are asked.
  private static let runUp: Duration = .seconds(120)
  /// How far back an earlier failover of the shard may matter.
  private static let memory: Duration = .seconds(1800)
  /// What it follows after it, until it is over.
  private static let aftermath: Duration = .seconds(61)
  /// How far apart the same failover may be in a replay that did not begin at the beginning.
  private static let tolerance: Duration = .seconds(5)

  let number: Int
  let interval: Duration
  let again: FailoverAgain
  let damage: RecordingFault?
  /// Stand-ins for all servers that were seen.
  let mask: HostMask

  init(_ path: String, failover number: Int?) throws {
    var reader = try RecordedFile.open(path)
    let info = reader.info
    let known = reader.failovers()
    let one = try RecordedFile.failover(number, among: known)
    let end = one.ended ?? reader.end()
    let company = known.filter { $0.began <= end && ($0.ended ?? end) >= one.began }
    let shards = Set(company.map(\.shard))
    let earlier = known.last { $0.shard == one.shard && $0.began < one.began }

    var start = (company.map(\.began).min() ?? one.began) - Self.runUp
    if let earlier, one.began - earlier.began < Self.memory {
      start = min(start, earlier.began - Self.tolerance * 2)
    }
    var (watch, ahead) = (Watch(info.watching, at: info.began), ArraySlice<RecordedStep>())
    var since = info.began
    if start > info.began {
      (watch, ahead) = reader.watch(at: start, info.watching)
      if earlier != nil { since = start }
    }
    var polls: [Address: [(poll: VtgatePoll, counters: ShardCounters)]] = [:]
    func follow(_ step: RecordedStep) -> Bool {
      guard step.at <= end + Self.aftermath else { return false }
      _ = watch.follow(step)
      if case .observed(let observation) = step, case .outcome(let outcome) = observation.news,
        case .gate(let reading) = outcome.result, outcome.at > start
      {
        polls[outcome.target.address, default: []].append(
          (
            VtgatePoll(
              asked: outcome.at - outcome.took, answered: outcome.at,
              primaries: Set(reading.primaryConnections.filter { $0.value > 0 }.keys)),
            reading.buffers.filter { shards.contains($0.key) }
          ))
      }
      return true
    }
    var goesOn = ahead.allSatisfy { follow($0) }
    while goesOn, let steps = reader.next() { goesOn = steps.allSatisfy { follow($0) } }
    _ = watch.settle(at: watch.now)

    let all = watch.fleet.failovers.all
    let found = all.filter { $0.shard == one.shard }
      .map { (failover: $0, distance: abs(($0.detected.at - one.began).seconds)) }
      .filter { $0.distance <= Self.tolerance.seconds }
      .min { $0.distance < $1.distance }?.failover
    guard let found else {
      throw ValidationError(
        "\(path): failover \(one.id) cannot be found again in what can be read of it"
          .safe(limit: 400))
    }
    again = FailoverAgain(found, among: all, since: since) { vtgate, failover in
      (polls[vtgate] ?? []).map { poll, counters in
        RecordedOutage.Poll(
          asked: poll.asked, answered: poll.answered,
          counters[failover.shard] ?? BufferCounters(),
          seesPrimary: poll.primaries.contains(failover.shard))
      }.around(failover)
    }
    (self.number, interval) = (one.id, info.interval)
    damage = goesOn ? reader.damage : nil
    mask = HostMask(watch.fleet.servers)
  }

  private struct VtgatePoll {
    let asked: Instant
    let answered: Instant
    let primaries: Set<ShardName>
  }
}
