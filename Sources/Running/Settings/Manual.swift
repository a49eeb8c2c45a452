/// The manual pages of all commands, in the macros of man(7).
package struct Manual {
  package struct Page {
    /// `sluice-lab-do.1`.
    package let file: String
    package let text: String
  }

  private let program: CommandTree
  private let settings: [Setting]
  private let shared: Set<String>
  private let version: String

  /// `shared`: the headings of what also commands take that watch no cluster.
  package init(of program: CommandTree, settings: [Setting], shared: Set<String>, version: String) {
    self.program = program
    self.settings = settings
    self.shared = shared
    self.version = version
  }

  /// Of the program and of each command that help lists.
  package var pages: [Page] { paths(program, []).compactMap(page) }

  /// Nil where there is no such command; the program's own without a name.
  package func page(_ path: [String]) -> Page? {
    guard let command = program.command(path), path.first != "help" else { return nil }
    let names = [program.name] + path
    return Page(file: Self.file(names), text: text(command, names))
  }

  private func paths(_ command: CommandTree, _ path: [String]) -> [[String]] {
    [path]
      + command.subcommands.filter { $0.isListed && $0.name != "help" }
      .flatMap { paths($0, path + [$0.name]) }
  }

  private static func file(_ names: [String]) -> String { names.joined(separator: "-") + ".1" }

  private func text(_ command: CommandTree, _ names: [String]) -> String {
    let title = names.joined(separator: "-")
    var lines = [
      ".TH \(title.uppercased().roff) 1 \"\" \"\(program.name) \(version)\" \"\(program.name)\"",
      ".SH NAME", "\(title.roff) \\- \(command.abstract.roff)",
      ".SH SYNOPSIS", ".B \(names.joined(separator: " ").roff)",
    ]
    lines += synopsis(command)
    if !command.discussion.isEmpty { lines += [".SH DESCRIPTION"] + paragraphs(command.discussion) }
    let listed = command.subcommands.filter { $0.isListed && $0.name != "help" }
    if !listed.isEmpty {
      lines.append(".SH COMMANDS")
      for below in listed {
        lines += [".TP", ".B \(below.name.roff)", below.abstract.roff]
      }
    }
    lines += options(command, isProgram: names.count == 1)
    lines += environment(command)
    lines += [".SH SEE ALSO"]
    var related = listed.map { names + [$0.name] }
    if names.count > 1 { related.insert(Array(names.dropLast()), at: 0) }
    if names.dropFirst() != ["config"] { related.append([program.name, "config"]) }
    lines.append(
      related.map { "\\fB\($0.joined(separator: "-").roff)\\fR(1)" }.joined(separator: ", "))
    return lines.joined(separator: "\n") + "\n"
  }

  private func synopsis(_ command: CommandTree) -> [String] {
    let words = command.options.filter { $0.kind == .positional && $0.isListed }.map { word in
      let name = "\\fI\(word.valueName.roff)\\fR" + (word.isRepeating ? " ..." : "")
      return word.isOptional ? "[\(name)]" : name
    }
    let commands = command.subcommands.contains { $0.name != "help" }
    return ["[\\fIoptions\\fR]"] + words + (commands ? ["[\\fIcommand\\fR]"] : [])
  }

  /// Lines that begin with two blanks stand as they are: examples.
  private func paragraphs(_ text: String) -> [String] {
    var lines: [String] = []
    var isExample = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("  ") != isExample {
        isExample.toggle()
        lines.append(isExample ? ".EX" : ".EE")
      }
      lines.append(line.isEmpty ? ".PP" : String(line).roff)
    }
    if isExample { lines.append(".EE") }
    return lines
  }

  // MARK: Options

  private func options(_ command: CommandTree, isProgram: Bool) -> [String] {
    var sections: [(title: String?, entries: [[String]])] = []
    let names = Set(command.options.compactMap(\.longName))
    for option in command.options where option.isListed {
      let name = option.longName ?? ""
      if name == "version", !isProgram { continue }
      // It stands beside the flag that it switches off.
      if name.hasPrefix("no-"), names.contains(String(name.dropFirst(3))) { continue }
      if option.kind == .positional, option.meaning.isEmpty { continue }
      let entry = entry(option, hasOpposite: names.contains("no-\(name)"))
      if let index = sections.firstIndex(where: { $0.title == option.section }) {
        // Words come before options.
        let place = option.kind == .positional ? 0 : sections[index].entries.endIndex
        sections[index].entries.insert(entry, at: place)
      } else {
        sections.append((option.section, [entry]))
      }
    }
    guard !sections.isEmpty else { return [] }
    // Of the command's own first.
    sections.sort { $0.title == nil && $1.title != nil }
    return [".SH OPTIONS"]
      + sections.flatMap { section in
        (section.title.map { [".SS \($0.roff)"] } ?? []) + section.entries.flatMap(\.self)
      }
  }

  private func entry(_ option: CommandTree.Option, hasOpposite: Bool) -> [String] {
    var names = option.names.map { "\\fB\($0.roff)\\fR" }
    if hasOpposite, let name = option.longName { names.append("\\fB\("--no-\(name)".roff)\\fR") }
    let value = "\\fI\(option.valueName.roff)\\fR"
    let head =
      switch option.kind {
      case .positional: value
      case .flag: names.joined(separator: ", ")
      case .option: names.joined(separator: ", ") + " " + value
      }
    var meaning = option.meaning
    if !option.choices.isEmpty { meaning += " (\(option.choices.joined(separator: ", ")))" }
    if option.kind == .option, let standard = option.defaultValue {
      meaning += " (default: \(standard))"
    }
    return [".TP", head, meaning.roff]
  }

  private func environment(_ command: CommandTree) -> [String] {
    let counting = Setting.among(settings, for: command, shared: shared)
    guard !counting.isEmpty else { return [] }
    return [
      ".SH ENVIRONMENT", "Each sets what its option sets, where the option is not given:", ".PP",
      counting.map { "\\fB\($0.environmentName)\\fR" }.joined(separator: ",\n"),
      ".SH FILES", ".TP", ".I $XDG_CONFIG_HOME/sluice/config.toml",
      ("The configuration file, or the same below ~/.config. What stands there counts where neither an "
        + "option nor the environment sets it; its keys are the names of the options.").roff,
    ]
  }
}

extension String {
  /// As running text of a manual page.
  fileprivate var roff: String {
    let text = map { $0 == "\\" ? "\\e" : $0 == "-" ? "\\-" : String($0) }.joined()
    return text.hasPrefix(".") || text.hasPrefix("'") ? "\\&" + text : text
  }
}
