/// Where a server listens for HTTP, as one reaches it: `gate-1:15001`, or behind a front
/// `https://vitess.example:443/gate-1`.
package struct Address: Sendable, Hashable, Comparable, CustomStringConvertible {
  package let host: String
  package let port: Int
  /// Over TLS.
  package let isSecure: Bool
  /// What stands before the path of each page: empty, or `/gate-1`.
  package let prefix: String

  /// Uses the host as given; a host from outside goes through ``init(named:port:)``.
  package init(host: String, port: Int, isSecure: Bool = false, prefix: String = "") {
    self.host = host
    self.port = port
    self.isSecure = isSecure
    self.prefix = prefix
  }

  /// Takes a host name, an IPv4 address or an IPv6 address without brackets; nil when it contains
  /// characters that none of these may, or the port is out of range.
  package init?(named host: String, port: Int) {
    guard (1...65535).contains(port), Self.isName(host) || Self.isIPv6(host) else { return nil }
    self.init(host: host, port: port)
  }

  /// Reads `HOST:PORT` or `[IPv6]:PORT`, with a prefix of its pages' paths behind it or without, or
  /// all of that behind `http://` or `https://`, which have ports of their own; nil when a part is
  /// missing or out of range.
  package init?(_ text: String) {
    // Most are `HOST:PORT`, and lists of them may be long.
    guard text.utf8.contains(UInt8(ascii: "/")) else {
      guard let own = Self.place(text) else { return nil }
      self = own
      return
    }
    let scheme = ["https://", "http://"].first(where: text.lowercased().hasPrefix)
    let rest = text.dropFirst(scheme?.count ?? 0)
    let authority = rest.prefix { $0 != "/" }
    let isSecure = scheme == "https://"
    var own = Self.place(String(authority))
    if own == nil, scheme != nil { own = Self.place("\(authority):\(isSecure ? 443 : 80)") }
    guard let own, let prefix = Self.prefix(String(rest.dropFirst(authority.count)))
    else { return nil }
    self.init(host: own.host, port: own.port, isSecure: isSecure, prefix: prefix)
  }

  /// A path without the slash at its end; nil when it is too long, or has characters that a path may
  /// not have (RFC 3986, section 3.3).
  private static func prefix(_ text: String) -> String? {
    let marks = Array("-._~!$&'()*+,;=:@%/".utf8)
    let isPath = text.utf8.allSatisfy { byte in
      isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        || marks.contains(byte)
    }
    guard isPath, text.utf8.count <= 512 else { return nil }
    return String(text.reversed().drop { $0 == "/" }.reversed())
  }

  /// Reads `HOST:PORT` or `[IPv6]:PORT`.
  private static func place(_ text: String) -> Address? {
    // By bytes, because a combining mark changes the character it follows.
    let bytes = text.utf8
    guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")) else { return nil }
    let digits = bytes[bytes.index(after: colon)...]
    guard digits.count <= 5, digits.allSatisfy(isDigit),
      let port = Int(String(decoding: digits, as: UTF8.self))
    else { return nil }
    let host = bytes[..<colon]
    if host.first == UInt8(ascii: "["), host.last == UInt8(ascii: "]"), host.count > 2 {
      let inner = String(decoding: host.dropFirst().dropLast(), as: UTF8.self)
      return isIPv6(inner) ? Address(named: inner, port: port) : nil
    }
    let name = String(decoding: host, as: UTF8.self)
    return isName(name) ? Address(named: name, port: port) : nil
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }

  /// Letters, digits, `-`, `.` and `_`, at most 253 bytes: RFC 1123, plus `_`, which containers
  /// use.
  private static func isName(_ host: String) -> Bool {
    (1...253).contains(host.utf8.count)
      && host.utf8.allSatisfy { byte in
        let letter = byte | 0x20
        return letter >= UInt8(ascii: "a") && letter <= UInt8(ascii: "z") || isDigit(byte)
          || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
      }
  }

  /// Hexadecimal digits, colons and, for an IPv4 tail, dots; whether they form an address is up to
  /// the resolver.
  private static func isIPv6(_ host: String) -> Bool {
    (2...45).contains(host.utf8.count) && host.utf8.contains(UInt8(ascii: ":"))
      && host.utf8.allSatisfy { byte in
        let letter = byte | 0x20
        return isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(letter)
          || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".")
      }
  }

  /// The host is an IP address rather than a name.
  package var isNumeric: Bool {
    host.contains(":") || host.utf8.allSatisfy { Self.isDigit($0) || $0 == UInt8(ascii: ".") }
  }

  /// `HOST:PORT`, with an IPv6 address in brackets.
  package var authority: String {
    host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }

  /// As it is typed, shortest.
  package var description: String { (isSecure ? "https://" : "") + authority + prefix }

  /// The server itself, whatever stands before its pages' paths.
  package var withoutPrefix: Address { Address(host: host, port: port, isSecure: isSecure) }

  /// Whether it is a host and a port alone.
  package var isBare: Bool { !isSecure && prefix.isEmpty }

  /// The URL of a page; `path` begins with a slash.
  package func url(_ path: String) -> String {
    (isSecure ? "https://" : "http://") + authority + prefix + path
  }

  package static func < (left: Address, right: Address) -> Bool {
    (left.host, left.port, left.prefix, left.isSecure ? 1 : 0)
      < (right.host, right.port, right.prefix, right.isSecure ? 1 : 0)
  }
}
