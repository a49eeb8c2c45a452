package import Terms

/// What one vtgate counted for each of its shards: a table with a row a shard and a column a number.
///
///     ShardList ─ shared by all vtgates that name the same shards
///     columns ─── in blocks, shared by all readings in which those numbers are the same
///
/// A large fleet has a million of these numbers, a new reading of each every second, and looking back
/// keeps the readings of many moments. To the rest of the program it is a dictionary.
package struct ShardCounters: Sendable {
  package typealias Element = (key: ShardName, value: BufferCounters)

  /// Whom the rows are of; some of them may have no counters.
  private var shards = ShardList()
  /// One for each of ``BufferCounters/Column``, or none where there are no counters.
  private var columns: [CounterColumn] = []
  /// By row, counters that are more than numbers; in the columns such a row is as if nothing was counted.
  private var whole: [Int: BufferCounters] = [:]
  package private(set) var count = 0

  package init() {}

  /// The counters of shards by their places on a list; nil where there are none.
  ///
  /// What is as in an earlier table shares its memory.
  package init(
    _ shards: ShardList, like earlier: ShardCounters = ShardCounters(),
    _ counters: (Int) -> BufferCounters?
  ) {
    var rows: [Int] = []
    rows.reserveCapacity(shards.count * BufferCounters.Column.count)
    for row in 0..<shards.count {
      let counters = counters(row)
      if counters != nil { count += 1 }
      if counters.appendRow(to: &rows) { whole[row] = counters }
    }
    let isAlike = shards == earlier.shards
    // The new list even where it is equal: vtgates that learnt of it together share it.
    self.shards = shards
    columns = isAlike ? earlier.columns : []
    makeColumns()
    for column in columns.indices {
      columns[column].take(shards.count) { rows[$0 * BufferCounters.Column.count + column] }
    }
  }

  package var isEmpty: Bool { count == 0 }

  /// The shards that have counters.
  var named: [ShardName] {
    guard let first = columns.first else { return whole.keys.map { shards[$0] } }
    return (0..<shards.count).filter { first[$0] != 0 || whole[$0] != nil }.map { shards[$0] }
  }

  package subscript(_ shard: ShardName) -> BufferCounters? {
    get { row(of: shard).flatMap { self[row: $0] } }
    set {
      guard let row = newValue == nil ? shards.known(shard) : shards.number(of: shard) else {
        return
      }
      put(newValue, in: row)
    }
  }

  package subscript(
    _ shard: ShardName, default counters: @autoclosure () -> BufferCounters
  ) -> BufferCounters {
    get { self[shard] ?? counters() }
    set { self[shard] = newValue }
  }

  /// The row of a shard; nil where it has none.
  func row(of shard: ShardName) -> Int? { shards.known(shard) }

  /// Whether a shard's row here is its row there.
  func sharesRows(with other: ShardCounters) -> Bool { shards.isShared(with: other.shards) }

  subscript(row row: Int) -> BufferCounters? {
    if !whole.isEmpty, let counters = whole[row] { return counters }
    guard !columns.isEmpty else { return nil }
    var column = -1
    return BufferCounters {
      column += 1
      return columns[column][row]
    }
  }

  private mutating func put(_ counters: BufferCounters?, in row: Int) {
    makeColumns()
    count += (counters == nil ? 0 : 1) - (isTold(row) ? 1 : 0)
    var numbers: [Int] = []
    whole[row] = counters.appendRow(to: &numbers) ? counters : nil
    for (column, number) in numbers.enumerated() { columns[column][row] = number }
    // Shards that come and go would leave more and more empty rows behind.
    if counters == nil, count * 2 + 64 < shards.count {
      self = ShardCounters(Dictionary(uniqueKeysWithValues: map { ($0.key, $0.value) }))
    }
  }

  private func isTold(_ row: Int) -> Bool {
    columns[BufferCounters.Column.unreported][row] != 0
  }

  private mutating func makeColumns() {
    guard columns.isEmpty else { return }
    columns = Array(repeating: CounterColumn(), count: BufferCounters.Column.count)
  }

  /// Gives shards other names; their numbers stay where they are and go on sharing memory.
  mutating func rename(_ names: [ShardName: ShardName]) {
    guard names.keys.contains(where: { self[$0] != nil }) else { return }
    let renamed = ShardList(shards.names.lazy.map { names[$0] ?? $0 })
    guard renamed.count < shards.count else { return shards = renamed }
    self = ShardCounters(
      Dictionary(map { (names[$0.key] ?? $0.key, $0.value) }, uniquingKeysWith: { $1 }))
  }

  /// Σ held over all shards; nil when some of it is not known.
  var held: Int? {
    var sum = 0
    for (_, counters) in self {
      guard let held = counters.held else { return nil }
      sum &+= held
    }
    return sum
  }

  // MARK: What has changed

  /// The shards that count otherwise than in an earlier table, or are in one of the two alone.
  package func shardsChanged(since earlier: ShardCounters) -> [ShardName] {
    changes(since: earlier, in: BufferCounters.Column.all)
  }

  /// Those in which something has changed that belongs to a failover.
  func shardsTelling(since earlier: ShardCounters) -> [ShardName] {
    changes(since: earlier, in: BufferCounters.Column.telling)
  }

  private func changes(since earlier: ShardCounters, in columns: [Int]) -> [ShardName] {
    if shards == earlier.shards {
      return rowsChanged(since: earlier, in: columns).rows.map { shards[$0] }
    }
    return filter { earlier[$0.key] != $0.value }.map(\.key)
      + earlier.filter { self[$0.key] == nil }.map(\.key)
  }

  private func rowsChanged(since earlier: ShardCounters, in columns: [Int]) -> RowSet {
    var rows = RowSet()
    if self.columns != earlier.columns {
      let none = CounterColumn()
      for column in columns {
        let own = self.columns.isEmpty ? none : self.columns[column]
        own.rows(
          differingFrom: earlier.columns.isEmpty ? none : earlier.columns[column], into: &rows)
      }
    }
    if whole != earlier.whole {
      for row in Set(whole.keys).union(earlier.whole.keys) where whole[row] != earlier.whole[row] {
        rows.insert(row)
      }
    }
    return rows
  }

  /// Whether one process can have counted both: no counter fell and no shard disappeared.
  func continues(_ earlier: ShardCounters) -> Bool {
    shardsChanged(since: earlier).allSatisfy { shard in
      guard let before = earlier[shard] else { return true }
      return self[shard].map { !$0.isReset(from: before) } ?? false
    }
  }

  /// Whether some shard's counters were set back.
  func isReset(from earlier: ShardCounters) -> Bool {
    if shards == earlier.shards, whole.isEmpty, earlier.whole.isEmpty {
      // Where nothing falls nothing was set back, and where something does, the shards decide.
      let isSuspect = zip(columns, earlier.columns).contains { $0.falls(below: $1) }
      guard isSuspect else { return false }
    }
    return shardsChanged(since: earlier).contains { shard in
      guard let before = earlier[shard], let now = self[shard] else { return false }
      return now.isReset(from: before)
    }
  }

  /// How many blocks of numbers it has in common with another table.
  package func blocks(sharedWith other: ShardCounters) -> Int {
    zip(columns, other.columns).reduce(0) { $0 + $1.0.blocks(sharedWith: $1.1) }
  }

  /// A number that has changed.
  package struct NumberChange: Sendable, Equatable {
    package let column: Int
    package let row: Int
    /// What is added, wrapping.
    package let more: Int

    package init(column: Int, row: Int, more: Int) {
      (self.column, self.row, self.more) = (column, row, more)
    }
  }

  /// What makes this table of an earlier one, by column and row; nil where that is more than numbers.
  package func numbersChanged(since earlier: ShardCounters) -> [NumberChange]? {
    guard shards == earlier.shards, whole.isEmpty, earlier.whole.isEmpty,
      columns.count == earlier.columns.count
    else { return nil }
    var changes: [NumberChange] = []
    for column in columns.indices {
      let (own, before) = (columns[column], earlier.columns[column])
      var rows = RowSet()
      own.rows(differingFrom: before, into: &rows)
      for row in rows.rows {
        changes.append(NumberChange(column: column, row: row, more: own[row] &- before[row]))
      }
    }
    return changes
  }

  /// Takes changes as ``numbersChanged(since:)`` found them.
  package mutating func take(_ change: NumberChange) {
    let before = columns[change.column][change.row]
    let now = before &+ change.more
    columns[change.column][change.row] = now
    if change.column == BufferCounters.Column.unreported {
      count += (now == 0 ? 0 : 1) - (before == 0 ? 0 : 1)
    }
  }
}

extension ShardCounters: Equatable {
  package static func == (left: ShardCounters, right: ShardCounters) -> Bool {
    guard left.count == right.count else { return false }
    guard left.shards == right.shards else {
      return left.allSatisfy { right[$0.key] == $0.value }
    }
    return left.whole == right.whole
      && (left.columns == right.columns || left.isEmpty)
  }
}

extension ShardCounters: Sequence {
  package func makeIterator() -> some IteratorProtocol<Element> {
    (0..<shards.count).lazy.compactMap { row in
      self[row: row].map { (key: shards[row], value: $0) }
    }.makeIterator()
  }

  package init(_ counters: [ShardName: BufferCounters]) {
    let shards = ShardList(counters.keys.sorted())
    self.init(shards) { counters[shards[$0]] }
  }

  package var keys: [ShardName] { map(\.key) }
  package var values: [BufferCounters] { map(\.value) }

  package func filter(_ isWanted: (Element) throws -> Bool) rethrows -> ShardCounters {
    ShardCounters(
      Dictionary(uniqueKeysWithValues: try Array(self).filter(isWanted).map { ($0.key, $0.value) }))
  }
}

extension ShardCounters: ExpressibleByDictionaryLiteral {
  package init(dictionaryLiteral counters: (ShardName, BufferCounters)...) {
    self.init(Dictionary(uniqueKeysWithValues: counters))
  }
}

/// By shard, whatever the order of the rows.
extension ShardCounters: CustomReflectable {
  package var customMirror: Mirror {
    Mirror(self, children: sorted { $0.key < $1.key }.map { ("\($0.key)", $0.value) })
  }
}

/// As the dictionary that it stands for.
extension ShardCounters: Codable {
  package init(from decoder: any Decoder) throws {
    self.init(try [ShardName: BufferCounters](from: decoder))
  }

  package func encode(to encoder: any Encoder) throws {
    try Dictionary(uniqueKeysWithValues: map { ($0.key, $0.value) }).encode(to: encoder)
  }
}

extension BufferCounters? {
  /// Appends the row of a table; true where the counters are more than that.
  fileprivate func appendRow(to rows: inout [Int]) -> Bool {
    switch self {
    case nil:
      rows.append(contentsOf: repeatElement(0, count: BufferCounters.Column.count))
      return false
    case let counters? where counters.append(to: &rows): return false
    case .some:
      _ = BufferCounters().append(to: &rows)
      return true
    }
  }
}
