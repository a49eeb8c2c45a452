package import Terms

/// What a tablet is called: its alias, or its address when nobody reports one.
package enum TabletName: Sendable, Hashable, Codable {
  case alias(TabletAlias)
  case address(Address)
  case unknown

  package init(_ alias: TabletAlias?, at address: Address?) {
    self = alias.map { .alias($0) } ?? address.map { .address($0) } ?? .unknown
  }

  package var label: String {
    switch self {
    case .alias(let alias): alias.short
    case .address(let address): address.description
    case .unknown: "?"
    }
  }
}
