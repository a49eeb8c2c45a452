package import FleetModel
package import Terms
internal import VitessClient

/// A server as a scrape names it.
package struct StoredServer: Sendable, Equatable {
  /// What tells its series from those of others; two jobs may scrape one server.
  package struct Key: Sendable, Hashable, Comparable {
    package let instance: String
    package let job: String?

    package init(instance: String, job: String?) {
      self.instance = instance
      self.job = job
    }

    package static func < (left: Key, right: Key) -> Bool {
      (left.instance, left.job ?? "") < (right.instance, right.job ?? "")
    }

    /// Nil without the label `instance`.
    init?(_ series: StoredSeries) {
      guard let instance = series["instance"] else { return nil }
      self.init(instance: instance, job: series["job"])
    }
  }

  package let target: Target
  package let key: Key
  /// A tablet's shard, as the scrape's labels name it; its own series do not.
  package let shard: ShardName?
  /// A tablet's alias, if they name that, too.
  package let alias: TabletAlias?
  /// The scrape's labels as they are stored.
  let scraped: [UInt8]
  /// How many more targets with this address were scraped; they are left out.
  package var alsoScraped = 0

  /// What is known of a server beside the labels of its scrape.
  package struct Place: Sendable {
    /// Where it is reached.
    package var address: Address
    package var shard: ShardName?
    package var alias: TabletAlias?

    package init(_ address: Address, shard: ShardName? = nil, alias: TabletAlias? = nil) {
      (self.address, self.shard, self.alias) = (address, shard, alias)
    }
  }

  /// The port of an address that has none, as in a URL.
  private static let defaultPort = 80

  /// Nil where `instance`, which is the address unless somebody has changed it, is none.
  ///
  /// `labels`: those that the scrape adds, whose word counts first; `scraped`: the same as they are
  /// stored; `place`: what else is known of a server of the kind that listens at an address.
  package init?(
    _ kind: Target.Kind, _ labels: [String: String], scraped: [UInt8] = [],
    placing place: (Target) -> Place = { Place($0.address) }
  ) {
    guard let instance = labels["instance"],
      let address = Address(instance) ?? Address(named: instance, port: Self.defaultPort)
    else { return nil }
    let place = place(Target(kind, address))
    target = Target(kind, place.address)
    key = Key(instance: instance, job: labels["job"])
    self.scraped = scraped
    let names = ScrapeLabels(labels)
    shard = names.shard ?? place.shard
    alias = names.alias ?? place.alias
  }

  /// What picks its series.
  var matchers: [String] {
    [("instance", key.instance), ("job", key.job)].compactMap { label, value in
      value.map { "\(label)=\"\($0.labelEscaped)\"" }
    }
  }
}

/// What the labels of a scrape say of a tablet.
///
/// Written by whoever configured it: `keyspace`, `shard`, `alias`; or the labels of vitess-operator's
/// pods, in which Kubernetes' service discovery turns dots, slashes and dashes into underscores:
/// `planetscale.com/keyspace`, `/shard`, `/cell`, `/tablet-uid`.
private struct ScrapeLabels {
  private let labels: [String: String]

  init(_ labels: [String: String]) {
    self.labels = Dictionary(
      labels.map { ($0.key.underscored, $0.value) }, uniquingKeysWith: { first, _ in first })
  }

  private func first(_ names: String...) -> String? {
    names.lazy.compactMap { labels[$0] }.first { !$0.isEmpty }
  }

  private func ofOperator(_ name: String) -> String? {
    first("planetscale_com_\(name)", "label_planetscale_com_\(name)")
  }

  var shard: ShardName? {
    guard let keyspace = first("keyspace", "exported_keyspace") ?? ofOperator("keyspace"),
      let shard = first("shard", "shard_name", "exported_shard") ?? ofOperator("shard")
    else { return nil }
    return ShardName(keyspace: keyspace, shard: Self.keyRange(shard))
  }

  var alias: TabletAlias? {
    if let alias = first("alias", "tablet_alias").flatMap({ TabletAlias($0) }) { return alias }
    guard let cell = ofOperator("cell"), let uid = ofOperator("tablet_uid").flatMap({ UInt32($0) })
    else { return nil }
    return TabletAlias(cell: cell, uid: uid)
  }

  /// A label of Kubernetes may not begin or end with a dash, so vitess-operator writes `x-80` and
  /// `80-x`, and `x-x` for a shard that is the whole of its keyspace.
  private static func keyRange(_ shard: String) -> String {
    let ends = shard.split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count == 2, ends.contains("x"),
      ends.allSatisfy({ end in end == "x" || end.allSatisfy(\.isHexDigit) })
    else { return shard }
    return ends.map { $0 == "x" ? "" : String($0) }.joined(separator: "-")
  }
}

extension String {
  /// With the characters that Prometheus' older names may not have replaced as exporters replace them.
  var underscored: String {
    contains { "-./".contains($0) } ? String(map { "-./".contains($0) ? "_" : $0 }) : self
  }
}
