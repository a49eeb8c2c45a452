import Terms
import Testing

@Suite struct SecretsTests {
  @Test func theyAreHiddenWhereverTheyStand() {
    let secrets = Secrets(["joe:s3cret", "s3cret", "c2VjcmV0"])
    #expect(
      secrets.hidden(in: "s3cret: joe:s3cret is Basic c2VjcmV0, not s3cre")
        == "(hidden): (hidden) is Basic (hidden), not s3cre")
    #expect(secrets.hidden(in: "s3crets3cret") == "(hidden)(hidden)")
    #expect(secrets.hidden(in: "") == "")
  }

  /// A tenant called "1" is no reason to take ones out of sentences.
  @Test func aTextThatStandsAnywhereIsNoSecret() {
    #expect(Secrets(["", "1", "abc"]).hidden(in: "abc 1 of 11") == "abc 1 of 11")
  }

  @Test func theyAreNotPrinted() {
    let secrets = Secrets(["s3cret"])
    var dumped = ""
    dump(secrets, to: &dumped)
    for text in ["\(secrets)", String(reflecting: secrets), dumped] {
      #expect(!text.contains("s3cret"))
    }
  }
}
