internal import FoundationEssentials
package import TerminalKit

/// All available themes: the user's files, and those built into the program, so that the bare
/// binary works anywhere.
package struct ThemeCatalog: Sendable {
  /// The directory of the user's themes, which take precedence; nil when nothing says where it is.
  package let directory: String?

  package init(directory: String?) { self.directory = directory }

  /// `sluice/themes` in the user's configuration directory.
  package init(environment: [String: String]) {
    let home = environment["HOME"].flatMap { $0.hasPrefix("/") ? $0 + "/.config" : nil }
    let config = environment["XDG_CONFIG_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
    self.init(directory: (config ?? home).map { $0 + "/sluice/themes" })
  }

  /// The built-in themes, by name.
  package static let builtIn: [String: String] = [
    "default": PackageResources.default_toml, "harbor": PackageResources.harbor_toml,
    "daylight": PackageResources.daylight_toml,
    "high-contrast": PackageResources.high_contrast_toml,
    "okabe-ito-dark": PackageResources.okabe_ito_dark_toml,
    "okabe-ito-light": PackageResources.okabe_ito_light_toml,
    "monochrome": PackageResources.monochrome_toml,
    "solarized-dark": PackageResources.solarized_dark_toml,
    "solarized-light": PackageResources.solarized_light_toml, "nord": PackageResources.nord_toml,
  ].mapValues { String(decoding: $0, as: UTF8.self) }

  /// Every theme's name, and for a user's theme its file.
  package var all: [(name: String, file: String?)] {
    var files: [String: String] = [:]
    if let directory,
      let entries = try? FileManager.default.contentsOfDirectory(atPath: directory)
    {
      for entry in entries where entry.hasSuffix(".toml") && !entry.hasPrefix(".") {
        files[String(entry.dropLast(".toml".count))] = "\(directory)/\(entry)"
      }
    }
    return Set(files.keys).union(Self.builtIn.keys).sorted().map { ($0, files[$0]) }
  }

  /// Loads a theme by name, or by path when the name has a slash or ends in `.toml`.
  package func load(_ name: String, roles: [StyleRole]) throws(ThemeError) -> Theme {
    try read(name, roles: roles).theme
  }

  /// A theme, and the texts of the files it was read from, by path.
  func read(
    _ name: String, roles: [StyleRole]
  ) throws(ThemeError) -> (theme: Theme, texts: [String: String]) {
    var texts: [String: String] = [:]
    func text(of name: String) throws(ThemeError) -> (text: String, file: String) {
      if let path = path(of: name, besides: texts) {
        let text = try ThemeFile.read(path)
        texts[path] = text
        return (text, path)
      }
      if let text = Self.builtIn[name] { return (text, "\(name) (built in)") }
      throw unknown(name)
    }
    let source = try text(of: name)
    let theme = try Theme(text: source.text, file: source.file, roles: roles) {
      (parent) throws(ThemeError) in try text(of: parent)
    }
    return (theme, texts)
  }

  /// The file of a theme; nil when it can only be a built-in one.
  ///
  /// A user's theme that inherits its own name inherits the built-in one.
  private func path(of name: String, besides read: [String: String]) -> String? {
    if name.contains("/") || name.hasSuffix(".toml") { return name }
    guard let directory else { return nil }
    let path = "\(directory)/\(name).toml"
    guard ThemeFile.exists(path) else { return nil }
    return read[path] != nil && Self.builtIn[name] != nil ? nil : path
  }

  private func unknown(_ name: String) -> ThemeError {
    let names = all.map(\.name)
    let place = directory.map { " in \($0) and" } ?? ""
    return ThemeError(
      "there is no theme \(name)\(Nearest.hint(name, among: Set(names))); looked\(place) among "
        + names.joined(separator: ", "))
  }
}
