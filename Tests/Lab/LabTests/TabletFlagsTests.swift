import Lab
import Terms
import Testing

extension EngineTests {
  /// A vttablet that is restarted with flags of its own.
  @Suite struct TabletFlagsTests {
    private static func bench(_ release: VitessRelease = .v15) -> ClusterBench {
      ClusterBench(release) { $0.replicas = 3 }
    }

    private static func restart(
      _ bench: inout ClusterBench, _ flags: [String: String], on alias: TabletAlias
    ) throws {
      try bench.run("restart", flags.merging(["server": "\(alias)"]) { $1 })
      // Its throttler leads again and has collected.
      bench.pass(.seconds(7))
    }

    @Test func aThresholdIsTheTabletsOwn() throws {
      var bench = Self.bench()
      bench.pass(.seconds(2))
      try Self.restart(&bench, ["throttle_threshold": "7s"], on: ClusterBench.primary)
      #expect(try bench.check("test").threshold == 7)
      #expect(try bench.check("test", on: ClusterBench.replica, .own).threshold == 1)
      // A process without the flag has none of it.
      try Self.restart(&bench, [:], on: ClusterBench.primary)
      #expect(try bench.check("test").threshold == 1)
    }

    @Test func aQueryIsAskedInPlaceOfLag() throws {
      var bench = Self.bench()
      bench.pass(.seconds(2))
      try Self.restart(
        &bench, ["throttle-metrics-query": "select 12", "throttle-metrics-threshold": "10"],
        on: ClusterBench.primary)
      let answer = try bench.check("test", .own)
      #expect(answer.value == 12 && answer.threshold == 10)
      #expect(answer.verdict == .thresholdExceeded)
    }

    @Test func aPrimaryProbesTheTypesThatItIsTold() throws {
      var bench = Self.bench()
      bench.pass(.seconds(2))
      try bench.cluster.changeType(of: ClusterBench.replica, to: .rdonly, isDryRun: false)
      try bench.run("sql-thread", ["tablet": "zone1-101", "running": "false"])
      bench.pass(.seconds(5))
      #expect(try bench.check("test").verdict == .ok)
      try Self.restart(&bench, ["throttle_tablet_types": "rdonly"], on: ClusterBench.primary)
      #expect(try bench.check("test").verdict == .thresholdExceeded)
    }

    @Test func itsOwnValueDecidesWhereItSaysSo() throws {
      var bench = Self.bench()
      bench.pass(.seconds(2))
      try bench.run("sql-thread", ["tablet": "zone1-101", "running": "false"])
      bench.pass(.seconds(5))
      #expect(try bench.check("test").verdict == .thresholdExceeded)
      try Self.restart(
        &bench, ["throttle_check_as_check_self": "true"], on: ClusterBench.primary)
      #expect(try bench.check("test").verdict == .ok)
    }

    @Test func heartbeatsComeAtItsInterval() throws {
      var bench = Self.bench()
      try Self.restart(&bench, ["heartbeat_interval": "2s"], on: ClusterBench.primary)
      let before = bench.cluster.heartbeatsWritten(by: ClusterBench.primary)
      bench.pass(.seconds(20))
      #expect((9...11).contains(bench.cluster.heartbeatsWritten(by: ClusterBench.primary) - before))
    }

    @Test func fromV18OnOnlyHeartbeatsHaveFlags() throws {
      var bench = Self.bench(.v18)
      let refusal = #expect(throws: Refusal.self) {
        try bench.run("restart", ["server": "zone1-100", "throttle_threshold": "7s"])
      }
      #expect(refusal?.description.contains("from v18 on") == true)
      try bench.run("restart", ["server": "zone1-100", "heartbeat_interval": "1s"])
    }
  }
}
