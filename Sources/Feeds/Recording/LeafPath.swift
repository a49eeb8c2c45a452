/// A place in a reading: names joined by dots, such as `throttler.selfValue`.
///
/// A dot or backslash within a name is escaped by a backslash.
enum LeafPath {
  static func joined(_ parent: String, _ name: String) -> String {
    parent.isEmpty ? escaped(name) : "\(parent).\(escaped(name))"
  }

  static func escaped(_ name: String) -> String {
    guard name.utf8.contains(where: { $0 == dot || $0 == backslash }) else { return name }
    return name.replacing("\\", with: "\\\\").replacing(".", with: "\\.")
  }

  /// The first name and the rest; the rest is nil at the last name.
  static func first(of path: Substring) -> (name: String, rest: Substring?) {
    var name: [UInt8] = []
    var isEscaped = false
    for index in path.utf8.indices {
      let byte = path.utf8[index]
      if isEscaped {
        isEscaped = false
      } else if byte == backslash {
        isEscaped = true
        continue
      } else if byte == dot {
        return (String(decoding: name, as: UTF8.self), path[path.utf8.index(after: index)...])
      }
      name.append(byte)
    }
    return (String(decoding: name, as: UTF8.self), nil)
  }

  private static let dot = UInt8(ascii: ".")
  private static let backslash = UInt8(ascii: "\\")
}
