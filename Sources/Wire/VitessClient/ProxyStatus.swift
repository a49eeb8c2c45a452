package import FleetModel
package import FoundationEssentials
package import Terms

/// A proxy's `/cutover`: how its routes, their cutovers and its servers stand.
package enum ProxyStatus {
  static let path = "/cutover"
  /// The most routes that are read, and the longest text: a server might send them without end.
  private static let routeLimit = 1000
  private static let textLimit = 512

  package static func decode(_ body: Data) throws(ScrapeFailure) -> [ShardName: ProxyRoute] {
    do {
      let routes = try JSONDecoder().decode([Route].self, from: body).prefix(routeLimit)
      return Dictionary(
        routes.compactMap { route in ShardName(route.route).map { ($0, route.told) } },
        uniquingKeysWith: { first, _ in first })
    } catch {
      throw .notUnderstood(path: path, .malformed(reason: error.brief))
    }
  }

  private struct Route: Decodable {
    let route: String
    let backend: String
    let inFlight: Int?
    let cutover: Cutover?
    let backends: [Backend]?

    var told: ProxyRoute {
      ProxyRoute(
        server: short(backend), inFlight: inFlight.flatMap { $0 < 0 ? nil : $0 },
        cutover: cutover?.told,
        fault: backends?.first { $0.name == backend }?.told)
    }
  }

  private struct Cutover: Decodable {
    let phase: String
    let from: String
    let to: String
    let started: Double?
    let ended: Double?
    let why: String?

    /// Nil where it is not said when it began: then it cannot be told from another.
    var told: ProxyCutover? {
      guard let started = started.flatMap(instant) else { return nil }
      return ProxyCutover(
        ProxyCutover.Phase(rawValue: phase) ?? .other, from: short(from), to: short(to),
        startedAt: started, endedAt: ended.flatMap(instant), reason: why.map(short))
    }
  }

  private struct Backend: Decodable {
    let name: String
    let up: Bool?
    let draining: Bool?
    let fault: String?

    /// Nobody has looked yet where `up` is missing.
    var told: ProxyRoute.ServerFault? {
      if up == false { return .down(fault.map(short)) }
      return draining == true ? .draining : nil
    }
  }

  private static func short(_ text: String) -> String { text.cut(toBytes: textLimit) }

  /// Nil for what no clock says.
  private static func instant(_ seconds: Double) -> Instant? {
    (0..<1e10).contains(seconds) ? Instant(secondsSinceEpoch: seconds) : nil
  }
}
