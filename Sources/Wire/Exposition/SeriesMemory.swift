/// The series of the last page and the values of this one.
struct SeriesMemory: Sendable {
  /// The numbers of the last page's series in their order, or this page's once it has ended.
  private(set) var order: [Int32] = []
  /// Their values; up to ``next`` this page's.
  private(set) var values: [Double] = []
  /// This page says something else than the last whole one.
  private(set) var hasMoved = true
  /// The last page was finished.
  private var isWhole = false

  /// The bytes of all series, one after the other, by number; each begins where the one before ends.
  private var text: [UInt8] = []
  private var ends: [Int] = []
  /// The place in ``order`` of the series that is expected next.
  private var next = 0
  /// This page's series and values, once their order is not the last page's.
  private var other: (order: [Int32], values: [Double])?
  private var index: Index?

  /// Where series are to be found, made for a page that names them in another order.
  private struct Index {
    /// Their numbers by the digests of their bytes.
    var numbers: [Int: Int32] = [:]
    /// Their places in the last page, by number; -1: nowhere.
    var places: [Int]
  }

  /// Whether most of what it holds was not named by the last page.
  var isMostlyUnused: Bool { ends.count > 2 * order.count + 64 }

  func name(of number: Int) -> String {
    let series = text[begin(of: number)..<ends[number]]
    return String(decoding: series.prefix { ASCII.continuesName($0) }, as: UTF8.self)
  }

  /// Shares the memory of another one that knows the same series by the same numbers; false if it does
  /// not.
  mutating func share(with other: SeriesMemory) -> Bool {
    guard ends == other.ends, text == other.text else { return false }
    (text, ends) = (other.text, other.ends)
    if order == other.order { order = other.order }
    return true
  }

  mutating func begin() {
    // What was taken of a page that was not finished cannot be told from the last one's values.
    hasMoved = !isWhole
    isWhole = false
    next = 0
    other = nil
    index = nil
  }

  mutating func finish() {
    if let other {
      (order, values) = other
    } else if next < order.count {
      order.removeSubrange(next...)
      values.removeSubrange(next...)
      hasMoved = true
    }
    isWhole = true
    next = 0
    other = nil
    index = nil
  }

  /// Takes a line if it is the series expected here and a number as it is usually written, and returns
  /// its length with its end; 0 if it is anything else.
  @inline(__always)
  mutating func takeExpected(_ line: UnsafeRawPointer, _ left: Int) -> Int {
    guard next < order.count else { return 0 }
    let number = Int(order[next])
    let start = begin(of: number)
    let length = ends[number] - start
    guard length + 2 < left, length < Self.longest else { return 0 }
    let isExpected = text.withUnsafeBytes { text in
      text.baseAddress.map { equalBytes(line, $0 + start, length) } ?? false
    }
    guard isExpected, line.load(fromByteOffset: length, as: UInt8.self) == ASCII.space else {
      return 0
    }
    let begin = length + 1
    guard let (value, digits) = ShortNumber.read(line + begin, left - begin),
      begin + digits < left,
      line.load(fromByteOffset: begin + digits, as: UInt8.self) == ASCII.newline
    else { return 0 }
    put(order[next], value)
    next += 1
    return begin + digits + 1
  }

  /// A line with a longer series might be beyond the scanner's limit.
  private static let longest = Scanner.lineLimit - 64

  /// Takes a sample that the scanner has read.
  mutating func take(_ sample: Sample, _ learn: (Sample) -> Void) {
    if next < order.count, series(Int(order[next]), is: sample.series) {
      put(order[next], sample.value)
      next += 1
      return
    }
    leaveOrder()
    if let (number, place) = find(sample.series) {
      put(number, sample.value)
      if let place { next = place + 1 }
      return
    }
    text.append(contentsOf: sample.series)
    ends.append(text.count)
    put(Int32(ends.count - 1), sample.value)
    learn(sample)
  }

  /// Puts the value of the page's next series.
  @inline(__always)
  private mutating func put(_ number: Int32, _ value: Double) {
    if other != nil {
      other?.order.append(number)
      other?.values.append(value)
    } else if values[next].bitPattern != value.bitPattern {
      values[next] = value
      hasMoved = true
    }
  }

  /// From here on the page is not in the last one's order.
  private mutating func leaveOrder() {
    guard other == nil else { return }
    hasMoved = true
    other = (Array(order[..<next]), Array(values[..<next]))
    other?.order.reserveCapacity(order.count)
    other?.values.reserveCapacity(order.count)
  }

  private func begin(of number: Int) -> Int { number == 0 ? 0 : ends[number - 1] }

  private func series(_ number: Int, is bytes: UnsafeRawBufferPointer) -> Bool {
    let start = begin(of: number)
    guard bytes.count == ends[number] - start, let other = bytes.baseAddress else { return false }
    return text.withUnsafeBytes { text in
      text.baseAddress.map { equalBytes(other, $0 + start, bytes.count) } ?? false
    }
  }

  /// The number of a series that is not the one expected, and its place in the last page if it had one;
  /// nil: it was not learned before this page.
  private mutating func find(_ bytes: UnsafeRawBufferPointer) -> (number: Int32, place: Int?)? {
    guard !order.isEmpty else { return nil }
    let index = self.index ?? makeIndex()
    self.index = index
    // Of two series with one digest, one is learned again and again, and read rightly.
    guard let number = index.numbers[Self.digest(of: bytes)], series(Int(number), is: bytes) else {
      return nil
    }
    let place = index.places[Int(number)]
    return (number, place < 0 ? nil : place)
  }

  private func makeIndex() -> Index {
    var index = Index(places: Array(repeating: -1, count: ends.count))
    index.numbers.reserveCapacity(ends.count)
    text.withUnsafeBytes { text in
      for number in ends.indices {
        let series = UnsafeRawBufferPointer(rebasing: text[begin(of: number)..<ends[number]])
        index.numbers[Self.digest(of: series)] = Int32(number)
      }
    }
    for (place, number) in order.enumerated().reversed() { index.places[Int(number)] = place }
    return index
  }

  private static func digest(of bytes: UnsafeRawBufferPointer) -> Int {
    var hasher = Hasher()
    hasher.combine(bytes: bytes)
    return hasher.finalize()
  }
}
