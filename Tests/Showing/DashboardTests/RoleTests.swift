import TerminalKit
import TestSupport
import Testing

@testable import Dashboard

/// The roles that a theme gives their looks.
@Suite struct RoleTests {
  @Test func aRoleStandsOnce() {
    #expect(Set(StyleRole.all).count == StyleRole.all.count)
    #expect(
      StyleRole.distinct.joined().allSatisfy { role in
        StyleRole.all.contains { role == $0 || role.name.hasPrefix("\($0).") }
      })
  }

  private static var roles: String {
    "| Role | What it is for |\n|---|---|\n"
      + (Array(StyleRole.kit) + Array(StyleRole.dashboard))
      .map { "| `\($0.key)` | \($0.value) |\n" }.joined()
  }

  @Test func docsThemesShowsTheRoles() throws {
    try expectTable(Self.roles, of: "roles", in: "docs/themes.md")
  }
}
