import Actions
import FleetModel
import Terms
import Testing
import Wording

/// A shard with a primary and two replicas behind two vtgates, all well.
fileprivate struct Scene {
  static let shard = ShardName(keyspace: "commerce", shard: "0")
  static let gates = [Address(host: "gate1", port: 15001), Address(host: "gate2", port: 15001)]
  static let start = Instant(secondsSinceEpoch: 1_795_000_000)

  var fleet = Fleet()
  var now = start
  var reading = VtgateReading()
  var flags = BufferFlags(source: .commandLine)
  var lags: [UInt32: Double] = [101: 0.2, 102: 0.3]
  var isDormant: Bool?
  var facts = ReparentPreflight.Facts()
  var order = ReparentOrder(
    .planned, of: shard, expecting: TabletAlias(cell: "zone1", uid: 100),
    waitReplicasTimeout: .seconds(15))

  init() {
    flags.isEnabled = true
    flags.window = .seconds(40)
    flags.maxFailoverDuration = .seconds(40)
    reading.bufferSize = 100
    reading.buffers[Self.shard] = BufferCounters()
    reading.tablets = Self.tablets()
    facts.topo = TopoShard(
      primary: TabletAlias(cell: "zone1", uid: 100))
    facts.durabilityPolicy = "none"
    facts.release = Release("22.0.3") ?? .unknown
    facts.checksExpectedPrimary = true
    for gate in Self.gates { facts.rates[gate] = 20 }
  }

  static func tablets(
    primary: UInt32 = 100, primaryServes: Bool = true, replicationLag: Int = 0
  ) -> GatewayTablets {
    GatewayTablets(
      [UInt32](100...102).map { uid in
        let type = uid == primary ? TabletType.primary : .replica
        return GatewayTablet(
          alias: TabletAlias(cell: "zone1", uid: uid), shard: shard, type: type,
          isServing: type == .replica || primaryServes, primaryTermStart: type == .primary ? 1 : 0,
          replicationLag: replicationLag, address: Address(host: "tablet\(uid)", port: 15100))
      })
  }

  mutating func poll() {
    now = now + .seconds(1)
    reading.flags = flags
    for gate in Self.gates {
      fleet.apply(
        ScrapeOutcome(
          target: Target(.vtgate, gate), at: now, took: .zero, result: .gate(reading)))
    }
    for (uid, lag) in lags {
      var throttler = ThrottlerReading(source: .status)
      throttler.isEnabled = true
      throttler.isOpen = true
      throttler.threshold = 1
      throttler.selfValue = lag
      throttler.isDormant = isDormant
      var reading = TabletReading(throttler: throttler)
      reading.shard = Self.shard
      fleet.apply(
        ScrapeOutcome(
          target: Target(.vttablet, Address(host: "tablet\(uid)", port: 15100)), at: now,
          took: .zero, result: .member(reading)))
    }
    fleet.settle(at: now)
  }

  func lines() -> [ReparentPreflight.Check: ReparentPreflight.Line] {
    var scene = self
    scene.poll()
    let preflight = ReparentPreflight(order, scene.fleet.shard(Self.shard), facts, at: scene.now)
    return Dictionary(uniqueKeysWithValues: preflight.lines.map { ($0.check, $0) })
  }
}

@Suite struct PreflightTests {
  private static func words(_ line: ReparentPreflight.Line) -> String {
    Wording().words(line.evidence)
  }

  @Test func allIsWell() {
    let lines = Scene().lines()
    #expect(lines.values.allSatisfy { $0.status == .pass }, "\(lines.values)")
    #expect(lines[.topo].map(Self.words) == "zone1-100, as expected; vtctld checks it again")
    #expect(lines[.candidate].map(Self.words) == "2 of 2 replicas fit; vtctld chooses")
    #expect(
      lines[.room].map(Self.words)
        == "gate1:15001: up to 20 requests in 1.0 s (20/s); room for 100 of 100")
    #expect(lines.count == ReparentPreflight.Check.allCases.count)
  }

  /// Whoever waits lets more requests fail, and nothing is asked of buffers that are of no use.
  @Test(arguments: [ReparentOrder.Kind.planned, .emergency])
  func requestsThatFailAlreadyAreNoReasonToWait(_ kind: ReparentOrder.Kind) {
    var scene = Scene()
    scene.order.kind = kind
    scene.poll()
    scene.reading.buffers[Scene.shard]?.starts = 1
    scene.reading.buffers[Scene.shard]?.stops[.maxDurationExceeded] = 1
    scene.reading.buffers[Scene.shard]?.buffered = 100
    scene.poll()
    let expected: PreflightStatus = kind == .emergency ? .warn : .fail
    for isMissing in [false, true] {
      scene.reading.tablets = Scene.tablets(primaryServes: !isMissing)
      let lines = scene.lines()
      for check in [ReparentPreflight.Check.coolDown, .room] {
        #expect(lines[check]?.status == (isMissing ? expected : .fail), "\(check), \(isMissing)")
      }
    }
    // What it does is as doubtful as ever.
    scene.facts.topo = nil
    #expect(scene.lines()[.topo]?.status == .fail)
    var other = Scene()
    other.order.kind = kind
    other.flags.isEnabled = false
    #expect(other.lines()[.buffering]?.status == .fail)
    other.reading.tablets = Scene.tablets(primaryServes: false)
    #expect(other.lines()[.buffering]?.status == expected)
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let check: ReparentPreflight.Check
    let status: PreflightStatus
    let evidence: String
    fileprivate let change: @Sendable (inout Scene) -> Void

    fileprivate init(
      _ check: ReparentPreflight.Check, _ status: PreflightStatus, _ evidence: String,
      _ change: @escaping @Sendable (inout Scene) -> Void
    ) {
      self.check = check
      self.status = status
      self.evidence = evidence
      self.change = change
    }

    var testDescription: String { "\(check.rawValue): \(evidence)" }
  }

  static let cases: [Case] = [
    Case(.topo, .fail, "topo says zone1-101, not zone1-100") {
      $0.facts.topo = TopoShard(
        primary: TabletAlias(cell: "zone1", uid: 101))
    },
    Case(.topo, .fail, "vtctld is away") {
      $0.facts.topo = nil
      $0.facts.topoFailure = CallFailure(.unreachable, nil, .reported("vtctld is away"))
    },
    Case(.topo, .pass, "zone1-100, as expected; this release of vtctld does not check it again") {
      $0.facts.checksExpectedPrimary = false
    },
    Case(.topo, .pass, "zone1-100, as expected; whether vtctld checks it again is not known") {
      $0.facts.checksExpectedPrimary = nil
    },
    Case(.primary, .fail, "no vtgate sees zone1-100 serve: a planned reparent needs it") {
      $0.poll()
      $0.reading.tablets = Scene.tablets(primaryServes: false)
    },
    Case(
      .primary, .fail,
      "zone1-100 serves: a planned reparent loses nothing, and vtctld may choose it again"
    ) {
      $0.order.kind = .emergency
    },
    // The failover that the form was opened for has ended by itself.
    Case(.primary, .fail, "zone1-101 serves now, not zone1-100: close this form and open it again")
    {
      $0.order.kind = .emergency
      $0.reading.tablets = Scene.tablets(primary: 101)
    },
    Case(.primary, .pass, "no vtgate sees zone1-100 serve") {
      $0.poll()
      $0.order.kind = .emergency
      $0.reading.tablets = Scene.tablets(primaryServes: false)
    },
    Case(.candidate, .pass, "zone1-101 at 0 s by health stream, threshold 1 s") {
      $0.order.newPrimary = TabletAlias(cell: "zone1", uid: 101)
      $0.lags[100] = 43.9
      $0.lags[101] = 44
    },
    // Whatever the health stream says, and though nobody asks the throttler.
    Case(.candidate, .fail, "zone1-101 at 18h00m, threshold 1 s") {
      $0.order.newPrimary = TabletAlias(cell: "zone1", uid: 101)
      $0.isDormant = true
      $0.lags[100] = 0.2
      $0.lags[101] = 64_800
    },
    Case(.candidate, .fail, "zone1-101 at 4 s by health stream, threshold 1 s") {
      $0.order.newPrimary = TabletAlias(cell: "zone1", uid: 101)
      $0.lags[101] = 3.5
      $0.reading.tablets = Scene.tablets(replicationLag: 4)
    },
    Case(
      .candidate, .warn,
      "zone1-101: nobody asks and the primary does not tell: lag not known"
    ) {
      $0.order.newPrimary = TabletAlias(cell: "zone1", uid: 101)
      $0.isDormant = true
      $0.lags[101] = 3.5
    },
    Case(.candidate, .fail, "zone1-100 is primary already") {
      $0.order.newPrimary = TabletAlias(cell: "zone1", uid: 100)
    },
    Case(.candidate, .fail, "zone1-300 is no tablet of commerce/0") {
      $0.order.newPrimary = TabletAlias(cell: "zone1", uid: 300)
    },
    Case(.candidate, .warn, "zone1-102 at 0 s by health stream; not polled yet") {
      $0.order.newPrimary = TabletAlias(cell: "zone1", uid: 102)
      $0.lags[102] = nil
    },
    Case(.buffering, .fail, "off at gate1:15001, gate2:15001") { $0.flags.isEnabled = false },
    Case(.buffering, .warn, "whether it is on cannot be read at gate1:15001, gate2:15001") {
      $0.flags = BufferFlags(source: .defaults)
    },
    Case(.coolDown, .fail, "59s left: this failover would not be buffered") {
      $0.poll()
      $0.reading.buffers[Scene.shard]?.starts = 1
      $0.reading.buffers[Scene.shard]?.stops[.newPrimarySeen] = 1
      $0.poll()
    },
    Case(.room, .warn, "gate1:15001: up to 200 requests in 1.0 s (200/s); room for 100 of 100") {
      $0.facts.rates[Scene.gates[0]] = 200
    },
    Case(.room, .fail, "gate1:15001: up to 20 requests in 1.0 s (20/s); room for 0 of 100") {
      $0.reading.buffers[Scene.shard]?.buffered = 100
    },
    Case(.room, .warn, "the rate of queries is not known at 2 of 2 vtgates") {
      $0.facts.rates = [:]
    },
    Case(.limits, .warn, "30.0 s at worst (wait timeout 15.0 s); window 10.0 s, max 20.0 s") {
      $0.flags.window = .seconds(10)
      $0.flags.maxFailoverDuration = .seconds(20)
    },
    Case(.candidate, .warn, "zone1-101 at 30 s, threshold 1 s") {
      $0.order.kind = .emergency
      $0.order.newPrimary = TabletAlias(cell: "zone1", uid: 101)
      $0.lags[101] = 30
    },
    Case(.otherReparent, .fail, "one that was sent from here has not ended") {
      $0.facts.isReparenting = true
    },
    Case(
      .room, .fail,
      "gate1:15001: up to 1 000 000 000 000 requests in 1.0 s (1 000 000 000/s); room for 0 of 100"
    ) {
      $0.reading.buffers[Scene.shard]?.buffered = 100
      $0.facts.rates[Scene.gates[0]] = 1e300
    },
    Case(.limits, .warn, "45.0 s at worst (wait timeout 15.0 s); window 40.0 s, max 40.0 s") {
      $0.facts.release = Release("15.0.3") ?? .unknown
    },
    Case(.semiSync, .pass, "no policy is set, which means none: not needed") {
      $0.facts.durabilityPolicy = ""
      $0.facts.release = Release("16.0.7") ?? .unknown
    },
    Case(.semiSync, .pass, "no policy is set, which means none: not needed") {
      $0.facts.durabilityPolicy = ""
      $0.facts.release = .unknown
    },
    Case(.semiSync, .warn, "topo has no policy: before v14 each tablet has its own flag") {
      $0.facts.durabilityPolicy = ""
      $0.facts.release = Release("13.0.3") ?? .unknown
    },
    Case(.semiSync, .fail, "policy cross_cell: 0 tablets can acknowledge") {
      $0.facts.durabilityPolicy = "cross_cell"
    },
    Case(.otherReparent, .fail, "failover 1 of this shard goes on") {
      $0.poll()
      $0.reading.buffers[Scene.shard]?.starts = 1
    },
    Case(.semiSync, .pass, "policy semi_sync: 2 tablets can acknowledge") {
      $0.facts.durabilityPolicy = "semi_sync"
    },
    Case(.semiSync, .warn, "the policy is not known") { $0.facts.durabilityPolicy = nil },
  ]

  @Test(arguments: cases) func aCheckSpeaksWithItsEvidence(_ test: Case) throws {
    var scene = Scene()
    test.change(&scene)
    let line = try #require(scene.lines()[test.check])
    #expect(Self.words(line) == test.evidence)
    #expect(line.status == test.status)
  }

  @Test func whereARuleCanGo() {
    var scene = Scene()
    scene.lags[100] = 0
    scene.poll()
    let scopes = ThrottleScopes(Scene.shard, in: scene.fleet, hasVtctld: false)
    #expect(scopes.choices[scopes.firstPossible].kind == .primary)
    #expect(scopes.choices.map(\.reason) == [nil, nil, .needsVtctld])
    scene.lags[100] = nil
    let others = ThrottleScopes(
      ShardName(keyspace: "commerce", shard: "nope"), in: scene.fleet, hasVtctld: true)
    #expect(others.choices[0].reason == .noAddress(others.shard))
    #expect(others.choices[others.firstPossible].kind == .primaries)
  }

  @Test func whatCannotBeMeantIsNotSent() {
    #expect(AppRuleOrder.objection(toApp: "") != nil)
    #expect(AppRuleOrder.objection(toApp: "a\u{1B}[2J") != nil)
    #expect(AppRuleOrder.objection(toApp: String(repeating: "x", count: 10_000)) != nil)
    #expect(AppRuleOrder.objection(toApp: "vitess") != nil)
    #expect(AppRuleOrder.objection(toApp: "vcopier:online-ddl") == nil)
    for ratio in [-0.1, 1.5, .nan, .infinity] {
      #expect(AppRuleOrder.objection(toRatio: ratio) != nil)
    }
    #expect(AppRuleOrder.objection(toDuration: .zero) != nil)
  }

  /// One validation for a rule and its end, whoever asks for it.
  @Test(arguments: ["", "  ", "a\u{7}", "a\u{9B}2J", "a\u{202E}b", "a\u{200B}", "a\u{2028}"])
  func aNameThatNobodyCanReadIsNeitherThrottledNorReleased(_ name: String) {
    for change in [
      AppRuleOrder.Change.release, .throttle(for: .seconds(60), ratio: 1, isExempt: false),
    ] {
      #expect(AppRuleOrder(app: name, change, in: .keyspace("k")).objection != nil)
    }
  }

  @Test func aRuleThatBlindsTheTabletsCanBeReleasedButNotSet() {
    let throttle = AppRuleOrder.Change.throttle(for: .seconds(60), ratio: 1, isExempt: false)
    #expect(AppRuleOrder(app: "vitess", throttle, in: .keyspace("k")).objection != nil)
    #expect(AppRuleOrder(app: "vitess", .release, in: .keyspace("k")).objection == nil)
    let exempt = AppRuleOrder.Change.throttle(for: .seconds(60), ratio: 1, isExempt: true)
    #expect(AppRuleOrder(app: "a", exempt, in: .tablets([])).objection != nil)
  }

  @Test func anAddressIsNoIdentity() {
    let meant = AppRuleOrder.Tablet(
      label: "zone1-100", alias: TabletAlias(cell: "zone1", uid: 100), shard: Scene.shard,
      address: Address(host: "h", port: 1))
    let other = TabletAlias(cell: "zone1", uid: 301)
    let elsewhere = ShardName(keyspace: "billing", shard: "0")
    #expect(meant.objection(toAnswering: meant.alias, of: Scene.shard) == nil)
    // To v21 the throttler alone names the shard, where /debug/vars is denied.
    #expect(meant.objection(toAnswering: nil, of: Scene.shard) == nil)
    #expect(
      meant.objection(toAnswering: other, of: elsewhere)
        == .answersAsAnother(meant.address, .init(alias: other, shard: elsewhere)))
    #expect(meant.objection(toAnswering: other, of: Scene.shard) != nil)
    #expect(meant.objection(toAnswering: meant.alias, of: elsewhere) != nil)
    #expect(meant.objection(toAnswering: nil, of: elsewhere) != nil)
    #expect(meant.objection(toAnswering: nil, of: nil) == .doesNotSayWhoItIs(meant.address))
  }
}
