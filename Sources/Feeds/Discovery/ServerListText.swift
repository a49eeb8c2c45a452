internal import FleetModel
internal import Terms
internal import Yams

/// Reads what a file or a command says of servers, JSON or YAML, with the place of whatever is wrong.
///
/// A sequence is Prometheus' `file_sd` (prometheus/prometheus, docs/configuration/configuration.md,
/// `<file_sd_config>`), a mapping vtadmin's `discovery.json` (vitessio/vitess,
/// go/vt/vtadmin/cluster/discovery/discovery_json.go).
package struct ServerListText: Sendable {
  /// Its path, or what stands for it in messages.
  private let place: String
  /// What the cluster is called: servers whose label `cluster` is another are left out.
  ///
  /// Empty takes all of them.
  private let clusters: Set<String>

  package init(at place: String, for clusters: Set<String> = []) {
    self.place = place
    self.clusters = clusters
  }

  package func read(_ text: String) throws(DiscoveryFault) -> ServerList {
    let root: Node?
    do { root = try Yams.compose(yaml: Self.spaced(text)) } catch { throw fault(error) }
    guard let root else { throw DiscoveryFault(place, "it is empty; [] is a list of no server") }
    switch root {
    case .sequence(let groups): return try targetGroups(groups)
    case .mapping(let mapping):
      guard mapping["vtgates"] != nil || mapping["vtctlds"] != nil else { fallthrough }
      return try vtadmin(mapping)
    default:
      throw fault(
        root,
        "it is neither a list of targets as for Prometheus' file_sd nor vtadmin's discovery.json")
    }
  }

  /// What was to be an address, without what stands before its host: that may be a password.
  private static func shown(_ text: String) -> String {
    text.lastIndex(of: "@").map { "\(Secrets.hidden)\(text[$0...])" } ?? text
  }

  private static let (tab, space) = (UInt8(ascii: "\t"), UInt8(ascii: " "))

  /// JSON with its tabs as spaces, which YAML wants; inside of its texts there is none.
  private static func spaced(_ text: String) -> String {
    let start = text.first { !$0.isWhitespace }
    guard start == "[" || start == "{", text.utf8.contains(tab) else { return text }
    return String(decoding: text.utf8.lazy.map { $0 == tab ? space : $0 }, as: UTF8.self)
  }

  // MARK: file_sd

  /// Labels that may say what kind of server it is, the first that is there counts: Prometheus' own,
  /// the plain word, and that of vitess-operator's pods.
  static let kindLabels = ["job", "component", "planetscale_com_component"]

  private func targetGroups(_ groups: Node.Sequence) throws(DiscoveryFault) -> ServerList {
    var found = Found()
    for group in groups where !found.isFull {
      try targetGroup(group, &found)
    }
    return list(found)
  }

  private func targetGroup(_ group: Node, _ found: inout Found) throws(DiscoveryFault) {
    guard case .mapping(let fields) = group else {
      throw fault(group, "a group of targets has targets and may have labels")
    }
    var parts: (targets: Node?, labels: Node?)
    for (name, node) in fields {
      switch name.scalar?.string {
      case "targets": parts.targets = node
      case "labels": parts.labels = node
      // Prometheus refuses others as well: a misspelt field may have held what tells clusters apart.
      case let other:
        throw fault(
          name, "a group of targets has targets and may have labels, not \(other ?? "this")")
      }
    }
    guard case .sequence(let targets)? = parts.targets else {
      throw fault(parts.targets ?? group, "targets must be a list of HOST:PORT")
    }
    let labels = try labels(parts.labels)
    let form = Self.form(labels)
    let cluster = labels["cluster"]
    let isOfOther = cluster.map { !clusters.isEmpty && !clusters.contains($0) } ?? false
    let kind = Self.kind(labels)
    let kindLabel = Self.kindLabels.lazy.compactMap { labels[$0] }.first ?? ""
    let (cell, keyspace, shard) = (labels["cell"], labels["keyspace"], labels["shard"])
    if let cluster, !targets.isEmpty { found.clusters.insert(cluster) }
    for target in targets where !found.isFull {
      guard let text = target.scalar?.string, let address = form.flatMap({ $0.named(text) }) else {
        throw fault(
          target, "\(target.scalar.map { Self.shown($0.string) } ?? "this") is no HOST:PORT")
      }
      if isOfOther {
        found.ofOthers += 1
      } else if let kind {
        found.add(NamedServer(kind, address, cell: cell, keyspace: keyspace, shard: shard))
      } else {
        found.kinds[kindLabel, default: 0] += 1
      }
    }
  }

  private func labels(_ node: Node?) throws(DiscoveryFault) -> [String: String] {
    guard let node else { return [:] }
    guard case .mapping(let mapping) = node else {
      throw fault(node, "labels must be names and values")
    }
    var labels: [String: String] = [:]
    for (key, value) in mapping {
      guard let name = key.scalar?.string, let text = value.scalar?.string else {
        throw fault(value, "a label's value must be a text")
      }
      labels[name] = text
    }
    return labels
  }

  /// Some server that is asked as a group's are: Prometheus' own labels say how, `__scheme__`, and
  /// `__metrics_path__`, which stands behind the prefix of a front.
  private static func form(_ labels: [String: String]) -> Address? {
    let (scheme, path) = (labels["__scheme__"] ?? "http", labels["__metrics_path__"] ?? "/metrics")
    if (scheme, path) == ("http", "/metrics") { return Address(host: "any", port: 80) }
    guard path.hasSuffix("/metrics"), ["http", "https"].contains(scheme) else { return nil }
    return Address("\(scheme)://any\(path.dropLast("/metrics".count))")
  }

  /// Nil for a server that is neither vtgate nor vttablet; a vtgate where no label tells.
  private static func kind(_ labels: [String: String]) -> Target.Kind? {
    guard let label = kindLabels.compactMap({ labels[$0]?.lowercased() }).first else {
      return .vtgate
    }
    return label.contains("vtgate") ? .vtgate : label.contains("vttablet") ? .vttablet : nil
  }

  // MARK: vtadmin

  private func vtadmin(_ mapping: Node.Mapping) throws(DiscoveryFault) -> ServerList {
    var found = Found()
    guard let vtgates = mapping["vtgates"] else { return list(found) }
    guard case .sequence(let entries) = vtgates else {
      throw fault(vtgates, "vtgates must be a list")
    }
    for entry in entries where !found.isFull {
      guard let host = entry["host"], case .mapping = host else {
        throw fault(entry, "a vtgate has a host")
      }
      func text(_ name: String) -> String? {
        host[name]?.scalar.flatMap { $0.string.isEmpty ? nil : $0.string }
      }
      guard let name = text("fqdn") ?? text("FQDN") else {
        found.remarks.append(
          "\(at(entry)): vtgate \(text("hostname") ?? "") has no fqdn, so its web port is not known"
        )
        continue
      }
      guard let address = Address(name) else {
        throw fault(host, "\(Self.shown(name)) is no HOST:PORT")
      }
      let keyspaces = host["keyspaces"]?.sequence?.compactMap(\.scalar?.string) ?? []
      found.add(
        NamedServer(
          .vtgate, address, cell: text("cell"),
          keyspace: keyspaces.isEmpty ? nil : keyspaces.joined(separator: ", ")))
    }
    return list(found)
  }

  // MARK: What was found

  private struct Found {
    var servers: [NamedServer] = []
    var known: Set<Target> = []
    var isFull = false
    /// How many of another kind, by what the label says.
    var kinds: [String: Int] = [:]
    /// How many of another cluster.
    var ofOthers = 0
    var clusters: Set<String> = []
    var remarks: [String] = []

    mutating func add(_ server: NamedServer) {
      guard servers.count < ServerList.limit else { return isFull = true }
      if known.insert(server.target).inserted { servers.append(server) }
    }
  }

  /// More remarks than this about one list are counted.
  private static let remarkLimit = 3

  private func list(_ found: Found) -> ServerList {
    var remarks = Array(found.remarks.prefix(Self.remarkLimit))
    if found.remarks.count > Self.remarkLimit {
      remarks.append("\(place): and \(found.remarks.count - Self.remarkLimit) more like these")
    }
    if !found.kinds.isEmpty {
      remarks.append(
        "\(place): \(Self.servers(found.kinds.values.reduce(0, +))) left out, neither vtgates nor "
          + "vttablets: \(found.kinds.keys.sorted().joined(separator: ", "))")
    }
    let others = found.clusters.subtracting(clusters).sorted().joined(separator: ", ")
    if found.ofOthers > 0 {
      remarks.append(
        "\(place): \(Self.servers(found.ofOthers)) left out, of other clusters: \(others)")
    } else if clusters.isEmpty, found.clusters.count > 1 {
      remarks.append(
        "\(place): these are servers of several clusters, \(others): --title chooses one of them")
    }
    if found.isFull {
      remarks.append(
        "\(place): more than \(ServerList.limit.grouped) servers, the rest is left out")
    }
    return ServerList(found.servers, remarks: remarks)
  }

  private static func servers(_ count: Int) -> String {
    count == 1 ? "a server is" : "\(count.grouped) servers are"
  }

  private func at(_ node: Node) -> String { node.mark.map { "\(place):\($0)" } ?? place }

  private func fault(_ node: Node, _ reason: String) -> DiscoveryFault {
    DiscoveryFault(at(node), reason)
  }

  private func fault(_ error: any Error) -> DiscoveryFault {
    switch error as? YamlError {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      // The library's own words are about its functions.
      DiscoveryFault(
        "\(place):\(mark)", problem.contains("nesting level") ? "it is nested too deeply" : problem)
    case .duplicatedKeysInMapping(let names, let context):
      DiscoveryFault(
        "\(place):\(context.mark)", "\(names.sorted().first ?? "a name") is there twice")
    case .reader(let problem, _, _, _): DiscoveryFault(place, problem)
    default: DiscoveryFault(place, "it is neither JSON nor YAML")
    }
  }
}

extension Address {
  /// Another server that is asked in the same way, by `HOST:PORT`, or by `HOST` with the scheme's own port.
  fileprivate func named(_ text: String) -> Address? {
    guard !text.utf8.contains(UInt8(ascii: "/")),
      let place = Address(text) ?? Address("\(text):\(isSecure ? 443 : 80)")
    else { return nil }
    return Address(host: place.host, port: place.port, isSecure: isSecure, prefix: prefix)
  }
}
