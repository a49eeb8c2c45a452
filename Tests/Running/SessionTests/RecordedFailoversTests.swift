import FleetModel
import Foundation
import Terms
import TestSupport
import Testing
import VitessClient

/// A recorded vtgate's counters fed to the fleet as they were polled, and what they hold besides: read
/// here by other means than the product's.
private struct Recording {
  static let shard = ShardName(keyspace: "commerce", shard: "0")
  static let gate = Address(host: "gate", port: 15001)
  static let origin = Instant(secondsSinceEpoch: 1_795_000_000)

  struct Tick {
    let at: Instant
    /// Nil when the vtgate did not answer.
    let lines: [String]?

    /// The value of the series whose name and labels contain all the texts.
    func value(_ texts: String...) -> Int? {
      let line = lines?.first { line in texts.allSatisfy { line.contains($0) } }
      return line?.split(separator: " ").last.flatMap { Double($0) }.map { Int($0) }
    }

    func sum(_ name: String) -> Int {
      (lines ?? []).filter { $0.hasPrefix(name + "{") }
        .compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }
        .reduce(0) { $0 + Int($1) }
    }
  }

  let ticks: [Tick]

  /// Keeps every `step`th tick, from `offset` on.
  init(_ name: String, every step: Int = 1, from offset: Int = 0) throws {
    let objects = try Fixtures.objects("\(name).timeline.ndjson.gz")
    ticks = objects.enumerated().filter { $0.offset % step == offset % step }.map { _, object in
      let vtgate = object["vtgate"] as? [String: Any]
      let rel = object["rel"] as? Double ?? 0
      return Tick(
        at: Self.origin + .milliseconds(Int((rel * 1000).rounded())),
        lines: vtgate?["status"] as? Int == 200
          ? (vtgate?["lines"] as? [String] ?? []) + (vtgate?["other"] as? [String] ?? []) : nil)
    }
  }

  /// The same with no answer for three seconds from the first that shows buffering on: the poll takes
  /// so long.
  var withASlowPoll: Recording {
    guard let start = ticks.first(where: { $0.value("vtgate_buffer_starts{") == 1 })?.at else {
      return self
    }
    let isLate = { (tick: Tick) in
      tick.at > start && tick.at < start + .seconds(3) && tick.at != ticks.last?.at
    }
    return Recording(ticks: ticks.filter { !isLate($0) })
  }

  private init(ticks: [Tick]) { self.ticks = ticks }

  /// The counters as the product reads them, and the primary that they show.
  private func reading(_ lines: [String], _ promotions: inout Int) -> VtgateReading {
    var reading = VtgateMetrics(body: Array((lines.joined(separator: "\n") + "\n").utf8)).reading
    let hasPrimary = lines.contains {
      $0.hasPrefix("vtgate_healthcheck_connections{") && $0.contains("tablet_type=\"primary\"")
    }
    // Another one after each promotion; v16 does not count them.
    let tick = Tick(at: Self.origin, lines: lines)
    promotions = max(
      promotions,
      tick.value("vtgate_healthcheck_primary_promoted{")
        ?? tick.value("vtgate_buffer_stops{", "NewPrimarySeen") ?? 0)
    reading.tablets = GatewayTablets([
      GatewayTablet(
        alias: TabletAlias(cell: "zone1", uid: UInt32(100 + promotions)), shard: Self.shard,
        type: .primary, isServing: hasPrimary, primaryTermStart: 1 + promotions)
    ])
    return reading
  }

  /// What the fleet makes of it, some quiet seconds later.
  func failovers() -> SharingArray<Failover> {
    var fleet = Fleet()
    var promotions = 0
    func send(_ result: ScrapeOutcome.Result, _ at: Instant) {
      fleet.apply(
        ScrapeOutcome(target: Target(.vtgate, Self.gate), at: at, took: .zero, result: result))
      fleet.settle(at: at)
    }
    for tick in ticks {
      if let lines = tick.lines {
        send(.gate(reading(lines, &promotions)), tick.at)
      } else {
        send(.failed(ScrapeFailure.unreachable(.refused)), tick.at)
      }
    }
    for second in 1...8 {
      if let last = ticks.last, let lines = last.lines {
        send(.gate(reading(lines, &promotions)), last.at + .seconds(second))
      }
    }
    return fleet.failovers.all
  }
}

@Suite struct RecordedFailoversTests {
  /// Recordings in which the vtgate buffers once, at ten polls a second.
  @Test(arguments: [
    "vitess-16/failovers/prs-buffer", "vitess-16/failovers/prs-buffer-size-4",
    "vitess-16/failovers/prs-slow-catch-up", "vitess-16/failovers/prs-window-1s-open-transaction",
    "vitess-16/failovers/prs-fails-wait-replicas-timeout",
    "vitess-16/failovers/prs-max-failover-duration-3s",
    "vitess-16/failovers/ers-primary-mysqld-killed", "vitess-22/failovers/prs-buffer",
    "vitess-22/failovers/prs-buffer-size-4", "vitess-22/failovers/prs-slow-catch-up",
    "vitess-22/failovers/prs-window-1s-open-transaction",
    "vitess-22/failovers/prs-max-failover-duration-2s",
    "vitess-22/failovers/prs-client-timeouts-1s", "vitess-22/failovers/ers-primary-mysqld-killed",
    "vitess-22/failovers/prs-buffer-listed-shard",
  ])
  func oneFailoverIsReportedAsRecorded(_ name: String) throws {
    for (every, offset, isSlow) in [
      (1, 0, false), (1, 0, true), (10, 0, false), (10, 3, false), (10, 7, false),
    ] {
      var recording = try Recording(name, every: every, from: offset)
      if isSlow { recording = recording.withASlowPoll }
      let failovers = recording.failovers()
      try #require(failovers.count == 1, "\(name) every \(every)")
      let failover = failovers[0]
      let track = try #require(failover.tracks.first)
      let last = try #require(recording.ticks.last)

      // Totals and exact durations hold at any rate.
      #expect(track.episodes == 1)
      #expect(track.counts.buffered == last.value("vtgate_buffer_requests_buffered{"))
      #expect(track.counts.drained == last.value("vtgate_buffer_requests_drained{"))
      #expect(track.counts.evictedTotal == last.sum("vtgate_buffer_requests_evicted"))
      #expect(track.counts.skippedTotal == last.sum("vtgate_buffer_requests_skipped"))
      #expect(
        track.duration?.wholeNanoseconds
          == last.value("last_failover_duration_ms").map { Int64($0) * 1_000_000 })
      #expect(track.peak == last.value("last_requests_in_flight_max"))
      #expect(failover.ended != nil && failover.phase == .ended)

      // Moments hold within one poll.
      func first(_ condition: (Recording.Tick) -> Bool) -> Instant? {
        recording.ticks.first(where: condition)?.at
      }
      #expect(track.started?.at == first { $0.value("vtgate_buffer_starts{") == 1 })
      #expect(track.stopped?.at == first { $0.sum("vtgate_buffer_stops") == 1 })
      #expect(
        track.drained?.at
          == first {
            $0.sum("vtgate_buffer_stops") == 1
              && $0.value("vtgate_buffer_requests_buffered{")
                == ($0.value("vtgate_buffer_requests_drained{") ?? 0)
                + $0.sum("vtgate_buffer_requests_evicted")
          })
      #expect(track.started?.uncertainty ?? .zero <= .milliseconds(every * 100 + 20))
      let lost = track.counts.evicted[.bufferFull, default: 0]
      #expect(failover.failed.count ?? 0 >= lost)
      #expect(
        failover.verdict
          == (track.counts.stops[.maxDurationExceeded] != nil
            ? .gaveUp : failover.failed.isSomething ? .recoveredWithFailures : .recovered))
    }
  }

  /// The number is what six clients noted while they were recorded, but for two recordings in which
  /// vtgate itself counted one more (`vtgate_api_error_counts` at the end).
  @Test(arguments: [
    ("prs-buffer", 0), ("prs-buffer-listed-shard", 0), ("prs-slow-catch-up", 0),
    ("prs-buffer-size-4", 4), ("prs-buffer-disabled", 18), ("prs-buffer-dry-run", 6),
    ("prs-buffer-other-keyspace-only", 6), ("prs-fails-wait-replicas-timeout", 1),
    ("prs-twice-5s-apart", 6), ("ers-primary-mysqld-killed", 6),
    ("prs-max-failover-duration-2s", 91), ("prs-window-1s-open-transaction", 13),
  ])
  func whatFailedIsWhatTheClientsSaw(_ name: String, _ errors: Int) throws {
    for (every, offset) in [(1, 0), (5, 2), (10, 0), (10, 3), (10, 7)] {
      let failovers = try Recording("vitess-22/failovers/\(name)", every: every, from: offset)
        .failovers()
      let failed = failovers.map(\.failed)
      #expect(
        failed.compactMap(\.count).reduce(0, +) == errors, "\(name) every \(every) from \(offset)")
      #expect(failed.allSatisfy { !$0.isEstimate && !$0.isOfKeyspace })
    }
  }

  /// Without client errors in the recording the shard's own counters give a least number.
  @Test func withoutClientErrorsTheShardsOwnCountersGiveALeastNumber() throws {
    let full = try #require(Recording("vitess-16/failovers/prs-buffer-size-4").failovers().first)
    #expect(full.failed.count == 4 && full.failed.isAtLeast)
    let second = try Recording("vitess-16/failovers/prs-twice-5s-apart").failovers()[1]
    // 48 attempts were turned away; 30 queries failed.
    #expect((16...30).contains(second.failed.count ?? 0) && second.failed.isAtLeast)
    let none = try #require(Recording("vitess-16/failovers/prs-buffer").failovers().first)
    #expect(none.failed.isNothing)
  }

  @Test(arguments: [
    "vitess-16/failovers/prs-twice-5s-apart", "vitess-22/failovers/prs-twice-5s-apart",
  ])
  func theSecondOfTwoIsAnotherThatWasNotBuffered(_ name: String) throws {
    for (every, offset) in [(1, 0), (10, 0), (10, 5)] {
      let failovers = try Recording(name, every: every, from: offset).failovers()
      try #require(failovers.count == 2, "\(name) every \(every) from \(offset)")
      #expect(failovers[0].verdict == .recovered)
      #expect(failovers[0].counts.buffered == 6 && failovers[0].counts.skippedTotal == 0)
      #expect(failovers[1].verdict == .notBuffered)
      #expect(failovers[1].tracks[0].tooRecent == (name.contains("16") ? 48 : 12))
    }
  }

  @Test func oneThatWasSkippedForAnUnseenReparentIsNotBuffered() throws {
    let failovers = try Recording("vitess-16/failovers/prs-after-unseen-reparent").failovers()
    try #require(failovers.count == 1)
    #expect(failovers[0].verdict == .notBuffered)
    #expect(failovers[0].tracks[0].counts.skipped[.lastReparentTooRecent] == 30)
  }

  @Test(arguments: [
    "vitess-16/failovers/prs-buffer-disabled", "vitess-22/failovers/prs-buffer-disabled",
  ])
  func oneThatNobodyBuffersIsSeenByItsPrimary(_ name: String) throws {
    let failovers = try Recording(name).failovers()
    try #require(failovers.count == 1)
    #expect(failovers[0].sign == .primaryGone)
    #expect(failovers[0].verdict == .notBuffered)
    #expect(failovers[0].newPrimarySeen != nil)
  }

  @Test(arguments: ["vitess-16/failovers/vtgate-restart", "vitess-22/failovers/vtgate-restart"])
  func aRestartIsNoFailoverAndNoNegativeNumber(_ name: String) throws {
    for failover in try Recording(name).failovers() {
      #expect(failover.counts.buffered >= 0 && failover.counts.drained >= 0)
      #expect(failover.sign == .primaryGone)
    }
  }
}
