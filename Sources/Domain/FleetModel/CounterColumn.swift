/// One number of each row of a table, in blocks: columns that differ in a few rows share the others.
///
/// A block of zeros takes no memory, and equal columns look alike: after the last row that is not 0,
/// nothing is kept.
struct CounterColumn: Sendable, Equatable {
  /// As many bits as a word of ``RowSet`` has.
  static let blockLength = 64

  /// Empty ones hold zeros.
  private var blocks: [[Int]] = []

  subscript(_ row: Int) -> Int {
    get {
      let place = row / Self.blockLength
      guard place < blocks.count, !blocks[place].isEmpty else { return 0 }
      return blocks[place][row % Self.blockLength]
    }
    set {
      let place = row / Self.blockLength
      if place >= blocks.count {
        guard newValue != 0 else { return }
        blocks += Array(repeating: [], count: place + 1 - blocks.count)
      }
      if blocks[place].isEmpty {
        guard newValue != 0 else { return }
        blocks[place] = Array(repeating: 0, count: Self.blockLength)
      }
      blocks[place][row % Self.blockLength] = newValue
      if newValue == 0, blocks[place].allSatisfy({ $0 == 0 }) {
        blocks[place] = []
        trim()
      }
    }
  }

  /// Takes a number for each of so many rows, keeping blocks in which nothing changes.
  mutating func take(_ rows: Int, _ number: (Int) -> Int) {
    for place in 0..<(rows + Self.blockLength - 1) / Self.blockLength {
      let begin = place * Self.blockLength
      let length = min(Self.blockLength, rows - begin)
      let known = place < blocks.count ? blocks[place] : []
      let isSame =
        known.isEmpty
        ? (begin..<begin + length).allSatisfy { number($0) == 0 }
        : (0..<length).allSatisfy { known[$0] == number(begin + $0) }
      if isSame { continue }
      var block = (begin..<begin + length).map { number($0) }
      if block.allSatisfy({ $0 == 0 }) {
        block = []
      } else {
        block += Array(repeating: 0, count: Self.blockLength - length)
      }
      if place >= blocks.count {
        blocks += Array(repeating: [], count: place + 1 - blocks.count)
      }
      blocks[place] = block
    }
    trim()
  }

  /// Adds the rows in which another column has other numbers.
  func rows(differingFrom other: CounterColumn, into rows: inout RowSet) {
    // Arrays that share their memory are equal without a look at it; so are blocks, below.
    guard blocks != other.blocks else { return }
    for place in 0..<max(blocks.count, other.blocks.count) {
      let own = place < blocks.count ? blocks[place] : []
      let others = place < other.blocks.count ? other.blocks[place] : []
      guard own != others else { continue }
      var word: UInt64 = 0
      for row in 0..<Self.blockLength {
        let (left, right) = (own.isEmpty ? 0 : own[row], others.isEmpty ? 0 : others[row])
        if left != right { word |= 1 << UInt64(row) }
      }
      rows.insert(word, at: place)
    }
  }

  /// Whether a row's number is lower than in another column.
  func falls(below other: CounterColumn) -> Bool {
    for (place, others) in other.blocks.enumerated() where !others.isEmpty {
      let own = place < blocks.count ? blocks[place] : []
      // Of two blocks in one piece of memory this is known at once.
      if own != others, others.indices.contains(where: { (own.isEmpty ? 0 : own[$0]) < others[$0] })
      {
        return true
      }
    }
    return false
  }

  /// How many blocks are in the same memory as another column's.
  func blocks(sharedWith other: CounterColumn) -> Int {
    zip(blocks, other.blocks).count { own, other in
      !own.isEmpty
        && own.withUnsafeBufferPointer { own in
          other.withUnsafeBufferPointer { own.baseAddress == $0.baseAddress }
        }
    }
  }

  private mutating func trim() {
    while let last = blocks.last, last.isEmpty { blocks.removeLast() }
  }
}

/// Rows of a table.
struct RowSet: Sendable {
  /// A bit a row.
  private var words: [UInt64] = []

  mutating func insert(_ row: Int) {
    insert(1 << UInt64(row % UInt64.bitWidth), at: row / UInt64.bitWidth)
  }

  mutating func insert(_ word: UInt64, at place: Int) {
    guard word != 0 else { return }
    if place >= words.count { words += Array(repeating: 0, count: place + 1 - words.count) }
    words[place] |= word
  }

  /// In ascending order.
  var rows: [Int] {
    var rows: [Int] = []
    for (place, word) in words.enumerated() {
      var rest = word
      while rest != 0 {
        rows.append(place * UInt64.bitWidth + rest.trailingZeroBitCount)
        rest &= rest - 1
      }
    }
    return rows
  }
}
