package import Terms

/// Queries in PromQL over what vtgates and tablets export, summed over the vtgates of each shard.
///
/// They say in Prometheus what the model says of readings, with the same names and reasons; see
/// ``VtgateMetrics``. A label that a fleet does not have, such as `cluster` where there is only one,
/// groups nothing and does no harm.
package struct FleetQueries: Sendable {
  /// What tells fleets apart.
  package let clusterLabel: String
  /// What every series must match besides, such as `cluster="prod"`.
  private let matchers: [String]
  /// What series about a shard must match, and those about a keyspace.
  private let ofShard: [String]
  private let ofKeyspace: [String]

  package init(
    clusterLabel: String = "cluster", matchers: [String] = [], ofShard: [String] = [],
    ofKeyspace: [String] = []
  ) {
    self.clusterLabel = clusterLabel
    self.matchers = matchers
    self.ofShard = ofShard
    self.ofKeyspace = ofKeyspace
  }

  // MARK: How a query is written

  /// What the values of a shard are grouped by.
  package var byShard: String { "(\(clusterLabel), keyspace, shard_name)" }
  private var byTabletsShard: String { "(\(clusterLabel), keyspace, shard)" }

  /// The shards that a pattern names, by themselves or by their keyspace; for `unless`.
  package func shards(named pattern: NamePattern) -> String {
    "on \(byShard) group by \(byShard) (\(series(shardSeries, Self.shard("shard_name", pattern))))"
  }

  /// The servers that a pattern names: by address, with their kind or without it, and of tablets by
  /// alias, cell, shard and keyspace as far as the scrape's labels name them.
  ///
  /// `kind`: which servers the query is about; nil where it is about one of tablets' own series.
  package func servers(named pattern: NamePattern, of kind: String) -> [String] {
    var matchers = [[#"instance=~"\#(Self.matched(pattern.address(of: kind)))""#]]
    if kind == "vttablet" {
      matchers.append(Self.shard("shard", pattern))
      matchers.append([#"alias=~"\#(Self.aliases(pattern))""#])
    }
    return matchers.map { "on (instance) group by (instance) (\(series("up", $0)))" }
  }

  /// `keyspace/shard`, or a keyspace with all of its shards.
  private static func shard(_ label: String, _ pattern: NamePattern) -> [String] {
    let parts = pattern.description.split(separator: "/", maxSplits: 1)
    let keyspace = #"keyspace=~"\#(matched(parts.first ?? ""))""#
    return parts.count == 2 ? [keyspace, #"\#(label)=~"\#(matched(parts[1]))""#] : [keyspace]
  }

  /// By alias, in either spelling, or by cell.
  private static func aliases(_ pattern: NamePattern) -> String {
    let own = pattern.description
    return [own, TabletAlias(own)?.description, own + "-*"].compactMap(\.self).map(matched)
      .joined(separator: "|")
  }

  private static func matched(_ pattern: some StringProtocol) -> String {
    NamePattern.expression(pattern).labelEscaped
  }

  /// What tells one process from others.
  private static let byProcess = "(job, instance)"
  private static let primary = #"tablet_type=~"primary|master""#
  /// The types as a target of a query names them.
  private static let toPrimary = #"db_type=~"(?i:primary|master)""#

  private func series(_ name: String, _ own: [String] = []) -> String {
    let all = matchers + own
    return all.isEmpty ? name : "\(name){\(all.joined(separator: ","))}"
  }

  private func buffer(_ name: String, _ own: String...) -> String {
    series("vtgate_buffer_\(name)", ofShard + own)
  }

  private func sum(_ query: String) -> String { "sum by \(byShard) (\(query))" }

  private func increase(_ series: String, in window: String) -> String {
    sum("increase(\(series)[\(window)])")
  }

  /// The series that every vtgate has, and the one that it has of every shard.
  package var vtgateSeries: String { VtgateMetrics.sizeName }
  package var shardSeries: String { "vtgate_buffer_starts" }

  // MARK: Buffering

  /// Requests that are queued or draining.
  package var held: String {
    "clamp_min(\(sum(buffer("requests_buffered"))) - \(sum(buffer("requests_drained")))"
      + " - \(sum(buffer("requests_evicted"))), 0)"
  }

  /// How many vtgates buffer; nothing where none does.
  package var buffering: String {
    "count by \(byShard) (\(buffer("starts")) - sum without (reason) (\(buffer("stops"))) > 0)"
  }

  /// The slots that all vtgates have, for all shards together.
  package var size: String { "sum by (\(clusterLabel)) (\(series(VtgateMetrics.sizeName)))" }

  package func buffered(in window: String) -> String {
    increase(buffer("requests_buffered"), in: window)
  }

  package func drained(in window: String) -> String {
    increase(buffer("requests_drained"), in: window)
  }

  /// By reason.
  package func evicted(in window: String) -> String {
    "sum by (\(clusterLabel), keyspace, shard_name, reason) "
      + "(increase(\(buffer("requests_evicted"))[\(window)]))"
  }

  /// By reason, but for what a vtgate counts whose buffering is off.
  package func skipped(in window: String) -> String {
    "sum by (\(clusterLabel), keyspace, shard_name, reason) "
      + "(increase(\(buffer("requests_skipped", #"reason!="Disabled""#))[\(window)]))"
  }

  /// Requests that failed: thrown out because the buffer was full or the client gave up, or never let
  /// in.
  package func lost(in window: String) -> String {
    increase(
      buffer("requests_evicted", #"reason=~"BufferFull|ContextDone""#), in: window)
      + " + " + increase(buffer("requests_skipped", #"reason="BufferFull""#), in: window)
  }

  /// How often vtgates gave up waiting for a primary.
  package func gaveUp(in window: String) -> String {
    increase(buffer("stops", #"reason="MaxDurationExceeded""#), in: window)
  }

  /// How long the last failover was buffered, by the vtgates' own clocks, in seconds.
  package var lastFailover: String {
    "max by \(byShard) (\(buffer("last_failover_duration_ms"))) / 1000"
  }

  /// Vtgates that count queries as not buffered because that is off, where all of a shard's do (up to
  /// v17).
  package func bufferingOff(in window: String) -> String {
    "count by \(byShard) (increase(\(buffer("requests_skipped", #"reason="Disabled""#))[\(window)]) > 0)"
      + " == count by \(byShard) (\(buffer("starts")))"
  }

  /// Vtgates that have a buffer's size and no buffer (v18 and later).
  package var withoutBuffer: String {
    "\(series(VtgateMetrics.sizeName)) unless on \(Self.byProcess) \(series(shardSeries))"
  }

  // MARK: Primaries

  private var connections: String {
    series("vtgate_healthcheck_connections", ofShard + [Self.primary])
  }

  /// 1 for each shard that vtgates know and of which none sees a serving primary; nothing for others.
  package var withoutPrimary: String {
    "group by \(byShard) (\(buffer("starts"))) unless on \(byShard) (\(sum(connections)) > 0)"
  }

  /// The same, with 0 for the others.
  package var primaryMissing: String {
    "(\(withoutPrimary)) or on \(byShard) (0 * group by \(byShard) (\(buffer("starts"))))"
  }

  /// Seconds in a window in which no vtgate saw a serving primary.
  ///
  /// `step`: how often that is looked at.
  package func timeWithoutPrimary(in window: String, step: Int) -> String {
    "sum_over_time((\(primaryMissing))[\(window):\(step)s]) * \(step)"
  }

  /// How many vtgates see no serving primary, where others do.
  package var primaryUnseenBySome: String {
    "count by \(byShard) (\(buffer("starts"))) - count by \(byShard) (\(connections) > 0) > 0"
  }

  /// The most tablets that one vtgate sees serving as primary, where there are several.
  package var severalPrimaries: String { "max by \(byShard) (\(connections)) > 1" }

  // MARK: Errors and lag

  /// What clients were told had failed, by keyspace and vtrpc code.
  package func clientErrors(in window: String) -> String {
    let errors = series(
      "vtgate_api_error_counts", ofKeyspace + [Self.toPrimary, #"code!="OK""#])
    return "sum by (\(clusterLabel), keyspace, code) (increase(\(errors)[\(window)]))"
  }

  /// Calls of vtgates to primaries that failed.
  package func callErrors(in window: String) -> String {
    increase(series("vtgate_vttablet_call_error_count", ofShard + [Self.toPrimary]), in: window)
  }

  /// The worst lag of a shard's replicas by their replication status, in seconds; of each tablet where
  /// the scrape's labels name no shard.
  ///
  /// The largest numbers stand for "not known".
  package var lag: String {
    "max by \(byTabletsShard) (\(series("vttablet_replication_lag_sec")) < 315360000)"
  }

  package func lag(over seconds: Double) -> String {
    let least = seconds == seconds.rounded() ? String(Int(seconds)) : String(seconds)
    return
      "max by (\(clusterLabel), keyspace, shard, instance) "
      + "(\(series("vttablet_replication_lag_sec")) > \(least) < 315360000)"
  }

  // MARK: Servers

  private func down(_ name: String) -> String {
    "\(series("up")) == 0 and on \(Self.byProcess) last_over_time(\(series(name))[1h])"
  }

  /// Vtgates that were scraped within an hour and no longer can be.
  package var vtgatesDown: String { down(VtgateMetrics.sizeName) }
  package var tabletsDown: String { down("vttablet_tablet_state") }

  /// 1 where no vtgate can be scraped of those that were within an hour.
  package var blind: String {
    let known = "last_over_time(\(series(VtgateMetrics.sizeName))[1h])"
    return "count by (\(clusterLabel)) (\(known)) unless on (\(clusterLabel)) "
      + "(count by (\(clusterLabel)) (\(series("up")) == 1 and on \(Self.byProcess) \(known)))"
  }
}

extension NamePattern {
  /// What it says of the addresses of servers of a kind.
  fileprivate func address(of kind: String) -> Substring {
    description.hasPrefix("\(kind) ") ? description.dropFirst(kind.count + 1) : description[...]
  }
}
