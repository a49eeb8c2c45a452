/// The characters that graphics are made of.
package struct Glyphs: Sendable, Equatable {
  package let horizontal: Character
  /// The line of a limit, drawn through the free cells of a chart.
  package let dash: Character
  package let vertical: Character
  package let corners:
    (topLeft: Character, topRight: Character, bottomLeft: Character, bottomRight: Character)
  /// Parts of a cell filled from the left, least first; the last is a full cell.
  package let bar: [Character]
  /// A full cell.
  package let block: Character
  /// The ends of a gauge.
  package let gaugeStart: Character
  package let gaugeEnd: Character
  /// Heights of a cell filled from below, least first.
  package let spark: [Character]
  /// Cells that are not certain, and cells of a second kind.
  package let shade: (light: Character, medium: Character)
  package let ellipsis: Character
  package let dot: Character
  package let half: Character
  package let halfRight: Character
  package let cross: Character
  package let ring: Character
  package let warning: Character
  package let selection: Character
  package let none: Character
  /// Between the facts in a line.
  package let separator: Character
  package let ascending: Character
  package let descending: Character
  package let upDown: String
  package let leftRight: String
  package let enter: String
  package let minus: Character
  package let atLeast: String
  package let about: String
  /// Identifies the set in ``==``.
  private let isUnicode: Bool

  package static func == (left: Glyphs, right: Glyphs) -> Bool { left.isUnicode == right.isUnicode }

  package static let unicode = Glyphs(
    horizontal: "─", dash: "┄", vertical: "│", corners: ("┌", "┐", "└", "┘"),
    bar: ["▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"], block: "█", gaugeStart: "▕", gaugeEnd: "▏",
    spark: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"], shade: ("░", "▒"),
    ellipsis: "…",
    dot: "●", half: "◐",
    halfRight: "◑", cross: "✖", ring: "○", warning: "▲", selection: "▶", none: "–",
    separator: "·",
    ascending: "▲", descending: "▼", upDown: "↑↓", leftRight: "←→", enter: "⏎", minus: "−",
    atLeast: "≥",
    about: "≈", isUnicode: true)

  /// For locales without UTF-8: seven bits only.
  package static let ascii = Glyphs(
    horizontal: "-", dash: "-", vertical: "|", corners: ("+", "+", "+", "+"), bar: ["-", "="],
    block: "#",
    gaugeStart: "[", gaugeEnd: "]", spark: ["_", "-", "=", "#"], shade: (".", "="),
    ellipsis: "~",
    dot: "*",
    half: "!", halfRight: "%", cross: "X", ring: "o", warning: "!", selection: ">", none: "-",
    separator: "|",
    ascending: "^", descending: "v", upDown: "up/dn", leftRight: "left/right", enter: "enter",
    minus: "-",
    atLeast: ">=", about: "~", isUnicode: false)
}
