import FleetModel
import Terms
import Testing
import Wording

@Suite struct LagWordingTests {
  private static let tablet = TabletAlias(cell: "zone1", uid: 101)
  private static let tablets: [TabletName] = [
    .alias(tablet), .address(Address(host: "db1", port: 15100)),
  ]

  static let caveats: [(Lag.Caveat, String)] = [
    (.notPolled, "not polled yet"), (.serverTellsNone, "the server does not say"),
    (.noAnswer, "no answer"),
    (.failure(ScrapeFailure.unreachable(.refused)), "connection refused"),
    (.throttlerDisabled, "throttler disabled"),
    (.throttlerOffOrClosed, "throttler off or closed"), (.throttlerClosed, "throttler closed"),
    (.notCollected, "metric not collected"), (.writesNoHeartbeats, "writes no heartbeats now"),
    (.clockBehindPrimary, "its clock is behind the primary's"),
    (.noHeartbeatEver, "no heartbeat has ever arrived"),
    (.other(.healthStream, .unexplained), "by health stream, no heartbeats"),
    (
      .other(.replicationStatus, .noPrimary),
      "by replication status, no primary writes heartbeats"
    ),
    (.notKnown(.nobodyAsks), "nobody asks for heartbeats, lag not known"),
    (.notKnownWhetherWritten, "nobody asks and the primary does not tell: lag not known"),
    (
      .primaryTellsNone(
        .custom(query: "show global status like 'threads_running'", scope: .itself)),
      "the primary tells no threads_running"
    ),
    (.noTablets, "no tablets"), (.noReplicas, "no replicas"),
    (.noData(from: tablets), "no data from zone1-101, db1:15100"),
  ]

  @Test(arguments: caveats) func aCaveatHasItsWords(_ caveat: Lag.Caveat, _ words: String) {
    #expect(Wording().words(caveat) == words)
  }

  @Test func everyCaveatIsWorded() {
    #expect(Set(Self.caveats.map(\.0.name)) == Set(Lag.Caveat.Name.allCases))
  }

  @Test func aCaveatNamesNoHostThatIsMasked() {
    let address = Address(host: "db1", port: 15100)
    let mask = HostMask([Target(.vttablet, address)])
    #expect(
      Wording(mask: mask).words(.noData(from: Self.tablets)) == "no data from zone1-101, vttablet-1"
    )
  }

  @Test func aValueHasItsUnitAndReadsAsItIs() {
    #expect(Wording().value(Lag(value: nil)) == nil)
    #expect(Wording().value(Lag(value: 7.25)) == "7.3 s")
    #expect(Wording().value(Lag(value: 5.02, threshold: 5)) == "5.02 s")
    #expect(Wording().value(Lag(value: 4.96, threshold: 5)) == "4.96 s")
    #expect(Wording().value(Lag(value: 5, threshold: 5)) == "5 s")
    #expect(Wording().value(Lag(value: 0.57, threshold: 0.5)) == "0.57 s")
    #expect(Wording().value(Lag(value: 60_620)) == "16h50m")
    #expect(Wording().value(Lag(value: 5.000001, threshold: 5)) == "5.000001 s")
    #expect(
      Wording().value(Lag(value: 42, metric: .custom(query: nil, scope: .itself))) == "42")
  }

  @Test func whatDecidesIsSaidWithWhose() {
    #expect(Wording().decider(.lag) == "lag, the shard's maximum")
    #expect(
      Wording().decider(.custom(query: "show variables like 'x'", scope: .itself))
        == "x, the primary's own")
    var metric = DefaultMetric.lag
    metric.isScopeKnown = false
    #expect(Wording().decider(metric) == "lag; whose value is not known")
  }

  @Test(arguments: [
    (BufferFlags.Basis.commandLine, "10.0 s"), (.counters, "10.0 s (by its counters)"),
    (.vitessDefault, "10.0 s (Vitess' default)"),
  ]) func aLimitSaysWhatItRestsOn(_ basis: BufferFlags.Basis, _ words: String) {
    #expect(Wording().words(BufferFlags.KnownLimit(.seconds(10), by: basis)) == words)
  }

  @Test func whatCountersLeaveUnknownIsSaid() {
    #expect(
      Wording().words(ShardSummary.CountersCaveat.unreported([.stops, .evicted]))
        == "not told by every vtgate: stops, evicted")
    #expect(
      Wording().words(ShardSummary.CountersCaveat.combined)
        == "its counters are not told apart from other shards'")
  }
}
