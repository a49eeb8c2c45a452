internal import FoundationEssentials
package import TerminalKit

/// Where themes are looked for.
package struct ThemeCatalog: Sendable {
  /// Directories, the first that has the theme wins.
  package let directories: [String]

  package init(directories: [String]) { self.directories = directories }

  /// The user's configuration directory, the installed share directory beside the binary, and the
  /// checkout the binary was built in.
  ///
  /// `executable`: the absolute path of the running program.
  package init(environment: [String: String], executable: String) {
    var directories: [String] = []
    let home = environment["HOME"] ?? ""
    let config = environment["XDG_CONFIG_HOME"].flatMap { $0.isEmpty ? nil : $0 }
    if let base = config ?? (home.isEmpty ? nil : home + "/.config") {
      directories.append(base + "/sluice/themes")
    }
    var directory = Self.parent(executable)
    directories.append(Self.parent(directory) + "/share/sluice/themes")
    // .build/<triple>/<configuration>/sluice lies some levels below the checkout.
    for _ in 0..<4 {
      directory = Self.parent(directory)
      if directory.count > 1 { directories.append(directory + "/themes") }
    }
    self.init(directories: directories)
  }

  /// Loads a theme by name, or by path when the name has a slash or ends in `.toml`.
  package func load(_ name: String, roles: [StyleRole]) throws(ThemeError) -> Theme {
    let source = try text(of: name)
    return try Theme(text: source.text, file: source.file, roles: roles) {
      (parent) throws(ThemeError) in
      try text(of: parent)
    }
  }

  private func text(of name: String) throws(ThemeError) -> (text: String, file: String) {
    if name.contains("/") || name.hasSuffix(".toml") {
      guard let text = Self.read(name) else {
        throw ThemeError("theme \(name) cannot be read: give the path of a .toml file or a name")
      }
      return (text, name)
    }
    for directory in directories {
      let path = "\(directory)/\(name).toml"
      if let text = Self.read(path) { return (text, path) }
    }
    if name == "default" { return (Theme.builtInText, "default (built in)") }
    throw ThemeError(
      "there is no theme \(name); looked for \(name).toml in "
        + directories.joined(separator: ", "))
  }

  private static func read(_ path: String) -> String? {
    try? String(contentsOfFile: path, encoding: .utf8)
  }

  private static func parent(_ path: String) -> String {
    guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return "/" }
    return String(path[..<slash])
  }
}
