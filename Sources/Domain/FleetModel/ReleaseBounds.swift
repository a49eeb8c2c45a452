/// Between which major releases of Vitess a server lies, by what it says and how it behaves.
package struct ReleaseBounds: Sendable, Equatable, CustomStringConvertible {
  package private(set) var oldest: Int
  /// Nil: any later one.
  package private(set) var newest: Int?
  /// The release in full, where the server says it.
  package let version: VitessVersion?

  /// Of behaviour.
  package init(from oldest: Int = 0, to newest: Int? = nil) {
    self.oldest = oldest
    self.newest = newest
    version = nil
  }

  /// Of a version that the server says.
  package init(_ version: VitessVersion) {
    oldest = version.major
    newest = version.major
    self.version = version
  }

  /// Whether it is this release or a later one; nil when both is possible.
  package func isAtLeast(_ major: Int) -> Bool? {
    if oldest >= major { return true }
    return newest.map { $0 < major } == true ? false : nil
  }

  package var description: String {
    if let version { return version.description }
    return switch (oldest, newest) {
    case (0, nil): "a release that is not known"
    case (0, .some(let newest)): "v\(newest) or older"
    case (let oldest, nil): "v\(oldest) or later"
    case (let oldest, .some(let newest)) where oldest == newest: "v\(oldest)"
    case (let oldest, .some(let newest)): "v\(oldest) to v\(newest)"
    }
  }
}
