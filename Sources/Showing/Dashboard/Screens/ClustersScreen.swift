internal import TerminalKit
internal import Terms

/// The overview of several clusters, in front of the screens of each.
struct ClustersScreen: ScreenLayer {
  var place: Place { .clusters }
  var parent: (any ScreenLayer)? { nil }

  func offers(in model: Model) -> [Offer] { [Offer(.up, "cluster"), Offer(.open, "open")] }

  /// Nothing stands still here.
  func footer(in model: Model) -> FooterView.Purpose {
    .keys(
      offers(in: model),
      always: [Offer(.palette, "command"), Offer(.help, "help"), Offer(.quit, "quit")],
      elsewhere: nil)
  }

  func perform(_ command: Command.ID, on model: inout Model) -> [Effect]? {
    if command == .open {
      model.selectedCluster = model.chosenCluster
      return model.chosenCluster.map { [.showCluster($0)] } ?? []
    }
    guard let rows = model.rows(of: command) else { return nil }
    let names = model.clusterRows
    let current = model.chosenCluster.flatMap { names.firstIndex(of: $0) } ?? 0
    guard !names.isEmpty else { return [] }
    model.selectedCluster = names[min(max(0, current + rows), names.count - 1)]
    return []
  }

  func select(_ row: Int, on model: inout Model) -> Bool {
    let names = model.clusterRows
    guard names.indices.contains(row) else { return true }
    let name = names[row]
    defer { model.selectedCluster = name }
    return model.chosenCluster != name
  }

  func render(_ model: Model, into canvas: inout Canvas, in rect: Rect) {
    model.clustersView.render(into: &canvas, in: rect)
  }
}

extension Model {
  /// The cluster selected in the overview: the one in the first row until one is chosen, and that one
  /// wherever its row goes.
  var chosenCluster: String? { selectedCluster ?? clusterRows.first }

  /// The names in the order of the rows, those that are not heard of yet last.
  fileprivate var clusterRows: [String] {
    let rows = clustersInOrder.map(\.name)
    return rows + settings.clusters.filter { !rows.contains($0) }
  }

  fileprivate var clustersView: ClustersView {
    ClustersView(
      clusters: clustersInOrder, selection: chosenCluster, masksAll: mask != nil, now: present,
      utcOffset: settings.utcOffset)
  }
}
