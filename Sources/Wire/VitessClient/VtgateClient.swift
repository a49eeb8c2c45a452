package import FleetModel
internal import FoundationEssentials
internal import NIOCore
internal import NIOFoundationEssentialsCompat
package import Terms

/// Polls one vtgate, or a proxy, which has a vtgate's pages and one more (``ProxyStatus``).
///
/// Requests go one after another. The counters are fetched each time (``VtgateMetricsReader``); for the
/// list of tablets see ``GatewayListing``.
package struct VtgateClient: Sendable {
  /// The least time between two attempts to read the command line of a process that does not show
  /// it, or that does not report its start.
  private static let flagsRetry: Duration = .seconds(10)
  private static let processesKept = 8

  /// Requests made so far.
  package private(set) var requests = 0

  private let fetcher: HTTPFetcher
  private let target: Target
  /// The latest processes whose command lines have been read, by their start; several may answer at
  /// one address.
  private var knownProcesses: [Double?] = []
  /// Why command lines could not be read, and when to try again.
  private var flagsFailure: (complaint: ReadingComplaint, retryAt: ContinuousClock.Instant)?
  private var flagsReadAt: ContinuousClock.Instant?
  private var listing = GatewayListing()
  /// Names as the latest list spells them.
  private var dotted: [ShardName: ShardName] = [:]
  private var counters = VtgateMetricsReader()

  package init(_ address: Address, fetcher: HTTPFetcher) {
    self.fetcher = fetcher
    target = Target(.vtgate, address)
  }

  /// Reads the counters, the tablets and, once per process, the command line.
  ///
  /// - Throws: when the counters cannot be read; the rest may be missing from a reading.
  package mutating func poll() async throws(ScrapeFailure) -> VtgateReading {
    let metrics: VtgateMetrics
    do throws(ScrapeFailure) {
      metrics = try await self.metrics()
    } catch {
      listing.discard()
      throw error
    }
    var reading = metrics.reading
    do throws(ScrapeFailure) {
      try await readTablets(checksum: metrics.checksum)
      reading.tablets = listing.tablets
      reading.complaint = reading.complaint ?? reading.tablets?.complaint
      dotted = reading.tablets?.dotted ?? dotted
    } catch {
      listing.discard()
      reading.complaint = reading.complaint ?? .page("/debug/gateway", error)
    }
    reading.respell(dotted)
    if reading.proxy != nil { await readRoutes(into: &reading) }
    if isCommandLineDue(reading.processStart) { await readFlags(into: &reading) }
    return reading
  }

  /// Brings the list of tablets up to date, given the checksum that has just been read.
  private mutating func readTablets(checksum: Double?) async throws(ScrapeFailure) {
    let lists = fetcher.tabletLists
    guard listing.isDue(checksum: checksum, vtgates: lists.count, at: .now) else { return }
    let (target, access) = (target, fetcher.access)
    let hasPermit = await lists.permits.take()
    defer { if hasPermit { lists.permits.giveBack() } }
    let list = try await page("/debug/gateway").read { body throws(ScrapeFailure) in
      try lists.tablets(body, of: target.address, placing: access.place)
    }
    listing.take(list, checksum: checksum, at: .now, turn: .random(in: 0.5...1))
  }

  /// Reads how a proxy's routes stand; where that fails, nothing is known of them.
  private mutating func readRoutes(into reading: inout VtgateReading) async {
    do throws(ScrapeFailure) {
      let routes = try await page(ProxyStatus.path).read { body throws(ScrapeFailure) in
        try ProxyStatus.decode(Data(buffer: body))
      }
      reading.proxy = ProxyReading(routes: routes)
    } catch {
      reading.complaint = reading.complaint ?? .page(ProxyStatus.path, error)
    }
  }

  /// Whether to read the command line, repeatedly if the page does not say when its process
  /// started: a different command line means a different process.
  private func isCommandLineDue(_ start: Double?) -> Bool {
    guard knownProcesses.contains(start) else { return true }
    return start == nil && flagsReadAt.map { .now - $0 >= Self.flagsRetry } ?? true
  }

  /// Reads the command line, but not at every poll of a server that does not show it.
  private mutating func readFlags(into reading: inout VtgateReading) async {
    if let flagsFailure, .now < flagsFailure.retryAt {
      reading.complaint = reading.complaint ?? flagsFailure.complaint
      return
    }
    do throws(ScrapeFailure) {
      let vars = try await page("/debug/vars").read { body throws(ScrapeFailure) in
        try DebugVars.decode(Data(buffer: body))
      }
      reading.flags = vars.bufferFlags ?? BufferFlags(source: .defaults)
      reading.version = vars.version
      reading.commandLine = vars.commandLineDigest
      knownProcesses = knownProcesses.suffix(Self.processesKept - 1) + [reading.processStart]
      flagsFailure = nil
      flagsReadAt = .now
    } catch {
      let complaint = ReadingComplaint.page("/debug/vars", error)
      reading.complaint = reading.complaint ?? complaint
      flagsFailure = (complaint, .now + Self.flagsRetry)
    }
  }

  private mutating func metrics() async throws(ScrapeFailure) -> VtgateMetrics {
    requests += 1
    if counters.learned == 0 { counters = fetcher.series.newReader }
    var next = counters
    next.begin()
    let coming = ComingPage(next)
    let page = try await fetcher.page("/metrics", of: target, reader: coming)
    if let refusal = page.refusal(of: "/metrics") { throw refusal }
    let learned = counters.learned
    let metrics = coming.end { page in
      let metrics = page.finish()
      counters = page
      return metrics
    }
    if counters.learned != learned { fetcher.series.share(&counters) }
    if let failure = metrics.failure { throw failure }
    return metrics
  }

  private mutating func page(_ path: String) async throws(ScrapeFailure) -> HTTPFetcher.Page {
    try await fetcher.waitToAskMore()
    requests += 1
    let page = try await fetcher.page(path, of: target)
    if let refusal = page.refusal(of: path) { throw refusal }
    return page
  }
}
