internal import TerminalKit

/// What a cluster is called: by its title on screens, and by its name where it is chosen.
struct ClusterTitle: Equatable {
  let name: String
  let title: String
}

extension Canvas {
  /// A cluster's title in a number of columns; where another's would look the same, behind its name, which
  /// no other has.
  func fit(_ cluster: ClusterTitle, among all: [ClusterTitle], to columns: Int) -> String {
    let own = fitMiddle(of: cluster.title.safe(), to: columns)
    let isAlone = all.allSatisfy {
      $0.name == cluster.name || fitMiddle(of: $0.title.safe(), to: columns) != own
    }
    return isAlone ? own : fit("\(cluster.name) \(cluster.title)".safe(), to: columns)
  }
}

extension ClusterGlance {
  var named: ClusterTitle { ClusterTitle(name: name, title: title) }
}
