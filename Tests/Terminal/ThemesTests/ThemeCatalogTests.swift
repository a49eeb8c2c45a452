import Dashboard
import Foundation
import TerminalKit
import TestSupport
import Testing
import Themes

@Suite struct ThemeCatalogTests {
  /// A directory of themes that is gone afterwards.
  private static func withThemes(
    _ themes: [String: String], _ body: (ThemeCatalog, String) throws -> Void
  ) throws {
    let directory = FileManager.default.temporaryDirectory
      .appending(path: "sluice-themes-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    for (name, text) in themes {
      try text.write(
        to: directory.appending(path: "\(name).toml"), atomically: true, encoding: .utf8)
    }
    try body(ThemeCatalog(directory: directory.path), directory.path)
  }

  @Test func theThemesInTheProgramAreThoseOfTheCheckout() throws {
    let directory = Fixtures.checkout.appending(path: "themes")
    let files = try FileManager.default.contentsOfDirectory(atPath: directory.path)
    #expect(Set(files) == Set(ThemeCatalog.builtIn.keys.map { "\($0).toml" }))
    for (name, text) in ThemeCatalog.builtIn {
      let file = directory.appending(path: "\(name).toml")
      #expect(text == (try String(contentsOf: file, encoding: .utf8)))
      _ = try ThemeCatalog(directory: nil).load(name, roles: StyleRole.all)
    }
  }

  @Test func aThemeOfTheUsersComesBeforeTheProgramsAndMayInheritIt() throws {
    try Self.withThemes([
      "harbor": "inherits = \"harbor\"\nname = \"Mine\"\n[palette]\nmist = \"#123456\"",
      "other": "inherits = \"harbor\"",
    ]) { catalog, directory in
      for name in ["harbor", "other", "\(directory)/harbor.toml"] {
        let sheet = try catalog.load(name, roles: StyleRole.all).styleSheet(colors: .max)
        #expect(sheet.style(for: .text).foreground == .rgb(0x12, 0x34, 0x56))
        #expect(sheet.style(for: .rowSelected).foreground == .rgb(0xF2, 0xF6, 0xFA))
      }
      let names = catalog.all.map(\.name)
      #expect(names == names.sorted() && names.contains("other") && names.contains("nord"))
      #expect(catalog.all.first { $0.name == "harbor" }?.file == "\(directory)/harbor.toml")
      #expect(catalog.all.first { $0.name == "nord" }.map { $0.file == nil } == true)
    }
  }

  @Test func whereTheUsersThemesLie() {
    func directory(_ environment: [String: String]) -> String? {
      ThemeCatalog(environment: environment).directory
    }
    #expect(directory(["HOME": "/home/a"]) == "/home/a/.config/sluice/themes")
    #expect(directory(["HOME": "/home/a", "XDG_CONFIG_HOME": "/b"]) == "/b/sluice/themes")
    #expect(
      directory(["HOME": "/home/a", "XDG_CONFIG_HOME": ""]) == "/home/a/.config/sluice/themes")
    #expect(directory(["XDG_CONFIG_HOME": "b"]) == nil)
    #expect(directory([:]) == nil)
  }

  private static func message(_ catalog: ThemeCatalog, _ name: String) -> String? {
    do {
      _ = try catalog.load(name, roles: StyleRole.all)
      return nil
    } catch {
      return error.description
    }
  }

  @Test func anUnknownThemeSaysWhichThereAre() {
    let message = Self.message(ThemeCatalog(directory: "/nowhere"), "harbour") ?? ""
    #expect(
      message.hasPrefix(
        "there is no theme harbour; did you mean `harbor`?; looked in /nowhere and"),
      "\(message)")
    #expect(message.hasSuffix("solarized-dark, solarized-light"))
  }

  @Test func whatIsNoFileOfTextIsNoTheme() throws {
    try Self.withThemes(["directory": ""]) { catalog, directory in
      try FileManager.default.createDirectory(
        atPath: "\(directory)/folder.toml", withIntermediateDirectories: false)
      #expect(mkfifo("\(directory)/fifo.toml", 0o600) == 0)
      #expect(
        FileManager.default.createFile(
          atPath: "\(directory)/large.toml", contents: Data(count: 1 << 20)))
      #expect(
        FileManager.default.createFile(
          atPath: "\(directory)/latin.toml", contents: Data([0x6E, 0xE9])))
      for (name, words) in [
        ("folder", "cannot be read: Is a directory"), ("large", "is longer than 256 KiB"),
        ("latin", "is not UTF-8"), ("./none", "cannot be read: No such file or directory"),
        ("fifo", "says nothing"), ("directory", "says nothing"),
      ] {
        let message = Self.message(catalog, name) ?? "no error"
        #expect(message.contains(words), "\(name): \(message)")
      }
    }
  }
}
