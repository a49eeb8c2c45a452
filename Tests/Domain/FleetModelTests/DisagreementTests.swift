import FleetModel
import Terms
import Testing
import Wording

/// Three vtgates that see the same until a test changes it.
private struct Three {
  static let gates = (1...3).map { Address(host: "gate\($0)", port: 15001) }
  var fleet = Fleet()
  var now = Feed.start
  var readings: [VtgateReading] = Array(repeating: VtgateReading(), count: 3)

  init() {
    for index in readings.indices {
      readings[index].processStart = 1
      readings[index].buffers[Feed.shard] = BufferCounters()
      see(index, primary: 100, term: 1)
    }
  }

  mutating func see(_ index: Int, primary: UInt32?, term: Int) {
    readings[index].tablets = GatewayTablets(
      ([100, 101, 102] as [UInt32]).map { uid in
        uid == primary
          ? Feed.tablet(uid, .primary, term: term) : Feed.tablet(uid, .replica)
      })
  }

  mutating func poll(seconds: Int = 1, _ change: (inout Three) -> Void = { _ in }) {
    for _ in 0..<seconds {
      now = now + .seconds(1)
      change(&self)
      for (gate, reading) in zip(Self.gates, readings) {
        fleet.apply(
          ScrapeOutcome(
            target: Target(.vtgate, gate), at: now, took: .zero, result: .gate(reading)))
      }
      fleet.settle(at: now)
    }
  }

  var shard: Shard { fleet.shard(Feed.shard) }
  var texts: [String] { fleet.log.events.map { Wording().sentence($0) } }
}

@Suite struct DisagreementTests {
  /// Read every fifteen seconds, one a while after the other, vtgates differ long before one of them
  /// may be wrong.
  @Test func whoeverIsReadSeldomIsNotAccused() throws {
    var three = Three()
    three.fleet = Fleet(staleAfter: .seconds(45))
    func read(_ index: Int, _ three: inout Three) {
      three.fleet.apply(
        ScrapeOutcome(
          target: Target(.vtgate, Three.gates[index]), at: three.now, took: .zero,
          result: .gate(three.readings[index])))
    }
    func rest(seconds: Int, _ three: inout Three) {
      for _ in 0..<seconds {
        three.now = three.now + .seconds(1)
        three.fleet.settle(at: three.now)
      }
    }
    three.poll()
    for index in 0..<3 { three.see(index, primary: nil, term: 1) }
    three.poll()
    for index in 0..<3 { three.see(index, primary: 101, term: 9) }
    for index in [0, 1] { read(index, &three) }
    rest(seconds: 8, &three)
    #expect(three.shard.disagreements.isEmpty)
    read(2, &three)
    rest(seconds: 1, &three)
    #expect(
      three.shard.disagreements.isEmpty && !three.texts.contains { $0.contains("others see") })

    // Read again, and still without one.
    three.see(2, primary: nil, term: 9)
    read(2, &three)
    rest(seconds: 2, &three)
    #expect(three.shard.disagreements.isEmpty)
    rest(seconds: 3, &three)
    for index in 0..<3 { read(index, &three) }
    rest(seconds: 1, &three)
    #expect(three.shard.disagreements.first?.kind == .primaryUnseen)
    #expect(three.shard.disagreements.first?.servers == [Three.gates[2]])
  }

  @Test func aVtgateThatKeepsTheOldPrimaryIsNamed() throws {
    var three = Three()
    three.poll(seconds: 2)
    for index in [0, 1] { three.see(index, primary: 101, term: 9) }
    three.poll(seconds: 2)
    // As long as a reparent may take to reach everybody.
    #expect(three.shard.state == .serving && three.shard.disagreements.isEmpty)
    three.poll(seconds: 3)
    #expect(three.shard.state == .disputed)
    let found = try #require(three.shard.disagreements.first)
    #expect(found.kind == .otherPrimary(TabletAlias(cell: "zone1", uid: 100)))
    #expect(found.servers == [Three.gates[2]])
    #expect(
      three.texts.filter { $0.contains("still takes") } == [
        "vtgate gate3:15001 still takes zone1-100 for the primary, the others see zone1-101"
      ])
    #expect(three.shard.advice(at: three.now).first?.rule == .serversDisagree)
    three.see(2, primary: 101, term: 9)
    three.poll()
    #expect(three.shard.state == .serving)
    #expect(three.texts.last?.hasPrefix("no longer: vtgate gate3:15001") == true)
    #expect(!three.texts.contains { $0.contains("serving again") })
  }

  @Test func aVtgateThatSeesNoPrimaryIsNamed() {
    var three = Three()
    three.see(1, primary: nil, term: 0)
    three.poll(seconds: 5)
    #expect(three.shard.state == .disputed)
    #expect(
      three.shard.disagreements.map { Wording().words($0) } == [
        "vtgate gate2:15001 sees no serving primary, the others see zone1-100"
      ])
  }

  @Test func aReparentThatReachesVtgatesOneAfterTheOtherIsNoDisagreement() {
    var three = Three()
    three.poll(seconds: 3)
    for index in [0, 1, 2] {
      three.see(index, primary: nil, term: 0)
      three.poll()
    }
    for index in [1, 0, 2] {
      three.see(index, primary: 102, term: 5)
      three.poll()
    }
    three.poll(seconds: 5)
    #expect(!three.texts.contains { $0.contains("see") && $0.contains("the others") })
    #expect(three.shard.state == .serving && three.shard.primary?.uid == 102)
  }

  @Test func errorsAtOneVtgateAloneAreAState() {
    var three = Three()
    for index in 0..<3 { three.readings[index].callErrors[Feed.shard] = 1000 }
    three.poll(seconds: 3)
    #expect(three.shard.state == .serving)
    three.poll(seconds: 2) { $0.readings[2].callErrors[Feed.shard, default: 0] += 90 }
    #expect(three.shard.state == .serving)
    three.poll(seconds: 2) { $0.readings[2].callErrors[Feed.shard, default: 0] += 90 }
    #expect(three.shard.state == .disputed)
    #expect(
      three.shard.disagreements.map { Wording().words($0) } == [
        "calls to the primary fail at vtgate gate3:15001, 90 a second, and not at the others"
      ])
    #expect(three.texts.filter { $0.contains("calls to the primary fail") }.count == 1)
    three.poll(seconds: 5)
    #expect(three.shard.state == .serving)
  }

  @Test func errorsThatEverybodySeesPointAtNobody() {
    var three = Three()
    three.poll(seconds: 2)
    three.poll(seconds: 8) { three in
      for index in 0..<3 { three.readings[index].callErrors[Feed.shard, default: 0] += 20 + index }
    }
    #expect(three.shard.disagreements.isEmpty)
  }

  @Test func aBurstOfErrorsInAReparentPointsAtNobody() {
    var three = Three()
    three.poll(seconds: 3)
    three.poll { $0.readings[1].callErrors[Feed.shard, default: 0] += 600 }
    three.poll(seconds: 6)
    #expect(!three.texts.contains { $0.contains("fail at") })
  }

  @Test func twoPrimariesAreUsualForAWhileAndCriticalAfterIt() throws {
    var three = Three()
    three.poll(seconds: 2)
    for index in 0..<3 {
      three.readings[index].tablets = GatewayTablets([
        Feed.tablet(100, .primary, term: 1), Feed.tablet(101, .primary, term: 9),
        Feed.tablet(102, .replica),
      ])
    }
    three.poll(seconds: 10)
    #expect(three.shard.state == .serving && three.shard.primary?.uid == 101)
    #expect(three.shard.disagreements.first?.severity == .warning)
    #expect(three.texts.contains { $0.contains("usual for 20 s after an emergency reparent") })
    three.poll(seconds: 12)
    #expect(three.shard.state == .disputed)
    let found = try #require(three.shard.disagreements.first)
    #expect(found.severity == .critical)
    #expect(Wording().words(found) == "2 tablets serve as primary: zone1-100, zone1-101")
  }

  @Test func aTabletThatIsPrimaryInItsOwnEyesOnlyIsNamed() {
    var three = Three()
    three.poll(seconds: 2)
    func tellTablet(_ three: inout Three, _ type: TabletType) {
      var reading = TabletReading(throttler: ThrottlerReading(source: .status))
      reading.shard = Feed.shard
      reading.alias = TabletAlias(cell: "zone1", uid: 102)
      reading.type = type
      three.fleet.apply(
        ScrapeOutcome(
          target: Target(.vttablet, Address(host: "tablet102", port: 15100)), at: three.now,
          took: .zero, result: .member(reading)))
    }
    three.poll(seconds: 10) { tellTablet(&$0, .primary) }
    #expect(three.shard.state == .serving)
    three.poll(seconds: 8) { tellTablet(&$0, .primary) }
    #expect(three.shard.state == .disputed)
    #expect(
      three.shard.disagreements.map { Wording().words($0) } == [
        "zone1-102 says it is primary, the vtgates see zone1-100"
      ])
    three.poll(seconds: 2) { tellTablet(&$0, .replica) }
    #expect(three.shard.state == .serving)
  }
}
