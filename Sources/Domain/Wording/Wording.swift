internal import FleetModel
internal import Terms

/// Makes words of what the rooms below know as kinds and subjects: for the screen, lines, hooks and the
/// text in JSON.
///
///     FleetEvent, Advice, Lag.Caveat, ScrapeFailure, Preflight.Evidence … ─> Wording ─> words
///                                                                           ▲
///                                                              HostMask ────┘
///
/// The same fact has the same words wherever it is told, and rooms that find facts hold none. One file
/// per kind of fact; each names servers through ``name(_:)`` and passes on what comes as text through
/// ``quote(_:)``, so that a mask holds. Where words are beside a key of JSON, the kind and its subjects
/// are there too (docs/json.md).
package struct Wording: Sendable {
  private let mask: HostMask?

  /// `mask`: stands in for hosts and addresses; nil names them as they are.
  package init(mask: HostMask? = nil) { self.mask = mask }

  func name(_ address: Address) -> String { mask?.name(address) ?? address.description }

  func names(_ addresses: [Address]) -> String {
    addresses.map { name($0) }.joined(separator: ", ")
  }

  func name(_ target: Target) -> String { mask?.name(target.address) ?? target.description }

  func name(_ tablet: TabletName) -> String {
    guard case .address(let address) = tablet else { return tablet.label }
    return name(address)
  }

  /// Words that come from a server, the system or another room.
  func quote(_ text: String) -> String { mask?.masked(text) ?? text }
}
