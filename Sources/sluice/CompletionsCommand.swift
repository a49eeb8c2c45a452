internal import ArgumentParser
internal import FoundationEssentials
internal import Operations
internal import Settings
internal import Themes

struct CompletionsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "completions",
    abstract: "Print what makes a shell complete commands, options, clusters and themes.",
    discussion: """
      make install puts them where the shells look. Without it:
        sluice completions bash > ~/.local/share/bash-completion/completions/sluice
        sluice completions zsh > ~/.zfunc/_sluice        (with ~/.zfunc in fpath)
        sluice completions fish > ~/.config/fish/completions/sluice.fish
      """)

  @Argument(help: "bash, zsh or fish.", completion: .list(["bash", "zsh", "fish"]))
  var shell: String

  func validate() throws {
    guard CompletionShell(rawValue: shell) != nil else {
      throw ValidationError("there are completions for bash, zsh and fish")
    }
  }

  func run() throws {
    StandardOutput.require()
    guard let shell = CompletionShell(rawValue: shell) else { return }
    StandardOutput.say(ShellCompletion(shell: shell).script)
  }
}

extension CompletionKind {
  /// The clusters of the usual configuration file; none where it cannot be read.
  static let clusters = CompletionKind.custom { _, _, _ in
    let environment = ProcessInfo.processInfo.environment
    guard let file = try? ConfigFile({ environment[$0] }), let text = try? file.text() else {
      return []
    }
    return SettingsFile(text, path: file.path, settings: [], home: nil).clusters.map(\.name)
  }

  /// The themes that `sluice themes` lists, and the choice by the terminal's background.
  static let themes = CompletionKind.custom { _, _, _ in
    let catalog = ThemeCatalog(environment: ProcessInfo.processInfo.environment)
    return [ThemeChoice.automatic] + catalog.all.map(\.name)
  }
}
