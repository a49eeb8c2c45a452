import Foundation
import TestSupport
import Testing

/// A reparent whose program is asked to end in the middle of the call.
@Suite(.serialized, .timeLimit(.minutes(3))) struct InterruptionTests {
  /// A program in the background whose output is read line by line.
  private final class Background {
    let process = Process()
    private let output = Pipe()
    private(set) var text = ""

    init(_ arguments: String, ignoring signal: String? = nil) throws {
      process.executableURL = URL(filePath: "/bin/sh")
      let trap = signal.map { "trap \"\" \($0); " } ?? ""
      process.arguments = ["-c", "\(trap)exec \(sluice) \(arguments)"]
      process.environment = ProcessInfo.processInfo.environment
        .merging(["HOME": "/nonexistent"]) { $1 }
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = output
      process.standardError = FileHandle.nullDevice
      try process.run()
    }

    func read(until words: String) throws {
      while !text.contains(words) {
        let bytes = output.fileHandleForReading.availableData
        try #require(!bytes.isEmpty, "it ended: \(text)")
        text += String(decoding: bytes, as: UTF8.self)
      }
    }

    func end() {
      process.terminate()
      process.waitUntilExit()
    }
  }

  private struct Line: Decodable {
    let phase: String
    let outcome: String?
    let answer: String?
  }

  private static func lines(of log: String) -> [Line] {
    let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").compactMap {
      try? JSONDecoder().decode(Line.self, from: Data($0.utf8))
    }
  }

  /// Starts a reparent that takes 20 s, and does something once it was sent.
  private static func reparent(
    ignoring signal: String? = nil, _ act: (Process) -> Void
  ) async throws -> (status: Int32, lines: [Line]) {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let lab = try Background(
      "lab --vitess 22 --keyspace commerce:0 --vtgates 1 --promotion 20s --port 0 "
        + "--tablet-base 0 --vtctld-port 0 --control-port 0")
    defer { lab.end() }
    try lab.read(until: "vtctldclient")
    try lab.read(until: "\n")
    let vtctld = try #require(lab.text.firstMatch(of: /--server (127\.0\.0\.1:\d+)/)?.1)
    let vtgate = try #require(lab.text.firstMatch(of: /--vtgate (127\.0\.0\.1:\d+)/)?.1)
    let log = "\(folder.path)/audit.jsonl"
    let reparent = try Background(
      "reparent --planned commerce/0 --yes --expected-primary zone1-100 --override "
        + "--vtgate \(vtgate) --vtctld \(vtctld) --audit-log \(log)", ignoring: signal)
    try await wait(for: "the reparent to be sent") { lines(of: log).count == 1 }
    act(reparent.process)
    reparent.process.waitUntilExit()
    #expect(reparent.process.terminationReason == .exit)
    return (reparent.process.terminationStatus, lines(of: log))
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGALRM, SIGQUIT])
  func whatIsKnownIsInTheLogBeforeTheEnd(_ signal: Int32) async throws {
    let (status, lines) = try await Self.reparent { process in
      // A lost session's shell sends it once more.
      for _ in 0..<(signal == SIGHUP ? 2 : 1) { kill(process.processIdentifier, signal) }
    }
    #expect(status == 4)
    #expect(lines.map(\.phase).prefix(3) == ["intent", "result", "observed"])
    #expect(lines.dropFirst().first?.outcome == "unknown")
    #expect(lines.last?.answer?.contains("topo") == true, "\(lines)")
  }

  /// As under nohup.
  @Test func whatIsIgnoredFromTheStartStaysIgnored() async throws {
    let (status, lines) = try await Self.reparent(ignoring: "HUP") { process in
      kill(process.processIdentifier, SIGHUP)
      kill(process.processIdentifier, SIGTERM)
    }
    #expect(status == 4 && lines.count >= 3)
  }
}
