import FleetModel
import Terms
import Testing
import Wording

/// What is told of workflows before they are switched.
@Suite struct SwitchAheadTests {
  static func workflow(
    _ states: Set<String> = ["Running"], lag: Int = 1,
    traffic: String? = "Reads Not Switched. Writes Not Switched",
    from source: String = Feed.shard.keyspace, to target: String = "customer",
    tables: Set<String> = ["t1"]
  ) -> TrafficWorkflow {
    TrafficWorkflow(
      name: "m1", source: source, sourceShards: [Feed.shard.shard], target: target, tables: tables,
      trafficState: traffic, isFrozen: false,
      streams: .init(states: states, lag: .seconds(lag)))
  }

  static func tell(_ feed: inout Feed, _ workflows: [TrafficWorkflow]?) {
    feed.fleet.apply([
      Feed.shard: ShardRouting(
        readAt: feed.now, deniedTables: [], isPrimaryServing: true, workflows: workflows)
    ])
  }

  private static func advice(_ feed: Feed) -> Advice? {
    feed.state.advice(at: feed.now).first { $0.rule == .switchAhead }
  }

  private typealias Case = (
    version: String, workflow: TrafficWorkflow, finding: String, remedy: String
  )

  @Test func whatASwitchWouldDoDependsOnTheRelease() throws {
    let held =
      "when it is switched, writes are held until the primary's next health message "
      + "(--health_check_interval, 20s by default): keep --buffer_window above that"
    let cases: [Case] = [
      (
        "18.0.8", Self.workflow(),
        "MoveTables customer.m1 moves t1 to customer: streams run, 1 s behind; "
          + "Reads Not Switched. Writes Not Switched; told 0s ago", held
      ),
      (
        "17.0.7", Self.workflow(lag: 0, traffic: nil),
        "MoveTables customer.m1 moves t1 to customer: streams run, 0 s behind; told 0s ago",
        "this release does not buffer a switch: expect errors for as long as it takes"
      ),
      (
        "", Self.workflow(traffic: nil),
        "MoveTables customer.m1 moves t1 to customer: streams run, 1 s behind; told 0s ago",
        "vtgates before v18 do not buffer a switch; the release of these is unknown"
      ),
      (
        "22.0.3", Self.workflow(["Running", "Copying"], traffic: nil),
        "MoveTables customer.m1 moves t1 to customer: still copying; told 0s ago",
        "nothing to do yet: it can be switched when the copy is complete"
      ),
      (
        "22.0.3", Self.workflow(lag: 3640, traffic: nil),
        "MoveTables customer.m1 moves t1 to customer: streams run, 3 640 s behind; told 0s ago",
        "SwitchTraffic refuses it above --max-replication-lag-allowed (30s by default)"
      ),
      (
        "22.0.3", Self.workflow(["Error", "Running"], traffic: nil),
        "MoveTables customer.m1 moves t1 to customer: streams are Error, Running; told 0s ago",
        "its streams must run before it can be switched"
      ),
      (
        "22.0.3", Self.workflow(traffic: nil, to: Feed.shard.keyspace, tables: []),
        "Reshard \(Feed.shard.keyspace).m1 moves the writes of \(Feed.shard.shard) to other shards: "
          + "streams run, 1 s behind; told 0s ago",
        "requests for the shard are held while it is switched, for at most --buffer_window"
      ),
    ]
    for one in cases {
      var feed = Feed()
      for index in feed.readings.indices { feed.readings[index].version = one.version }
      feed.poll()
      Self.tell(&feed, [one.workflow])
      let advice = try #require(Self.advice(feed), "\(one.finding)")
      #expect(Wording().finding(advice) == one.finding)
      #expect(Wording().remedy(advice) == one.remedy)
    }
  }

  @Test func nothingIsPromisedWhereBufferingIsOff() throws {
    func remedy(_ workflow: TrafficWorkflow, _ areOn: [Bool]) throws -> String {
      var feed = Feed()
      for (index, isOn) in areOn.enumerated() {
        var flags = BufferFlags(source: .commandLine)
        flags.isEnabled = isOn
        feed.readings[index].version = "22.0.3"
        feed.readings[index].flags = flags
      }
      feed.poll()
      Self.tell(&feed, [workflow])
      return Wording().remedy(try #require(Self.advice(feed)))
    }
    let off = "no vtgate buffers for this shard: expect errors for as long as the switch takes"
    let reshard = Self.workflow(traffic: nil, to: Feed.shard.keyspace, tables: [])
    #expect(try remedy(Self.workflow(), [false, false]) == off)
    #expect(try remedy(reshard, [false, false]) == off)
    #expect(
      try remedy(Self.workflow(), [false, true])
        == "not all vtgates hold requests during a switch: expect errors at the others")
  }

  /// What a stream's state means, in vtctld's words.
  @Test func aStreamThatLagsIsNotHalted() {
    #expect(Self.workflow(["Lagging", "Running"]).readiness == .lagging)
    #expect(Self.workflow(["Init"]).readiness == .copying)
    #expect(Self.workflow(["Stopped"]).readiness == .halted)
  }

  @Test func aWorkflowWithoutStreamsNamesNoTables() throws {
    var feed = Feed()
    feed.poll()
    Self.tell(&feed, [Self.workflow([], traffic: nil, tables: [])])
    let finding = Wording().finding(try #require(Self.advice(feed)))
    #expect(finding == "MoveTables customer.m1 moves tables to customer: told 0s ago")
  }

  @Test func theNearestToItsSwitchIsTold() throws {
    var feed = Feed()
    feed.poll()
    let copying = Self.workflow(["Copying"], tables: ["t0"])
    let halfWay = Self.workflow(traffic: "All Reads Switched. Writes Not Switched", tables: ["t2"])
    Self.tell(&feed, [copying, Self.workflow(), halfWay])
    let advice = try #require(Self.advice(feed))
    #expect(Wording().finding(advice).contains("moves t2"))
  }

  /// Not the shards that writes come to, nor those that they have left.
  @Test func onlyShardsThatWritesWouldLeaveAreConcerned() {
    var feed = Feed()
    feed.poll()
    Self.tell(&feed, [Self.workflow(from: "customer", to: Feed.shard.keyspace)])
    #expect(Self.advice(feed) == nil)
    Self.tell(&feed, [Self.workflow(traffic: "All Reads Switched. Writes Switched")])
    #expect(Self.advice(feed) == nil)
  }

  /// What was told last stays, and gets older, when vtctld cannot tell.
  @Test func aReadingWithoutWorkflowsLeavesTheLastOne() throws {
    var feed = Feed()
    feed.poll()
    Self.tell(&feed, [Self.workflow()])
    feed.now = feed.now + .seconds(300)
    feed.poll()
    Self.tell(&feed, nil)
    let advice = try #require(Self.advice(feed))
    #expect(Wording().finding(advice).contains("told 5m0"))
    Self.tell(&feed, [])
    #expect(Self.advice(feed) == nil)
  }

  @Test func aWordThatTopoRefutesOrThatIsOldIsWithdrawn() {
    func told(denying denied: Set<String> = [], isServing: Bool = true) -> Feed {
      var feed = Feed()
      feed.poll()
      Self.tell(&feed, [Self.workflow()])
      feed.now = feed.now + .seconds(3)
      feed.fleet.apply([
        Feed.shard: ShardRouting(
          readAt: feed.now, deniedTables: denied, isPrimaryServing: isServing, workflows: nil)
      ])
      feed.poll()
      return feed
    }
    #expect(Self.advice(told()) != nil)
    #expect(Self.advice(told(denying: ["t7"])) != nil)
    #expect(Self.advice(told(denying: ["t1"])) == nil)
    #expect(Self.advice(told(isServing: false)) == nil)
    var feed = told()
    feed.now = feed.now + .seconds(600)
    feed.poll()
    #expect(Self.advice(feed) == nil)
  }

  /// One that took long, and comes after a newer one.
  @Test func anOlderReadingIsNoNews() {
    var feed = Feed()
    feed.poll()
    let began = feed.now
    feed.now = feed.now + .seconds(5)
    Self.tell(&feed, [])
    feed.fleet.apply([
      Feed.shard: ShardRouting(
        readAt: began, deniedTables: [], isPrimaryServing: true, workflows: [Self.workflow()])
    ])
    feed.poll()
    #expect(Self.advice(feed) == nil)
  }
}
