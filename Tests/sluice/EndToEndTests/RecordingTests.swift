import Foundation
import TestSupport
import Testing

/// Recordings by the program itself: killed, without room, and looked at afterwards.
@Suite(.serialized, .timeLimit(.minutes(3))) struct RecordingTests {
  /// Runs the lab as a program while `body` does something with one of its vtgates.
  private static func withLab(_ body: (_ vtgate: String, _ folder: ScratchFolder) throws -> Void)
    throws
  {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let lab = try LabProgram("2>&1")
    defer { lab.end() }
    let match = try #require(
      lab.greeting.firstMatch(of: /--vtgate (127\.0\.0\.1:\d+)/), "\(lab.greeting)")
    try body(String(match.1), folder)
  }

  /// Killed at any moment, it leaves what can be read, up to the last second.
  @Test func whoeverIsKilledLosesTheLastSecondAtMost() throws {
    try Self.withLab { vtgate, folder in
      var dice = Dice(9)
      for wave in 0..<3 {
        let pauses = (0..<4).map { _ in Int.random(in: 1800...3600, using: &dice) }
        // Once it has said something of the cluster; each says when it was killed, in nanoseconds.
        let script = pauses.enumerated().map { number, pause in
          let file = "\(folder.path)/\(wave)-\(number).sluice"
          return "{ \(sluice) --vtgate \(vtgate) --interval 100ms --plain --record \(file) "
            + "> \(file).lines 2>&1 & p=$!; "
            + "until grep -q commerce/-80 \(file).lines; do sleep 0.05; done; "
            + "sleep \(Double(pause) / 1000); echo \(number) $(date +%s%N); kill -9 $p; "
            + "wait $p 2> /dev/null; } &"
        }.joined(separator: " ")
        let killed = try ProgramRun("--version > /dev/null; \(script) wait")
        for number in pauses.indices {
          let file = "\(folder.path)/\(wave)-\(number).sluice"
          let time = try #require(
            killed.output.firstMatch(
              of: try Regex("(?m)^\(number) (\\d+)$", as: (Substring, Substring).self)))
          let never = try ProgramRun("snapshot --recording \(file) --at 1999-01-01T00:00:00Z")
          let end = try #require(
            never.errors.firstMatch(of: /to (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)/),
            "\(never.errors)")
          let kept = try Date.ISO8601FormatStyle(includingFractionalSeconds: true)
            .parse(String(end.1))
          let lost = (Double(time.1) ?? 0) / 1e9 - kept.timeIntervalSince1970
          // Besides a second: the time between two polls, and what a loaded machine takes to write.
          #expect(lost < 1.6, "killed after \(pauses[number]) ms")
          let check = try ProgramRun("check --recording \(file)")
          #expect(check.output.contains("shards: 3"), "\(check.output)\(check.errors)")
          let lines = try ProgramRun("replay --plain \(file)")
          #expect(lines.status == 0 && lines.output.contains("commerce/-80"), "\(lines)")
        }
      }
    }
  }

  @Test func aSignalEndsARecordingWithOneFile() throws {
    try Self.withLab { vtgate, folder in
      let run = try ProgramRun(
        "record --vtgate \(vtgate) --into \(folder.path) & p=$!; sleep 2; kill -TERM $p; wait $p")
      #expect(run.status == 0, "\(run.errors)")
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(names.count == 1)
      let file = "\(folder.path)/\(names.first ?? "")"
      let picture = try ProgramRun("snapshot --recording \(file) --size 100x30")
      #expect(picture.output.contains("commerce/-80"), "\(picture.errors)")
      let again = try ProgramRun("--vtgate \(vtgate) --plain --record \(file)")
      #expect(again.status == 64)
      #expect(again.errors.contains("it is there already"), "\(again.errors)")
      let early = try ProgramRun("snapshot --recording \(file) --at 1999-01-01T00:00:00Z")
      #expect(early.errors.contains("the recording goes from "), "\(early.errors)")
    }
  }

  @Test func linesThatAreRecordedEndWithOneFileAsWell() throws {
    try Self.withLab { vtgate, folder in
      for signal in ["TERM", "HUP"] {
        let run = try ProgramRun(
          "--vtgate \(vtgate) --plain --record \(folder.path)/\(signal) > /dev/null & p=$!; "
            + "sleep 2; kill -\(signal) $p; wait $p; echo $?")
        let wanted = ["TERM": "143", "HUP": "129"][signal]
        #expect(run.output.contains(wanted ?? ""), "\(run)")
      }
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      #expect(names == ["HUP", "TERM"])
    }
  }

  @Test func whereNoScreenOpensNoRecordingIsLeft() throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let run = try ProgramRun("--vtgate 127.0.0.1:1 --record \(folder.path)/a.sluice")
    #expect(run.status != 0 && run.errors.contains("terminal"), "\(run)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  /// By keys on the screen: recorded from now on, noted, ended, and the minutes before saved.
  @Test(.enabled(if: Pty.isPossible)) func aRecordingBeginsAndEndsWithAKey() async throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let lab = try LabProgram("2>&1")
    defer { lab.end() }
    let vtgate = try #require(
      lab.greeting.firstMatch(of: /--vtgate (127\.0\.0\.1:\d+)/), "\(lab.greeting)")
    let pty = try Pty(
      [sluice, "--vtgate", String(vtgate.1)], state: folder.path, columns: 160)
    try await pty.wait(for: "commerce/-80")
    try await pty.press("r")
    try await pty.wait(for: "REC")
    try await pty.press("N")
    try await pty.wait(for: "note")
    for letter in "pager at three" { try await pty.press(String(letter)) }
    try await pty.press("\r")
    try await pty.press("\u{0C}")
    try await pty.wait(for: "note: pager at three")
    try await pty.press("r")
    try await pty.press("\u{0C}")
    try await pty.wait(for: "recorded into")
    for letter in ":save-recent" { try await pty.press(String(letter)) }
    try await pty.press("\r")
    try await pty.press("\u{0C}")
    try await pty.wait(for: "the last minutes are in")
    try await pty.press("q")
    _ = try await pty.timeToEnd()
    let files = try FileManager.default.contentsOfDirectory(
      atPath: "\(folder.path)/sluice/recordings")
    #expect(files.count == 2 && files.allSatisfy { $0.hasSuffix(".sluice") }, "\(files)")
    for file in files {
      let path = "\(folder.path)/sluice/recordings/\(file)"
      let lines = try ProgramRun("replay --plain \(path)")
      #expect(lines.output.contains("note: pager at three"), "\(lines)")
      let check = try ProgramRun("check --recording \(path)")
      #expect(check.output.contains("shards: 3"), "\(check)")
    }
  }

  /// What is there can be read, and watching goes on.
  @Test func withoutRoomTheRecordingEndsAndNothingElse() throws {
    try Self.withLab { vtgate, folder in
      let file = "\(folder.path)/full.sluice"
      let run = try ProgramRun(
        "--version > /dev/null; ulimit -f 600; \(sluice) --vtgate \(vtgate) --interval 50ms --plain --record \(file) "
          + "2>&1 & p=$!; sleep 9; kill -0 $p && echo ALIVE; kill $p; wait $p 2> /dev/null")
      #expect(run.output.contains("nothing more is recorded: "), "\(run.output)\(run.errors)")
      #expect(run.output.contains("ALIVE"))
      let lines = try ProgramRun("replay --plain \(file)")
      #expect(lines.output.contains("commerce/-80"), "\(lines.status): \(lines.errors)")
    }
  }

  @Test func whatIsNoRecordingIsRefusedWithASentence() throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    try folder.write("no database", to: "a")
    for command in ["replay --plain", "check --recording", "snapshot --recording"] {
      let run = try ProgramRun("\(command) \(folder.path)/a")
      #expect(run.status == 64)
      #expect(run.errors.contains("it is no recording of sluice"), "\(run.errors)")
    }
    let nowhere = try ProgramRun("--vtgate 127.0.0.1:1 --plain --record \(folder.path)/x/y")
    #expect(nowhere.status == 64)
    #expect(nowhere.errors.contains("No such file"), "\(nowhere.errors)")
  }
}
