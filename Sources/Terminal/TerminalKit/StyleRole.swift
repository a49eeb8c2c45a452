internal import Synchronization

/// What a piece of the screen is, by a dotted name; a theme says how that looks.
///
/// A role that a theme does not name falls back along its dots: `gauge.fill.over` to `gauge.fill`
/// to `gauge`, then to `text`.
///
/// Each of a screen's thousands of cells has one, so names are kept apart from them, once.
package struct StyleRole: Sendable, Hashable, CustomStringConvertible {
  private let key: RoleNames.Key
  private var groundKey: RoleNames.Key?
  /// It fills a band: its colour is the ground and not the letters'.
  private(set) var isBand = false

  package init(_ name: String) { key = RoleNames.key(of: name) }

  package var name: String { RoleNames.name(of: key) }

  /// What it is drawn on, such as a selected row; nil for the screen's own ground.
  var ground: String? { groundKey.map { RoleNames.name(of: $0) } }

  /// The same role on a ground that shows through wherever the role has no background of its own.
  package func on(_ ground: StyleRole) -> StyleRole {
    var role = self
    role.groundKey = ground.key
    return role
  }

  /// The same as a band of its colour, where it has no background of its own.
  package var asBand: StyleRole {
    var role = self
    role.isBand = true
    return role
  }

  package var description: String {
    (ground.map { "\(name) on \($0)" } ?? name) + (isBand ? " as a band" : "")
  }

  package static let text = StyleRole("text")
  package static let muted = StyleRole("text.muted")
  package static let emphasis = StyleRole("text.emphasis")
  package static let panelBorder = StyleRole("panel.border")
  package static let panelTitle = StyleRole("panel.title")
  package static let tableHeader = StyleRole("table.header")
  package static let tableHeaderSorted = StyleRole("table.header.sorted")
  package static let rowSelected = StyleRole("table.row.selected")
  package static let keyHint = StyleRole("key.hint")
  package static let keyHintLabel = StyleRole("key.label")
  package static let gaugeTrack = StyleRole("gauge.track")
  /// A limit's line in a chart, and its label.
  package static let limit = StyleRole("limit")
  package static let sparkline = StyleRole("sparkline")
  package static let noticeText = StyleRole("notice")
  package static let input = StyleRole("input")
  /// The mode the screen is in, if not its usual one, as a badge.
  package static let modeBadge = StyleRole("mode.badge")

  /// All roles of the kit itself, and what each is for.
  package static let kit: KeyValuePairs<StyleRole, String> = [
    .text: "plain text, and whatever no other role is for",
    .muted: "labels, times, zeros: what is there to be looked up",
    .emphasis: "numbers that count, the program's name",
    .panelBorder: "lines between and around parts of the screen",
    .panelTitle: "titles in those lines",
    .tableHeader: "titles of columns and charts",
    .tableHeaderSorted: "the title of the column that rows are sorted by",
    .rowSelected: "the selected row",
    .keyHint: "keys, in the footer and elsewhere",
    .keyHintLabel: "what a key does",
    .input: "text that is being typed",
    .gaugeTrack: "a gauge's bounds; where a chart has no data",
    Ramp.gauge.role: "fills against a limit that have no role of their own",
    Ramp.gauge.over: "the same over its limit",
    .sparkline: "charts of what has no limit",
    .limit: "limits in charts and on the time axis, with their labels",
    .noticeText: "a line over the full width",
    .modeBadge: "ACTIONS, ARMED, FAST",
  ]
}

/// The names of roles, each with a key: those of the code and of themes, which are a few hundred.
private enum RoleNames {
  typealias Key = UInt32

  private static let known = Mutex((keys: [String: Key](), names: [String]()))

  static func key(of name: String) -> Key {
    known.withLock { known in
      if let key = known.keys[name] { return key }
      let key = Key(known.names.count)
      known.names.append(name)
      known.keys[name] = key
      return key
    }
  }

  static func name(of key: Key) -> String { known.withLock { $0.names[Int(key)] } }
}
