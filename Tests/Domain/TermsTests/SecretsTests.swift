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

  @Test(arguments: [
    "https://joe:p@x/y@gate:1": "https://(hidden)@gate:1", "joe:p@gate:1": "(hidden)@gate:1",
    "--vtgate=joe:a=b@gate:1": "--vtgate=(hidden)@gate:1",
    "http://prom/?token=s#x": "http://prom/?(hidden)", "prom:1/?token=s": "prom:1/?(hidden)",
    "http://joe:a?b@prom?s": "http://(hidden)@prom?(hidden)",
    "https://gate/#s": "https://gate/#(hidden)",
    "'joe:p@a:1' and 'b:1'": "'(hidden)@a:1' and 'b:1'", "mail joe@example": "mail joe@example",
    "did you mean `mask`?": "did you mean `mask`?", "targets/?.yml": "targets/?.yml",
    #"cluster=~"a?b""#: #"cluster=~"a?b""#,
    "zone1-100 -> gw.example/\\1": "zone1-100 -> gw.example/\\1",
  ]) func whatMayBeSecretInAnAddressIsHidden(_ text: String, _ shown: String) {
    #expect(text.withoutPasswords == shown)
  }

  @Test(arguments: [
    "http://login.example/?next=a,b=s": "http://login.example/?(hidden)",
    "/login?s": "/login?(hidden)", "//joe:s@host/x": "(hidden)@host/x",
    "https://host/metrics": "https://host/metrics",
  ]) func anAddressOfAServerHasNoQuery(_ text: String, _ shown: String) {
    #expect(text.addressWithoutPasswords == shown)
  }
}
