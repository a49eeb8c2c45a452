package import FleetModel
internal import FoundationEssentials
internal import Terms

/// Files that name servers: one by its path, or several by a pattern in the last part of it, as
/// Prometheus takes them (`targets/*.yml`).
///
/// What has changed counts once it is the same at two looks: a file that is written while it is read
/// would name half of the servers, and the others would leave. Each file of a pattern is read by
/// itself: one that cannot be read keeps its last list and holds up no other.
package struct ServerListFile: DiscoverySource {
  /// Larger than any list of a fleet.
  private static let sizeLimit = 16 << 20
  private static let fileLimit = 1000

  package let source: ServerSource
  package let pause: Duration
  private let path: String
  private let clusters: Set<String>
  /// What counts of each file, by path.
  private var files: [String: File] = [:]
  /// What the look before has read; nil before there was anything.
  private var last: [String: String]?
  private var told: ServerList?

  private struct File {
    /// What was read last and counts.
    var text: String?
    /// Nil until some text of it could be understood.
    var list: ServerList?
    /// What is wrong with the text.
    var fault: DiscoveryFault?
    /// Why the file could not be opened at the last look.
    var obstacle: DiscoveryFault?
  }

  /// `clusters`: as in ``ServerListText``.
  package init(_ path: String, for clusters: Set<String> = [], pause: Duration = .seconds(1)) {
    self.path = path
    self.clusters = clusters
    self.pause = pause
    source = .file(path)
  }

  @concurrent package mutating func look() async throws(DiscoveryFault) -> ServerList? {
    var texts: [String: String] = [:]
    var obstacles: [String: DiscoveryFault] = [:]
    for path in try paths() {
      do throws(DiscoveryFault) { texts[path] = try text(of: path) } catch {
        obstacles[path] = error
      }
    }
    take(texts, obstacles)
    if last != nil || !texts.isEmpty { last = texts }
    let list = list
    if list.isWhole || files.values.contains(where: { $0.list != nil }), list != told {
      told = list
      return list
    }
    if let fault = list.fault { throw fault }
    return nil
  }

  private mutating func take(_ texts: [String: String], _ obstacles: [String: DiscoveryFault]) {
    for path in files.keys where texts[path] == nil && obstacles[path] == nil {
      if last?[path] == nil { files[path] = nil }
    }
    for (path, obstacle) in obstacles { files[path, default: File()].obstacle = obstacle }
    for (path, text) in texts {
      files[path]?.obstacle = nil
      guard files[path]?.text != text, last == nil || last?[path] == text else { continue }
      var file = files[path] ?? File()
      (file.text, file.fault) = (text, nil)
      do throws(DiscoveryFault) {
        file.list = try ServerListText(at: path, for: clusters).read(text).named(by: .file(path))
      } catch {
        file.fault = error
      }
      files[path] = file
    }
  }

  /// What all files say together.
  private var list: ServerList {
    var list = ServerList()
    var faults: [DiscoveryFault] = []
    for (_, file) in files.sorted(by: { $0.key < $1.key }) {
      list.servers += file.list?.servers ?? []
      list.remarks += file.list?.remarks ?? []
      if file.list == nil { list.isWhole = false }
      if let fault = file.obstacle ?? file.fault { faults.append(fault) }
    }
    list.fault = DiscoveryFault(faults)
    return list
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
