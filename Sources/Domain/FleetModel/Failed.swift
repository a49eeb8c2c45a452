package import Terms

/// How many queries the application saw fail during a failover, and what the number is based on.
///
/// Retries count again: vtgate counts queries, not what an application wanted.
package struct Failed: Sendable, Equatable, Codable {
  /// Nil when no source says anything.
  package private(set) var count: Int?
  /// There may have been more: some vtgate reported only a part, or only its shard's own counters.
  package private(set) var isAtLeast = false
  /// Another shard of the keyspace failed over as well; client errors do not name the shard.
  package private(set) var isOfKeyspace = false
  /// What fails all the time was subtracted as an average.
  package private(set) var isEstimate = false
  /// Part of it assumes Vitess' default number of attempts per query, because the vtgate's own flag
  /// is not known.
  package private(set) var isAssumed = false
  /// Client errors by vtrpc code.
  package private(set) var codes: [String: Int] = [:]

  package init(count: Int?) { self.count = count }

  /// It is known that nothing failed.
  package var isNothing: Bool { count == 0 && !isAtLeast }
  package var isSomething: Bool { count ?? 0 > 0 }

  /// What failed in all of them together; nil if there are none.
  package static func sum(_ all: some Sequence<Failed>) -> Failed? {
    all.reduce(nil) { sum, next in sum.map { $0 + next } ?? next }
  }

  /// What failed in two failovers together.
  package static func + (left: Failed, right: Failed) -> Failed {
    let counts = [left.count, right.count].compactMap(\.self)
    let known = counts.reduce(0, +)
    var sum = left
    sum.isAtLeast = left.isAtLeast || right.isAtLeast || counts.count < 2
    // "At least 0" is no better than unknown.
    sum.count = known == 0 && sum.isAtLeast ? nil : known
    sum.isOfKeyspace = left.isOfKeyspace || right.isOfKeyspace
    sum.isEstimate = left.isEstimate || right.isEstimate
    sum.isAssumed = left.isAssumed || right.isAssumed
    sum.codes.merge(right.codes, uniquingKeysWith: +)
    return sum
  }
}

extension Failed {
  /// Weighs what each vtgate reports about a failover.
  init(_ failover: Failover) {
    self.init(count: nil)
    isAtLeast = failover.isMissingVtgates
    var known: Int?
    for address in Set(failover.felt.keys).union(failover.tracks.map(\.address)) {
      let felt = failover.felt[address]
      let tracks = failover.tracks.filter { $0.address == address }
      let least = tracks.reduce(0) { $0 + $1.failedAtLeast(in: failover.kind) }
      let errors = felt.map { failover.attributed($0) } ?? [:]
      let count = errors.values.reduce(0, +)
      for (kind, more) in errors { codes[kind.code, default: 0] += more }
      if felt?.isEstimate == true { isEstimate = true }
      let isCounted =
        felt?.isExported == true || tracks.allSatisfy { $0.failedNothing(in: failover.kind) }
      if isCounted {
        known = (known ?? 0) + max(count, least)
        if least > count { isAtLeast = true }
      } else {
        if least > 0 { known = (known ?? 0) + least }
        isAtLeast = true
      }
      if !isCounted || least > count,
        tracks.contains(where: { $0.assumesAttempts(in: failover.kind) })
      {
        isAssumed = true
      }
      if felt?.isPartial != false || tracks.contains(where: { $0.interrupted != nil }) {
        isAtLeast = true
      }
    }
    isOfKeyspace = !codes.isEmpty && failover.company == .ofItsKeyspace
    self.count = known == 0 && isAtLeast ? nil : known
  }
}

extension Failover {
  /// The client errors of a vtgate that may belong to this failover.
  ///
  /// Those in its own keyspace, and those of sessions elsewhere unless another failover may have
  /// caused them.
  func attributed(_ felt: FeltErrors) -> [ClientError: Int] {
    company == .none ? felt.counts : felt.counts.filter { $0.key.keyspace == shard.keyspace }
  }

  /// Client errors that one vtgate counted during it, by vtrpc code.
  package func clientErrors(of address: Address) -> [String: Int] {
    guard let felt = felt[address] else { return [:] }
    return attributed(felt).reduce(into: [:]) { $0[$1.key.code, default: 0] += $1.value }
  }
}

extension Failover.Track {
  /// Attempts at the shard that were not buffered while it was not serving.
  ///
  /// In a traffic switch the shard serves, and what is passed on may succeed.
  private func unbuffered(in kind: Failover.Kind) -> Int {
    passedOn + (kind == .failover ? tooRecent : 0)
  }

  /// Queries that failed according to the shard's own counters.
  ///
  /// A query thrown out or not let in counts as one. Those passed on unbuffered count as one for as
  /// many attempts as a query has at most: `--retry-count` plus the first
  /// (go/vt/vtgate/tabletgateway.go, v10 to v24).
  func failedAtLeast(in kind: Failover.Kind) -> Int {
    let attempts = unbuffered(in: kind)
    let (queries, rest) = attempts.quotientAndRemainder(dividingBy: flags.retryCount + 1)
    return counts.turnedOut + queries + (rest > 0 ? 1 : 0)
  }

  /// Whether ``failedAtLeast(in:)`` relies on a number of attempts that was not read.
  func assumesAttempts(in kind: Failover.Kind) -> Bool {
    unbuffered(in: kind) > 0 && flags.source == .defaults
  }

  /// Whether the shard's own counters leave no room for a failure: each failed call was buffered
  /// and sent again.
  func failedNothing(in kind: Failover.Kind) -> Bool {
    counts.lost != nil && failedAtLeast(in: kind) == 0 && counts.skippedTotal == 0
      && counts.evictedTotal == 0
      && callErrors <= counts.buffered
  }
}
