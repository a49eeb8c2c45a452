internal import ArgumentParser

@main
enum Program {
  @MainActor
  static func main() async {
    ProcessStart.holdStandardDescriptors()
    ProcessStart.takeBrokenPipes()
    ProcessStart.raiseFileLimit()
    ProcessStart.freeLargeBlocks()
    await Launch.run(Array(CommandLine.arguments.dropFirst()))
  }
}

/// The command line.
///
/// Only puts the parts together.
struct Sluice: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sluice",
    abstract: "Watch Vitess buffer queries through a failover, live and per shard.",
    version: "0.1.0",
    subcommands: [
      WatchCommand.self, CheckCommand.self, SnapshotCommand.self, RecordCommand.self,
      ReplayCommand.self, ReportCommand.self, ImportCommand.self, ThrottleCommand.self,
      UnthrottleCommand.self, AppsCommand.self, ReparentCommand.self, LabCommand.self,
      DemoCommand.self, ThemesCommand.self, ConfigCommand.self,
    ],
    defaultSubcommand: WatchCommand.self)
}
