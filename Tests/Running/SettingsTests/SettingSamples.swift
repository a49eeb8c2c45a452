@testable import Settings

/// Settings of each kind.
enum Samples {
  static let cluster = setting("cluster", valueName: "name")
  static let vtgate = setting("vtgate", .values, valueName: "host:port or URL")
  static let interval = setting("interval", standard: "1s", valueName: "duration")
  static let title = setting("title", standard: "vitess")
  static let actions = setting("actions", standard: "never", choices: ["never", "on-request"])
  static let mask = setting("mask", .flag)
  static let authority = setting("http-ca", valueName: "file", isPath: true)
  static let credentials = setting("http-credentials", valueName: "file", isPath: true)
  static let header = setting("http-header", .values)
  static let hook = setting("hook")
  static let theme = setting("theme", valueName: "name or path")
  static let config = setting("config", isPath: true)

  static let all = [
    cluster, vtgate, interval, title, actions, mask, authority, credentials, header, hook, theme,
    config,
  ]

  static func setting(
    _ name: String, _ kind: Setting.Kind = .value, standard: String? = nil,
    choices: [String] = [], valueName: String = "value", isPath: Bool = false
  ) -> Setting {
    Setting(
      name: name, section: "Section", kind: kind, valueName: valueName, meaning: "What it is.",
      defaultValue: standard, choices: choices, isPath: isPath)
  }

  static func file(_ text: String) -> SettingsFile {
    SettingsFile(text, path: "/etc/sluice/c.toml", settings: all, home: "/home/joe")
  }
}
