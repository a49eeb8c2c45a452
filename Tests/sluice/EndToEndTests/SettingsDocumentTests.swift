import Foundation
import Settings
import TestSupport
import Testing

/// What documents and help say of settings is what the program has.
@Suite(.timeLimit(.minutes(2))) struct SettingsDocumentTests {
  private static let document = "docs/configuration.md"

  @Test func theReferenceShowsEverySetting() throws {
    let reference = SettingsReference(try Program.settings(), of: try Program.tree())
    try expectTable(reference.settings, of: "settings", in: Self.document)
    try expectTable(reference.flags, of: "flags", in: Self.document)
  }

  /// Nothing in the template counts; with the signs in front of its keys removed, all of it does.
  @Test func theTemplateIsWholeAndParses() throws {
    let settings = try Program.settings()
    let text = try ProgramRun.long("config --template")
    #expect(text == SettingsTemplate(settings).text)
    func read(_ text: String) -> SettingsFile {
      SettingsFile(text, path: "/c.toml", settings: settings, home: nil)
    }
    let quiet = read(text)
    #expect(quiet.problems == [])
    #expect(quiet.entries.isEmpty)
    let loud = text.split(separator: "\n").map {
      $0.firstMatch(of: /^#([a-z\[].*)$/).map { String($0.1) } ?? String($0)
    }.joined(separator: "\n")
    let whole = read(loud)
    #expect(whole.problems == [])
    #expect(
      Set(whole.entries.keys) == Set(settings.filter { $0.reach != .nowhere }.map(\.name)))
    #expect(whole.clusters.map(\.name) == ["prod-eu"])
    // What is a default there is the program's.
    for setting in settings where setting.reach != .nowhere {
      guard let standard = setting.defaultValue else { continue }
      #expect(whole.entries[setting.name]?.texts.first?.hasSuffix(standard) == true)
    }
  }

  /// The keys of `sluice config --json` stand in the document, and no others.
  @Test func theObjectIsDescribed() throws {
    let text = try String(
      contentsOf: Fixtures.checkout.appending(path: Self.document), encoding: .utf8)
    let start = try #require(text.range(of: "`sluice config --json` prints one object")).lowerBound
    let end = try #require(text[start...].range(of: "\n\n")).lowerBound
    let named = Set(text[start..<end].matches(of: /`([a-z]+)`/).map { String($0.1) })
    let folder = try ScratchFolder()
    defer { folder.remove() }
    try folder.write("wait = \"1s\"\n[clusters.a]\n", to: "c.toml")
    let json = try ProgramRun.long("config --json --config \(folder.path)/c.toml --cluster a")
    let object = try #require(
      JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    let settings = try #require(object["settings"] as? [[String: Any]])
    let written = Set(object.keys).union(settings.flatMap(\.keys))
    let values: Set = ["configuration", "flag", "environment", "cluster", "file", "default"]
    #expect(named.subtracting(values.subtracting(written)) == written)
  }

  /// Each flag is a setting, or the document lists it among those that are not.
  @Test func everyCommandsSettingsCanBeSwitchedOffAgain() throws {
    let names = Set(try Program.settings().filter { $0.kind == .flag }.map(\.name))
    func look(_ command: CommandTree) {
      let own = Set(command.options.compactMap(\.longName))
      for name in own.intersection(names) {
        #expect(own.contains("no-\(name)"), "\(command.name) --\(name)")
      }
      command.subcommands.forEach(look)
    }
    look(try Program.tree())
  }
}
