internal import Exposition
package import FleetModel
package import Terms

/// vttablet's `/metrics`: how it serves and replicates, and the throttler's gauges where
/// `/throttler/status` is gone (v22 and later).
///
/// There is a gauge per metric, and the threshold applies to `default`. A gauge is never removed:
/// whether the throttler is on must be learnt elsewhere. Source:
/// go/vt/vttablet/tabletserver/throttle/check.go at each release.
package struct TabletMetrics: Sendable {
  package struct Gauges: Sendable, Equatable {
    package var selfValue: Double?
    package var shardValue: Double?
    /// From the `name` of `vttablet_tablet_server_state`.
    package var serverState: TabletServerState?
    /// From its other labels, where it has them.
    package var shard: ShardName?
    package var type: TabletType?
    /// `vttablet_replication_lag_sec`; the largest number stands for an unknown lag.
    package var replicationLag: Double?
    /// Seconds since the epoch, from `process_start_time_seconds`.
    package var processStart: Double?
    /// How often the tablet has changed its type; when it changes, the type must be asked for
    /// again.
    package var typeChanges = 0.0
  }

  /// The labels that are read of what others have scraped: who the tablet is, the scrape's own labels
  /// say there, and a label `type` may be theirs.
  package static let labels: Set = ["name"]
  /// The series that every tablet reports, once: how it serves.
  package static let stateName = "vttablet_tablet_server_state"
  /// The names of series that are read of what others have scraped; the throttler's gauges mean nothing
  /// without word from the throttler.
  package static let relayedNames = [stateName, "vttablet_replication_lag_sec"]

  package private(set) var gauges = Gauges()
  /// Something was there that no other program reports, such as a vtgate.
  private var hasOwn: Bool { scanner.samples > (gauges.processStart == nil ? 0 : 1) }
  private var scanner = Scanner(Self.selection)

  private static let selection = Selection([
    .name("vttablet_throttler_aggregated_self_default"),
    .name("vttablet_throttler_aggregated_shard_default"),
    .name(stateName),
    .name("vttablet_replication_lag_sec"),
    .name("process_start_time_seconds"),
    .name("vttablet_tablet_type_count"),
  ])

  package init() {}

  /// Decodes a whole body.
  package init(body: some Sequence<UInt8>) {
    scanner.scan(body) { Self.take($0, into: &gauges) }
    finish()
  }

  package mutating func scan(_ chunk: UnsafeRawBufferPointer) {
    scanner.scan(chunk) { Self.take($0, into: &gauges) }
  }

  package mutating func finish() {
    scanner.finish { Self.take($0, into: &gauges) }
  }

  package var failure: ScrapeFailure? {
    guard !hasOwn else { return nil }
    return .notUnderstood(path: "/metrics", .ofAnother(than: "vttablet"))
  }

  private static func take(_ sample: Sample, into gauges: inout Gauges) {
    let value = sample.value.isFinite ? sample.value : nil
    switch sample.selector {
    case 0: gauges.selfValue = value
    case 1: gauges.shardValue = value
    case 2:
      guard value == 1 else { return }
      gauges.serverState = sample.label("name").map { TabletServerState(name: $0) }
      gauges.type = sample.label("type").flatMap { TabletType(name: $0) }
      if let keyspace = sample.label("keyspace"), let shard = sample.label("shard"),
        !keyspace.isEmpty
      {
        gauges.shard = ShardName(keyspace: keyspace, shard: shard)
      }
    case 3: gauges.replicationLag = value
    case 4: gauges.processStart = value
    default: gauges.typeChanges += value ?? 0
    }
  }
}
