#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// A scanner that is fed a body in chunks and yields the wanted samples in it.
package struct Scanner {
  /// The longest line that is read, in bytes; a longer wanted one is skipped and reported.
  ///
  /// Go's client writes label values of any length (a query text, say), so the limit is generous;
  /// it is what a hostile server can make the scanner hold.
  package static let lineLimit = 64 * 1024

  /// At most this many diagnostics are kept; ``malformedLines`` counts them all.
  package static let diagnosticLimit = 16

  package private(set) var diagnostics: [Diagnostic] = []
  /// Lines that could not be read.
  package private(set) var malformedLines = 0
  /// Wanted samples yielded so far.
  package private(set) var samples = 0

  private let selection: Selection
  /// Lines completed so far.
  private var lines = 0
  /// The beginning of a line that has not ended yet.
  private var carry: [UInt8] = []
  /// The rest of the current line is of no interest.
  private var isSkippingLine = false
  private var labels: [Sample.LabelRange] = []

  package init(_ selection: Selection) {
    self.selection = selection
    labels.reserveCapacity(16)
  }

  /// Scans the next bytes of the body and calls `yield` for each wanted sample completed by them.
  package mutating func scan(_ chunk: UnsafeRawBufferPointer, _ yield: (Sample) -> Void) {
    scan(chunk, taking: { _, _ in 0 }, yield)
  }

  /// The same, but for lines that somebody else takes.
  ///
  /// `take`: given the beginning of a line and how many bytes there are from there on, returns the
  /// length of a sample's line with its end if it has taken that, else 0.
  @inline(__always)
  mutating func scan(
    _ chunk: UnsafeRawBufferPointer, taking take: (UnsafeRawPointer, Int) -> Int,
    _ yield: (Sample) -> Void
  ) {
    guard let base = chunk.baseAddress else { return }
    var start = 0
    let count = chunk.count
    if isSkippingLine || !carry.isEmpty {
      guard let end = newline(base, from: 0, to: count) else {
        keep(chunk)
        return
      }
      finishCarriedLine(UnsafeRawBufferPointer(start: base, count: end), yield)
      start = end + 1
    }
    let compiled = selection.compiled
    compiled.withUnsafeBufferPointer { selectors in
      while start < count {
        let taken = take(base + start, count - start)
        guard taken == 0 else {
          lines += 1
          samples += 1
          start += taken
          continue
        }
        guard let end = newline(base, from: start, to: count) else { break }
        lines += 1
        let line = UnsafeRawBufferPointer(start: base + start, count: end - start)
        // The common line is unwanted. Everything else is kept out of this loop's way.
        switch verdict(line, selectors, isComplete: true) {
        case .unwanted: break
        case .malformed: report(.notALine)
        case .wanted(let index): read(line, selector: index, yield)
        case .undecided: break
        }
        start = end + 1
      }
    }
    if start < count { keep(UnsafeRawBufferPointer(rebasing: chunk[start...])) }
  }

  /// Scans the next bytes of the body from an array.
  package mutating func scan(_ chunk: some Sequence<UInt8>, _ yield: (Sample) -> Void) {
    let done: Void? = chunk.withContiguousStorageIfAvailable { bytes in
      scan(UnsafeRawBufferPointer(bytes), yield)
    }
    if done == nil {
      ContiguousArray(chunk).withUnsafeBytes { scan($0, yield) }
    }
  }

  /// Ends the body: a last line without a newline is read like any other.
  package mutating func finish(_ yield: (Sample) -> Void) {
    guard isSkippingLine || !carry.isEmpty else { return }
    finishCarriedLine(UnsafeRawBufferPointer(start: nil, count: 0), yield)
  }

  // MARK: Lines in two chunks

  /// Keeps the beginning of a line, unless it is already known to be unwanted or too long.
  private mutating func keep(_ part: UnsafeRawBufferPointer) {
    guard !isSkippingLine else { return }
    if carry.count + part.count > Self.lineLimit {
      let room = Self.lineLimit - carry.count
      carry.append(contentsOf: part[part.startIndex..<part.startIndex + max(0, room)])
      lines += 1
      if case .wanted = carriedVerdict() { report(.tooLong) }
      lines -= 1
      carry.removeAll(keepingCapacity: true)
      isSkippingLine = true
      return
    }
    carry.append(contentsOf: part)
    if case .unwanted = carriedVerdict() {
      carry.removeAll(keepingCapacity: true)
      isSkippingLine = true
    }
  }

  private func carriedVerdict() -> Verdict {
    carry.withUnsafeBytes { line in
      selection.compiled.withUnsafeBufferPointer { verdict(line, $0, isComplete: false) }
    }
  }

  private mutating func finishCarriedLine(
    _ rest: UnsafeRawBufferPointer, _ yield: (Sample) -> Void
  ) {
    if !isSkippingLine { keep(rest) }
    lines += 1
    let isSkipped = isSkippingLine
    isSkippingLine = false
    guard !isSkipped else { return }
    var line = carry
    carry = []
    let compiled = selection.compiled
    line.withUnsafeBytes { bytes in
      compiled.withUnsafeBufferPointer { selectors in
        switch verdict(bytes, selectors, isComplete: true) {
        case .unwanted, .undecided: break
        case .malformed: report(.notALine)
        case .wanted(let index): read(bytes, selector: index, yield)
        }
      }
    }
    line.removeAll(keepingCapacity: true)
    carry = line
  }

  // MARK: One line

  private enum Verdict {
    case unwanted, malformed, undecided
    case wanted(Int)
  }

  /// Decides what a line is from its beginning.
  ///
  /// `isComplete`: false while more of the line may follow, in which case its beginning may not be
  /// enough to tell.
  @inline(__always)
  private func verdict(
    _ line: UnsafeRawBufferPointer, _ selectors: UnsafeBufferPointer<Selection.Compiled>,
    isComplete: Bool
  ) -> Verdict {
    guard let base = line.baseAddress, !line.isEmpty else { return .undecided }
    var start = 0
    if !ASCII.startsName(line[0]) {
      if line[0] == ASCII.hash { return .unwanted }
      while start < line.count, ASCII.isBlank(line[start]) || line[start] == ASCII.carriageReturn {
        start += 1
      }
      guard start < line.count else { return isComplete ? .unwanted : .undecided }
      if line[start] == ASCII.hash { return .unwanted }
      guard ASCII.startsName(line[start]) else { return isComplete ? .malformed : .undecided }
    }
    let length = line.count - start
    let name = base + start
    if length >= 8 {
      let head = UInt64(littleEndian: name.loadUnaligned(as: UInt64.self))
      for index in selectors.indices {
        // By pointer: copying the element would retain its array for each line of the body.
        let matches = selectors.baseAddress.map { pointer in
          (head ^ pointer[index].head) & pointer[index].headMask == 0
            && endsAlike(name, length, pointer + index)
            && self.matches(name, length, pointer + index)
        }
        if matches == true { return .wanted(index) }
      }
    } else {
      for index in selectors.indices {
        guard let pointer = selectors.baseAddress else { break }
        if matches(name, length, pointer + index) { return .wanted(index) }
      }
    }
    return isComplete || length > selection.longest ? .unwanted : .undecided
  }

  /// Whether the last eight bytes of a selector stand where they must.
  @inline(__always)
  private func endsAlike(
    _ name: UnsafeRawPointer, _ length: Int, _ selector: UnsafePointer<Selection.Compiled>
  ) -> Bool {
    let start = selector.pointee.tailStart
    guard start + 8 <= length else { return false }
    let tail = UInt64(
      littleEndian: name.loadUnaligned(fromByteOffset: start, as: UInt64.self))
    return (tail ^ selector.pointee.tail) & selector.pointee.tailMask == 0
  }

  @inline(__always)
  private func matches(
    _ name: UnsafeRawPointer, _ length: Int, _ selector: UnsafePointer<Selection.Compiled>
  ) -> Bool {
    selector.pointee.bytes.withUnsafeBufferPointer { bytes in
      guard bytes.count <= length, let wanted = bytes.baseAddress else { return false }
      guard equalBytes(name, wanted, bytes.count) else { return false }
      guard selector.pointee.isExact, bytes.count < length else { return true }
      let next = name.load(fromByteOffset: bytes.count, as: UInt8.self)
      return !ASCII.continuesName(next)
    }
  }

  private mutating func report(_ problem: Diagnostic.Problem) {
    malformedLines += 1
    guard diagnostics.count < Self.diagnosticLimit else { return }
    diagnostics.append(Diagnostic(line: lines, problem: problem))
  }

  /// Reads a whole wanted line and yields its sample, or reports why it cannot be read.
  private mutating func read(
    _ whole: UnsafeRawBufferPointer, selector: Int, _ yield: (Sample) -> Void
  ) {
    guard whole.count <= Self.lineLimit else { return report(.tooLong) }
    var line = whole
    while let first = line.first, ASCII.isBlank(first) {
      line = UnsafeRawBufferPointer(rebasing: line.dropFirst())
    }
    while let last = line.last, ASCII.isBlank(last) || last == ASCII.carriageReturn {
      line = UnsafeRawBufferPointer(rebasing: line.dropLast())
    }
    var reader = LineReader(line)
    let nameLength = reader.takeName()
    labels.removeAll(keepingCapacity: true)
    guard reader.takeLabels(into: &labels) else { return report(.badLabels) }
    // Blanks may have been skipped on the way to labels that are not there.
    let hasLabels =
      reader.position > nameLength && line[reader.position - 1] == ASCII.closeBrace
    let seriesLength = hasLabels ? reader.position : nameLength
    reader.skipBlanks()
    guard !reader.isAtEnd else { return report(.missingValue) }
    guard let value = reader.takeValue() else { return report(.badValue) }
    reader.skipBlanks()
    var timestamp: Int64?
    if !reader.isAtEnd {
      timestamp = reader.takeInteger()
      guard timestamp != nil else { return report(.badTimestamp) }
      reader.skipBlanks()
      guard reader.isAtEnd else { return report(.trailingText) }
    }
    samples += 1
    labels.withUnsafeBufferPointer { ranges in
      yield(
        Sample(
          selector: selector, value: value, timestamp: timestamp, line: line,
          nameLength: nameLength, seriesLength: seriesLength, labels: ranges))
    }
  }

  @inline(__always)
  private func newline(_ base: UnsafeRawPointer, from start: Int, to end: Int) -> Int? {
    guard start < end, let found = memchr(base + start, Int32(ASCII.newline), end - start) else {
      return nil
    }
    return UnsafeRawPointer(found) - base
  }
}

/// Whether the bytes at two places are equal.
@inline(__always)
package func equalBytes(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ count: Int) -> Bool {
  memcmp(left, right, count) == 0
}
