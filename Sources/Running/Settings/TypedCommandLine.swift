/// What was typed behind a command's name.
package struct TypedCommandLine: Sendable {
  /// The values of each option by its long name; an empty text for a flag.
  package private(set) var options: [String: [String]] = [:]
  /// What is neither an option nor an option's value.
  package private(set) var words: [String] = []

  package init(_ arguments: [String], of command: CommandTree) {
    let kinds = Dictionary(
      command.options.compactMap { option in option.longName.map { ($0, option.kind) } }
    ) { first, _ in first }
    var rest = arguments[...]
    while let word = rest.popFirst() {
      if word == "--" {
        words += rest
        return
      }
      guard word.hasPrefix("-"), word != "-" else {
        words.append(word)
        continue
      }
      let parts = word.drop { $0 == "-" }.split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts.first ?? "")
      if parts.count == 2 {
        options[name, default: []].append(String(parts[1]))
      } else if kinds[name] == .option {
        options[name, default: []].append(rest.popFirst() ?? "")
      } else {
        options[name, default: []].append("")
      }
    }
  }
}
