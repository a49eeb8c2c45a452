internal import ArgumentParser
internal import Dashboard
internal import FoundationEssentials
internal import TerminalKit
internal import Themes

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Themes outside the dashboard: lists them, checks one, and imports others.
struct ThemesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "themes", abstract: "List the themes, check one, or make one of a base16 scheme.",
    discussion: """
      For example:
        sluice themes check ~/.config/sluice/themes/mine.toml
      """,
    subcommands: [ListCommand.self, CheckCommand.self, ImportCommand.self],
    defaultSubcommand: ListCommand.self)

  /// A file that cannot be read is not a theme, neither good nor bad.
  fileprivate static let unreadable = ExitCode(2)

  fileprivate static var catalog: ThemeCatalog {
    ThemeCatalog(environment: ProcessInfo.processInfo.environment)
  }

  struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list",
      abstract: "Print every theme's name, what it is made for, and where it is from.")

    func run() throws {
      StandardOutput.require()
      let all = ThemesCommand.catalog.all
      let width = all.map(\.name.count).max() ?? 0
      for (name, file) in all {
        let place = file ?? "built in"
        var line = Self.padded(name.safe(), width)
        do throws(ThemeError) {
          let theme = try ThemesCommand.catalog.load(name, roles: StyleRole.all)
          line += "  \(Self.padded(theme.variant?.rawValue ?? "any", 10))"
          if let colors = Self.colors { line += "  \(Swatch(theme, colors: colors).text)" }
          line += "  \(place.safe())"
        } catch {
          line += "  \(error.description.safe())"
        }
        StandardOutput.say(line)
      }
    }

    private static func padded(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(0, width - text.count))
    }

    /// The number of colours of the terminal on standard output; nil when there is no terminal.
    private static var colors: Int? {
      let variables = ProcessInfo.processInfo.environment
      guard isatty(STDOUT_FILENO) == 1, variables["NO_COLOR", default: ""].isEmpty,
        let term = variables["TERM"], term != "dumb"
      else { return nil }
      if ["truecolor", "24bit"].contains(variables["COLORTERM"]) { return .max }
      return term.contains("256") ? 256 : 16
    }
  }

  struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "check",
      abstract: "Say what is wrong with themes; exit with 0, 1 or 2.",
      discussion: """
        Every role must resolve, every name of the palette be used; text must have a contrast of 4.5:1 and \
        fills one of 3:1, with direct colours and with 256; states must be told apart under protanopia, \
        deuteranopia and tritanopia. The exit status is 0 when nothing is found, 1 when something is, and 2 \
        when a theme cannot be read.
        """)

    @Argument(
      help: ArgumentHelp("A theme's name, or the path of a theme file.", valueName: "theme"))
    var themes: [String]

    func run() throws {
      StandardOutput.require()
      var status: Int32 = 0
      for name in themes {
        do throws(ThemeError) {
          let theme = try ThemesCommand.catalog.load(name, roles: StyleRole.all)
          let check = ThemeCheck(theme, roles: StyleRole.all, distinct: StyleRole.distinct)
          for finding in check.findings { StandardOutput.say("\(name): \(finding)".safe()) }
          for note in check.notes { StandardOutput.say("\(name): note: \(note)".safe()) }
          if check.findings.isEmpty {
            StandardOutput.say("\(name): nothing found".safe())
          } else {
            status = max(status, 1)
          }
        } catch {
          StandardOutput.say(error.description.safe())
          status = 2
        }
      }
      throw ExitCode(status)
    }
  }

  struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "import",
      abstract: "Print a theme with the colours of a base16 scheme, a YAML file.",
      discussion: """
        Save it as ~/.config/sluice/themes/NAME.toml and look at it with sluice themes check NAME: a \
        palette knows nothing of contrast or of what must be told apart.
        """)

    @Argument(help: ArgumentHelp("The path of the scheme.", valueName: "file"))
    var file: String

    func run() throws {
      StandardOutput.require()
      do throws(ThemeError) {
        let scheme = try Base16Scheme(file: file)
        StandardOutput.say(String(scheme.themeText.dropLast()))
      } catch {
        warn(error.description.safe())
        throw ThemesCommand.unreadable
      }
    }
  }
}

/// A theme shown by a few words in its own colours.
private struct Swatch {
  let text: String

  init(_ theme: Theme, colors: Int) {
    let sheet = theme.styleSheet(colors: colors)
    let parts: [(String, StyleRole)] = [
      (" text ", .text), ("muted ", .muted), ("\u{25CF} serving ", .stateServing),
      (" BUFFERING ", .stateBuffering), (" ", .text), (" DRAINING ", .stateDraining), (" ", .text),
      (" NO PRIMARY ", .stateNoPrimary), (" lost ", .stateLost),
    ]
    text =
      parts.map { sheet.style(for: $0.1).rendered($0.0) }.joined()
      + (0..<Ramp.steps).map { step in
        sheet.style(for: Ramp.lag.role(at: Double(step) / Double(Ramp.steps))).rendered("\u{2588}")
      }.joined()
  }
}
