internal import TerminalKit

/// A line of the palette: the name of a command and what follows it, as far as typed.
struct TypedCommand {
  /// What the word being typed can become.
  struct Candidate: Equatable {
    let text: String
    /// The command that it names; nil for anything else.
    var command: Command.ID?
    /// What else it is called, such as a cluster's title.
    var note: String?
    /// It can be run on the open screen, now.
    var isPossible = true
  }

  /// The words that are complete.
  private let words: [String]
  /// The word being typed; empty after a blank.
  let word: String

  init(_ line: String) {
    var words = line.split(separator: " ").map(String.init)
    word = line.hasSuffix(" ") ? "" : words.popLast() ?? ""
    self.words = words
  }

  /// The commands of screens, with movements last: keys are better at those.
  static let table: [Command] = {
    let all = Command.table.filter { !$0.places.isDisjoint(with: Place.screens) }
    return all.filter { $0.group != .moving } + all.filter { $0.group == .moving }
  }()

  /// The command that the first word names, once that word is complete.
  var command: Command? { words.first.flatMap(Self.command) }

  private static func command(_ name: String) -> Command? {
    table.first { $0.id.rawValue == name }
  }

  // MARK: Running

  /// The command and its arguments; throws what is wrong if it cannot be run as it stands.
  func resolved(in model: Model) throws(Complaint) -> (Command, Arguments) {
    var rest = ArraySlice(words + (word.isEmpty ? [] : [word]))
    let name = rest.popFirst() ?? ""
    guard let command = Self.command(name) else {
      let near = name.nearest(among: Self.table.map(\.id.rawValue)) ?? ""
      throw Complaint("there is no command \(name)\(near)")
    }
    if let objection = model.objection(to: command) { throw Complaint(objection) }
    var arguments = Arguments()
    var open = command.arguments
    while let word = rest.popFirst() {
      guard let argument = Self.take(word, from: &open) else {
        throw Complaint(
          command.arguments.isEmpty
            ? "\(name) takes no arguments" : "\(word) is one word too many: \(command.usage)")
      }
      if argument.kind.takesRest {
        try argument.kind.read(([word] + rest).joined(separator: " "), into: &arguments, in: model)
        rest = []
      } else if argument.keyword == nil || argument.kind.name == nil {
        try argument.kind.read(word, into: &arguments, in: model)
      } else if let value = rest.popFirst() {
        try argument.kind.read(value, into: &arguments, in: model)
      } else {
        throw Complaint("\(word) needs a value: \(command.usage)")
      }
    }
    if let missing = open.first(where: { !$0.isOptional }) {
      let example = missing.kind.completions(in: model).first.map { ", such as \($0)" } ?? ""
      throw Complaint("\(name) takes \(missing.kind.name ?? "")\(example)")
    }
    return (command, arguments)
  }

  /// Takes the argument that a word gives or announces from those still open.
  private static func take(_ word: String, from open: inout [Argument]) -> Argument? {
    let index =
      open.firstIndex { $0.keyword == word } ?? open.firstIndex { $0.keyword == nil }
    return index.map { open.remove(at: $0) }
  }

  // MARK: Completing

  /// What the word being typed can become: matches at the beginning before matches inside.
  func candidates(in model: Model) -> [Candidate] {
    guard !words.isEmpty else {
      // The overview has a few commands, and the many of a cluster's screens would hide them.
      let offered = Self.table.filter {
        !model.settings.isOverview || $0.places.contains(model.screen.place)
      }.map(\.id.rawValue)
      let names = matching(offered)
      let byMeaning = offered.filter { name in
        !word.isEmpty && !names.contains(name)
          && Self.command(name)?.meaning.lowercased().contains(word.lowercased()) == true
      }
      return (names + byMeaning).compactMap(Self.command).map { command in
        Candidate(
          text: command.id.rawValue, command: command.id,
          isPossible: model.objection(to: command) == nil)
      }
    }
    let (open, awaited) = open
    let values =
      awaited?.kind.completions(in: model)
      ?? (open.first { $0.keyword == nil }?.kind.completions(in: model) ?? [])
      + open.compactMap(\.keyword)
    let titles: [String: String] =
      command?.id == .cluster
      ? Dictionary(model.clusters.map { ($0.name, $0.title) }) { first, _ in first } : [:]
    return matching(values).map { name in
      Candidate(text: name, note: titles[name].flatMap { $0 == name ? nil : $0 })
    }
  }

  /// What to say when there is no candidate.
  func remarkOnNothing(in model: Model) -> String {
    guard command != nil else {
      let known = words.first ?? word
      return Self.command(known).flatMap { model.objection(to: $0) } ?? "no such command"
    }
    let (open, awaited) = open
    guard let kind = awaited?.kind ?? open.first(where: { $0.keyword == nil })?.kind else {
      return "nothing more to type"
    }
    return kind.isFree ? "no suggestion: type your own" : "no match"
  }

  /// The arguments that may still come, and the one whose value is next.
  private var open: (rest: [Argument], awaited: Argument?) {
    var open = command?.arguments ?? []
    var rest = words.dropFirst()
    while let word = rest.popFirst(), let argument = Self.take(word, from: &open) {
      guard argument.keyword == word, argument.kind.name != nil else { continue }
      if rest.popFirst() == nil { return (open, argument) }
    }
    return (open, nil)
  }

  private func matching(_ all: [String]) -> [String] {
    let typed = word.lowercased()
    guard !typed.isEmpty else { return all }
    return all.filter { $0.lowercased().hasPrefix(typed) }
      + all.filter {
        $0.lowercased().dropFirst().contains(typed) && !$0.lowercased().hasPrefix(typed)
      }
  }

  /// The line with a candidate in place of the word, followed by a blank if more may come.
  func line(with candidate: Candidate) -> String {
    let line = (words + [candidate.text]).joined(separator: " ")
    let (rest, awaited) = TypedCommand(line + " ").open
    return rest.isEmpty && awaited == nil ? line : line + " "
  }
}

extension Command {
  /// Its usage by name: `throttle [APP] [DURATION] [ratio RATIO] [exempt]`.
  var usage: String { ([id.rawValue] + arguments.map(\.usage)).joined(separator: " ") }
}

extension Command {
  /// Whether it does something to a shard's tablets, which a proxy does not have.
  var actsOnTablets: Bool { [.throttle, .release, .throttler, .reparent].contains(id) }
}

extension Model {
  /// Why a command cannot be run by name now; nil if it can.
  func objection(to command: Command) -> String? {
    let name = command.id.rawValue
    guard command.places.contains(screen.place) else {
      if settings.isOverview { return "\(name) is for a cluster's own screens: open one first" }
      let places = Place.allCases.filter {
        command.places.contains($0) && Place.screens.contains($0)
      }
      return "\(name) works on \(places.map(\.rawValue).joined(separator: " and "))"
    }
    if command.actsOnTablets, let reason = noTabletsToActOn { return reason }
    guard !holds(command.need) else { return nil }
    return switch command.need {
    case .embeddedCluster: "\(name) works in the demo only"
    case .scenario: "\(name) works in the demo of a scenario only"
    case .stopped: "\(name) works while the screen stands still: stop first"
    case .recording: "\(name) works in a recording only"
    case .cluster: "\(name) does nothing in a recording"
    case .proxy:
      playback != nil
        ? "\(name) does nothing in a recording" : "no proxy stands in front of this shard"
    case .themes: "there are no themes to choose from here"
    case .severalClusters: "\(name) works where several clusters are open"
    case .failoverElsewhere: "no failover goes on elsewhere"
    case .somethingToLeave: "there is nowhere to go back to"
    case nil: nil
    }
  }
}
