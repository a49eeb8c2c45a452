import Lab
import Terms
import Testing

extension EngineTests {
  @Suite struct ThrottlerTests {
    @Test(arguments: VitessRelease.allCases)
    func theShardsLagIsTheWorstOfItsReplicas(_ release: VitessRelease) throws {
      var bench = ClusterBench(release)
      bench.pass(.seconds(2))
      #expect(try bench.check("test").verdict == .ok)
      try bench.run("sql-thread", ["tablet": "zone1-101", "running": "false"])
      bench.pass(.seconds(5))
      let answer = try bench.check("test")
      #expect(answer.verdict == .thresholdExceeded)
      #expect(answer.verdict.httpStatus == 429)
      #expect(answer.value > 4)
      #expect(answer.message == (release >= .v21 ? "threshold exceeded" : "Threshold exceeded"))
      // The primary itself has no lag but the age of its heartbeat.
      #expect(try bench.check("test", .own).verdict == .ok)
      #expect(try bench.check("test", on: ClusterBench.replica, .own).verdict == .thresholdExceeded)
      try bench.run("sql-thread", ["tablet": "zone1-101", "running": "true"])
      bench.pass(.seconds(2))
      #expect(try bench.check("test").verdict == .ok)
    }

    @Test func theThresholdItselfIsStillAllowed() throws {
      var bench = ClusterBench(.v22)
      var update = LabCluster.ThrottlerUpdate()
      update.customQuery = "select 5"
      update.threshold = 5
      try bench.cluster.updateThrottlerConfig("commerce", update)
      bench.pass(.seconds(11))
      #expect(try bench.check("test", .own).verdict == .ok)
      update.threshold = 4.9
      try bench.cluster.updateThrottlerConfig("commerce", update)
      bench.pass(.seconds(11))
      #expect(try bench.check("test", .own).verdict == .thresholdExceeded)
    }

    @Test func aBrokenCustomQueryIsAnInternalErrorWithItsText() throws {
      var bench = ClusterBench(.v22)
      var update = LabCluster.ThrottlerUpdate()
      update.customQuery = "select x from no_such_table"
      update.threshold = 1
      try bench.cluster.updateThrottlerConfig("commerce", update)
      bench.pass(.seconds(2))
      let answer = try bench.check("test", .own)
      #expect(answer.verdict == .internalError)
      #expect(
        answer.message == "Table 'vt_commerce.no_such_table' doesn't exist (errno 1146) "
          + "(sqlstate 42S02) during query: select x from no_such_table")
      #expect(answer.summary.hasPrefix("test is denied access due to unexpected error: Table"))
      // A named metric that is not the default leaves the answer's own fields empty.
      let lag = try bench.check("test", .own) { $0.metrics = ["lag"] }
      #expect(lag.metricName == "")
      #expect(lag.metrics?["lag"]?.verdict == .ok)
    }

    @Test func aRulesRatioActsTwiceOnItsVeryName() throws {
      var bench = ClusterBench(.v16)
      func denied(_ app: String) throws -> Int {
        try (0..<2000).reduce(0) { count, _ in
          count + (try bench.check(app).verdict == .appDenied ? 1 : 0)
        }
      }
      _ = bench.cluster.throttle("test", on: ClusterBench.primary, for: .seconds(600), ratio: 0.5)
      // 1 − (1 − 0.5)² of the name itself, once only of a part of one.
      #expect((1400...1600).contains(try denied("test")))
      #expect((900...1100).contains(try denied("vcopier:test")))
      #expect(try denied("testing") == 0)
    }

    @Test(arguments: VitessRelease.allCases) func aRuleEndsByItself(_ release: VitessRelease) throws
    {
      var bench = ClusterBench(release)
      _ = bench.cluster.throttle("test", on: ClusterBench.primary, for: .seconds(10), ratio: 1)
      #expect(try bench.check("test").verdict == .appDenied)
      #expect(try bench.check("test").message == (release >= .v21 ? "app denied" : "App denied"))
      #expect(
        try bench.tablet(ClusterBench.primary).throttler.activeRules(at: bench.cluster.now).count
          == 2
      )
      bench.pass(.seconds(10))
      #expect(try bench.check("test").verdict == .ok)
      #expect(try bench.check(Throttler.builtInRule).verdict == .appDenied)
    }

    @Test func rulesOfHTTPStayInOneTabletAndVanishWithItsProcess() throws {
      var bench = ClusterBench(.v16)
      _ = bench.cluster.throttle("test", on: ClusterBench.replica, for: .seconds(600), ratio: 1)
      #expect(try bench.check("test").verdict == .ok)
      #expect(try bench.check("test", on: ClusterBench.replica, .own).verdict == .appDenied)
      try bench.run("restart", ["server": "zone1-101"])
      bench.pass(.seconds(1))
      #expect(try bench.check("test", on: ClusterBench.replica, .own).verdict == .ok)
    }

    @Test func rulesOfTopoReachEveryTabletAndDropThoseOfHTTPFromV21On() throws {
      for (release, keeps) in [(VitessRelease.v20, true), (.v21, false)] {
        var bench = ClusterBench(release)
        _ = bench.cluster.throttle("other", on: ClusterBench.primary, for: .seconds(600), ratio: 1)
        try bench.run("throttler", ["keyspace": "commerce", "throttle-app": "test"])
        bench.pass(.seconds(1))
        for alias in [ClusterBench.primary, ClusterBench.replica, ClusterBench.other] {
          #expect(try bench.check("test", on: alias, .own).verdict == .appDenied)
        }
        #expect((try bench.check("other").verdict == .appDenied) == keeps)
        // They survive a restart.
        try bench.run("restart", ["server": "zone1-101"])
        bench.pass(.seconds(1))
        #expect(try bench.check("test", on: ClusterBench.replica, .own).verdict == .appDenied)
        try bench.run("throttler", ["keyspace": "commerce", "unthrottle-app": "test"])
        bench.pass(.seconds(1))
        #expect(try bench.check("test").verdict == .ok)
      }
    }

    @Test func exemptAppsAndAllWorkAsInV21() throws {
      var bench = ClusterBench(.v22)
      var update = LabCluster.ThrottlerUpdate()
      let expiry = bench.cluster.now + .seconds(600)
      update.app = ("all", ThrottlerRule(expiresAt: expiry, ratio: 1))
      try bench.cluster.updateThrottlerConfig("commerce", update)
      update.app = ("free", ThrottlerRule(expiresAt: expiry, ratio: 1, isExempt: true))
      try bench.cluster.updateThrottlerConfig("commerce", update)
      bench.pass(.seconds(1))
      #expect(try bench.check("anything").verdict == .appDenied)
      #expect(try bench.check("vitess", .own).verdict == .appDenied)
      #expect(try bench.check("free").verdict == .ok)
      #expect(try bench.check("schema-tracker").verdict == .ok)
    }

    @Test func aThrottlerThatIsOffOrClosedSaysYesToAll() throws {
      for release in [VitessRelease.v16, .v22] {
        var bench = ClusterBench(release) { $0.isThrottlerEnabled = false }
        let answer = try bench.check(Throttler.builtInRule)
        #expect(answer.verdict == .ok)
        #expect(answer.threshold == 0)
        #expect(answer.app == "")
        #expect(answer.metrics == nil)
      }
      var bench = ClusterBench(.v22)
      try bench.run("mysql", ["tablet": "zone1-101", "running": "false"])
      bench.pass(.seconds(1))
      #expect(try !bench.tablet(ClusterBench.replica).throttler.isOpen)
      #expect(try bench.check("test", on: ClusterBench.replica, .own).value == 0)
      // The shard's lag does not show it.
      #expect(try bench.check("test").verdict == .ok)
    }

    @Test func aReplicaThatCannotBeAskedFailsTheShardUpToV16Only() throws {
      for release in [VitessRelease.v16, .v22] {
        var bench = ClusterBench(release)
        try bench.run("process", ["server": "zone1-101", "state": "dead"])
        bench.pass(.seconds(2))
        let answer = try bench.check("test")
        if release == .v16 {
          #expect(answer.verdict == .internalError)
          #expect(
            answer.message
              == "Get \"http://127.0.0.1:15101/throttler/check-self?app=vitess\": dial "
              + "tcp 127.0.0.1:15101: connect: connection refused")
        } else {
          #expect(answer.verdict == .ok)
        }
      }
    }

    @Test func nobodyLeadsForAWhileAfterAReparent() throws {
      var bench = ClusterBench(.v16)
      bench.pass(.seconds(10))
      let outcome = try bench.reparent()
      let new = try #require(outcome.to)
      #expect(try !bench.tablet(ClusterBench.primary).throttler.isLeader)
      // A first-time primary knows of no shard metric before it leads, then has none collected yet.
      #expect(try bench.check("test", on: new).verdict == .unknownMetric)
      var seen: [ThrottlerVerdict] = []
      for _ in 0..<300 {
        bench.pass(.milliseconds(20))
        let verdict = try bench.check("test", on: new).verdict
        if seen.last != verdict { seen.append(verdict) }
      }
      #expect(seen == [.unknownMetric, .internalError, .ok])
      // Up to v16 the former primary goes on answering.
      #expect(try bench.check("test").verdict == .ok)
    }

    @Test func withHeartbeatsOnDemandLagGrowsUntilSomebodyAsks() throws {
      var bench = ClusterBench(.v22) { $0.heartbeatsOnDemand = .seconds(5) }
      bench.pass(.seconds(30))
      #expect(try bench.tablet(ClusterBench.primary).throttler.isDormant(at: bench.cluster.now))
      #expect(try bench.check("vitess", .own).metrics?["lag"]?.value ?? 0 > 28)
      // vitess itself and skipped heartbeats wake nobody.
      _ = try bench.check("test") { $0.skipsHeartbeats = true }
      bench.pass(.seconds(2))
      #expect(try bench.check("vitess", .own).metrics?["lag"]?.value ?? 0 > 30)
      #expect(try bench.check("test").verdict == .thresholdExceeded)
      bench.pass(.seconds(2))
      #expect(try bench.check("vitess", .own).metrics?["lag"]?.value ?? 9 < 1)
      bench.pass(.seconds(10))
      #expect(try bench.check("vitess", .own).metrics?["lag"]?.value ?? 0 > 6)
      bench.pass(.seconds(61))
      #expect(try bench.tablet(ClusterBench.primary).throttler.isDormant(at: bench.cluster.now))
    }

    @Test(arguments: [(VitessRelease.v20, false), (.v21, true), (.v22, true)])
    func fromV21OnHeartbeatsAreOnDemandByDefault(_ release: VitessRelease, _ areOnDemand: Bool) {
      var bench = ClusterBench(release) { $0.areHeartbeatsEnabled = false }
      bench.pass(.seconds(20))
      let age = bench.cluster.heartbeatLag(ClusterBench.primary, at: bench.cluster.now) ?? 0
      #expect(areOnDemand == (age > 18))
    }

    @Test func upToV18AnEnabledThrottlerIsNeverDormant() throws {
      var bench = ClusterBench(.v16)
      bench.pass(.seconds(90))
      #expect(try !bench.tablet(ClusterBench.primary).throttler.isDormant(at: bench.cluster.now))
    }

    @Test func lowPriorityIsDeniedForASecondAfterANormalDenial() throws {
      var bench = ClusterBench(.v16)
      try bench.run("sql-thread", ["tablet": "zone1-101", "running": "false"])
      bench.pass(.seconds(3))
      #expect(try bench.check("test").verdict == .thresholdExceeded)
      #expect(try bench.check("low") { $0.isLowPriority = true }.verdict == .appDenied)
      bench.pass(.milliseconds(1100))
      #expect(try bench.check("low") { $0.isLowPriority = true }.verdict == .thresholdExceeded)
    }

    @Test func anAppHasTheMetricsThatItWasGiven() throws {
      var bench = ClusterBench(.v22)
      var update = LabCluster.ThrottlerUpdate()
      update.appMetrics = ("test", ["lag", "self/loadavg"])
      try bench.cluster.updateThrottlerConfig("commerce", update)
      bench.pass(.seconds(1))
      let answer = try bench.check("test", nil) { $0.namesDefault = true }
      #expect(Set(answer.metrics?.keys ?? [:].keys) == ["lag", "loadavg"])
      #expect(answer.metrics?["lag"]?.scope == .shard)
      #expect(answer.metrics?["loadavg"]?.scope == .own)
      let other = try bench.check("other", nil) { $0.namesDefault = true }
      #expect(other.metrics?.keys.sorted() == ["lag"])
      #expect(other.metrics?["lag"]?.scope == .shard)
      let unknown = try bench.check("test", .own) { $0.metrics = ["bogus"] }
      #expect(unknown.verdict == .unknownMetric)
      #expect(unknown.verdict.httpStatus == 404)
    }

    @Test func updatesAreRefusedOrIgnoredAsTheServerDoes() throws {
      var bench = ClusterBench(.v22)
      func refusal(_ change: (inout LabCluster.ThrottlerUpdate) -> Void) -> String? {
        var update = LabCluster.ThrottlerUpdate()
        change(&update)
        do throws(Refusal) {
          try bench.cluster.updateThrottlerConfig("commerce", update)
          return nil
        } catch {
          return error.description
        }
      }
      let both = refusal {
        $0.enable = true
        $0.disable = true
      }
      #expect(both == "--enable and --disable are mutually exclusive")
      #expect(refusal { $0.metric = "bogus" } == "unknown metric name: bogus")
      #expect(refusal { $0.appMetrics = ("x", ["bogus"]) } == "invalid metric name: bogus")
      #expect(refusal { $0.threshold = -1 } == nil)
      #expect(bench.cluster.topology.keyspaces["commerce"]?.throttler?.threshold == 1)
      #expect(throws: Refusal.self) {
        try bench.cluster.updateThrottlerConfig("nope", LabCluster.ThrottlerUpdate())
      }
    }

    @Test func aThresholdActsLaterThanItShows() throws {
      var bench = ClusterBench(.v22)
      try bench.run("throttler", ["keyspace": "commerce", "threshold": "3"])
      bench.pass(.milliseconds(900))
      let throttler = try bench.tablet(ClusterBench.primary).throttler
      #expect(throttler.config.threshold == 3)
      #expect(throttler.thresholds[.lag] == 1)
      bench.pass(.seconds(11))
      #expect(try bench.tablet(ClusterBench.primary).throttler.thresholds[.lag] == 3)
    }
  }
}
