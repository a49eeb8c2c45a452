/// Where a server listens for HTTP.
package struct Address: Sendable, Hashable, Comparable, CustomStringConvertible {
  package let host: String
  package let port: Int

  /// Uses the host as given; a host from outside goes through ``init(named:port:)``.
  package init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// Takes a host name, an IPv4 address or an IPv6 address without brackets; nil when it contains
  /// characters that none of these may, or the port is out of range.
  package init?(named host: String, port: Int) {
    guard (1...65535).contains(port), Self.isName(host) || Self.isIPv6(host) else { return nil }
    self.init(host: host, port: port)
  }

  /// Reads `HOST:PORT` or `[IPv6]:PORT`; nil when either part is missing or out of range.
  package init?(_ text: String) {
    // By bytes, because a combining mark changes the character it follows.
    let bytes = text.utf8
    guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")) else { return nil }
    let digits = bytes[bytes.index(after: colon)...]
    guard digits.count <= 5, digits.allSatisfy(Self.isDigit),
      let port = Int(String(decoding: digits, as: UTF8.self))
    else { return nil }
    let host = bytes[..<colon]
    if host.first == UInt8(ascii: "["), host.last == UInt8(ascii: "]"), host.count > 2 {
      let inner = String(decoding: host.dropFirst().dropLast(), as: UTF8.self)
      guard Self.isIPv6(inner) else { return nil }
      self.init(named: inner, port: port)
    } else {
      let name = String(decoding: host, as: UTF8.self)
      guard Self.isName(name) else { return nil }
      self.init(named: name, port: port)
    }
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  /// Letters, digits, `-`, `.` and `_`, at most 253 bytes: RFC 1123, plus `_`, which containers
  /// use.
  private static func isName(_ host: String) -> Bool {
    (1...253).contains(host.utf8.count)
      && host.utf8.allSatisfy { byte in
        let letter = byte | 0x20
        return isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(letter)
          || [UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_")].contains(byte)
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

  package var description: String {
    host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }

  package static func < (left: Address, right: Address) -> Bool {
    (left.host, left.port) < (right.host, right.port)
  }
}
