/// Failovers in order, each in memory of its own.
///
/// Looking back keeps hundreds of copies of a run's list: they share every failover that did not
/// change between them.
package struct Failovers: Sendable, Equatable {
  /// One in each: only that one is copied when it changes.
  private var pieces: [[Failover]] = []

  package init(_ failovers: some Sequence<Failover> = []) { pieces = failovers.map { [$0] } }

  mutating func append(_ failover: Failover) { pieces.append([failover]) }

  mutating func removeFirst() -> Failover { pieces.removeFirst()[0] }
}

extension Failovers: RandomAccessCollection, MutableCollection {
  package var startIndex: Int { 0 }
  package var endIndex: Int { pieces.count }

  package subscript(position: Int) -> Failover {
    get { pieces[position][0] }
    set { pieces[position][0] = newValue }
    _modify { yield &pieces[position][0] }
  }
}

/// As an array would be.
extension Failovers: Codable {
  package init(from decoder: any Decoder) throws { self.init(try [Failover](from: decoder)) }

  package func encode(to encoder: any Encoder) throws { try Array(self).encode(to: encoder) }
}
