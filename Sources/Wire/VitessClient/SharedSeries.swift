internal import Synchronization

/// The series of vtgates, each sort kept once: those of one cell and release name the same.
final class SharedSeries: Sendable {
  /// More than there are releases and cells at a time; a sort that is not kept is not shared.
  private static let capacity = 8

  private let known = Mutex<[VtgateMetricsReader]>([])

  /// One for a vtgate that has not answered yet: it will name what another one did, most likely.
  ///
  /// To learn the series of each of a hundred vtgates and then to share them would take the memory of
  /// all for a while, which is not given back.
  var newReader: VtgateMetricsReader { known.withLock { $0.last } ?? VtgateMetricsReader() }

  /// Lets a reader that has learned something share what another one knows.
  func share(_ reader: inout VtgateMetricsReader) {
    known.withLock { known in
      for other in known where reader.share(with: other) { return }
      known.append(reader.withoutReading)
      if known.count > Self.capacity { known.removeFirst() }
    }
  }
}
