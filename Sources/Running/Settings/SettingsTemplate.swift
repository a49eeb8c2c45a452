/// A configuration file in which nothing is set, to begin with.
///
/// Every setting stands there behind a `#`, with its default or with what belongs there.
package struct SettingsTemplate {
  package let text: String

  package init(_ settings: [Setting]) {
    var lines = Self.head
    var section: String?
    for setting in settings where setting.reach != .nowhere {
      if setting.section != section {
        section = setting.section
        lines += ["", "# == \(setting.section) =="]
      }
      lines += ["", "# " + setting.meaning].flatMap { $0.wrapped(to: 98) }
      if !setting.choices.isEmpty {
        lines += ["# One of: \(setting.choices.joined(separator: ", "))"]
      }
      lines.append("#\(setting.name) = \(Self.example(setting))")
    }
    text = (lines + Self.foot).joined(separator: "\n") + "\n"
  }

  private static let head = [
    "# The configuration of sluice: $XDG_CONFIG_HOME/sluice/config.toml, or the file that --config",
    "# names. What begins with #, as all here does, is as it is without the file.",
    "#",
    "# A flag counts before the environment, the environment before the chosen cluster's part below,",
    "# and that before what stands above it. `sluice config` says what holds, and who set it.",
  ]

  private static let foot = [
    "",
    "# == Clusters ==",
    "",
    "# Each has a part of its own, in which anything from above may stand; `sluice prod-eu` opens it.",
    "#[clusters.prod-eu]",
    "#vtgate = [\"vtgate-1:15001\", \"vtgate-2:15001\"]",
    "#vtctld = \"vtctld-1:15999\"",
    "#actions = \"never\"",
  ]

  private static func example(_ setting: Setting) -> String {
    let value = setting.defaultValue ?? setting.choices.first ?? setting.valueName
    return switch setting.kind {
    case .flag: value
    case .values: "[\(value.quoted)]"
    case .value: Int(value) == nil ? value.quoted : value
    }
  }
}

extension String {
  /// As a TOML text.
  fileprivate var quoted: String {
    "\"" + map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined() + "\""
  }

  /// A comment on lines of so many characters at most.
  fileprivate func wrapped(to columns: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in split(separator: " ") {
      if !line.isEmpty, line.count + 1 + word.count > columns {
        lines.append(line)
        line = "# \(word)"
      } else {
        line += line.isEmpty ? String(word) : " \(word)"
      }
    }
    return lines + [line]
  }
}
