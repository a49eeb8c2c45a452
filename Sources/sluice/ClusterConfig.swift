internal import ArgumentParser
internal import Dashboard
internal import FoundationEssentials
internal import TOMLKit

/// What the configuration file says of one cluster.
///
///     [clusters.prod-eu]
///     actions = "never"      # or "on-request" (as without it), or "from-start"
///
/// Clusters go by what `--title` calls them.
struct ClusterConfig {
  /// Nil when the file says nothing of it.
  let permission: Permission?

  private static let permissions: [String: Permission] = [
    "never": .never, "on-request": .onRequest, "from-start": .fromStart,
  ]

  /// Reads `$XDG_CONFIG_HOME/sluice/config.toml`, or the same below `~/.config`; a file that is not
  /// there says nothing.
  init(of cluster: String) throws {
    let environment = ProcessInfo.processInfo.environment
    let folder =
      environment["XDG_CONFIG_HOME"].flatMap { $0.isEmpty ? nil : $0 }
      ?? "\(environment["HOME"] ?? "")/.config"
    let path = "\(folder)/sluice/config.toml"
    guard FileManager.default.fileExists(atPath: path) else {
      permission = nil
      return
    }
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw ValidationError("cannot read \(path)")
    }
    do {
      permission = try Self.permission(of: cluster, in: TOMLTable(string: text))
    } catch let error as TOMLParseError {
      throw ValidationError("\(path): line \(error.source.begin.line): \(error.description)")
    } catch let error as Slip {
      throw ValidationError("\(path): \(error.text)")
    }
  }

  private struct Slip: Error {
    let text: String
  }

  /// Every key must be known: a slip must not leave a cluster open.
  private static func permission(of cluster: String, in table: TOMLTable) throws -> Permission? {
    var found: Permission?
    for (key, value) in table {
      guard key == "clusters", let clusters = value.table else {
        throw Slip(text: "\(key) is not known; [clusters.NAME] is")
      }
      for (name, value) in clusters {
        for (key, value) in value.table ?? TOMLTable() {
          guard key == "actions" else {
            throw Slip(text: "clusters.\(name).\(key) is not known; actions is")
          }
          guard let permission = value.string.flatMap({ permissions[$0] }) else {
            throw Slip(
              text: "clusters.\(name).actions must be \"never\", \"on-request\" or \"from-start\"")
          }
          if name == cluster { found = permission }
        }
      }
    }
    return found
  }
}

extension FleetOptions {
  /// What may be done to the cluster on the screen.
  func permission(allowActions: Bool, readOnly: Bool) throws -> Permission {
    if readOnly { return .never }
    let configured = try ClusterConfig(of: title).permission
    if allowActions, configured == .never {
      throw ValidationError("--allow-actions: the configuration file forbids actions on \(title)")
    }
    return allowActions ? .fromStart : configured ?? .onRequest
  }

  /// Refuses an action from the shell where the configuration file does.
  func requirePermission() throws {
    guard try ClusterConfig(of: title).permission != .never else {
      throw ValidationError("the configuration file forbids actions on \(title)")
    }
  }
}
