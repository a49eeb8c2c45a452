package import Terms

/// Shards by number, each once, in the order in which they became known.
///
/// Whatever is kept of many shards for many servers names them by these numbers and shares one list.
package struct ShardList: Sendable, Equatable {
  package private(set) var names: [ShardName] = []
  private var numbers: [ShardName: Int32] = [:]

  package init() {}

  package init(_ names: some Sequence<ShardName>) {
    for name in names { _ = number(of: name) }
  }

  package var count: Int { names.count }

  package subscript(_ number: Int) -> ShardName { names[number] }

  /// Nil: it is not on the list.
  package func known(_ name: ShardName) -> Int? { numbers[name].map { Int($0) } }

  /// Puts a shard on the list that is not there.
  package mutating func number(of name: ShardName) -> Int {
    if let known = known(name) { return known }
    numbers[name] = Int32(names.count)
    names.append(name)
    return names.count - 1
  }

  /// Whether both are in the same memory, which is known at once.
  func isShared(with other: ShardList) -> Bool {
    names.count == other.names.count
      && names.withUnsafeBufferPointer { own in
        other.names.withUnsafeBufferPointer { own.baseAddress == $0.baseAddress }
      }
  }

  /// The numbers follow from the names.
  package static func == (left: ShardList, right: ShardList) -> Bool { left.names == right.names }
}
