import Actions
import FleetModel
import Terms
import Testing
import Wording

/// What an order to a proxy is in words, what speaks against it, and what came of it.
@Suite struct CutoverWordingTests {
  private static let route = ShardName(keyspace: "commerce", shard: "-")
  private static let proxy = Address(host: "proxy", port: 15999)
  private static let holding = ProxyCutover(
    .holding, from: "old", to: "new", startedAt: Instant(secondsSinceEpoch: 1_795_000_000))

  private static func order(_ step: CutoverOrder.Step) -> CutoverOrder {
    CutoverOrder(step, of: route, from: "old", to: "new", at: proxy)
  }

  @Test(
    arguments: [
      (
        .start(isUnbuffered: false),
        "start the cutover of commerce/- from old to new at proxy proxy:15999"
      ),
      (
        .start(isUnbuffered: true),
        "start the cutover of commerce/- from old to new at proxy proxy:15999, also if new work fails"
      ),
      (
        .carryThrough(isChecked: true, ending: nil),
        "switch commerce/- from old to new at proxy proxy:15999"
      ),
      (
        .carryThrough(isChecked: false, ending: 1000),
        "switch commerce/- from old to new at proxy proxy:15999, without asking whether new has "
          + "everything, and end what is in flight if there are at most 1 000"
      ),
      (.cancel, "cancel the cutover of commerce/- from old to new at proxy proxy:15999"),
    ] as [(CutoverOrder.Step, String)])
  func anOrderSaysWhatItDoes(_ step: CutoverOrder.Step, _ words: String) {
    #expect(Wording().sentence(.cutover(Self.order(step))) == words)
  }

  @Test(
    arguments: [
      (.proxySilent(proxy), "proxy:15999 does not answer: how it stands is not known"),
      (
        .otherProxies([proxy]), "the route exists at proxy:15999 as well, where it would not change"
      ),
      (
        .leadsElsewhere("new", expected: "old"),
        "leads to new, not to old: close this form and open it again"
      ),
      (.underWay(holding), "cutover from old to new: holding"),
      (
        .mayHaveTakenOver("new"),
        "whether new takes writes by now is not known: cancel only if it does not, or two servers do"
      ),
      (.serverReady("new", Lag(value: 0.2)), "new is up, 0.2 s behind"),
      (.serverReady("new", Lag(value: nil)), "new is up, how far behind is not known"),
      (
        .serverReadOnly("new", Lag(value: 0)),
        "new is up, 0 s behind, and read-only: writes wait until it takes them"
      ),
      (
        .serverNotAsked("new"),
        "whether new has everything is not asked: what was written last may be lost"
      ),
      (
        .newWorkWaits(window: .seconds(10), maximum: .seconds(20)),
        "waits, 10.0 s at most for each statement and 20.0 s in all"
      ),
      (.coolDownLeft(.seconds(56)), "56s left: new work would fail until the switch"),
      (.waiting(4, size: 1000), "4 of 1 000 waiting"), (.waiting(4, size: nil), "4 waiting"),
      (.inFlight(0), "nothing"), (.inFlight(1), "1 statement or transaction, waited for"),
      (.inFlightEnds(1200), "1 200 statements and transactions, which will be ended"),
      (
        .inFlightNotTold, "the proxy does not say how much"
      ),
      (
        .inFlightTooMany(5, most: 3), "5 statements and transactions, and at most 3 are to be ended"
      ),
      (.timeLeft(.seconds(12)), "12s, then what waits fails and the old server serves"),
    ] as [(CutoverPreflight.Evidence, String)])
  func evidenceHasItsWords(_ evidence: CutoverPreflight.Evidence, _ words: String) {
    #expect(Wording().words(evidence) == words)
  }

  @Test func aLostAnswerIsNoAnswer() {
    let lost = CallFailure(.lost, .url("http://proxy:15999/cutover/switch"), .reported("gone"))
    #expect(
      Wording().words(
        .proxyUnanswered(lost, route: ProxyRoute(server: "old", cutover: Self.holding)))
        == "no answer came (http://proxy:15999/cutover/switch: gone): whether it was carried out is "
        + "not known; leads to old; cutover from old to new: holding")
    #expect(
      Wording().words(.proxyUnanswered(lost, route: nil)).hasSuffix(
        "how the route stands could not be read"))
  }

  @Test func noHostIsNamedThatIsMasked() {
    let wording = Wording(mask: HostMask([Target(.vtgate, Self.proxy)]))
    #expect(!wording.sentence(.cutover(Self.order(.cancel))).contains("proxy:15999"))
  }
}
