import Testing

@testable import Settings

/// Which source counts.
@Suite struct ResolutionTests {
  private static func resolution(
    _ typed: [String: [String]] = [:], _ environment: [String: String] = [:],
    file text: String? = nil, cluster: String? = nil
  ) throws -> Resolution {
    let file = text.map(Samples.file)
    return try Resolution(
      Samples.all, typed: typed, environment: environment, file: file,
      cluster: file?.clusters.first { $0.name == cluster })
  }

  @Test func theClustersNameIsItsTitleUnlessSomethingElseIsSaid() throws {
    let text = "title = \"all\"\n[clusters.a]\n[clusters.b]\ntitle = \"B\"\n"
    let standard = try Self.resolution(file: text)["title"]
    #expect(standard?.texts == ["all"])
    let named = try Self.resolution(file: text, cluster: "a")["title"]
    #expect(named?.texts == ["a"])
    #expect(named?.origin == .cluster("a", place: "/etc/sluice/c.toml:2:1"))
    #expect(try Self.resolution(file: text, cluster: "b")["title"]?.texts == ["B"])
    let typed = try Self.resolution(["title": ["mine"]], file: text, cluster: "b")
    #expect(typed["title"]?.texts == ["mine"])
  }

  @Test(
    arguments: zip(
      ["a:1", "a:1,b:2", " a:1 , b:2,", "a:1\nb,2\n", "x,y\n"],
      [["a:1"], ["a:1", "b:2"], ["a:1", "b:2"], ["a:1", "b,2"], ["x,y"]]))
  func severalValuesStandInOneVariable(_ text: String, _ values: [String]) throws {
    let value = try Self.resolution([:], ["SLUICE_VTGATE": text])["vtgate"]
    #expect(value?.texts == values)
    #expect(value?.origin == .environment("SLUICE_VTGATE"))
  }

  @Test(arguments: ["true": "true", "1": "true", "Yes": "true", "off": "false", "0": "false"])
  func aFlagIsOnOrOff(_ text: String, _ value: String) throws {
    #expect(try Self.resolution([:], ["SLUICE_MASK": text])["mask"]?.texts == [value])
  }

  @Test func aFlagThatIsNeitherIsRefused() {
    #expect(throws: SettingsProblem("SLUICE_MASK", "it must be true or false")) {
      try Self.resolution([:], ["SLUICE_MASK": "maybe"])
    }
  }

  @Test func anEmptyVariableSaysNothing() throws {
    let value = try Self.resolution([:], ["SLUICE_INTERVAL": ""])["interval"]
    #expect(value?.origin == .standard)
    #expect(value?.texts == ["1s"])
  }

  /// The parser gets what the environment and the file set, and no secret.
  @Test func whatIsSetBecomesFlags() throws {
    let resolution = try Self.resolution(
      ["title": ["typed"]],
      ["SLUICE_MASK": "no", "SLUICE_HTTP_CREDENTIALS": "joe:secret", "SLUICE_VTGATE": "a:1,b:2"],
      file: "interval = \"-2s\"\nhttp-credentials = \"c\"\nmask = true\n")
    #expect(
      resolution.arguments == ["--vtgate=a:1", "--vtgate=b:2", "--interval=-2s", "--no-mask"])
  }

  @Test func aMessageNamesWhoHasSetWhatItSpeaksOf() throws {
    let resolution = try Self.resolution(
      ["title": ["x"]], ["SLUICE_INTERVAL": "soon"], file: "mask = true\nhook = \"h\"\n")
    let named = resolution.named(
      in: "--title, --interval, --no-mask and --http-ca do not go together")
    #expect(named.map(\.origin.words) == ["SLUICE_INTERVAL", "/etc/sluice/c.toml:1:8"])
  }

  @Test func secretsAreNotShown() throws {
    let resolution = try Self.resolution(
      ["http-header": ["Authorization: Bearer s3cret"]],
      ["SLUICE_HOOK": "curl https://x/s3cret", "SLUICE_HTTP_CREDENTIALS": "joe:s3cret"])
    let shown = resolution.values.flatMap(\.shown).joined(separator: " ")
    #expect(!shown.contains("s3cret"))
    #expect(resolution["hook"]?.shown == ["curl (hidden)"])
    #expect(resolution["http-header"]?.shown == ["Authorization: (hidden)"])
    #expect(resolution["http-credentials"]?.shown == ["(hidden)"])
    let message = "The value 'Authorization: Bearer s3cret' is like 'https://joe:p@x/y@gate:1'"
    #expect(
      resolution.masked(message)
        == "The value 'Authorization: (hidden)' is like 'https://(hidden)@gate:1'")
  }

  /// Where a file is to be named, somebody may write what should be in it.
  @Test(arguments: ["joe:s3cret", "Bearer s3cret", "{\"Username\": \"joe\"}"])
  func aSecretInPlaceOfAFileIsNotShown(_ text: String) throws {
    let resolution = try Self.resolution(["http-credentials": [text]])
    #expect(resolution["http-credentials"]?.shown == ["(hidden)"])
    #expect(resolution.masked("cannot read \(text)") == "cannot read (hidden)")
    let file = try Self.resolution(["http-credentials": ["/etc/x"]])
    #expect(file["http-credentials"]?.shown == ["/etc/x"])
  }
}
