import Testing

@testable import Settings

/// What was typed, read before it is parsed.
@Suite struct TypedCommandLineTests {
  private static let dump = """
    {"serializationVersion": 0, "command": {"commandName": "watch", "shouldDisplay": true,
     "abstract": "Watch.", "arguments": [
      {"kind": "option", "isOptional": true, "isRepeating": true, "shouldDisplay": true,
       "names": [{"kind": "short", "name": "g"}, {"kind": "long", "name": "vtgate"}],
       "preferredName": {"kind": "long", "name": "vtgate"}, "valueName": "host:port",
       "sectionTitle": "Fleet", "abstract": "A vtgate."},
      {"kind": "option", "isOptional": true, "isRepeating": false, "shouldDisplay": true,
       "names": [{"kind": "long", "name": "http-ca"}], "valueName": "file",
       "completionKind": {"file": {"extensions": []}}, "sectionTitle": "Fleet"},
      {"kind": "flag", "isOptional": true, "isRepeating": false, "shouldDisplay": true,
       "names": [{"kind": "long", "name": "mask"}], "sectionTitle": "Screen"},
      {"kind": "flag", "isOptional": true, "isRepeating": false, "shouldDisplay": true,
       "names": [{"kind": "long", "name": "no-mask"}], "sectionTitle": "Screen"},
      {"kind": "flag", "isOptional": true, "isRepeating": false, "shouldDisplay": true,
       "names": [{"kind": "long", "name": "yes"}], "sectionTitle": "Screen"},
      {"kind": "option", "isOptional": true, "isRepeating": false, "shouldDisplay": true,
       "names": [{"kind": "long", "name": "at"}], "valueName": "time"}]}}
    """

  @Test(
    arguments: zip(
      [
        ["--vtgate", "a:1", "prod", "--vtgate=b:2", "--mask"], ["prod", "--", "--mask"],
        ["--http-ca", "-x", "eu"], ["--unknown", "eu"], ["-"],
      ],
      [
        (["vtgate": ["a:1", "b:2"], "mask": [""]], ["prod"]), ([:], ["prod", "--mask"]),
        (["http-ca": ["-x"]], ["eu"]), (["unknown": [""]], ["eu"]), ([:], ["-"]),
      ] as [([String: [String]], [String])]))
  func optionsAreToldFromWords(
    _ arguments: [String], _ expected: ([String: [String]], [String])
  ) throws {
    let typed = TypedCommandLine(arguments, of: try CommandTree(Self.dump))
    #expect(typed.options == expected.0)
    #expect(typed.words == expected.1)
  }

  /// A flag that nothing could switch off, and what stands under no heading, is no setting.
  @Test func settingsAreWhatStandsUnderAHeading() throws {
    let settings = Setting.all(of: try CommandTree(Self.dump))
    #expect(settings.map(\.name) == ["vtgate", "http-ca", "mask"])
    #expect(settings.map(\.environmentName) == ["SLUICE_VTGATE", "SLUICE_HTTP_CA", "SLUICE_MASK"])
    #expect(settings.map(\.kind) == [.values, .value, .flag])
    #expect(settings.map(\.isPath) == [false, true, false])
  }

  @Test func aCommandThatIsAboutNoClusterTakesTheScreensSettings() throws {
    let all = Setting.all(of: try CommandTree(Self.dump))
    func names(of dump: String) throws -> [String] {
      Setting.among(all, for: try CommandTree(dump), shared: ["Screen"]).map(\.name)
    }
    #expect(try names(of: Self.dump) == ["mask"])
    #expect(
      try names(of: Self.dump.replacing("\"name\": \"at\"", with: "\"name\": \"cluster\""))
        == ["vtgate", "http-ca", "mask"])
  }
}
