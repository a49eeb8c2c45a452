internal import Actions
internal import Terms

/// A reparent that was sent, and the traces that it and others left.
///
/// v20 and older ignore the expected primary: of several reparents waiting for the shard's lock
/// each is carried out, whatever the ones before it did. Only these traces show it.
struct SentReparent: Sendable {
  let intent: AuditLog.Entry
  private(set) var promoted: TabletAlias?
  private(set) var events: [String] = []
  /// The primaries that topo named while the call ran, in order, each change once.
  var primariesMeanwhile: [TabletAlias] = []
  /// The primary that topo has named since; nil when it could not be read.
  var primaryAfter: TabletAlias?

  init(intent: AuditLog.Entry) { self.intent = intent }

  mutating func answer(_ promoted: TabletAlias?, _ events: [String]) {
    self.promoted = promoted
    self.events = events
  }

  /// Who was primary when the server began, according to its log
  /// (go/vt/vtctl/reparentutil/planned_reparenter.go).
  private var demoted: TabletAlias? {
    let words = "demoting current primary: "
    return events.lazy.compactMap { event in
      event.firstRange(of: words).flatMap { TabletAlias(String(event[$0.upperBound...])) }
    }.first
  }

  /// What the order alone does not explain; nil when it explains everything.
  func others(than order: ReparentOrder) -> ActionReport.Interference? {
    if let demoted, demoted != order.expectedPrimary {
      return .wasPrimaryByThen(demoted, expected: order.expectedPrimary)
    }
    if let primaryAfter, primaryAfter != promoted {
      return .topoNames(primaryAfter)
    }
    if let stranger = primariesMeanwhile.first(where: {
      $0 != promoted && $0 != order.expectedPrimary
    }) {
      return .topoNamedMeanwhile(stranger)
    }
    // There and back again before this one's turn came.
    if let promoted, let first = primariesMeanwhile.firstIndex(of: promoted),
      primariesMeanwhile[first...].contains(where: { $0 != promoted })
    {
      return .topoNamedBefore(promoted)
    }
    if order.kind == .planned, promoted == order.expectedPrimary {
      return .promotedAgain(promoted ?? order.expectedPrimary)
    }
    return nil
  }
}
