internal import ArgumentParser
internal import Cutover
internal import TerminalKit
internal import Terms
internal import VitessClient
internal import Wording

struct CutoverCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cutover",
    abstract: "Give a route of a proxy that runs to another of its backends.",
    discussion: """
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
    help: ArgumentHelp("The file of the proxy.", valueName: "file"), completion: .file())
  var proxy: String

  @Option(
    help: ArgumentHelp(
      "The route, as keyspace/shard, where the proxy has more than one.", valueName: "route"))
  var route: ShardName?

  /// A switch waits for transactions and for replication.
  private static let patience: Duration = .seconds(120)

  /// Sends a command, or asks for the status, and prints what comes back; ends with 1 where the proxy
  /// refuses it.
  ///
  /// `parameters`: nil only asks.
  func send(_ path: String, _ parameters: [(name: String, value: String)]?) async throws {
    let configuration = try ProxyFileOption.read(proxy)
    let token = try configuration.tokenFile.map { try ProxyFileOption.token($0) }
    let fetcher = HTTPFetcher(
      HTTPAccess(
        named: [configuration.pages],
        credentials: token.flatMap { HTTPCredentials("Bearer \($0)") }))
    let named = (route.map { [(name: "route", value: $0.description)] } ?? []) + (parameters ?? [])
    let query = named.map { "\($0.name)=\($0.value.percentEncoded)" }.joined(separator: "&")
    let page: HTTPFetcher.Page
    do {
      page = try await fetcher.call(
        configuration.pages.url(path) + (query.isEmpty ? "" : "?" + query),
        to: configuration.pages, body: parameters == nil ? nil : "", within: Self.patience)
    } catch {
      await fetcher.shutdown()
      warn(Wording().words(error))
      throw ExitCode.failure
    }
    await fetcher.shutdown()
    let lines = page.text.split(separator: "\n").map { String($0).safe(limit: 4000) }
    guard page.status == 200 else {
      for line in lines { warn(line) }
      throw ExitCode.failure
    }
    for line in lines { StandardOutput.say(line) }
  }
}

struct CutoverStartCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "start",
    abstract: "Hold new work of the route, and let end what is in flight.")

  @OptionGroup var options: CutoverOptions

  @Option(help: ArgumentHelp("The backend that is to serve the route.", valueName: "backend"))
  var to: String

  func run() async throws { try await options.send("/cutover/start", [("to", to)]) }
}

struct CutoverSwitchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "switch",
    abstract: "Give the held route to its new backend, once that has everything.")

  @OptionGroup var options: CutoverOptions

  @Flag(
    help: "Do not ask whether the new backend has everything: what was written last may be lost.")
  var unchecked = false

  func run() async throws {
    try await options.send("/cutover/switch", unchecked ? [("check", "false")] : [])
  }
}

struct CutoverCancelCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel", abstract: "Let the old backend go on with what waits.")

  @OptionGroup var options: CutoverOptions

  func run() async throws { try await options.send("/cutover/cancel", []) }
}

struct CutoverStatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Say how the proxy's routes, cutovers and backends stand.")

  @OptionGroup var options: CutoverOptions

  func run() async throws { try await options.send("/cutover", nil) }
}
