internal import ArgumentParser
internal import FoundationEssentials
internal import Settings
internal import TerminalKit

struct ManCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "man",
    abstract: "Print a command's manual page.",
    discussion: """
      make install installs all pages. Without it:
        sluice man check | man -l -
        sluice man --into ~/.local/share/man/man1
      """)

  @Argument(help: "The command, such as check or lab do; the program itself without one.")
  var command: [String] = []

  @Option(
    help: ArgumentHelp("Write the pages of all commands to this folder.", valueName: "folder"),
    completion: .directory)
  var into: String?

  func validate() throws {
    if into != nil, !command.isEmpty { throw ValidationError("--into writes all pages") }
  }

  func run() throws {
    let program = try CommandTree(Sluice._dumpHelp())
    let manual = Manual(
      of: program, settings: try RunConfiguration.settings, shared: OptionSection.shared,
      version: ProgramVersion.release)
    guard let into else {
      StandardOutput.require()
      guard let page = manual.page(command) else {
        throw ValidationError(
          "there is no command \(command.joined(separator: " "))".safe(limit: 200))
      }
      return StandardOutput.say(String(page.text.dropLast()))
    }
    for page in manual.pages {
      let path = "\(into)/\(page.file)"
      do {
        try Data(page.text.utf8).write(to: URL(filePath: path))
      } catch {
        throw ValidationError("cannot write \(path)".safe(limit: 400))
      }
    }
  }
}
