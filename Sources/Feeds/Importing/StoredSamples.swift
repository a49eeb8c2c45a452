package import FleetModel
package import PrometheusClient
package import Terms
internal import VitessClient

/// What a Prometheus server has stored of the vtgates of a fleet between two moments.
package struct StoredSamples: Sendable {
  /// Ordered by time, then by server.
  package let samples: [SavedSample]
  package let vtgates: [StoredServer]

  package init(
    from client: PrometheusClient, _ start: Instant, to end: Instant
  ) async throws(RelayFault) {
    vtgates = try await client.vtgates(from: start, to: end)
    var samples: [SavedSample] = []
    for vtgate in vtgates {
      for answer in try await client.answers(of: vtgate, from: start, to: end) {
        samples.append(
          SavedSample(of: vtgate.target, at: answer.at) { () throws(ImportFault) in
            answer.metrics.map { SavedPages(metrics: $0) }
          })
      }
    }
    self.samples = samples.sorted { ($0.at, $0.target) < ($1.at, $1.target) }
  }
}
