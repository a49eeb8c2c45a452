internal import ArgumentParser
internal import Lab
internal import LabServer
internal import Terms
internal import Timing

struct LabCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lab",
    abstract:
      "Serve a Vitess-shaped cluster on loopback, to rehearse on, until the program is ended.",
    discussion: """
      vtgates and vttablets answer their pages over HTTP, vtctld answers vtctldclient over gRPC.
      Commands break and mend things: sluice lab do, a POST to the control page, or --step.

      For example:
        sluice lab --vitess 22 --keyspace commerce:-80,80- --replicas 2 --vtgates 3
        sluice --vtgate localhost:15001
      """,
    subcommands: [
      LabDoCommand.self, LabStatusCommand.self, LabScenarioCommand.self, VerifyCommand.self,
    ])

  @OptionGroup(title: "Scenario") var scenario: ScenarioOptions
  @OptionGroup(title: "Cluster") var lab: LabOptions

  @Option(help: "The first vtgate's web port; the others follow. 0 takes free ports.")
  var port = 15001

  @Option(help: "Added to a tablet's uid to make its web port. 0 takes free ports.")
  var tabletBase = 15000

  @Option(help: "vtctld's gRPC port. 0 takes a free one.")
  var vtctldPort = 15999

  @Option(help: "The control page's port. 0 takes a free one.")
  var controlPort = 14900

  @Option(
    help: ArgumentHelp("Reparent one shard after another, this long apart.", valueName: "duration"))
  var reparentEvery: Interval?

  @Option(
    name: .customLong("step"),
    help: ArgumentHelp(
      "A command and when to carry it out, like '6s planned-reparent shard=commerce/0'; may be repeated.",
      valueName: "step"))
  var steps: [StepArgument] = []

  @Option(help: ArgumentHelp("vtctld's certificate chain (PEM), for TLS.", valueName: "file"))
  var grpcCert: String?

  @Option(help: ArgumentHelp("The key to it (PEM).", valueName: "file"))
  var grpcKey: String?

  @Option(
    help: ArgumentHelp("Clients must show a certificate of this authority.", valueName: "file"))
  var grpcCa: String?

  @Option(
    help: ArgumentHelp(
      "Name and password that vtctld's callers must bring, like joe:secret.", valueName: "user:pass"
    ))
  var grpcAuthStatic: String?

  func validate() throws {
    try reparentEvery?.check("--reparent-every")
    guard (0...65_000).contains(port), (0...64_000).contains(tabletBase),
      (0...65_535).contains(vtctldPort), (0...65_535).contains(controlPort)
    else {
      throw ValidationError("ports must be 0 to 65535")
    }
    try refuseSharedPorts()
    guard (grpcCert == nil) == (grpcKey == nil) else {
      throw ValidationError("--grpc-cert and --grpc-key belong together")
    }
    guard grpcCa == nil || grpcCert != nil else {
      throw ValidationError("--grpc-ca needs --grpc-cert and --grpc-key")
    }
    for file in [grpcCert, grpcKey, grpcCa].compactMap(\.self) {
      try UnreadableFile.refuse(file)
    }
    if let credentials = grpcAuthStatic, !credentials.contains(":") {
      throw ValidationError("--grpc-auth-static must be a name and a password, like joe:secret")
    }
  }

  /// Fails, naming two servers that would use the same port.
  private func refuseSharedPorts() throws {
    let configuration = try plan().configuration
    var owners: [Int: String] = [:]
    func claim(_ port: Int, _ name: String) throws {
      guard (1...65_535).contains(port) else {
        throw ValidationError("\(name) would have port \(port): choose lower ports, or 0")
      }
      if let other = owners.updateValue(name, forKey: port) {
        throw ValidationError(
          "\(other) and \(name) would both have port \(port): choose other ports, or 0 for free ones"
        )
      }
    }
    if vtctldPort > 0 { try claim(vtctldPort, "vtctld") }
    if controlPort > 0 { try claim(controlPort, "the control page") }
    for index in 0..<configuration.vtgates where port > 0 {
      try claim(port + index, "vtgate-\(index + 1)")
    }
    for alias in configuration.tablets.values.joined() where tabletBase > 0 {
      try claim(tabletBase + Int(alias.uid), alias.short)
    }
  }

  private var door: LabHost.Door {
    var door = LabHost.Door()
    if let grpcCert, let grpcKey { door.certificate = (grpcCert, grpcKey) }
    door.authority = grpcCa
    if let colon = grpcAuthStatic?.firstIndex(of: ":"), let text = grpcAuthStatic {
      door.credentials = (String(text[..<colon]), String(text[text.index(after: colon)...]))
    }
    return door
  }

  private func plan() throws -> (configuration: LabCluster.Configuration, scenario: Scenario?) {
    let scenario = try scenario.scenario(with: lab)
    return (
      try scenario?.configuration ?? lab.cluster(over: .init(), profile: .steady), scenario
    )
  }

  func run() async throws {
    let clock = RunClock()
    let (configuration, scenario) = try plan()
    let host = LabHost(configuration) { clock.now }
    let addresses: LabHost.Addresses
    do {
      addresses = try await host.start(
        .init(vtgate: port, tabletBase: tabletBase, vtctld: vtctldPort, control: controlPort),
        door: door)
    } catch let error as PortUnavailable {
      throw ValidationError(error.description)
    }
    announce(addresses, like: configuration.release)
    if let scenario { try await rehearse(scenario, on: host, addresses) }
    await host.rehearse(steps.map(\.step)) { StandardOutput.say($0) }
    if let every = reparentEvery {
      await host.reparent(every: every.duration, first: every.duration) { StandardOutput.say($0) }
    }
    // Until a signal ends the program.
    while true { try await Task.sleep(for: .seconds(3600)) }
  }

  private func rehearse(
    _ scenario: Scenario, on host: LabHost, _ addresses: LabHost.Addresses
  ) async throws {
    StandardOutput.say("")
    StandardOutput.say(scenario.title)
    for line in scenario.about.split(separator: "\n") { StandardOutput.say("  \(line)") }
    await host.prepare(scenario) { StandardOutput.say($0) }
    if self.scenario.start {
      try await host.start(after: ScenarioOptions.lead(of: scenario))
    } else if let control = addresses.control {
      StandardOutput.say("it waits; start it: sluice lab do start\(Self.naming(control))")
    }
  }

  private func announce(_ addresses: LabHost.Addresses, like release: VitessRelease) {
    func plural(_ count: Int, _ noun: String) -> String {
      "\(count) \(noun)\(count == 1 ? "" : "s")"
    }
    StandardOutput.say(
      "lab: a cluster like Vitess \(release), \(plural(addresses.vtgates.count, "vtgate")) and "
        + plural(addresses.tablets.count, "tablet"))
    var watch = addresses.vtgates.prefix(8).map { " --vtgate \($0)" }.joined()
    if addresses.vtgates.count > 8 { watch += " …" }
    if let vtctld = addresses.vtctld { watch += " --vtctld \(vtctld)" }
    if grpcCert != nil { watch += " --vtctld-grpc-ca FILE" }
    if grpcCa != nil { watch += " --vtctld-grpc-cert FILE --vtctld-grpc-key FILE" }
    if grpcAuthStatic != nil { watch += " --grpc-auth-static-client-creds FILE" }
    StandardOutput.say("watch it: sluice\(watch)")
    if let vtctld = addresses.vtctld {
      StandardOutput.say("vtctld: vtctldclient --server \(vtctld)")
    }
    if let control = addresses.control {
      StandardOutput.say(
        "break it: sluice lab do\(Self.naming(control)), or curl http://\(control)/")
    }
  }

  /// How `sluice lab do` is told where the control page is, unless it is where it looks by itself.
  private static func naming(_ control: Address) -> String {
    control == LabControl.standard ? "" : " --control \(control)"
  }
}

/// `6s planned-reparent shard=commerce/0`.
struct StepArgument: ExpressibleByArgument {
  let step: DrillStep

  init?(argument: String) {
    let words = argument.split(separator: " ").map(String.init)
    guard words.count >= 2, let at = try? Duration(goText: words[0]), at >= .zero else {
      return nil
    }
    var parameters: [String: String] = [:]
    for word in words.dropFirst(2) {
      guard let equals = word.firstIndex(of: "=") else { return nil }
      parameters[String(word[..<equals])] = String(word[word.index(after: equals)...])
    }
    // Parsed once now, so that a slip is found before the cluster runs.
    guard (try? DrillCommand(words[1], parameters, at: Instant(secondsSinceEpoch: 0))) != nil else {
      return nil
    }
    step = DrillStep(at: at, command: words[1], parameters: parameters)
  }
}
