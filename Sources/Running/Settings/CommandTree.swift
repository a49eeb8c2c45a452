internal import FoundationEssentials

/// A command of the program, its options and the commands below it, as the parser of the command
/// line describes them.
///
/// The declarations of the options are the one description of each setting. This is that description
/// read as data: ArgumentParser's `--experimental-dump-help`, of which only what is used is decoded.
package struct CommandTree: Sendable, Equatable {
  package let name: String
  package let abstract: String
  package let discussion: String
  /// False for a command that help does not list.
  package let isListed: Bool
  /// The command that is meant where none is named.
  package let defaultSubcommand: String?
  package let subcommands: [CommandTree]
  package let options: [Option]

  package struct Option: Sendable, Equatable {
    package enum Kind: String, Decodable, Sendable { case positional, option, flag }

    package let kind: Kind
    /// With its dashes, the preferred one first; empty for what is only a word.
    package let names: [String]
    package let valueName: String
    package let meaning: String
    package let defaultValue: String?
    /// All that the value can be, where that is a few words.
    package let choices: [String]
    package let section: String?
    package let isRepeating: Bool
    package let isOptional: Bool
    package let isListed: Bool
    /// The value is the path of a file or a folder.
    package let isPath: Bool

    /// Its long name without the dashes.
    package var longName: String? {
      names.first { $0.hasPrefix("--") }.map { String($0.dropFirst(2)) }
    }
  }

  /// `dump`: what `--experimental-dump-help` prints.
  package init(_ dump: String) throws {
    self = try JSONDecoder().decode(Dump.self, from: Data(dump.utf8)).command
  }

  /// Follows the names of commands from here; nil where there is no such command.
  package func command(_ path: [String]) -> CommandTree? {
    guard let first = path.first else { return self }
    return subcommands.first { $0.name == first }?.command(Array(path.dropFirst()))
  }

  private struct Dump: Decodable { let command: CommandTree }
}

extension CommandTree: Decodable {
  private enum Key: String, CodingKey {
    case commandName, abstract, discussion, shouldDisplay, defaultSubcommand, subcommands, arguments
  }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    name = try values.decode(String.self, forKey: .commandName)
    abstract = try values.decodeIfPresent(String.self, forKey: .abstract) ?? ""
    discussion = try values.decodeIfPresent(String.self, forKey: .discussion) ?? ""
    isListed = try values.decodeIfPresent(Bool.self, forKey: .shouldDisplay) ?? true
    defaultSubcommand = try values.decodeIfPresent(String.self, forKey: .defaultSubcommand)
    subcommands = try values.decodeIfPresent([CommandTree].self, forKey: .subcommands) ?? []
    options = try values.decodeIfPresent([Option].self, forKey: .arguments) ?? []
  }
}

extension CommandTree.Option: Decodable {
  private enum Key: String, CodingKey {
    case kind, names, preferredName, valueName, abstract, defaultValue, allValues, sectionTitle
    case isRepeating, isOptional, shouldDisplay, completionKind
  }

  private struct Name: Decodable, Equatable {
    let kind: String
    let name: String

    var text: String { kind == "long" ? "--\(name)" : "-\(name)" }
  }

  private struct Nothing: Decodable {}

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    kind = try values.decode(Kind.self, forKey: .kind)
    let preferred = try values.decodeIfPresent(Name.self, forKey: .preferredName)
    let all = try values.decodeIfPresent([Name].self, forKey: .names) ?? []
    names = ([preferred].compactMap(\.self) + all.filter { $0 != preferred }).map(\.text)
    valueName = try values.decodeIfPresent(String.self, forKey: .valueName) ?? ""
    meaning = try values.decodeIfPresent(String.self, forKey: .abstract) ?? ""
    defaultValue = try values.decodeIfPresent(String.self, forKey: .defaultValue)
    choices = try values.decodeIfPresent([String].self, forKey: .allValues) ?? []
    section = try values.decodeIfPresent(String.self, forKey: .sectionTitle)
    isRepeating = try values.decode(Bool.self, forKey: .isRepeating)
    isOptional = try values.decode(Bool.self, forKey: .isOptional)
    isListed = try values.decode(Bool.self, forKey: .shouldDisplay)
    let completion = try? values.decodeIfPresent([String: Nothing].self, forKey: .completionKind)
    isPath = completion.map { $0.keys.contains { ["file", "directory"].contains($0) } } ?? false
  }
}
