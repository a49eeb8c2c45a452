import FleetModel
import Terms
import Testing
import Wording

@Suite struct EventWordingTests {
  private typealias Source = FleetEvent.Source

  private static let at = Instant(secondsSinceEpoch: 1_795_000_000)
  private static let gates = (1...4).map { Address(host: "gate\($0)", port: 15001) }
  private static let gate = Target(.vtgate, gates[0])
  private static let old = TabletAlias(cell: "zone1", uid: 100)
  private static let new = TabletAlias(cell: "zone1", uid: 101)
  private static let refused = ScrapeFailure.unreachable(.refused)

  private static let disagreement = Disagreement(
    .otherPrimary(old), servers: [gates[0]], primary: new, since: at)

  private static func lag(_ value: Double) -> Lag { Lag(value: value, threshold: 5) }

  static let kinds: [(FleetEvent.Kind, String)] = [
    (.vtgateRestarted, "vtgate restarted, its counters began again at 0"),
    (
      .severalProcesses,
      "several processes answer at this address, name each with --vtgate; its counters are not followed"
    ),
    (.buffering(.goingOn), "buffering was already going on at"),
    (.buffering(.passed(1)), "a failover began and ended between two polls of"),
    (.buffering(.passed(2)), "2 failovers began and ended between two polls of"),
    (.buffering(.started), "buffering started on"),
    (.buffering(.ended(.newPrimarySeen)), "buffering ended (NewPrimarySeen) on"),
    (.buffering(.evicted(.windowExceeded)), "requests evicted (WindowExceeded) by"),
    (.buffering(.notBuffered(.bufferFull)), "requests not buffered (BufferFull) by"),
    (.buffering(.drained), "requests drained by"),
    (
      .combinedBuffering(.started, keyspace: "commerce"),
      "buffering started in commerce, shards not told apart, on"
    ),
    (
      .combinedBuffering(.ended(.shutdown), keyspace: nil),
      "buffering ended (Shutdown) in some shard, shards not told apart, on"
    ),
    (
      .combinedBuffering(.notBuffered(.bufferFull), keyspace: nil),
      "not buffering (BufferFull) in some shard, shards not told apart, on"
    ),
    (
      .clientErrorsRise(codes: ["ABORTED", "UNAVAILABLE"]),
      "client errors rise without buffering (ABORTED, UNAVAILABLE) at"
    ),
    (.primaryChanged(to: new, from: old), "primary is now zone1-101, was zone1-100"),
    (.primaryUnseen, "no vtgate sees a serving primary"),
    (.primaryServesAgain(old), "primary zone1-100 is serving again"),
    (
      .cutover(
        ProxyCutover(
          .holding, from: "old", to: "new", startedAt: Instant(secondsSinceEpoch: 1_795_000_000))),
      "cutover from old to new: holding at"
    ),
    (
      .othersWait, "the other shards of its keyspace wait for it: vtgate holds their requests too"
    ),
    (
      .lagOverThreshold(lag(7.25), replica: .alias(new)),
      "lag is 7.3 s, over its threshold of 5 s (zone1-101)"
    ),
    (.lagOverThreshold(lag(7.25), replica: nil), "lag is 7.3 s, over its threshold of 5 s"),
    (.lagBackUnderThreshold(.lag), "lag is back under the threshold"),
    (
      .primaryServesLess(.alias(old), .shuttingDown), "zone1-100 says that it is shutting down"
    ),
    (
      .addressTakenOver(
        .alias(old), by: .init(alias: new, shard: ShardName(keyspace: "logs", shard: "0"))),
      "zone1-100's address answers as zone1-101 of logs/0"
    ),
    (
      .addressTakenOver(.alias(old), by: .init(alias: nil, shard: nil)),
      "zone1-100's address answers as a tablet"
    ),
    (
      .disagreement(disagreement),
      "vtgate gate1:15001 still takes zone1-100 for the primary, the others see zone1-101"
    ),
    (
      .agreement(disagreement),
      "no longer: vtgate gate1:15001 still takes zone1-100 for the primary, the others see zone1-101"
    ),
    (.primaryServesFully(.alias(old)), "zone1-100 says that it is serving again"),
    (.noAnswer(gate, refused), "vtgate gate1:15001: connection refused"),
    (.answersAgain(gate, after: .seconds(65)), "vtgate gate1:15001 answers again after 1m05s"),
    (.tabletsSilent(refused), "tablets do not answer (connection refused)"),
    (.tabletsAnswerAgain, "tablets answer again"),
    (
      .deadRecords,
      "topo lists tablets that nobody has heard of; they may have left long ago"
    ),
    (.vtgateLeft(gate), "vtgate gate1:15001 left: nobody names it any more"),
    (
      .serversNamed(.vtgate, cell: "zone1", by: .file("/etc/gates.yml")),
      "/etc/gates.yml names vtgates in zone1:"
    ),
    (.serversNamed(.vttablet, cell: nil, by: .vtctld), "vtctld names vttablets:"),
    (
      .serversNoLongerNamed(.vtgate, by: .dns("vtgate.svc:15001")),
      "DNS (vtgate.svc:15001) no longer names vtgates:"
    ),
    (.tabletLeft(.address(gates[1])), "tablet gate2:15001 left the topology"),
    (.blind, "blind: no vtgate answers"),
    (.sightRegained(after: .seconds(4)), "no longer blind, after 4.0 s"),
    (.shardBlind, "blind: nobody can say anything of it"),
    (.shardSeenAgain, "it can be seen again"),
    (
      .relayFails(gate.address, .failed(.refused(path: "/api/v1/query", .status(503)))),
      "Prometheus at gate1:15001: /api/v1/query answered 503: it is starting, or has too much to do"
    ),
    (
      .relayFails(gate.address, .knowsNoVtgate(matchers: #"cluster="prod""#)),
      #"Prometheus at gate1:15001: it has scraped no vtgate's /metrics with cluster="prod": --match may leave it out"#
    ),
    (
      .relayFails(gate.address, .hasNoAddress("gate one")),
      "Prometheus at gate1:15001: the label instance of a vtgate is no address: gate one"
    ),
    (
      .relayHidesTablets(
        gate.address, .refused(words: "query processing would load too many samples")),
      "Prometheus at gate1:15001 tells nothing new of tablets: it says: query processing would load too many samples"
    ),
    (
      .relayTellsAgain(gate.address, after: .seconds(65)),
      "Prometheus at gate1:15001 tells again of the servers, after 1m05s"
    ),
    (
      .staysRelayed(Relay.Unreached(1, first: gate, refused)),
      "vtgate gate1:15001 cannot be asked from here (connection refused): what is known of it stays Prometheus'"
    ),
    (
      .staysRelayed(Relay.Unreached(3, first: gate, refused)),
      "vtgate gate1:15001 cannot be asked from here (connection refused), nor can 2 more: what is known of them stays Prometheus'"
    ),
    (
      .topoUnread(CallFailure(.unreachable, .vtctld(gate.address), .connection(.refused))),
      "topo cannot be read: vtctld gate1:15001: connection refused"
    ),
    (
      .switchNear(workflow: "customer.m1", isHalfWay: false, shards: 12, closelyFor: .seconds(300)),
      "customer.m1 can be switched now: 12 shards are watched closely for 5m"
    ),
    (
      .switchNear(workflow: "customer.m1", isHalfWay: true, shards: 1, closelyFor: .seconds(300)),
      "customer.m1 has its reads switched and its writes not: the shard is watched closely for 5m"
    ),
    (.baselineSet, "baseline set: counters count from here"),
    (.baselineRemoved, "baseline removed: counters are the vtgates' totals"),
    (
      .acknowledged(.shard(ShardName(keyspace: "logs", shard: "0"))),
      "known trouble, acknowledged until it changes"
    ),
    (
      .acknowledged(.server(gate)),
      "vtgate gate1:15001: known trouble, acknowledged until it changes"
    ),
    (.acknowledgementWithdrawn(.server(gate)), "vtgate gate1:15001: no longer acknowledged"),
    (
      .acknowledgedDiffers(.tablets(0)),
      "tablets: what was acknowledged is no longer all that is wrong"
    ),
    (.acknowledgedOver(.fleet), "fleet: what was acknowledged is over"),
    (.actionsAllowed(for: .seconds(900)), "actions are allowed for 15m"),
    (.actionsForbidden, "actions are no longer allowed"),
    (.noted("pager at 14:03"), "note: pager at 14:03"),
    (.actionBegun("throttle vreplication"), "you: throttle vreplication"),
    (
      .actionEnded(.good, outcome: "done", action: "reparent", verdict: "zone1-0000000101 leads"),
      "done: reparent: zone1-101 leads"
    ),
    (.remark(.warning, "this run only reads"), "this run only reads"),
  ]

  @Test(arguments: kinds) func aKindHasItsWords(_ kind: FleetEvent.Kind, _ words: String) {
    #expect(Wording().text(FleetEvent(at: Self.at, kind)) == words)
  }

  @Test func everyKindIsWorded() {
    #expect(Set(Self.kinds.map(\.0.name)) == Set(FleetEvent.Kind.Name.allCases))
  }

  @Test func upToThreeServersAreNamedAndMoreAreCounted() {
    func event(_ count: Int) -> FleetEvent {
      FleetEvent(
        at: Self.at, .buffering(.drained),
        sources: Self.gates.prefix(count).map { Source($0, count: 1300) })
    }
    #expect(
      Wording().sentence(event(2)) == "requests drained by gate1:15001 (1 300), gate2:15001 (1 300)"
    )
    #expect(Wording().sentence(event(4)) == "requests drained by 4 servers (5 200)")
    #expect(Wording().fullSentence(event(4)).hasSuffix("gate3:15001 (1 300), gate4:15001 (1 300)"))
    #expect(Wording().text(event(4)) == "requests drained by")
  }

  /// Who was read first is chance, and no reason for another order in every sentence.
  @Test func serversAreNamedInTheOrderOfTheirAddresses() {
    let event = FleetEvent(
      at: Self.at, .buffering(.started), sources: Self.gates.prefix(3).reversed().map { Source($0) }
    )
    #expect(
      Wording().sentence(event) == "buffering started on gate1:15001, gate2:15001, gate3:15001")
  }

  @Test func howLongAServerBufferedStandsBehindIt() {
    let event = FleetEvent(
      at: Self.at, .buffering(.ended(.newPrimarySeen)),
      sources: [Source(Self.gates[0], lasted: .milliseconds(1200)), Source(Self.gates[1])])
    #expect(
      Wording().sentence(event)
        == "buffering ended (NewPrimarySeen) on gate1:15001 (after 1.2 s), gate2:15001")
  }
}
