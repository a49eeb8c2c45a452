internal import ArgumentParser
internal import Discovery
internal import FleetModel
internal import Lines
internal import TerminalKit
internal import Terms
internal import Timing

struct DiscoverCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "discover",
    abstract: "Print the servers that files, DNS, a command and vtctld name, and who names them.",
    discussion: """
      Every source is looked at once and no server is asked. Shards that topo has, and of which nobody \
      names a server, come last. The exit status is 0 when all of them could be read, and 1 otherwise.

      For example:
        sluice discover --discover-file '/etc/prometheus/targets/*.yml'
        sluice discover --cluster prod-eu --json
      """)

  @OptionGroup var fleet: FleetOptions
  @OptionGroup(title: OptionSection.vtctld) var vtctld: VtctldOptions

  @Flag(help: "Print a JSON object for each, as docs/discovery.md describes.")
  var json = false

  func run() async throws {
    StandardOutput.require()
    try fleet.requireTargets()
    for doubt in fleet.doubtsAboutSecrets + vtctld.remarks { warn(doubt) }
    let access = try fleet.access
    let sources = try fleet.sources(vtctld)
    guard !fleet.targets.isEmpty || !sources.isEmpty else {
      throw ValidationError(
        "--prometheus names the servers that it scrapes to `sluice check` and the dashboard; here, "
          + "--discover-file and its like do")
    }
    let now = RunClock().now
    for target in fleet.targets { say(DiscoveredServer(target, at: now)) }
    var hasFailed = false
    var topo: [ShardName: (record: TopoShard, source: ServerSource)] = [:]
    var served: Set<ShardName> = []
    for var source in sources {
      do throws(DiscoveryFault) {
        let list = try await source.look() ?? ServerList()
        for server in list.servers {
          say(DiscoveredServer(server, by: server.source ?? source.source, over: access, at: now))
        }
        served.formUnion(list.servers.compactMap(\.shardName))
        for (name, record) in list.shards ?? [:] { topo[name] = (record, source.source) }
        for remark in list.remarks { warn(remark) }
        if let fault = list.fault {
          warn("\(fault)")
          hasFailed = true
        }
      } catch {
        warn("\(error)")
        hasFailed = true
      }
    }
    for (name, known) in topo.sorted(by: { $0.key < $1.key }) where !served.contains(name) {
      say(DiscoveredShard(name, known.record, by: known.source, at: now))
    }
    if hasFailed { throw ExitCode.failure }
  }

  private func say(_ server: DiscoveredServer) { say(server, server.words) }
  private func say(_ shard: DiscoveredShard) { say(shard, shard.words) }

  private func say(_ told: some Encodable, _ words: String) {
    StandardOutput.say(json ? JSONLine().encode(told) : words.safe(limit: 1000))
  }
}
