internal import FleetModel
package import Terms

/// Puts what the rooms below know as kinds and subjects into words: for the screen, lines, hooks
/// and the text in JSON.
///
///     FleetEvent, Advice, Lag.Caveat, ScrapeFailure, preflights … ─> Wording ─> words
///                                                                           ▲
///                                                              HostMask ────┘
///
/// A fact is worded the same wherever it appears, and the rooms that find facts contain no wording.
/// There is one file per kind of fact; each names servers through ``name(_:)`` and passes outside
/// text through ``quote(_:)``, so that the mask applies everywhere. Where JSON carries the words,
/// it also carries the kind and its subjects (docs/json.md).
package struct Wording: Sendable {
  private let mask: HostMask?

  /// `mask`: stands in for hosts and addresses; nil shows them as they are.
  package init(mask: HostMask? = nil) { self.mask = mask }

  package func name(_ address: Address) -> String { mask?.name(address) ?? address.description }

  func names(_ addresses: [Address]) -> String {
    addresses.map { name($0) }.joined(separator: ", ")
  }

  func name(_ target: Target) -> String { mask?.name(target.address) ?? target.description }

  func name(_ tablet: TabletName) -> String {
    guard case .address(let address) = tablet else { return tablet.label }
    return name(address)
  }

  /// The word for every one of several: `both`, `all 3`.
  func all(_ count: Int) -> String { count == 2 ? "both" : "all \(count.grouped)" }

  /// Text that comes from a server, the system or another room.
  func quote(_ text: String) -> String { mask?.masked(text) ?? text }
}
