import Buffering
import Lab
import Terms
import Testing

extension EngineTests {
  /// Tablets and vtgates in several cells, and the loss of one.
  @Suite struct CellTests {
    private static let cells = ["zone1", "zone2", "zone3"]

    private static func alias(_ cell: Int, _ uid: UInt32) -> TabletAlias {
      TabletAlias(cell: cells[cell - 1], uid: uid)
    }

    private static func bench(
      _ release: VitessRelease = .v22, watching cells: [String]? = nil, replicas: Int = 2
    ) -> ClusterBench {
      ClusterBench(release) {
        $0.cells = Self.cells
        $0.cellsToWatch = cells
        $0.vtgates = 2
        $0.replicas = replicas
      }
    }

    @Test func aShardHasATabletInEachCell() {
      let bench = Self.bench()
      #expect(
        bench.cluster.tabletsOfShard[ClusterBench.shard]
          == [Self.alias(1, 100), Self.alias(2, 101), Self.alias(3, 102)])
      #expect(bench.cluster.vtgates.map(\.cell) == ["zone1", "zone2"])
      #expect(bench.cluster.vtgates.allSatisfy { $0.view.count == 3 })
    }

    @Test func aVtgateKnowsTheTabletsOfTheCellsThatItWatches() throws {
      var bench = Self.bench(watching: ["zone1", "zone2"])
      bench.pass(.seconds(2))
      _ = try bench.reparent { $0.newPrimary = Self.alias(3, 102) }
      bench.pass(.seconds(1))
      #expect(Set(bench.cluster.vtgates[0].view.keys.map(\.cell)) == ["zone1", "zone2"])
      // It waits for a primary that it will never see.
      #expect(bench.cluster.vtgates[0].primary(of: ClusterBench.shard) == nil)
      #expect(bench.counters.stops[.newPrimarySeen] ?? 0 == 0)
    }

    /// vtctld elects within the primary's cell unless it is told otherwise.
    @Test func aPlannedReparentElectsInTheSameCell() throws {
      var bench = Self.bench(replicas: 4)
      bench.pass(.seconds(2))
      let outcome = try bench.reparent()
      #expect(outcome.failure == nil && outcome.to == Self.alias(1, 103))
      var alone = Self.bench()
      alone.pass(.seconds(2))
      let refused = try alone.reparent()
      #expect(refused.failure?.description.hasPrefix("cannot find a tablet to reparent to") == true)
      let allowed = try alone.reparent { $0.allowsCrossCell = true }
      #expect(allowed.failure == nil && allowed.to?.cell != "zone1")
    }

    @Test func anOlderVtctldElectsAcrossCellsNever() throws {
      var bench = Self.bench(.v20)
      bench.pass(.seconds(2))
      #expect(try bench.reparent { $0.allowsCrossCell = true }.failure != nil)
      #expect(try bench.reparent { $0.newPrimary = Self.alias(2, 101) }.failure == nil)
    }

    @Test func aLostCellTakesItsServersAlongAndBringsThemBack() throws {
      var bench = Self.bench()
      bench.pass(.seconds(2))
      try bench.run("cell", ["name": "zone1", "lost": "true"])
      bench.pass(.seconds(2))
      #expect(bench.cluster.vtgates.map(\.process) == [.dead, .running])
      #expect(bench.cluster.lostCells == ["zone1"])
      #expect(bench.cluster.vtgates[1].primary(of: ClusterBench.shard) == nil)
      let outcome = try bench.reparent(.emergency)
      #expect(outcome.failure == nil && outcome.to == Self.alias(2, 101))
      bench.pass(.seconds(2))
      #expect(bench.cluster.vtgates[1].primary(of: ClusterBench.shard)?.alias == outcome.to)
      try bench.run("cell", ["name": "zone1", "lost": "false"])
      bench.pass(.seconds(25))
      // The old primary has found out that it is none.
      #expect(bench.cluster.vtgates.map(\.process) == [.running, .running])
      #expect(try bench.tablet(Self.alias(1, 100)).type == .replica)
      #expect(bench.cluster.vtgates[0].primary(of: ClusterBench.shard)?.alias == outcome.to)
    }

    @Test func anEmergencyReparentCanBeKeptInItsCell() throws {
      var bench = Self.bench()
      bench.pass(.seconds(2))
      try bench.run("mysql", ["tablet": "zone1-100", "running": "false"])
      bench.pass(.seconds(1))
      #expect(try bench.reparent(.emergency) { $0.preventsCrossCell = true }.failure != nil)
      #expect(try bench.reparent(.emergency).failure == nil)
    }

    @Test func onlyACellThatThereIsCanBeLost() throws {
      var bench = Self.bench()
      let refusal = #expect(throws: Refusal.self) {
        try bench.run("cell", ["name": "zone9", "lost": "true"])
      }
      #expect(refusal?.description == "node doesn't exist: /vitess/global/cells/zone9/CellInfo")
    }
  }
}
