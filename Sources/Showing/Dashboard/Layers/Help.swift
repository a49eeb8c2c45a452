internal import TerminalKit
internal import Watching

/// The help: the search text, and how far it is scrolled.
struct Help: Layer {
  var query = InputLine()
  /// The first line shown.
  var scroll = 0

  var place: Place { .help }

  func takesText(_ character: Character) -> Bool { character != "?" }

  func edit(_ key: Key, on model: inout Model) { search(on: &model) { $0.edit(key) } }

  func paste(_ text: String, on model: inout Model) -> Bool {
    search(on: &model) { $0.insert(text) }
    return true
  }

  private func search(on model: inout Model, _ change: (inout InputLine) -> Void) {
    var query = query
    change(&query)
    model.layers.replaceTop(with: Help(query: query))
  }

  func perform(_ command: Command.ID, on model: inout Model) -> [Effect]? {
    if command == .showAllHelp {
      if query.isEmpty { model.layers.pop() } else { model.layers.replaceTop(with: Help()) }
      return []
    }
    guard let rows = model.rows(of: command) else { return nil }
    let most = view(in: model).scrollLimit(in: model.bodySize)
    model.layers.replaceTop(with: Help(query: query, scroll: min(max(0, scroll + rows), most)))
    return []
  }

  func offers(in model: Model) -> [Offer] {
    [Offer(.showAllHelp, query.isEmpty ? "close" : "show all"), Offer(.up, "scroll")]
  }

  func footer(in model: Model) -> FooterView.Purpose {
    .line("search", query.text, offers(in: model))
  }

  func render(_ model: Model, into canvas: inout Canvas, in rect: Rect) {
    view(in: model).render(into: &canvas, in: rect)
  }

  private func view(in model: Model) -> HelpView {
    HelpView(
      query: query, scroll: scroll, isLab: model.settings.isLab, pace: model.watch.pace,
      ownCost: model.ownCost)
  }
}
