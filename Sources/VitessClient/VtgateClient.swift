package import FleetModel
internal import FoundationEssentials
internal import NIOCore
internal import NIOFoundationEssentialsCompat

/// Polls one vtgate.
///
/// Requests go one after another. The counters are asked for each time and read when any of them has
/// changed; the list of tablets is asked for when the counters' checksum of it has changed, and
/// otherwise now and then.
package struct VtgateClient: Sendable {
  /// The least time between two attempts to read a command line that cannot be had.
  private static let flagsRetry: Duration = .seconds(10)

  /// Requests made so far.
  package private(set) var requests = 0

  private let fetcher: HTTPFetcher
  private let target: Target
  /// The process whose command line has been read.
  private var knownProcess: Double?
  private var hasReadFlags = false
  /// Why they could not be read, and when to try again.
  private var flagsFailure: (complaint: String, retryAt: ContinuousClock.Instant)?
  /// The counters last read, and the digest of the lines that they stand in.
  private var last: (digest: UInt64, metrics: VtgateMetrics)?

  package init(_ address: Address, fetcher: HTTPFetcher) {
    self.fetcher = fetcher
    target = Target(.vtgate, address)
  }

  /// Reads the counters, the tablets and, once per process, the command line.
  ///
  /// - Throws: when the counters cannot be had; the rest may be missing from a reading.
  package mutating func poll() async throws(ScrapeFailure) -> VtgateReading {
    let metrics = try await metrics()
    var reading = metrics.reading
    do throws(ScrapeFailure) {
      reading.tablets = try await fetcher.gateways.tablets(checksum: metrics.checksum) {
        () throws(ScrapeFailure) in try await page("/debug/gateway")
      }
    } catch {
      reading.complaint = reading.complaint ?? error.description
    }
    if !hasReadFlags || knownProcess != reading.processStart { await readFlags(into: &reading) }
    return reading
  }

  /// Reads the command line, but not at every poll of a server that does not show it.
  private mutating func readFlags(into reading: inout VtgateReading) async {
    if let flagsFailure, .now < flagsFailure.retryAt {
      reading.complaint = reading.complaint ?? flagsFailure.complaint
      return
    }
    do throws(ScrapeFailure) {
      let vars = try DebugVars.decode(Data(buffer: try await page("/debug/vars")))
      reading.flags = vars.bufferFlags ?? BufferFlags(source: .defaults)
      reading.version = vars.version
      hasReadFlags = true
      knownProcess = reading.processStart
      flagsFailure = nil
    } catch {
      reading.complaint = reading.complaint ?? error.description
      flagsFailure = (error.description, .now + Self.flagsRetry)
    }
  }

  private mutating func metrics() async throws(ScrapeFailure) -> VtgateMetrics {
    requests += 1
    let page = try await fetcher.page("/metrics", of: target)
    guard page.status == 200 else {
      throw ScrapeFailure(.refusedByServer, "/metrics answered \(page.status)")
    }
    return try page.body.withUnsafeReadableBytes { body throws(ScrapeFailure) in
      let digest = VtgateMetrics.digest(of: body)
      if let last, last.digest == digest { return last.metrics }
      last = nil
      let metrics = VtgateMetrics(body: body)
      if let failure = metrics.failure { throw failure }
      last = (digest, metrics)
      return metrics
    }
  }

  private mutating func page(_ path: String) async throws(ScrapeFailure) -> ByteBuffer {
    try await fetcher.waitToAskMore()
    requests += 1
    let page = try await fetcher.page(path, of: target)
    guard page.status == 200 else {
      throw ScrapeFailure(.refusedByServer, "\(path) answered \(page.status)")
    }
    return page.body
  }
}
