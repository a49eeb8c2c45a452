package import FleetModel
internal import Hummingbird
package import Lab
internal import Logging
internal import NIOCore
internal import Synchronization

/// The lab cluster in real time and over real HTTP on loopback, each server on a port of its own.
///
///     stepping task ─> LabCluster <─ HTTP handlers
///
/// The lab spells every metric and field itself and never uses the dashboard's parsers, so that both
/// cannot share one mistake.
package actor LabHost {
  package struct Ports: Sendable {
    /// The first vtgate's port; the others follow.
    ///
    /// 0 takes any free ones.
    package var vtgate: Int
    /// Added to a tablet's uid; 0 takes any free ones.
    package var tabletBase: Int

    package static let free = Ports(vtgate: 0, tabletBase: 0)

    package init(vtgate: Int, tabletBase: Int) {
      self.vtgate = vtgate
      self.tabletBase = tabletBase
    }
  }

  /// How often the cluster is moved on.
  private static let pace: Duration = .milliseconds(20)

  private var cluster: LabCluster
  private let now: @Sendable () -> Instant
  private let startedAt: Instant
  private(set) var tabletPorts: [TabletAlias: Int] = [:]
  private var tasks: [Task<Void, any Error>] = []
  private var nextRehearsal = 0

  package init(_ configuration: LabCluster.Configuration, now: @escaping @Sendable () -> Instant) {
    self.now = now
    startedAt = now()
    cluster = LabCluster(configuration, at: startedAt)
  }

  /// Starts every server and returns the vtgates' addresses once all of them listen.
  package func start(_ ports: Ports) async throws -> [Address] {
    for alias in cluster.tablets.keys.sorted() {
      let wanted = ports.tabletBase == 0 ? 0 : ports.tabletBase + Int(alias.uid)
      tabletPorts[alias] = try await listen(on: wanted) { await self.answer($0, tablet: alias) }
    }
    var addresses: [Address] = []
    for index in cluster.vtgates.indices {
      let wanted = ports.vtgate == 0 ? 0 : ports.vtgate + index
      let port = try await listen(on: wanted) { await self.answer($0, vtgate: index) }
      addresses.append(Address(host: "127.0.0.1", port: port))
    }
    tasks.append(Task { try await self.keepTime() })
    return addresses
  }

  package func stop() {
    for task in tasks { task.cancel() }
    tasks = []
  }

  /// Starts a planned reparent and says what it does, or why not.
  package func plannedReparent(_ shard: ShardName) -> String {
    do throws(LabCluster.Refusal) {
      let reparent = try cluster.plannedReparent(shard)
      return "planned reparent sent: \(reparent.from.short) to \(reparent.to.short)"
    } catch {
      return "planned reparent refused: \(error)"
    }
  }

  /// Reparents one shard after another, for ever.
  ///
  /// `report`: told what was done; may be called from any task.
  package func reparent(
    every interval: Duration, first: Duration, _ report: @escaping @Sendable (String) -> Void
  ) {
    tasks.append(
      Task {
        try await Task.sleep(for: first)
        while true {
          let shard = self.nextShard()
          report("\(shard): \(self.plannedReparent(shard))")
          try await Task.sleep(for: interval)
        }
      })
  }

  private func nextShard() -> ShardName {
    defer { nextRehearsal += 1 }
    return cluster.shards[nextRehearsal % cluster.shards.count]
  }

  private func keepTime() async throws {
    while true {
      cluster.advance(to: now())
      try await Task.sleep(for: Self.pace, tolerance: .milliseconds(2))
    }
  }

  // MARK: HTTP

  /// Serves one port until the host is stopped; returns the port once it listens.
  private func listen(
    on port: Int, _ answer: @escaping @Sendable (String) async -> Page
  ) async throws -> Int {
    let (bound, continuation) = AsyncThrowingStream.makeStream(of: Int.self)
    var logger = Logger(label: "lab")
    logger.logLevel = .critical
    let application = Application(
      responder: CallbackResponder { (request: Request, _: BasicRequestContext) in
        await answer(request.uri.string).response(for: request.method)
      },
      configuration: .init(address: .hostname("127.0.0.1", port: port), serverName: nil),
      onServerRunning: { channel in
        continuation.yield(channel.localAddress?.port ?? port)
        continuation.finish()
      }, logger: logger)
    tasks.append(
      Task {
        do {
          try await application.run()
        } catch {
          continuation.finish(throwing: PortUnavailable(port: port, reason: "\(error)"))
        }
      })
    for try await port in bound { return port }
    throw PortUnavailable(port: port, reason: "the server ended before it listened")
  }

  private func answer(_ uri: String, vtgate index: Int) -> Page {
    let vtgate = cluster.vtgates[index]
    switch uri.prefix(while: { $0 != "?" }) {
    case "/metrics": return .text(VtgatePages.metrics(vtgate, startedAt: startedAt))
    case "/debug/gateway", "/api/health-check/":
      return .json(
        VtgatePages.gateway(vtgate, cell: cluster.configuration.cell, ports: tabletPorts))
    case "/debug/vars":
      return .json(VtgatePages.vars(vtgate, cluster.configuration.buffer))
    case "/debug/health": return .text("ok")
    case "/debug/status": return .html("<!DOCTYPE html><title>\(vtgate.name)</title>\n")
    default: return .redirect("/debug/status")
    }
  }

  private func answer(_ uri: String, tablet alias: TabletAlias) -> Page {
    guard let tablet = cluster.tablets[alias], let throttler = cluster.throttler(of: alias) else {
      return .redirect("/debug/status")
    }
    switch uri.prefix(while: { $0 != "?" }) {
    case "/throttler/status":
      return .json(TabletPages.throttlerStatus(tablet, throttler, at: cluster.now))
    case "/throttler/throttled-apps":
      let apps = cluster.configuration.throttledApps[tablet.shard] ?? []
      return .json(TabletPages.throttledApps(apps, startedAt: startedAt, at: cluster.now))
    case "/throttler/check-self": return TabletPages.checkSelf(throttler)
    case "/metrics": return .text(TabletPages.metrics(tablet, throttler, startedAt: startedAt))
    case "/debug/vars": return .json(TabletPages.vars(tablet))
    case "/debug/health":
      return tablet.isServing
        ? .text("ok")
        : .failure("not ok: Code: CLUSTER_EVENT\noperation not allowed in state NOT_SERVING\n")
    case "/debug/status": return .html("<!DOCTYPE html><title>\(alias)</title>\n")
    default: return .redirect("/debug/status")
    }
  }
}

/// Why a server of the lab cannot listen.
package struct PortUnavailable: Error, CustomStringConvertible {
  let port: Int
  let reason: String

  package var description: String {
    "the lab cannot listen on 127.0.0.1:\(port): \(reason). Choose other ports, or 0 for free ones"
  }
}

/// An answer of a lab server.
enum Page: Sendable {
  case text(String)
  case json(String)
  case html(String)
  case failure(String)
  case status(Int, String)
  case redirect(String)

  func response(for method: HTTPRequest.Method) -> Response {
    var headers: HTTPFields = [:]
    var status = HTTPResponse.Status.ok
    let body: String
    switch self {
    case .text(let text):
      headers[.contentType] = "text/plain; version=0.0.4; charset=utf-8"
      body = text
    case .json(let text):
      headers[.contentType] = "application/json"
      body = text
    case .html(let text):
      headers[.contentType] = "text/html; charset=utf-8"
      body = text
    case .failure(let text):
      status = .internalServerError
      headers[.contentType] = "text/plain; charset=utf-8"
      body = text
    case .status(let code, let text):
      status = HTTPResponse.Status(code: code)
      headers[.contentType] = "application/json"
      body = text
    case .redirect(let path):
      status = .found
      headers[.location] = path
      body = ""
    }
    return Response(
      status: status, headers: headers,
      body: method == .head ? .init() : .init(byteBuffer: ByteBuffer(string: body)))
  }
}
