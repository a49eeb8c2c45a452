/// The families of samples a caller wants, by exact name or by prefix of the name.
package struct Selection: Sendable, Equatable {
  /// One wanted name, or every name that starts with some text.
  package enum Selector: Sendable, Equatable, Hashable {
    case name(String)
    case prefix(String)
  }

  package let selectors: [Selector]

  /// One selector ready for comparison: its first and last eight bytes first, the rest only on a hit.
  ///
  /// A server's names begin alike.
  struct Compiled: Sendable, Equatable {
    let bytes: [UInt8]
    let head: UInt64
    let headMask: UInt64
    /// The last eight bytes and where they begin; none and 0 in a shorter one.
    let tail: UInt64
    let tailMask: UInt64
    let tailStart: Int
    let isExact: Bool

    init(_ text: String, isExact: Bool) {
      bytes = Array(text.utf8)
      self.isExact = isExact
      (head, headMask) = Self.packed(bytes.prefix(8))
      tailStart = max(0, bytes.count - 8)
      (tail, tailMask) = tailStart == 0 ? (0, 0) : Self.packed(bytes.suffix(8))
    }

    /// Up to eight bytes as they stand in memory, and a mask of them.
    private static func packed(_ bytes: ArraySlice<UInt8>) -> (UInt64, mask: UInt64) {
      bytes.reversed().reduce((0, 0)) { ($0.0 << 8 | UInt64($1), $0.1 << 8 | 0xFF) }
    }
  }

  let compiled: [Compiled]
  /// The length of the longest selector; a line shorter than this may still be undecided.
  let longest: Int

  package init(_ selectors: [Selector]) {
    self.selectors = selectors
    compiled = selectors.map { selector in
      switch selector {
      case .name(let text): Compiled(text, isExact: true)
      case .prefix(let text): Compiled(text, isExact: false)
      }
    }
    longest = compiled.map(\.bytes.count).max() ?? 0
  }
}
