package import TerminalKit

/// A colour by which the clusters of one run are told apart; a theme says how each looks.
package enum ClusterHue: String, CaseIterable, Sendable {
  // In the order in which clusters get them that have none: the colours of trouble come last.
  case blue, violet, green, yellow, red

  /// The role of a cluster's title in its colour.
  package var role: StyleRole { StyleRole("cluster.\(rawValue)") }

  /// A colour for each of several clusters: its own, or one that no other has as long as there are
  /// any.
  package static func assigned(_ own: [ClusterHue?]) -> [ClusterHue] {
    var free = allCases.filter { !own.contains($0) }
    var next = 0
    return own.map { color in
      if let color { return color }
      if !free.isEmpty { return free.removeFirst() }
      defer { next += 1 }
      return allCases[next % allCases.count]
    }
  }
}
