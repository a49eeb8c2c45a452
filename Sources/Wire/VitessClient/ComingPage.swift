internal import Synchronization

/// What reads a page in pieces, which may end anywhere.
protocol PieceReader: Sendable {
  mutating func scan(_ piece: UnsafeRawBufferPointer)
}

extension VtgateMetricsReader: PieceReader {}
extension TabletMetrics: PieceReader {}

/// A page that is still coming, read in place and never collected.
///
/// Each poll has its own: what belated pieces of one that was given up say goes nowhere.
final class ComingPage<Reader: PieceReader>: BodyReader {
  private let reader: Mutex<Reader>

  init(_ reader: Reader) { self.reader = Mutex(reader) }

  func read(_ piece: UnsafeRawBufferPointer) { reader.withLock { $0.scan(piece) } }

  /// Ends it with all that has come.
  func end<Value: Sendable>(_ end: (inout Reader) -> Value) -> Value {
    reader.withLock { end(&$0) }
  }
}
