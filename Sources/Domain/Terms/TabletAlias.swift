/// A tablet's name in the topology: `cell-uid`, the uid padded to ten digits.
package struct TabletAlias: Sendable, Hashable, Comparable, CustomStringConvertible {
  package let cell: String
  package let uid: UInt32

  package init(cell: String, uid: UInt32) {
    self.cell = cell
    self.uid = uid
  }

  /// Reads `zone1-0000000101`; the cell itself may contain dashes.
  package init?(_ text: String) {
    guard let dash = text.lastIndex(of: "-"), let uid = UInt32(text[text.index(after: dash)...])
    else { return nil }
    self.init(cell: String(text[..<dash]), uid: uid)
  }

  package var description: String {
    let digits = String(uid)
    return "\(cell)-\(String(repeating: "0", count: max(0, 10 - digits.count)))\(digits)"
  }

  /// The alias as people read it, on screens, in lines and in sentences: `zone1-101`.
  package var short: String { "\(cell)-\(uid)" }

  /// A server's text with the aliases in it shortened.
  package static func shortened(in text: String) -> String {
    text.replacing(/-(\d{10})(?!\d)/) { match in
      UInt32(match.1).map { "-\($0)" } ?? String(match.0)
    }
  }

  package static func < (left: TabletAlias, right: TabletAlias) -> Bool {
    (left.cell, left.uid) < (right.cell, right.uid)
  }
}
