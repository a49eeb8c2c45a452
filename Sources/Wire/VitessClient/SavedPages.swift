package import FleetModel
package import FoundationEssentials
internal import Terms

/// What a server answered at one moment, page by page, as somebody saved it.
package struct SavedPages: Sendable {
  /// `/metrics`.
  package var metrics = Data()
  /// `/debug/vars`.
  package var vars: Data?
  /// `/debug/gateway` of a vtgate.
  package var gateway: Data?
  /// `/cutover` of a proxy.
  package var cutover: Data?
  /// `/throttler/status` of a tablet up to v21.
  package var throttler: Data?
  /// `/throttler/check-self` of a tablet.
  package var check: Data?

  package init(metrics: Data = Data()) { self.metrics = metrics }

  /// Takes a page in JSON for the one that its own fields say it is.
  package mutating func take(json: Data) {
    if json.first(where: { !" \n\r\t".utf8.contains($0) }) == UInt8(ascii: "[") {
      if let routes = try? ProxyStatus.decode(json), !routes.isEmpty {
        cutover = json
      } else {
        gateway = json
      }
      return
    }
    let fields = try? JSONDecoder().decode(Fields.self, from: json)
    if fields?.isThrottler ?? false {
      throttler = json
    } else if fields?.isCheck ?? false {
      check = json
    } else {
      vars = json
    }
  }

  /// The kind of server that these metrics are of; nil where they are of neither.
  package static func kind(of metrics: Data) -> Target.Kind? {
    if VtgateMetrics(body: metrics).failure == nil { return .vtgate }
    let text = String(decoding: metrics, as: UTF8.self)
    return text.hasPrefix("vttablet_") || text.contains("\nvttablet_") ? .vttablet : nil
  }

  private struct Fields: Decodable {
    let isThrottler, isCheck: Bool

    enum CodingKeys: String, CodingKey {
      case isOpen = "IsOpen"
      case statusCode = "StatusCode"
    }

    init(from decoder: any Decoder) throws {
      let keys = try decoder.container(keyedBy: CodingKeys.self)
      isThrottler = keys.contains(.isOpen)
      isCheck = keys.contains(.statusCode)
    }
  }
}

/// Reads the saved pages of one server, in the order in which they were saved.
///
/// They go through the decoders that read a server's answers. A page that was not saved along is no
/// fault: what it would have told is unknown.
package struct SavedServer: Sendable {
  private let target: Target
  private var counters = VtgateMetricsReader()
  private var listing: (tablets: GatewayTablets, checksum: Double?)?
  /// Names as the latest list spells them.
  private var dotted: [ShardName: ShardName] = [:]
  private var identity: (vars: DebugVars, processStart: Double?, typeChanges: Double)?
  /// Bodies end with a line's end, as servers write them; whoever saves them may cut it off.
  private var endsLines = false

  package init(_ target: Target) { self.target = target }

  /// - Throws: where the metrics are those of a server that did not answer, or not to the end.
  package mutating func read(
    _ pages: SavedPages
  ) throws(ScrapeFailure) -> ScrapeOutcome.Result {
    guard let last = pages.metrics.last else { throw .unreachable(.closed(isInAnswer: false)) }
    let isWhole = last == UInt8(ascii: "\n")
    guard isWhole || !endsLines else { throw .unreachable(.closed(isInAnswer: true)) }
    let result: ScrapeOutcome.Result =
      switch target.kind.role {
      case .gate: .gate(try gate(pages))
      case .member: .member(try member(pages))
      }
    endsLines = isWhole
    return result
  }

  private mutating func gate(_ pages: SavedPages) throws(ScrapeFailure) -> VtgateReading {
    let metrics = counters.read(pages.metrics)
    if let failure = metrics.failure { throw failure }
    var reading = metrics.reading
    do throws(ScrapeFailure) {
      if let gateway = pages.gateway {
        let known = [listing?.tablets].compactMap(\.self)
        listing = (try DebugGateway.decode(gateway, sharing: known), metrics.checksum)
      }
      // While the checksum stays, so does the list.
      if let listing, pages.gateway != nil || listing.checksum == metrics.checksum {
        reading.tablets = listing.tablets
        reading.complaint = reading.complaint ?? listing.tablets.complaint
        dotted = listing.tablets.dotted
      }
    } catch {
      listing = nil
      reading.complaint = reading.complaint ?? .page("/debug/gateway", error)
    }
    reading.respell(dotted)
    do throws(ScrapeFailure) {
      if let page = pages.cutover, reading.proxy != nil {
        reading.proxy = ProxyReading(routes: try ProxyStatus.decode(page))
      }
    } catch {
      reading.complaint = reading.complaint ?? .page(ProxyStatus.path, error)
    }
    do throws(ScrapeFailure) {
      guard let page = pages.vars else { return reading }
      let vars = try DebugVars.decode(page)
      reading.flags = vars.bufferFlags ?? BufferFlags(source: .defaults)
      reading.version = vars.version
      reading.commandLine = vars.commandLineDigest
    } catch {
      reading.complaint = reading.complaint ?? .page("/debug/vars", error)
    }
    return reading
  }

  private mutating func member(_ pages: SavedPages) throws(ScrapeFailure) -> TabletReading {
    let metrics = TabletMetrics(body: pages.metrics)
    if let failure = metrics.failure { throw failure }
    let gauges = metrics.gauges
    var throttler = ThrottlerReading(source: .metrics)
    var shard = gauges.shard
    var complaint: ReadingComplaint?
    do throws(ScrapeFailure) {
      if let status = pages.throttler {
        let decoded = try ThrottlerStatus.decode(status)
        throttler = decoded.reading
        shard = decoded.shard ?? shard
      }
    } catch {
      complaint = .page("/throttler/status", error)
    }
    if throttler.source == .metrics, let check = pages.check.flatMap({ ThrottlerCheck.decode($0) })
    {
      // A gauge is never removed: without word from the throttler it means nothing.
      throttler.selfValue = gauges.selfValue
      throttler.shardValue = gauges.shardValue
      throttler.isEnabled = check.isEnabled
      throttler.isRecentlyChecked = check.isRecentlyChecked
      throttler.threshold = check.threshold
      throttler.metric = check.metric
    }
    do throws(ScrapeFailure) {
      if let page = pages.vars {
        identity = (try DebugVars.decode(page), gauges.processStart, gauges.typeChanges)
      }
    } catch {
      complaint = complaint ?? .page("/debug/vars", error)
    }
    // Who answers is known until another process does, and its type until it changes.
    if let known = identity, known.processStart != gauges.processStart { identity = nil }
    if let known = identity, known.typeChanges != gauges.typeChanges {
      identity?.vars.tabletType = nil
    }
    var reading = TabletReading(throttler: throttler)
    reading.serverState = gauges.serverState
    reading.replicationLag = gauges.replicationLag
    reading.alias = identity?.vars.tabletAlias
    reading.shard = shard ?? identity?.vars.tabletShard
    reading.type = gauges.type ?? identity?.vars.tabletType
    reading.complaint = complaint
    return reading
  }
}
