import Buffering
import Lab
import Stats
import Terms
import Testing

extension EngineTests {
  @Suite struct ReparentTests {
    @Test(arguments: VitessRelease.allCases)
    func aPlannedReparentIsBufferedAndLosesNothing(_ release: VitessRelease) throws {
      var bench = ClusterBench(release)
      bench.pass(.seconds(2))
      let outcome = try bench.reparent()
      bench.pass(.seconds(2))
      #expect(outcome.failure == nil)
      #expect(bench.primary == outcome.to)
      #expect(bench.primary != ClusterBench.primary)
      #expect(bench.counters.starts == 1)
      #expect(bench.counters.stops[.newPrimarySeen] == 1)
      #expect(bench.counters.buffered == 6)
      #expect(bench.counters.drained == 6)
      #expect(bench.errors.isEmpty)
      #expect(try bench.tablet(ClusterBench.primary).type == .replica)
      #expect(bench.cluster.vtgates[0].statistics.primaryPromoted[ClusterBench.shard] == 1)
    }

    @Test func aSecondReparentTooSoonIsNotBufferedAndCountsAttempts() throws {
      var bench = ClusterBench(.v16)
      bench.pass(.seconds(2))
      _ = try bench.reparent()
      bench.pass(.seconds(5))
      _ = try bench.reparent()
      bench.pass(.seconds(1))
      let skipped = bench.counters.skipped[.lastFailoverTooRecent] ?? 0
      let failed = bench.errors.values.reduce(0, +)
      #expect(bench.counters.buffered == 6)
      // A query that finds no primary at all asks twice before it fails.
      #expect(failed > 0)
      #expect(skipped >= failed)
      #expect(skipped <= 2 * failed)
    }

    @Test func aReparentWithoutTrafficIsRememberedAsOne() throws {
      var bench = ClusterBench(.v16) { $0.traffic[0].from = .seconds(4) }
      bench.pass(.seconds(1))
      _ = try bench.reparent()
      bench.pass(.seconds(5))
      _ = try bench.reparent()
      bench.pass(.seconds(1))
      #expect(bench.counters.starts == 0)
      #expect(bench.counters.skipped[.lastReparentTooRecent] ?? 0 > 0)
    }

    @Test(arguments: [VitessRelease.v14, .v16]) func offCountsEveryQueryAsDisabled(
      _ release: VitessRelease
    ) throws {
      var bench = ClusterBench(release) { $0.buffer.isEnabled = false }
      bench.pass(.seconds(2))
      let queries = bench.cluster.vtgates[0].statistics.calls[ClusterBench.shard]?.count ?? 0
      #expect((bench.counters.skipped[.disabled] ?? 0) >= queries)
      _ = try bench.reparent()
      #expect(!bench.errors.isEmpty)
      #expect(
        bench.errors.keys.allSatisfy { text in
          text.hasPrefix("target: commerce.0.primary: ")
            && (text.hasSuffix("there is a reparent operation in progress")
              || text.contains("desc = operation not allowed in state "))
        })
    }

    @Test func offMeansNoBufferAtAllFromV18On() throws {
      var bench = ClusterBench(.v22) { $0.buffer.isEnabled = false }
      bench.pass(.seconds(1))
      _ = try bench.reparent()
      #expect(bench.cluster.vtgates[0].buffer.knownShards.isEmpty)
      #expect(
        bench.errors.keys.contains { $0.hasSuffix("there may be a reparent operation in progress") }
      )
    }

    @Test func anOpenTransactionHoldsTheDemotionUpToV18() throws {
      var bench = ClusterBench(.v16) { $0.buffer.window = .seconds(1) }
      bench.pass(.seconds(1))
      try bench.run("transaction", ["shard": "commerce/0", "open": "4.5s"])
      let start = bench.cluster.now
      _ = try bench.reparent()
      #expect(bench.cluster.now - start > .seconds(4))
      #expect(bench.counters.evicted[.windowExceeded] ?? 0 >= 18)
      bench.pass(.seconds(2))
      #expect(bench.counters.drained == 6)
    }

    @Test func anOpenTransactionIsKilledAfterItsGraceFromV20On() throws {
      var profile = TrafficProfile.steady
      profile.transactions = 1
      profile.transactionTime = .seconds(30)
      var bench = ClusterBench(.v22, profile: profile)
      bench.pass(.seconds(1))
      let start = bench.cluster.now
      let outcome = try bench.reparent()
      #expect(outcome.failure == nil)
      #expect(bench.cluster.now - start > .seconds(3))
      #expect(bench.cluster.now - start < .milliseconds(3500))
      #expect(bench.errors.keys.contains { $0.contains("QueryList.TerminateAll()") })
    }

    @Test func aCandidateThatDoesNotCatchUpBringsTheOldPrimaryBack() throws {
      var bench = ClusterBench(.v22)
      bench.pass(.seconds(2))
      try bench.run("transaction", ["shard": "commerce/0", "open": "1.5s"])
      let request = bench.cluster.reparent(
        {
          var request = Reparent.Request(.planned, ClusterBench.shard)
          request.newPrimary = ClusterBench.replica
          request.waitReplicasTimeout = .seconds(3)
          return request
        }())
      bench.pass(.milliseconds(500))
      try bench.run("sql-thread", ["tablet": "zone1-101", "running": "false"])
      bench.pass(.seconds(6))
      let outcome = try #require(bench.outcomes[request])
      let refusal = try #require(outcome.failure)
      #expect(
        refusal.description.hasPrefix(
          "primary-elect tablet zone1-0000000101 failed to catch up with replication MySQL56/"))
      #expect(bench.primary == ClusterBench.primary)
      #expect(try bench.tablet(ClusterBench.primary).isServing)
      // The same primary coming back ends the buffering like a new one.
      #expect(bench.counters.stops[.newPrimarySeen] == 1)
      #expect(bench.counters.drained == 6)
    }

    @Test func maxDurationEndsTheBufferingAndTheRestIsSkipped() throws {
      var bench = ClusterBench(.v16) {
        $0.buffer.window = .seconds(2)
        $0.buffer.maxFailoverDuration = .seconds(3)
        $0.buffer.minTimeBetweenFailovers = .seconds(60)
      }
      bench.pass(.seconds(1))
      try bench.run("transaction", ["shard": "commerce/0", "open": "6s"])
      _ = try bench.reparent()
      #expect(bench.counters.stops[.maxDurationExceeded] == 1)
      #expect(bench.counters.lastFailoverDuration == .seconds(3))
      #expect(bench.counters.evicted[.windowExceeded] == 6)
      #expect(bench.counters.skipped[.lastFailoverTooRecent] ?? 0 > 50)
    }

    @Test func clientsThatHangUpAreNotEvicted() throws {
      var profile = TrafficProfile.steady
      profile.readTimeout = .seconds(1)
      var bench = ClusterBench(.v22, profile: profile)
      bench.pass(.seconds(1))
      try bench.run("transaction", ["shard": "commerce/0", "open": "9s"])
      _ = try bench.reparent()
      bench.pass(.seconds(1))
      #expect(bench.counters.evicted[.contextDone] == 0)
      #expect(bench.counters.lastRequestsInFlightMax == 18)
      #expect(bench.counters.drained == 18)
    }

    @Test func aDeadlineOverGRPCIsContextDone() throws {
      var profile = TrafficProfile.steady
      profile.deadline = .seconds(1)
      var bench = ClusterBench(.v22, profile: profile)
      bench.pass(.seconds(1))
      try bench.run("transaction", ["shard": "commerce/0", "open": "9s"])
      _ = try bench.reparent()
      #expect(bench.counters.evicted[.contextDone] ?? 0 >= 6)
    }

    @Test func namingThePresentPrimaryChangesNothing() throws {
      var bench = ClusterBench()
      bench.pass(.seconds(1))
      let outcome = try bench.reparent { $0.newPrimary = ClusterBench.primary }
      #expect(outcome.failure == nil)
      #expect(bench.primary == ClusterBench.primary)
      #expect(bench.counters.starts == 0)
      #expect(bench.errors.isEmpty)
    }

    @Test func refusalsAreInTheServersWords() throws {
      func refusal(
        _ release: VitessRelease = .v22, _ change: (inout Reparent.Request) -> Void
      ) throws -> String? {
        var bench = ClusterBench(release)
        return try bench.reparent(.planned, change).failure?.description
      }
      let stranger = TabletAlias(cell: "zone1", uid: 999)
      #expect(
        try refusal { $0.expectedPrimary = ClusterBench.other }
          == "primary zone1-0000000100 is not equal to expected alias zone1-0000000102")
      #expect(try refusal(.v20) { $0.expectedPrimary = ClusterBench.other } == nil)
      #expect(
        try refusal(.v16) { $0.newPrimary = stranger }
          == "primary-elect tablet zone1-0000000999 is not in the shard")
      #expect(
        try refusal { $0.newPrimary = stranger }?.hasPrefix(
          "cannot find a tablet to reparent to\nzone1-0000000100 does not match the new primary alias"
        )
          == true)
      #expect(
        try refusal {
          $0.newPrimary = ClusterBench.replica
          $0.avoidPrimary = ClusterBench.replica
        } == "primary-elect tablet zone1-0000000101 is the same as the tablet to avoid")
      #expect(
        try refusal { $0.shard = ShardName(keyspace: "commerce", shard: "1") }
          == "node doesn't exist: /vitess/global/keyspaces/commerce/shards/1/")
    }

    @Test func avoidingAnotherTabletIsDoneAtOnce() throws {
      var bench = ClusterBench()
      let outcome = try bench.reparent { $0.avoidPrimary = ClusterBench.other }
      #expect(outcome.failure == nil)
      #expect(bench.primary == ClusterBench.primary)
    }

    @Test func aSecondReparentWaitsForTheLock() throws {
      var bench = ClusterBench { $0.promotion = .seconds(1) }
      let first = bench.cluster.reparent(Reparent.Request(.planned, ClusterBench.shard))
      bench.pass(.milliseconds(200))
      let second = bench.cluster.reparent(Reparent.Request(.planned, ClusterBench.shard))
      bench.pass(.milliseconds(500))
      #expect(bench.outcomes.isEmpty)
      #expect(bench.cluster.reparent(of: ClusterBench.shard)?.id == first)
      bench.pass(.seconds(4))
      #expect(bench.outcomes[first]?.failure == nil)
      #expect(bench.outcomes[second]?.failure == nil)
      #expect(bench.outcomes[second]?.from == bench.outcomes[first]?.to)
    }

    @Test func aTabletThatDoesNotAnswerFailsAReparentAfterTheRemoteTimeout() throws {
      var bench = ClusterBench(.v22)
      try bench.run("process", ["server": "zone1-102", "state": "dead"])
      let start = bench.cluster.now
      let outcome = try bench.reparent()
      #expect(bench.cluster.now - start >= .seconds(15))
      #expect(
        outcome.failure?.description.contains(
          "dial tcp 127.0.0.1:16102: connect: connection refused")
          == true)
      #expect(bench.primary == ClusterBench.primary)
    }

    @Test(arguments: [VitessRelease.v16, .v22])
    func anEmergencyReparentEndsACrash(_ release: VitessRelease) throws {
      var bench = ClusterBench(release)
      bench.pass(.seconds(2))
      try bench.run("mysql", ["tablet": "zone1-100", "running": "false"])
      bench.pass(.seconds(3))
      // Each connection loses its query once; then the health check knows, and the rest waits.
      #expect(bench.errors.values.reduce(0, +) <= 12)
      #expect(bench.errors.keys.allSatisfy { $0.contains("errno 2013") })
      #expect(bench.counters.starts == 1)
      let outcome = try bench.reparent(.emergency)
      #expect(outcome.failure == nil)
      bench.pass(.seconds(1))
      #expect(bench.counters.stops[.newPrimarySeen] == 1)
      #expect(bench.counters.drained == 6)
      // The old primary comes back believing that it still is one, and learns better.
      try bench.run("mysql", ["tablet": "zone1-100", "running": "true"])
      bench.pass(.seconds(5))
      #expect(try bench.tablet(ClusterBench.primary).type == .primary)
      #expect(bench.cluster.vtgates[0].primary(of: ClusterBench.shard)?.alias == outcome.to)
      bench.pass(.seconds(20))
      #expect(try bench.tablet(ClusterBench.primary).type == .replica)
      #expect(try !bench.tablet(ClusterBench.primary).replication.isIOThreadRunning)
    }

    /// As recorded on v23: a primary that is well is chosen again, and begins another term.
    @Test func anEmergencyReparentOfAHealthyPrimaryChoosesItAgain() throws {
      var bench = ClusterBench(.v22)
      bench.pass(.seconds(2))
      let term = try bench.tablet(ClusterBench.primary).primarySince
      let outcome = try bench.reparent(.emergency)
      bench.pass(.seconds(2))
      #expect(outcome.failure == nil && outcome.to == ClusterBench.primary)
      #expect(bench.primary == ClusterBench.primary)
      let primary = try bench.tablet(ClusterBench.primary)
      #expect(primary.isServing && primary.throttler.isEnabled)
      #expect(try #require(primary.primarySince) > #require(term))
      #expect(bench.counters.stops[.newPrimarySeen] == 1)
      #expect(outcome.log.map(\.text).contains { $0.contains("it was formerly PRIMARY") })
    }

    @Test func anEmergencyReparentTakesAnotherIfThatIsAskedFor() throws {
      var bench = ClusterBench(.v22)
      bench.pass(.seconds(2))
      let outcome = try bench.reparent(.emergency) { $0.newPrimary = ClusterBench.replica }
      #expect(outcome.failure == nil)
      #expect(bench.primary == ClusterBench.replica)
    }

    @Test func aCrashWithNobodyReparentingIsBufferedUntilItHasLastedTooLong() throws {
      var bench = ClusterBench(.v22)
      bench.pass(.seconds(2))
      try bench.run("mysql", ["tablet": "zone1-100", "running": "false"])
      bench.pass(.seconds(30))
      #expect(bench.counters.stops[.maxDurationExceeded] == 1)
      #expect(bench.counters.skipped[.lastFailoverTooRecent] ?? 0 > 0)
      #expect(bench.cluster.vtgates[0].primary(of: ClusterBench.shard) == nil)
    }

    @Test func anExternalReparentIsSeenAndRemembered() throws {
      var bench = ClusterBench(.v22)
      bench.pass(.seconds(2))
      try bench.run("external-reparent", ["shard": "commerce/0", "new-primary": "zone1-102"])
      bench.pass(.seconds(3))
      #expect(bench.cluster.vtgates[0].primary(of: ClusterBench.shard)?.alias == ClusterBench.other)
      #expect(try bench.tablet(ClusterBench.primary).type == .replica)
      _ = try bench.reparent()
      #expect(bench.counters.skipped[.lastReparentTooRecent] ?? 0 > 0)
    }

    @Test func oneShardThatStaysDownKeepsItsNeighboursWaiting() throws {
      let shards = [ShardName(keyspace: "k", shard: "-80"), ShardName(keyspace: "k", shard: "80-")]
      var bench = ClusterBench(.v22) {
        $0.keyspaces = [("k", ["-80", "80-"])]
        $0.traffic = shards.map { Traffic(.steady, to: $0) }
      }
      bench.pass(.seconds(2))
      try bench.run("mysql", ["tablet": "zone1-200", "running": "false"])
      bench.pass(.seconds(1))
      _ = bench.cluster.reparent(Reparent.Request(.planned, shards[0]))
      bench.pass(.seconds(3))
      // The reparent is over, but the keyspace is not consistent.
      let buffer = bench.cluster.vtgates[0].buffer
      #expect(buffer.state(of: shards[0]) == .buffering)
      #expect(buffer.waiting(for: shards[0]) == 6)
    }
  }
}
