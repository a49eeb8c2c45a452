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

  /// The names of all series that are read, as a regular expression.
  package static let namePattern = VtgateSeries.selectors.map { selector in
    switch selector {
    case .name(let name): name
    case .prefix(let prefix): "\(prefix).+"
    }
  }.joined(separator: "|")

  init() {}

  /// Decodes a whole body.
  package init(body: some Sequence<UInt8>) {
    var reader = VtgateMetricsReader()
    self = reader.read(body)
  }
}
