internal import Actions
internal import ArgumentParser
internal import FleetModel
internal import Lines
internal import Operations
internal import Session
internal import Terms
internal import Timing
internal import VtctldClient
internal import Wording

struct ReparentCommand: AsyncParsableCommand {
  static let exitStatuses = """
    The exit status is 0 when it is done and was seen to be, 1 when the server refused it, 2 when \
    nothing was sent, 3 when it was seen in part only or somebody else did something as well, 4 when no answer came and the outcome is not \
    known, and 5 when the preflight speaks against it.
    """

  static let configuration = CommandConfiguration(
    commandName: "reparent", abstract: "Move a shard's primary, after a preflight.",
    usage: "sluice reparent [<options>] <keyspace/shard> --planned|--emergency",
    discussion: exitStatuses + """


      For example:
        sluice reparent commerce/-80 --planned --cluster prod-eu --dry-run
      """)

  @Argument(help: ArgumentHelp("The shard.", valueName: "keyspace/shard"))
  var shard: ShardName

  enum Kind: String, EnumerableFlag { case planned, emergency }

  @Flag(help: "With the old primary's help, or without it.")
  var kind: Kind

  @Option(help: ArgumentHelp("Tablet to promote (default: vtctld's choice).", valueName: "alias"))
  var newPrimary: TabletAlias?

  @Option(
    help: ArgumentHelp("Do nothing if another tablet is primary by then.", valueName: "alias"))
  var expectedPrimary: TabletAlias?

  @Option(help: ArgumentHelp("How long replicas may take to catch up.", valueName: "duration"))
  var waitReplicasTimeout = TimeArgument(ReparentOrder.defaultTimeout)

  @Flag(help: "Send it although the preflight speaks against it.")
  var override = false

  @OptionGroup var act: ActOptions
  @OptionGroup(title: OptionSection.vtctld) var vtctld: VtctldOptions
  @OptionGroup var fleet: FleetOptions

  private static let preflightFailed: Int32 = 5

  func validate() throws {
    guard vtctld.canReparent else {
      throw ValidationError("name a vtctld with --vtctld HOST:PORT, or a vtadmin with --vtadmin")
    }
    if act.yes, expectedPrimary == nil {
      throw ValidationError(
        "--yes asks nothing, so --expected-primary ALIAS must say from whom the reparent is meant to "
          + "move the primary")
    }
    guard (Duration.seconds(1) ... .seconds(3600)).contains(waitReplicasTimeout.duration) else {
      throw ValidationError("--wait-replicas-timeout is 1s to 1h")
    }
  }

  @MainActor
  func run() async throws {
    for remark in fleet.remarks + vtctld.remarks { warn(remark) }
    let clock = RunClock()
    let client = try vtctld.client(try fleet.access)
    let (seen, now) = try await fleet.look(vtctld)
    guard seen.shard(shard).gates != .proxies else {
      warn(Wording().noTabletsBehindProxies())
      throw ExitCode(ActOptions.notSent)
    }
    let summary = seen.summaries.first { $0.name == shard }
    let access = ClusterAccess(
      vtctld: client, vtadmin: vtctld.vtadminClient, try fleet.access,
      audit: vtctld.audit(cluster: fleet.title))
    let facts = await access.facts(
      of: shard, tablet: summary?.primary, vtgates: Array(seen.vtgates.keys))
    guard let expected = expectedPrimary ?? facts.topo?.primary else {
      warn(
        facts.topoFailure.map { Wording().words($0) }
          ?? "topo names no primary of \(shard); name it with --expected-primary")
      throw ExitCode(ActOptions.notSent)
    }
    let order = ReparentOrder(
      kind == .planned ? .planned : .emergency, of: shard, to: newPrimary, expecting: expected,
      waitReplicasTimeout: waitReplicasTimeout.duration)
    let preflight = ReparentPreflight(order, seen.shard(shard), facts, at: now)
    let action = Action.reparent(order)
    let runner = access.runner { clock.now }
    if act.dryRun {
      act.explain(
        action, preflight, request: runner.request(for: order), at: clock.now)
      if preflight.worst == .fail { throw ExitCode(Self.preflightFailed) }
      return
    }
    try fleet.requirePermission()
    for line in PlainLine.lines(preflight) { warn(line) }
    guard preflight.worst < .fail || override else {
      warn("the preflight speaks against it; --override sends it all the same")
      throw ExitCode(Self.preflightFailed)
    }
    try act.confirm(
      action, by: shard.description, else: "say --yes with --expected-primary \(expected)")
    try await act.perform(action, by: runner, at: clock.now)
  }
}
