internal import Exposition
package import FleetModel
internal import Terms

/// vtgate's `/metrics`, reduced to what a failover shows.
///
/// Names and labels: go/vt/vtgate/buffer/variables.go, go/vt/discovery/healthcheck.go and
/// go/vt/vtgate/scatter_conn.go, identical from v10 to v24 but for reason values.
package struct VtgateMetrics: Sendable {
  package internal(set) var reading = VtgateReading()
  /// `vtgate_healthcheck_checksum`, of who serves as what: see ``GatewayListing``; nil when not
  /// exported.
  package internal(set) var checksum: Double?
  /// What is wrong when the body cannot be a vtgate's.
  package internal(set) var failure: ScrapeFailure?

  /// The labels that tell its series apart, as far as they are read.
  package static let labels: Set = [
    "keyspace", "shard_name", "reason", "tablet_type", "db_type", "code",
  ]

  /// The one series that every vtgate reports, with buffering on or off, and once: it has no labels.
  package static let sizeName = "vtgate_buffer_size"
  /// Seconds since the epoch.
  package static let processStartName = "process_start_time_seconds"
  static let checksumName = "vtgate_healthcheck_checksum"
  /// The series of the vtgate as a whole.
  package static let ownNames = [sizeName, processStartName, checksumName]
  /// How often buffering began, a series a shard from when the vtgate first learns of it.
  package static let startsName = "vtgate_buffer_starts"
  /// The connections to a shard's tablets of one type; without any there is no series.
  package static let connectionsName = "vtgate_healthcheck_connections"
  /// Requests that were not buffered: the one family of the buffer's that moves while nothing is
  /// buffered.
  package static let skippedName = "vtgate_buffer_requests_skipped"
  /// Errors, each kind of which has a series from the first one on.
  package static let errorNames = [callErrorsName, clientErrorsName]
  static let callErrorsName = "vtgate_vttablet_call_error_count"
  static let clientErrorsName = "vtgate_api_error_counts"
  /// The other numbers of a shard's buffer, which move only while requests are buffered and drained.
  ///
  /// Source: go/vt/vtgate/buffer/shard_buffer.go, v10 to v24: all of it follows `startBufferingLocked`.
  package static let bufferingNames = [
    stopsName, bufferedName, "vtgate_buffer_requests_buffered_dry_run", drainedName, evictedName,
  ]
  package static let stopsName = "vtgate_buffer_stops"
  package static let bufferedName = "vtgate_buffer_requests_buffered"
  package static let drainedName = "vtgate_buffer_requests_drained"
  package static let evictedName = "vtgate_buffer_requests_evicted"
  /// Those of them that are exported only once something was buffered.
  package static let lastBufferingNames = [
    "vtgate_buffer_last_failover_duration_ms", "vtgate_buffer_last_requests_in_flight_max",
  ]

  /// The names of all series that are read, as a regular expression.
  package static let namePattern = VtgateSeries.selectors.map { selector in
    switch selector {
    case .name(let name): name
    case .prefix(let prefix): "\(prefix).+"
    }
  }.joined(separator: "|")

  init(reading: VtgateReading = VtgateReading()) { self.reading = reading }

  /// Decodes a whole body.
  ///
  /// `earlier`: a reading of the same vtgate; what is as it was there shares its memory.
  package init(body: some Sequence<UInt8>, like earlier: VtgateReading = VtgateReading()) {
    var reader = VtgateMetricsReader(like: earlier)
    self = reader.read(body)
  }
}
