internal import ArgumentParser
internal import FleetModel
internal import Lab
internal import LabServer
internal import Session

struct LabCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lab",
    abstract: "Serve a small Vitess-shaped cluster on loopback, to rehearse on.")

  @OptionGroup var lab: LabOptions

  @Option(help: "The first vtgate's web port; the others follow. 0 takes free ports.")
  var port = 15001

  @Option(help: "Added to a tablet's uid to make its web port. 0 takes free ports.")
  var tabletBase = 15000

  @Option(
    help: ArgumentHelp("Reparent one shard after another, this long apart.", valueName: "duration"))
  var reparentEvery: Interval?

  func validate() throws {
    guard (0...65_000).contains(port), (0...64_000).contains(tabletBase) else {
      throw ValidationError("--port and --tablet-base must be 0 to 65000")
    }
  }

  func run() async throws {
    let clock = RunClock()
    let host = LabHost(lab.configuration(over: .init())) { clock.now }
    let vtgates: [Address]
    do {
      vtgates = try await host.start(.init(vtgate: port, tabletBase: tabletBase))
    } catch let error as PortUnavailable {
      throw ValidationError(error.description)
    }
    sayAtOnce("lab: vtgates at \(vtgates.map(\.description).joined(separator: ", "))")
    sayAtOnce("watch it: sluice " + vtgates.map { "--vtgate \($0)" }.joined(separator: " "))
    if let every = reparentEvery {
      await host.reparent(every: every.duration, first: every.duration) { sayAtOnce($0) }
    }
    // Until a signal ends the program.
    while true { try await Task.sleep(for: .seconds(3600)) }
  }
}
