/// The leaves do not form a value of the wanted type.
struct LeafMismatch: Error {
  let path: String
}

extension Leaves {
  /// Reassembles a value that ``init(of:)`` took apart.
  func value<Whole: Decodable>(_ type: Whole.Type = Whole.self) throws -> Whole {
    var tree = LeafTree()
    for (path, leaf) in self { tree.put(leaf, at: path.isEmpty ? nil : path[...]) }
    return try LeafDecoder(tree: tree, path: "").read(type)
  }
}

private struct LeafTree {
  var leaf: Leaf?
  var children: [String: LeafTree] = [:]

  mutating func put(_ leaf: Leaf, at path: Substring?) {
    guard let path else {
      self.leaf = leaf
      return
    }
    let (name, rest) = LeafPath.first(of: path)
    children[name, default: LeafTree()].put(leaf, at: rest)
  }
}

private struct LeafDecoder: Decoder {
  let tree: LeafTree
  let path: String
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }
  var mismatch: LeafMismatch { LeafMismatch(path: path) }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(KeyedLeaves(decoder: try container()))
  }
  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    ListedLeaves(decoder: try container())
  }
  func singleValueContainer() -> any SingleValueDecodingContainer { SingleLeaf(decoder: self) }

  func child(_ name: String) -> LeafDecoder? {
    tree.children[name].map { LeafDecoder(tree: $0, path: LeafPath.joined(path, name)) }
  }

  func read<Value: Decodable>(_ type: Value.Type) throws -> Value {
    if type == Duration.self, case .integer(let nanoseconds) = tree.leaf {
      guard let duration = Duration.nanoseconds(nanoseconds) as? Value else { throw mismatch }
      return duration
    }
    return try Value(from: self)
  }

  func integer<Number: FixedWidthInteger>(_ type: Number.Type) throws -> Number {
    guard case .integer(let number) = tree.leaf else { throw mismatch }
    if Number.self == UInt64.self || Number.self == UInt.self {
      return Number(truncatingIfNeeded: number)
    }
    guard let number = Number(exactly: number) else { throw mismatch }
    return number
  }

  func real() throws -> Double {
    switch tree.leaf {
    case .real(let number): return number
    case .integer(let number): return Double(number)
    case .text(let text):
      guard let number = Double(text) else { throw mismatch }
      return number
    case .empty, nil: throw mismatch
    }
  }

  func text() throws -> String {
    guard case .text(let text) = tree.leaf else { throw mismatch }
    return text
  }

  private func container() throws -> LeafDecoder {
    guard !tree.children.isEmpty || tree.leaf == .empty else { throw mismatch }
    return self
  }
}

private struct KeyedLeaves<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let decoder: LeafDecoder
  var codingPath: [any CodingKey] { [] }
  var allKeys: [Key] { decoder.tree.children.keys.compactMap { Key(stringValue: $0) } }

  func contains(_ key: Key) -> Bool { decoder.tree.children[key.stringValue] != nil }
  func decodeNil(forKey key: Key) -> Bool { !contains(key) }

  private func child(_ key: Key) throws -> LeafDecoder {
    guard let child = decoder.child(key.stringValue) else {
      throw LeafMismatch(path: LeafPath.joined(decoder.path, key.stringValue))
    }
    return child
  }

  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    try child(key).read(type)
  }
  func nestedContainer<NestedKey: CodingKey>(
    keyedBy type: NestedKey.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<NestedKey> { try child(key).container(keyedBy: type) }
  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try child(key).unkeyedContainer()
  }
  func superDecoder() throws -> any Decoder { decoder }
  func superDecoder(forKey key: Key) throws -> any Decoder { try child(key) }
}

private struct ListedLeaves: UnkeyedDecodingContainer {
  let decoder: LeafDecoder
  private(set) var currentIndex = 0
  let count: Int?
  var codingPath: [any CodingKey] { [] }
  var isAtEnd: Bool { currentIndex >= count ?? 0 }

  init(decoder: LeafDecoder) {
    self.decoder = decoder
    // No more than there are leaves, whatever a damaged file claims.
    count = decoder.tree.children.count
  }

  private mutating func next() throws -> LeafDecoder {
    guard let child = decoder.child(String(currentIndex)) else { throw decoder.mismatch }
    currentIndex += 1
    return child
  }

  mutating func decodeNil() -> Bool { false }
  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try next().read(type)
  }
  mutating func nestedContainer<NestedKey: CodingKey>(
    keyedBy type: NestedKey.Type
  ) throws -> KeyedDecodingContainer<NestedKey> { try next().container(keyedBy: type) }
  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try next().unkeyedContainer()
  }
  mutating func superDecoder() throws -> any Decoder { try next() }
}

private struct SingleLeaf: SingleValueDecodingContainer {
  let decoder: LeafDecoder
  var codingPath: [any CodingKey] { [] }

  func decodeNil() -> Bool { decoder.tree.leaf == nil && decoder.tree.children.isEmpty }
  func decode(_ type: Bool.Type) throws -> Bool { try decoder.integer(Int64.self) != 0 }
  func decode(_ type: String.Type) throws -> String { try decoder.text() }
  func decode(_ type: Double.Type) throws -> Double { try decoder.real() }
  func decode(_ type: Float.Type) throws -> Float { Float(try decoder.real()) }
  func decode(_ type: Int.Type) throws -> Int { try decoder.integer(type) }
  func decode(_ type: Int8.Type) throws -> Int8 { try decoder.integer(type) }
  func decode(_ type: Int16.Type) throws -> Int16 { try decoder.integer(type) }
  func decode(_ type: Int32.Type) throws -> Int32 { try decoder.integer(type) }
  func decode(_ type: Int64.Type) throws -> Int64 { try decoder.integer(type) }
  func decode(_ type: UInt.Type) throws -> UInt { try decoder.integer(type) }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try decoder.integer(type) }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try decoder.integer(type) }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try decoder.integer(type) }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try decoder.integer(type) }
  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try decoder.read(type) }
}
