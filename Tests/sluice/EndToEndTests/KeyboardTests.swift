import Foundation
import Synchronization
import TestSupport
import Testing

/// What the whole program does with a terminal's bytes.
@Suite(
  .serialized, .timeLimit(.minutes(5)),
  .enabled(if: Pty.isPossible, "pseudo-terminals work otherwise here"))
struct KeyboardTests {
  /// From a key or a signal to the shell's prompt.
  private static let prompt = Duration.milliseconds(300)
  private static let mail = "thanks for looking, quick question\rRe: can you R the shard?\ryes\r"

  private let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-\(UUID())")
  private var log: String { folder.appending(path: "audit.jsonl").path }

  private func demo(
    _ flags: String..., term: String? = "xterm-256color", columns: Int = 100, rows: Int = 30
  ) async throws -> Pty {
    let pty = try Pty(
      [sluice, "demo", "--reparent-every", "1000s", "--audit-log", log] + flags, term: term,
      columns: columns, rows: rows)
    try await pty.wait(for: "/5s")
    return pty
  }

  /// Nothing was done, and it still lives; then a key by itself ends it.
  private func expectCalm(_ pty: Pty) async throws {
    #expect(!pty.hasEnded)
    let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
    #expect(!text.contains("intent"), "\(text)")
    // Whatever has begun is given up after a second.
    try await pty.pause(.milliseconds(1200))
    for _ in 0..<3 { try await pty.press("\u{1B}") }
    try await pty.pause(.milliseconds(200))
    try await pty.send("q")
    #expect(try await pty.timeToEnd() < Self.prompt)
    try? FileManager.default.removeItem(at: folder)
  }

  /// The ways to screens and forms, by keys that are pressed.
  private static let ways = [
    "", "\r", "f", "e", "?", "/", "t", "t\r", "u", "T", "T\r", "R", "v", ":",
  ]

  @Test func aTerminalThatAnswersEverythingIsNotObeyed() async throws {
    var dice = Dice(5)
    let pty = try await demo()
    for way in ["", "t\r", "R"] {
      for key in way { try await pty.press(String(key)) }
      for sequence in TerminalNoise.sequences {
        let cut = Int.random(in: 0...sequence.count, using: &dice)
        try await pty.send(sequence.prefix(cut))
        try await pty.pause(.milliseconds(Int.random(in: 0...60, using: &dice)))
        try await pty.send(sequence.dropFirst(cut))
      }
      try await pty.pause(.milliseconds(1200))
      for _ in 0..<3 { try await pty.press("\u{1B}") }
    }
    try await expectCalm(pty)
  }

  /// Asked after the first frame, once; what it answers is no key, and the theme follows.
  @Test(arguments: [
    ("rgb:ffff/ffff/ffff", "38;5;236"), ("rgb:0000/0000/0000", "38;5;252"),
  ])
  func theThemeFollowsTheTerminalsBackground(_ answer: String, _ text: String) async throws {
    let question = "\u{1B}]11;?\u{1B}\\"
    let pty = try await demo()
    try await pty.wait(for: question)
    let before = pty.read()
    let (first, asked) = (before.range(of: "waiting for"), before.range(of: question))
    #expect(try #require(first).lowerBound < #require(asked).lowerBound)
    pty.forget()
    for byte in "\u{1B}]11;\(answer)\u{7}".utf8 { try await pty.send([byte]) }
    try await pty.wait(for: text)
    let after = pty.read()
    #expect(!after.contains("rgb:") && !after.contains(question))
    try await expectCalm(pty)
  }

  /// Those with fewer colours have the user's own, and some would show the question.
  @Test(arguments: ["xterm", "linux", "vt100"])
  func aTerminalOfFewColoursIsAskedNothing(_ term: String) async throws {
    let pty = try await demo(term: term)
    try await pty.pause(.milliseconds(300))
    #expect(!pty.read().contains("\u{1B}]"))
    try await expectCalm(pty)
  }

  @Test func aPasteIntoEveryScreenDoesNothing() async throws {
    let pty = try await demo()
    for way in Self.ways {
      for key in way { try await pty.press(String(key)) }
      try await pty.send("\u{1B}[200~\(Self.mail)q\u{1B}[201~")
      try await pty.pause(.milliseconds(120))
      // A terminal that puts no brackets around it.
      try await pty.send(Self.mail)
      for _ in 0..<4 { try await pty.press("\u{1B}") }
    }
    #expect(pty.read().contains("pasted text ignored"))
    try await expectCalm(pty)
  }

  @Test func aMillionRandomBytesDoNothing() async throws {
    var dice = Dice(2026)
    let pty = try await demo()
    var left = 1_000_000
    while left > 0 {
      let bytes = (0..<min(left, Int.random(in: 2...8192, using: &dice))).map { _ in
        UInt8.random(in: 0...255, using: &dice)
      }
      try await pty.send(bytes)
      left -= bytes.count
      if Int.random(in: 0..<20, using: &dice) == 0 { try await pty.pause(.milliseconds(40)) }
    }
    try await expectCalm(pty)
  }

  @Test(arguments: [SIGTERM, SIGHUP, SIGINT])
  func signalsOvertakeKeys(_ number: Int32) async throws {
    let pty = try await demo()
    try await pty.send(String(repeating: "\u{1B}[B\u{1B}[A", count: 1000))
    kill(pty.pid, number)
    #expect(try await pty.timeToEnd() < Self.prompt)
  }

  @Test func controlCOvertakesKeysAndAPasteBlocksNothing() async throws {
    let held = try await demo()
    try await held.send(String(repeating: "j", count: 6000) + "\u{3}")
    #expect(try await held.timeToEnd() < Self.prompt)

    let pty = try await demo()
    let line = "quick tRA\r"
    try await pty.send("\u{1B}[200~\(String(repeating: line, count: 10_000))\u{1B}[201~")
    try await pty.wait(for: "pasted text ignored")
    try await expectCalm(pty)
  }

  /// Connections are taken, and nothing is ever answered.
  @Test func aServerThatHangsKeepsNobodyWaiting() async throws {
    let silent = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(silent) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = bind(silent, $0, length)
        _ = listen(silent, 16)
        _ = getsockname(silent, $0, &length)
      }
    }
    let port = UInt16(bigEndian: address.sin_port)
    let server = "127.0.0.1:\(port)"
    let pty = try Pty(
      [sluice, "--vtgate", server, "--vtctld", server, "--audit-log", log])
    try await pty.wait(for: "no answer within")
    try await pty.press("q")
    #expect(try await pty.timeToEnd() < Self.prompt)
  }

  /// Shards that nobody has heard of at every poll, each with a failover.
  @Test(arguments: [SIGTERM, SIGHUP])
  func aServerThatNeverNamesTheSameShardsKeepsNobodyWaiting(_ number: Int32) async throws {
    let polls = Mutex(0)
    let server = try await StubServer { path in
      guard path == "/metrics" else { return .body("", status: 404) }
      let poll = polls.withLock { polls in
        polls += 1
        return polls
      }
      return .body(Self.newShards(poll), type: "text/plain")
    }
    let pty = try Pty([sluice, "--vtgate", "127.0.0.1:\(server.port)", "--audit-log", log])
    try await pty.wait(for: "BUFFERING")
    let asked = polls.withLock { $0 }
    try await wait(for: "more polls") {
      pty.read()
      return polls.withLock { $0 } > asked + 10
    }
    pty.forget()
    kill(pty.pid, number)
    // Without optimization, and beside whatever else runs, the machine alone takes some of the time.
    #expect(try await pty.timeToEnd() < Self.prompt * 3)
    #expect(pty.read().contains("\u{1B}[?1049l"))
    await server.stop()
  }

  private static func newShards(_ poll: Int) -> String {
    let lines = (0..<500).map { index in
      let shard = "{keyspace=\"k\(poll)\",shard_name=\"s\(index)\""
      return """
        vtgate_buffer_starts\(shard)} 1
        vtgate_buffer_stops\(shard),reason="NewPrimarySeen"} 0
        vtgate_buffer_requests_buffered\(shard)} 3
        vtgate_buffer_requests_drained\(shard)} 0
        vtgate_buffer_requests_evicted\(shard),reason="WindowExceeded"} 1
        vtgate_healthcheck_connections\(shard),tablet_type="primary"} 1

        """
    }
    return "process_start_time_seconds 1.7e9\nvtgate_buffer_size 1000\n" + lines.joined()
  }

  /// As after Control and S, or over a connection that hangs.
  @Test func aTerminalThatTakesNothingKeepsNobodyWaiting() async throws {
    let pty = try await demo()
    try await pty.fill()
    kill(pty.pid, SIGTERM)
    #expect(try await pty.timeToEnd(reading: false) < Self.prompt)
  }

  /// A window is as large as its terminal says, and some say anything.
  @Test func aHugeWindowTakesLittleMemoryAndGivesItBack() async throws {
    let pty = try await demo()
    let before = pty.residentMemory
    pty.forget()
    pty.resize(columns: 5000, rows: 2000)
    try await pty.wait(for: "commerce/-80")
    #expect(pty.residentMemory < before + 100)
    pty.forget()
    pty.resize(columns: 100, rows: 30)
    try await pty.wait(for: "commerce/-80")
    try await wait(for: "the memory to be free again") { pty.residentMemory < before + 30 }
    try await expectCalm(pty)
  }

  @Test func theTerminalIsLeftAsItWasFoundByEverySignal() async throws {
    for number in [SIGUSR1, SIGALRM, SIGVTALRM, SIGQUIT, SIGSEGV, SIGTERM] {
      let pty = try await demo()
      #expect(pty.read().contains("\u{1B}[?2004h"))
      pty.forget()
      kill(pty.pid, number)
      _ = try await pty.timeToEnd()
      for left in ["\u{1B}[?2004l", "\u{1B}[?1004l", "\u{1B}[?1049l"] {
        #expect(pty.read().contains(left), "signal \(number)")
      }
    }
  }

  @Test func theMouseIsTakenWhenAskedForAndGivenBack() async throws {
    let (on, off) = ("\u{1B}[?1000h\u{1B}[?1006h", "\u{1B}[?1006l\u{1B}[?1000l")
    for number in [SIGSEGV, SIGTERM] {
      let pty = try await demo("--mouse")
      #expect(pty.read().contains(on))
      pty.forget()
      kill(pty.pid, number)
      _ = try await pty.timeToEnd()
      #expect(pty.read().contains(off), "signal \(number)")
    }
    let pty = try await demo("--mouse")
    try await pty.press("\u{1A}")
    try await wait(for: "it to stop") { pty.isStopped }
    #expect(pty.read().contains(off))
    pty.forget()
    kill(pty.pid, SIGCONT)
    try await pty.wait(for: on)
    // The second shard is selected, then open.
    for _ in 0..<2 { try await pty.press("\u{1B}[<0;10;8M\u{1B}[<0;10;8m") }
    try await pty.wait(for: "COOL-DOWN")
    try await expectCalm(pty)
    #expect(pty.read().contains(off))
    let other = try await demo()
    #expect(!other.read().contains("?1000"))
    try await expectCalm(other)
  }

  @Test(arguments: [("xterm-256color", true), ("linux", false)])
  func aRowIsCopiedWhereThereIsAClipboard(_ term: String, _ isPossible: Bool) async throws {
    let pty = try await demo(term: term)
    try await pty.press("y")
    try await pty.wait(for: isPossible ? "copied the row of" : "this terminal has no clipboard")
    #expect(pty.read().contains("\u{1B}]52;c;") == isPossible)
    try await expectCalm(pty)
  }

  /// Terminfo calls Control and Z a key of the Linux console's.
  @Test func controlZStopsOnTheLinuxConsoleToo() async throws {
    let pty = try await demo(term: "linux")
    try await pty.press("\u{1A}")
    try await wait(for: "it to stop") { pty.isStopped }
    pty.forget()
    kill(pty.pid, SIGCONT)
    try await pty.wait(for: "commerce/-80")
    try await expectCalm(pty)
  }

  @Test(
    arguments: [
      ("dumb", "TERM is \"dumb\", a terminal that cannot place its cursor"),
      ("nosuch", "TERM is \"nosuch\", which terminfo does not know"),
      (nil, "TERM is not set"),
    ] as [(String?, String)])
  func aTerminalThatCannotShowItIsNamedWithAWayOut(_ term: String?, _ words: String) async throws {
    let pty = try Pty([sluice, "--vtgate", "127.0.0.1:1"], term: term, columns: 200)
    _ = try await pty.timeToEnd()
    let text = pty.read()
    #expect(text.contains(words) && text.contains("--plain"), "\(text)")
    #expect(text.utf8.count < 1000 && !text.contains("\u{1B}[?2004h"))
  }
}
