/// An array whose copies share what has not changed, element by element.
///
/// Looking back keeps hundreds of copies of a run's failovers and events, each of which differs from
/// the one before it by one or two.
package struct SharingArray<Element> {
  /// One in each: only that one is copied when it changes.
  private var pieces: [[Element]] = []

  package init() {}

  package init(_ elements: some Sequence<Element>) { pieces = elements.map { [$0] } }

  mutating func append(_ element: Element) { pieces.append([element]) }

  @discardableResult
  mutating func removeFirst() -> Element { pieces.removeFirst()[0] }

  /// How many elements stand at the same place of another one, in the same memory.
  func count(sharedWith other: SharingArray) -> Int {
    func place(_ piece: [Element]) -> UnsafePointer<Element>? {
      piece.withUnsafeBufferPointer { $0.baseAddress }
    }
    return zip(pieces, other.pieces).count { place($0) == place($1) }
  }
}

extension SharingArray: RandomAccessCollection, MutableCollection {
  package var startIndex: Int { 0 }
  package var endIndex: Int { pieces.count }

  package subscript(position: Int) -> Element {
    get { pieces[position][0] }
    set { pieces[position][0] = newValue }
    _modify { yield &pieces[position][0] }
  }
}

extension SharingArray: Sendable where Element: Sendable {}
extension SharingArray: Equatable where Element: Equatable {}

/// As an array would be.
extension SharingArray: Decodable where Element: Decodable {
  package init(from decoder: any Decoder) throws { self.init(try [Element](from: decoder)) }
}

extension SharingArray: Encodable where Element: Encodable {
  package func encode(to encoder: any Encoder) throws { try Array(self).encode(to: encoder) }
}
