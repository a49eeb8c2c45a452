internal import ArgumentParser

/// The command line.
///
/// Nothing happens here but composition.
@main
struct Sluice: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sluice",
    abstract: "Watch Vitess buffer queries through a failover, live and per shard.",
    version: "0.1.0",
    subcommands: [
      WatchCommand.self, CheckCommand.self, SnapshotCommand.self, ThrottleCommand.self,
      UnthrottleCommand.self, AppsCommand.self, ReparentCommand.self, LabCommand.self,
      DemoCommand.self,
    ],
    defaultSubcommand: WatchCommand.self)
}
