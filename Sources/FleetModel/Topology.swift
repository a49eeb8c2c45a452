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

  package init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// Reads `HOST:PORT` or `[IPv6]:PORT`; nil when either part is missing or out of range.
  package init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"),
      let port = Int(text[text.index(after: colon)...]), (1...65535).contains(port)
    else { return nil }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      return nil
    }
    let forbidden: Set<Character> = ["/", "@", "?", "#", " ", "%"]
    guard !host.isEmpty, !host.contains(where: { forbidden.contains($0) || $0.isNewline }) else {
      return nil
    }
    self.init(host: String(host), port: port)
  }

  package var description: String {
    host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }

  package static func < (left: Address, right: Address) -> Bool {
    (left.host, left.port) < (right.host, right.port)
  }
}
