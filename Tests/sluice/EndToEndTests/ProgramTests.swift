import Foundation
import TestSupport
import Testing

@Suite(
  .serialized, .timeLimit(.minutes(3)),
  .enabled(if: Tmux.isInstalled, "tmux is not installed; make test installs it"))
struct ProgramTests {
  @Test func theDemoShowsAFailoverByItself() async throws {
    let tmux = try await Tmux("\(sluice) demo")
    try await tmux.wait(for: "LAB", "commerce/-80", "customer/0", "9 tablets")
    try await tmux.wait(for: "BUFFERING")
    try await tmux.wait(for: "buffering ended (NewPrimarySeen)", "primary is now")
    tmux.end()
  }

  @Test func keysMoveOpenAndClose() async throws {
    let tmux = try await Tmux("\(sluice) demo --stay")
    try await tmux.wait(for: "▶commerce/-80")
    tmux.type("Down")
    try await tmux.wait(for: "▶commerce/80-")
    tmux.type("Enter")
    // The fleet's pane says most of what the shard's own screen does.
    try await tmux.wait(for: "commerce/80-", "tablets", "vreplication", without: "▶commerce/80-")
    tmux.type("Escape")
    try await tmux.wait(for: "▶commerce/80-", "customer/0")
    tmux.type("/", "c", "u", "s", "Enter")
    try await tmux.wait(for: "▶customer/0", "filter \"cus\"")
    tmux.type("?")
    try await tmux.wait(for: "search: _")
    tmux.end()
  }

  @Test func itFollowsItsWindow() async throws {
    let tmux = try await Tmux("\(sluice) demo", columns: 160, rows: 50)
    try await tmux.wait(for: "THROTTLED", "? help  q quit")
    tmux.resize(columns: 30, rows: 5)
    try await tmux.wait(for: "commerce/-80")
    tmux.resize(columns: 80, rows: 24)
    try await tmux.wait(for: "BUFFERED", "SKIPPED", "? help  q quit")
    tmux.end()
  }

  /// Runs the demo inside a shell that prints the terminal's modes before and after.
  @Test(arguments: ["TERM", "HUP", "USR1", "ALRM", "SEGV", "ABRT", "quit"])
  func theTerminalIsLeftAsItWasFound(_ way: String) async throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "sluice-\(UUID())")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let path = directory.path
    let tmux = try await Tmux(
      "cd \(path); stty -a > before; sh -c \"echo \\$\\$ > pid; exec \(sluice) demo\"; "
        + "stty -a > after; echo the shell is back; sleep 1000")
    try await tmux.wait(for: "commerce/-80")
    if way == "quit" {
      tmux.type("q")
    } else {
      let pid = try String(contentsOf: directory.appending(path: "pid"), encoding: .utf8)
      let number = Int32(pid.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
      #expect(number > 1)
      let signals: [String: Int32] = [
        "TERM": SIGTERM, "HUP": SIGHUP, "USR1": SIGUSR1, "ALRM": SIGALRM,
        "SEGV": SIGSEGV, "ABRT": SIGABRT,
      ]
      kill(number, signals[way] ?? SIGTERM)
    }
    try await tmux.wait(for: "the shell is back")
    let before = try String(contentsOf: directory.appending(path: "before"), encoding: .utf8)
    let after = try String(contentsOf: directory.appending(path: "after"), encoding: .utf8)
    #expect(before == after)
    #expect(!tmux.screen.contains("commerce/-80"))
    tmux.end()
  }

  /// Under make or a script another program leads the session, and it alone is sent the signal.
  @Test func itEndsWithItsWindowAlsoWhenAnotherProgramStartedIt() async throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "sluice-\(UUID())")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let tmux = try await Tmux(
      "trap : HUP; sh -c \"echo \\$\\$ > \(directory.path)/pid; exec \(sluice) demo\"; true")
    try await tmux.wait(for: "commerce/-80")
    let pid = try String(contentsOf: directory.appending(path: "pid"), encoding: .utf8)
    let number = try #require(Int32(pid.trimmingCharacters(in: .whitespacesAndNewlines)))
    tmux.end()
    try await wait(for: "it to end") { kill(number, 0) != 0 }
    // Whatever is left must not stay.
    kill(number, SIGKILL)
  }

  @Test func itStopsAndGoesOn() async throws {
    // Job control wants an interactive shell.
    let shell = try await Tmux("exec sh -i")
    try await shell.wait(for: "#")
    shell.type("\(sluice) demo", "Enter")
    try await shell.wait(for: "LAB", "commerce/-80")
    shell.type("C-z")
    try await shell.wait(for: "Stopped")
    shell.type("stty -a | tr \" \" \"\\n\" | grep -x icanon", "Enter")
    try await shell.wait(for: "\nicanon")
    shell.type("fg", "Enter")
    try await shell.wait(for: "LAB", "▶commerce/-80")
    shell.end()
  }

  @Test(
    arguments: zip(
      [
        "", "--vtgate nonsense", "--vtgate h:1 --interval 1ms", "--vtgate h:1 --theme nordic",
        "--vtgate h:1 | cat", "snapshot --vtgate 127.0.0.1:1 --size 0x9", "lab --vtgates 0",
        "lab --vitess 25", "lab --buffer-size 0", "lab --scenario nope", "lab verify nope.toml",
        "lab --step later", "lab --grpc-cert nope.pem --grpc-key nope.pem",
      ],
      [
        "nothing to watch", "nonsense", "--interval", "there is no theme nordic",
        "the screen cannot be opened", "--size", "--vtgates must be 1 to 200",
        "--vitess", "-buffer_size must be >= 1", "no scenario is called",
        "cannot read nope.toml", "--step", "cannot read nope.pem",
      ]))
  func aWrongFlagIsNamedWithTheNextStep(_ arguments: String, _ expected: String) async throws {
    let tmux = try await Tmux("\(sluice) \(arguments); sleep 1000", columns: 160)
    try await tmux.wait(for: "Error", expected)
    tmux.end()
  }

  @Test func anAppIsThrottledFromTheDemosScreen() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    let log = folder.appending(path: "audit.jsonl").path
    let tmux = try await Tmux(
      "\(sluice) demo --reparent-every 1000s --audit-log \(log)", columns: 112)
    try await tmux.wait(for: "▶commerce/-80", "t throttle", "ACTIONS 15m", "1 app", "/5s")
    tmux.type("t")
    try await tmux.wait(for: "● primary of commerce/-80")
    tmux.type("Down", "Down", "0.25")
    try await tmux.wait(for: "▶ratio     0.25_")
    try await tmux.press(
      "Enter",
      until: "throttle vreplication for 10m at ratio 0.25 in the memory of zone1-10", "y sends it")
    tmux.type("y")
    try await tmux.wait(for: "done: seen at zone1-10")
    tmux.type("Escape")
    try await tmux.wait(for: "▶commerce/-80", "t throttle")
    tmux.type("Enter")
    try await tmux.wait(for: "throttled apps", "you: throttle vreplication for 10m")
    tmux.end()
    let lines = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines.first?.contains("\"phase\":\"intent\"") == true)
  }

  @Test func theConfigurationForbidsActionsOnACluster() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-\(UUID())")
    let file = folder.appending(path: "sluice/config.toml")
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try "[clusters.prod]\nactions = \"never\"\n".write(to: file, atomically: true, encoding: .utf8)
    let sluice = "env XDG_CONFIG_HOME=\(folder.path) \(sluice)"
    let watch = try await Tmux("\(sluice) --vtgate 127.0.0.1:1 --title prod")
    try await watch.wait(for: "prod", "q quit")
    watch.type("R")
    try await watch.wait(for: "this run only reads")
    watch.end()
    let shell = try await Tmux("exec sh", columns: 160)
    for (command, expected) in [
      ("--vtgate 127.0.0.1:1 --title prod --allow-actions", "forbids actions on prod"),
      (
        "throttle a --keyspace k --yes --vtctld 127.0.0.1:1 --title prod", "forbids actions on prod"
      ),
      (
        "throttle a --keyspace k --yes --vtctld 127.0.0.1:1 --audit-log \(folder.path)/audit",
        "not sent"
      ),
    ] {
      shell.type("clear; \(sluice) \(command)", "Enter")
      try await shell.wait(for: expected)
    }
    try "[clusters.prod]\naction = \"never\"\n".write(to: file, atomically: true, encoding: .utf8)
    shell.type("clear; \(sluice) --vtgate 127.0.0.1:1", "Enter")
    try await shell.wait(for: "config.toml:2:1: clusters.prod.action is not known")
    shell.end()
  }

  /// A runbook's way, against the lab as it would be against a cluster.
  @Test func theShellActsAndSaysWhatItDid() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let lab = try await Tmux(
      "\(sluice) lab --vitess 22 --keyspace commerce:0 --vtgates 1 --port 0 --tablet-base 0 "
        + "--vtctld-port 0 --control-port 0",
      columns: 160)
    try await lab.wait(for: "vtctld: vtctldclient")
    let vtctld = try #require(lab.screen.firstMatch(of: /--server (127\.0\.0\.1:\d+)/)?.1)
    let vtgate = try #require(lab.screen.firstMatch(of: /--vtgate (127\.0\.0\.1:\d+)/)?.1)
    let to = "--vtctld \(vtctld) --audit-log \(folder.path)/audit.jsonl"
    let shell = try await Tmux("exec sh", columns: 160, rows: 50)
    func run(_ command: String, _ expected: String...) async throws {
      shell.type("clear; \(sluice) \(command); echo status $?", "Enter")
      try await shell.wait(for: expected)
    }
    try await run(
      "throttle online-ddl --keyspace commerce --duration 10m --yes \(to)", "done: seen at all 4",
      "status 0")
    try await run(
      "apps \(to)", "online-ddl  commerce, in topo  ratio 1  9m", "status 0")
    try await run(
      "reparent --planned commerce/0 --dry-run --vtgate \(vtgate) \(to)",
      "pass  primary in topo", "PlannedReparentShard {", "status 0")
    try await run(
      "reparent --planned commerce/0 --yes \(to)",
      "--yes asks nothing, so --expected-primary ALIAS must say")
    try await run(
      "reparent --planned commerce/0 --yes --expected-primary zone1-101 \(to)",
      "FAIL  primary in topo   topo says zone1-100, not zone1-101", "status 5")
    try await run(
      "reparent --planned commerce/0 --yes --expected-primary zone1-100 --vtgate \(vtgate) "
        + to, "done: zone1-10", "status 0")
    shell.end()
    lab.end()
  }

  @Test func theGuidesScenariosAreVerified() async throws {
    let tmux = try await Tmux("\(sluice) lab verify | tail -3; sleep 1000", columns: 160)
    try await tmux.wait(for: "all 7 scenarios came out as they must")
    tmux.end()
  }

  /// What an operator reads of the guide's scenarios while they run.
  @Test(
    arguments: [
      (1, ["not buffered", "off: 127.0.0.1:", "start vtgate with --enable_buffer"]),
      (2, ["not buffered", "off: 127.0.0.1:", "start vtgate with --enable_buffer"]),
      (3, ["recovered", "6 of 1 000", "zone1-100 to zone1-101"]),
      (4, ["failover 2", "not buffered", "failovers too close together", "leave 1m00s"]),
      (5, ["lost", "4 of 4", "because a buffer was full", "raise --buffer_size to"]),
      (6, ["requests outlasted the window of 1.0 s", "raise --buffer_window to"]),
      (7, ["gave up", "buffering was given up after 20.0 s"]),
    ] as [(Int, [String])])
  func theGuidesScenariosAreReadOffTheScreen(_ number: Int, _ texts: [String]) async throws {
    let tmux = try await Tmux("\(sluice) demo --scenario \(number) --start", columns: 160, rows: 50)
    try await tmux.wait(for: texts, upTo: .seconds(90))
    tmux.end()
  }

  /// As somebody follows the guide: read, start, look at what came, and go on with another flag.
  @Test func aScenarioIsFollowedOnOneScreen() async throws {
    let tmux = try await Tmux("\(sluice) demo --scenario 5 --stay", columns: 112, rows: 40)
    try await tmux.wait(
      for: "Scenario 5: too many connections", "Six connections, four slots", "6 clients run",
      "waits: F starts it")
    tmux.type("F")
    try await tmux.wait(for: "4 of 6 clients run, 2 ended", "agrees with the recording")
    tmux.type("S")
    try await tmux.wait(
      for: "requests_drained", "4          4       4  exact", "with errno 1105: target")
    tmux.type("c")
    try await tmux.wait(for: "6 clients run")
    tmux.type("Escape")
    try await tmux.wait(for: "q quit")
    tmux.type(":")
    try await tmux.wait(for: "Tab complete")
    tmux.type("lab restart server=vtgate-1 buffer_size=6")
    try await tmux.press("Enter", until: "lab: restart server=vtgate-1 buffer_size=6: done")
    tmux.end()
  }

  @Test func aLabThatRunsIsDrivenFromTheShell() async throws {
    let lab = try await Tmux(
      "\(sluice) lab --scenario 5 --buffer-size 5 --port 0 --tablet-base 0 --vtctld-port 0 "
        + "--control-port 0", columns: 160)
    try await lab.wait(
      for: "Six connections, four slots", "it waits; start it: sluice lab do start")
    #expect(lab.screen.contains(/watch it: sluice --vtgate \S+ --vtctld \S+/))
    let control = try #require(lab.screen.firstMatch(of: /do start (--control \S+)/)?.1)
    let shell = try await Tmux("exec sh", columns: 160, rows: 50)
    func run(_ command: String, _ expected: String...) async throws {
      shell.type("clear; \(sluice) \(command); echo status $?", "Enter")
      try await shell.wait(for: expected)
    }
    try await run("lab status \(control)", "it waits", "clients: 6 of 6 run", "status 0")
    try await run("lab do start \(control)", "the scenario's steps are sent", "status 0")
    try await lab.wait(for: "differs: requests_drained is 5, must be 4")
    try await run("lab status \(control)", "clients: 5 of 6 run, 1 ended", "status 0")
    try await run("lab do start-clients \(control)", "1 client begins again", "status 0")
    try await run(
      "lab do restart server=vtgate-1 buffer_size=0 \(control)",
      "vtgate-1 would not start: -buffer_size must be >= 1", "status 1")
    try await run("lab do restart server \(control)", "server is no parameter", "status 64")
    shell.end()
    lab.end()
  }

  @Test func aCheckExitsAsMonitoringExpects() async throws {
    let tmux = try await Tmux("\(sluice) check --vtgate 127.0.0.1:1; echo rc $?; sleep 1000")
    try await tmux.wait(
      for: "failing; shards: 0", "vtgate 127.0.0.1:1: connection refused", "rc 2")
    tmux.end()
  }

  @Test func theLabSaysWhereItIsAndCarriesOutSteps() async throws {
    let ports = "--port 0 --tablet-base 0 --vtctld-port 0 --control-port 0"
    let tmux = try await Tmux(
      "\(sluice) lab --vitess 16 \(ports) --step \"100ms planned-reparent shard=commerce/-80\" "
        + "--step \"2s mysql tablet=zone1-999 running=false\"", columns: 160)
    try await tmux.wait(
      for: "like Vitess 16.0.7, 2 vtgates and 9 tablets", "vtctldclient --server 127.0.0.1:",
      "populating reparent journal on new primary", "node doesn't exist")
    tmux.end()
  }

  @Test func aDeadVtgateIsARowWithAReason() async throws {
    let tmux = try await Tmux("\(sluice) --vtgate 127.0.0.1:1")
    try await tmux.wait(for: "0 of 1 vtgate", "vtgate 127.0.0.1:1: connection refused, for")
    tmux.end()
  }
}
