internal import ArgumentParser
internal import Dashboard
internal import FoundationEssentials
internal import TerminalKit
internal import TerminalNcurses
internal import Themes

/// How to draw.
struct DisplayOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A theme's name (sluice themes lists them), or the path of a theme file.",
      valueName: "name or path"), completion: .themes)
  var theme = ThemeChoice.automatic

  @Option(
    name: .customLong("colour"),
    help: ArgumentHelp(
      "The colour of the title on every screen of the cluster; of several clusters each has one.",
      valueName: "name"))
  var color: ClusterHue?

  @Flag(
    inversion: .prefixedNo,
    help: "Draw with ASCII characters only, as in a locale without UTF-8.")
  var ascii = false

  @Flag(
    inversion: .prefixedNo,
    help: "Put stand-ins such as vtgate-1 for hosts and addresses on every screen, as :mask does.")
  var mask = false

  @Flag(
    inversion: .prefixedNo,
    help: "Stay where you are when a failover of the selected shard begins.")
  var stay = false

  @Flag(
    inversion: .prefixedNo,
    help: ArgumentHelp(
      "Take the mouse: the wheel scrolls, a click selects a row, another one opens it. Selecting text in "
        + "the terminal then takes Shift.")
  ) var mouse = false

  @Option(
    help: ArgumentHelp(
      "Where w writes the screen to; . is the current directory.", valueName: "folder"),
    completion: .directory)
  var screenshots = "."

  @Option(
    help: ArgumentHelp(
      "Write what the screen shows to this new file, as asciinema play shows it.",
      valueName: "file"), completion: .file())
  var asciicast: String?

  @MainActor
  func loadThemes() throws -> ThemeChoice {
    do {
      return try ThemeChoice(
        theme, from: ThemeCatalog(environment: ProcessInfo.processInfo.environment),
        roles: StyleRole.all)
    } catch {
      throw ValidationError(error.description.safe())
    }
  }

  @MainActor
  func openScreen(_ themes: ThemeChoice) throws -> NcursesScreen {
    let noColor = ProcessInfo.processInfo.environment["NO_COLOR"].map { !$0.isEmpty } ?? false
    let screen: NcursesScreen
    do {
      screen = try NcursesScreen(forcesASCII: ascii, takesMouse: mouse) { colors in
        themes.styleSheet(colors: noColor ? 0 : colors)
      }
    } catch {
      throw ValidationError(
        "the screen cannot be opened: \(error.description.safe()). Set TERM to what the terminal is, "
          + "for instance xterm-256color; sluice --plain prints lines, sluice snapshot one screen as text"
      )
    }
    guard let asciicast else { return screen }
    do {
      let file = try AsciicastFile(asciicast, of: screen)
      screen.tap = { file.take($0) }
      return screen
    } catch {
      // Whatever is said is to be read on the terminal as it was.
      screen.close()
      throw error
    }
  }
}

extension ClusterHue: ExpressibleByArgument {}
