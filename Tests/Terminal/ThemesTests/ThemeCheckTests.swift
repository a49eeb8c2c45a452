import Dashboard
import TerminalKit
import Testing
import Themes

@Suite struct ThemeCheckTests {
  private static func check(_ text: String) throws -> ThemeCheck {
    let harbor = try #require(ThemeCatalog.builtIn["harbor"])
    let theme = try Theme(text: text, file: "test.toml", roles: StyleRole.all) { _ in
      (harbor, "harbor")
    }
    return ThemeCheck(theme, roles: StyleRole.all, distinct: StyleRole.distinct)
  }

  @Test func whatIsFaintIsFound() throws {
    let findings = try Self.check("inherits = \"harbor\"\n\"text.muted\" = \"#333\"").findings
    #expect(
      findings == [
        "`text.muted` has a contrast of 1.4:1, less than 4.5:1",
        "`text.muted on table.row.selected` has a contrast of 1.0:1, less than 3.0:1",
        "`text.muted` has a contrast of 1.4:1, less than 4.5:1, with 256 colours",
        "`text.muted on table.row.selected` has a contrast of 1.0:1, less than 3.0:1, "
          + "with 256 colours",
      ])
    // Half of a colour is what is left of it when it is dim.
    #expect(
      try !Self.check(
        "inherits = \"harbor\"\n\"text.muted\" = { fg = \"slate\", modifiers = [\"dim\"] }"
      ).findings.isEmpty)
    // A fill needs less than letters.
    #expect(try Self.check("inherits = \"harbor\"\n\"sparkline\" = \"#777\"").findings == [])
    #expect(try Self.check("inherits = \"harbor\"\n\"panel.border\" = \"#222\"").findings == [])
  }

  @Test func eachStepOfAFillIsLookedAt() throws {
    let findings = try Self.check(
      "inherits = \"harbor\"\n\"lag.fill\" = { ramp = [\"kelp\", \"#101010\"] }"
    ).findings
    #expect(findings.contains { $0.hasPrefix("`lag.fill.8` has a contrast of 1.") })
    #expect(!findings.contains { $0.hasPrefix("`lag.fill.1`") })
  }

  @Test func statesThatLookAlikeToSomeAreFound() throws {
    // Equal to those who do not see green.
    let findings = try Self.check(
      "inherits = \"harbor\"\n\"severity.good\" = \"#b0a030\"\n\"severity.critical\" = \"#e08a40\""
    ).findings
    #expect(
      findings.contains {
        $0.hasPrefix("`severity.good` and `severity.critical` look alike with ")
          && $0.contains("opia")
      }, "\(findings)")
    #expect(
      try Self.check("inherits = \"harbor\"\n\"state.lost\" = \"state.serving\"").findings
        .contains {
          $0.hasPrefix("`state.serving` and `state.lost` look alike with usual colour vision")
        })
  }

  @Test func whatNothingUsesAndWhatNothingSaysAreFound() throws {
    #expect(
      try Self.check("inherits = \"harbor\"\n[palette]\ntar = \"#000\"\nink = \"#0e151d\"").findings
        == ["nothing uses `tar` of the palette"])
    let bare = try Self.check("text = \"default\"")
    #expect(bare.findings.contains("nothing says how `state.lost` looks: it is plain text"))
    #expect(!bare.findings.contains { $0.contains("`text.muted`") })
    #expect(bare.notes.count == 1)
  }

  @Test func aMonochromeThemeHasNoColours() throws {
    #expect(
      try Self.check("inherits = \"harbor\"\nvariant = \"monochrome\"").findings.contains(
        "`state.serving` has a colour, in a theme without colours"))
  }
}
