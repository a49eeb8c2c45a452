import Buffering
import Lab
import Terms
import Testing

extension EngineTests {
  /// A scenario in real time, on a simulated clock.
  @Suite struct DrillTests {
    private static func scenario() -> Scenario {
      var scenario = Scenario(name: "drill", title: "A drill")
      scenario.steps = [
        DrillStep(
          at: .seconds(5), command: "planned-reparent", parameters: ["shard": "commerce/0"])
      ]
      scenario.exact = ["requests_buffered", "requests_drained"]
      scenario.expectations = [
        .init(source: "guide", values: ["requests_buffered": 6, "requests_drained": 6])
      ]
      return scenario
    }

    /// Lets the drill's reparent come to its end, and the drill after it.
    private func run(_ drill: inout Drill, on bench: inout ClusterBench) throws {
      try drill.start(bench.cluster)
      _ = try bench.reparent()
      let step = try #require(drill.steps(after: .zero).first)
      drill.note(step, "done")
      for _ in 0..<100 where drill.isRunning {
        bench.pass(.milliseconds(100))
        _ = drill.follow(bench.cluster)
      }
    }

    private static func refusal(_ body: () throws -> Void) -> String? {
      do {
        try body()
        return nil
      } catch {
        return "\(error)"
      }
    }

    @Test func itsStepsCountFromTheFirst() {
      let drill = Drill(Self.scenario())
      #expect(drill.steps(after: .zero).map(\.at) == [.zero])
      #expect(drill.steps(after: .seconds(5)).map(\.at) == [.seconds(5)])
    }

    @Test func itCountsFromItsStartAndEndsWhenTheBuffersRest() throws {
      var bench = ClusterBench(.v16)
      bench.pass(.seconds(1))
      var drill = Drill(Self.scenario())
      #expect(drill.phase == .waiting && drill.counters.isEmpty)
      _ = drill.follow(bench.cluster)
      try run(&drill, on: &bench)
      guard case .over = drill.phase else {
        Issue.record("it did not end")
        return
      }
      #expect(drill.counters["requests_buffered"] == 6)
      #expect(drill.scenario.disagreements(with: drill.counters) == [])
      // Once more, after a failover may be buffered again: what came before counts no more.
      bench.pass(.seconds(70))
      try run(&drill, on: &bench)
      #expect(drill.counters["requests_buffered"] == 6)
    }

    @Test func aRestartedVtgateCountsFromZero() throws {
      var bench = ClusterBench(.v16)
      _ = try bench.reparent()
      bench.pass(.seconds(1))
      var drill = Drill(Self.scenario())
      try drill.start(bench.cluster)
      try bench.run("restart", ["server": "vtgate-1"])
      bench.pass(.seconds(1))
      _ = drill.follow(bench.cluster)
      #expect(drill.counters["requests_buffered"] == 0)
    }

    @Test func itIsNotStartedTwiceAtOnce() throws {
      let bench = ClusterBench(.v16)
      var drill = Drill(Self.scenario())
      try drill.start(bench.cluster)
      let words = Self.refusal { try drill.start(bench.cluster) }
      #expect(words?.hasPrefix("the scenario is running") == true)
    }

    @Test func clientsThatEndedSayWhyAndBeginAgain() throws {
      var bench = ClusterBench(.v16, profile: .light) { $0.buffer.isEnabled = false }
      bench.pass(.seconds(1))
      #expect(bench.cluster.clients.running == 6 && bench.cluster.clients.ended.isEmpty)
      _ = try bench.reparent()
      bench.pass(.seconds(1))
      let (running, ended) = bench.cluster.clients
      #expect(running == 0)
      #expect(ended.values.reduce(0, +) == 6)
      #expect(ended.keys.allSatisfy { $0.hasPrefix("errno 1105: target: commerce.0.primary: ") })
      let before = bench.cluster.vtgates[0].statistics.selects
      try bench.run("start-clients", [:])
      bench.pass(.seconds(1))
      #expect(bench.cluster.clients.running == 6 && bench.cluster.clients.ended.isEmpty)
      #expect(bench.cluster.vtgates[0].statistics.selects > before)
    }

    @Test func aVtgateIsRestartedWithOtherFlags() throws {
      var bench = ClusterBench(.v16, profile: .light) { $0.buffer.isEnabled = false }
      bench.pass(.seconds(1))
      try bench.run(
        "restart", ["server": "vtgate-1", "enable_buffer": "1", "buffer-size": "4"])
      bench.pass(.seconds(1))
      #expect(bench.cluster.vtgates[0].buffer.configuration.size == 4)
      // What is not given stays.
      #expect(bench.cluster.vtgates[0].buffer.configuration.window == .seconds(10))
      _ = try bench.reparent()
      bench.pass(.seconds(1))
      #expect(bench.counters.drained == 4)
      #expect((bench.counters.evicted[.bufferFull] ?? 0) > 0)
    }

    @Test func aVtgateThatWouldNotStartGoesOn() throws {
      var bench = ClusterBench(.v16)
      bench.pass(.seconds(1))
      let start = bench.cluster.vtgates[0].startedAt
      let words = Self.refusal {
        try bench.run("restart", ["server": "vtgate-1", "buffer_window": "30s"])
      }
      #expect(words?.hasPrefix("vtgate-1 would not start: -buffer_window must be <= ") == true)
      #expect(bench.cluster.vtgates[0].startedAt == start)
      for (parameters, words) in [
        (["server": "vtgate-1", "buffer_siez": "4"], "restart has no parameter \"buffer_siez\""),
        (["server": "zone1-100", "buffer_size": "4"], "restart has no parameter \"buffer_size\""),
        (["server": "vtgate-1", "buffer_size": "many"], "restart: buffer_size is \"many\""),
        (["server": "vtgate-9", "buffer_size": "4"], "no vtgate-9"),
      ] {
        let refusal = Self.refusal { try bench.run("restart", parameters) }
        #expect(refusal?.hasPrefix(words) == true, "\(refusal ?? "")")
      }
    }
  }
}
