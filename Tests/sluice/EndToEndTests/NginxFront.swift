import Foundation
import TestSupport

/// An nginx of a test's own, in front of servers of loopback.
final class NginxFront {
  /// What its ports do: each is a `server` of nginx' configuration without its `listen`.
  struct Door {
    let isSecure: Bool
    let directives: String
  }

  /// One for each door, in their order.
  let ports: [Int]
  private let process = Process()
  private let folder: ScratchFolder

  /// `passwords`: what `auth_basic_user_file passwords;` reads.
  init(_ doors: [Door], passwords: String = "") async throws {
    folder = try ScratchFolder()
    var ports: [Int] = []
    for _ in doors { ports.append(try await LoopbackPort.free()) }
    self.ports = ports
    try folder.write(passwords, to: "passwords")
    let certificates = Fixtures.checkout.appending(path: "Tests/Fixtures/tls").path
    let servers = zip(doors, ports).map { door, port in
      """
      server {
        listen 127.0.0.1:\(port)\(door.isSecure ? " ssl" : "");
        ssl_certificate \(certificates)/server.pem;
        ssl_certificate_key \(certificates)/server.key;
        ssl_client_certificate \(certificates)/ca.pem;
        \(door.directives)
      }
      """
    }
    let scratch = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
      .map { "\($0)_temp_path \(folder.path)/\($0);" }.joined(separator: "\n")
    try folder.write(
      """
      daemon off;
      user \(NSUserName());
      worker_processes 1;
      pid \(folder.path)/pid;
      error_log \(folder.path)/errors;
      events {}
      http {
        access_log off;
        \(scratch)
        \(servers.joined(separator: "\n"))
      }

      """, to: "nginx.conf")
    process.executableURL = URL(filePath: PeerProgram.path("nginx") ?? "nginx")
    process.arguments = ["-p", folder.path, "-e", "errors", "-c", "nginx.conf"]
    process.standardError = FileHandle.nullDevice
    try process.run()
  }

  func end() {
    process.terminate()
    process.waitUntilExit()
    folder.remove()
  }
}
