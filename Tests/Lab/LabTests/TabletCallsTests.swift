import Buffering
import Lab
import Stats
import Terms
import Testing

extension EngineTests {
  /// What an operator asks of single tablets.
  @Suite struct TabletCallsTests {
    private static let replica = TabletAlias(cell: "zone1", uid: 101)

    @Test func stoppedReplicationFallsBehindUntilItIsStarted() throws {
      var bench = ClusterBench()
      bench.pass(.seconds(2))
      try bench.cluster.stopReplication(on: Self.replica)
      bench.pass(.seconds(8))
      #expect(bench.cluster.lagSeconds(Self.replica) >= 7)
      let stopped = try bench.tablet(Self.replica).replication
      #expect(!stopped.isIOThreadRunning && !stopped.isSQLThreadRunning)
      try bench.cluster.startReplication(on: Self.replica)
      bench.pass(.seconds(2))
      #expect(bench.cluster.lagSeconds(Self.replica) == 0)
      let refusal = #expect(throws: Refusal.self) {
        try bench.cluster.startReplication(on: ClusterBench.primary)
      }
      #expect(refusal?.description.contains("errno 1200") == true)
    }

    /// A primary that is read-only makes vtgates buffer: recorded of v23.
    @Test func aReadOnlyPrimaryRefusesWritesAndIsBuffered() throws {
      var bench = ClusterBench()
      bench.pass(.seconds(2))
      try bench.cluster.setWritable(ClusterBench.primary, false)
      bench.pass(.seconds(1))
      #expect(bench.counters.starts == 1)
      #expect(bench.cluster.vtgates[0].buffer.waiting(for: ClusterBench.shard) == 6)
      // A reparent makes another one writable.
      #expect(try bench.reparent().failure == nil)
      bench.pass(.seconds(1))
      let answered = bench.cluster.vtgates[0].statistics.inserts
      bench.pass(.seconds(1))
      #expect(bench.cluster.vtgates[0].statistics.inserts > answered)
    }

    @Test func aDrainedReplicaServesNobodyAndBecomesNoPrimary() throws {
      var bench = ClusterBench { $0.replicas = 1 }
      bench.pass(.seconds(1))
      try bench.cluster.changeType(of: Self.replica, to: .drained, isDryRun: true)
      #expect(try bench.tablet(Self.replica).type == .replica)
      try bench.cluster.changeType(of: Self.replica, to: .drained, isDryRun: false)
      bench.pass(.seconds(1))
      #expect(try !bench.tablet(Self.replica).isServing)
      #expect(bench.cluster.vtgates[0].view[Self.replica]?.isServing == false)
      #expect(try bench.reparent().failure != nil)
      let refusal = #expect(throws: Refusal.self) {
        try bench.cluster.changeType(of: ClusterBench.primary, to: .replica, isDryRun: false)
      }
      #expect(
        refusal?.description.hasSuffix(
          "PRIMARY -> REPLICA is not an allowed transition for ChangeTabletType") == true)
      try bench.cluster.changeType(of: Self.replica, to: .replica, isDryRun: false)
      bench.pass(.seconds(1))
      #expect(bench.cluster.vtgates[0].view[Self.replica]?.isServing == true)
    }

    @Test func validatingFindsWhoDoesNotAnswer() throws {
      var bench = ClusterBench()
      #expect(bench.cluster.problems(of: ClusterBench.shard, pings: true).isEmpty)
      try bench.cluster.inject(.tablet(Self.replica, .dead))
      let problems = bench.cluster.problems(of: ClusterBench.shard, pings: true)
      #expect(problems.count == 1 && problems[0].hasPrefix("Ping(zone1-0000000101) failed"))
      #expect(bench.cluster.problems(of: ClusterBench.shard, pings: false).isEmpty)
    }
  }
}
