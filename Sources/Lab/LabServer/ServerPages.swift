internal import Buffering
internal import Lab
internal import Stats
internal import Terms

/// The pages that vtgate and vttablet have in common.
enum ServerPages {
  static func common(_ path: String, name: String, isHealthy: Bool) -> Page {
    switch path {
    case "/debug/health":
      return isHealthy
        ? .text("ok")
        : .failure("not ok: Code: CLUSTER_EVENT\noperation not allowed in state NOT_SERVING\n\n")
    case "/debug/liveness": return .empty
    case "/debug/status":
      return .html(
        "<!DOCTYPE html>\n<html><head><title>\(name)</title></head>"
          + "<body><h1>\(name)</h1></body></html>\n")
    default: return .toStatus
    }
  }

  /// `/api/health-check/` with its filters by cell and keyspace.
  static func healthCheck(_ path: String, _ vtgate: Vtgate, _ cluster: LabCluster) -> Page {
    let parts = path.split(separator: "/").dropFirst(2).map(String.init)
    let document = GatewayPage.document(vtgate, cluster) { group in
      guard parts.count >= 2 else { return true }
      switch parts[0] {
      case "keyspace": return group.shard.keyspace == parts[1]
      case "cell": return group.cell == parts[1]
      default: return true
      }
    }
    return .json(document.text(indent: "  "))
  }

  // MARK: /debug/vars

  static func vars(_ vtgate: Vtgate, _ cluster: LabCluster) -> String {
    let release = cluster.configuration.release
    let catalogue = StatCatalogue.of(.vtgate, release)
    let live =
      VtgateStats.families(vtgate, release, at: cluster.now) + VtgateStats.health(vtgate)
      + StatFamily.buffer(vtgate.buffer)
    return write(
      catalogue.with(live), catalogue, release,
      cmdline: commandLine(of: vtgate, cluster.configuration.release))
  }

  static func vars(_ tablet: Tablet, _ cluster: LabCluster) -> String {
    let release = cluster.configuration.release
    let catalogue = StatCatalogue.of(.vttablet, release)
    let range = KeyRange(ofShard: tablet.shard.shard)
    let strings = [
      ("TabletAlias", tablet.alias.description), ("TabletKeyspace", tablet.shard.keyspace),
      ("TabletShard", tablet.shard.shard), ("TabletType", tablet.type.description),
      ("TabletStateName", tablet.state.rawValue),
      ("TabletKeyRangeStart", range?.hexStart ?? ""), ("TabletKeyRangeEnd", range?.hexEnd ?? ""),
    ]
    var cmdline = [
      "vttablet", "--tablet-path", tablet.alias.description, "--port",
      "\(cluster.webPort(of: tablet.alias))",
    ]
    if release.hasThrottlerFlags, let choice = cluster.configuration.isThrottlerConfigInTopo,
      release.canHaveThrottlerConfigInTopo
    {
      cmdline.append("--throttler-config-via-topo" + (choice ? "" : "=false"))
    }
    cmdline += tablet.flags.arguments
    return write(
      catalogue.with(TabletStats.families(tablet, cluster)), catalogue, release,
      cmdline: cmdline, strings: strings)
  }

  private static func write(
    _ families: [StatFamily], _ catalogue: StatCatalogue, _ release: VitessRelease,
    cmdline: [String], strings: [(String, String)] = []
  ) -> String {
    var entries = catalogue.strings.filter { entry in
      entry.name != "BuildVersion" && !strings.contains { $0.0 == entry.name }
        && !families.contains { $0.variable == entry.name }
    }
    entries += strings.map { ($0.0, JSONText.string($0.1)) }
    // BuildVersion arrived in v19.
    if release.tellsItsVersion { entries.append(("BuildVersion", JSONText.string("\(release)"))) }
    entries.append(
      ("cmdline", "[\(cmdline.map(JSONText.string).joined(separator: ","))]"))
    entries.append(("memstats", "{\"Alloc\":9874024,\"Sys\":27088136}"))
    return VarsText.write(families, strings: entries)
  }

  /// The flags that a vtgate was started with.
  private static func commandLine(of vtgate: Vtgate, _ release: VitessRelease) -> [String] {
    let (buffer, flag) = (vtgate.buffer.configuration, release.flag)
    var arguments = [
      "vtgate", "--cell", vtgate.cell, flag("cells_to_watch"),
      vtgate.watchedCells.sorted().joined(separator: ","), flag("tablet_types_to_wait"),
      "PRIMARY,REPLICA",
    ]
    if buffer.isEnabled { arguments.append(flag("enable_buffer") + "=1") }
    if buffer.isDryRun { arguments.append(flag("enable_buffer_dry_run")) }
    for (name, value) in [
      ("buffer_size", "\(buffer.size)"), ("buffer_window", buffer.window.goText),
      ("buffer_max_failover_duration", buffer.maxFailoverDuration.goText),
      ("buffer_min_time_between_failovers", buffer.minTimeBetweenFailovers.goText),
      ("buffer_drain_concurrency", "\(buffer.drainConcurrency)"),
      ("buffer_keyspace_shards", buffer.keyspaceShards.sorted().joined(separator: ",")),
    ] where !value.isEmpty {
      arguments.append("\(flag(name))=\(value)")
    }
    return arguments
  }
}
