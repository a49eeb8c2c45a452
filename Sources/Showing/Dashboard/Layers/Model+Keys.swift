internal import FleetModel
internal import TerminalKit
internal import Terms

extension Model {
  /// Gives a key to the topmost layer, as text for its field or as a command.
  mutating func press(_ press: KeyPress) -> [Effect] {
    let layer = layers.top
    let isText = if case .character(let text) = press.key { layer.takesText(text) } else { false }
    let command =
      isText
      ? nil : Command.all(for: press.key, at: layer.place).first { holds($0.need) }
    // The program can be left at any time.
    guard command?.id == .interrupt || !isSurprised else { return [] }
    if isText { layer.edit(press.key, on: &self) }
    guard let command, isMeant(press, command, by: layer) else { return [] }
    noteAsked(command)
    return layer.perform(command.id, on: &self) ?? command.perform?(&self, Arguments()) ?? []
  }

  /// Whether a command that must be meant was: its key came alone, after a frame had shown what it
  /// answers.
  ///
  /// Says so if not.
  private mutating func isMeant(
    _ press: KeyPress, _ command: Command, by layer: any Layer
  ) -> Bool {
    guard command.mustBeMeant, press.key != .escape else { return true }
    guard layer.question != nil, command.id != .interrupt else {
      guard !press.cameAlone else { return true }
      let name = if case .character(let letter) = press.key { "\(letter)" } else { "the key" }
      say("\(name) came together with other keys: press it by itself")
      return false
    }
    guard !press.cameAlone || layer.question != shownQuestion else { return true }
    say(
      layer.isWhole(in: self, bodySize)
        ? "the key came with others or before the question was shown: press it again"
        : "the window is too small to show what would be done: make it larger")
    return false
  }

  /// Passes pasted text to the focused field, and nowhere else.
  mutating func paste(_ text: String) {
    guard !isSurprised, !layers.top.paste(text, on: &self) else { return }
    say("pasted text ignored")
  }

  /// Passes an editing key to the focused field.
  mutating func edit(_ key: Key) { layers.top.edit(key, on: &self) }

  /// True right after the screen has changed by itself; says so.
  private var isSurprised: Bool {
    mutating get {
      guard let end = ignoresKeysUntil else { return false }
      guard present < end else {
        ignoresKeysUntil = nil
        return false
      }
      say("the screen has just changed by itself: the key was ignored")
      return true
    }
  }

  func holds(_ need: Command.Need?) -> Bool {
    switch need {
    case nil: true
    case .embeddedCluster: settings.isLab
    case .scenario: rehearsal != nil
    case .stopped: isPaused || playback != nil
    case .recording: playback != nil
    case .cluster: playback == nil
    case .proxy: playback == nil && gatesInHand.hasProxies
    case .failoverElsewhere: failoverElsewhere != nil
    case .themes: !settings.themes.isEmpty
    case .severalClusters: !settings.clusters.isEmpty
    case .somethingToLeave:
      screen.parent != nil || !filter.isEmpty || settings.cluster != nil
    }
  }

  // MARK: Moving

  /// How many rows a command moves by, positive for down; nil for one that does not move.
  func rows(of command: Command.ID) -> Int? {
    let page = max(1, bodySize.rows - 2)
    return switch command {
    case .up: -1
    case .down: 1
    case .pageUp: -page
    case .pageDown: page
    case .first: -100_000
    case .last: 100_000
    default: nil
    }
  }

  mutating func scroll(by rows: Int) {
    let limit = screen.scrollingView(of: self)?.scrollLimit(in: screenSize) ?? 0
    scroll = min(max(0, scroll + rows), limit)
  }

  mutating func goBack() -> [Effect] {
    if let parent = screen.parent {
      show(parent)
    } else if filter.isEmpty, settings.cluster != nil {
      return [.showCluster(nil)]
    } else {
      filter.text = ""
    }
    return []
  }

  mutating func show(_ screen: any ScreenLayer) {
    layers.screen = screen
    scroll = 0
  }

  /// The area between the header and the last line.
  var bodySize: Size { Size(columns: size.columns, rows: size.rows - 2) }

  /// The part of it that the screen has.
  private var screenSize: Size {
    Size(columns: size.columns, rows: bodySize.rows - linesAboveScreen)
  }
}
