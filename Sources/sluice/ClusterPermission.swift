internal import ArgumentParser
internal import Dashboard
internal import Settings
internal import TerminalKit

/// What may be done to a cluster, as `actions` says it.
enum ActionsAllowed: String, ExpressibleByArgument, CaseIterable {
  case never
  case onRequest = "on-request"
  case fromStart = "from-start"
}

extension FleetOptions {
  /// What may be done to the cluster on the screen, and any doubt about that.
  ///
  /// What the file forbids, no flag and no variable allows.
  func permission(
    allowActions: Bool, readOnly: Bool
  ) throws -> (permission: Permission, doubt: String?) {
    let standing = ForbiddenActions(to: title)
    if readOnly { return (.never(because: "--read-only"), standing.doubt) }
    if let reason = standing.reason {
      if allowActions { throw ValidationError("--allow-actions: \(reason)") }
      return (.never(because: reason), standing.doubt)
    }
    if allowActions { return (.fromStart, nil) }
    return switch actions {
    case .never: (.never(because: "actions are set to never"), nil)
    case .onRequest: (.onRequest, nil)
    case .fromStart: (.fromStart, nil)
    }
  }

  /// Refuses an action from the shell where actions are forbidden, or where that is in doubt.
  func requirePermission() throws {
    if case .never(let reason) = try permission(allowActions: false, readOnly: false).permission {
      throw ValidationError("nothing was sent: \(reason)")
    }
  }
}

/// Whether the configuration file forbids actions.
///
/// Any doubt about what it means forbids them: a slip must not leave a cluster open.
private struct ForbiddenActions {
  /// Nil where they are not forbidden.
  var reason: String?
  /// Why it cannot be known; nil where it is known.
  var doubt: String?

  /// A cluster of the file counts when it was chosen, and when it goes by the run's title.
  ///
  /// `title`: what the run calls its cluster.
  init(to title: String) {
    guard let run = RunConfiguration.current else { return }
    if let doubt = run.doubt?.safe(limit: 400) {
      (reason, self.doubt) = (doubt, doubt)
      return
    }
    guard let file = run.resolution.file else { return }
    let chosen = run.resolution.cluster
    let meant = file.clusters.filter {
      $0.name == chosen?.name || $0.name == title || $0.title == title
    }
    let isForbidden = meant.compactMap { $0.entries["actions"] }.first { $0.texts == Self.never }
    let standing =
      meant.contains { $0.entries["actions"] != nil } ? nil : file.entries["actions"]
    if let entry = isForbidden ?? standing.flatMap({ $0.texts == Self.never ? $0 : nil }) {
      reason = "\(file.place(entry.position)) forbids actions on \(title)".safe(limit: 400)
    } else if let near = file.clusters.first(where: {
      $0.name.folded == title.folded && !meant.contains($0)
    }) {
      let words =
        "\(file.place(near.position)): whether clusters.\(near.name) means \(title) is not clear: "
        + "spell both alike"
      (reason, doubt) = (words.safe(limit: 400), words.safe(limit: 400))
    }
  }

  private static let never = [ActionsAllowed.never.rawValue]
}

extension String {
  /// Without what is easily overlooked: capitals, spaces, and the difference of dashes and
  /// underscores.
  fileprivate var folded: String {
    lowercased().filter { !$0.isWhitespace && $0 != "-" && $0 != "_" }
  }
}
