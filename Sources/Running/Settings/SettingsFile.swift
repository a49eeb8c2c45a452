internal import TOMLKit
internal import TerminalKit
internal import Terms

/// Something in the configuration that cannot be used, and where it stands.
package struct SettingsProblem: Error, Sendable, Equatable, CustomStringConvertible {
  /// `/etc/x.toml:3:12`, or the name of an environment variable.
  package let place: String
  package let words: String

  package init(_ place: String, _ words: String) {
    self.place = place.safe(limit: 400)
    self.words = words.safe(limit: 600)
  }

  package var description: String { "\(place): \(words)" }
}

extension SettingsProblem: Comparable {
  /// In the order of the file.
  package static func < (a: Self, b: Self) -> Bool {
    (a.position, a.words) < (b.position, b.words)
  }

  private var position: TextPosition {
    let numbers = place.split(separator: ":").suffix(2).compactMap { Int($0) }
    guard numbers.count == 2 else { return TextPosition(line: 0, column: 0) }
    return TextPosition(line: numbers[0], column: numbers[1])
  }
}

/// The configuration file: settings for all clusters, and for each of some.
///
///     interval = "500ms"
///
///     [clusters.prod-eu]
///     vtgate = ["vtgate-1:15001", "vtgate-2:15001"]
///     actions = "never"
///
/// A key is a setting's name. Whatever is not understood is a problem, and all of them are found.
package struct SettingsFile: Sendable {
  /// What the file says of one setting.
  package struct Entry: Sendable, Equatable {
    /// As a flag would be given; `true` or `false` for one that takes no value.
    package let texts: [String]
    /// Where the value stands.
    package let position: TextPosition?
  }

  package struct Cluster: Sendable, Equatable {
    package let name: String
    package let position: TextPosition?
    package internal(set) var entries: [String: Entry] = [:]

    /// What its screens call it.
    package var title: String { entries["title"]?.texts.first ?? name }
  }

  package let path: String
  package private(set) var entries: [String: Entry] = [:]
  /// In the order of their names.
  package private(set) var clusters: [Cluster] = []
  package private(set) var problems: [SettingsProblem] = []

  /// The table that holds the clusters.
  private static let clustersKey = "clusters"

  /// `settings`: all that there are; `home`: what `~/` stands for.
  package init(_ text: String, path: String, settings: [Setting], home: String?) {
    self.path = path
    if let flaw = text.tomlFlaw {
      problems = [problem(.init(line: flaw.line, column: 1), flaw.words)]
      return
    }
    let table: TOMLTable
    do {
      table = try TOMLTable(string: text)
    } catch let error as TOMLParseError {
      let begin = error.source.begin
      problems = [problem(.init(line: begin.line, column: begin.column), error.description)]
      return
    } catch {
      problems = [problem(nil, "\(error)")]
      return
    }
    let reader = Reader(
      positions: TOMLPositions(text), path: path, home: home,
      settings: Dictionary(settings.map { ($0.name, $0) }) { first, _ in first })
    for (key, value) in table {
      if key == Self.clustersKey {
        read(value, reader)
      } else {
        entries[key] = take(reader.entry(value, [key], within: nil))
      }
    }
    clusters.sort { $0.name < $1.name }
    problems.sort()
  }

  private mutating func read(_ value: any TOMLValueConvertible, _ reader: Reader) {
    let key = Self.clustersKey
    guard let tables = value.table else {
      problems.append(
        problem(reader.positions.key([key]), "clusters must be tables: [clusters.NAME]"))
      return
    }
    for (name, value) in tables {
      let position = reader.positions.key([key, name])
      guard let table = value.table else {
        problems.append(
          problem(
            position,
            "clusters.\(name) must be a table: [clusters.\(name)], below it its settings"))
        continue
      }
      var cluster = Cluster(name: name, position: position)
      if name.isEmpty || name.hasPrefix("-") {
        problems.append(problem(position, "a cluster's name cannot be \"\(name)\""))
      }
      for (inner, value) in table {
        cluster.entries[inner] = take(reader.entry(value, [key, name, inner], within: name))
      }
      clusters.append(cluster)
    }
  }

  /// Nil, and a problem more, where it could not be read.
  private mutating func take(_ read: Result<Entry, SettingsProblem>) -> Entry? {
    switch read {
    case .success(let entry): return entry
    case .failure(let problem):
      problems.append(problem)
      return nil
    }
  }

  private func problem(_ position: TextPosition?, _ words: String) -> SettingsProblem {
    SettingsProblem(place(position), words)
  }

  /// `PATH:LINE:COLUMN`.
  package func place(_ position: TextPosition?) -> String { path.place(position) }
}

/// Reads single values.
private struct Reader {
  let positions: TOMLPositions
  let path: String
  let home: String?
  let settings: [String: Setting]

  /// `cluster`: whose table it is in.
  func entry(
    _ value: any TOMLValueConvertible, _ key: [String], within cluster: String?
  ) -> Result<SettingsFile.Entry, SettingsProblem> {
    let name = key.last ?? ""
    let full = key.joined(separator: ".")
    func failure(_ at: TextPosition?, _ words: String) -> Result<
      SettingsFile.Entry, SettingsProblem
    > {
      .failure(SettingsProblem(path.place(at), words))
    }
    if value.table != nil {
      return failure(
        positions.key(key),
        "[\(full)] is not known" + (cluster == nil ? "; did you mean `[clusters.NAME]`?" : ""))
    }
    guard let setting = settings[name], setting.reach != .nowhere else {
      return failure(positions.key(key), "\(full) is not known" + hint(name, within: cluster))
    }
    if cluster != nil, setting.reach == .file {
      return failure(positions.key(key), "\(name) cannot stand within a cluster")
    }
    let position = positions.values[key] ?? positions.key(key)
    if setting.kind == .flag {
      guard let isOn = value.bool else { return failure(position, "\(full) must be true or false") }
      return .success(.init(texts: [isOn ? "true" : "false"], position: position))
    }
    if setting.kind == .values, let list = value.array {
      let places = positions.elements[key] ?? []
      var texts: [String] = []
      for (index, item) in list.enumerated() {
        guard let text = text(item) else {
          return failure(
            index < places.count ? places[index] : position,
            "\(full) must be a list of texts: \(name) = [\"…\", \"…\"]")
        }
        guard setting.takes(text) else {
          return failure(
            index < places.count ? places[index] : position, "\(full) \(setting.choice)")
        }
        texts.append(resolved(text, setting))
      }
      return .success(.init(texts: texts, position: position))
    }
    guard let text = text(value) else {
      if !setting.choices.isEmpty { return failure(position, "\(full) \(setting.choice)") }
      return failure(
        position,
        setting.kind == .values
          ? "\(full) must be a text or a list of texts: \(name) = [\"…\", \"…\"]"
          : "\(full) must be a text or a number: \(name) = \"…\"")
    }
    guard setting.takes(text) else { return failure(position, "\(full) \(setting.choice)") }
    return .success(.init(texts: [resolved(text, setting)], position: position))
  }

  private func text(_ value: any TOMLValueConvertible) -> String? {
    value.string ?? value.int.map { String($0) } ?? value.double.map { String($0) }
  }

  /// A path counts from the file's folder, and never from where the program happens to be started.
  private func resolved(_ text: String, _ setting: Setting) -> String {
    let isPath = setting.isPath || setting.valueName.contains("path") && text.contains("/")
    guard isPath, !text.hasPrefix("/") else { return text }
    if text.hasPrefix("~/"), let home { return home + text.dropFirst() }
    return path.prefix(through: path.lastIndex(of: "/") ?? path.startIndex) + text
  }

  private func hint(_ name: String, within cluster: String?) -> String {
    let fitting = settings.values.filter {
      $0.reach == .everywhere || $0.reach == .file && cluster == nil
    }
    var words = Set(fitting.map(\.name))
    if cluster == nil { words.insert("clusters") }
    // Another case, underscores and a plural are nearer than any slip.
    let folded = name.lowercased().map { $0 == "_" ? "-" : String($0) }.joined()
    for candidate in [folded, folded.hasSuffix("s") ? String(folded.dropLast()) : folded + "s"]
    where words.contains(candidate) {
      return "; did you mean `\(candidate)`?"
    }
    return Nearest.hint(name, among: words)
  }
}

extension Setting {
  fileprivate func takes(_ text: String) -> Bool { choices.isEmpty || choices.contains(text) }

  fileprivate var choice: String {
    "must be one of " + choices.map { "\"\($0)\"" }.joined(separator: ", ")
  }
}

extension String {
  fileprivate func place(_ position: TextPosition?) -> String {
    position.map { "\(self):\($0.line):\($0.column)" } ?? self
  }
}
