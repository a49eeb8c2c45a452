package import FleetModel
internal import FoundationEssentials
internal import Terms

/// Files that name servers: one by its path, or several by a pattern in the last part of it, as
/// Prometheus takes them (`targets/*.yml`).
///
/// What has changed counts once it is the same at two looks: a file that is written while it is read
/// would name half of the servers, and the others would leave.
package struct ServerListFile: DiscoverySource {
  /// Larger than any list of a fleet.
  private static let sizeLimit = 16 << 20
  private static let fileLimit = 1000

  package let source: ServerSource
  package let pause: Duration
  private let path: String
  private let clusters: Set<String>
  /// What was read by the last list that counted, by path.
  private var counted: [String: String]?
  /// What was wrong with that.
  private var fault: DiscoveryFault?
  /// What the look before has read.
  private var last: [String: String]?

  /// `clusters`: as in ``ServerListText``.
  package init(_ path: String, for clusters: Set<String> = [], pause: Duration = .seconds(1)) {
    self.path = path
    self.clusters = clusters
    self.pause = pause
    source = .file(path)
  }

  @concurrent package mutating func look() async throws(DiscoveryFault) -> ServerList? {
    let texts = try texts()
    defer { last = texts }
    guard texts != counted, counted == nil || texts == last else {
      if let fault { throw fault }
      return nil
    }
    counted = texts
    fault = nil
    do throws(DiscoveryFault) {
      return try list(of: texts)
    } catch {
      fault = error
      throw error
    }
  }

  private func list(of texts: [String: String]) throws(DiscoveryFault) -> ServerList {
    var list = ServerList()
    for (path, text) in texts.sorted(by: { $0.key < $1.key }) {
      let part = try ServerListText(at: path, for: clusters).read(text)
      list.servers += part.servers
      list.remarks += part.remarks
    }
    return list
  }

  private func texts() throws(DiscoveryFault) -> [String: String] {
    var texts: [String: String] = [:]
    for path in try paths() { texts[path] = try text(of: path) }
    return texts
  }

  private func text(of path: String) throws(DiscoveryFault) -> String {
    let data: Data
    do { data = try Data(contentsOf: URL(filePath: path)) } catch {
      throw DiscoveryFault(path, Self.whyUnreadable(path))
    }
    guard data.count <= Self.sizeLimit else {
      throw DiscoveryFault(path, "it is larger than \(Self.sizeLimit >> 20) MiB")
    }
    return String(decoding: data, as: UTF8.self)
  }

  private static func whyUnreadable(_ path: String) -> String {
    let place = URL(filePath: path).resolvingSymlinksInPath().path
    guard let type = try? FileManager.default.attributesOfItem(atPath: place)[.type] else {
      return "there is no such file"
    }
    return type as? FileAttributeType == .typeRegular ? "it cannot be read" : "it is not a file"
  }

  private func paths() throws(DiscoveryFault) -> [String] {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard let name = parts.last, name.contains("*") || name.contains("?") else { return [path] }
    let folder = parts.dropLast().joined(separator: "/")
    let pattern = NamePattern(String(name))
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)
    } catch {
      throw DiscoveryFault(path, "its folder cannot be read")
    }
    let matching = names.filter { pattern.matches($0) && !$0.hasPrefix(".") }.sorted()
    guard !matching.isEmpty else { throw DiscoveryFault(path, "there is no such file") }
    return matching.prefix(Self.fileLimit).map { folder.isEmpty ? $0 : "\(folder)/\($0)" }
  }
}
