package import FleetModel
internal import FoundationEssentials
package import Terms
internal import VitessClient

/// A folder of saved answers, laid out as docs/import.md describes.
///
///     FOLDER/vtgate-10.0.0.1:15001/1795000000.prom        its /metrics
///                                  1795000000.json        its /debug/vars, or another page in JSON
///            vttablet-10.0.0.2_15100/20261118T105320Z.txt.gz
package struct SavedFolder: Sendable {
  /// Ordered by time, then by server.
  package let samples: [SavedSample]
  package let servers: [Target]
  /// Files whose names carry no time or that are of an unknown kind: their number, and the first by name.
  package let leftOut: (count: Int, first: String?)

  /// What is in one server's folder.
  private struct Files {
    var metrics: [(at: Instant, path: String, before: Substring)] = []
    /// A page without a time holds for all of them.
    var pages: [(at: Instant?, path: String)] = []
    var others: [String] = []

    /// Several servers' counters among each other would look like restarts and losses.
    func checkThatTheyAreOfOneServer(in folder: String) throws(ImportFault) {
      let names = Set(metrics.map { $0.before.trimming(while: "-_.@ ".contains) })
      let servers = names.filter { SavedServerName.startsLikeOne($0) }.sorted()
      if servers.count > 1 {
        throw .ofSeveralServers(folder, names: servers.prefix(3).map(String.init))
      }
      for (one, next) in zip(metrics, metrics.dropFirst()) where one.at == next.at {
        throw .twiceAtOnce(
          folder, first: SavedFolder.lastName(of: one.path),
          second: SavedFolder.lastName(of: next.path))
      }
    }
  }

  package init(_ path: String) throws(ImportFault) {
    let names = try Self.names(in: path)
    var folders = names.compactMap { name -> (String, SavedServerName)? in
      let folder = "\(path)/\(name)"
      guard Self.isFolder(folder), let server = SavedServerName(name) else { return nil }
      return (folder, server)
    }
    // The folder of one server.
    if folders.isEmpty, let server = SavedServerName(Self.lastName(of: path)) {
      folders = [(path, server)]
    }
    guard !folders.isEmpty else { throw .namesNoServer(path) }
    var samples: [SavedSample] = []
    var servers: [Target] = []
    var others: [String] = []
    for (folder, name) in folders {
      let files = try Self.files(in: folder)
      try files.checkThatTheyAreOfOneServer(in: folder)
      others += files.others
      guard let first = files.metrics.first else { continue }
      let kind =
        if let kind = name.kind { kind } else {
          try Self.kind(files.metrics.map(\.path), of: folder)
        }
      let target = Target(kind, name.address)
      servers.append(target)
      samples += Self.samples(of: target, files, from: first.at)
    }
    guard !samples.isEmpty else { throw .empty(path) }
    self.samples = samples.sorted { ($0.at, $0.target) < ($1.at, $1.target) }
    self.servers = servers.sorted()
    leftOut = (others.count, others.min())
  }

  /// A page goes with the next metrics at or after its time, and after the last metrics with the last.
  private static func samples(
    of target: Target, _ files: Files, from start: Instant
  ) -> [SavedSample] {
    var pages = files.pages.sorted { ($0.at ?? start, $0.path) < ($1.at ?? start, $1.path) }[...]
    return files.metrics.enumerated().map { index, file in
      let isLast = index == files.metrics.count - 1
      let along = isLast ? pages : pages.prefix { ($0.at ?? start) <= file.at }
      pages = pages.dropFirst(along.count)
      let paths = along.map(\.path)
      return SavedSample(of: target, at: file.at) { () throws(ImportFault) in
        var saved = SavedPages(metrics: try contents(of: file.path))
        for path in paths { saved.take(json: try contents(of: path)) }
        return saved
      }
    }
  }

  private static func files(in folder: String) throws(ImportFault) -> Files {
    var files = Files()
    for name in try names(in: folder) {
      let path = "\(folder)/\(name)"
      guard !name.hasPrefix("."), !isFolder(path) else { continue }
      let moment = WrittenMoment(in: name)
      let ending = (moment?.rest ?? name[...]).lowercased()
      let plain = ending.hasSuffix(".gz") ? ending.dropLast(3) : ending[...]
      let kind = plain.lastIndex(of: ".").map { plain[plain.index(after: $0)...] } ?? ""
      switch (kind, moment) {
      case ("json", let moment): files.pages.append((moment?.at, path))
      case ("", let moment?), ("prom", let moment?), ("txt", let moment?),
        ("text", let moment?), ("metrics", let moment?):
        files.metrics.append((moment.at, path, moment.before))
      default: files.others.append(path)
      }
    }
    files.metrics.sort { ($0.at, $0.path) < ($1.at, $1.path) }
    return files
  }

  /// Decided by the first file that shows a kind, because earlier ones may hold no answer.
  private static func kind(
    _ paths: [String], of folder: String
  ) throws(ImportFault) -> Target.Kind {
    for path in paths.prefix(100) {
      if let kind = SavedPages.kind(of: try contents(of: path)) { return kind }
    }
    throw .ofNoKnownKind(folder)
  }

  private static func names(in path: String) throws(ImportFault) -> [String] {
    guard isFolder(path) else { throw .missing(path) }
    do {
      return try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    } catch {
      throw .unreadable(path, words: "it cannot be read")
    }
  }

  private static func isFolder(_ path: String) -> Bool {
    var isFolder = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder
  }

  package static func lastName(of path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  private static func contents(of path: String) throws(ImportFault) -> Data {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw .unreadable(path, words: "it cannot be read")
    }
    // A damaged file counts as an answer that was cut off.
    return data.starts(with: Gzip.magic) ? Gzip.inflate(data) ?? Data() : data
  }
}

/// A server as its folder names it: `vtgate-HOST:PORT`, `vttablet-HOST_PORT`, `HOST:PORT`, `HOST`.
package struct SavedServerName: Sendable, Equatable {
  /// Nil if only its answers can show it.
  package let kind: Target.Kind?
  package let address: Address

  /// The port of an address without one, as in a URL.
  private static let defaultPort = 80
  private static let kinds: [(prefix: String, kind: Target.Kind)] = [
    ("vtgate", .vtgate), ("vttablet", .vttablet), ("tablet", .vttablet),
  ]

  package init?(_ name: String) {
    for (prefix, kind) in Self.kinds where name.hasPrefix(prefix) {
      let rest = name.dropFirst(prefix.count)
      guard let first = rest.first, "-_=@ ".contains(first),
        let address = Self.address(String(rest.dropFirst()))
      else { continue }
      self.kind = kind
      self.address = address
      return
    }
    guard let address = Self.address(name) ?? Address(named: name, port: Self.defaultPort) else {
      return nil
    }
    kind = Self.kinds.first { name.hasPrefix($0.prefix) }?.kind
    self.address = address
  }

  /// Whether a file's name begins with a server's, such as `vtgate-1`.
  fileprivate static func startsLikeOne(_ name: Substring) -> Bool {
    kinds.contains { name.hasPrefix($0.prefix) && name.count > $0.prefix.count }
      || Address(String(name)) != nil
  }

  /// `HOST:PORT`, with `_` allowed in place of the colon for file systems that forbid it.
  private static func address(_ text: String) -> Address? {
    if let address = Address(text) { return address }
    guard let mark = text.lastIndex(of: "_"), let port = Int(text[text.index(after: mark)...])
    else { return nil }
    return Address(named: String(text[..<mark]), port: port)
  }
}

extension Substring {
  /// Without what it ends with.
  fileprivate func trimming(while isTrimmed: (Character) -> Bool) -> Substring {
    var trimmed = self
    while let last = trimmed.last, isTrimmed(last) { trimmed.removeLast() }
    return trimmed
  }
}
