import Terms
import Testing

@Suite struct ReleaseTests {
  @Test(
    arguments: zip(
      ["22.0.3", "22.0.3-SNAPSHOT", "Version: 16.0.7 (Git revision 1f2) built on x", "23.0.0\n"],
      ["22.0.3", "22.0.3-SNAPSHOT", "16.0.7", "23.0.0"]))
  func aVersionIsReadFromWhatServersSay(_ text: String, _ version: String) throws {
    #expect(try #require(Release(text)).description == version)
  }

  @Test(arguments: ["", "v", "22", "0.1", "1000.0", "latest", "x.y"])
  func whatIsNoVersionIsNone(_ text: String) { #expect(Release(text) == nil) }

  @Test func aRuleIsUnknownWhereBothIsPossible() throws {
    #expect(Release.unknown.hasRulesInTopo == nil)
    #expect(Release.unknown.remoteOperationTimeout == .seconds(15))
    #expect(Release.withListOfApps.hasRulesInTopo == nil)
    #expect(Release.withExemptRules.hasRulesInTopo == true)
    #expect(Release.withoutExemptRules.hasRulesInTopo == false)
    #expect(Release.withoutThresholdInStatus.takesRulesOverHTTP == true)
    #expect(Release.withoutThrottlerStatus.takesRulesOverHTTP == false)
    #expect(Release.withThrottlerCalls.takesRulesOverHTTP == nil)
    #expect(Release.withoutListOfApps.hasRatios == false)
    let old = try #require(Release("13.0.3"))
    #expect(old.hasDurabilityPolicies == false)
    #expect(old.remoteOperationTimeout == .seconds(30))
    #expect(try #require(Release("23.0.0")).spellsFlagsWithDashes == true)
  }

  @Test func topoIsFollowedAsTheReleaseAndItsFlagSay() throws {
    func follows(_ version: String, _ flag: Bool?, known: Bool = true) throws -> Bool? {
      try #require(Release(version)).followsTopo(flag: flag, commandLineIsKnown: known)
    }
    #expect(try follows("15.0.3", true) == false)
    #expect(try follows("16.0.7", nil) == false)
    #expect(try follows("16.0.7", true) == true)
    #expect(try follows("16.0.7", nil, known: false) == nil)
    #expect(try follows("17.0.7", nil) == true)
    #expect(try follows("17.0.7", false) == false)
    #expect(try follows("18.0.8", false) == true)
    #expect(Release.unknown.followsTopo(flag: nil, commandLineIsKnown: true) == nil)
  }

  @Test func isNamedByWhatIsKnown() {
    #expect(Release.unknown.description == "a release that is not known")
    #expect(Release.withoutListOfApps.description == "v13 or older")
    #expect(Release.withoutThrottlerStatus.description == "v22 or later")
    #expect(Release.withRecentlyCheckedInStatus.description == "v20")
    #expect(Release.withListOfApps.description == "v16 to v19")
  }
}
