/// A dictionary whose copies share what has not changed, entry by entry.
///
/// A dictionary is copied whole as soon as one of its values changes. That of ten thousand tablets is eight
/// megabytes long, and looking back keeps one for each of many moments; here a moment costs a reference an
/// entry, and the entries that have changed since the moment before it.
package struct SharingDictionary<Key: Hashable, Value> {
  /// An array of one is a value in memory of its own.
  private var entries: [Key: [Value]] = [:]

  package init() {}

  package var count: Int { entries.count }
  package var isEmpty: Bool { entries.isEmpty }
  package var keys: Dictionary<Key, [Value]>.Keys { entries.keys }
  package var values: LazyMapCollection<Dictionary<Key, [Value]>.Values, Value> {
    entries.values.lazy.map { $0[0] }
  }

  package subscript(_ key: Key) -> Value? {
    get { entries[key]?[0] }
    set { entries[key] = newValue.map { [$0] } }
  }

  subscript(_ key: Key, default value: @autoclosure () -> Value) -> Value {
    get { self[key] ?? value() }
    _modify { yield &entries[key, default: [value()]][0] }
  }

  /// Changes a value in place; nil where there is none.
  mutating func change<Result>(of key: Key, _ change: (inout Value) -> Result) -> Result? {
    guard let index = entries.index(forKey: key) else { return nil }
    return change(&entries.values[index][0])
  }

  package func mapValues<Mapped>(_ map: (Value) throws -> Mapped) rethrows -> [Key: Mapped] {
    try entries.mapValues { try map($0[0]) }
  }

  /// Part of a value, which is not copied for it.
  func part<Part>(of key: Key, _ part: (Value) -> Part?) -> Part? {
    entries[key].flatMap { part($0[0]) }
  }

  /// The keys of values that are so; none of these is copied for it.
  func keys(where isSo: (Value) -> Bool) -> [Key] {
    entries.compactMap { isSo($0.value[0]) ? $0.key : nil }
  }

  /// The values that are so; no other is copied.
  func filter(_ isSo: (Value) -> Bool) -> [Value] {
    entries.values.compactMap { isSo($0[0]) ? $0[0] : nil }
  }

  func count(where isSo: (Value) -> Bool) -> Int { entries.values.count { isSo($0[0]) } }

  func contains(where isSo: (Value) -> Bool) -> Bool { entries.values.contains { isSo($0[0]) } }

  /// Changes all values.
  mutating func changeAll(_ change: (inout Value) -> Void) {
    for index in entries.values.indices { change(&entries.values[index][0]) }
  }
}

extension SharingDictionary: Sequence {
  package func makeIterator() -> some IteratorProtocol<(key: Key, value: Value)> {
    entries.lazy.map { (key: $0.key, value: $0.value[0]) }.makeIterator()
  }
}

extension SharingDictionary: Sendable where Key: Sendable, Value: Sendable {}
extension SharingDictionary: Equatable where Value: Equatable {}

/// As the dictionary that it is.
extension SharingDictionary: Codable where Key: Codable, Value: Codable {
  package init(from decoder: any Decoder) throws {
    entries = try [Key: Value](from: decoder).mapValues { [$0] }
  }

  package func encode(to encoder: any Encoder) throws {
    try entries.mapValues { $0[0] }.encode(to: encoder)
  }
}
