import FleetModel
import Testing
import Wording

@Suite struct FailoverWordingTests {
  @Test(arguments: [
    (Failed(count: 0), "failed 0"), (Failed(count: 4873), "failed 4 873"),
    (Failed(count: nil), "failed unknown"),
    (Failed(count: 6) + Failed(count: nil), "failed at least 6"),
    (Failed(count: 0) + Failed(count: nil), "failed unknown"),
  ])
  func whatFailedIsSaidWithWhatIsKnownOfIt(_ failed: Failed, _ words: String) {
    #expect(Wording().words(failed) == words)
  }

  @Test(arguments: [
    (Failover.Verdict.goingOn, "going on"), (.recovered, "recovered"),
    (.recoveredWithFailures, "recovered with failures"), (.gaveUp, "gave up"),
    (.notBuffered, "not buffered"), (.switched, "switched"), (.notSwitched, "not switched"),
    (.halfSwitched, "half switched"), (.unchanged, "same primary"), (.unknown, "unknown"),
  ])
  func everyVerdictHasAWord(_ verdict: Failover.Verdict, _ word: String) {
    #expect(Wording().word(verdict) == word)
  }

  @Test(arguments: [
    (Failover.Kind.failover, "failover"), (.trafficSwitch, "traffic switch"),
    (.unchanged, "buffering"), (.errors, "errors"),
  ])
  func everyKindHasAWord(_ kind: Failover.Kind, _ word: String) {
    #expect(Wording().word(kind) == word)
  }
}
