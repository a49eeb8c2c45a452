import TestSupport
import Testing

/// Memory that only the start needed.
@Suite(
  .timeLimit(.minutes(1)), .enabled(if: Pty.isPossible, "pseudo-terminals work otherwise here"))
struct UnusedMemoryTests {
  @Test func whatOnlyTheStartNeededIsGivenBack() async throws {
    let pty = try Pty([sluice, "--vtgate", "127.0.0.1:1"])
    try await pty.wait(for: "127.0.0.1:1")
    var most = 0
    try await wait(for: "a quarter of its memory to be given back", upTo: .seconds(30)) {
      pty.read()
      most = max(most, pty.residentMemory)
      return pty.residentMemory < most * 3 / 4
    }
    // It goes on with what is left.
    try await pty.press("q")
    try await wait(for: "its end") { pty.hasEnded }
  }
}
