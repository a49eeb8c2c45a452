import Foundation
import Synchronization
import Terms
import TestSupport

/// A recorded cluster, served over HTTP as it was: one vtgate and three tablets, each on its port.
///
/// The recording's clock stands still until a test moves it, so that a test can look at one phase as
/// long as it needs.
final class RecordedCluster: Sendable {
  /// What the recording holds at one tick, as the bodies the servers answer with.
  struct Tick: Sendable {
    let rel: Double
    let vtgateMetrics: String?
    /// By uid; nil for a tablet that did not answer.
    let tablets: [Int: String]
  }

  let ticks: [Tick]
  let vtgate: Address
  private let servers: [StubServer]
  private let position: Position

  private final class Position: Sendable {
    let index = Mutex(0)
  }

  /// Starts serving a recording.
  ///
  /// `name`: e.g. `vitess-16/failovers/prs-buffer`.
  /// `gateway`: the body of `/debug/gateway` at a time of the recording, its tablets on the given ports.
  init(
    _ name: String, gateway: @escaping @Sendable (_ rel: Double, _ ports: [Int: Int]) -> String
  ) async throws {
    let ticks = try Fixtures.objects("\(name).timeline.ndjson.gz").map(Self.tick)
    self.ticks = ticks
    let position = Position()
    self.position = position
    let isNew = name.hasPrefix("vitess-22")
    var servers: [StubServer] = []
    var ports: [Int: Int] = [:]
    for uid in [100, 101, 102] {
      let server = try await StubServer { path in
        let tick = ticks[position.index.withLock { $0 }]
        guard let body = tick.tablets[uid] else { return .hangUp }
        switch (path, isNew) {
        case ("/throttler/status", false): return .body(body)
        case ("/metrics", true): return .body(body, type: "text/plain")
        case ("/throttler/check-self?app=vitess", true):
          return .body(
            "{\"ResponseCode\":1,\"Threshold\":1,\"AppName\":\"vitess\",\"Metrics\":{\"default\":{\"Threshold\":1}}}"
          )
        default: return .redirect("/debug/status")
        }
      }
      servers.append(server)
      ports[uid] = server.port
    }
    let tabletPorts = ports
    let server = try await StubServer { path in
      let tick = ticks[position.index.withLock { $0 }]
      guard let metrics = tick.vtgateMetrics else { return .hangUp }
      switch path {
      case "/metrics": return .body(metrics, type: "text/plain")
      case "/debug/gateway": return .body(gateway(tick.rel, tabletPorts))
      case "/debug/vars":
        return .body("{\"cmdline\":[\"vtgate\",\"--enable_buffer=1\",\"--buffer_window=10s\"]}")
      default: return .redirect("/debug/status")
      }
    }
    vtgate = Address(host: "127.0.0.1", port: server.port)
    self.servers = servers + [server]
  }

  /// Moves the recording to the first tick at or after a time.
  func move(to rel: Double) {
    let index = ticks.firstIndex { $0.rel >= rel } ?? ticks.count - 1
    position.index.withLock { $0 = index }
  }

  func stop() async {
    for server in servers { await server.stop() }
  }

  private static func tick(_ object: [String: Any]) -> Tick {
    let vtgate = object["vtgate"] as? [String: Any]
    var metrics: String?
    if vtgate?["status"] as? Int == 200 {
      let lines = (vtgate?["lines"] as? [String] ?? []) + (vtgate?["other"] as? [String] ?? [])
      metrics = lines.joined(separator: "\n") + "\n"
    }
    var tablets: [Int: String] = [:]
    for (uid, answers) in object["tablets"] as? [String: [String: Any]] ?? [:] {
      guard let uid = Int(uid) else { continue }
      if let status = answers["status"] as? [String: Any], status["status"] as? Int == 200 {
        tablets[uid] = status["body"] as? String
      } else if let answer = answers["metrics"] as? [String: Any],
        let lines = answer["lines"] as? [String]
      {
        tablets[uid] = lines.joined(separator: "\n") + "\n"
      }
    }
    return Tick(rel: object["rel"] as? Double ?? 0, vtgateMetrics: metrics, tablets: tablets)
  }
}
