import FleetModel
import Foundation
import Terms
import Testing
import Watching

private let shard = ShardName(keyspace: "commerce", shard: "0")
private let gate = Target(.vtgate, Address(host: "gate1", port: 15001))
private let start = Instant(secondsSinceEpoch: 1_795_000_000)

/// A watch of one vtgate and one tablet, told of a second after the other.
private struct Scene {
  var watch: Watch
  var now = start
  var reading = VtgateReading()

  init(ignored: [NamePattern] = []) {
    watch = Watch(
      Watch.Settings(cluster: "prod", interval: .seconds(1), ignored: ignored), at: start)
    reading.processStart = 1
    reading.buffers[shard] = BufferCounters()
    reading.tablets = Self.tablets(isServing: true)
  }

  static func tablets(isServing: Bool) -> GatewayTablets {
    GatewayTablets([
      GatewayTablet(
        alias: TabletAlias(cell: "zone1", uid: 100), shard: shard, type: .primary,
        isServing: isServing, primaryTermStart: 1, address: Address(host: "db1", port: 15100))
    ])
  }

  mutating func observe(_ news: Observation.News, of cluster: String = "prod") {
    watch.take(Observation(of: cluster, at: now, news))
  }

  /// Lets a second go by and returns what is news.
  mutating func poll() -> [FleetEvent] {
    now = now + .seconds(1)
    observe(
      .outcome(
        ScrapeOutcome(target: gate, at: now, took: .milliseconds(2), result: .gate(reading))))
    return watch.tick(at: now)
  }
}

@Suite struct WatchTests {
  @Test func anotherClustersNewsIsNone() {
    var scene = Scene()
    scene.observe(.watching(gate), of: "staging")
    #expect(scene.watch.fleet.vtgates.isEmpty)
    scene.observe(.watching(gate))
    #expect(scene.watch.fleet.vtgates.count == 1)
  }

  @Test func aFailoverBetweenTwoPollsIsInTheTrend() throws {
    var scene = Scene()
    _ = scene.poll()
    scene.reading.buffers[shard]?.starts = 1
    scene.reading.buffers[shard]?.stops = [.newPrimarySeen: 1]
    scene.reading.buffers[shard]?.buffered = 7
    scene.reading.buffers[shard]?.drained = 7
    scene.reading.buffers[shard]?.lastRequestsInFlightMax = 7
    for _ in 0..<3 { _ = scene.poll() }
    let points = scene.watch.trends.points(of: shard, until: scene.now, count: 10)
    #expect(points.map(\.held) == [0, 7, 0, 0])
    #expect(points.map(\.isHeldUnseen) == [false, true, false, false])
  }

  @Test func timeNeverGoesBack() {
    var scene = Scene()
    _ = scene.watch.settle(at: start + .seconds(5))
    _ = scene.watch.settle(at: start + .seconds(2))
    #expect(scene.watch.now == start + .seconds(5))
  }

  @Test func armingIsWishedForAtOnceAndEndsWhenNothingHappens() {
    var scene = Scene()
    _ = scene.poll()
    scene.observe(.watching(Target(.vttablet, Address(host: "db1", port: 15100))))
    scene.watch.arm(shard)
    #expect(scene.watch.wishes.closely.count == 2)
    _ = scene.watch.settle(at: scene.now + Watch.armedTime)
    #expect(scene.watch.wishes.closely.isEmpty)
    scene.watch.arm(shard)
    scene.watch.disarm(shard)
    #expect(scene.watch.wishes.closely.isEmpty)
  }

  @Test func aShardInHandIsAskedClosely() {
    var scene = Scene()
    _ = scene.poll()
    scene.watch.takeInHand(shard)
    #expect(scene.watch.closelyWatched == [shard])
    #expect(scene.watch.armed.isEmpty)
    scene.watch.takeInHand(nil)
    #expect(scene.watch.closelyWatched.isEmpty)
  }

  @Test func whileNobodyLooksTheIntervalIsLongerUnlessSomethingGoesOn() {
    var scene = Scene()
    for _ in 0..<3 { _ = scene.poll() }
    scene.watch.attend(false)
    #expect(scene.watch.wishes.interval == .seconds(3))
    scene.reading.tablets = Scene.tablets(isServing: false)
    _ = scene.poll()
    #expect(scene.watch.wishes.interval == .seconds(1))
  }

  @Test(arguments: [[], [NamePattern("commerce/*")]])
  func newsIsToldOnceAndNotOfWhatIsIgnored(_ ignored: [NamePattern]) {
    var scene = Scene(ignored: ignored)
    for _ in 0..<3 { _ = scene.poll() }
    scene.reading.tablets = Scene.tablets(isServing: false)
    let news = scene.poll() + scene.poll()
    #expect(news.count { $0.kind == .primaryUnseen } == (ignored.isEmpty ? 1 : 0))
    #expect(scene.watch.worst[shard] != nil || !ignored.isEmpty)
  }

  @Test func acknowledgedTroubleIsAsideUntilItChanges() throws {
    var scene = Scene()
    for _ in 0..<3 { _ = scene.poll() }
    scene.watch.take(.acknowledged(.shard(shard)), at: scene.now)
    #expect(scene.watch.acknowledged.isEmpty, "there was nothing to acknowledge")
    scene.reading.tablets = Scene.tablets(isServing: false)
    for _ in 0..<2 { _ = scene.poll() }
    scene.watch.take(.acknowledged(.shard(shard)), at: scene.now)
    _ = scene.poll()
    let summary = try #require(scene.watch.fleet.summaries.first)
    #expect(scene.watch.setsAside(summary, in: scene.watch.fleet))
    #expect(scene.watch.check(scene.watch.fleet).health == .healthy)
    #expect(scene.watch.situation(of: scene.watch.fleet, at: scene.now).subject == .shards(0))
    // It is kept where the watch is.
    let kept = try JSONDecoder().decode(Watch.self, from: JSONEncoder().encode(scene.watch))
    #expect(kept.acknowledged == scene.watch.acknowledged)
    // It serves again: that is over, and another time is news.
    scene.reading.tablets = Scene.tablets(isServing: true)
    let over = scene.poll() + scene.poll()
    #expect(over.contains { $0.kind == .acknowledgedOver(.shard(shard)) && $0.shard == shard })
    scene.reading.tablets = Scene.tablets(isServing: false)
    for _ in 0..<2 { _ = scene.poll() }
    #expect(scene.watch.check(scene.watch.fleet).health == .failing)
    scene.watch.take(.acknowledged(.all), at: scene.now)
    #expect(scene.watch.check(scene.watch.fleet).health == .healthy)
    scene.watch.take(.withdrawn(.all), at: scene.now)
    #expect(scene.watch.check(scene.watch.fleet).health == .failing)
  }

  @Test(arguments: [[], [NamePattern("gate1:*")]])
  func theSilenceOfAnIgnoredServerIsNoNews(_ ignored: [NamePattern]) {
    var scene = Scene(ignored: ignored)
    _ = scene.poll()
    scene.now = scene.now + .seconds(1)
    scene.observe(
      .outcome(
        ScrapeOutcome(
          target: gate, at: scene.now, took: .zero, result: .failed(.unreachable(.refused)))))
    let news = scene.watch.tick(at: scene.now)
    #expect(
      news.contains { $0.kind == .noAnswer(gate, .unreachable(.refused)) } == ignored.isEmpty)
  }

  @Test func changesAreToldOnce() {
    var scene = Scene()
    _ = scene.poll()
    #expect(!scene.watch.changes().isEmpty)
    #expect(scene.watch.changes().isEmpty)
  }

  @Test func everySecondIsKept() {
    var scene = Scene()
    for _ in 0..<5 { _ = scene.poll() }
    #expect(scene.watch.history.moments.count == 5)
    #expect(scene.watch.trends.points(of: shard, until: scene.now, count: 10).count == 5)
  }

  /// A workflow may stay ready for weeks, or become so again and again: its shard is watched closely
  /// when it becomes so, and again when half of it is switched.
  @Test func aShardIsWatchedCloselyOnceWhenASwitchComesNear() {
    func told(_ states: Set<String>, _ traffic: String) -> Observation.News {
      .routings([
        shard: ShardRouting(
          readAt: start, deniedTables: [], isPrimaryServing: true,
          workflows: [
            TrafficWorkflow(
              name: "m1", source: "commerce", sourceShards: ["0"], target: "customer",
              tables: ["t1"], trafficState: traffic, isFrozen: false,
              streams: .init(states: states, lag: .zero))
          ])
      ])
    }
    let unswitched = "Reads Not Switched. Writes Not Switched"
    var scene = Scene()
    _ = scene.poll()
    scene.observe(told(["Copying"], unswitched))
    #expect(scene.watch.closelyWatched.isEmpty)
    scene.observe(told(["Running"], unswitched))
    // Not armed: that is what an operator does.
    #expect(scene.watch.closelyWatched == [shard] && scene.watch.armed.isEmpty)
    #expect(
      scene.watch.fleet.log.events.last?.kind
        == .switchNear(
          workflow: "customer.m1", isHalfWay: false, shards: 1, closelyFor: Watch.armedTime))
    scene.watch.disarm(shard)
    for states: Set<String> in [["Running"], ["Copying"], ["Running"]] {
      scene.observe(told(states, unswitched))
      #expect(scene.watch.closelyWatched.isEmpty)
    }
    scene.observe(told(["Running"], "All Reads Switched. Writes Not Switched"))
    #expect(scene.watch.closelyWatched == [shard])
    scene.now = scene.now + Watch.armedTime
    _ = scene.poll()
    #expect(scene.watch.closelyWatched.isEmpty)
  }
}
