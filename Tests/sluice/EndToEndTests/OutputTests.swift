import Foundation
import TestSupport
import Testing

/// What becomes of a run whose output or record cannot be written.
@Suite(.serialized, .timeLimit(.minutes(2))) struct OutputTests {
  @Test(
    arguments: [
      "check --vtgate 127.0.0.1:1", "check --vtgate 127.0.0.1:1 --json",
      "snapshot --vtgate 127.0.0.1:1 --wait 100ms", "--vtgate 127.0.0.1:1 --plain",
      "--vtgate 127.0.0.1:1 --json", "apps --vtgate 127.0.0.1:1",
      "throttle a --keyspace k --dry-run",
    ], [">/dev/full", ">&-"])
  func anOutputThatCannotBeWrittenIsAnError(_ command: String, _ redirection: String) throws {
    let run = try ProgramRun("\(command) \(redirection)")
    #expect(run.status == 74)
    #expect(run.errors.contains("standard output"), "\(run.errors)")
  }

  /// Descriptor 1 must not become the network's.
  @Test func closedDescriptorsStayTheirOwn() async throws {
    let lab = try LabProgram("<&- 2>&-")
    defer { lab.end() }
    try #require(lab.greeting.contains("vtctldclient"), "\(lab.greeting)")
    let files = "/proc/\(lab.process.processIdentifier)/fd"
    for number in [0, 2] {
      #expect(
        try FileManager.default.destinationOfSymbolicLink(atPath: "\(files)/\(number)")
          == "/dev/null")
    }
  }

  private static func watch(_ folder: ScratchFolder, _ events: String) throws -> String {
    // Long enough for the events of the first answers.
    try ProgramRun(
      "--vtgate 127.0.0.1:1 --plain --events \(events) & p=$!; sleep 2.5; kill $p; wait $p", [:]
    ).output
  }

  @Test func eventsThatCannotBeWrittenAreSaidOnceAndWatchingGoesOn() throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let full = try Self.watch(folder, "/dev/full")
    let words = "events are not written to /dev/full: No space left on device"
    #expect(full.split(separator: "\n").count { $0.contains(words) } == 1, "\(full)")
    let fifo = "\(folder.path)/fifo"
    #expect(mkfifo(fifo, 0o600) == 0)
    let unread = try Self.watch(folder, fifo)
    #expect(unread.contains("events are not written to \(fifo): nobody reads this FIFO"))
  }

  @Test func eventsGoThroughNoLink() throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    try folder.write("theirs\n", to: "target")
    let link = "\(folder.path)/events"
    try FileManager.default.createSymbolicLink(
      atPath: link, withDestinationPath: "\(folder.path)/target")
    let run = try ProgramRun("--vtgate 127.0.0.1:1 --plain --events \(link)")
    #expect(run.errors.contains("it is a symbolic link"))
    #expect(try String(contentsOfFile: "\(folder.path)/target", encoding: .utf8) == "theirs\n")
    _ = try Self.watch(folder, "\(folder.path)/new")
    let mode = try FileManager.default.attributesOfItem(atPath: "\(folder.path)/new")
    #expect(mode[.posixPermissions] as? Int == 0o600)
  }

  @Test func withoutAHomeThereIsNoLogAndNothingIsSent() throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let run = try ProgramRun(
      "throttle a --at 127.0.0.1:1 --yes",
      ["HOME": nil, "XDG_CONFIG_HOME": folder.path])
    #expect(run.status == 2, "\(run)")
    #expect(!FileManager.default.fileExists(atPath: ".local/state/sluice"))
  }

  @Test func secretsThatOthersCanReadAreSaid() throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    try folder.write(#"{"Username": "u", "Password": "p"}"#, to: "creds")
    let creds = "\(folder.path)/creds"
    let command =
      "throttle a --keyspace k --yes --vtctld 127.0.0.1:1 --audit-log \(folder.path)/audit.jsonl "
      + "--grpc-auth-static-client-creds \(creds)"
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: creds)
    let run = try ProgramRun(command)
    #expect(run.errors.contains("\(creds) can be read by others: chmod 600 it"))
    #expect(run.errors.contains("goes to vtctld in plaintext"))
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: creds)
    let safe = try ProgramRun("\(command) --vtctld-grpc-server-name vtctld")
    #expect(!safe.errors.contains("can be read") && !safe.errors.contains("plaintext"))
  }

  @Test(arguments: ["\"\"", "\"   \"", "\"$(printf \"a\\033b\")\"", "\"$(printf %10000s x)\""])
  func aNameThatIsNoneIsNotReleasedEither(_ name: String) throws {
    for verb in ["throttle", "unthrottle"] {
      let run = try ProgramRun("\(verb) \(name) --at 127.0.0.1:1 --yes --audit-log /tmp/none")
      #expect(run.status == 64, "\(run)")
    }
  }
}
