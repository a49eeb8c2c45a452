internal import Terms

/// Latencies in the buckets of go/stats/timings.go.
package struct LatencyHistogram: Sendable, Equatable {
  /// Upper bounds in seconds; above the last is `+Inf`.
  package static let bounds = [0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10]

  /// Not cumulative; one more than there are bounds.
  package private(set) var buckets = [Int](repeating: 0, count: bounds.count + 1)
  package private(set) var sum: Duration = .zero
  package var count: Int { buckets.reduce(0, +) }

  package init() {}

  package mutating func add(_ latency: Duration) {
    sum += latency
    let seconds = latency.seconds
    buckets[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count] += 1
  }
}
