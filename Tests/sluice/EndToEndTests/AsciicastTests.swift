import Foundation
import TestSupport
import Testing

/// What the terminal was sent is in the file, whatever becomes of the program.
@Suite(
  .serialized, .timeLimit(.minutes(2)),
  .enabled(if: Pty.isPossible, "pseudo-terminals work otherwise here"))
struct AsciicastTests {
  private struct Event {
    let time: Double
    let kind: String
    let data: String
  }

  private static func read(_ path: String) throws -> (header: [String: Any], events: [Event]) {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.hasSuffix("\n"))
    let lines = text.split(separator: "\n")
    func value(_ line: Substring) throws -> Any {
      try JSONSerialization.jsonObject(with: Data(line.utf8))
    }
    let first = try #require(lines.first)
    let header = try #require(try value(first) as? [String: Any])
    let events = try lines.dropFirst().map { line in
      let event = try #require(try value(line) as? [Any])
      return Event(
        time: try #require(event[0] as? Double), kind: try #require(event[1] as? String),
        data: try #require(event[2] as? String))
    }
    return (header, events)
  }

  private static func demo(_ file: String) async throws -> Pty {
    let pty = try Pty([
      sluice, "demo", "--reparent-every", "1000s", "--asciicast", file, "--audit-log",
      "\(file).audit",
    ])
    try await pty.wait(for: "/5s")
    return pty
  }

  @Test func quittingLeavesEveryByteOfTheFrames() async throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let file = "\(folder.path)/a.cast"
    let pty = try await Self.demo(file)
    pty.resize(columns: 80, rows: 24)
    try await pty.pause(.milliseconds(500))
    try await pty.press("e")
    try await pty.pause(.milliseconds(200))
    try await pty.send("q")
    _ = try await pty.timeToEnd()
    let (header, events) = try Self.read(file)
    #expect(header["width"] as? Int == 100 && header["height"] as? Int == 30)
    #expect((header["env"] as? [String: String])?["TERM"] == "xterm-256color")
    #expect(events.contains { $0.kind == "r" && $0.data == "80x24" })
    #expect(zip(events, events.dropFirst()).allSatisfy { $0.time <= $1.time })
    // The frames are what the terminal got, in their order.
    let output = String(decoding: pty.output, as: UTF8.self)
    var rest = output[...]
    let frames = events.filter { $0.kind == "o" }.dropFirst()
    #expect(frames.count > 3)
    for frame in frames {
      let place = try #require(rest.firstRange(of: frame.data), "\(frame.data.debugDescription)")
      rest = rest[place.upperBound...]
    }
    let mode =
      try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    let again = try ProgramRun("replay --asciicast \(file) \(folder.path)/none.sluice")
    #expect(again.status != 0)
  }

  @Test(arguments: [SIGTERM, SIGKILL]) func whoeverIsKilledLeavesWhatCanBePlayed(
    _ number: Int32
  ) async throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let file = "\(folder.path)/a.cast"
    let pty = try await Self.demo(file)
    try await pty.pause(.milliseconds(300))
    kill(pty.pid, number)
    _ = try await pty.timeToEnd()
    let (header, events) = try Self.read(file)
    #expect(header["version"] as? Int == 2)
    #expect(events.contains { $0.data.contains("/5s") })
  }

  @Test func aFileThatIsThereIsRefused() async throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    try folder.write("mine", to: "a.cast")
    let pty = try Pty([sluice, "demo", "--asciicast", "\(folder.path)/a.cast"])
    try await pty.wait(for: "it is there already")
    _ = try await pty.timeToEnd()
    #expect(try String(contentsOfFile: "\(folder.path)/a.cast", encoding: .utf8) == "mine")
  }
}
