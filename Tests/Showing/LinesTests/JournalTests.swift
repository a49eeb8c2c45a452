import FleetModel
import Foundation
import Lines
import Terms
import Testing
import Wording

@testable import Watching

private let shard = ShardName(keyspace: "commerce", shard: "0")
private let gates = [Address(host: "gate1", port: 15001), Address(host: "gate2", port: 15001)]
private let origin = Instant(secondsSinceEpoch: 1_795_000_000)

/// A fleet of two vtgates and one shard, polled as a test says.
private struct Watched {
  var fleet = Fleet()
  var changes = FleetChanges()
  var now = origin
  var readings = [VtgateReading(), VtgateReading()]

  init() {
    for index in readings.indices {
      readings[index].processStart = 1
      readings[index].bufferSize = 10
      readings[index].buffers[shard] = BufferCounters()
      readings[index].tablets = Self.tablets(primary: 100, isServing: true)
    }
  }

  static func tablets(primary uid: UInt32, isServing: Bool) -> GatewayTablets {
    GatewayTablets([
      GatewayTablet(
        alias: TabletAlias(cell: "zone1", uid: uid), shard: shard, type: .primary,
        isServing: isServing, primaryTermStart: Int(uid),
        address: Address(host: "tablet\(uid)", port: 15100))
    ])
  }

  mutating func poll(_ vtgate: Int, after time: Duration = .milliseconds(50)) {
    now = now + time
    fleet.apply(
      ScrapeOutcome(
        target: Target(.vtgate, gates[vtgate]), at: now, took: .zero,
        result: .gate(readings[vtgate])))
  }

  mutating func look() -> [FleetChange] {
    fleet.settle(at: now)
    return changes.take(fleet, at: now)
  }
}

extension FleetChange {
  fileprivate var state: Shard.State? {
    if case .shard(let shard) = self { shard.state } else { nil }
  }
  fileprivate var event: FleetEvent? { if case .event(let event) = self { event } else { nil } }
}

@Suite struct FleetChangesTests {
  @Test func adviceThatBeginsWhenNothingMovesIsTold() {
    var watched = Watched()
    watched.poll(0)
    watched.poll(1)
    _ = watched.look()
    watched.readings[0].buffers[shard]?.starts = 1
    watched.readings[0].buffers[shard]?.buffered = 4
    watched.poll(0)
    _ = watched.look()
    watched.readings[0].buffers[shard]?.stops[.newPrimarySeen] = 1
    watched.readings[0].buffers[shard]?.drained = 4
    watched.poll(0)
    var told: [FleetChange] = watched.look()
    for _ in 0..<16 {
      watched.poll(0, after: .milliseconds(500))
      watched.poll(1, after: .milliseconds(500))
      told += watched.look()
    }
    let advice = told.compactMap { change -> Advice.Rule? in
      if case .advice(let advice) = change { advice.rule } else { nil }
    }
    #expect(advice == [.samePrimary])
  }

  @Test func eachChangeIsToldOnce() {
    var watched = Watched()
    watched.poll(0)
    watched.poll(1)
    #expect(watched.look().compactMap(\.state) == [.serving])
    #expect(watched.look() == [])
    watched.readings[0].buffers[shard]?.starts = 1
    watched.readings[0].buffers[shard]?.buffered = 4
    watched.poll(0)
    let changes = watched.look()
    #expect(changes.compactMap(\.state) == [.buffering])
    #expect(changes.compactMap(\.event?.kind) == [.buffering(.started)])
    #expect(watched.look() == [])
  }

  @Test func aServerThatFollowsIsToldAsTheOnlyNews() throws {
    var watched = Watched()
    watched.poll(0)
    watched.poll(1)
    _ = watched.look()
    for gate in 0...1 {
      watched.readings[gate].buffers[shard]?.starts = 1
      watched.poll(gate)
      let event = try #require(watched.look().compactMap(\.event).first)
      #expect(event.sources.map(\.address) == [gates[gate]])
    }
  }

  @Test func numbersThatMoveAreToldOnceASecond() {
    var watched = Watched()
    watched.poll(0)
    watched.readings[0].buffers[shard]?.starts = 1
    watched.poll(0)
    _ = watched.look()
    var told = 0
    for count in 1...40 {
      watched.readings[0].buffers[shard]?.buffered = count
      watched.poll(0)
      told += watched.look().count { $0.state != nil }
    }
    #expect((1...3).contains(told))
  }

  @Test func aFailoverIsToldWhenItIsOver() throws {
    var watched = Watched()
    watched.poll(0)
    _ = watched.look()
    watched.readings[0].buffers[shard]?.starts = 1
    watched.readings[0].buffers[shard]?.buffered = 3
    watched.poll(0)
    _ = watched.look()
    watched.readings[0].buffers[shard]?.stops[.newPrimarySeen] = 1
    watched.readings[0].buffers[shard]?.drained = 3
    watched.readings[0].buffers[shard]?.lastFailoverDuration = .milliseconds(187)
    watched.readings[0].clientErrors = ["commerce": ["UNAVAILABLE": 2]]
    watched.readings[0].tablets = Watched.tablets(primary: 101, isServing: true)
    watched.poll(0)
    var over: [Failover] = []
    for _ in 0..<6 {
      watched.poll(0, after: .seconds(1))
      for case .failover(let failover) in watched.look() { over.append(failover) }
    }
    try #require(over.count == 1)
    let line = PlainLine().text(.failover(over[0]), at: watched.now)
    #expect(
      line.contains(
        "commerce/0 failover 1 is over: recovered with failures, failed 2, "
          + "primary zone1-100 to zone1-101, client errors UNAVAILABLE 2"))
    #expect(line.contains("buffered for 0.2 s"))
    let json = JSONLine().text(.failover(over[0]), at: watched.now)
    #expect(
      json.contains(
        #""failed":{"assumed":false,"atLeast":false,"codes":{"UNAVAILABLE":2},"count":2"#))
  }

  /// Neither client errors nor the vtgate's command line can be read.
  @Test func whatIsAssumedOfAFailoverIsSaidInEveryLine() throws {
    var watched = Watched()
    watched.poll(0)
    watched.readings[0].buffers[shard]?.skipped[.lastFailoverTooRecent] = 17
    watched.readings[0].tablets = Watched.tablets(primary: 100, isServing: false)
    watched.poll(0)
    watched.readings[0].tablets = Watched.tablets(primary: 101, isServing: true)
    var over: [Failover] = []
    for _ in 0..<6 {
      watched.poll(0, after: .seconds(1))
      for case .failover(let failover) in watched.look() { over.append(failover) }
    }
    let failover = try #require(over.first)
    let line = PlainLine().text(.failover(failover), at: watched.now)
    #expect(line.contains("failed at least 6 (3 attempts a query assumed), primary"))
    let json = JSONLine().text(.failover(failover), at: watched.now)
    #expect(json.contains(#""failed":{"assumed":true,"atLeast":true"#))
  }

  @Test func adviceIsToldWhenItBeginsAndWhenItEnds() {
    var watched = Watched()
    watched.readings[0].bufferSize = 2
    watched.readings[0].buffers[shard]?.evicted[.bufferFull] = 2
    watched.poll(0)
    #expect(
      watched.look().contains {
        if case .advice(let advice) = $0 { advice.rule == .bufferTooSmall } else { false }
      })
    watched.fleet.setBaseline(at: watched.now)
    watched.now = watched.now + .seconds(2)
    #expect(
      watched.look().contains {
        if case .adviceGone(let advice) = $0 { advice.rule == .bufferTooSmall } else { false }
      })
  }
}

@Suite struct AdviceRepetitionTests {
  @Test func adviceWhoseNumbersMoveIsToldOnce() {
    var watched = Watched()
    watched.readings[0].bufferSize = 2
    var told: [Advice] = []
    for count in 1...12 {
      watched.readings[0].buffers[shard]?.evicted[.bufferFull] = count * 7
      watched.poll(0, after: .seconds(1))
      for case .advice(let advice) in watched.look() where advice.rule == .bufferTooSmall {
        told.append(advice)
      }
    }
    #expect(told.count == 1)
  }

  @Test func withADeadPrimaryNobodyIsSentToALaggingReplica() {
    var watched = Watched()
    var throttler = ThrottlerReading(source: .status)
    throttler.isLeader = true
    throttler.isEnabled = true
    throttler.threshold = 1
    throttler.shardValue = 40
    throttler.selfValue = 40
    var reading = TabletReading(throttler: throttler)
    reading.shard = shard
    reading.alias = TabletAlias(cell: "zone1", uid: 100)
    func rules() -> [Advice.Rule] {
      watched.fleet.apply(
        ScrapeOutcome(
          target: Target(.vttablet, Address(host: "tablet100", port: 15100)), at: watched.now,
          took: .zero, result: .member(reading)))
      watched.fleet.settle(at: watched.now)
      return watched.fleet.shard(shard).advice(at: watched.now).map(\.rule)
    }
    watched.poll(0)
    watched.poll(1)
    #expect(!rules().isEmpty)
    for gate in 0...1 {
      watched.readings[gate].tablets = Watched.tablets(primary: 100, isServing: false)
      watched.poll(gate)
    }
    #expect(!rules().contains(.lagOverThreshold))
  }
}

@Suite struct LineTests {
  @Test func everyJSONLineIsAnObjectWithVersionAndType() throws {
    var watched = Watched()
    watched.readings[0].bufferSize = 2
    watched.readings[0].buffers[shard]?.evicted[.bufferFull] = 2
    watched.poll(0)
    var changes = watched.look()
    watched.readings[0].buffers[shard]?.starts = 1
    watched.poll(0)
    changes += watched.look()
    for change in changes {
      let text = JSONLine().text(change, at: watched.now)
      #expect(!text.contains("\n"))
      let object = try #require(
        JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
      #expect(object["version"] as? Int == JSONLine.version)
      #expect(["shard", "event", "advice"].contains(object["type"] as? String))
      #expect(object["at"] is String)
    }
  }

  @Test func timesAreWrittenInTheOperatorsZone() {
    let event = FleetEvent(at: origin, .remark(.warning, "something"))
    #expect(
      PlainLine(utcOffset: 3600).text(.event(event), at: origin)
        == "2026-11-18 12:06:40.000+0100 warning: something")
  }

  @Test func textFromAServerStaysOnItsLine() {
    let evil = ShardName(keyspace: "a\u{1B}[2J\n", shard: "\u{9B}31m")
    let event = FleetEvent(at: origin, shard: evil, .remark(.critical, "x\u{202E}y"))
    let line = PlainLine().text(.event(event), at: origin)
    #expect(
      !line.unicodeScalars.contains {
        $0.value < 0x20 || (0x7F...0x9F).contains($0.value) || $0 == "\u{202E}"
      })
  }
}

@Suite struct FleetCheckTests {
  @Test func aFleetThatServesIsHealthy() {
    var watched = Watched()
    watched.poll(0)
    watched.poll(1)
    _ = watched.look()
    let check = FleetCheck(watched.fleet)
    #expect(check.health == .healthy && check.problems.isEmpty)
    #expect(check.health.exitCode == 0)
  }

  @Test func bufferingDegradesAndAMissingPrimaryFails() {
    var watched = Watched()
    watched.poll(0)
    watched.readings[0].buffers[shard]?.starts = 1
    watched.poll(0)
    _ = watched.look()
    #expect(FleetCheck(watched.fleet).health == .degraded)
    watched.readings[0].buffers[shard]?.stops[.maxDurationExceeded] = 1
    watched.readings[0].tablets = Watched.tablets(primary: 100, isServing: false)
    watched.poll(0)
    _ = watched.look()
    let check = FleetCheck(watched.fleet)
    #expect(check.health == .failing && check.health.exitCode == 2)
    #expect(check.problems.first?.subject.description == "commerce/0")
  }

  @Test func oneVtgateOfTwoIsMissedAndNoneIsFailing() {
    var watched = Watched()
    watched.poll(0)
    watched.fleet.watch(Target(.vtgate, gates[1]))
    _ = watched.look()
    #expect(FleetCheck(watched.fleet).health == .degraded)
    var silent = Fleet()
    silent.watch(Target(.vtgate, gates[0]))
    silent.settle(at: origin)
    #expect(FleetCheck(silent).health == .failing)
  }

  @Test(arguments: [
    (TabletServerState.shuttingDown, "zone1-100 says that it is shutting down"),
    (.notServing, "zone1-100 says that it is not serving"), (.serving, nil), (nil, nil),
  ])
  func aPrimaryThatServesNoLongerByItsOwnWordIsAProblem(
    _ state: TabletServerState?, _ text: String?
  ) {
    var watched = Watched()
    watched.poll(0)
    watched.poll(1)
    var reading = TabletReading(throttler: ThrottlerReading(source: .metrics))
    reading.shard = shard
    reading.alias = TabletAlias(cell: "zone1", uid: 100)
    reading.serverState = state
    watched.fleet.apply(
      ScrapeOutcome(
        target: Target(.vttablet, Address(host: "tablet100", port: 15100)), at: watched.now,
        took: .zero, result: .member(reading)))
    _ = watched.look()
    let check = FleetCheck(watched.fleet)
    #expect(check.problems.map { Wording().words($0.finding) } == [text].compactMap(\.self))
    #expect(check.health == (text == nil ? .healthy : .degraded))
  }
}
