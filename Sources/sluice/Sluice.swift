internal import VitessClient
internal import ArgumentParser

@main
enum Program {
  @MainActor
  static func main() async {
    ProcessStart.holdStandardDescriptors()
    ProcessStart.takeBrokenPipes()
    OpenFileLimit.raise()
    ProcessStart.keepLittleFreeMemory()
    Task { await UnusedMemory.giveBackAgainAndAgain() }
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
    discussion: """
      For example:
        sluice --vtgate vtgate-1:15001 --vtgate vtgate-2:15001
        sluice prod-eu                    a cluster of the configuration file
        sluice demo                       a cluster of its own that fails over
      """,
    version: ProgramVersion.words,
    groupedSubcommands: [
      CommandGroup(
        name: "Watch", subcommands: [WatchCommand.self, CheckCommand.self, SnapshotCommand.self]),
      CommandGroup(
        name: "Record and look back",
        subcommands: [
          RecordCommand.self, ReplayCommand.self, ReportCommand.self, ImportCommand.self,
          WhatIfCommand.self,
        ]),
      CommandGroup(
        name: "Act",
        subcommands: [
          ThrottleCommand.self, UnthrottleCommand.self, AppsCommand.self, ReparentCommand.self,
        ]),
      CommandGroup(name: "Rehearse", subcommands: [DemoCommand.self, LabCommand.self]),
      CommandGroup(name: "Cut over", subcommands: [ProxyCommand.self, CutoverCommand.self]),
      CommandGroup(
        name: "Set up",
        subcommands: [
          ConfigCommand.self, DiscoverCommand.self, RulesCommand.self, GrafanaCommand.self,
          ThemesCommand.self, CompletionsCommand.self, ManCommand.self,
        ]),
    ],
    defaultSubcommand: WatchCommand.self)
}
