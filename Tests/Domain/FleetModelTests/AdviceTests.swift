import FleetModel
import Terms
import Testing
import Wording

/// Each rule: what makes it speak, with which evidence, and what makes it fall silent.
@Suite struct AdviceTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let rule: Advice.Rule
    let finding: String
    let remedy: String
    let cause: @Sendable (inout Feed) -> Void
    /// Nil when only time or the next failover ends it.
    var cure: (@Sendable (inout Feed) -> Void)?

    var testDescription: String { rule.rawValue }
  }

  /// Flags as a command line gives them, buffering on.
  private static func configure(
    _ feed: inout Feed, _ change: (inout BufferFlags) -> Void = { _ in }
  ) {
    var flags = BufferFlags(source: .commandLine)
    flags.isEnabled = true
    change(&flags)
    for index in feed.readings.indices { feed.readings[index].flags = flags }
    feed.poll()
  }

  /// A failover of gate1 alone or of both, over and quiet.
  private static func failover(
    _ feed: inout Feed, on vtgates: [Int] = [0, 1], took milliseconds: Int = 300,
    _ reason: StopReason = .newPrimarySeen, moves: Bool = true,
    _ change: (inout BufferCounters) -> Void = { _ in }
  ) {
    feed.poll()
    for index in vtgates {
      feed.change(index) {
        $0.starts += 1
        $0.buffered += 8
        $0.lastRequestsInFlightMax = 8
        change(&$0)
      }
    }
    feed.poll()
    feed.fleet.settle(at: feed.now)
    for index in vtgates {
      feed.change(index) {
        $0.stops[reason, default: 0] += 1
        $0.drained = $0.buffered - $0.evictedTotal
        $0.lastFailoverDuration = .milliseconds(milliseconds)
      }
    }
    if moves {
      for index in feed.readings.indices {
        feed.readings[index].tablets = GatewayTablets([
          Feed.tablet(100, .replica), Feed.tablet(101, .primary, term: 2),
        ])
      }
    }
    // What is not seen to change the primary may go on a while.
    for _ in 0..<(moves ? 5 : 15) {
      feed.poll()
      feed.fleet.settle(at: feed.now)
    }
  }

  static let cases: [Case] = [
    Case(
      rule: .serversDisagree,
      finding: "vtgate gate2:15001 sees no serving primary, the others see zone1-100",
      remedy: "queries fail there: see its log and --cells-to-watch, take it out of the load "
        + "balancer, restart it",
      cause: { feed in
        feed.readings[1].tablets = GatewayTablets([Feed.tablet(100, .replica)])
        for _ in 0..<5 {
          feed.poll()
          feed.fleet.settle(at: feed.now)
        }
      },
      cure: { feed in
        feed.readings[1].tablets = feed.readings[0].tablets
        feed.poll()
      }),
    Case(
      rule: .bufferingOff,
      finding: "no vtgate buffers for this shard (off at gate1:15001, gate2:15001)",
      remedy: "start vtgate with --enable_buffer",
      cause: { configure(&$0) { $0.isEnabled = false } }, cure: { configure(&$0) }),
    Case(
      rule: .bufferingOff,
      finding: "no vtgate buffers for this shard (off at gate1:15001, gate2:15001)",
      remedy: "add commerce/0 to --buffer_keyspace_shards",
      cause: { configure(&$0) { $0.keyspaceShards = ["customer"] } }, cure: { configure(&$0) }),
    Case(
      rule: .coolDown, finding: "a failover within the next 56s will not be buffered",
      remedy: "wait, or lower --buffer_min_time_between_failovers",
      cause: {
        configure(&$0)
        failover(&$0)
      }, cure: { $0.now = $0.now + .seconds(60) }),
    Case(
      rule: .failoversTooClose,
      finding: "17 requests were not buffered: failovers too close together",
      remedy:
        "leave 1m00s (--buffer_min_time_between_failovers) between two reparents",
      cause: {
        configure(&$0)
        failover(&$0) { $0.evicted = [:] }
        $0.change { $0.skipped[.lastFailoverTooRecent] = 17 }
        for _ in 0..<5 {
          $0.poll()
          $0.fleet.settle(at: $0.now)
        }
      }, cure: { failover(&$0) }),
    Case(
      rule: .bufferTooSmall,
      finding: "4 requests failed because a buffer was full (peak 8, size 10)",
      remedy: "raise --buffer_size to 15 or more",
      cause: {
        configure(&$0)
        failover(&$0, on: [0]) { $0.evicted[.bufferFull] = 4 }
      },
      cure: { feed in
        for index in feed.readings.indices { feed.readings[index].bufferSize = 15 }
        feed.poll()
      }),
    Case(
      rule: .windowTooShort,
      finding: "6 requests outlasted the window of 1.0 s, the last failover took 4.5 s",
      remedy: "raise --buffer_window to 7s",
      cause: {
        configure(&$0) { $0.window = .seconds(1) }
        failover(&$0, on: [0], took: 4487) { $0.evicted[.windowExceeded] = 6 }
      }, cure: { configure(&$0) { $0.window = .seconds(7) } }),
    Case(
      rule: .windowTooShort,
      finding: "6 requests outlasted the window of 1.0 s, the last failover took 30.0 s",
      remedy:
        "raise --buffer_window to 45s, --buffer_max_failover_duration to 45s, "
        + "--buffer_min_time_between_failovers to 1m30s",
      cause: {
        configure(&$0) { $0.window = .seconds(1) }
        failover(&$0, on: [0], took: 30_000) { $0.evicted[.windowExceeded] = 6 }
      }),
    // It goes on, and has taken longer than until it was given up.
    Case(
      rule: .windowTooShort,
      finding: "6 requests outlasted the window of 1.0 s",
      remedy: "what keeps buffering from giving up helps them as well",
      cause: {
        configure(&$0) { $0.window = .seconds(1) }
        $0.losePrimary()
        failover(&$0, on: [0], took: 20_000, .maxDurationExceeded, moves: false) {
          $0.evicted[.windowExceeded] = 6
        }
      }),
    Case(
      rule: .clientsGaveUp, finding: "3 clients gave up while they were buffered",
      remedy: "let clients wait longer than 10.0 s (--buffer_window)",
      cause: {
        configure(&$0)
        failover(&$0, on: [0]) { $0.evicted[.contextDone] = 3 }
      }, cure: { $0.now = $0.now + .seconds(300) }),
    Case(
      rule: .maxDurationExceeded,
      finding: "buffering was given up after 20.0 s, before a primary was seen",
      remedy:
        "find out why it took so long, or raise --buffer_max_failover_duration to 40s, "
        + "--buffer_min_time_between_failovers to 1m20s",
      cause: {
        configure(&$0)
        failover(&$0, took: 20_000, .maxDurationExceeded)
      }, cure: { configure(&$0) { $0.maxFailoverDuration = .seconds(40) } }),
    Case(
      rule: .rolledBack,
      finding: "zone1-100 is primary again: the reparent was rolled back or never done",
      remedy: "read vtctld's answer; a candidate that lags must catch up first",
      cause: { feed in
        configure(&feed)
        feed.losePrimary()
        feed.poll()
        feed.regainPrimary()
        failover(&feed, moves: false)
      }, cure: { failover(&$0) }),
    Case(
      rule: .samePrimary,
      finding:
        "requests were held and zone1-100 stayed primary: a traffic switch that timed out, was "
        + "cancelled or ended between two health messages, or a reparent that was rolled back",
      remedy:
        "ask vtctld how it ended: GetWorkflows of the target keyspace, GetShard commerce/0, or the "
        + "reparent's answer",
      cause: {
        configure(&$0)
        failover(&$0, moves: false)
      }, cure: { failover(&$0) }),
    Case(
      rule: .trafficSwitch,
      finding:
        "a traffic switch held requests for 3.5 s, until the next health message of the source's "
        + "primary; clients may have waited longer",
      remedy:
        "lower --health_check_interval of the source's vttablets (20s by default), and keep "
        + "--buffer_window and SwitchTraffic's --timeout above it",
      cause: {
        configure(&$0)
        failover(&$0, took: 3484, .moveTablesSwitchedTraffic, moves: false)
      }, cure: { failover(&$0) }),
    Case(
      rule: .waitedForAnother,
      finding:
        "requests were held because commerce/80- had no primary: vtgate holds a whole keyspace "
        + "until its last shard is back",
      remedy: "mend commerce/80-; no flag would help this shard alone",
      cause: { feed in
        configure(&feed)
        feed.addShard("80-", isServing: true)
        feed.poll()
        feed.addShard("80-", isServing: false)
        failover(&feed, moves: false)
      },
      cure: { feed in
        feed.addShard("80-", isServing: true)
        feed.poll()
        failover(&feed)
      }),
    Case(
      rule: .switchAhead,
      finding: "MoveTables customer.m1 moves t1 to customer: streams run, 1 s behind; "
        + "Reads Not Switched. Writes Not Switched; told 0s ago",
      remedy: "vtgates before v18 do not buffer a switch; the release of these is unknown",
      cause: { SwitchAheadTests.tell(&$0, [SwitchAheadTests.workflow()]) },
      cure: { SwitchAheadTests.tell(&$0, []) }),
    Case(
      rule: .vtgateUnmoved,
      finding: "the counters of gate2:15001 did not move in the last failover",
      remedy: "see whether that vtgate gets traffic for this shard, and sees its primary",
      cause: {
        configure(&$0)
        failover(&$0, on: [0])
      }, cure: { failover(&$0) }),
    Case(
      rule: .cutoverUnderWay,
      finding: "cutover from old to new: holding, 2 in flight, 20.0 s at most",
      remedy:
        "sluice cutover switch goes on at the new server, sluice cutover cancel at the old one",
      cause: { feed in
        configure(&feed)
        ProxyTests.tell(
          ProxyRoute(server: "old", inFlight: 2, cutover: ProxyTests.cutover(.holding)), in: &feed)
        feed.poll()
      },
      cure: { feed in
        ProxyTests.tell(
          ProxyRoute(server: "new", cutover: ProxyTests.cutover(.switched)), in: &feed)
        feed.poll()
      }),
    Case(
      rule: .cutoverNotDone,
      finding: "cutover from old to new: cancelled (it took too long): old serves on",
      remedy: "see to its reason, then once more: sluice cutover start --to new",
      cause: { feed in
        let route = ProxyRoute(server: "old")
        ProxyTests.tell(route, in: &feed)
        configure(&feed)
        feed.losePrimary()
        ProxyTests.tell(
          ProxyRoute(server: "old", cutover: ProxyTests.cutover(.holding)), in: &feed)
        feed.poll()
        feed.regainPrimary()
        ProxyTests.tell(
          ProxyRoute(
            server: "old", cutover: ProxyTests.cutover(.cancelled, reason: "it took too long")),
          in: &feed)
        for _ in 0..<8 { feed.poll() }
        feed.fleet.settle(at: feed.now)
      }),
    Case(
      rule: .serverNotUsable,
      finding: "old is marked as draining, and gets no new work",
      remedy: "take the mark away, or end the cutover that needs it",
      cause: { feed in
        configure(&feed)
        ProxyTests.tell(ProxyRoute(server: "old", fault: .draining), in: &feed)
        feed.poll()
      },
      cure: { feed in
        ProxyTests.tell(ProxyRoute(server: "old"), in: &feed)
        feed.poll()
      }),
    Case(
      rule: .primaryReadOnly,
      finding: "old serves and is read-only: writes fail",
      remedy:
        "let it take writes, or give its route to another: sluice cutover start --to new",
      cause: { feed in
        ProxyTests.tell(ProxyRoute(server: "old"), in: &feed)
        for index in feed.readings.indices {
          feed.readings[index].tablets = ProxyTests.servers(serving: "old", readOnly: ["old"])
        }
        feed.poll()
      },
      cure: { feed in
        for index in feed.readings.indices {
          feed.readings[index].tablets = ProxyTests.servers(serving: "old")
        }
        feed.poll()
      }),
    Case(
      rule: .lagOverThreshold,
      finding: "lag is 3.5 s, over its threshold of 1 s",
      remedy:
        "a planned reparent waits for the candidate to catch up: look at the lagging replica",
      cause: { feed in
        configure(&feed)
        feed.pollTablet(100) { $0.selfValue = 0.1 }
        feed.pollTablet(101) { $0.selfValue = 3.5 }
      }, cure: { $0.pollTablet(101) { $0.selfValue = 0.5 } }),
    Case(
      rule: .heartbeatsOff,
      finding: "apps ask the throttler and are denied, because no heartbeats are written",
      remedy:
        "start the primary's vttablet with --heartbeat_on_demand_duration, or with "
        + "--heartbeat_enable",
      cause: { feed in
        configure(&feed)
        for _ in 0..<6 {
          feed.poll()
          feed.pollTablet(100) { ($0.selfValue, $0.isRecentlyChecked) = (300, true) }
          feed.fleet.settle(at: feed.now)
        }
      }, cure: { $0.pollTablet(100) { $0.selfValue = 0.5 } }),
    Case(
      rule: .throttlerDormant,
      finding:
        "nobody asks the throttler, and no heartbeats are written: gauges show the age of the "
        + "newest, which is no lag",
      remedy:
        "nothing to do: they are written while an app checks, where they are on demand",
      cause: { feed in
        configure(&feed)
        for uid in [100, 101] as [UInt32] {
          feed.pollTablet(uid) { ($0.selfValue, $0.isDormant) = (42, true) }
        }
      },
      cure: { $0.pollTablet(100) { ($0.selfValue, $0.isDormant) = (0.2, false) } }),
  ]

  private func advice(_ rule: Advice.Rule, _ feed: Feed) -> Advice? {
    feed.state.advice(at: feed.now).first { $0.rule == rule }
  }

  private func finding(_ rule: Advice.Rule, _ feed: Feed) -> String? {
    advice(rule, feed).map(Wording().finding)
  }

  @Test(arguments: cases) func aRuleSpeaksWithEvidenceAndFallsSilent(_ test: Case) throws {
    var feed = Feed()
    feed.poll()
    // Nothing is wrong with a fleet of which only the flags are not known.
    #expect(advice(test.rule, feed) == nil)
    test.cause(&feed)
    let advice = try #require(self.advice(test.rule, feed))
    #expect(Wording().finding(advice) == test.finding)
    #expect(Wording().remedy(advice) == test.remedy)
    guard let cure = test.cure else { return }
    cure(&feed)
    #expect(self.advice(test.rule, feed) == nil)
  }

  @Test func everyRuleHasItsCase() {
    #expect(Set(Self.cases.map(\.rule)) == Set(Advice.Rule.allCases))
  }

  @Test func theWorstComesFirst() {
    var feed = Feed()
    Self.configure(&feed) { $0.window = .seconds(1) }
    Self.failover(&feed, on: [0], took: 4487) {
      $0.evicted = [.bufferFull: 4, .windowExceeded: 6]
    }
    let severities = feed.state.advice(at: feed.now).map(\.severity)
    #expect(severities == severities.sorted(by: >))
    #expect(severities.first == .critical)
  }

  /// A failover from before the program was started is advised on too, until a baseline is set.
  @Test func totalsSpeakWhenNoFailoverWasWatched() {
    var feed = Feed()
    feed.change {
      $0.evicted = [.bufferFull: 4]; $0.lastRequestsInFlightMax = 4
    }
    feed.poll()
    #expect(advice(.bufferTooSmall, feed) == nil)
    feed.readings[0].bufferSize = 4
    feed.poll()
    #expect(finding(.bufferTooSmall, feed)?.contains("peak 4, size 4") == true)
    feed.fleet.setBaseline(at: feed.now)
    #expect(advice(.bufferTooSmall, feed) == nil)
  }

  @Test func whatWasGivenUpIsSaidOfTheFlagsOfThen() {
    var feed = Feed()
    Self.configure(&feed)
    Self.failover(&feed, took: 20_000, .maxDurationExceeded)
    Self.configure(&feed) { $0.maxFailoverDuration = .seconds(30) }
    #expect(
      finding(.maxDurationExceeded, feed)
        == "buffering was given up after 20.0 s, before a primary was seen")
  }

  @Test func flagsAreSpelledAsTheReleaseTakesThem() {
    var feed = Feed()
    for index in feed.readings.indices { feed.readings[index].version = "23.0.0" }
    Self.configure(&feed) { $0.isEnabled = false }
    let advice = advice(.bufferingOff, feed)
    #expect(advice.map { Wording().remedy($0) } == "start vtgate with --enable-buffer")
  }
}
