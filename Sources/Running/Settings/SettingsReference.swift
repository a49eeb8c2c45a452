/// The tables of docs/configuration.md.
package struct SettingsReference {
  /// Every setting: its names, its default, and what it is.
  package let settings: String
  /// What only a flag says, by command.
  package let flags: String

  package init(_ settings: [Setting], of program: CommandTree) {
    var sections: [(title: String, settings: [Setting])] = []
    for setting in settings {
      if sections.last?.title != setting.section { sections.append((setting.section, [])) }
      sections[sections.count - 1].settings.append(setting)
    }
    self.settings = sections.map { section in
      "## \(section.title)\n\n| Key | Environment | Value | Default | What it is |\n|---|---|---|---|---|\n"
        + section.settings.map(Self.row).joined()
    }.joined(separator: "\n")
    let names = Set(settings.map(\.name))
    flags =
      "| Command | Flags |\n|---|---|\n"
      + Self.commands(program, []).compactMap { path, command in
        let own = Self.own(command, beside: names)
        return own.isEmpty
          ? nil : "| `\(path)` | \(own.map { "`\($0)`" }.joined(separator: ", ")) |\n"
      }.joined()
  }

  private static func row(_ setting: Setting) -> String {
    let key: String =
      switch setting.reach {
      case .everywhere: "`\(setting.name)`"
      case .file: "`\(setting.name)`, outside of clusters"
      case .nowhere: "only `--\(setting.name)`"
      }
    let value: String =
      switch setting.kind {
      case .flag: "`true` or `false`"
      case .value: setting.choices.isEmpty ? setting.valueName : setting.choices.quoted
      case .values:
        "list of " + (setting.choices.isEmpty ? setting.valueName : setting.choices.quoted)
      }
    let standard = setting.defaultValue.map { "`\($0)`" } ?? ""
    let cells = [key, "`\(setting.environmentName)`", value, standard, setting.meaning]
    return "| \(cells.map(\.asCell).joined(separator: " | ")) |\n"
  }

  private static func commands(
    _ command: CommandTree, _ above: [String]
  ) -> [(String, CommandTree)] {
    guard command.isListed, command.name != "help" else { return [] }
    let path = above + [command.name]
    return [(path.joined(separator: " "), command)]
      + command.subcommands.flatMap { commands($0, path) }
  }

  /// The flags of a command that are no settings there.
  private static func own(_ command: CommandTree, beside settings: Set<String>) -> [String] {
    command.options.compactMap { option in
      guard option.isListed, let name = option.longName, !["help", "version"].contains(name),
        !name.hasPrefix("no-") || name == "no-config"
      else { return nil }
      return settings.contains(name) ? nil : "--\(name)"
    }
  }
}

extension [String] {
  fileprivate var quoted: String { map { "`\($0)`" }.joined(separator: ", ") }
}

extension String {
  /// Without what ends a cell of a table.
  fileprivate var asCell: String { map { $0 == "|" ? "\\|" : String($0) }.joined() }
}
