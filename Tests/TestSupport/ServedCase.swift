import Foundation
import Synchronization

/// A small cluster as bytes, a folder under `Tests/Fixtures/cases`, served on loopback.
///
/// `PORT/PATH-with-underscores` is what a server answers, `PORT@SECONDS/` what it answers from then on,
/// counted from the first request. The ports in the bodies are those of the folder: each server gets a
/// free one, and stands for it in every body.
package final class ServedCase: Sendable {
  /// The port that stands for one of the folder's.
  package let ports: [Int: Int]
  private let servers: [StubServer]

  private final class Content: Sendable {
    let stages: [Int: [(from: Double, folder: URL)]]
    let ports = Mutex<[Int: Int]>([:])
    let start = Mutex<ContinuousClock.Instant?>(nil)

    init(_ stages: [Int: [(from: Double, folder: URL)]]) { self.stages = stages }

    func answer(_ path: String, of port: Int) -> StubServer.Reply {
      let now = ContinuousClock.now
      let began = start.withLock { start in
        start = start ?? now
        return start ?? now
      }
      let passed = Double((now - began).components.seconds)
      let name = path.prefix { $0 != "?" }.dropFirst().replacing("/", with: "_")
      for stage in stages[port]?.reversed() ?? [] where stage.from <= passed {
        let file = stage.folder.appending(path: String(name))
        guard var body = try? String(contentsOf: file, encoding: .utf8) else { continue }
        for (known, actual) in ports.withLock({ $0 }) {
          body = body.replacing("\"vt\": \(known)", with: "\"vt\": \(actual)")
        }
        return .body(body, type: "text/plain")
      }
      return .body("404 page not found\n", status: 404, type: "text/plain")
    }
  }

  package init(_ name: String) async throws {
    let root = Fixtures.root.appending(path: "cases/\(name)")
    var stages: [Int: [(from: Double, folder: URL)]] = [:]
    for folder in try FileManager.default.contentsOfDirectory(atPath: root.path) {
      let parts = folder.split(separator: "@")
      guard let port = parts.first.flatMap({ Int($0) }) else { continue }
      let from = parts.count > 1 ? Double(parts[1]) ?? 0 : 0
      stages[port, default: []].append((from, root.appending(path: folder)))
    }
    for port in stages.keys { stages[port]?.sort { $0.from < $1.from } }
    let content = Content(stages)
    var servers: [StubServer] = []
    var ports: [Int: Int] = [:]
    for port in stages.keys.sorted() {
      let server = try await StubServer { content.answer($0, of: port) }
      servers.append(server)
      ports[port] = server.port
    }
    content.ports.withLock { [ports] in $0 = ports }
    self.ports = ports
    self.servers = servers
  }

  package func stop() async { for server in servers { await server.stop() } }
}
