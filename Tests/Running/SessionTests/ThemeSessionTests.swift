import Dashboard
import FleetModel
import Session
import TerminalKit
import Terms
import TestSupport
import Testing
import Timing
import Watching

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Themes by name; `broken` cannot be read.
@MainActor
private final class NamedThemes: ThemeSource {
  let names = ["auto", "plain", "broken"]
  private(set) var wantsBackground = true
  /// What ``reread()`` finds.
  var saved: Result<String, ThemeError>?

  private func styles(_ name: String) -> StyleSheet { StyleSheet(name: name, styles: [:]) }

  func choose(_ name: String) throws(ThemeError) -> StyleSheet {
    guard name != "broken" else { throw ThemeError("\(name) cannot be read") }
    return styles(name)
  }

  func adopt(backgroundIsDark: Bool) throws(ThemeError) -> StyleSheet? {
    wantsBackground = false
    return styles(backgroundIsDark ? "dark" : "light")
  }

  func reread() throws(ThemeError) -> StyleSheet? {
    defer { saved = nil }
    return try saved?.get(as: styles)
  }
}

extension Result<String, ThemeError> {
  fileprivate func get(as styles: (String) -> StyleSheet) throws(ThemeError) -> StyleSheet {
    switch self {
    case .success(let name): styles(name)
    case .failure(let error): throw error
    }
  }
}

@MainActor
@Suite(.timeLimit(.minutes(1))) struct ThemeSessionTests {
  private func withSession(
    _ body: (MemoryScreen, NamedThemes) async throws -> Void
  ) async throws {
    let clock = RunClock()
    let screen = MemoryScreen(Size(columns: 100, rows: 24))
    let themes = NamedThemes()
    var settings = Model.Settings(
      title: "test", interval: .seconds(1), permission: .never(because: "--read-only"))
    settings.themes = themes.names
    settings.theme = "auto"
    let session = Session(
      settings: settings, screen: screen, feed: Backlog([]), now: { clock.now }, themes: themes)
    let running = Task { await session.run([]) }
    try await body(screen, themes)
    screen.end(.signal(SIGTERM))
    #expect(await running.value == .signal(SIGTERM))
  }

  @Test func theTerminalIsAskedOnceAndItsAnswerWorn() async throws {
    try await withSession { screen, _ in
      try await wait(for: "the question") { screen.timesAsked > 0 }
      #expect(screen.frames == 1 && screen.worn.isEmpty)
      screen.send(.background(isDark: false))
      try await wait(for: "the answer") { screen.worn == ["light"] }
      #expect(screen.timesAsked == 1)
    }
  }

  @Test func aThemeThatIsChosenIsWornAndOneThatCannotBeReadIsSaid() async throws {
    try await withSession { screen, _ in
      @MainActor func type(_ text: String) {
        for letter in text { screen.press(.character(letter)) }
      }
      type(":theme plain")
      try await wait(for: "the theme that stands in the line") { screen.worn.contains("plain") }
      // What Enter means must have been on the screen.
      try await wait(for: "the line") { screen.shows("theme plain") }
      screen.press(.enter)
      try await wait(for: "the line to be gone") { !screen.shows("theme plain") }
      type(":theme broken")
      try await wait(for: "the remark") { screen.shows("broken cannot be read") }
      // It has not answered, and is not asked each time that a theme is chosen.
      #expect(screen.timesAsked == 1)
      #expect(screen.worn.last == "plain")
    }
  }

  @Test func aSavedFileIsWornAndAMistakeInItSaid() async throws {
    try await withSession { screen, themes in
      themes.saved = .success("saved")
      try await wait(for: "the saved theme") { screen.worn.contains("saved") }
      themes.saved = .failure(ThemeError("mine.toml:3: there is no role"))
      try await wait(for: "the remark") { screen.shows("mine.toml:3: there is no role") }
      #expect(screen.worn.last == "saved")
    }
  }
}
