internal import FleetModel
internal import TerminalKit

/// The line in which a screen's filter is typed; each key takes effect at once.
struct FilterLine: Layer {
  /// What the filter applies to.
  enum Subject: Equatable, Sendable { case shards, events }

  let subject: Subject

  var place: Place { .filter }

  private var line: WritableKeyPath<Model, InputLine> {
    switch subject {
    case .shards: \.filter
    case .events: \.eventFilter
    }
  }

  func takesText(_ character: Character) -> Bool { true }

  func edit(_ key: Key, on model: inout Model) {
    model[keyPath: line].edit(key)
    model.filterChanged()
  }

  func paste(_ text: String, on model: inout Model) -> Bool {
    model[keyPath: line].insert(text)
    model.filterChanged()
    return true
  }

  func perform(_ command: Command.ID, on model: inout Model) -> [Effect]? {
    switch command {
    case .keepFilter: break
    case .removeFilter: set("", on: &model)
    default: return nil
    }
    model.layers.pop()
    return []
  }

  fileprivate func set(_ text: String, on model: inout Model) {
    model[keyPath: line].text = ""
    _ = paste(text, on: &model)
  }

  func offers(in model: Model) -> [Offer] {
    [Offer(.keepFilter, "keep"), Offer(.removeFilter, "remove")]
  }

  func footer(in model: Model) -> FooterView.Purpose {
    .line("filter", model[keyPath: line].text, offers(in: model))
  }

  /// Draws nothing: the last line shows it all.
  func render(_ model: Model, into canvas: inout Canvas, in rect: Rect) {}
}

extension Model {
  /// Opens the filter of the screen, or sets it to a text.
  mutating func openFilter(_ text: String? = nil) {
    let line = FilterLine(subject: screen.place == .events ? .events : .shards)
    guard let text else {
      layers.push(line)
      return
    }
    line.set(text, on: &self)
  }

  fileprivate mutating func filterChanged() {
    scroll = 0
    let names = visibleShards.map(\.name)
    if let selection, !names.contains(selection) { self.selection = names.first }
    if selection == nil { selection = names.first }
  }
}
