internal import ArgumentParser
internal import Dashboard
internal import FleetModel
internal import Lab
internal import LabServer
internal import Scrape
internal import Session

struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Show the dashboard on the embedded cluster, with a failover now and then.")

  @OptionGroup var lab: LabOptions
  @OptionGroup var display: DisplayOptions

  @Option(help: ArgumentHelp("Time between two reparents.", valueName: "duration"))
  var reparentEvery = Interval(duration: .seconds(25))

  @Option(help: ArgumentHelp("Time between two polls of a server.", valueName: "duration"))
  var interval = Interval(duration: .milliseconds(500))

  @MainActor
  func run() async throws {
    let clock = RunClock()
    // Slow and small enough to be seen: a real planned reparent is over in half a second.
    var standard = LabCluster.Configuration()
    standard.demotion = .seconds(3)
    standard.clients = 40
    standard.thinkTime = .milliseconds(400)
    standard.buffer.size = 60
    var configuration = lab.configuration(over: standard)
    let migrated = ShardName(keyspace: "commerce", shard: "80-")
    configuration.throttledApps[migrated] = [
      ThrottledApp(name: "vreplication", expiresAt: clock.now + .seconds(7200), ratio: 0.25)
    ]
    let host = LabHost(configuration) { clock.now }
    let vtgates = try await host.start(.free)
    await host.reparent(every: reparentEvery.duration, first: .seconds(8)) { _ in }
    try await WatchCommand.show(
      vtgates.map { Target(.vtgate, $0) },
      settings: Model.Settings(
        title: "demo", interval: interval.duration, utcOffset: RunClock.utcOffset, isLab: true),
      configuration: Scraper.Configuration(interval: interval.duration), display: display,
      rehearse: { await host.plannedReparent($0) })
    await host.stop()
  }
}
