import Buffering
import Lab
import Stats
import Terms
import Testing

extension EngineTests {
  /// MoveTables as operators fire them, and what clients feel of it.
  @Suite struct MoveTablesTests {
    static let customer = ShardName(keyspace: "customer", shard: "0")
    static let id = Workflow.ID(keyspace: "customer", name: "move")

    static func bench(
      _ release: VitessRelease = .v22, _ change: (inout LabCluster.Configuration) -> Void = { _ in }
    ) -> ClusterBench {
      ClusterBench(release) {
        $0.keyspaces = [("commerce", ["0"]), ("customer", ["0"])]
        $0.buffer.maxFailoverDuration = .seconds(10)
        $0.buffer.minTimeBetweenFailovers = .seconds(20)
        change(&$0)
      }
    }

    private static func move(_ bench: inout ClusterBench, _ more: [String: String]) throws {
      var parameters = ["from": "commerce", "to": "customer", "tables": "t1"]
      parameters.merge(more) { $1 }
      try bench.run("move-tables", parameters)
    }

    /// Moves and comes back, and returns when the primary of commerce/0 said that it was well: the
    /// hold ended there.
    private static func healthMessage(_ bench: inout ClusterBench) throws -> Instant {
      bench.pass(.seconds(1))
      try move(&bench, ["catch-up": "100ms"])
      while bench.counters.stops.values.reduce(0, +) == 0 { bench.pass(.milliseconds(20)) }
      let message = bench.cluster.now
      bench.pass(.seconds(1))
      try move(&bench, ["from": "customer", "to": "commerce", "catch-up": "100ms"])
      bench.pass(.seconds(24))
      return message
    }

    @Test func theHoldEndsWithTheHealthMessageOfTheSourcesPrimary() throws {
      var bench = Self.bench()
      let message = try Self.healthMessage(&bench)
      #expect(
        bench.cluster.workflow(Self.id)?.trafficState == "Reads Not Switched. Writes Not Switched")
      let before = bench.counters
      // The next one after this comes 4.5 s later.
      bench.pass(message + .seconds(30.5) - bench.cluster.now)
      try Self.move(&bench, ["catch-up": "800ms"])
      bench.pass(.seconds(1))
      #expect(bench.cluster.workflow(Self.id)?.areWritesSwitched == true)
      #expect(bench.cluster.vtgates[0].buffer.waiting(for: ClusterBench.shard) == 6)
      bench.pass(.seconds(4))
      let after = bench.counters
      #expect(
        after.stops[.moveTablesSwitchedTraffic] == 1
          + (before.stops[.moveTablesSwitchedTraffic] ?? 0))
      let held = try #require(after.lastFailoverDuration)
      #expect(held > .seconds(4.2) && held < .seconds(4.7))
      #expect(bench.errors.isEmpty)
      let calls = bench.cluster.vtgates[0].statistics.calls[Self.customer]
      #expect(calls?.count ?? 0 > 6)
    }

    /// The buffer cannot know better then: `NewPrimarySeen` with the primary that was there all along.
    @Test func aHealthMessageInsideASwitchEndsTheBufferingBeforeIt() throws {
      var bench = Self.bench()
      let message = try Self.healthMessage(&bench)
      let before = bench.counters
      let answered = bench.cluster.vtgates[0].statistics.selects
      bench.pass(message + .seconds(34.7) - bench.cluster.now)
      try Self.move(&bench, ["catch-up": "1500ms"])
      bench.pass(.seconds(1))
      #expect(bench.counters.stops[.newPrimarySeen] == 1 + (before.stops[.newPrimarySeen] ?? 0))
      #expect(bench.counters.lastFailoverDuration ?? .zero < .seconds(0.5))
      #expect(bench.cluster.workflow(Self.id)?.isSwitching == true)
      // What was drained waits for a newer vschema, and finds it.
      bench.pass(.seconds(1))
      #expect(bench.cluster.workflow(Self.id)?.areWritesSwitched == true)
      #expect(bench.cluster.vtgates[0].statistics.selects > answered)
      #expect(bench.errors.isEmpty)
    }

    @Test func anOperatorsHealthCheckEndsTheHoldEarly() throws {
      var bench = Self.bench()
      let message = try Self.healthMessage(&bench)
      bench.pass(message + .seconds(30.5) - bench.cluster.now)
      try Self.move(&bench, ["catch-up": "300ms"])
      bench.pass(.milliseconds(400))
      #expect(bench.cluster.vtgates[0].buffer.waiting(for: ClusterBench.shard) == 6)
      try bench.cluster.runHealthCheck(on: ClusterBench.primary)
      bench.pass(.milliseconds(20))
      #expect(bench.cluster.vtgates[0].buffer.waiting(for: ClusterBench.shard) == 0)
    }

    /// As recorded: after the buffer two waits of half the longest failover, then errno 1815, counted
    /// for the keyspace of the session and not for that of the shard.
    @Test func whatIsNotSwitchedInTimeFailsAfterTwoMoreWaits() throws {
      var bench = Self.bench()
      bench.pass(.seconds(1))
      try Self.move(&bench, ["catch-up": "90s", "timeout": "80s"])
      bench.pass(.seconds(9.5))
      #expect(bench.errors.isEmpty)
      bench.pass(.seconds(7))
      #expect(!bench.errors.isEmpty)
      #expect(
        bench.errors.keys.allSatisfy {
          $0.contains("failed after retries") && $0.contains("disallowed due to rule")
        })
      bench.pass(.seconds(70))
      #expect(bench.cluster.workflow(Self.id)?.isSwitching == false)
      let outcomes = bench.cluster.takeSwitchOutcomes()
      #expect(
        outcomes.values.first?.failure?.description.contains("failed to sync up replication")
          == true)
      #expect(
        bench.cluster.workflow(Self.id)?.trafficState == "All Reads Switched. Writes Not Switched")
      #expect(bench.cluster.topology.shards[ClusterBench.shard]?.deniedTables == [])
      #expect(bench.cluster.topology.shards[Self.customer]?.deniedTables == ["t1"])

      try Self.move(&bench, ["catch-up": "100ms"])
      bench.pass(.seconds(30))
      try Self.move(
        &bench, ["from": "customer", "to": "commerce", "catch-up": "90s", "timeout": "80s"])
      bench.pass(.seconds(40))
      let statistics = bench.cluster.vtgates[0].statistics
      #expect(Set(statistics.apiErrors.keys) == ["commerce"])
      #expect(Set(statistics.apiErrors["commerce"]?.keys ?? [:].keys) == ["INTERNAL"])
      #expect(statistics.callErrors[Self.customer] ?? 0 > 0)
    }

    @Test func aCanceledSwitchIsUndone() throws {
      var bench = Self.bench()
      bench.pass(.seconds(1))
      try Self.move(&bench, ["catch-up": "30s"])
      bench.pass(.seconds(2))
      try bench.run("cancel-move-tables", ["from": "commerce"])
      #expect(bench.cluster.topology.shards[ClusterBench.shard]?.deniedTables == [])
      let before = bench.cluster.vtgates[0].statistics.selects
      bench.pass(.seconds(11))
      #expect(bench.errors.isEmpty)
      #expect(bench.cluster.vtgates[0].statistics.selects > before)
      #expect(bench.cluster.vtgates[0].statistics.calls[Self.customer] == nil)
    }

    @Test func upToV17AMovedTableIsAnErrorAtOnceAndACancelLeavesItDenied() throws {
      var bench = Self.bench(.v16)
      bench.pass(.seconds(1))
      try Self.move(&bench, ["catch-up": "20s"])
      #expect(bench.cluster.topology.shards[Self.customer]?.deniedTables == [])
      bench.pass(.milliseconds(500))
      #expect(bench.counters.buffered == 0)
      #expect(bench.errors.keys.allSatisfy { $0.hasPrefix("target: commerce.0.primary: vttablet") })
      #expect(bench.errors.keys.allSatisfy { $0.contains("disallowed due to rule") })
      #expect(!bench.errors.isEmpty)
      try bench.run("cancel-move-tables", ["from": "commerce"])
      #expect(bench.cluster.topology.shards[ClusterBench.shard]?.deniedTables == ["t1"])
    }

    @Test func aNewPrimaryDeniesWhatTheShardsRecordDenies() throws {
      var bench = Self.bench()
      bench.pass(.seconds(1))
      try Self.move(&bench, ["catch-up": "100ms"])
      bench.pass(.seconds(6))
      #expect(try bench.reparent().failure == nil)
      #expect(try bench.tablet(#require(bench.primary)).deniedTables == ["t1"])
    }

    @Test func completingDropsTheSourcesTableAndTheRules() throws {
      var bench = Self.bench()
      bench.pass(.seconds(1))
      #expect(throws: Refusal.self) { try bench.run("complete-move-tables", ["to": "customer"]) }
      try Self.move(&bench, ["catch-up": "100ms"])
      bench.pass(.seconds(6))
      #expect(bench.errors.isEmpty)
      try bench.run("complete-move-tables", ["to": "customer"])
      #expect(bench.cluster.topology.routingRules.tables.isEmpty)
      bench.pass(.seconds(1))
      // Clients that still say commerce find nothing there.
      #expect(bench.errors.keys.contains { $0.contains("Table 'vt_commerce.t1' doesn't exist") })
    }

    @Test func aTableIsCopiedBeforeItCanBeSwitched() throws {
      var bench = Self.bench()
      try bench.run(
        "create-move-tables", ["from": "commerce", "to": "customer", "tables": "t1", "copy": "10s"])
      bench.pass(.seconds(1))
      let refusal = #expect(throws: Refusal.self) { try Self.move(&bench, [:]) }
      #expect(refusal?.description.contains("copy is still in progress") == true)
      bench.pass(.seconds(10))
      try Self.move(&bench, [:])
      #expect(bench.cluster.workflow(Self.id)?.isSwitching == true)
    }
  }
}
