package import FleetModel
internal import Terms

/// One vtgate's own list of tablets, and whether it still holds.
///
/// `vtgate_healthcheck_checksum` shows that something has changed, but not what is the case now: it
/// covers cell, keyspace, shard, type, serving and term but no alias, so "no primary" has the same
/// checksum in one failover after another; and the list is read after the page with the checksum.
/// So a list is only as good as the moment it was read, and holds only for its own vtgate: it is
/// kept while the checksum stays what it was before the list was asked for, and once a second
/// reading under that checksum has said the same.
package struct GatewayListing: Sendable {
  /// How old a list may become while its checksum stays the same.
  ///
  /// Errors and the health stream's lag are not in the checksum.
  package static let leastAge: Duration = .seconds(5)
  /// How many lists a second all vtgates together reread, in turns, although nothing calls for it.
  package static let rereadsPerSecond = 4

  package private(set) var tablets: GatewayTablets?
  /// The checksum before the list was asked for.
  private var checksum: Double?
  private var isConfirmed = false
  private var readAt: ContinuousClock.Instant?
  /// When in its turn this one is reread, so that vtgates do not all do so at once; 0.5...1.
  private var turn = 1.0

  package init() {}

  /// Whether the list must be read, given the present checksum, which is nil when none is exported.
  ///
  /// `vtgates`: how many take turns.
  package func isDue(
    checksum: Double?, vtgates: Int, at now: ContinuousClock.Instant
  ) -> Bool {
    guard let readAt, let checksum, checksum == self.checksum, isConfirmed else { return true }
    let limit = max(Self.leastAge, .seconds(vtgates) / Self.rereadsPerSecond)
    return now - readAt >= limit * turn
  }

  /// Takes a list that was asked for after `checksum` was read.
  package mutating func take(
    _ list: GatewayTablets, checksum: Double?, at now: ContinuousClock.Instant, turn: Double = 1
  ) {
    isConfirmed = checksum == self.checksum && tablets.map { $0.standsAs(list) } ?? false
    tablets = list
    self.checksum = checksum
    readAt = now
    self.turn = turn
  }

  /// Stops trusting the list: the vtgate did not answer, and may be another process by now.
  package mutating func discard() { self = GatewayListing() }
}
