internal import Terms

/// Something that a flag, an environment variable and a line of the configuration file can set, each
/// under the same name: `--max-requests`, `SLUICE_MAX_REQUESTS`, `max-requests = 100`.
package struct Setting: Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    /// On or off: `--mask` and `--no-mask`.
    case flag
    case value
    /// A value that may be given several times.
    case values
  }

  /// Where a value must not be shown, and what of it is secret.
  package enum Secrecy: Sendable {
    case none
    /// The flag and the key name a file with the secret; the environment holds the secret itself.
    case inFile
    /// A header's value.
    case afterColon
    /// What a command is given, such as a token in a URL.
    case afterFirstWord
  }

  /// What may set it besides a flag and the environment.
  package enum Reach: Sendable {
    /// The configuration file, for every cluster or for one.
    case everywhere
    /// The configuration file, outside of its clusters.
    case file
    /// Nothing: it says where the file is.
    case nowhere
  }

  package let name: String
  /// The heading under which help and documents list it.
  package let section: String
  package let kind: Kind
  package let valueName: String
  package let meaning: String
  package let defaultValue: String?
  package let choices: [String]
  package let isPath: Bool

  package var environmentName: String { Self.environmentName(name) }

  private static func environmentName(_ name: String) -> String {
    prefix + name.uppercased().map { $0 == "-" ? "_" : String($0) }.joined()
  }

  package static let prefix = "SLUICE_"

  package var secrecy: Secrecy { Self.secrecies[name] ?? .none }

  private static let secrecies: [String: Secrecy] = [
    "http-credentials": .inFile, "grpc-auth-static-client-creds": .inFile,
    "http-header": .afterColon, "hook": .afterFirstWord, "discover-command": .afterFirstWord,
  ]

  /// The variables that may hold secrets, which no command that is run needs to know.
  package static let secretVariables = secrecies.keys.map(environmentName).sorted()

  package var reach: Reach {
    switch name {
    case "config": .nowhere
    case "cluster": .file
    default: .everywhere
    }
  }

  /// The settings among a command's options: what stands under a heading.
  ///
  /// A flag without its counterpart is none, because nothing could switch it off again.
  package static func all(of command: CommandTree) -> [Setting] {
    let names = Set(command.options.compactMap(\.longName))
    return command.options.compactMap { option in
      guard let section = option.section, let name = option.longName, option.kind != .positional,
        option.kind != .flag || names.contains("no-\(name)")
      else { return nil }
      return Setting(
        name: name, section: section,
        kind: option.kind == .flag ? .flag : option.isRepeating ? .values : .value,
        valueName: option.valueName, meaning: option.meaning,
        defaultValue: option.kind == .flag ? "false" : option.defaultValue,
        choices: option.choices, isPath: option.isPath)
    }
  }

  /// Those of the settings that count for a command: those that it has an option for.
  ///
  /// A command that is about no cluster, such as `demo`, takes what stands under the `shared` headings
  /// and nothing else: an interval that is right for a cluster is none of its business.
  package static func among(
    _ settings: [Setting], for command: CommandTree, shared: Set<String>
  ) -> [Setting] {
    let names = Set(command.options.compactMap(\.longName))
    let isOfCluster = names.contains("cluster")
    return settings.filter {
      names.contains($0.name)
        && (isOfCluster || shared.contains($0.section) || $0.reach == .nowhere)
    }
  }

  /// Values as they may be shown to anyone.
  package func shown(_ text: String, isSecretItself: Bool) -> String {
    switch secrecy {
    case .inFile:
      // A secret where a file's name belongs is a slip that must not become a leak.
      let isName = !text.contains { $0 == ":" || $0 == "{" || $0.isWhitespace }
      return isSecretItself || !isName ? Secrets.hidden : text
    case .afterColon:
      guard let colon = text.firstIndex(of: ":") else { return Secrets.hidden }
      return "\(text[..<colon]): \(Secrets.hidden)"
    case .afterFirstWord:
      guard let space = text.firstIndex(of: " ") else { return text }
      return "\(text[..<space]) \(Secrets.hidden)"
    // Its own commas and quotes may be a password's.
    default: return text.hidingSecrets(inWordsBetween: \.isWhitespace)
    }
  }
}
