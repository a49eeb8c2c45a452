import Foundation
import TestSupport
import Testing

@testable import sluice

/// What events may cost: the runs of a hook, how long each takes and how many wait.
@Suite(.serialized, .timeLimit(.minutes(1))) struct HookTests {
  /// A folder with the lines that runs have written.
  private struct Record {
    let folder: ScratchFolder
    init() throws { folder = try ScratchFolder() }
    var path: String { "\(folder.path)/record" }
    var lines: [Substring] {
      (try? String(contentsOfFile: path, encoding: .utf8))?.split(separator: "\n") ?? []
    }
    func exists(_ name: String) -> Bool {
      FileManager.default.fileExists(atPath: "\(folder.path)/\(name)")
    }
  }

  @Test func eachEventIsOnTheInputOfItsRunInOrder() async throws {
    let record = try Record()
    defer { record.folder.remove() }
    let hook = Hook("cat >> \(record.path)")
    for number in 1...3 { #expect(hook.run("{\"id\":\(number)}") == nil) }
    try await wait(for: "three runs") { record.lines.count == 3 }
    #expect(record.lines == ["{\"id\":1}", "{\"id\":2}", "{\"id\":3}"])
    hook.stop()
  }

  @Test func aRunIsToldWhatTheClusterIsCalled() async throws {
    let record = try Record()
    defer { record.folder.remove() }
    let hook = Hook("echo \"$SLUICE_EVENTS_CLUSTER $(cat)\" >> \(record.path)", of: "prod eu")
    #expect(hook.run("1") == nil)
    try await wait(for: "the run") { record.lines.count == 1 }
    #expect(record.lines == ["prod eu 1"])
    hook.stop()
  }

  @Test func moreThanMayWaitAreDroppedAndSaidOnce() async throws {
    let record = try Record()
    defer { record.folder.remove() }
    // Each run waits until the test opens the gate.
    let gate = "\(record.folder.path)/gate"
    let hook = Hook(
      "while [ ! -e \(gate) ]; do sleep 0.02; done; "
        + "echo \"$(cat) ${SLUICE_EVENTS_DROPPED:-0}\" >> \(record.path)", capacity: 5)
    let remarks = (1...400).compactMap { hook.run("\($0)") }
    #expect(remarks == ["the hook is slower than events come: 5 wait, more are dropped"])
    try record.folder.write("", to: "gate")
    try await wait(for: "the runs that there was room for") { record.lines.count == 5 }
    // The first run to begin after they were dropped is told how many.
    #expect(
      record.lines.compactMap { $0.split(separator: " ").first } == ["1", "2", "3", "4", "5"])
    #expect(record.lines.compactMap { Int($0.split(separator: " ")[1]) }.reduce(0, +) == 395)
    var again: [String] = []
    try await wait(for: "room") {
      again += [hook.run("401")].compactMap(\.self)
      return !again.isEmpty
    }
    #expect(again == ["the hook takes events again; it has not run for 395"])
    hook.stop()
  }

  @Test func aRunThatTakesTooLongEndsWithItsChildrenAndTheNextBegins() async throws {
    let record = try Record()
    defer { record.folder.remove() }
    let pids = "\(record.folder.path)/pids"
    let hook = Hook(
      "read n; echo $n >> \(record.path); [ $n = 2 ] && exit; echo $$ > \(pids); "
        + "sleep 600 & echo $! >> \(pids); trap '' TERM; sleep 600", deadline: .milliseconds(300))
    let start = ContinuousClock.now
    #expect(hook.run("1") == nil)
    #expect(hook.run("2") == nil)
    try await wait(for: "the second run") { record.lines == ["1", "2"] }
    #expect(ContinuousClock.now - start >= .milliseconds(300))
    let processes = try String(contentsOfFile: pids, encoding: .utf8).split(separator: "\n")
      .compactMap { pid_t($0) }
    #expect(processes.count == 2)
    try await wait(for: "the end of both") { processes.allSatisfy { !Self.isAlive($0) } }
    hook.stop()
  }

  /// A run that is over by itself leaves nobody behind beyond its time either.
  @Test func whatARunLeavesInTheBackgroundEndsWithItsTime() async throws {
    let record = try Record()
    defer { record.folder.remove() }
    let hook = Hook("sleep 600 & echo $! >> \(record.path)", deadline: .milliseconds(300))
    let start = ContinuousClock.now
    #expect(hook.run("1") == nil)
    try await wait(for: "the run") { record.lines.count == 1 }
    let child = try #require(record.lines.first.flatMap { pid_t($0) })
    try await wait(for: "the child's end") { !Self.isAlive(child) }
    // Neither before it nor, by the second below, long after.
    #expect(ContinuousClock.now - start >= .milliseconds(280))
    hook.stop()
  }

  @Test func theProgramsEndIsTheRunsEnd() async throws {
    let record = try Record()
    defer { record.folder.remove() }
    let hook = Hook("echo $$ >> \(record.path); sleep 600")
    for _ in 0..<3 { _ = hook.run("x") }
    try await wait(for: "the first run") { record.lines.count == 1 }
    let child = try #require(record.lines.first.flatMap { pid_t($0) })
    hook.stop()
    try await wait(for: "its end") { !Self.isAlive(child) }
    #expect(hook.run("x") == nil)
    #expect(record.lines.count == 1)
  }

  /// A zombie, whose parent has not asked yet, does nothing any more.
  private static func isAlive(_ process: pid_t) -> Bool {
    guard kill(process, 0) == 0 else { return false }
    let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
    return stat?.split(separator: ")").last?.hasPrefix(" Z") != true
  }
}
