internal import Terms

extension Leaves {
  /// Takes a value apart: nil has no leaf, and a duration becomes nanoseconds.
  init(of value: some Encodable) throws {
    let sink = LeafSink()
    try LeafEncoder(sink: sink, path: "").write(value)
    self = sink.leaves
  }
}

private final class LeafSink {
  var leaves: Leaves = [:]
}

/// What is at one path.
private struct LeafEncoder: Encoder {
  let sink: LeafSink
  let path: String
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    KeyedEncodingContainer(KeyedLeaves(parent: opened()))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer { ListedLeaves(parent: opened()) }
  func singleValueContainer() -> any SingleValueEncodingContainer { SingleLeaf(encoder: self) }

  func put(_ leaf: Leaf) { sink.leaves[path] = leaf }

  func write(_ value: some Encodable) throws {
    if let duration = value as? Duration, .nanoseconds(duration.wholeNanoseconds) == duration {
      put(.integer(duration.wholeNanoseconds))
    } else {
      try value.encode(to: self)
    }
  }

  private func opened() -> OpenedContainer {
    put(.empty)
    return OpenedContainer(encoder: self)
  }
}

/// A list or object, which counts as empty until something is written into it.
private struct OpenedContainer {
  let encoder: LeafEncoder
  private var isEmpty = true

  init(encoder: LeafEncoder) { self.encoder = encoder }

  mutating func child(_ name: String) -> LeafEncoder {
    if isEmpty {
      isEmpty = false
      encoder.sink.leaves[encoder.path] = nil
    }
    return LeafEncoder(sink: encoder.sink, path: LeafPath.joined(encoder.path, name))
  }
}

private struct KeyedLeaves<Key: CodingKey>: KeyedEncodingContainerProtocol {
  var parent: OpenedContainer
  var codingPath: [any CodingKey] { [] }

  mutating func child(_ key: Key) -> LeafEncoder { parent.child(key.stringValue) }

  mutating func encodeNil(forKey key: Key) {}
  mutating func encode(_ value: Bool, forKey key: Key) { child(key).put(.integer(value ? 1 : 0)) }
  mutating func encode(_ value: String, forKey key: Key) { child(key).put(.text(value)) }
  mutating func encode(_ value: Double, forKey key: Key) { child(key).put(.real(value)) }
  mutating func encode(_ value: Int, forKey key: Key) { child(key).put(.integer(Int64(value))) }
  mutating func encode(_ value: Int64, forKey key: Key) { child(key).put(.integer(value)) }
  mutating func encode(_ value: some Encodable, forKey key: Key) throws {
    try child(key).write(value)
  }

  mutating func nestedContainer<NestedKey: CodingKey>(
    keyedBy keyType: NestedKey.Type, forKey key: Key
  ) -> KeyedEncodingContainer<NestedKey> { child(key).container(keyedBy: keyType) }
  mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    child(key).unkeyedContainer()
  }
  mutating func superEncoder() -> any Encoder { parent.child("super") }
  mutating func superEncoder(forKey key: Key) -> any Encoder { child(key) }
}

private struct ListedLeaves: UnkeyedEncodingContainer {
  var parent: OpenedContainer
  private(set) var count = 0
  var codingPath: [any CodingKey] { [] }

  init(parent: OpenedContainer) { self.parent = parent }

  mutating func child() -> LeafEncoder {
    defer { count += 1 }
    return parent.child(String(count))
  }

  mutating func encodeNil() { count += 1 }
  mutating func encode(_ value: some Encodable) throws { try child().write(value) }

  mutating func nestedContainer<NestedKey: CodingKey>(
    keyedBy keyType: NestedKey.Type
  ) -> KeyedEncodingContainer<NestedKey> { child().container(keyedBy: keyType) }
  mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    child().unkeyedContainer()
  }
  mutating func superEncoder() -> any Encoder { child() }
}

private struct SingleLeaf: SingleValueEncodingContainer {
  let encoder: LeafEncoder
  var codingPath: [any CodingKey] { [] }

  func encodeNil() {}
  func encode(_ value: Bool) { encoder.put(.integer(value ? 1 : 0)) }
  func encode(_ value: String) { encoder.put(.text(value)) }
  func encode(_ value: Double) { encoder.put(.real(value)) }
  func encode(_ value: Float) { encoder.put(.real(Double(value))) }
  func encode(_ value: Int) { encoder.put(.integer(Int64(value))) }
  func encode(_ value: Int8) { encoder.put(.integer(Int64(value))) }
  func encode(_ value: Int16) { encoder.put(.integer(Int64(value))) }
  func encode(_ value: Int32) { encoder.put(.integer(Int64(value))) }
  func encode(_ value: Int64) { encoder.put(.integer(value)) }
  func encode(_ value: UInt) { encoder.put(.integer(Int64(bitPattern: UInt64(value)))) }
  func encode(_ value: UInt8) { encoder.put(.integer(Int64(value))) }
  func encode(_ value: UInt16) { encoder.put(.integer(Int64(value))) }
  func encode(_ value: UInt32) { encoder.put(.integer(Int64(value))) }
  func encode(_ value: UInt64) { encoder.put(.integer(Int64(bitPattern: value))) }
  func encode(_ value: some Encodable) throws { try encoder.write(value) }
}
