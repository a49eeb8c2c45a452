internal import Certificates
package import Terms

/// A proxy that requests go through.
///
/// To a server over TLS it opens a tunnel (CONNECT, RFC 9110, section 9.3.6); a plaintext server is asked
/// by its whole URL (RFC 9112, section 3.2.2).
package struct HTTPProxy: Sendable, Equatable {
  package let address: Address
  /// The value of `Proxy-Authorization`; nil if there are no credentials.
  let authorization: String?

  /// Why a text names no proxy.
  package enum Unusable: Error, Equatable, Sendable {
    case notAnAddress
    /// SOCKS, or a proxy that is itself reached over TLS.
    case scheme(String)
  }

  /// Whether it came with credentials.
  package var hasCredentials: Bool { authorization != nil }

  /// Reads `http://HOST:PORT`, with `NAME:PASSWORD@` before the host or without, or `HOST:PORT`.
  package init(_ text: String) throws(Unusable) {
    let scheme = text.firstRange(of: "://").map { text[..<$0.lowerBound].lowercased() }
    if let scheme, scheme != "http" { throw .scheme(scheme) }
    var rest = text[...]
    if let scheme { rest = rest.dropFirst(scheme.count + 3) }
    var secret: String?
    if let at = rest.lastIndex(of: "@") {
      secret = String(rest[..<at])
      rest = rest[rest.index(after: at)...]
    }
    guard let address = Address("http://\(rest)"), address.prefix.isEmpty else {
      throw .notAnAddress
    }
    self.address = address
    authorization = try secret.map { secret throws(Unusable) in
      guard let plain = secret.percentDecoded, let credentials = HTTPCredentials(plain) else {
        throw .notAnAddress
      }
      return credentials.authorization
    }
  }
}

/// Which servers are reached through which proxy.
package struct HTTPProxies: Sendable {
  /// For servers over plaintext, and over TLS.
  package var plaintext: HTTPProxy?
  package var tls: HTTPProxy?
  private let exceptions: [ProxyException]

  /// Every server is reached directly.
  package static let none = HTTPProxies(plaintext: nil, tls: nil, except: "")

  /// `except`: servers reached directly, as `no_proxy` lists them: names and the names below them,
  /// addresses, networks (`10.0.0.0/8`), each with a port or without; `*` stands for all.
  package init(plaintext: HTTPProxy?, tls: HTTPProxy?, except: String) {
    self.plaintext = plaintext
    self.tls = tls
    exceptions = except.split { $0 == "," || $0.isWhitespace }.compactMap { ProxyException($0) }
  }

  /// Nil where a server is reached directly, as this machine always is.
  package func proxy(to server: Address) -> HTTPProxy? {
    guard let proxy = server.isSecure ? tls : plaintext, !server.isLoopback,
      !exceptions.contains(where: { $0.covers(server) })
    else { return nil }
    return proxy
  }
}

/// One entry of a `no_proxy` list.
private struct ProxyException {
  private enum Host {
    case all
    case network(IPNetwork)
    /// The name and all below it.
    case domain(String)
  }

  private let host: Host
  private let port: Int?

  init?(_ entry: Substring) {
    var text = entry.lowercased()[...]
    var port: Int?
    // An IPv6 address has colons of its own: only in brackets can a port follow.
    if let colon = text.lastIndex(of: ":"),
      text.count(where: { $0 == ":" }) == 1 || text[..<colon].hasSuffix("]"),
      let number = Int(text[text.index(after: colon)...])
    {
      port = number
      text = text[..<colon]
    }
    if text.hasPrefix("["), text.hasSuffix("]") { text = text.dropFirst().dropLast() }
    self.port = port
    if text == "*" {
      host = .all
    } else if let network = IPNetwork(String(text)) {
      host = .network(network)
    } else {
      if text.hasPrefix("*.") { text = text.dropFirst() }
      let name = text.drop { $0 == "." }
      guard !name.isEmpty else { return nil }
      host = .domain(String(name))
    }
  }

  func covers(_ server: Address) -> Bool {
    if let port, port != server.port { return false }
    switch host {
    case .all: return true
    case .network(let network): return IPNetwork(server.host).map { network.contains($0) } ?? false
    case .domain(let name):
      let host = server.host.lowercased()
      return host == name || host.hasSuffix(".\(name)")
    }
  }
}

/// `10.0.0.0/8`, or a single address.
private struct IPNetwork {
  private let bytes: [UInt8]
  /// How many leading bits count.
  private let length: Int

  init?(_ text: String) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = parts.first, let address = IPAddress(String(first)) else { return nil }
    bytes = address.bytes
    guard parts.count > 1 else {
      length = bytes.count * 8
      return
    }
    guard let length = Int(parts[1]), (0...bytes.count * 8).contains(length) else { return nil }
    self.length = length
  }

  func contains(_ other: IPNetwork) -> Bool {
    guard bytes.count == other.bytes.count, length <= other.length else { return false }
    return bytes.indices.allSatisfy { index in
      let bits = min(8, max(0, length - index * 8))
      let mask = UInt8(truncatingIfNeeded: 0xFF00 >> bits)
      return bytes[index] & mask == other.bytes[index] & mask
    }
  }
}

extension Address {
  fileprivate var isLoopback: Bool {
    if host.lowercased() == "localhost" || host.lowercased().hasSuffix(".localhost") { return true }
    return IPNetwork(host).map { address in
      ["127.0.0.0/8", "::1"].compactMap { IPNetwork($0) }.contains { $0.contains(address) }
    } ?? false
  }
}

extension String {
  /// Nil where a percent sign is not followed by two hexadecimal digits.
  fileprivate var percentDecoded: String? {
    var bytes: [UInt8] = []
    var rest = utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      let digits = rest.prefix(2)
      guard digits.count == 2, let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
      else { return nil }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return String(validating: bytes, as: UTF8.self)
  }
}
