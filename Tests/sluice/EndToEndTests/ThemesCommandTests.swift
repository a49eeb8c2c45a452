import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct ThemesCommandTests {
  private static func withFolder(_ body: (ScratchFolder) throws -> Void) throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    try body(folder)
  }

  @Test func theListSaysWhatThereIsAndWhereItIsFrom() throws {
    try Self.withFolder { folder in
      try folder.write("inherits = \"harbor\"\nvariant = \"light\"", to: "sluice/themes/mine.toml")
      try folder.write("text = \"gren\"", to: "sluice/themes/bad.toml")
      let run = try ProgramRun("themes", ["XDG_CONFIG_HOME": folder.path])
      #expect(run.status == 0)
      let lines = run.output.split(separator: "\n")
      #expect(lines.contains("harbor           dark        built in"), "\(run.output)")
      #expect(lines.contains("default          any         built in"))
      #expect(
        lines.contains("mine             light       \(folder.path)/sluice/themes/mine.toml"))
      #expect(
        lines.contains { $0.hasPrefix("bad ") && $0.contains("bad.toml:1: `text` is `gren`") })
      #expect(!run.output.contains("\u{1B}"))
    }
  }

  @Test func theCheckEndsWithWhatItFound() throws {
    try Self.withFolder { folder in
      try folder.write("inherits = \"harbor\"\n\"text.muted\" = \"#333\"", to: "faint.toml")
      try folder.write("text = ", to: "broken.toml")
      let good = try ProgramRun("themes check harbor default")
      #expect(good.status == 0, "\(good.output)")
      #expect(good.output.contains("harbor: nothing found\n"))
      #expect(good.output.contains("default: note: it names no background"))
      let faint = try ProgramRun("themes check \(folder.path)/faint.toml")
      #expect(faint.status == 1)
      #expect(faint.output.contains("faint.toml: `text.muted` has a contrast of 1.4:1"))
      for broken in ["\(folder.path)/broken.toml", "no-such", "\(folder.path)/faint.toml no-such"] {
        #expect(try ProgramRun("themes check \(broken)").status == 2)
      }
      #expect(try ProgramRun("themes check").status == 64)
    }
  }

  @Test func anImportedSchemeIsATheme() throws {
    try Self.withFolder { folder in
      let colors = (0..<16).map {
        "base0\(String($0, radix: 16).uppercased()): \"\(String(repeating: String($0, radix: 16), count: 6))\""
      }
      try folder.write(colors.joined(separator: "\n"), to: "grey.yaml")
      let file = "\(folder.path)/grey.toml"
      #expect(try ProgramRun("themes import \(folder.path)/grey.yaml > \(file)").status == 0)
      // Greys cannot be told apart, but it can be read.
      #expect(try ProgramRun("themes check \(file)").status == 1)
      let none = try ProgramRun("themes import \(file)")
      #expect(none.status == 2)
      #expect(none.errors.contains("is no base16 scheme: it has no base00"))
    }
  }

  @Test func aThemeThatCannotBeReadIsSaidBeforeTheScreenOpens() throws {
    let run = try ProgramRun("--vtgate 127.0.0.1:1 --theme harbour")
    #expect(run.status == 64)
    #expect(run.errors.contains("there is no theme harbour; did you mean `harbor`?"))
    #expect(!run.output.contains("\u{1B}"))
  }
}
