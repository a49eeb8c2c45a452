/// The range of keyspace IDs that a shard's name is: `-80`, `80-c0`, `-`.
///
/// Source: go/vt/key/key.go. Zeros at the end of a bound mean nothing.
package struct KeyRange: Sendable {
  package let start: [UInt8]
  /// Empty where there is none.
  package let end: [UInt8]

  /// Nil for a shard that is not a range.
  package init?(ofShard shard: String) {
    guard let dash = shard.firstIndex(of: "-"),
      let start = Self.bytes(shard[..<dash]),
      let end = Self.bytes(shard[shard.index(after: dash)...]),
      Self.key(end).isEmpty || Self.key(start).lexicographicallyPrecedes(Self.key(end))
    else { return nil }
    self.init(from: start, to: end)
  }

  /// What a shard holds: a range, or everything if it is called `0`.
  init?(heldBy shard: String) {
    if shard == "0" { self.init(from: [], to: []) } else { self.init(ofShard: shard) }
  }

  /// The lower bound must come first.
  init(from start: [UInt8], to end: [UInt8]) { (self.start, self.end) = (start, end) }

  var isOpenBelow: Bool { Self.key(start).isEmpty }
  var isOpenAbove: Bool { Self.key(end).isEmpty }

  /// Whether another begins where it ends.
  func meets(_ next: KeyRange) -> Bool { !isOpenAbove && Self.key(end) == Self.key(next.start) }

  func precedes(_ other: KeyRange) -> Bool {
    Self.key(start).lexicographicallyPrecedes(Self.key(other.start))
  }

  func overlaps(_ other: KeyRange) -> Bool {
    !isAbove(other) && !other.isAbove(self)
  }

  private func isAbove(_ other: KeyRange) -> Bool {
    !other.isOpenAbove && !Self.key(start).lexicographicallyPrecedes(Self.key(other.end))
  }

  /// One range of several that follow each other; nil where they do not.
  static func combined(_ ranges: [KeyRange]) -> KeyRange? {
    let ranges = ranges.sorted { $0.precedes($1) }
    guard let first = ranges.first, let last = ranges.last,
      zip(ranges, ranges.dropFirst()).allSatisfy({ $0.meets($1) })
    else { return nil }
    return KeyRange(from: first.start, to: last.end)
  }

  /// Whether two shards have rows in common.
  static func overlap(_ one: String, _ other: String) -> Bool {
    guard let one = KeyRange(heldBy: one), let other = KeyRange(heldBy: other) else { return false }
    return one.overlaps(other)
  }

  private static func key(_ bound: [UInt8]) -> ArraySlice<UInt8> {
    bound[..<((bound.lastIndex { $0 != 0 } ?? -1) + 1)]
  }

  private static func bytes(_ hex: Substring) -> [UInt8]? {
    guard hex.count.isMultiple(of: 2), hex.allSatisfy({ $0.isASCII && $0.isHexDigit }) else {
      return nil
    }
    var rest = hex
    var bytes: [UInt8] = []
    while let byte = UInt8(rest.prefix(2), radix: 16) {
      bytes.append(byte)
      rest = rest.dropFirst(2)
    }
    return bytes
  }
}

extension KeyRange: Equatable, CustomStringConvertible {
  package static func == (one: KeyRange, other: KeyRange) -> Bool {
    key(one.start) == key(other.start) && key(one.end) == key(other.end)
  }

  package var description: String { "\(hexStart)-\(hexEnd)" }
  package var hexStart: String { Self.hex(start) }
  package var hexEnd: String { Self.hex(end) }

  private static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
