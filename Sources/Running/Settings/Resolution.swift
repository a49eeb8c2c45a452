internal import TerminalKit
internal import Terms

/// What each setting of a run is, and who set it.
///
/// A flag counts before the environment, that before the chosen cluster's part of the file, that
/// before the rest of the file, and that before the default. Values are texts here: what they mean is
/// for the parser of the command line to say, to which those of the environment and the file are
/// given as flags.
package struct Resolution: Sendable {
  package enum Origin: Sendable, Equatable {
    case flag
    case environment(String)
    /// A cluster's part of the file.
    case cluster(String, place: String)
    case file(place: String)
    case standard

    /// As a reader of the configuration looks for it.
    package var words: String {
      switch self {
      case .flag: "flag"
      case .environment(let name): name
      case .cluster(let name, let place): "\(place) (\(name))"
      case .file(let place): place
      case .standard: "default"
      }
    }
  }

  package struct Value: Sendable, Equatable {
    package let setting: Setting
    /// `true` or `false` for a flag; empty where nothing is set.
    package let texts: [String]
    package let origin: Origin

    /// The text is the secret, and not the file that holds it.
    var isSecretItself: Bool {
      if case .environment = origin { setting.secrecy == .inFile } else { false }
    }

    /// As they may be shown to anyone.
    package var shown: [String] {
      texts.map { setting.shown($0, isSecretItself: isSecretItself) }
    }
  }

  /// In the order of the settings.
  package let values: [Value]
  /// The cluster whose part of the file counts.
  package let cluster: SettingsFile.Cluster?
  package let file: SettingsFile?

  /// `cluster`: the chosen one, which the file has.
  package init(
    _ settings: [Setting], typed: [String: [String]], environment: [String: String],
    file: SettingsFile?, cluster: SettingsFile.Cluster?
  ) throws(SettingsProblem) {
    var values: [Value] = []
    for setting in settings {
      if let texts = Self.typed(setting, in: typed) {
        values.append(Value(setting: setting, texts: texts, origin: .flag))
      } else if let texts = try Self.texts(of: setting, in: environment) {
        values.append(
          Value(setting: setting, texts: texts, origin: .environment(setting.environmentName)))
      } else if let entry = cluster?.entries[setting.name], let file, let cluster {
        values.append(
          Value(
            setting: setting, texts: entry.texts,
            origin: .cluster(cluster.name, place: file.place(entry.position))))
      } else if setting.name == "title", let cluster, let file {
        values.append(
          Value(
            setting: setting, texts: [cluster.name],
            origin: .cluster(cluster.name, place: file.place(cluster.position))))
      } else if let entry = file?.entries[setting.name], let file {
        values.append(
          Value(
            setting: setting, texts: entry.texts, origin: .file(place: file.place(entry.position))))
      } else {
        let texts = [setting.defaultValue].compactMap(\.self)
        values.append(Value(setting: setting, texts: texts, origin: .standard))
      }
    }
    self.values = values
    self.cluster = cluster
    self.file = file
  }

  /// That of no setting at all.
  package init() { (values, cluster, file) = ([], nil, nil) }

  package subscript(_ name: String) -> Value? { values.first { $0.setting.name == name } }

  /// The last of `--mask` and `--no-mask` counts, as it does for the parser.
  private static func typed(_ setting: Setting, in typed: [String: [String]]) -> [String]? {
    guard setting.kind == .flag else { return typed[setting.name] }
    if typed["no-\(setting.name)"] != nil { return ["false"] }
    return typed[setting.name].map { _ in ["true"] }
  }

  /// What a variable says; one that is empty says nothing.
  ///
  /// Several values are separated by commas, or where a line break is among them, by line breaks.
  package static func texts(
    of setting: Setting, in environment: [String: String]
  ) throws(SettingsProblem) -> [String]? {
    guard let text = environment[setting.environmentName], !text.isEmpty else { return nil }
    switch setting.kind {
    case .flag:
      switch text.lowercased() {
      case "true", "yes", "on", "1": return ["true"]
      case "false", "no", "off", "0": return ["false"]
      default:
        throw SettingsProblem(setting.environmentName, "it must be true or false")
      }
    case .value: return [text]
    case .values:
      let separator: Character = text.contains(where: \.isNewline) ? "\n" : ","
      return text.split { separator == "\n" ? $0.isNewline : $0 == separator }
        .map {
          String($0.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
        }
        .filter { !$0.isEmpty }
    }
  }

  // MARK: For the parser

  /// What the environment and the file set, as flags.
  ///
  /// A secret stays where it is: whoever needs it reads the variable.
  package var arguments: [String] { values.flatMap(arguments) }

  /// All that is set under a heading, as flags, those that were typed among them.
  package func arguments(under section: String) -> [String] {
    values.filter { $0.setting.section == section && $0.origin != .standard }.flatMap(flags)
  }

  private func arguments(for value: Value) -> [String] {
    switch value.origin {
    case .flag, .standard: return []
    // Where the file is has been found before there are values.
    case _ where value.setting.reach == .nowhere: return []
    case .environment where value.isSecretItself: return []
    default: return flags(for: value)
    }
  }

  private func flags(for value: Value) -> [String] {
    let name = value.setting.name
    guard value.setting.kind == .flag else { return value.texts.map { "--\(name)=\($0)" } }
    return [value.texts == ["true"] ? "--\(name)" : "--no-\(name)"]
  }

  /// The clusters of the file that set something that counts here, where none of them was chosen.
  package var clustersLeftOut: [String] {
    guard cluster == nil, let file else { return [] }
    let counting = Set(values.map(\.setting.name))
    return file.clusters.filter { !counting.isDisjoint(with: $0.entries.keys) }.map(\.name)
  }

  /// The values among those of the environment and the file that a message speaks of, by naming their
  /// flags.
  package func named(in message: String) -> [Value] {
    let names = Set(message.matches(of: /--(?:no-)?([a-z][a-z0-9-]*)/).map { String($0.1) })
    return values.filter {
      $0.origin != .flag && $0.origin != .standard && names.contains($0.setting.name)
    }
  }

  /// A message with nothing in it that must not be shown.
  package func masked(_ message: String) -> String {
    var message = message
    for value in values where value.origin != .standard {
      for (text, shown) in zip(value.texts, value.shown) where text != shown && !text.isEmpty {
        message = message.split(separator: text, omittingEmptySubsequences: false)
          .joined(separator: shown)
      }
    }
    return message.withoutPasswords
  }
}
