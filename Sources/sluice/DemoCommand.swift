internal import ArgumentParser
internal import Buffering
internal import Dashboard
internal import FleetModel
internal import FoundationEssentials
internal import Lab
internal import LabServer
internal import Operations
internal import Scrape
internal import Session
internal import Terms
internal import Timing
internal import VtctldClient

struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Show the dashboard on the embedded cluster, with a failover now and then.",
    discussion: """
      For example:
        sluice demo --vitess 22 --shards 8
        sluice demo --scenario buffer-full
      """)

  @OptionGroup(title: "Scenario") var scenario: ScenarioOptions
  @OptionGroup(title: "Cluster") var lab: LabOptions
  @OptionGroup(title: OptionSection.screen) var display: DisplayOptions
  @OptionGroup(title: OptionSection.configuration) var configuration: ConfigurationOptions

  @Option(
    help: ArgumentHelp(
      "Time between two reparents, and before the first one (default: 25s, the first after 8s).",
      valueName: "duration"))
  var reparentEvery: Interval?

  @Option(help: ArgumentHelp("Time between two polls of a server.", valueName: "duration"))
  var interval = Interval(duration: .milliseconds(500))

  @Option(
    help: ArgumentHelp(
      "Where actions are recorded (default: sluice-demo-USER/audit.jsonl below $TMPDIR or /tmp).",
      valueName: "file"))
  var auditLog: String?

  func validate() throws {
    try reparentEvery?.check("--reparent-every")
    try interval.check("--interval")
  }

  private static var auditPath: String {
    let process = ProcessInfo.processInfo
    let folder = process.environment["TMPDIR"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "/tmp"
    return "\(folder)/sluice-demo-\(process.userName)/audit.jsonl"
  }

  @MainActor
  func run() async throws {
    let clock = RunClock()
    let scenario = try scenario.scenario(with: lab)
    let host = LabHost(try scenario?.configuration ?? ownCluster(at: clock.now)) { clock.now }
    let addresses = try await host.start(.free)
    if let scenario {
      await host.prepare(scenario)
      if self.scenario.start { try await host.start(after: ScenarioOptions.lead(of: scenario)) }
    } else {
      let every = reparentEvery?.duration
      await host.reparent(every: every ?? .seconds(25), first: every ?? .seconds(8)) { _ in }
    }
    let seat = DemoLab(host)
    var settings = Model.Settings(
      title: "demo", interval: interval.duration, utcOffset: RunClock.utcOffset, isLab: true,
      opensFailovers: !display.stay, permission: .fromStart, hasVtctld: true,
      canReparent: true)
    settings.labCommands = DrillCommand.names
    settings.rehearsal = await seat.rehearsal()
    try await WatchCommand.show(
      addresses.vtgates.map { Target(.vtgate, $0) }, settings: settings,
      feed: { [interval] clock in
        Scraper(of: "demo", Cadence(interval: interval.duration)) { clock.now }
      }, display: display,
      access: ClusterAccess(
        vtctld: addresses.vtctld.map { VtctldClient(VtctldAccess(servers: [$0])) },
        audit: AuditLog(path: auditLog ?? Self.auditPath, cluster: "demo")),
      lab: seat)
    await atMost(.milliseconds(50)) { await host.stop() }
  }

  /// The cluster of a demo without a scenario: slow and small enough to be seen, for a real planned
  /// reparent is over in half a second.
  private func ownCluster(at now: Instant) throws -> LabCluster.Configuration {
    var standard = LabCluster.Configuration()
    standard.promotion = .seconds(3)
    standard.buffer.size = 60
    var profile = TrafficProfile.steady
    (profile.persistent, profile.pooled, profile.oneOff) = (14, 13, 13)
    profile.think = .milliseconds(400)
    var configuration = try lab.cluster(over: standard, profile: profile)
    configuration.throttledApps = [
      (
        "commerce", "vreplication",
        ThrottlerRule(expiresAt: now + .seconds(7200), ratio: 0.25)
      )
    ]
    // A migration in each keyspace keeps the throttlers awake.
    configuration.asking = configuration.keyspaces.map { ($0.name, "vreplication", .seconds(1)) }
    return configuration
  }
}
