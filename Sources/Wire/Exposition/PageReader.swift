/// Reads the wanted series of one server's pages, one page after the other.
///
/// A server names its series in the same order at every poll. What stands at the same place as in the
/// last page is recognized by one comparison of bytes, and only its value is read:
///
///     line ─ the series expected here? ─ yes ─────────────────────> its value
///               └── no ─> Scanner ─> Sample ─ named before? ─ yes ─> its value, and what to expect next
///                                                └── no ──> a new number, told to `learn`
///
/// Series are known by number: 0 for the first that was learned, and so on. What is kept are the bytes
/// of their names and labels, as long as they are wanted lines of pages that the caller bounds.
package struct PageReader: Sendable {
  private var scanner: Scanner
  private var memory = SeriesMemory()
  private let selection: Selection
  /// The last finished page had lines that could not be read.
  private var wasMalformed = false

  package init(_ selection: Selection) {
    self.selection = selection
    scanner = Scanner(selection)
  }

  /// The numbers of the page's series, in the order in which it names them.
  package var order: [Int32] { memory.order }
  /// Their values, in the same order.
  package var values: [Double] { memory.values }
  /// Whether the page that was finished last says the same as the one finished before.
  package private(set) var isSame = false

  package var samples: Int { scanner.samples }
  package var diagnostics: [Diagnostic] { scanner.diagnostics }
  package var malformedLines: Int { scanner.malformedLines }

  /// The name of a series, without its labels.
  package func name(of number: Int32) -> String { memory.name(of: Int(number)) }

  /// Shares the memory of another reader that knows the same series by the same numbers; false if it
  /// does not.
  package mutating func share(with other: PageReader) -> Bool { memory.share(with: other.memory) }

  /// Begins a page; one that was not finished counts for nothing.
  ///
  /// Returns whether what was learned is forgotten, because most of it was not named any more: series
  /// are numbered anew then.
  package mutating func begin() -> Bool {
    scanner = Scanner(selection)
    memory.begin()
    guard memory.isMostlyUnused else { return false }
    memory = SeriesMemory()
    return true
  }

  /// Reads the next bytes of the page.
  ///
  /// `learn`: told each series that was not named before, in the order of their numbers.
  package mutating func scan(_ chunk: UnsafeRawBufferPointer, _ learn: (Sample) -> Void) {
    scanner.scan(chunk, taking: { memory.takeExpected($0, $1) }) { memory.take($0, learn) }
  }

  /// Ends the page.
  package mutating func finish(_ learn: (Sample) -> Void) {
    scanner.finish { memory.take($0, learn) }
    memory.finish()
    let isMalformed = scanner.malformedLines > 0
    isSame = !memory.hasMoved && !isMalformed && !wasMalformed
    wasMalformed = isMalformed
  }
}
