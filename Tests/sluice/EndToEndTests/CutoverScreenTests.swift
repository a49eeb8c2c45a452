import Foundation
import TestSupport
import Testing

/// A cutover that is made from the dashboard: two servers, the proxy, and an operator at a terminal.
@Suite(
  .serialized, .timeLimit(.minutes(3)), .needs("mariadbd", "mariadb", "mariadb-install-db"),
  .enabled(if: Tmux.isInstalled, "tmux is not installed"))
struct CutoverScreenTests {
  private let folder: ScratchFolder
  private let old: MariaDBServer
  private let new: MariaDBServer
  private let pages: Int

  init() async throws {
    folder = try ScratchFolder()
    old = try await MariaDBServer(serverID: 1)
    new = try await MariaDBServer(serverID: 2)
    pages = try await LoopbackPort.free()
    try folder.write("s3cret\n", to: "token")
    try folder.write(
      """
      pages = "127.0.0.1:\(pages)"
      token_file = "\(folder.path)/token"
      buffering = { window = "60s", max_failover_duration = "60s", min_time_between_failovers = "0s" }
      limits = { health_interval = "200ms" }
      listener = [{ address = "127.0.0.1:\(try await LoopbackPort.free())" }]
      route = [{ name = "commerce", backends = ["old", "new"] }]
      user = [{ name = "shop", password = "between" }]
      backend = [
        { name = "old", address = "127.0.0.1:\(old.port)", user = "app", password = "secret" },
        { name = "new", address = "127.0.0.1:\(new.port)", user = "app", password = "secret" },
      ]
      """, to: "proxy.toml")
  }

  /// The proxy as a program of its own.
  private func startProxy() async throws -> Process {
    let proxy = Process()
    proxy.executableURL = URL(filePath: "/bin/sh")
    proxy.arguments = ["-c", "exec \(sluice) proxy \(folder.path)/proxy.toml"]
    proxy.standardOutput = FileHandle.nullDevice
    proxy.standardError = FileHandle.nullDevice
    try proxy.run()
    try await wait(for: "the proxy, and what it knows of its servers") {
      try status().components(separatedBy: #""up": true"#).count == 3
    }
    return proxy
  }

  private func status() throws -> String {
    try ProgramRun("cutover status --proxy \(folder.path)/proxy.toml").output
  }

  private func confirm(_ tmux: Tmux, until text: String) async throws {
    tmux.type("commerce/-")
    try await tmux.wait(for: "commerce/-_")
    try await tmux.press("Enter", until: text)
  }

  @Test func itIsStartedAndSwitchedAndOneIsCancelled() async throws {
    try new.replicate(from: old)
    let proxy = try await startProxy()
    defer {
      proxy.terminate()
      proxy.waitUntilExit()
      for server in [old, new] { server.end() }
      folder.remove()
    }
    let tmux = try await Tmux(
      "\(sluice) --vtgate 127.0.0.1:\(pages) --proxy-token-file \(folder.path)/token "
        + "--allow-actions --stay --audit-log \(folder.path)/audit.jsonl", columns: 120, rows: 40)
    defer { tmux.end() }
    try await tmux.wait(for: "1 proxy", "commerce/-", "X cutover")
    try await tmux.press("X", until: "step 1 of 2", "old to new")
    try await confirm(tmux, until: "step 2 of 2")
    try await tmux.wait(for: "cutover from old to new: holding")
    try await confirm(tmux, until: "done: commerce/- is switched")
    #expect(try status().contains(#""backend": "new""#))

    // The way back: the old server does not replicate, so the proxy refuses to switch.
    try await tmux.press("Escape", until: "X cutover")
    try await tmux.press("X", until: "step 1 of 2", "new to old")
    try await confirm(tmux, until: "step 2 of 2")
    try await tmux.wait(for: "cutover from new to old: holding")
    try await confirm(tmux, until: "old does not replicate")
    try await tmux.press("Escape", until: "X cutover")
    try await tmux.press("X", until: "step 2 of 2")
    for _ in 0..<3 { tmux.type("Up") }
    try await tmux.press("Right", until: "cancel the cutover of commerce/- from new to old")
    try await confirm(tmux, until: "the cutover of commerce/- is cancelled")
    #expect(try status().contains(#""backend": "new""#))

    let audit = try String(contentsOfFile: "\(folder.path)/audit.jsonl", encoding: .utf8)
    let calls = audit.split(separator: "\n").filter { $0.contains(#""phase":"intent""#) }
      .compactMap { $0.firstMatch(of: /POST \/cutover\/([a-z]+)/).map { String($0.1) } }
    #expect(calls == ["start", "switch", "start", "switch", "cancel"])
    #expect(!audit.contains("s3cret"))
  }
}
