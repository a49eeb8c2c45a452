internal import Actions
internal import ArgumentParser
internal import FleetModel
internal import Lines
internal import Operations
internal import Session
internal import TerminalKit
internal import Terms
internal import Timing
internal import VitessClient
internal import VtctldClient
internal import Wording

/// Where a rule goes.
struct ScopeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Every tablet of this keyspace, in topo (v18 and later).", valueName: "name")
  )
  var keyspace: String?

  @Option(
    help: ArgumentHelp(
      "Every primary of this keyspace, in memory (v10 to v21); needs --vtgate.",
      valueName: "keyspace"))
  var primaries: String?

  @Option(
    name: .customLong("at"),
    help: ArgumentHelp(
      "This vttablet, in memory (v10 to v21). Repeatable.", valueName: "host:port"),
    transform: Address.argument)
  var tablets: [Address] = []

  func validate() throws {
    let given = [keyspace != nil, primaries != nil, !tablets.isEmpty].count { $0 }
    guard given == 1 else {
      throw ValidationError(
        "say where: --keyspace NAME (in topo), --primaries KEYSPACE or --at HOST:PORT (in memory)")
    }
  }

  /// Refuses what no server should be asked for, before any is contacted.
  func validate(_ app: String, _ change: AppRuleOrder.Change) throws {
    let order = AppRuleOrder(
      app: app, change, in: keyspace.map { .keyspace($0) } ?? .tablets([]))
    if let objection = order.objection { throw ValidationError(Wording().words(objection)) }
  }

  @MainActor
  func scope(
    _ fleet: FleetOptions, _ vtctld: VtctldOptions
  ) async throws -> AppRuleOrder.Scope {
    if let keyspace { return .keyspace(keyspace) }
    guard let primaries else {
      return .tablets(try await Self.answering(at: tablets, try fleet.access(naming: tablets)))
    }
    try fleet.requireTargets()
    let (seen, _) = try await fleet.look(vtctld)
    guard let shard = seen.summaries.first(where: { $0.name.keyspace == primaries }) else {
      throw ValidationError(
        "no \(Wording().gate(seen.gates)) knows a shard of keyspace \(primaries)")
    }
    guard seen.shard(shard.name).gates != .proxies else {
      throw ValidationError(Wording().noTabletsBehindProxies())
    }
    let choice = ThrottleScopes(shard.name, in: seen, hasVtctld: false).choices
      .first { $0.kind == .primaries }
    guard let scope = choice?.scope else {
      let reason = choice?.reason.map { Wording().words($0) }
      throw ValidationError((reason ?? "the primaries are not known").safe())
    }
    return scope
  }

  /// Who answers at the addresses now, so that the intended tablets can be shown and confirmed.
  private static func answering(
    at addresses: [Address], _ http: HTTPAccess
  ) async throws -> [AppRuleOrder.Tablet] {
    let fetcher = HTTPFetcher(deadline: .seconds(3), http)
    var tablets: [AppRuleOrder.Tablet] = []
    // An address named twice is meant once.
    for address in Set(addresses).sorted() {
      let profile = try? await TabletInquiry(fetcher).profile(at: address)
      tablets.append(
        .init(
          label: profile?.alias.map { "\($0.short) \(address)" } ?? address.description,
          alias: profile?.alias, shard: profile?.shard, address: address))
    }
    await fetcher.shutdown()
    return tablets
  }
}

struct ThrottleCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "throttle", abstract: "Deny an app's checks at the tablet throttler for a while.",
    discussion: ReparentCommand.exitStatuses + """


      For example:
        sluice throttle vreplication --keyspace commerce --ratio 0.25 --duration 10m
      """)

  @Argument(help: "The app, such as vreplication or online-ddl.")
  var app: String

  @OptionGroup(title: "Where") var scope: ScopeOptions

  @Option(help: ArgumentHelp("How long, e.g. 10m.", valueName: "duration"))
  var duration = TimeArgument(.seconds(3600))

  @Option(help: ArgumentHelp("The share of checks to deny, 0 to 1.", valueName: "number"))
  var ratio = 1.0

  @Flag(help: "Never deny the app instead; in topo only.")
  var exempt = false

  @OptionGroup var act: ActOptions
  @OptionGroup(title: OptionSection.vtctld) var vtctld: VtctldOptions
  @OptionGroup var fleet: FleetOptions

  private var change: AppRuleOrder.Change {
    .throttle(for: duration.duration, ratio: ratio, isExempt: exempt)
  }

  func validate() throws { try scope.validate(app, change) }

  @MainActor
  func run() async throws {
    try await Self.perform(
      AppRuleOrder(
        app: app, change, in: try await scope.scope(fleet, vtctld)), at: scope.tablets, act,
      vtctld, fleet)
  }

  /// `tablets`: those that the operator names as where it is to be.
  @MainActor
  static func perform(
    _ order: AppRuleOrder, at tablets: [Address], _ act: ActOptions, _ vtctld: VtctldOptions,
    _ fleet: FleetOptions
  ) async throws {
    let clock = RunClock()
    let action = Action.throttle(order)
    if act.dryRun {
      return act.explain(action, nil, request: order.request(at: clock.now), at: clock.now)
    }
    try fleet.requirePermission()
    for remark in fleet.remarks(naming: tablets) + vtctld.remarks { warn(remark) }
    try act.confirm(action, by: order.app, else: "say --yes")
    let access = try fleet.access(naming: tablets)
    let runner = ClusterAccess(
      vtctld: try vtctld.client(access), access,
      audit: vtctld.audit(cluster: fleet.title)
    ).runner { clock.now }
    try await act.perform(action, by: runner, at: clock.now)
  }
}

struct UnthrottleCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unthrottle", abstract: "Remove an app's rule from the tablet throttler.",
    discussion: ReparentCommand.exitStatuses + """


      For example:
        sluice unthrottle vreplication --keyspace commerce
      """)

  @Argument(help: "The app.")
  var app: String

  @OptionGroup(title: "Where") var scope: ScopeOptions
  @OptionGroup var act: ActOptions
  @OptionGroup(title: OptionSection.vtctld) var vtctld: VtctldOptions
  @OptionGroup var fleet: FleetOptions

  func validate() throws { try scope.validate(app, .release) }

  @MainActor
  func run() async throws {
    try await ThrottleCommand.perform(
      AppRuleOrder(app: app, .release, in: try await scope.scope(fleet, vtctld)),
      at: scope.tablets, act, vtctld, fleet)
  }
}

struct AppsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apps", abstract: "List the throttled apps of every shard.",
    discussion: """
      For example:
        sluice apps --cluster prod-eu
      """)

  @OptionGroup var fleet: FleetOptions
  @OptionGroup(title: OptionSection.vtctld) var vtctld: VtctldOptions

  func validate() throws {
    if vtctld.servers.isEmpty { try fleet.requireTargets() }
  }

  @MainActor
  func run() async throws {
    var rows: [(place: String, app: ThrottledApp)] = []
    /// Shards whose rules nobody lists.
    var unreported: [ShardName] = []
    let clock = RunClock()
    let client = try vtctld.client(try fleet.access)
    if let client {
      do throws(CallFailure) {
        for keyspace in try await client.keyspaces() {
          let apps = keyspace.throttler?.throttledApps.filter { $0.expiresAt > clock.now } ?? []
          rows += apps.map { ("\(keyspace.name), in topo", $0) }
        }
      } catch {
        throw ValidationError(Wording().words(error).safe(limit: 2000))
      }
    }
    if fleet.namesServers {
      let seen = try await fleet.look(vtctld).fleet
      for shard in seen.summaries {
        for tablet in shard.tablets {
          let apps = tablet.throttler?.throttledApps?.filter {
            !$0.isBuiltIn && $0.expiresAt > clock.now
          }
          rows += (apps ?? []).map { ("\(shard.name) \(tablet.label)", $0) }
        }
        if vtctld.servers.isEmpty,
          shard.tablets.allSatisfy({ $0.throttler?.throttledApps == nil })
        {
          unreported.append(shard.name)
        }
      }
    }
    for (place, app) in rows {
      let rule = app.isExempt ? "exempt" : "ratio \(app.ratio.inHundredths)"
      StandardOutput.say(
        "\(app.name)  \(place)  \(rule)  \((app.expiresAt - clock.now).inTenths) left".safe())
    }
    for shard in unreported {
      StandardOutput.say(
        "\(shard)".safe() + ": not known: its tablets list no rules (before v14, and from v22 on); "
          + "--vtctld HOST:PORT tells those in topo")
    }
    if rows.isEmpty, unreported.isEmpty { StandardOutput.say("no app is throttled") }
  }
}
