import FleetModel
import Terms
import Testing
import Wording

/// Sources that cannot be read, or name nobody: what is known may be the smaller part, or nothing.
@Suite struct SourceTests {
  private static let file = ServerSource.file("/etc/gates.yml")
  private static let fault = "/etc/gates.yml: there is no such file"

  private static func words(_ problems: [FleetCheck.Problem]) -> [String] {
    problems.map { "\($0.health.word) \(Wording().words($0.finding))" }
  }

  private static func healthy() -> Feed {
    var feed = Feed()
    feed.poll()
    feed.fleet.settle(at: feed.now)
    return feed
  }

  @Test func oneThatWasNeverReadIsAProblemBesideServersThatAnswer() {
    var feed = Self.healthy()
    #expect(FleetCheck(feed.fleet).health == .healthy)
    feed.fleet.apply(SourceStanding(), of: Self.file, at: feed.now)
    #expect(
      Self.words(FleetCheck(feed.fleet).problems)
        == ["degraded /etc/gates.yml has not said yet whom it names"])
    feed.fleet.apply(SourceStanding(fault: Self.fault), of: Self.file, at: feed.now)
    #expect(Self.words(FleetCheck(feed.fleet).problems) == ["degraded \(Self.fault)"])
    #expect(feed.texts.last == "\(Self.fault); it is looked at again")
  }

  @Test func whatOneHasNamedStaysAndIsANote() {
    var feed = Self.healthy()
    let remark = "/etc/gates.yml:3:5: vtgate a has no fqdn"
    feed.fleet.apply(
      SourceStanding(namesServers: true, remarks: [remark]), of: Self.file, at: feed.now)
    feed.fleet.apply(
      SourceStanding(fault: Self.fault, namesServers: true, remarks: [remark]), of: Self.file,
      at: feed.now)
    let check = FleetCheck(feed.fleet)
    #expect(check.health == .healthy && check.setAside == 0)
    #expect(
      Self.words(check.notes) == [
        "healthy \(Self.fault); its last list stays", "healthy \(remark)",
      ])
    #expect(feed.texts.suffix(2) == [remark, "\(Self.fault); its last list stays"])
    feed.fleet.apply(
      SourceStanding(namesServers: true, remarks: [remark]), of: Self.file, at: feed.now)
    #expect(FleetCheck(feed.fleet).notes.count == 1)
    #expect(feed.texts.last == "\(Self.fault); its last list stays")
  }

  /// A list may be wrong in every line, and differently at each look.
  @Test func ofManyRemarksTheFirstAreSaidAndTheOthersCounted() {
    var feed = Self.healthy()
    let before = feed.texts.count
    func remarks(_ look: Int) -> [String] { (0..<12_000).map { "f:\($0): look \(look)" } }
    for look in 1...2 {
      feed.fleet.apply(
        SourceStanding(namesServers: true, remarks: remarks(look)), of: Self.file, at: feed.now)
    }
    #expect(FleetCheck(feed.fleet).notes.count == 11)
    let texts = feed.texts.dropFirst(before)
    // How many there are besides was said before.
    #expect(texts.count == 21 && texts.filter { $0 == "and 11 990 more like these" }.count == 1)
    #expect(texts.last == "f:9: look 2")
  }

  /// Nobody is told of by topo alone, where it is no source: that it cannot be read is a note, said once.
  @Test func aTopologyThatCannotBeReadIsANote() {
    var feed = Self.healthy()
    let failure = CallFailure(
      .unreachable, .vtctld(Address(host: "v", port: 1)), .connection(.refused))
    let words = "topo cannot be read: vtctld v:1: connection refused"
    func said() -> Int { feed.texts.count { $0 == words } }
    feed.fleet.apply(failure, at: feed.now)
    let check = FleetCheck(feed.fleet)
    #expect(check.health == .healthy && check.setAside == 0)
    #expect(Self.words(check.notes) == ["healthy \(words)"])
    #expect(said() == 1)
    // One part of it can be read, and another cannot.
    for seconds in [5, 60, 120] {
      feed.fleet.apply([TopoKeyspace]())
      #expect(FleetCheck(feed.fleet).notes.isEmpty)
      feed.fleet.apply(failure, at: feed.now + .seconds(seconds))
    }
    #expect(said() == 1)
    feed.fleet.apply(failure, at: feed.now + .seconds(600))
    #expect(said() == 2)
    // As a source, it says the same already.
    feed.fleet.apply(SourceStanding(fault: "v:1"), of: .vtctld, at: feed.now)
    feed.fleet.apply(
      CallFailure(.unreachable, nil, .connection(.timedOut)), at: feed.now + .seconds(900))
    #expect(FleetCheck(feed.fleet).notes.isEmpty)
    #expect(!feed.texts.contains { $0.contains("no connection in time") })
  }

  /// That no vtgate names a shard is said where one could: of silent ones it is said that they are.
  @Test(arguments: [true, false]) func aShardOfATabletAloneIsSaidOnce(_ isAnswered: Bool) {
    var fleet = Fleet()
    let now = Instant(secondsSinceEpoch: 1000)
    let (gate, tablet) = (
      Target(.vtgate, Address(host: "g", port: 1)), Target(.vttablet, Address(host: "t", port: 1))
    )
    var reading = TabletReading(throttler: ThrottlerReading(source: .status))
    (reading.alias, reading.shard) = (
      TabletAlias(cell: "zone1", uid: 1), ShardName(keyspace: "extra", shard: "-")
    )
    let results: [(Target, ScrapeOutcome.Result)] = [
      (gate, isAnswered ? .gate(VtgateReading()) : .failed(.unreachable(.refused))),
      (tablet, .member(reading)),
    ]
    for (target, result) in results {
      fleet.watch(target)
      fleet.apply(ScrapeOutcome(target: target, at: now, took: .zero, result: result))
    }
    fleet.settle(at: now)
    #expect(
      Self.words(FleetCheck(fleet).problems)
        == (isAnswered
          ? ["degraded no vtgate names it, only a tablet of its own"]
          : ["failing blind: no vtgate answers", "failing connection refused"]))
  }

  @Test func whereNobodyNamesAServerItIsSaidWhy() {
    var fleet = Fleet()
    let now = Instant(secondsSinceEpoch: 1000)
    fleet.apply(SourceStanding(), of: Self.file, at: now)
    #expect(!fleet.isHeardOf)
    fleet.apply(SourceStanding(namesServers: false), of: Self.file, at: now)
    fleet.settle(at: now)
    #expect(fleet.isHeardOf)
    let check = FleetCheck(fleet)
    #expect(check.health == .failing)
    #expect(
      Self.words(check.problems)
        == ["failing no server names a shard", "degraded /etc/gates.yml names no server"])
    #expect(fleet.situation(aside: [], since: now, at: now).facts == [.nobodyNamed])
  }

  /// It may still answer.
  @Test func aServerThatWasNotHeardYetIsWaitedFor() {
    var fleet = Fleet()
    let now = Instant(secondsSinceEpoch: 1000)
    fleet.watch(Target(.vtgate, Feed.vtgates[0]))
    fleet.apply(SourceStanding(fault: Self.fault), of: Self.file, at: now)
    #expect(!fleet.isHeardOf)
  }

  @Test func whoTellsOfTheOthersAndHasNotYetIsNamed() {
    var fleet = Fleet()
    let now = Instant(secondsSinceEpoch: 1000)
    fleet.apply(Relay(Address(host: "prom", port: 9090)), at: now)
    #expect(!fleet.isHeardOf)
    #expect(
      Self.words(FleetCheck(fleet).problems) == [
        "failing no server names a shard",
        "failing Prometheus at prom:9090: it has not answered yet",
      ])
  }
}
