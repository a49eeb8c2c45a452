package import FleetModel
internal import Terms

/// Stand-ins for hosts and addresses, such as `vtgate-1`, so that text can be shown to others.
///
/// A stand-in keeps its meaning for as long as the mask lives, whatever is added. Names of cells,
/// keyspaces and tablets are not masked.
package struct HostMask: Sendable, Equatable {
  /// Used for anything without a stand-in, which is not named either.
  private static let otherServer = "another server"
  private static let otherHost = "another host"

  private var servers: [Address: String] = [:]
  private var hosts: [String: String] = [:]
  /// How many servers of each kind have a stand-in.
  private var counts: [String: Int] = [:]

  package init(_ targets: some Sequence<Target>) { add(targets) }

  /// Gives stand-ins to servers that have none, in the order of their kinds and addresses.
  package mutating func add(_ targets: some Sequence<Target>) {
    for target in targets.sorted() where servers[target.address] == nil {
      counts[target.kind.name, default: 0] += 1
      servers[target.address] = "\(target.kind.name)-\(counts[target.kind.name, default: 0])"
      if hosts[target.address.host] == nil {
        hosts[target.address.host] = "host-\(hosts.count + 1)"
      }
    }
  }

  func name(_ address: Address) -> String { servers[address] ?? Self.otherServer }

  /// One-line texts without the addresses and known hosts in them.
  package func masked(_ texts: [String]) -> [String] {
    masked(texts.joined(separator: "\n")).split(separator: "\n", omittingEmptySubsequences: false)
      .map(String.init)
  }

  /// A text without the addresses and known hosts in it.
  ///
  /// An unknown host name counts as an address only with its port; an IP address always does.
  func masked(_ text: String) -> String {
    let token =
      #/
      # a server behind a front, which a scheme or a prefix tells apart
      (?: https?:// )? (?: \[ [0-9A-Fa-f:.]+ \] | [A-Za-z0-9._\-]+ ) :\d{1,5} / [A-Za-z0-9._~%/\-]+
      | https?:// (?: \[ [0-9A-Fa-f:.]+ \] | [A-Za-z0-9._\-]+ ) (?: :\d{1,5} )?
      # IPv6 in brackets, also cut off, in full, and shortened
      | \[ [0-9A-Fa-f.]* : [0-9A-Fa-f:.]* \] (?: :\d{1,5} )?
      | \[ [0-9A-Fa-f:.]* […~]
      | (?: [0-9A-Fa-f]{1,4} : ){7} [0-9A-Fa-f]{1,4}
      | [0-9A-Fa-f:]* :: [0-9A-Fa-f:.]*
      # a name or IPv4, with or without a port
      | [A-Za-z0-9] (?: [A-Za-z0-9._\-]* [A-Za-z0-9] )? (?: :\d{1,5} (?! \d | :\d ) )?
        # and cut off
        (?: [.:\-]? […~] )?
      /#
    // In one pass, so that no stand-in is mistaken for a host. A stand-in tells the kind of server
    // itself.
    return text.replacing(token) { standIn(for: String($0.output)) }
      .replacing(/\b(vtgate|proxy|gate|vttablet|vtctld)\ (?=\1-\d)/, with: "")
  }

  /// A page's URL keeps its path behind the server's stand-in.
  private func standIn(forURL token: String) -> String {
    // A number before a colon belongs to a time.
    guard let address = Address(token), !address.host.allSatisfy(\.isNumber) else { return token }
    if let name = servers[address] { return name }
    let own = servers.filter { server, _ in
      address.authority == server.authority && address.prefix.hasPrefix(server.prefix)
    }
    guard let server = own.keys.max(by: { $0.prefix.count < $1.prefix.count }),
      let name = own[server]
    else { return Self.otherServer }
    return name + address.prefix.dropFirst(server.prefix.count)
  }

  private func standIn(for token: String) -> String {
    if let last = token.last, last == "…" || last == "~" {
      let rest = String(token.dropLast())
      // A name with a dot in it and a letter on either side is a host's, as far as one can tell.
      let isDotted = rest.contains(/[A-Za-z][A-Za-z0-9\-]*\.[A-Za-z]/)
      let isHost =
        isDotted || standIn(for: rest) != rest
        || servers.keys.contains { $0.description.hasPrefix(rest) }
      return isHost ? String(last) : token
    }
    if let host = hosts[token] { return host }
    if token.contains("/") { return standIn(forURL: token) }
    // A number before a colon belongs to a time.
    if let address = Address(token), !address.host.allSatisfy(\.isNumber) { return name(address) }
    let isIPv6 = token.hasPrefix("[") || token.contains("::") || token.count { $0 == ":" } == 7
    let groups = token.split(separator: ".", omittingEmptySubsequences: false)
    let isIPv4 = groups.count == 4 && groups.allSatisfy { UInt8($0) != nil }
    return isIPv6 || isIPv4 ? Self.otherHost : token
  }
}
