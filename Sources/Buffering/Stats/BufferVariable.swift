package import Buffering
internal import Terms

/// One of the buffer's variables for a shard; with reasons, one series per reason.
package struct BufferVariable: Sendable {
  package let name: String
  package let type: String
  package let series: @Sendable (RequestBuffer.Counters) -> [(reason: String?, value: Int)]

  package static let all: [BufferVariable] = [
    one("BufferFailoverDurationSumMs", "counter") { milliseconds($0.failoverDurationSum) },
    maybe("BufferLastFailoverDurationMs") {
      $0.lastFailoverDuration.map(milliseconds)
    },
    maybe("BufferLastRequestsDryRunMax") {
      $0.lastRequestsDryRunMax
    },
    maybe("BufferLastRequestsInFlightMax") {
      $0.lastRequestsInFlightMax
    },
    one("BufferRequestsBuffered", "counter") { $0.buffered },
    one("BufferRequestsBufferedDryRun", "counter") {
      $0.bufferedDryRun
    },
    one("BufferRequestsDrained", "counter") {
      $0.drained
    },
    reasons("BufferRequestsEvicted") {
      $0.evicted.map { ($0.key.rawValue, $0.value) }
    },
    reasons("BufferRequestsSkipped") {
      $0.skipped.map { ($0.key.rawValue, $0.value) }
    },
    one("BufferStarts", "counter") { $0.starts },
    reasons("BufferStops") {
      $0.stops.map { ($0.key.rawValue, $0.value) }
    },
    one("BufferUtilizationDryRunSum", "counter") {
      $0.utilizationDryRunSum
    },
    one("BufferUtilizationSum", "gauge") {
      $0.utilizationSum
    },
  ]

  private static func milliseconds(_ duration: Duration) -> Int {
    Int(duration.wholeNanoseconds / 1_000_000)
  }

  private static func one(
    _ name: String, _ type: String,
    _ value: @escaping @Sendable (RequestBuffer.Counters) -> Int
  ) -> BufferVariable {
    BufferVariable(name: name, type: type) { [(nil, value($0))] }
  }

  /// A gauge that does not exist before the first failover.
  private static func maybe(
    _ name: String,
    _ value: @escaping @Sendable (RequestBuffer.Counters) -> Int?
  ) -> BufferVariable {
    BufferVariable(name: name, type: "gauge") { counters in
      value(counters).map { [(nil, $0)] } ?? []
    }
  }

  private static func reasons(
    _ name: String,
    _ values: @escaping @Sendable (RequestBuffer.Counters) -> [(String, Int)]
  ) -> BufferVariable {
    BufferVariable(name: name, type: "counter") { counters in
      values(counters).sorted { $0.0 < $1.0 }.map { (Optional($0.0), $0.1) }
    }
  }
}

extension StatFamily {
  /// The buffer's variables, with all shards that it knows.
  package static func buffer(_ buffer: RequestBuffer) -> [StatFamily] {
    let shards = buffer.knownShards.map { ($0, buffer.counters(of: $0)) }
    return BufferVariable.all.map { variable in
      var labels = ["keyspace", "shard_name"]
      var series: [(labels: [String], value: Double)] = []
      for (shard, counters) in shards {
        let values = counters.map { variable.series($0) } ?? []
        for (reason, value) in values {
          let own = [shard.keyspace, shard.shard]
          if reason != nil, labels.count == 2 { labels.append("reason") }
          series.append((own + (reason.map { [$0] } ?? []), Double(value)))
        }
      }
      return .live(
        variable.name, variable.type, .vtgate, labels: labels, series)
    }
  }
}
