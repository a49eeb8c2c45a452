internal import ArgumentParser
internal import Dashboard
internal import FoundationEssentials
internal import Operations
internal import TOMLKit
internal import TerminalKit
internal import Terms

/// What the configuration file says about one cluster.
///
///     [clusters.prod-eu]
///     actions = "never"      # or "on-request" (as without it), or "from-start"
///
/// Clusters are named as `--title` calls them. Any doubt about what the file means forbids actions,
/// on every cluster: a slip must not leave one open.
struct ClusterConfig {
  /// Nil when the file says nothing about the cluster.
  let permission: Permission?
  /// Why the file cannot be relied on; nil when it can.
  let doubt: String?

  private static let permissions: [String: Permission?] = [
    "never": nil, "on-request": .onRequest, "from-start": .fromStart,
  ]

  /// Reads ``ConfigFile``; a missing one says nothing.
  init(of cluster: String) {
    do throws(ConfigFile.Doubt) {
      let environment = ProcessInfo.processInfo.environment
      let file = try ConfigFile { environment[$0] }
      permission =
        if let text = try file.text() {
          try Self.permission(of: cluster, in: text, from: file.path)
        } else { nil }
      doubt = nil
    } catch {
      let reason = error.reason.safe(limit: 400)
      permission = .never(because: reason)
      doubt = reason
    }
  }

  // MARK: Its meaning

  private static func permission(
    of cluster: String, in text: String, from path: String
  ) throws(ConfigFile.Doubt) -> Permission? {
    func doubt(_ words: String) -> ConfigFile.Doubt { .init("\(path): \(words)") }
    if let line = text.lineOfNamelessTOMLTable {
      throw doubt("line \(line): a table's name is missing behind [")
    }
    let table: TOMLTable
    do {
      table = try TOMLTable(string: text)
    } catch let error as TOMLParseError {
      throw doubt("line \(error.source.begin.line): \(error.description)")
    } catch {
      throw doubt("\(error)")
    }
    var found: Permission?
    for (key, value) in table {
      guard key == "clusters" else { throw doubt("\(key) is not known; [clusters.NAME] is") }
      guard let clusters = value.table else {
        throw doubt("clusters must be tables: [clusters.NAME]")
      }
      for (name, value) in clusters {
        guard let settings = value.table else {
          throw doubt("clusters.\(name) must be a table: [clusters.\(name)], below it actions = …")
        }
        for (key, value) in settings {
          guard key == "actions" else {
            throw doubt("clusters.\(name).\(key) is not known; actions is")
          }
          guard let known = value.string.flatMap({ permissions[$0] }) else {
            throw doubt(
              "clusters.\(name).actions must be \"never\", \"on-request\" or \"from-start\"")
          }
          if name == cluster {
            found =
              known ?? .never(because: "\(path) forbids actions on \(cluster)".safe(limit: 400))
          }
        }
        if name != cluster, name.folded == cluster.folded {
          throw doubt("whether clusters.\(name) means \(cluster) is not clear: spell both alike")
        }
      }
    }
    return found
  }
}

extension String {
  /// Without what is easily overlooked: capitals, spaces, and the difference of dashes and
  /// underscores.
  fileprivate var folded: String {
    lowercased().filter { !$0.isWhitespace && $0 != "-" && $0 != "_" }
  }
}

extension FleetOptions {
  /// What may be done to the cluster on the screen, and any doubt about that.
  func permission(
    allowActions: Bool, readOnly: Bool
  ) throws -> (permission: Permission, doubt: String?) {
    let config = ClusterConfig(of: title)
    if readOnly { return (.never(because: "--read-only"), config.doubt) }
    if allowActions, case .never(let reason) = config.permission {
      throw ValidationError("--allow-actions: \(reason)")
    }
    return (allowActions ? .fromStart : config.permission ?? .onRequest, config.doubt)
  }

  /// Refuses an action from the shell if the configuration file forbids it or leaves a doubt.
  func requirePermission() throws {
    if case .never(let reason) = ClusterConfig(of: title).permission {
      throw ValidationError("nothing was sent: \(reason)")
    }
  }
}
