import FleetModel
import Terms
import Testing
import Wording

@Suite struct HostMaskTests {
  private static let gates = ["gate-b", "gate-a"].map {
    Target(.vtgate, Address(host: $0, port: 15001))
  }
  private static let tablet = Target(.vttablet, Address(host: "10.1.2.3", port: 15100))

  private static func remark(_ text: String, _ mask: HostMask) -> String {
    Wording(mask: mask).text(
      FleetEvent(at: Instant(nanoseconds: 0), .remark(.notice, text)))
  }

  @Test func serversAreNumberedByTheirKindInTheOrderOfTheirAddresses() {
    let wording = Wording(mask: HostMask(Self.gates + [Self.tablet]))
    let event = FleetEvent(
      at: Instant(nanoseconds: 0), .buffering(.started),
      sources: (Self.gates + [Self.tablet]).map { .init($0.address) })
    #expect(wording.sentence(event) == "buffering started on vttablet-1, vtgate-1, vtgate-2")
  }

  @Test func aStandInStaysWhenServersAreAdded() {
    var mask = HostMask([Self.gates[0]])
    mask.add(Self.gates)
    #expect(Self.remark("gate-b:15001 gate-a:15001", mask) == "vtgate-1 vtgate-2")
  }

  @Test(arguments: [
    ("dial tcp gate-a:15001: connection refused", "dial tcp vtgate-1: connection refused"),
    ("gate-a refuses, gate-ab does not", "host-1 refuses, gate-ab does not"),
    ("vtctld db.example.com:15999: EOF", "vtctld another server: EOF"),
    ("dial 10.1.2.3:3306, then 10.1.2.3.", "dial another server, then host-3."),
    ("at 192.0.2.7 and [2001:db8::1]:15999", "at another host and another server"),
    ("at 2001:db8::1, or [::1]", "at another host, or another host"),
    ("at 14:03:21.4 v16.0.7 failed 3:2", "at 14:03:21.4 v16.0.7 failed 3:2"),
    (
      "zone1-101 of commerce/-80, code = UNAVAILABLE",
      "zone1-101 of commerce/-80, code = UNAVAILABLE"
    ),
  ])
  func hostsInAServersWordsAreMasked(_ text: String, _ masked: String) {
    #expect(Self.remark(text, HostMask(Self.gates + [Self.tablet])) == masked)
  }

  /// What has no room is cut, and a part of a name is a name too.
  @Test(arguments: [
    ("gate-a:15…", "…"), ("by gate…", "by …"), ("on gate-a:~ now", "on ~ now"),
    ("dial 10.1.2…", "dial …"), ("at [2001:db8…", "at …"), ("a sentence…", "a sentence…"),
    ("commerce/80…", "commerce/80…"), ("dial db.examp…", "dial …"), ("16.0.7…", "16.0.7…"),
  ])
  func whatIsCutOffIsMaskedToo(_ text: String, _ masked: String) {
    let far = Target(.vttablet, Address(host: "2001:db8::1", port: 15100))
    let mask = HostMask(Self.gates + [Self.tablet, far])
    #expect(mask.masked([text, "gate-b:15001"]) == [masked, "vtgate-2"])
  }

  @Test(arguments: [
    ("https://gw:443/gate-1", "vtgate-2"), ("https://gw:443/gate-2: refused", "vtgate-3: refused"),
    ("POST https://gw:443/gate-1/throttler/x", "POST vtgate-2/throttler/x"),
    ("GET http://gate-a:15001/metrics", "GET vtgate-1/metrics"),
    ("a redirect to https://sso.example/login", "a redirect to another server/login"),
    ("from gw:443/other", "from another server"),
    ("14:03/15 of commerce/-80", "14:03/15 of commerce/-80"),
  ]) func serversBehindOneFrontKeepTheirStandIns(_ text: String, _ masked: String) {
    let targets = ["gate-a:15001", "https://gw:443/gate-1", "https://gw:443/gate-2"]
      .compactMap { Address($0) }.map { Target(.vtgate, $0) }
    #expect(HostMask(targets).masked([text]) == [masked])
  }

  @Test func aHostThatIsCalledLikeAStandInIsMaskedOnce() {
    let names = ["vtgate-2", "vtgate-1"].map { Target(.vtgate, Address(host: $0, port: 1)) }
    #expect(Self.remark("vtgate-2:1 vtgate-1:1", HostMask(names)) == "vtgate-2 vtgate-1")
    #expect(Self.remark("vtgate-1", HostMask(names)) == "host-1")
  }

  @Test func noKindNamesAMaskedServer() {
    let wording = Wording(mask: HostMask(Self.gates + [Self.tablet]))
    let failure = ScrapeFailure.unreachable(.broken(reason: "no route to gate-a:15001"))
    let kinds: [FleetEvent.Kind] = [
      .noAnswer(Self.gates[1], failure), .answersAgain(Self.gates[1], after: .seconds(1)),
      .relayFails(Self.gates[1].address, .failed(failure)),
      .relayHidesTablets(Self.gates[1].address, .failed(failure)),
      .relayTellsAgain(Self.gates[1].address, after: .seconds(1)),
      .staysRelayed(Relay.Unreached(2, first: Self.gates[1], failure)),
      .topoUnread(
        CallFailure(.unreachable, .vtctld(Self.gates[1].address), .connection(.refused))),
      .tabletsSilent(failure), .tabletLeft(.address(Self.gates[1].address)),
      .primaryServesLess(.address(Self.gates[1].address), .notServing),
      .primaryServesFully(.address(Self.gates[1].address)),
      .lagOverThreshold(
        Lag(value: 2, threshold: 1), replica: .address(Self.gates[1].address)),
      .actionBegun("ask gate-a:15001"),
      .actionEnded(.good, outcome: "done", action: "ask gate-a", verdict: "gate-a:15001 answers"),
    ]
    for kind in kinds {
      let text = wording.text(FleetEvent(at: Instant(nanoseconds: 0), kind))
      #expect(!text.contains("gate-a") && text.contains(/vtgate-1|host-1/), "\(text)")
    }
  }
}
