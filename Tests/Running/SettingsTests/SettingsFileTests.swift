import Testing

@testable import Settings

/// What the configuration file says, and what is wrong with it.
@Suite struct SettingsFileTests {
  @Test func settingsOfTheFileAndOfItsClustersAreRead() throws {
    let file = Samples.file(
      """
      interval = "2s"
      mask = true
      title = 7
      [clusters.b]
      vtgate = ["x:1", "y:2"]
      mask = false
      [clusters.a]
      vtgate = "z:3"
      """)
    #expect(file.problems == [])
    #expect(
      file.entries.mapValues(\.texts) == ["interval": ["2s"], "mask": ["true"], "title": ["7"]])
    #expect(file.clusters.map(\.name) == ["a", "b"])
    #expect(file.clusters[0].entries.mapValues(\.texts) == ["vtgate": ["z:3"]])
    let both = file.clusters[1].entries
    #expect(both.mapValues(\.texts) == ["vtgate": ["x:1", "y:2"], "mask": ["false"]])
    #expect(both["vtgate"].map { file.place($0.position) } == "/etc/sluice/c.toml:5:10")
  }

  @Test(
    arguments: zip(
      [
        "intervall = \"1s\"", "vtgates = [\"a:1\"]", "HTTP_CA = \"x\"", "interval = true",
        "interval = [\"1s\"]", "interval = 2026-11-27", "mask = 1", "vtgate = [\"a:1\",\n  true]",
        "actions = \"always\"", "config = \"other.toml\"", "[clusters.a]\ncluster = \"b\"",
        "[interval]\nx = 1", "clusters = 1", "x = \n", "interval = \"1s\"\ninterval = \"2s\"",
        "[clusters.-a]\n",
      ],
      [
        "1:1: intervall is not known; did you mean `interval`?",
        "1:1: vtgates is not known; did you mean `vtgate`?",
        "1:1: HTTP_CA is not known; did you mean `http-ca`?",
        "1:12: interval must be a text or a number", "1:12: interval must be a text or a number",
        "1:12: interval must be a text or a number", "1:8: mask must be true or false",
        "2:3: vtgate must be a list of texts",
        "1:11: actions must be one of \"never\", \"on-request\"", "1:1: config is not known",
        "2:1: cluster cannot stand within a cluster",
        "1:1: [interval] is not known; did you mean `[clusters.NAME]`?",
        "1:1: clusters must be tables", "1:", "2:", "1:1: a cluster's name cannot be \"-a\"",
      ]))
  func aProblemIsSaidWithItsPlace(_ text: String, _ words: String) throws {
    let problems = Samples.file(text).problems
    #expect(problems.count == 1)
    let problem = try #require(problems.first)
    #expect(problem.description.hasPrefix("/etc/sluice/c.toml:\(words)"), "\(problem)")
  }

  @Test func allProblemsAreFoundInTheirOrder() {
    let file = Samples.file(
      "x = 1\nmask = 3\n[clusters.b]\ny = 1\n[clusters.a]\nz = 1\nvtgate = 1.5\nmask = 0\n")
    #expect(
      file.problems.map { String($0.place.dropFirst("/etc/sluice/c.toml:".count)) }
        == ["1:1", "2:8", "4:1", "6:1", "8:8"])
  }

  /// A path counts from the file's folder: nothing hangs on where the program is started.
  @Test(
    arguments: zip(
      [
        "http-ca = \"ca.pem\"", "http-ca = \"/ca.pem\"", "http-ca = \"~/ca.pem\"",
        "theme = \"harbor\"", "theme = \"my/theme.toml\"", "title = \"a/b\"",
      ],
      [
        "/etc/sluice/ca.pem", "/ca.pem", "/home/joe/ca.pem", "harbor", "/etc/sluice/my/theme.toml",
        "a/b",
      ]))
  func pathsCountFromTheFile(_ text: String, _ path: String) {
    #expect(Samples.file(text).entries.values.map(\.texts) == [[path]])
  }
}
