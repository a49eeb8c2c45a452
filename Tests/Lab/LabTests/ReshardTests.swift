import Buffering
import Lab
import Stats
import Terms
import Testing

extension EngineTests {
  /// A Reshard as operators fire it, and what clients feel of it.
  @Suite struct ReshardTests {
    private static let old = ShardName(keyspace: "commerce", shard: "0")
    private static let new = ["-80", "80-"].map { ShardName(keyspace: "commerce", shard: $0) }
    private static let id = Workflow.ID(keyspace: "commerce", name: "reshard")

    private static func bench() -> ClusterBench {
      ClusterBench { $0.keyspaces = [("commerce", ["0", "-80", "80-"])] }
    }

    private static func move(
      _ bench: inout ClusterBench, _ more: [String: String] = [:]
    ) throws {
      var parameters = ["keyspace": "commerce", "from": "0", "to": "-80,80-", "catch-up": "800ms"]
      parameters.merge(more) { $1 }
      try bench.run("reshard", parameters)
    }

    @Test func shardsThatOverlapOthersWaitForAReshard() throws {
      var bench = Self.bench()
      bench.pass(.seconds(1))
      #expect(bench.cluster.topology.partition(of: "commerce") == ["0"])
      for shard in Self.new {
        let record = try #require(bench.cluster.topology.shards[shard])
        #expect(!record.isPrimaryServing)
        #expect(try !bench.tablet(#require(record.primary)).isServing)
      }
      #expect(bench.errors.isEmpty && bench.counters.starts == 0)
    }

    /// Requests that wait for a shard that is no longer there fail: they cannot be sent elsewhere.
    @Test func theNewShardsServeOnceWritesAreSwitched() throws {
      var bench = Self.bench()
      bench.pass(.seconds(1))
      try Self.move(&bench)
      bench.pass(.milliseconds(500))
      #expect(bench.cluster.vtgates[0].buffer.waiting(for: Self.old) == 6)
      bench.pass(.seconds(1))
      #expect(bench.counters.stops[.reshardingComplete] == 1)
      #expect(bench.cluster.topology.partition(of: "commerce") == ["-80", "80-"])
      #expect(
        bench.errors.keys.allSatisfy {
          $0.contains("destination shard is missing after a resharding operation")
        })
      let calls = bench.cluster.vtgates[0].statistics.calls
      bench.pass(.seconds(1))
      for shard in Self.new {
        let later = bench.cluster.vtgates[0].statistics.calls[shard]?.count ?? 0
        #expect(later > calls[shard]?.count ?? 0)
      }
      // And back, the same way.
      try Self.move(&bench, ["from": "-80,80-", "to": "0"])
      bench.pass(.seconds(2))
      #expect(bench.cluster.topology.partition(of: "commerce") == ["0"])
      #expect(
        bench.cluster.workflow(Self.id)?.trafficState == "Reads Not Switched. Writes Not Switched")
    }

    @Test func aReshardThatTimesOutLeavesTheOldShardServing() throws {
      var bench = Self.bench()
      bench.pass(.seconds(1))
      try Self.move(&bench, ["catch-up": "20s", "timeout": "2s"])
      bench.pass(.seconds(3))
      #expect(bench.cluster.topology.partition(of: "commerce") == ["0"])
      #expect(bench.counters.stops[.newPrimarySeen] == 1)
      #expect(bench.errors.isEmpty)
      let answered = bench.cluster.vtgates[0].statistics.inserts
      bench.pass(.seconds(1))
      #expect(bench.cluster.vtgates[0].statistics.inserts > answered)
    }

    @Test func onlyShardsThatWaitCanBeTargets() throws {
      var bench = Self.bench()
      let served = #expect(throws: Refusal.self) { try Self.move(&bench, ["to": "0"]) }
      #expect(served?.description == "buildResharder: target shard 0 is in serving state")
      let idle = #expect(throws: Refusal.self) { try Self.move(&bench, ["from": "-80"]) }
      #expect(idle?.description == "buildResharder: source shard -80 is not in serving state")
    }

    /// The targets must hold just what the sources held.
    @Test(arguments: [
      ("-80", "source and target keyranges don't match: - vs -80"),
      ("-80,c0-", "shards don't form a contiguous keyrange"),
      ("-", "same keyrange is present in source and target: -"),
    ])
    func theKeysOfAReshardStayTheSame(targets: String, why: String) {
      var bench = ClusterBench {
        $0.keyspaces = [("commerce", ["0", "-80", "80-", "c0-", "-"])]
      }
      let refusal = #expect(throws: Refusal.self) { try Self.move(&bench, ["to": targets]) }
      #expect(refusal?.description == "buildResharder: ValidateForReshard: \(why)")
    }

    /// A fault and its end do not make a shard serve that topo has serve nobody.
    @Test func aRestartedTabletOfAWaitingShardServesNobody() throws {
      var bench = Self.bench()
      bench.pass(.seconds(1))
      let primary = try #require(bench.cluster.topology.shards[Self.new[0]]?.primary)
      for state in ["dead", "running"] {
        try bench.run("process", ["server": "\(primary)", "state": state])
        bench.pass(.seconds(1))
      }
      #expect(try !bench.tablet(primary).isServing)
    }
  }
}
