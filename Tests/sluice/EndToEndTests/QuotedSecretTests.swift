import Foundation
import GRDB
import TestSupport
import Testing

@testable import Recording

/// Servers that quote the secrets they were sent: what a run leaves behind holds none.
@Suite(.serialized, .timeLimit(.minutes(2))) struct QuotedSecretTests {
  private static let secret = "s3cret-4f1c"
  private static let basic = Data("joe:\(secret)".utf8).base64EncodedString()

  private static let plants: [[String: String]] = [
    ["SLUICE_HTTP_CREDENTIALS": "joe:\(secret)", "SLUICE_HTTP_HEADER": "X-Token: \(secret)"],
    ["SLUICE_HTTP_CREDENTIALS": "Bearer \(secret)"], [:],
  ]
  /// What a file holds that each of these runs names; nil where the environment holds it.
  private static let files = [nil, nil, "Bearer \(secret)\n"]

  private static func gives(_ bytes: Data) -> Bool {
    [secret, basic].contains { bytes.firstRange(of: Data($0.utf8)) != nil }
  }

  private static func expectNone(
    _ bytes: Data, _ what: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(!bytes.isEmpty, "\(what) holds nothing at all", sourceLocation: sourceLocation)
    #expect(!gives(bytes), "\(what): \(String(decoding: bytes, as: UTF8.self))")
  }

  /// All that a recording holds, what is packed in it unpacked.
  private static func content(ofRecording path: String) throws -> Data {
    var all = try Data(contentsOf: URL(filePath: path))
    try DatabaseQueue(path: path).read { database in
      let tables = try String.fetchAll(
        database, sql: "SELECT name FROM sqlite_master WHERE type = 'table'")
      for table in tables {
        for row in try Row.fetchAll(database, sql: "SELECT * FROM \"\(table)\"") {
          for case .blob(let bytes) in row.databaseValues.map(\.storage) {
            // Entries of a batch have a mark before them.
            for packed in [bytes, bytes.dropFirst()] {
              if let plain = try? Deflated.plain(packed) { all += plain }
            }
          }
        }
      }
    }
    return all
  }

  private static func text(_ path: String) -> Data {
    (try? Data(contentsOf: URL(filePath: path))) ?? Data()
  }

  @Test(arguments: plants.indices, ["--plain", "--json"])
  func linesRecordingsEventsAndHooksHoldNone(_ index: Int, _ form: String) async throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let (events, hook, recording) = (
      "\(folder.path)/events", "\(folder.path)/hook", "\(folder.path)/r.sluice"
    )
    var credentials = ""
    if let text = Self.files[index] {
      let file = "\(folder.path)/credentials"
      try folder.write(text, to: "credentials")
      credentials = " --http-credentials \(file)"
    }
    // One page is a front's own, and Prometheus is another: both say why, and quote.
    let server = try await StubServer { _ in .quote(status: 200) }
    for way in ["--vtgate", "--prometheus"] {
      let place = way == "--vtgate" ? "127.0.0.1" : "http://127.0.0.1"
      let run = Task {
        try await ProgramRun.besideServers(
          "\(form) \(way) \(place):\(server.port)\(credentials) --record \(recording) --events \(events) "
            + "--hook 'cat >> \(hook); env >> \(hook)' --notify-on warning & "
            + "until [ -e \(folder.path)/done ]; do sleep 0.1; done; kill $!; wait $!",
          Self.plants[index])
      }
      try await wait(for: "a hook", upTo: .seconds(30)) { !Self.text(hook).isEmpty }
      try await wait(for: "events", upTo: .seconds(30)) { !Self.text(events).isEmpty }
      try folder.write("", to: "done")
      let done = try await run.value
      #expect(done.output.contains("(hidden)"), "\(done)")
      Self.expectNone(Data((done.output + done.errors).utf8), "what it prints")
      Self.expectNone(Self.text(events), "its events")
      Self.expectNone(Self.text(hook), "what a hook gets")
      Self.expectNone(try Self.content(ofRecording: recording), "its recording")
      for file in ["done", "events", "hook", "r.sluice"] {
        try FileManager.default.removeItem(atPath: "\(folder.path)/\(file)")
      }
    }
    await server.stop()
  }

  /// An address that holds a secret is refused before there is anything to leave behind.
  @Test(arguments: [
    "--vtgate http://joe:SECRET@127.0.0.1:1", "--vtgate joe:SECRET@127.0.0.1:1",
    "--prometheus 'http://127.0.0.1:1/?token=SECRET'",
    "--vtgate 127.0.0.1:1 --vtadmin 'http://127.0.0.1:1?token=SECRET' --vtadmin-cluster c",
    "--discover-dns joe:SECRET@localhost:1", "--discover-dns 'localhost:1/?token=SECRET'",
  ]) func aRefusedAddressLeavesNone(_ flags: String) throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let run = try ProgramRun(
      "--plain \(flags.replacing("SECRET", with: Self.secret)) --record \(folder.path)/r.sluice "
        + "--events \(folder.path)/events --hook 'cat >> \(folder.path)/hook'")
    #expect(run.status == 64 && run.output.isEmpty, "\(run)")
    Self.expectNone(Data(run.errors.utf8), "what it prints")
    #expect(run.errors.contains("(hidden)"), "\(run.errors)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  /// On the screen, in a notification, in a past that is saved, and in what a crash leaves.
  @Test(.enabled(if: Pty.isPossible)) func screensSavedPastsAndCrashesHoldNone() async throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let server = try await StubServer { _ in .quote(status: 200) }
    var variables = Self.plants[0]
    variables["SWIFT_BACKTRACE"] = "enable=yes,interactive=no,color=no"
    let pty = try Pty(
      [
        sluice, "--vtgate", "127.0.0.1:\(server.port)", "--notify", "osc9", "--notify-on",
        "warning",
      ], state: folder.path, variables: variables, columns: 200)
    try await pty.wait(for: "\u{1B}]9;")
    try await pty.wait(for: "(hidden)")
    for letter in ":save-recent" { try await pty.press(String(letter)) }
    try await pty.press("\r")
    try await pty.press("\u{0C}")
    try await pty.wait(for: "the last minutes are in")
    kill(pty.pid, SIGSEGV)
    _ = try await pty.timeToEnd()
    Self.expectNone(Data(pty.output), "the terminal")
    let recordings = "\(folder.path)/sluice/recordings"
    let saved = try FileManager.default.contentsOfDirectory(atPath: recordings)
    #expect(saved.count == 1)
    for file in saved {
      Self.expectNone(
        try Self.content(ofRecording: "\(recordings)/\(file)"), "the saved past")
    }
    await server.stop()
  }

  /// Swift's own report of a crash, where its runtime makes one; it takes some seconds.
  ///
  /// A signal from outside does not come again when the report is written, as that of a fault would.
  @Test func theReportOfACrashHoldsNone() async throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let server = try await StubServer { _ in .quote(status: 200) }
    var variables: [String: String?] = Self.plants[0]
    variables["SWIFT_BACKTRACE"] = "enable=yes,interactive=no,color=no"
    let lines = "\(folder.path)/lines"
    let run = try await ProgramRun.besideServers(
      "--plain --vtgate 127.0.0.1:\(server.port) > \(lines) 2>&1 & p=$!; tries=300; "
        + "await() { until grep -q \"$1\" \(lines) || [ $((tries -= 1)) -le 0 ]; do sleep 0.1; done; }; "
        + "await '(hidden)'; kill -ABRT $p; await 'Backtrace took'; kill -KILL $p; wait $p",
      variables)
    #expect([SIGABRT, SIGKILL].contains(run.status - 128), "\(run)")
    Self.expectNone(Self.text(lines), "the report")
    await server.stop()
  }
}
