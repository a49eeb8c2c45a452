import Foundation
import Testing

/// The program finds its servers by files, a command and vtctld.
@Suite(.timeLimit(.minutes(2)), .serialized) struct DiscoveryTests {
  @Test func aCheckFindsItsVtgatesInAFileAndByACommand() throws {
    let lab = try LabProgram("--traffic none 2>&1")
    defer { lab.end() }
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let vtgates = lab.greeting.matches(of: /--vtgate (127\.0\.0\.1:\d+)/).map { String($0.1) }
    let vtctld = try #require(lab.greeting.firstMatch(of: /--server (127\.0\.0\.1:\d+)/)).1
    #expect(vtgates.count == 2)
    try folder.write("- targets: ['\(vtgates[0])']\n  labels: {cell: zone1}\n", to: "gates.yml")
    try folder.write(
      "[{\"targets\": [\"\(vtgates[1])\"], \"labels\": {\"job\": \"vtgate\"}}]", to: "gates.json")
    let sources =
      "--discover-file \(folder.path)/gates.yml --discover-command 'cat \(folder.path)/gates.json'"
    let check = try ProgramRun("check \(sources) --wait 10s")
    #expect(check.status == 0, "\(check)")
    #expect(check.output.hasPrefix("healthy; shards: 3, problems: 0"), "\(check)")
    let ignoring = try ProgramRun("check \(sources) --wait 10s --ignore 'nix*' --ignore zone1")
    #expect(ignoring.errors == "--ignore nix*: nothing that is known has such a name\n")
    let insecure = try ProgramRun("check \(sources) --wait 10s --http-insecure")
    #expect(insecure.output.contains("note: fleet: --http-insecure: no certificate is checked"))
    let list = try ProgramRun("discover \(sources) --discover-vtctld --vtctld \(vtctld)")
    #expect(list.status == 0, "\(list)")
    #expect(
      list.output.contains("vtgate \(vtgates[0])  cell zone1  named by \(folder.path)/gates.yml\n"))
    #expect(list.output.contains("vtgate \(vtgates[1])  named by the command\n"))
    #expect(
      list.output.matches(of: /vttablet .*  keyspace commerce  shard \S+  named by vtctld/)
        .count == 6)
  }

  /// One file that is broken says so, and hides none of the others.
  @Test func eachFileOfAPatternIsReadByItself() throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    try folder.write("- targets: ['127.0.0.1:1']\n", to: "a.yml")
    try folder.write("- targets: '127.0.0.1:2'\n", to: "b.yml")
    let list = try ProgramRun("discover --discover-file '\(folder.path)/*.yml'")
    #expect(list.status == 1, "\(list)")
    #expect(list.output == "vtgate 127.0.0.1:1  named by \(folder.path)/a.yml\n", "\(list)")
    #expect(
      list.errors.contains("\(folder.path)/b.yml:1:12: targets must be a list of HOST:PORT"),
      "\(list)")
  }

  /// vtgates of one place, and a topo that has a shard which they do not know and whose tablets are dead.
  @Test func aShardThatOnlyTopoKnowsIsUnknown() throws {
    let dead = ["200", "201", "202"]
      .map { " --step '0s process server=zone1-\($0) state=dead'" }.joined()
    let lab = try LabProgram("--keyspace commerce:0 --traffic none 2>&1")
    let other = try LabProgram(
      "--keyspace commerce:0 --keyspace extra:- --traffic none\(dead) 2>&1")
    defer {
      lab.end()
      other.end()
    }
    let vtgates = lab.greeting.matches(of: /--vtgate \S+/).map { String($0.0) }
    let vtctld = try #require(other.greeting.firstMatch(of: /--server (127\.0\.0\.1:\d+)/)).1
    let flags = "\(vtgates.joined(separator: " ")) --vtctld \(vtctld) --discover-vtctld --wait 8s"
    let check = try ProgramRun("check \(flags) --ignore 'vttablet *'")
    #expect(check.status == 1, "\(check)")
    #expect(
      check.output.contains("degraded: extra/-: only topo names it: no vtgate knows it"), "\(check)"
    )
    let ignored = try ProgramRun("check \(flags) --ignore 'vttablet *' --ignore extra")
    #expect(ignored.status == 0, "\(ignored)")
  }

  /// A vtctld that is no source is seen where sources are.
  @Test func aVtctldThatFailsIsSaid() throws {
    let lab = try LabProgram("--traffic none 2>&1")
    defer { lab.end() }
    let vtgates = lab.greeting.matches(of: /--vtgate \S+/).map { String($0.0) }
    let flags = "\(vtgates.joined(separator: " ")) --vtctld 127.0.0.1:1"
    let words = "topo cannot be read: vtctld 127.0.0.1:1: connection refused"
    let check = try ProgramRun("check \(flags)")
    #expect(check.status == 0 && check.errors.isEmpty, "\(check)")
    #expect(check.output.contains("note: fleet: \(words)\n"), "\(check)")
    let json = try ProgramRun("check \(flags) --json")
    #expect(json.output.contains("\"kind\":\"topo-unread\""), "\(json)")
    let plain = try ProgramRun("--plain \(flags) & sleep 3; kill $!")
    #expect(plain.output.contains(words), "\(plain)")
    let source = try ProgramRun("check \(flags) --discover-vtctld")
    #expect(source.output.matches(of: /connection refused/).count == 1, "\(source)")
  }

  @Test func whatCannotBeReadIsSaidWithItsPlace() throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    try folder.write("- targets:\n    - gate one\n", to: "gates.yml")
    for (sources, words) in [
      (
        "--discover-file \(folder.path)/gates.yml",
        "\(folder.path)/gates.yml:2:7: gate one is no HOST:PORT"
      ),
      ("--discover-file \(folder.path)/none.yml", "\(folder.path)/none.yml: there is no such file"),
      ("--discover-command 'exit 3'", "--discover-command: it ended with status 3"),
      (
        "--discover-command nosuchcommand",
        "--discover-command: it ended with status 127: there is no such command, and complained: "
      ),
      (
        "--discover-command 'echo one >&2; printf \"no \\033[31mroute to consul\\n\\n\" >&2; exit 3'",
        "--discover-command: it ended with status 3, and complained: no \u{FFFD}[31mroute to consul\n"
      ),
      (
        "--discover-command 'echo https://joe:s3cret@consul >&2; echo hello'",
        "--discover-command:1:1: it is neither a list of targets as for Prometheus' file_sd nor "
          + "vtadmin's discovery.json, and complained: https://(hidden)@consul\n"
      ),
      ("--vtctld 127.0.0.1:1 --discover-vtctld", "vtctld 127.0.0.1:1: connection refused"),
      ("--discover-command 'kill -9 $$'", "--discover-command: it was ended by signal 9"),
      (
        "--discover-command 'echo hello'", "--discover-command:1:1: it is neither a list of targets"
      ),
    ] {
      let run = try ProgramRun("discover \(sources)")
      #expect(run.status == 1, "\(run)")
      #expect(run.errors.hasPrefix(words), "\(run)")
    }
    let run = try ProgramRun("discover --discover-vtctld")
    #expect(run.status == 64 && run.errors.contains("needs a vtctld"), "\(run)")
  }

  /// A list that is there counts, whatever else is said; of what is said, the last line in bounds.
  @Test func aCommandsComplaintIsToldBesideItsList() throws {
    let run = try ProgramRun(
      "discover --discover-command 'yes x | head -c 300000 | tr -d \"\\n\" >&2; echo \"[{targets: [a:1]}]\"'"
    )
    #expect(run.status == 0, "\(run)")
    #expect(run.output == "vtgate a:1  named by the command\n")
    #expect(run.errors.hasPrefix("--discover-command: it complains: xxx"), "\(run)")
    #expect(run.errors.count < 300, "\(run.errors.count)")
  }

  @Test func aCommandThatComplainsForeverIsEnded() throws {
    let run = try ProgramRun("discover --discover-command 'yes no >&2'")
    #expect(
      run.errors == "--discover-command: it has not ended within 10s, and complained: no\n",
      "\(run)")
  }

  /// Whoever names no cluster of several is told which there are.
  @Test func withoutASourceItIsSaidWhoCouldBeOne() throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    try folder.write(
      "[clusters.eu]\nvtgate = \"a:1\"\n[clusters.us]\nvtgate = \"b:1\"\n",
      to: "sluice/config.toml")
    let several: [String: String?] = ["XDG_CONFIG_HOME": folder.path]
    let none = try ProgramRun("discover", several)
    #expect(none.status == 64 && none.output.isEmpty, "\(none)")
    #expect(none.errors.contains("name one of the clusters eu, us with --cluster NAME"), "\(none)")
    #expect(
      try ProgramRun("discover --cluster us", several).output
        == "vtgate b:1  named by the operator\n")
    let prometheus = try ProgramRun("discover --prometheus p:1")
    #expect(
      prometheus.status == 64 && prometheus.errors.contains("--discover-file"), "\(prometheus)")
  }

  @Test func aCommandThatDoesNotEndIsEndedWithItsChildren() throws {
    let start = ContinuousClock.now
    let run = try ProgramRun("discover --discover-command 'sleep 60 & sleep 60'")
    #expect(run.errors.hasPrefix("--discover-command: it has not ended within 10s"), "\(run)")
    #expect(ContinuousClock.now - start < .seconds(30))
  }

  @Test func itsClustersServersAreTakenFromAFileOfSeveral() throws {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    try folder.write(
      """
      - targets: ['a:1']
        labels: {cluster: prod}
      - targets: ['b:1']
        labels: {cluster: staging}
      """, to: "gates.yml")
    let file = "--discover-file \(folder.path)/gates.yml"
    #expect(
      try ProgramRun("discover \(file) --title staging").output
        == "vtgate b:1  named by \(folder.path)/gates.yml\n")
    let all = try ProgramRun("discover \(file)")
    #expect(all.output.contains("vtgate a:1") && all.output.contains("vtgate b:1"))
    #expect(all.errors.contains("these are servers of several clusters, prod, staging"))
  }
}
