import FleetModel
import Terms
import Testing
import Wording

/// Gates that say that they are proxies, and what they tell of their routes.
@Suite struct ProxyTests {
  private static let route = Feed.shard

  /// Two vtgates' readings as proxies tell them: servers in the places of tablets, without pages.
  static func proxies(_ indices: [Int] = [0, 1]) -> Feed {
    var feed = Feed()
    for index in indices {
      feed.readings[index].proxy = ProxyReading(routes: [route: ProxyRoute(server: "old")])
      feed.readings[index].tablets = servers(serving: "old")
    }
    return feed
  }

  static func servers(
    serving primary: String?, term: Int = 1, readOnly: Set<String> = ["new"], lag: Int? = 0
  ) -> GatewayTablets {
    GatewayTablets(
      ["old", "new"].enumerated().map { place, name in
        let isPrimary = name == (primary ?? "old")
        var server = GatewayTablet(
          alias: TabletAlias(cell: name, uid: UInt32(place + 1)), shard: route,
          type: isPrimary ? .primary : .replica, isServing: !isPrimary || primary != nil,
          primaryTermStart: isPrimary ? term : 0, replicationLag: isPrimary ? 0 : lag)
        server.database = DatabaseServer(name: name, isReadOnly: readOnly.contains(name))
        return server
      })
  }

  /// Lets all gates say how their route stands, as proxies do.
  static func tell(_ route: ProxyRoute, in feed: inout Feed) {
    for index in feed.readings.indices {
      feed.readings[index].proxy = ProxyReading(routes: [Self.route: route])
    }
  }

  static func cutover(
    _ phase: ProxyCutover.Phase, reason: String? = nil
  ) -> ProxyCutover {
    ProxyCutover(
      phase, from: "old", to: "new", startedAt: Feed.start + .seconds(2), reason: reason)
  }

  /// A cutover from its beginning until all is quiet again.
  private static func cutOver(_ phase: ProxyCutover.Phase, reason: String? = nil) -> Feed {
    var feed = proxies()
    feed.poll()
    feed.poll()
    tell(ProxyRoute(server: "old", inFlight: 2, cutover: cutover(.holding)), in: &feed)
    for index in feed.readings.indices {
      feed.readings[index].tablets = servers(serving: nil)
      feed.change(index) {
        $0.starts = 1; $0.buffered = 8; $0.lastRequestsInFlightMax = 8
      }
    }
    feed.poll()
    feed.recordHistory()
    let isSwitched = phase == .switched
    let serving = isSwitched ? "new" : "old"
    tell(ProxyRoute(server: serving, cutover: cutover(phase, reason: reason)), in: &feed)
    for index in feed.readings.indices {
      feed.readings[index].tablets = servers(
        serving: serving, term: isSwitched ? 2 : 1, readOnly: [isSwitched ? "old" : "new"])
      feed.change(index) {
        $0.stops[phase == .timedOut ? .maxDurationExceeded : .newPrimarySeen] = 1
        $0.drained = 8
        $0.lastFailoverDuration = .milliseconds(900)
      }
    }
    for _ in 0..<10 { feed.poll() }
    feed.recordHistory()
    return feed
  }

  // MARK: What it is

  @Test func whatSaysThatItIsAProxyIsOne() {
    var feed = Self.proxies()
    #expect(feed.fleet.gates == .vtgates)
    feed.poll()
    #expect(feed.fleet.gates == .proxies)
    #expect(feed.fleet.databaseServers == 2)
    #expect(feed.fleet.servers.map(\.kind) == [.proxy, .proxy])
    #expect(feed.state.gates == .proxies)
    feed.fail(0)
    #expect(feed.texts.last == "proxy gate1:15001: connection refused")
    #expect(FleetCheck(feed.fleet).gates == .proxies)
  }

  @Test func oneOfEachIsBoth() {
    var feed = Self.proxies([1])
    feed.poll()
    #expect(feed.fleet.gates == .both)
    feed.fail(0)
    #expect(feed.texts.last == "vtgate gate1:15001: connection refused")
    feed.fail(1)
    #expect(feed.texts.last == "proxy gate2:15001: connection refused")
    feed.fleet.settle(at: feed.now + .seconds(60))
    #expect(feed.texts.last == "blind: no vtgate or proxy answers")
  }

  /// A shard that only one kind knows is that kind's, also where there are others.
  @Test func aShardIsToldOfByThoseThatKnowIt() {
    var feed = Self.proxies([1])
    feed.readings[0].buffers = ShardCounters()
    feed.readings[0].tablets = GatewayTablets([])
    feed.poll()
    #expect(feed.state.gates == .proxies)
  }

  /// One that has not answered may be either, and keeps the name that it then had.
  @Test func noStandInSaysVtgateOfAProxyOrChanges() {
    var feed = Self.proxies()
    for gate in Feed.vtgates { feed.fleet.watch(Target(.vtgate, gate)) }
    var mask = HostMask(feed.fleet.servers)
    feed.fail(0)
    feed.poll([1])
    mask.add(feed.fleet.servers)
    feed.poll()
    mask.add(feed.fleet.servers)
    #expect(Wording(mask: mask).name(Feed.vtgates[0]) == "gate-1")
    #expect(Wording(mask: mask).name(Feed.vtgates[1]) == "proxy-1")
    #expect(
      mask.masked(["proxy gate1:15001: refused", "proxy gate2:15001"]) == [
        "proxy gate-1: refused", "proxy-1",
      ])
  }

  // MARK: Cutovers

  @Test func aPlannedCutoverIsToldAsOne() throws {
    let feed = Self.cutOver(.switched)
    let failover = try #require(feed.fleet.failovers.all.first)
    #expect(feed.fleet.failovers.all.count == 1)
    #expect(failover.kind == .cutover)
    #expect(failover.verdict == .switched)
    #expect(failover.gates == .proxies)
    #expect(Wording().primaries(failover) == "old to new")
    #expect(
      Wording().whatHappened(failover)
        == "A planned cutover of commerce/0 led from old to new; 2 proxies buffered for up to 0.9 s, "
        + "at most 16 requests at a time.")
    #expect(feed.texts.contains("cutover from old to new: holding at gate1:15001, gate2:15001"))
    #expect(feed.texts.contains("cutover from old to new: switched at gate1:15001, gate2:15001"))
  }

  @Test func whileItIsUnderWayThatIsSaid() throws {
    var feed = Self.proxies()
    feed.poll()
    feed.poll()
    Self.tell(
      ProxyRoute(server: "old", inFlight: 2, cutover: Self.cutover(.holding)), in: &feed)
    for index in feed.readings.indices {
      feed.readings[index].tablets = Self.servers(serving: nil)
    }
    feed.poll()
    feed.recordHistory()
    let situation = feed.state.situation(since: Feed.start, at: feed.now)
    #expect(situation.facts.contains(.cutover(Self.cutover(.holding))))
    let advice = try #require(
      feed.state.advice(at: feed.now).first { $0.rule == .cutoverUnderWay })
    #expect(
      Wording().finding(advice)
        == "cutover from old to new: holding, 2 in flight, 20.0 s (Vitess' default) at most")
  }

  /// A look during a hold: no server serves, and that is meant.
  private static func held(
    _ phase: ProxyCutover.Phase = .holding, for age: Duration = .zero, _ indices: [Int] = [0, 1]
  ) -> Feed {
    var feed = proxies()
    for index in indices {
      var cutover = cutover(phase)
      cutover.startedAt = Feed.start + .seconds(1) - age
      feed.readings[index].proxy = ProxyReading(
        routes: [route: ProxyRoute(server: "old", cutover: cutover)])
    }
    for index in feed.readings.indices {
      feed.readings[index].tablets = servers(serving: nil)
      feed.change(index) { ($0.starts, $0.buffered) = (1, 4) }
    }
    feed.poll()
    feed.fleet.settle(at: feed.now)
    return feed
  }

  @Test(arguments: [ProxyCutover.Phase.holding, .takingOver])
  func aHoldWithinItsLimitsIsNoOutage(_ phase: ProxyCutover.Phase) throws {
    let feed = Self.held(phase)
    #expect(feed.state.state == .holding && feed.state.state.word == "HOLDING")
    let check = FleetCheck(feed.fleet)
    #expect(check.health == .degraded)
    #expect(
      check.problems.map { Wording().words($0.finding, of: check.gates) } == [
        "cutover from old to new: \(phase.rawValue), 8 requests held"
      ])
    let situation = feed.state.situation(since: Feed.start, at: feed.now)
    #expect(situation.facts.contains { if case .cutover = $0 { true } else { false } })
    #expect(Wording().words(feed.state.summary).hasPrefix("HOLDING, primary unknown, cutover from"))
  }

  @Test func beyondThemItIsOne() {
    for feed in [
      Self.held(for: .seconds(21)), Self.held(.undecided), Self.held(.holding, [0]),
    ] {
      #expect(feed.state.summary.hold == nil)
      #expect(feed.state.state == .buffering)
    }
    // Whoever saw it begin does not depend on the proxy's clock.
    var feed = Self.proxies()
    feed.poll()
    var cutover = Self.cutover(.holding)
    cutover.startedAt = Feed.start - .seconds(3600)
    Self.tell(ProxyRoute(server: "old", cutover: cutover), in: &feed)
    for index in feed.readings.indices {
      feed.readings[index].tablets = Self.servers(serving: nil)
    }
    feed.poll()
    #expect(feed.state.state == .holding)
    #expect(!feed.fleet.log.events.contains { $0.kind == .primaryUnseen })
    for _ in 0..<21 {
      feed.poll()
      feed.fleet.settle(at: feed.now)
    }
    #expect(feed.state.state == .noPrimary)
    #expect(FleetCheck(feed.fleet).health == .failing)
    #expect(feed.fleet.log.events.count { $0.kind == .primaryUnseen } == 1)
    let situation = feed.state.situation(since: Feed.start, at: feed.now)
    #expect(situation.condition == .state(.noPrimary))
    #expect(situation.facts.contains(.cutover(cutover)))
  }

  /// As Prometheus tells of a proxy: that it is one, and nothing of its cutovers.
  @Test func whereNobodyTellsOfCutoversTheyAreUnknown() throws {
    var feed = Self.proxies()
    for index in feed.readings.indices {
      feed.readings[index].proxy = ProxyReading()
      feed.readings[index].tablets = nil
      feed.readings[index].primaryConnections = [Self.route: 1]
    }
    feed.poll()
    feed.fleet.settle(at: feed.now)
    #expect(FleetCheck(feed.fleet).notes.map(\.finding) == [.cutoversUnknown, .cutoversUnknown])
    for index in feed.readings.indices {
      feed.readings[index].primaryConnections = [:]
      feed.change(index) { ($0.starts, $0.buffered) = (1, 4) }
    }
    feed.poll()
    feed.fleet.settle(at: feed.now)
    let failover = try #require(feed.fleet.failovers.all.first)
    #expect(failover.mayBeCutover)
    #expect(
      Wording().doubts(about: failover).contains(
        "Whether it was a planned cutover is not known: only the proxy itself tells, at /cutover."))
    let situation = feed.state.situation(since: Feed.start, at: feed.now)
    #expect(situation.facts.contains(.cutoverUnknown))
  }

  @Test func aCancelledCutoverSaysWhyAndWhoServesOn() throws {
    let feed = Self.cutOver(.cancelled, reason: "an operator cancelled it")
    let failover = try #require(feed.fleet.failovers.all.first)
    #expect(failover.verdict == .notSwitched)
    #expect(
      Wording().whatHappened(failover).hasPrefix(
        "A planned cutover of commerce/0 from old to new was cancelled (an operator cancelled it), "
          + "and old serves on"))
    let advice = try #require(feed.state.advice(at: feed.now).first { $0.rule == .cutoverNotDone })
    #expect(Wording().remedy(advice).contains("sluice cutover start --to new"))
    #expect(!feed.state.advice(at: feed.now).contains { $0.rule == .rolledBack })
  }

  @Test func onesThatTookTooLongWereGivenUp() throws {
    let failover = try #require(Self.cutOver(.timedOut).fleet.failovers.all.first)
    #expect(failover.verdict == .gaveUp)
    #expect(Wording().whatHappened(failover).contains("took too long, and old serves on"))
  }

  /// What was over before anybody looked belongs to no failover.
  @Test func aServerThatDiesIsNoCutover() throws {
    var feed = Self.proxies()
    let earlier = Self.cutover(.switched)
    Self.tell(ProxyRoute(server: "old", cutover: earlier), in: &feed)
    feed.poll()
    feed.poll()
    Self.tell(
      ProxyRoute(server: "old", cutover: earlier, fault: .down("Connection refused")), in: &feed)
    for index in feed.readings.indices {
      feed.readings[index].tablets = Self.servers(serving: nil)
    }
    feed.poll()
    feed.recordHistory()
    let failover = try #require(feed.fleet.failovers.all.first)
    #expect(failover.kind == .failover)
    #expect(failover.plannedCutover == nil)
    #expect(
      Wording().whatHappened(failover)
        == "commerce/0 lost its primary old-1 (Connection refused), and no proxy has seen another; "
        + "no proxy buffered.")
    let advice = try #require(
      feed.state.advice(at: feed.now).first { $0.rule == .serverNotUsable })
    #expect(Wording().finding(advice) == "old cannot be used: Connection refused")
    #expect(
      Wording().remedy(advice)
        == "start it again, which loses nothing; another lacks what it has not replicated, and "
        + "nobody can say how much: sluice cutover start --to new, then switch --unchecked")
  }

  /// Both may be meant to, as after a cutover, and yet an operator must know.
  @Test func severalServersThatTakeWritesAreNoted() {
    var feed = Self.proxies()
    func notes(_ readOnly: Set<String>) -> [FleetCheck.Finding] {
      for index in feed.readings.indices {
        feed.readings[index].tablets = Self.servers(serving: "old", readOnly: readOnly)
      }
      feed.poll()
      feed.fleet.settle(at: feed.now)
      return FleetCheck(feed.fleet).notes.map(\.finding)
    }
    #expect(notes([]).contains(.severalWritable(["new", "old"])))
    #expect(!notes(["new"]).contains { $0.name == .severalWritable })
  }

  // MARK: Servers and settings

  @Test func aPrimaryThatTakesNoWritesIsSaid() throws {
    var feed = Self.proxies()
    for index in feed.readings.indices {
      feed.readings[index].tablets = Self.servers(serving: "old", readOnly: ["old", "new"])
    }
    feed.poll()
    feed.recordHistory()
    let check = FleetCheck(feed.fleet)
    #expect(check.health == .degraded)
    #expect(
      check.problems.map { Wording().words($0.finding, of: check.gates) }
        == ["old serves and is read-only: writes fail"])
    #expect(feed.state.advice(at: feed.now).contains { $0.rule == .primaryReadOnly })
  }

  @Test func lagIsThatOfTheServersAndUnknownWhereItIs() {
    var feed = Self.proxies()
    for index in feed.readings.indices {
      feed.readings[index].tablets = Self.servers(serving: "old", lag: 7)
    }
    feed.poll()
    #expect(feed.state.lag.value == 7)
    for index in feed.readings.indices {
      feed.readings[index].tablets = Self.servers(serving: "old", lag: nil)
    }
    feed.poll()
    #expect(feed.state.lag.value == nil)
  }

  @Test func adviceNamesTheKeysOfTheProxysFile() throws {
    var feed = Self.proxies()
    var flags = BufferFlags(source: .commandLine)
    flags.isEnabled = false
    for index in feed.readings.indices { feed.readings[index].flags = flags }
    feed.poll()
    let off = try #require(feed.state.advice(at: feed.now).first { $0.rule == .bufferingOff })
    #expect(
      Wording().finding(off)
        == "no proxy buffers for this shard (off at gate1:15001, gate2:15001)")
    #expect(Wording().remedy(off) == "set [buffering] enable = true in the proxy's file")

    flags.isEnabled = true
    for index in feed.readings.indices { feed.readings[index].flags = flags }
    feed.poll()
    for index in feed.readings.indices {
      feed.change(index) {
        $0.starts = 1; $0.stops[.newPrimarySeen] = 1
      }
    }
    feed.poll()
    let wait = try #require(feed.state.advice(at: feed.now).first { $0.rule == .coolDown })
    #expect(Wording().remedy(wait) == "wait, or lower [buffering] min_time_between_failovers")
  }
}
