internal import Actions
internal import ArgumentParser
internal import Cutover
internal import TerminalKit
internal import Terms
internal import VitessClient

struct CutoverCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cutover",
    abstract: "Move a running proxy's route to another of its backends.",
    discussion: ControlPage.exitStatuses + """


      For example:
        sluice cutover start --proxy proxy.toml --to new
        sluice cutover switch --proxy proxy.toml
        sluice cutover status --proxy proxy.toml
      """,
    subcommands: [
      CutoverStartCommand.self, CutoverSwitchCommand.self, CutoverCancelCommand.self,
      CutoverStatusCommand.self,
    ])
}

/// Which proxy, and which of its routes.
struct CutoverOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("The proxy's configuration file.", valueName: "file"), completion: .file())
  var proxy: String

  @Option(
    help: ArgumentHelp(
      "The route, as keyspace/shard, where the proxy has more than one.", valueName: "route"))
  var route: ShardName?

  /// Has a step taken, and prints what comes of it; `target`: the new server, where it starts.
  func take(_ step: CutoverOrder.Step, to target: String? = nil) async throws {
    let configuration = try ProxyFileOption.read(proxy)
    let routes = configuration.routes.map(\.name.description)
    guard route != nil || routes.count == 1 else {
      throw ValidationError(
        "name the route with --route: the proxy has \(routes.joined(separator: ", "))"
          .safe(limit: 400))
    }
    let named = route.map { [(name: "route", value: $0.description)] } ?? []
    let to = target.map { [(name: "to", value: $0)] } ?? []
    try await page(of: configuration).send(
      .command(named + to + step.parameters), to: String(step.path.dropFirst()))
  }

  /// Asks how all routes stand, and prints what comes back.
  func askForStatus() async throws {
    try await page(of: try ProxyFileOption.read(proxy)).send(.status, to: "cutover")
  }

  private func page(of configuration: ProxyConfiguration) throws -> ControlPage {
    let token = try configuration.tokenFile.map { try ProxyFileOption.token($0) }
    return ControlPage(
      address: configuration.pages,
      access: HTTPAccess(
        named: [configuration.pages],
        credentials: token.flatMap { HTTPCredentials("Bearer \($0)") }),
      // A switch waits for transactions, for replication, and for a standby to take writes.
      patience: configuration.limits.inFlight + configuration.limits.catchUp + .seconds(90))
  }
}

struct CutoverStartCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "start",
    abstract: "Hold new work on the route, and let work in flight finish.",
    usage: "sluice cutover start [<options>] --proxy <file> --to <backend>")

  @OptionGroup var options: CutoverOptions

  @Option(help: ArgumentHelp("The backend that is to serve the route.", valueName: "backend"))
  var to: String

  @Flag(
    help: ArgumentHelp(
      "Begin even where nothing would be buffered: new work fails until the switch, as with a vtgate "
        + "that does not buffer."))
  var unbuffered = false

  func run() async throws {
    try await options.take(.start(isUnbuffered: unbuffered), to: to)
  }
}

struct CutoverSwitchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "switch",
    abstract: "Switch the held route to its new backend once that has caught up.",
    usage: "sluice cutover switch [<options>] --proxy <file>")

  @OptionGroup var options: CutoverOptions

  @Flag(
    help: "Do not ask whether the new backend has everything: what was written last may be lost.")
  var unchecked = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "End what is in flight on the old backend instead of waiting for it, if there are at most "
        + "this many statements and transactions. Its clients lose their connections; whether a COMMIT under "
        + "way is carried out is not known.", valueName: "count"))
  var force: Int?

  func validate() throws {
    guard force.map({ $0 >= 0 }) ?? true else {
      throw ValidationError("--force is a number of statements and transactions, 0 or more")
    }
  }

  func run() async throws {
    try await options.take(.carryThrough(isChecked: !unchecked, ending: force))
  }
}

struct CutoverCancelCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel", abstract: "Cancel: what waits runs on the old backend.")

  @OptionGroup var options: CutoverOptions

  func run() async throws { try await options.take(.cancel) }
}

struct CutoverStatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Say how the proxy's routes, cutovers and backends stand.")

  @OptionGroup var options: CutoverOptions

  func run() async throws { try await options.askForStatus() }
}
