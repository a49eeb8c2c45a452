/// A tablet's type, as numbered by topodata.proto.
package struct TabletType: RawRepresentable, Sendable, Hashable, Codable, CustomStringConvertible {
  package let rawValue: Int
  package init(rawValue: Int) { self.rawValue = rawValue }

  package static let unknown = TabletType(rawValue: 0)
  package static let primary = TabletType(rawValue: 1)
  package static let replica = TabletType(rawValue: 2)
  package static let rdonly = TabletType(rawValue: 3)
  package static let spare = TabletType(rawValue: 4)
  package static let experimental = TabletType(rawValue: 5)
  package static let backup = TabletType(rawValue: 6)
  package static let drained = TabletType(rawValue: 8)

  private static let names = [
    "unknown", "primary", "replica", "rdonly", "spare", "experimental", "backup", "restore",
    "drained",
  ]

  /// Reads a name in any case; `master` is what v10 and v11 call a primary.
  package init?(name: String) {
    let name = name.lowercased()
    if name == "master" {
      self = .primary
    } else if name == "batch" {
      self = .rdonly
    } else if let index = Self.names.firstIndex(of: name) {
      self.init(rawValue: index)
    } else {
      return nil
    }
  }

  package var description: String {
    Self.names.indices.contains(rawValue) ? Self.names[rawValue] : "type \(rawValue)"
  }
}
