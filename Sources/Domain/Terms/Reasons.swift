/// A reason by which something is counted; of those that no release has, any may come.
package protocol CountedReason: RawRepresentable<String>, Hashable, Sendable, Codable,
  CodingKeyRepresentable
{
  /// Those of Vitess' releases.
  static var known: [Self] { get }
}

/// Why a vtgate stopped buffering.
///
/// Values of `vtgate_buffer_stops{reason}`, v10 to v24.
package struct StopReason: CountedReason {
  package let rawValue: String
  package init(rawValue: String) { self.rawValue = rawValue }

  package static let newPrimarySeen = StopReason(rawValue: "NewPrimarySeen")
  package static let maxDurationExceeded = StopReason(rawValue: "MaxDurationExceeded")
  package static let reshardingComplete = StopReason(rawValue: "ReshardingComplete")
  package static let moveTablesSwitchedTraffic = StopReason(rawValue: "MoveTablesSwitchedTraffic")
  package static let shutdown = StopReason(rawValue: "Shutdown")

  package static let known: [StopReason] = [
    .newPrimarySeen, .maxDurationExceeded, .reshardingComplete, .moveTablesSwitchedTraffic,
    .shutdown,
  ]
}

/// Why a queued request was thrown out.
///
/// Values of `vtgate_buffer_requests_evicted{reason}`.
package struct EvictReason: CountedReason {
  package let rawValue: String
  package init(rawValue: String) { self.rawValue = rawValue }

  package static let contextDone = EvictReason(rawValue: "ContextDone")
  package static let bufferFull = EvictReason(rawValue: "BufferFull")
  package static let windowExceeded = EvictReason(rawValue: "WindowExceeded")

  package static let known: [EvictReason] = [.contextDone, .bufferFull, .windowExceeded]
}

/// Why a request was not queued.
///
/// Values of `vtgate_buffer_requests_skipped{reason}`.
package struct SkipReason: CountedReason {
  package let rawValue: String
  package init(rawValue: String) { self.rawValue = rawValue }

  package static let bufferFull = SkipReason(rawValue: "BufferFull")
  package static let disabled = SkipReason(rawValue: "Disabled")
  package static let shutdown = SkipReason(rawValue: "Shutdown")
  package static let lastReparentTooRecent = SkipReason(rawValue: "LastReparentTooRecent")
  package static let lastFailoverTooRecent = SkipReason(rawValue: "LastFailoverTooRecent")

  package static let known: [SkipReason] = [
    .bufferFull, .disabled, .shutdown, .lastReparentTooRecent, .lastFailoverTooRecent,
  ]
}
