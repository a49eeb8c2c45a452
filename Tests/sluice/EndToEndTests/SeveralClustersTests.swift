import Foundation
import Settings
import TestSupport
import Testing

/// Several clusters of a configuration file, through the program.
@Suite(.serialized, .timeLimit(.minutes(3))) struct SeveralClustersTests {
  private static let two = """
    [clusters.prod-eu]
    vtgate = "127.0.0.1:1"
    [clusters.staging]
    vtgate = "127.0.0.1:2"

    """

  private static func run(
    _ arguments: String, _ file: String = two, _ environment: [String: String?] = [:]
  ) throws -> ProgramRun {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    try folder.write(file, to: "sluice/config.toml")
    return try ProgramRun(
      arguments, environment.merging(["XDG_CONFIG_HOME": folder.path, "TERM": nil]) { $1 })
  }

  // MARK: What is refused

  @Test(
    arguments: zip(
      [
        "prod-eu staging --plain", "--all --json", "--all prod-eu", "--all --allow-actions",
        "check --cluster prod-eu --cluster staging", "record --cluster prod-eu --cluster staging",
        "snapshot --cluster prod-eu --cluster staging", "prod-eu stagin",
        "--all --vtgate gate:15001", "--all --title both", "--all --record /tmp/x.sluice",
        "--all --http-credentials /dev/null", "--all --colour red",
      ],
      [
        "--plain and --json tell of one cluster at a time: name one",
        "--plain and --json tell of one cluster at a time: name one",
        "--all shows every cluster: name none", "--allow-actions is for one cluster",
        "check is about one cluster: name one of prod-eu, staging", "record is about one cluster",
        "snapshot is about one cluster", "did you mean `staging`?",
        "--vtgate: vtgate is for one cluster; with several it belongs in the section of each",
        "--title: title is for one cluster", "--record: record is for one cluster",
        "--http-credentials: http-credentials is for one cluster",
        "--colour: colour is for one cluster",
      ]))
  func whatIsForOneClusterIsRefused(_ arguments: String, _ words: String) throws {
    let run = try Self.run(arguments)
    #expect(run.errors.contains(words), "\(run)")
    #expect(run.status == 64)
    #expect(run.output.isEmpty)
  }

  @Test func whatTheEnvironmentOrTheFileSaysOfAllIsRefusedToo() throws {
    let variable = try Self.run("--all", Self.two, ["SLUICE_VTCTLD": "v:15999"])
    #expect(variable.errors.contains("SLUICE_VTCTLD: vtctld is for one cluster"), "\(variable)")
    let secret = try Self.run("--all", Self.two, ["SLUICE_HTTP_CREDENTIALS": "joe:planted"])
    #expect(secret.errors.contains("SLUICE_HTTP_CREDENTIALS: http-credentials is for one"))
    #expect(!secret.errors.contains("planted"))
    let file = try Self.run("--all", "vtctld = \"v:15999\"\n" + Self.two)
    #expect(file.errors.contains("config.toml:1:10: vtctld is for one cluster"), "\(file)")
    let titles = try Self.run("--all", Self.two + "title = \"prod-eu\"\n")
    #expect(titles.errors.contains("have the same title, prod-eu"), "\(titles)")
    let none = try Self.run("--all", "interval = \"1s\"\n")
    #expect(none.errors.contains("config.toml names no cluster"), "\(none)")
  }

  /// What one section says wrongly is said with its place.
  @Test func aFaultOfOneSectionIsSaid() throws {
    let run = try Self.run("--all", Self.two + "http-ca = \"gone.pem\"\n")
    #expect(run.errors.contains("--http-ca: cannot read") && run.errors.contains("(staging)"))
    let empty = try Self.run("--all", Self.two + "[clusters.empty]\n")
    #expect(empty.errors.contains("the cluster empty names no vtgate"), "\(empty)")
  }

  @Test func theEnvironmentAndTheFileNameSeveralToo() throws {
    // Without a terminal it comes as far as the screen.
    for (arguments, file, variable) in [
      ("", Self.two, "prod-eu,staging"),
      ("", "cluster = [\"prod-eu\", \"staging\"]\n" + Self.two, nil),
      ("prod-eu staging", Self.two, nil), ("--all", Self.two, nil),
    ] as [(String, String, String?)] {
      let run = try Self.run(arguments, file, ["SLUICE_CLUSTER": variable])
      #expect(run.errors.contains("the screen cannot be opened"), "\(run)")
    }
    let config = try Self.run("config", Self.two, ["SLUICE_CLUSTER": "prod-eu,staging"])
    #expect(config.status == 0)
    #expect(config.output.contains("prod-eu, staging"), "\(config)")
  }

  // MARK: On a terminal

  @Test(.enabled(if: Pty.isPossible)) func keysLeadFromOneToTheOther() async throws {
    let folder = try ScratchFolder()
    let labs = try (0..<2).map { _ in try LabProgram("2>/dev/null") }
    defer {
      for lab in labs { lab.end() }
      folder.remove()
    }
    let vtgates = labs.map(\.vtgates)
    try #require(vtgates.allSatisfy { !$0.isEmpty }, "\(labs[0].greeting)")
    let sections = zip(["prod-eu", "staging"], vtgates).map { name, vtgates in
      "[clusters.\(name)]\nvtgate = [\(vtgates.map { "\"\($0)\"" }.joined(separator: ", "))]\n"
    }
    try folder.write(sections.joined(), to: "config.toml")
    chmod("\(folder.path)/config.toml", 0o600)
    let pty = try Pty(
      [sluice, "--all", "--config", "\(folder.path)/config.toml"], columns: 160, rows: 40)
    try await pty.wait(for: "2 clusters")
    try await pty.wait(for: "all 3 shards serve")
    pty.forget()
    try await pty.press("\r")
    try await pty.wait(for: " prod-eu ")
    try await pty.wait(for: "SHARD")
    pty.forget()
    try await pty.press("\u{1B}")
    try await pty.wait(for: "2 clusters")
    pty.forget()
    try await pty.press(":")
    for character in "cluster staging" { try await pty.send(String(character)) }
    try await pty.wait(for: "staging_")
    pty.forget()
    try await pty.press("\r")
    try await pty.wait(for: "A MINUTE OF IT")
    try await pty.wait(for: " staging ")
    try await pty.press("q")
    _ = try await pty.timeToEnd()
    #expect(pty.read().contains("\u{1B}[?1049l"))
  }
}
