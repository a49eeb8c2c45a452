/// A keyspace's shard, written `keyspace/shard` as vtctldclient does.
///
/// Like everything in this room it is vocabulary that the other rooms share: shards, tablets,
/// addresses and reasons as Vitess spells them, instants and durations with the one way each is
/// read and written, and what differs between releases (``Release``). Nothing here knows about a
/// cluster or queries one.
package struct ShardName: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// Of both names: shards are looked up by their names a hundred thousand times a second.
  private let digest: Int
  package let keyspace: String
  package let shard: String

  package init(keyspace: String, shard: String) {
    self.keyspace = keyspace
    self.shard = shard
    var hasher = Hasher()
    hasher.combine(keyspace)
    hasher.combine(shard)
    digest = hasher.finalize()
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(digest) }

  /// Reads `keyspace/shard`; nil when either is missing or there is more than one slash.
  ///
  /// Neither name may contain a slash (go/vt/topo/validator.go).
  package init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
    self.init(keyspace: String(parts[0]), shard: String(parts[1]))
  }

  package var description: String { "\(keyspace)/\(shard)" }

  /// By keyspace, then along the key range: `-40`, `40-80`, `80-`.
  package static func < (left: ShardName, right: ShardName) -> Bool {
    guard left.keyspace == right.keyspace else { return left.keyspace < right.keyspace }
    // Thousands of names are sorted, so the starts of both ranges are compared byte by byte.
    var (lefts, rights) = (left.shard.utf8.makeIterator(), right.shard.utf8.makeIterator())
    while let byte = rangeByte(lefts.next(), rights.next()) {
      if byte.left != byte.right { return byte.left < byte.right }
    }
    return left.shard < right.shard
  }

  /// One byte of the start of each range, 0 past its end; nil past the end of both.
  private static func rangeByte(_ left: UInt8?, _ right: UInt8?) -> (left: UInt8, right: UInt8)? {
    func start(_ byte: UInt8?) -> UInt8 { byte == UInt8(ascii: "-") ? 0 : byte ?? 0 }
    let bytes = (start(left), start(right))
    return bytes == (0, 0) ? nil : bytes
  }
}
