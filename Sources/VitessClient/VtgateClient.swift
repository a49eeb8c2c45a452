package import FleetModel
internal import FoundationEssentials
internal import NIOCore
internal import NIOFoundationEssentialsCompat

/// Polls one vtgate.
///
/// Requests go one after another.
package struct VtgateClient: Sendable {
  private let fetcher: HTTPFetcher
  private let target: Target
  /// The process whose command line has been read.
  private var knownProcess: Double?
  private var hasReadFlags = false

  package init(_ address: Address, fetcher: HTTPFetcher) {
    self.fetcher = fetcher
    target = Target(.vtgate, address)
  }

  /// Reads the counters, the tablets and, once per process, the command line.
  ///
  /// - Throws: when the counters cannot be had; the rest may be missing from a reading.
  package mutating func poll(deadline: Duration) async throws(ScrapeFailure) -> VtgateReading {
    let clock = ContinuousClock()
    let end = clock.now + deadline
    var metrics = try await fetcher.stream(
      "/metrics", of: target, deadline: deadline, into: VtgateMetrics()
    ) { metrics, chunk in
      metrics.scan(chunk)
    }
    metrics.finish()
    if let failure = metrics.failure { throw failure }
    var reading = metrics.reading
    do throws(ScrapeFailure) {
      reading.tablets = try await tablets(deadline: max(.milliseconds(1), end - clock.now))
    } catch {
      reading.complaint = reading.complaint ?? error.description
    }
    if !hasReadFlags || knownProcess != reading.processStart {
      do throws(ScrapeFailure) {
        let vars = try await vars(deadline: max(.milliseconds(1), end - clock.now))
        reading.flags = vars.bufferFlags ?? BufferFlags(source: .defaults)
        reading.version = vars.version
        hasReadFlags = true
        knownProcess = reading.processStart
      } catch {
        reading.complaint = reading.complaint ?? error.description
      }
    }
    return reading
  }

  private func tablets(deadline: Duration) async throws(ScrapeFailure) -> [GatewayTablet] {
    let page = try await fetcher.page("/debug/gateway", of: target, deadline: deadline)
    guard page.status == 200 else {
      throw ScrapeFailure(.refusedByServer, "/debug/gateway answered \(page.status)")
    }
    return try DebugGateway.decode(Data(buffer: page.body))
  }

  private func vars(deadline: Duration) async throws(ScrapeFailure) -> DebugVars {
    let page = try await fetcher.page("/debug/vars", of: target, deadline: deadline)
    guard page.status == 200 else {
      throw ScrapeFailure(.refusedByServer, "/debug/vars answered \(page.status)")
    }
    return try DebugVars.decode(Data(buffer: page.body))
  }
}
