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
    abstract: "Show the dashboard on the embedded cluster, with a failover now and then.")

  @OptionGroup var lab: LabOptions
  @OptionGroup var scenario: ScenarioOptions
  @OptionGroup var display: DisplayOptions

  @Option(help: ArgumentHelp("Time between two reparents.", valueName: "duration"))
  var reparentEvery = Interval(duration: .seconds(25))

  @Option(help: ArgumentHelp("Time between two polls of a server.", valueName: "duration"))
  var interval = Interval(duration: .milliseconds(500))

  @Option(
    help: ArgumentHelp(
      "Where actions are recorded (default: sluice-demo-USER/audit.jsonl below $TMPDIR or /tmp).",
      valueName: "file"))
  var auditLog: String?

  private static var auditPath: String {
    let process = ProcessInfo.processInfo
    let folder = process.environment["TMPDIR"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "/tmp"
    return "\(folder)/sluice-demo-\(process.userName)/audit.jsonl"
  }

  @MainActor
  func run() async throws {
    raiseFileLimit()
    let clock = RunClock()
    // Slow and small enough to watch: a real planned reparent is over in half a second.
    var standard = LabCluster.Configuration()
    standard.promotion = .seconds(3)
    var profile = TrafficProfile.steady
    (profile.persistent, profile.pooled, profile.oneOff) = (14, 13, 13)
    profile.think = .milliseconds(400)
    standard.traffic = [Traffic(profile, to: ShardName(keyspace: "commerce", shard: "-80"))]
    standard.buffer.size = 60
    var configuration = lab.configuration(over: standard)
    configuration.throttledApps = [
      (
        "commerce", "vreplication",
        ThrottlerRule(expiresAt: clock.now + .seconds(7200), ratio: 0.25)
      )
    ]
    // A migration in each keyspace keeps the throttlers awake.
    configuration.asking = configuration.keyspaces.map { ($0.name, "vreplication", .seconds(1)) }
    let plan = try scenario.plan(over: configuration)
    let host = LabHost(plan.configuration) { clock.now }
    let addresses = try await host.start(.free)
    if plan.steps.isEmpty {
      await host.reparent(every: reparentEvery.duration, first: .seconds(8)) { _ in }
    } else {
      await host.rehearse(plan.steps) { _ in }
    }
    try await WatchCommand.show(
      addresses.vtgates.map { Target(.vtgate, $0) },
      settings: Model.Settings(
        title: "demo", interval: interval.duration, utcOffset: RunClock.utcOffset, isLab: true,
        opensFailovers: !display.stay, permission: .fromStart, hasVtctld: true,
        canReparent: true),
      cadence: Cadence(interval: interval.duration), display: display,
      access: ClusterAccess(
        vtctld: addresses.vtctld.map { VtctldClient(VtctldAccess(servers: [$0])) },
        audit: AuditLog(path: auditLog ?? Self.auditPath, cluster: "demo")))
    await atMost(.milliseconds(50)) { await host.stop() }
  }
}
