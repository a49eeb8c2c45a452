import Foundation
import TestSupport
import Testing

/// Reports by the program itself, of a recording of the lab.
@Suite(.serialized, .timeLimit(.minutes(3))) struct ReportTests {
  /// The same failover, with other flags.
  private static func tryOtherFlags(on file: String) throws {
    let json = try ProgramRun("what-if \(file) --buffer-size 500 --json")
    #expect(json.status == 0, "\(json.errors)")
    let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
    let vtgates = try #require(object?["vtgates"] as? [[String: Any]])
    #expect(object?["type"] as? String == "what-if" && !vtgates.isEmpty)
    #expect(vtgates.allSatisfy { $0["asRecorded"] as? Bool == true }, "\(json.output)")
    #expect(vtgates.allSatisfy { $0["withinPolls"] as? Bool == true }, "\(json.output)")
    let sweep = try ProgramRun("what-if \(file) --sweep buffer-size=1..1000 --mask")
    #expect(sweep.status == 0 && sweep.output.contains("vtgate-1"), "\(sweep.errors)")
    #expect(sweep.output.contains("Nothing is lost from --buffer-size "), "\(sweep.output)")
    #expect(!sweep.output.contains("127.0.0.1"))
    let wrong = try ProgramRun("what-if \(file) --buffer-window 30s")
    #expect(
      wrong.status == 64 && wrong.errors.contains("vtgate would not start"), "\(wrong.errors)")
    let none = try ProgramRun("what-if \(file) --failover 7")
    #expect(none.status == 64 && none.errors.contains("there is no such failover"))
  }

  @Test func aFailoverOfTheLabIsReported() throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let lab = try LabProgram("2>&1")
    defer { lab.end() }
    let vtgate = try #require(
      lab.greeting.firstMatch(of: /--vtgate (127\.0\.0\.1:\d+)/), "\(lab.greeting)"
    ).1
    let vtctld = try #require(
      lab.greeting.firstMatch(of: /--vtctld (127\.0\.0\.1:\d+)/), "\(lab.greeting)"
    ).1
    let file = "\(folder.path)/a.sluice"
    let watched = try ProgramRun(
      "--vtgate \(vtgate) --plain --record \(file) > \(folder.path)/lines 2>&1 & p=$!; sleep 3; "
        + "\(sluice) reparent --planned commerce/-80 --vtgate \(vtgate) --vtctld \(vtctld) --yes "
        + "--expected-primary zone1-100 --audit-log \(folder.path)/audit; sleep 9; kill -TERM $p; wait $p"
    )
    let lines = try String(contentsOfFile: "\(folder.path)/lines", encoding: .utf8)
    try #require(lines.contains("is over"), "\(lines)\(watched.errors)")

    let text = try ProgramRun("report \(file)")
    #expect(text.status == 0, "\(text.errors)")
    #expect(text.output.contains("## Failover 1 of commerce/-80"), "\(text.output)")
    #expect(text.output.contains("| \(vtgate) | done |"), "\(text.output)")
    let json = try ProgramRun("report \(file) --failover 1 --json")
    let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
    let failovers = try #require(object?["failovers"] as? [[String: Any]])
    let failover = try #require(failovers.first?["failover"] as? [String: Any])
    #expect(failovers.count == 1 && failover["outcome"] as? String == "recovered")

    // It says the same numbers as the lines did while it was watched.
    _ = try ProgramRun("replay --json \(file) > \(folder.path)/replayed")
    let replayed = try String(contentsOfFile: "\(folder.path)/replayed", encoding: .utf8)
    let told = try #require(
      replayed.split(separator: "\n").first { $0.contains("\"type\":\"failover\"") })
    let line = try #require(
      try JSONSerialization.jsonObject(with: Data(told.utf8)) as? [String: Any])
    for key in ["counts", "vtgates", "primaryBefore", "primaryAfter", "peak", "outcome"] {
      #expect(line[key] as? NSObject == failover[key] as? NSObject, "\(key)")
    }

    let page = try ProgramRun("report \(file) --mask --output \(folder.path)/a.html")
    #expect(page.status == 0 && page.output.isEmpty, "\(page.errors)")
    let html = try String(contentsOfFile: "\(folder.path)/a.html", encoding: .utf8)
    #expect(html.contains("vtgate-1") && !html.contains("127.0.0.1"))
    let again = try ProgramRun("report \(file) --output \(folder.path)/a.html")
    #expect(again.status == 64 && again.errors.contains("it is there already"), "\(again.errors)")
    let none = try ProgramRun("report \(file) --failover 7")
    #expect(none.status == 64)
    #expect(
      none.errors.contains("there is no such failover, the recording holds "), "\(none.errors)")
    try Self.tryOtherFlags(on: file)
    let full = try ProgramRun("report \(file) > /dev/full")
    #expect(full.status == 74)
    let early = try ProgramRun("report \(file) --to 1999-01-01T00:00:00Z")
    #expect(early.errors.contains("--to 1999-01-01T00:00:00Z: the recording goes from "))
  }
}
