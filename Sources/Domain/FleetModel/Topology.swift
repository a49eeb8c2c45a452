/// A keyspace's shard, written `keyspace/shard` as vtctldclient does.
package struct ShardName: Sendable, Hashable, Comparable, CustomStringConvertible {
  package let keyspace: String
  package let shard: String

  package init(keyspace: String, shard: String) {
    self.keyspace = keyspace
    self.shard = shard
  }

  package var description: String { "\(keyspace)/\(shard)" }

  /// By keyspace, then along the key range: `-40`, `40-80`, `80-`.
  package static func < (left: ShardName, right: ShardName) -> Bool {
    guard left.keyspace == right.keyspace else { return left.keyspace < right.keyspace }
    // Sorted by the thousand: the starts of both ranges are compared byte by byte.
    var (lefts, rights) = (left.shard.utf8.makeIterator(), right.shard.utf8.makeIterator())
    while let byte = rangeByte(lefts.next(), rights.next()) {
      if byte.left != byte.right { return byte.left < byte.right }
    }
    return left.shard < right.shard
  }

  /// A byte of the start of each range, 0 after its end; nil after the end of both.
  private static func rangeByte(_ left: UInt8?, _ right: UInt8?) -> (left: UInt8, right: UInt8)? {
    func start(_ byte: UInt8?) -> UInt8 { byte == UInt8(ascii: "-") ? 0 : byte ?? 0 }
    let bytes = (start(left), start(right))
    return bytes == (0, 0) ? nil : bytes
  }
}

/// A tablet's name in the topology: `cell-uid`, the uid padded to ten digits.
package struct TabletAlias: Sendable, Hashable, Comparable, CustomStringConvertible {
  package let cell: String
  package let uid: UInt32

  package init(cell: String, uid: UInt32) {
    self.cell = cell
    self.uid = uid
  }

  /// Reads `zone1-0000000101`; the cell itself may contain dashes.
  package init?(_ text: String) {
    guard let dash = text.lastIndex(of: "-"), let uid = UInt32(text[text.index(after: dash)...])
    else { return nil }
    self.init(cell: String(text[..<dash]), uid: uid)
  }

  package var description: String {
    let digits = String(uid)
    return "\(cell)-\(String(repeating: "0", count: max(0, 10 - digits.count)))\(digits)"
  }

  /// The alias as people read it, on screens, in lines and in sentences: `zone1-101`.
  package var short: String { "\(cell)-\(uid)" }

  /// A server's words with the aliases in them as people read them.
  package static func shortened(in text: String) -> String {
    text.replacing(/-(\d{10})(?!\d)/) { match in
      UInt32(match.1).map { "-\($0)" } ?? String(match.0)
    }
  }

  package static func < (left: TabletAlias, right: TabletAlias) -> Bool {
    (left.cell, left.uid) < (right.cell, right.uid)
  }
}

/// A tablet's type, as numbered by topodata.proto.
package struct TabletType: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
  package let rawValue: Int
  package init(rawValue: Int) { self.rawValue = rawValue }

  package static let unknown = TabletType(rawValue: 0)
  package static let primary = TabletType(rawValue: 1)
  package static let replica = TabletType(rawValue: 2)
  package static let rdonly = TabletType(rawValue: 3)

  private static let names = [
    "unknown", "primary", "replica", "rdonly", "spare", "experimental", "backup", "restore",
    "drained",
  ]

  /// Reads a name in any case; `master` is what v10 and v11 call a primary.
  package init?(name: String) {
    let name = name.lowercased()
    if name == "master" {
      self = .primary
    } else if name == "batch" {
      self = .rdonly
    } else if let index = Self.names.firstIndex(of: name) {
      self.init(rawValue: index)
    } else {
      return nil
    }
  }

  package var description: String {
    Self.names.indices.contains(rawValue) ? Self.names[rawValue] : "type \(rawValue)"
  }
}

/// Where a server listens for HTTP.
package struct Address: Sendable, Hashable, Comparable, CustomStringConvertible {
  package let host: String
  package let port: Int

  /// Takes a host as it is; one that comes from outside goes through ``init(named:port:)``.
  package init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// Takes a host name, an IPv4 or an IPv6 address without brackets; nil when it contains what no
  /// such name does, or the port is out of range.
  package init?(named host: String, port: Int) {
    guard (1...65535).contains(port), Self.isName(host) || Self.isIPv6(host) else { return nil }
    self.init(host: host, port: port)
  }

  /// Reads `HOST:PORT` or `[IPv6]:PORT`; nil when either part is missing or out of range.
  package init?(_ text: String) {
    // By bytes: a combining mark makes another character of what stands before it.
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

  /// Letters, digits, `-`, `.` and `_`, at most 253 bytes: RFC 1123, and `_` as containers have it.
  private static func isName(_ host: String) -> Bool {
    (1...253).contains(host.utf8.count)
      && host.utf8.allSatisfy { byte in
        let letter = byte | 0x20
        return isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(letter)
          || [UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_")].contains(byte)
      }
  }

  /// Hexadecimal digits, colons and, for an IPv4 tail, dots; whether they make an address is the
  /// resolver's to say.
  private static func isIPv6(_ host: String) -> Bool {
    (2...45).contains(host.utf8.count) && host.utf8.contains(UInt8(ascii: ":"))
      && host.utf8.allSatisfy { byte in
        let letter = byte | 0x20
        return isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(letter)
          || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".")
      }
  }

  /// The host is an address and no name.
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
