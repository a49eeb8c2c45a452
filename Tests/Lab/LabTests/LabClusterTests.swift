import Buffering
import Lab
import Stats
import Terms
import Testing

extension EngineTests {
  @Suite struct LabClusterTests {
    @Test func howTimeIsCutChangesNothing() throws {
      var whole = ClusterBench { $0.hasBusyReplicas = true }
      var cut = ClusterBench { $0.hasBusyReplicas = true }
      var other = ClusterBench {
        $0.hasBusyReplicas = true
        $0.seed = 2
      }
      for bench in 0..<3 {
        let shard = ClusterBench.shard
        _ = whole.cluster.reparent(Reparent.Request(.planned, shard))
        _ = cut.cluster.reparent(Reparent.Request(.planned, shard))
        _ = other.cluster.reparent(Reparent.Request(.planned, shard))
        whole.cluster.advance(to: whole.cluster.now + .seconds(5))
        cut.pass(.seconds(5))
        other.pass(.seconds(5))
        #expect(whole.cluster.vtgates[0].statistics == cut.cluster.vtgates[0].statistics)
        #expect(
          whole.cluster.position(of: ClusterBench.replica)
            == cut.cluster.position(of: ClusterBench.replica))
        #expect(whole.counters == cut.counters, "round \(bench)")
      }
      #expect(whole.cluster.vtgates[0].statistics != other.cluster.vtgates[0].statistics)
    }

    @Test func aRestartedVtgateBeginsAtZeroAndKnowsItsTablets() throws {
      var bench = ClusterBench(.v16)
      bench.pass(.seconds(2))
      _ = try bench.reparent()
      let before = bench.cluster.vtgates[0]
      #expect(before.statistics.connectionsAccepted > 0)
      try bench.run("process", ["server": "vtgate-1", "state": "dead"])
      bench.pass(.seconds(2))
      #expect(bench.cluster.connectionsRefused > 0)
      try bench.run("process", ["server": "vtgate-1", "state": "running"])
      bench.pass(.seconds(1))
      #expect(bench.cluster.vtgates[0].startedAt > before.startedAt)
      #expect(bench.counters.buffered == 0)
      #expect(bench.counters.lastFailoverDuration == nil)
      #expect(bench.cluster.vtgates[0].primary(of: ClusterBench.shard)?.alias == bench.primary)
      #expect(bench.cluster.vtgates[0].statistics.selects > 0)
    }

    @Test func aVtgateCutOffFromThePrimaryBuffersAlone() throws {
      var bench = ClusterBench(.v22) { $0.vtgates = 2 }
      bench.pass(.seconds(1))
      try bench.run("network", ["one": "vtgate-1", "other": "zone1-100", "split": "true"])
      bench.pass(.seconds(2))
      #expect(bench.counters.starts == 1)
      #expect(bench.cluster.vtgates[1].buffer.counters(of: ClusterBench.shard)?.starts == 0)
      try bench.run("network", ["one": "zone1-100", "other": "vtgate-1", "split": "false"])
      bench.pass(.seconds(1))
      #expect(bench.counters.stops[.newPrimarySeen] == 1)
      #expect(bench.counters.drained == 6)
    }

    @Test func aReplicaCutOffFromItsPrimaryFallsBehind() throws {
      var bench = ClusterBench()
      try bench.run("network", ["one": "zone1-101", "other": "zone1-100", "split": "true"])
      bench.pass(.seconds(5))
      #expect(bench.cluster.lagSeconds(ClusterBench.replica) >= 4)
      #expect(bench.cluster.lagSeconds(ClusterBench.other) == 0)
    }

    @Test func aHungTabletIsNoticedAfterAMinute() throws {
      var bench = ClusterBench(.v22)
      bench.pass(.seconds(1))
      try bench.run("process", ["server": "zone1-100", "state": "hung"])
      bench.pass(.seconds(50))
      #expect(bench.cluster.vtgates[0].primary(of: ClusterBench.shard) != nil)
      bench.pass(.seconds(15))
      #expect(bench.cluster.vtgates[0].primary(of: ClusterBench.shard) == nil)
      try bench.run("process", ["server": "zone1-100", "state": "running"])
      bench.pass(.seconds(2))
      #expect(
        bench.cluster.vtgates[0].primary(of: ClusterBench.shard)?.alias == ClusterBench.primary)
      #expect(bench.cluster.vtgates[0].statistics.selects > 0)
    }

    @Test func aSkewedClockShowsInLag() throws {
      var bench = ClusterBench()
      try bench.run("clock", ["server": "zone1-101", "skew": "5s"])
      let lag = try #require(
        bench.cluster.heartbeatLag(ClusterBench.replica, at: bench.cluster.now))
      #expect(lag > 4.9)
      #expect(lag < 5.5)
    }

    @Test func aSlowReplicaFallsBehindAndCatchesUp() throws {
      var bench = ClusterBench()
      try bench.run("replica", ["tablet": "zone1-101", "speed": "0.5"])
      bench.pass(.seconds(10))
      #expect((4...5).contains(bench.cluster.lagSeconds(ClusterBench.replica)))
      try bench.run("replica", ["tablet": "zone1-101", "speed": "normal"])
      bench.pass(.seconds(1))
      #expect(bench.cluster.lagSeconds(ClusterBench.replica) == 0)
    }

    @Test func stoppedHeartbeatsLookLikeLag() throws {
      var bench = ClusterBench()
      try bench.run("heartbeats", ["shard": "commerce/0", "writing": "false"])
      bench.pass(.seconds(5))
      #expect(bench.cluster.heartbeatLag(ClusterBench.primary, at: bench.cluster.now) ?? 0 > 4.7)
      #expect(bench.cluster.lagSeconds(ClusterBench.replica) == 0)
    }

    @Test func commandsThatMakeNoSenseNameWhatIsWrong() {
      func refusal(_ command: String, _ parameters: [String: String]) -> String {
        do throws(Refusal) {
          _ = try DrillCommand(command, parameters, at: ClusterBench.start)
          return ""
        } catch {
          return error.description
        }
      }
      #expect(refusal("bogus", [:]).contains("planned-reparent"))
      #expect(refusal("mysql", ["tablet": "zone1-101"]) == "mysql needs running=…")
      #expect(refusal("mysql", ["tablet": "x", "running": "true"]).contains("zone1-101"))
      #expect(
        refusal("replica", ["tablet": "zone1-101", "speed": "-1"]).contains("from 0 to 1000"))
      #expect(
        refusal("sql-thread", ["tablet": "zone1-101", "running": "true", "x": "1"])
          == "sql-thread has no parameter \"x\"")
    }

    @Test func aCutoverBuffersWritesAndFlipsThem() throws {
      var bench = Self.moving()
      bench.pass(.seconds(1))
      try bench.run(
        "move-tables", ["from": "commerce", "to": "customer", "tables": "t1", "catch-up": "800ms"])
      bench.pass(.milliseconds(500))
      #expect(bench.cluster.vtgates[0].buffer.waiting(for: ClusterBench.shard) == 6)
      bench.pass(.seconds(1))
      let target = ShardName(keyspace: "customer", shard: "0")
      #expect(bench.counters.stops[.moveTablesSwitchedTraffic] == 1)
      #expect(bench.counters.drained == 6)
      #expect(bench.errors.isEmpty)
      #expect(bench.cluster.vtgates[0].statistics.calls[target]?.count ?? 0 > 6)
      #expect(bench.cluster.cutover(from: "commerce")?.phase == .done)
    }

    @Test func anAbandonedCutoverGoesBackToTheOldKeyspace() throws {
      var bench = Self.moving()
      bench.pass(.seconds(1))
      try bench.run(
        "move-tables", ["from": "commerce", "to": "customer", "tables": "t1", "catch-up": "30s"])
      bench.pass(.seconds(2))
      try bench.run("cancel-move-tables", ["from": "commerce"])
      let before = bench.cluster.vtgates[0].statistics.selects
      bench.pass(.seconds(1))
      #expect(bench.errors.isEmpty)
      #expect(bench.cluster.vtgates[0].statistics.selects > before)
      #expect(bench.cluster.vtgates[0].statistics.api["customer"] == nil)
    }

    @Test func aCutoverThatTakesTooLongFailsItsRequestsCleanly() throws {
      var bench = Self.moving { $0.buffer.maxFailoverDuration = .seconds(10) }
      bench.pass(.seconds(1))
      try bench.run(
        "move-tables",
        ["from": "commerce", "to": "customer", "tables": "t1", "catch-up": "90s", "timeout": "80s"])
      bench.pass(.seconds(70))
      #expect(bench.counters.stops[.maxDurationExceeded] == 1)
      #expect(!bench.errors.isEmpty)
      #expect(bench.errors.keys.allSatisfy { $0.contains("disallowed due to rule") })
      bench.pass(.seconds(15))
      guard case .abandoned(let refusal) = bench.cluster.cutover(from: "commerce")?.phase else {
        Issue.record("the cutover was not abandoned")
        return
      }
      #expect(refusal.description.contains("failed to sync up replication"))
    }

    @Test func upToV17AMovedTableIsAnErrorAtOnce() throws {
      var bench = Self.moving(.v16)
      bench.pass(.seconds(1))
      try bench.run("move-tables", ["from": "commerce", "to": "customer", "tables": "t1"])
      bench.pass(.milliseconds(500))
      #expect(bench.counters.buffered == 0)
      #expect(bench.errors.keys.allSatisfy { $0.contains("disallowed due to rule") })
      #expect(!bench.errors.isEmpty)
    }

    private static func moving(
      _ release: VitessRelease = .v22, _ change: (inout LabCluster.Configuration) -> Void = { _ in }
    ) -> ClusterBench {
      ClusterBench(release) {
        $0.keyspaces = [("commerce", ["0"]), ("customer", ["0"])]
        change(&$0)
      }
    }
  }
}
