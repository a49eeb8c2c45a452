internal import ArgumentParser
internal import Discovery
internal import FleetModel
internal import FoundationEssentials
internal import PrometheusClient
internal import PrometheusFeed
internal import Scrape
internal import Session
internal import Settings
internal import TerminalKit
internal import Terms
internal import Timing
internal import VitessClient
internal import VtctldClient
internal import Watching

/// Which cluster it is about, and what of it counts.
struct ClusterScopeOptions: ParsableArguments {
  @Option(
    name: .customLong("cluster"),
    help: ArgumentHelp(
      "A cluster of the configuration file, with all that it sets; the dashboard takes several.",
      valueName: "name"), completion: .clusters)
  var chosen: [String] = []

  @Option(
    help: ArgumentHelp(
      "In Prometheus: only series with these labels, such as 'cluster=\"prod\"'.",
      valueName: "labels"))
  var match: String?

  @Option(
    name: .customLong("ignore"),
    help: ArgumentHelp(
      "Keyspaces, shards, cells, tablets and servers whose trouble is meant to be, such as restore_* or zone3. Repeatable.",
      valueName: "pattern"))
  var ignored: [NamePattern] = []

  @Option(
    help: ArgumentHelp(
      "The lag above which a replica is in trouble where its throttler's threshold is not known, as through Prometheus, and for Prometheus' alerts.",
      valueName: "duration"))
  var lagThreshold = TimeArgument(.seconds(Lag.standardThreshold))

  func validate() throws {
    if let match { try LabelMatchers.check(match) }
    if lagThreshold.duration <= .zero {
      throw ValidationError("--lag-threshold must be more than 0")
    }
  }
}

/// Which cluster it is about, and what it is called.
struct ClusterOptions: ParsableArguments {
  static let standardTitle = "vitess"

  @OptionGroup(title: OptionSection.fleet) var scope: ClusterScopeOptions

  @Option(help: "What to call the fleet; without it the cluster's name, if one is chosen.")
  var title = ClusterOptions.standardTitle
}

/// Which servers to watch, and how often to poll them.
struct TargetOptions: ParsableArguments {
  @Option(
    name: .customLong("vtgate"),
    help: ArgumentHelp(
      "A vtgate's HTTP address; its tablets are found through it. Repeatable.",
      valueName: "host:port or URL"), transform: Address.argument)
  var vtgates: [Address] = []

  @Option(
    name: .customLong("tablet"),
    help: ArgumentHelp("A vttablet's HTTP address. Repeatable.", valueName: "host:port or URL"),
    transform: Address.argument)
  var tablets: [Address] = []

  @Option(
    help: ArgumentHelp(
      "Where Prometheus, or another with its API, tells of servers that it scrapes; those of a shard "
        + "that is watched closely are asked directly where they can be reached.",
      valueName: "URL"), transform: Address.argument)
  var prometheus: Address?

  @Option(
    help: ArgumentHelp(
      "Time between two polls of a server, e.g. 1s or 250ms.", valueName: "duration"))
  var interval = Interval(duration: .seconds(1))

  @Option(
    help: ArgumentHelp(
      "Requests a second to all servers together; where that is too little, tablets are polled less often.",
      valueName: "number"))
  var maxRequests = 2000

  @Option(
    help: ArgumentHelp("Requests a second to one server.", valueName: "number"))
  var maxRequestsPerServer = 50

  @Option(
    help: ArgumentHelp(
      "What may be done to the cluster: nothing ever, something after A, or from the start.",
      valueName: "when"))
  var actions = ActionsAllowed.onRequest

  func validate() throws {
    try interval.check("--interval")
    for (flag, number) in [
      ("--max-requests", maxRequests), ("--max-requests-per-server", maxRequestsPerServer),
    ] where !(Cadence.leastBudget...1_000_000).contains(number) {
      throw ValidationError("\(flag) must be \(Cadence.leastBudget) to 1000000")
    }
  }
}

/// What to watch, how, and where that is read.
struct FleetOptions: ParsableArguments {
  @OptionGroup(title: OptionSection.fleet) var cluster: ClusterOptions
  @OptionGroup(title: OptionSection.fleet) var named: TargetOptions
  @OptionGroup(title: OptionSection.discovery) var discovery: DiscoveryOptions
  @OptionGroup(title: OptionSection.http) var http: HTTPOptions
  @OptionGroup(title: OptionSection.configuration) var configuration: ConfigurationOptions

  func validate() throws {
    if cluster.scope.match != nil, named.prometheus == nil {
      throw ValidationError("--match goes with --prometheus")
    }
  }

  var title: String { cluster.title }
  var interval: Interval { named.interval }
  var ignored: [NamePattern] { cluster.scope.ignored }
  var actions: ActionsAllowed { named.actions }

  private var addresses: [Address] {
    named.vtgates + named.tablets + [named.prometheus].compactMap(\.self)
  }

  /// How servers are reached; `others`: those that the operator names besides the fleet's.
  func access(naming others: [Address]) throws -> HTTPAccess {
    try http.access(to: addresses + others)
  }

  var targets: [Target] {
    named.vtgates.map { Target(.vtgate, $0) } + named.tablets.map { Target(.vttablet, $0) }
  }

  var watching: Watch.Settings {
    var settings = Watch.Settings(
      cluster: title, interval: interval.duration, ignored: ignored,
      lagThreshold: cluster.scope.lagThreshold.duration.seconds)
    settings.isUnverified = http.httpInsecure
    return settings
  }

  /// How long a query may take.
  private static let queryDeadline: Duration = .seconds(20)

  /// What tells of the fleet: the servers themselves, or who scrapes them.
  ///
  /// `vtctld`: who may name servers, too.
  func feed(_ clock: RunClock, _ vtctld: VtctldOptions) throws -> any Feed {
    let access = try access
    guard let prometheus = named.prometheus else {
      return Scraper(of: title, cadence, access, sources: try sources(vtctld)) { clock.now }
    }
    let client = PrometheusClient(
      prometheus, matchers: cluster.scope.match ?? "",
      over: HTTPFetcher(deadline: Self.queryDeadline, access), placing: access.place)
    let direct = Scraper(of: title, cadence, access, sources: try sources(vtctld), discovers: false)
    { clock.now }
    return PrometheusFeed(
      of: title, client, at: prometheus, direct: direct, interval: interval.duration
    ) { clock.now }
  }

  /// Who names servers besides the operator.
  func sources(_ vtctld: VtctldOptions) throws -> [any DiscoverySource] {
    try discovery.sources(of: names, try vtctld.client(try access), vtctld.vtadminClient)
  }

  /// What the cluster was called: by its title, and in the configuration file; empty where it was not.
  private var names: Set<String> {
    let title: String? = self.title == ClusterOptions.standardTitle ? nil : self.title
    return Set([title, RunConfiguration.current?.resolution.cluster?.name].compactMap(\.self))
  }

  var access: HTTPAccess {
    get throws { try access(naming: []) }
  }

  /// What an operator should know about how servers are reached.
  var remarks: [String] { remarks(naming: []) }

  /// The same without what a check says itself.
  var doubtsAboutSecrets: [String] { http.doubtsAboutSecrets(for: addresses) }

  /// `others`: the servers that the operator names besides the fleet's.
  func remarks(naming others: [Address]) -> [String] { http.remarks(for: addresses + others) }

  var cadence: Cadence {
    Cadence(
      interval: interval.duration, budget: named.maxRequests,
      targetBudget: named.maxRequestsPerServer)
  }

  /// Whether anybody says what to watch.
  var namesServers: Bool {
    !targets.isEmpty || !discovery.isEmpty || named.prometheus != nil
  }

  func requireTargets() throws {
    guard !namesServers else { return }
    let resolution = RunConfiguration.current?.resolution
    if let cluster = resolution?.cluster {
      throw ValidationError(
        "nothing to watch: the cluster \(cluster.name) names no vtgate, and nobody who does (--prometheus, --discover-file and its like)"
          .safe(limit: 400))
    }
    let clusters = resolution?.file?.clusters.map(\.name) ?? []
    let known =
      clusters.isEmpty
      ? "" : "one of the clusters \(clusters.joined(separator: ", ")) with --cluster NAME, "
    throw ValidationError(
      "nothing to watch: name \(known)a vtgate with --vtgate HOST:PORT (its web port, 15001 in "
        + "Vitess' examples), or try `sluice demo`".safe(limit: 1000))
  }
}

/// A time such as that between two polls.
struct Interval: ExpressibleByArgument, CustomStringConvertible {
  private static let range: ClosedRange<Duration> = .milliseconds(50)...(.seconds(3600))

  let duration: Duration

  init(duration: Duration) { self.duration = duration }

  /// Takes any duration, so that ``check(_:)`` can say which are possible.
  init?(argument: String) {
    guard let duration = try? Duration(goText: argument) else { return nil }
    self.duration = duration
  }

  /// Refuses one that is too short or too long for what a flag sets.
  func check(_ flag: String) throws {
    guard !Self.range.contains(duration) else { return }
    throw ValidationError("\(flag) must be 50ms to 1h")
  }

  var description: String { duration.goText }
  var defaultValueDescription: String { description }
}

extension NamePattern: ExpressibleByArgument {
  package init?(argument: String) {
    guard !argument.isEmpty else { return nil }
    self.init(argument)
  }
}
