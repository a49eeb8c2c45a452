internal import Exposition
package import FleetModel

/// vttablet's `/metrics`, for the throttler's gauges where `/throttler/status` is gone (v22 and later).
///
/// There is one a metric, of which `default` is what the threshold is for. A gauge is never removed: whether the throttler is on must
/// be learnt elsewhere. Source: go/vt/vttablet/tabletserver/throttle/check.go at each release.
package struct TabletMetrics: Sendable {
  package struct Gauges: Sendable, Equatable {
    package var selfValue: Double?
    package var shardValue: Double?
    /// The `name` label of `vttablet_tablet_server_state`, such as `SERVING`.
    package var serverState: String?
    /// How often the tablet has changed its type; a new number means that its type must be asked
    /// anew.
    package var typeChanges = 0.0
  }

  package private(set) var gauges = Gauges()
  private var scanner = Scanner(Self.selection)

  private static let selection = Selection([
    .name("vttablet_throttler_aggregated_self_default"),
    .name("vttablet_throttler_aggregated_shard_default"),
    .name("vttablet_tablet_server_state"),
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
    guard scanner.samples == 0 else { return nil }
    return ScrapeFailure(.notUnderstood, "/metrics has nothing of a vttablet in it")
  }

  private static func take(_ sample: Sample, into gauges: inout Gauges) {
    let value = sample.value.isFinite ? sample.value : nil
    switch sample.selector {
    case 0: gauges.selfValue = value
    case 1: gauges.shardValue = value
    case 2: if value == 1 { gauges.serverState = sample.label("name") }
    default: gauges.typeChanges += value ?? 0
    }
  }
}
