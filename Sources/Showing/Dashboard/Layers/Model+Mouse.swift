internal import TerminalKit

extension Model {
  /// Lines scrolled by one turn of the wheel; a selection moves by one row.
  private static let linesATurn = 3

  /// The mouse only moves and opens: it answers no question, leads to no action and ends nothing.
  mutating func take(_ action: MouseAction) -> [Effect] {
    if let end = ignoresKeysUntil, present < end { return [] }
    switch action.kind {
    case .wheelUp: return turn(.up)
    case .wheelDown: return turn(.down)
    case .click: return click(at: action.at)
    }
  }

  private mutating func turn(_ direction: Command.ID) -> [Effect] {
    let layer = layers.top
    guard Command.row(direction)?.places.contains(layer.place) == true else { return [] }
    let isScrolled = layer is Help || (layer as? any ScreenLayer)?.scrollingView(of: self) != nil
    for _ in 0..<(isScrolled ? Self.linesATurn : 1) {
      _ = layers.top.perform(direction, on: &self)
    }
    return []
  }

  /// Selects the row at a point, or opens it if it is already selected.
  private mutating func click(at point: Point) -> [Effect] {
    guard layers.over.isEmpty else { return [] }
    var canvas = Canvas(size: size)
    render(into: &canvas)
    guard let row = canvas.row(at: point), !screen.select(row, on: &self) else { return [] }
    return screen.perform(.open, on: &self) ?? []
  }
}
