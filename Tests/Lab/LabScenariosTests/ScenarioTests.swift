import Lab
import LabScenarios
import Testing

@Suite struct ScenarioTests {
  @Test(arguments: GuideScenarios.names)
  func theGuidesScenariosComeOutAsTheyMust(_ name: String) throws {
    let scenario = try #require(try GuideScenarios.named(name))
    let run = ScenarioRun(scenario)
    #expect(run.problems == [])
    // Run again, it is the same run.
    #expect(ScenarioRun(scenario).counters == run.counters)
  }

  @Test func aWrongExpectationIsNoticed() throws {
    var scenario = try #require(try GuideScenarios.named("5"))
    scenario.expectations[1].values["requests_drained"] = 5
    #expect(ScenarioRun(scenario).problems == ["requests_drained is 4, must be 5"])
    scenario.expectations[1].values["requests_drained"] = 4
    scenario.expectations[1].values["requests_evicted.BufferFull"] = 0
    #expect(ScenarioRun(scenario).problems.count == 1)
  }

  @Test func noScenarioHasAnyOtherName() throws {
    #expect(try GuideScenarios.named("8") == nil)
    #expect(try GuideScenarios.named("bogus") == nil)
    #expect(try GuideScenarios.named("1")?.name == "default")
  }

  private static func refusal(_ text: String) -> String {
    do throws(ScenarioError) {
      _ = try ScenarioFile.read(text, name: "drill.toml")
      return ""
    } catch {
      return error.description
    }
  }

  @Test func slipsInAFileAreNamed() {
    #expect(Self.refusal("title = ").hasPrefix("drill.toml: line 1"))
    #expect(Self.refusal("[=").hasPrefix("drill.toml: line 1: a table's name is missing"))
    #expect(Self.refusal("titel = \"x\"") == "drill.toml: unknown key titel")
    #expect(
      Self.refusal("[vtgate]\nbuffer_siez = 4") == "drill.toml: unknown key vtgate.buffer_siez")
    #expect(
      Self.refusal("[vtgate]\nenable_buffer = true\nbuffer_size = 0").contains(
        "vtgate would not start"))
    #expect(Self.refusal("[cluster]\nvitess = 13").contains("must be 14 to 24"))
    #expect(Self.refusal("[cluster]\ncells = [\"a\", \"a\"]").contains("different cells"))
    #expect(
      Self.refusal("[cluster]\nkeyspaces.commerce = [\"-80\", \"90-\"]")
        == "drill.toml: cluster.keyspaces.commerce is no keyspace: "
        + "no shard serves the keys between -80 and 90-")
    #expect(Self.refusal("[cluster]\nreplicas = 99").contains("must be 0 to 20"))
    #expect(Self.refusal("[[traffic]]\nprofile = \"x\"").contains("must be one of steady"))
    #expect(
      Self.refusal("[[step]]\nat = \"1s\"\ndo = \"mysql\"\ntablet = \"zone1-101\"")
        == "drill.toml: step[1].do mysql needs running=…")
    #expect(
      Self.refusal("[[step]]\nat = \"soon\"\ndo = \"x\"")
        == "drill.toml: step[1].at is \"soon\", must be a duration like 1.5s or 2m")
    #expect(Self.refusal("duration = 5") == "drill.toml: duration must be a string")
  }
}
