internal import FleetModel
package import Terms

extension Forecast {
  /// A count that a vtgate makes and a forecast foretells.
  package enum Row: Sendable, Hashable {
    case starts
    case stops(StopReason)
    case buffered, drained
    case evicted(EvictReason)
    case skipped(SkipReason)
    case peak

    /// In the order in which they are shown.
    package static let all: [Row] =
      [.starts, .stops(.newPrimarySeen), .stops(.maxDurationExceeded), .buffered, .drained]
      + [.bufferFull, .windowExceeded, .contextDone].map { .evicted($0) }
      + [.bufferFull, .lastFailoverTooRecent, .lastReparentTooRecent].map { .skipped($0) } + [.peak]
  }

  package subscript(row: Row) -> Count {
    switch row {
    case .starts: starts
    case .stops(let reason): stops[reason] ?? Count(0)
    case .buffered: buffered
    case .drained: drained
    case .evicted(let reason): evicted[reason] ?? Count(0)
    case .skipped(let reason): skipped[reason] ?? Count(0)
    case .peak: peak
    }
  }
}

extension RecordedOutage {
  /// What the vtgate counted; nil where it does not say.
  package func counted(_ row: Forecast.Row) -> Int? {
    switch row {
    case .starts: counts.starts
    case .stops(let reason): counts.stops[reason, default: 0]
    case .buffered: counts.buffered
    case .drained: counts.drained
    case .evicted(let reason): counts.evicted[reason, default: 0]
    case .skipped(let reason): counts.skipped[reason, default: 0]
    case .peak: hasBuffered ? peak : 0
    }
  }
}
