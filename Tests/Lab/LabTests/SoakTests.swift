import Buffering
import Lab
import Terms
import TestSupport
import Testing

extension EngineTests {
  /// A day of everything that can go wrong, on the engine's own clock.
  @Suite(.timeLimit(.minutes(5)), .serialized) struct SoakTests {
    @Test(arguments: [(VitessRelease.v16, UInt64(1)), (.v22, 2)])
    func twentyFourHoursOfFaultsKeepEveryInvariant(
      _ release: VitessRelease, _ seed: UInt64
    ) async throws {
      var profile = TrafficProfile.steady
      (profile.persistent, profile.pooled, profile.oneOff) = (1, 1, 1)
      profile.think = .seconds(12)
      profile.retryTime = .seconds(10)
      profile.readTimeout = .seconds(7)
      profile.transactions = 0.1
      profile.transactionTime = .seconds(1)
      var hurried = profile
      hurried.deadline = .seconds(3)
      let shards = ["commerce/-80", "commerce/80-", "customer/0"]
      var bench = ClusterBench(release) {
        $0.seed = seed
        $0.keyspaces = [("commerce", ["-80", "80-"]), ("customer", ["0"])]
        $0.vtgates = 2
        $0.buffer.size = 4
        $0.buffer.window = .seconds(3)
        $0.buffer.maxFailoverDuration = .seconds(8)
        $0.buffer.minTimeBetweenFailovers = .seconds(16)
        $0.buffer.drainConcurrency = 2
        $0.traffic = [
          Traffic(profile, to: ShardName(keyspace: "commerce", shard: "-80")),
          Traffic(hurried, to: ShardName(keyspace: "commerce", shard: "80-")),
          Traffic(profile, to: ShardName(keyspace: "customer", shard: "0")),
        ]
      }
      var dice = Dice(seed)
      let end = bench.cluster.now + .seconds(86_400)
      var faults = 0
      while bench.cluster.now < end {
        let (command, parameters) = Self.fault(shards, &dice)
        // What makes no sense at the moment is refused, and must be refused cleanly.
        do throws(Refusal) {
          try bench.cluster.perform(
            DrillCommand(command, parameters, at: bench.cluster.now))
          faults += 1
        } catch {
          #expect(!error.description.isEmpty)
        }
        let pause = Duration.milliseconds(Int.random(in: 5...60_000, using: &dice))
        let until = min(end, bench.cluster.now + pause)
        while bench.cluster.now < until {
          bench.cluster.advance(to: min(until, bench.cluster.now + .seconds(2)))
          _ = bench.cluster.takeOutcomes()
          // A day takes its while: others shall not starve meanwhile.
          await Task.yield()
          let violation = bench.cluster.violation()
          try #require(violation == nil, "after \(command) \(parameters)")
        }
      }
      #expect(faults > 1500)
      Self.mend(&bench, shards)
      for vtgate in bench.cluster.vtgates {
        // It came through: everybody has a primary, and nothing is left waiting.
        for shard in bench.cluster.shards {
          #expect(vtgate.primary(of: shard)?.alias == bench.cluster.topology.shards[shard]?.primary)
          #expect(vtgate.buffer.waiting(for: shard) == 0)
        }
        #expect(vtgate.buffer.slotsUsed == 0)
      }
    }

    private static func fault(
      _ shards: [String], _ dice: inout Dice
    ) -> (String, [String: String]) {
      let shard = shards.randomElement(using: &dice) ?? shards[0]
      let tablet =
        "zone1-\(100 * Int.random(in: 1...3, using: &dice) + Int.random(in: 0...2, using: &dice))"
      let vtgate = "vtgate-\(Int.random(in: 1...2, using: &dice))"
      let flag = "\(Int.random(in: 0...3, using: &dice) > 0)"
      let states = ["running", "running", "running", "dead", "hung"]
      switch Int.random(in: 0..<16, using: &dice) {
      case 0, 1, 2: return ("planned-reparent", ["shard": shard, "wait": "3s"])
      case 3: return ("emergency-reparent", ["shard": shard, "wait": "3s"])
      case 4: return ("external-reparent", ["shard": shard, "new-primary": tablet])
      case 5:
        return (
          "replica",
          ["tablet": tablet, "speed": ["0.3", "normal"].randomElement(using: &dice) ?? ""]
        )
      case 6: return ("sql-thread", ["tablet": tablet, "running": flag])
      case 7: return ("mysql", ["tablet": tablet, "running": flag])
      case 8:
        return ("process", ["server": tablet, "state": states.randomElement(using: &dice) ?? ""])
      case 9:
        return ("process", ["server": vtgate, "state": states.randomElement(using: &dice) ?? ""])
      case 10: return ("network", ["one": vtgate, "other": tablet, "split": "\(flag == "false")"])
      case 11: return ("transaction", ["shard": shard, "open": "5s"])
      case 12: return ("restart", ["server": [tablet, vtgate].randomElement(using: &dice) ?? ""])
      case 13:
        return (
          "move-tables", ["from": "commerce", "to": "customer", "tables": "t1", "catch-up": "9s"]
        )
      case 14: return ("cancel-move-tables", ["from": "commerce"])
      default: return ("heartbeats", ["shard": shard, "writing": flag])
      }
    }

    /// Ends every fault and lets the cluster settle.
    private static func mend(_ bench: inout ClusterBench, _ shards: [String]) {
      for alias in bench.cluster.tablets.keys.sorted() {
        for number in 1...2 {
          try? bench.run(
            "network", ["one": "vtgate-\(number)", "other": "\(alias)", "split": "false"])
        }
        try? bench.run("process", ["server": "\(alias)", "state": "running"])
        try? bench.run("mysql", ["tablet": "\(alias)", "running": "true"])
        try? bench.run("sql-thread", ["tablet": "\(alias)", "running": "true"])
        try? bench.run("replica", ["tablet": "\(alias)", "speed": "normal"])
      }
      for number in 1...2 {
        try? bench.run("process", ["server": "vtgate-\(number)", "state": "running"])
      }
      bench.pass(.seconds(120))
      // A shard that was left without a primary gets one as an operator would give it one.
      for shard in shards { try? bench.run("emergency-reparent", ["shard": shard]) }
      bench.pass(.seconds(120))
    }
  }
}
