/// The families of samples a caller wants, by exact name or by prefix of the name.
package struct Selection: Sendable, Equatable {
  /// One wanted name, or every name that starts with some text.
  package enum Selector: Sendable, Equatable, Hashable {
    case name(String)
    case prefix(String)
  }

  package let selectors: [Selector]

  /// One selector ready for comparison: eight bytes at a time first, the rest only on a hit.
  struct Compiled: Sendable, Equatable {
    let bytes: [UInt8]
    let head: UInt64
    let headMask: UInt64
    let isExact: Bool
  }

  let compiled: [Compiled]
  /// The length of the longest selector; a line shorter than this may still be undecided.
  let longest: Int

  package init(_ selectors: [Selector]) {
    self.selectors = selectors
    compiled = selectors.map { selector in
      let (text, isExact) =
        switch selector {
        case .name(let text): (text, true)
        case .prefix(let text): (text, false)
        }
      let bytes = Array(text.utf8)
      var head: UInt64 = 0
      var mask: UInt64 = 0
      for (index, byte) in bytes.prefix(8).enumerated() {
        head |= UInt64(byte) << UInt64(8 * index)
        mask |= 0xFF << UInt64(8 * index)
      }
      return Compiled(bytes: bytes, head: head, headMask: mask, isExact: isExact)
    }
    longest = compiled.map(\.bytes.count).max() ?? 0
  }
}
