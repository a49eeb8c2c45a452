internal import ArgumentParser
internal import Discovery
internal import Terms
internal import VitessClient
internal import VtctldClient

/// Who names servers besides the operator, and is asked again and again.
struct DiscoveryOptions: ParsableArguments {
  @Option(
    name: .customLong("discover-file"),
    help: ArgumentHelp(
      "A file that names servers, as Prometheus' file_sd or vtadmin's discovery.json, or a pattern for several (targets/*.yml). Repeatable.",
      valueName: "file"), completion: .file())
  var files: [String] = []

  @Option(
    name: .customLong("discover-dns"),
    help: ArgumentHelp(
      "A name whose addresses are vtgates, with their port, or one of SRV records such as _web._tcp.vtgate.vitess. Repeatable.",
      valueName: "host:port, URL or service"))
  var names: [DNSNameArgument] = []

  @Option(
    name: .customLong("discover-command"),
    help: ArgumentHelp(
      "A command that prints the same as such a file, run every 30s.", valueName: "command"))
  var command: String?

  @Flag(
    name: .customLong("discover-vtctld"), inversion: .prefixedNo,
    help: "Watch the tablets of topo's records, too: those of --vtctld.")
  var fromVtctld = false

  @Flag(
    name: .customLong("discover-vtadmin"), inversion: .prefixedNo,
    help: "Watch the vtgates that --vtadmin knows of --vtadmin-cluster.")
  var fromVtadmin = false

  var isEmpty: Bool {
    files.isEmpty && names.isEmpty && command == nil && !fromVtctld && !fromVtadmin
  }

  /// `clusters`: what the cluster is called, empty where it was not said; `vtctld`, `vtadmin`: nil where
  /// none is named.
  func sources(
    of clusters: Set<String>, _ vtctld: VtctldClient?, _ vtadmin: VtadminClient?
  ) throws -> [any DiscoverySource] {
    if fromVtctld, vtctld == nil {
      throw ValidationError("--discover-vtctld needs a vtctld: name it with --vtctld HOST:PORT")
    }
    if fromVtadmin, vtadmin == nil {
      throw ValidationError(
        "--discover-vtadmin needs a vtadmin: name it with --vtadmin URL --vtadmin-cluster ID")
    }
    var sources: [any DiscoverySource] = files.map { ServerListFile($0, for: clusters) }
    sources += names.map(\.name)
    if let command { sources.append(CommandOutput(command, for: clusters)) }
    if fromVtctld, let vtctld { sources.append(ServerDirectory.topo(vtctld)) }
    if fromVtadmin, let vtadmin { sources.append(ServerDirectory.vtadmin(vtadmin)) }
    return sources
  }
}

/// `NAME:PORT`, or a name of SRV records.
struct DNSNameArgument: ExpressibleByArgument {
  let name: DNSName

  init?(argument: String) {
    guard let name = DNSName(argument) else { return nil }
    self.name = name
  }
}
