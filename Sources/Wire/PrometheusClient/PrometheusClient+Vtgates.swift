package import FleetModel
package import Terms
internal import VitessClient

/// What vtgates answered, of which as little is asked for as tells all of it: see ``VtgatePage``.
extension PrometheusClient {
  /// A front may refuse what is longer.
  private static let matcherLimit = 3000

  /// As many vtgates as can be named in one query, one at least.
  package func fitting(_ vtgates: ArraySlice<StoredServer>) -> ArraySlice<StoredServer> {
    var length = 0
    let count = vtgates.prefix { vtgate in
      length += vtgate.key.instance.utf8.count + 3
      return length <= Self.matcherLimit
    }.count
    return vtgates.prefix(max(1, count))
  }

  /// What vtgates answered at some of their scrapes.
  ///
  /// `pages`: as of the last of their scrapes that was asked for, and then of these.
  package func answers(
    of scrapes: [StoredServer.Key: Set<Instant>], _ pages: inout [StoredServer.Key: VtgatePage]
  ) async throws(RelayFault) -> [StoredServer.Key: [VtgateAnswer]] {
    let times = scrapes.values.joined()
    guard let first = times.min(), let end = times.max() else { return [:] }
    let span = Span(from: first, to: end)
    let vtgates = scrapes.keys.sorted()
    var round = VtgateRound(scrapes, pages)
    try await read(VtgateMetrics.ownNames + [VtgateMetrics.startsName], vtgates, span, into: &round)
    try await read(
      [VtgateMetrics.connectionsName], vtgates, span,
      round.combines ? [] : [#"tablet_type!~"\#(Self.otherTypes)""#], into: &round)
    round.decide()
    try await ask(
      "sum by (instance, job, __name__) (\(selector(VtgateRound.families, vtgates, span)))", at: end
    ) { round.take(sum: $0) }
    round.compareSums()
    for family in VtgateRound.families {
      try await read([family], round.wanting(family), span, into: &round)
    }
    let (wanting, shards) = round.wantingShards
    try await read(
      VtgateRound.shardNames, wanting, span, Self.choice(of: shards, by: round.shardLabel),
      into: &round)
    try await read([VtgateMetrics.namePattern], round.wholes, span, into: &round)
    let (answers, known) = round.finish()
    pages = known
    return answers
  }

  /// Tablets that are not primaries, as releases spell their types.
  private static let otherTypes = [
    "replica", "rdonly", "batch", "spare", "experimental", "backup", "restore", "drained",
    "unknown",
  ].map { "\($0)|\($0.uppercased())" }.joined(separator: "|")

  private struct Span {
    let from, to: Instant
    /// Both ends belong to it.
    var range: String { (to - from + .milliseconds(1)).promText }
  }

  private func read(
    _ names: [String], _ vtgates: [StoredServer.Key], _ span: Span, _ more: [String] = [],
    into round: inout VtgateRound
  ) async throws(RelayFault) {
    guard !vtgates.isEmpty else { return }
    let query = "\(selector(names, vtgates, span, more))[\(span.range)]"
    try await ask(query, at: span.to) { round.take($0) }
  }

  private func selector(
    _ names: [String], _ vtgates: [StoredServer.Key], _ span: Span, _ more: [String] = []
  ) -> String {
    selector(
      Self.freshly(names.joined(separator: "|"), at: span.to),
      [Self.oneOf(vtgates.map(\.instance), "instance")] + more)
  }

  private static func oneOf(_ values: some Sequence<String>, _ label: String) -> String {
    let choice = Set(values).sorted().map(\.regexEscaped).joined(separator: "|")
    return #"\#(label)=~"\#(choice.labelEscaped)""#
  }

  /// Nothing where the shards cannot be named.
  private static func choice(of shards: Set<ShardName>, by label: String?) -> [String] {
    let isPlain = label?.utf8.allSatisfy { $0 == UInt8(ascii: "_") || (0x61...0x7A).contains($0) }
    guard let label, isPlain == true else { return [] }
    return choice(of: Set(shards.map(\.shard)), by: label)
  }

  /// Nothing where the values cannot be named in one query.
  static func choice(of values: Set<String>, by label: String) -> [String] {
    let choice = oneOf(values, label)
    return choice.utf8.count <= matcherLimit ? [choice] : []
  }
}
