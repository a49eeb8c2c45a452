import Foundation
import TestSupport
import Testing

/// Recordings that the program makes of what somebody else has asked.
@Suite(.serialized, .timeLimit(.minutes(3))) struct ImportTests {
  private static let range = "--from 2026-11-27T09:35:40Z --to 2026-11-27T09:42:50Z"

  @Test func whatPrometheusHasBecomesARecording() async throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let server = try await storedSeriesServer("prometheus")
    let file = "\(folder.path)/a.sluice"
    let url = "http://127.0.0.1:\(server.port)"
    let done = try await ProgramRun.besideServers(
      "import --prometheus \(url) \(Self.range) --title prod --output \(file)")
    #expect(done.status == 0, "\(done.errors)")
    #expect(done.output.contains("one sample every 5.0 s"), "\(done.output)")
    #expect(
      done.output.contains("84 samples, 2 of them no answer (it could not be scraped)"),
      "\(done.output)")

    let report = try ProgramRun("report --json \(file) > \(folder.path)/report")
    #expect(report.status == 0, "\(report.errors)")
    let text = try Data(contentsOf: URL(filePath: "\(folder.path)/report"))
    let object = try JSONSerialization.jsonObject(with: text) as? [String: Any]
    let failovers = try #require(object?["failovers"] as? [[String: Any]])
    let told = failovers.compactMap { $0["failover"] as? [String: Any] }
    #expect(told.count == 10 && !told.contains { $0["outcome"] as? String == "same primary" })

    // The screens say whose samples they are, and how far apart these are.
    let screen = try ProgramRun("snapshot --recording \(file) --at 09:40:00Z")
    #expect(screen.output.contains("IMPORTED 2026-11-27"), "\(screen.output)\(screen.errors)")
    #expect(screen.output.contains("±5.0 s"), "\(screen.output)")
    let lines = try ProgramRun("replay --plain \(file) > \(folder.path)/lines")
    #expect(lines.status == 0, "\(lines.errors)")
    let again = try await ProgramRun.besideServers(
      "import --prometheus \(url) \(Self.range) --output \(file)")
    #expect(again.status == 64 && again.errors.contains("it is there already"), "\(again.errors)")
  }

  @Test func aFolderBecomesARecordingAndSaysWhatWasLeftOut() throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let server = "\(folder.path)/saved/vtgate-10.0.0.1:15001"
    try FileManager.default.createDirectory(atPath: server, withIntermediateDirectories: true)
    for second in 0..<5 {
      let body = """
        vtgate_buffer_size 1000
        vtgate_buffer_starts{keyspace="commerce",shard_name="0"} \(second / 3)
        vtgate_buffer_stops{keyspace="commerce",reason="NewPrimarySeen",shard_name="0"} 0
        vtgate_buffer_requests_buffered{keyspace="commerce",shard_name="0"} \(second)

        """
      try body.write(
        toFile: "\(server)/\(1_795_000_000 + second).prom", atomically: true, encoding: .utf8)
    }
    try "?".write(toFile: "\(server)/notes.doc", atomically: true, encoding: .utf8)
    let done = try ProgramRun("import \(folder.path)/saved --output \(folder.path)/a.sluice")
    #expect(done.status == 0, "\(done.errors)")
    #expect(done.output.contains("vtgate 10.0.0.1:15001: 5 samples"), "\(done.output)")
    #expect(done.errors.contains("notes.doc"), "\(done.errors)")
    let check = try ProgramRun("check --recording \(folder.path)/a.sluice")
    #expect(
      check.output.contains("BUFFERING, primary unknown, held unknown, buffered 4,"),
      "\(check.output)\(check.errors)")
  }

  @Test(arguments: [
    ("", "import a FOLDER, or --prometheus URL"),
    ("saved --prometheus http://127.0.0.1:9", "import a FOLDER, or --prometheus URL"),
    ("saved --from 14:03", "--from goes with --prometheus"),
    ("--prometheus http://127.0.0.1:9", "--prometheus needs --from TIME"),
    ("--prometheus http://127.0.0.1:9 --from yesterday", "--from: yesterday is no time"),
    (
      "--prometheus http://127.0.0.1:9 --from 2026-11-27T10:00:00Z --to 2026-11-27T09:00:00Z",
      "--from must lie before --to"
    ),
    ("--prometheus http://127.0.0.1:9 --from 00:00", "127.0.0.1:9: connection refused"),
    ("/nowhere/saved", "/nowhere/saved: there is no such folder"),
  ])
  func whatCannotBeImportedIsSaid(_ arguments: String, _ words: String) throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let run = try ProgramRun("import \(arguments) --output \(folder.path)/a.sluice")
    #expect(run.status == 64 && run.errors.contains(words), "\(run.errors)")
    #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/a.sluice"))
  }
}
