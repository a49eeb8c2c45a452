internal import FleetModel
internal import GRDB
internal import Terms

/// What a recording holds of a server so far; of an answer, only what differs from it is stored.
struct RecordedServer {
  /// What changes with every answer; only every ``listedEvery``th value becomes a row of `change`.
  static let movingPaths = [
    "throttler.selfValue", "throttler.shardValue", "replicationLag", VtgateReading.listPath,
  ]
  private static let listedEvery = 20

  let id: Int
  /// The number of the news that it is being watched.
  var watching: Int64?
  /// When it last answered, and how long that took in nanoseconds.
  var answered: (at: Instant, took: Int64)?
  /// The last failure since then.
  var failed: (at: Instant, took: Int64, reason: Int64)?

  private var result: ScrapeOutcome.Result?
  /// It was forgotten and has not answered since: keyframes leave out what it said.
  private var isForgotten = false
  /// The number of its list of tablets.
  private var list: Int64?
  /// What is not read at every poll, as it was last read.
  private var sticky = VtgateReading()
  private var stickyList: Int64?
  /// For each of ``movingPaths``, how many values have gone into entries since the last row.
  private var unlisted: [Int64: Int] = [:]

  init(id: Int) { self.id = id }

  /// Takes an answer, and returns what is new in it: the changes that become rows, and those that are
  /// kept in its entry.
  mutating func take(
    _ result: ScrapeOutcome.Result, _ numbers: inout RecordedNumbers, _ database: Database
  ) throws -> (rows: [LeafChange], values: [PackedValue]) {
    var changes = try changes(to: result, &numbers, database)
    self.result = result
    if isForgotten {
      isForgotten = false
      // Whoever reads on from a keyframe knows nothing of it, and others what it said before.
      let whole = try whole() ?? []
      let paths = Set(whole.map(\.path))
      changes = changes.filter { $0.leaf == nil && !paths.contains($0.path) } + whole
    }
    return try split(changes, &numbers, database)
  }

  mutating func forget() {
    (watching, answered, failed) = (nil, nil, nil)
    (sticky, stickyList, isForgotten) = (VtgateReading(), nil, true)
  }

  private mutating func changes(
    to result: ScrapeOutcome.Result, _ numbers: inout RecordedNumbers, _ database: Database
  ) throws -> [LeafChange] {
    switch result {
    case .gate(let reading):
      let before: VtgateReading? =
        if case .gate(let reading) = self.result { reading } else { nil }
      let list = try reading.tablets.map { try numbers.number(of: $0, database) }
      defer { self.list = list }
      sticky.flags = reading.flags ?? sticky.flags
      sticky.commandLine = reading.commandLine ?? sticky.commandLine
      sticky.version = reading.version ?? sticky.version
      stickyList = list ?? stickyList
      return try reading.changes(from: before, list: list, earlierList: self.list)
    case .member(let reading):
      let before: TabletReading? =
        if case .member(let reading) = self.result { reading } else { nil }
      guard reading != before else { return [] }
      return try Leaves(of: reading).changes(from: before.map { try Leaves(of: $0) } ?? [:])
    case .failed: return []
    }
  }

  private mutating func split(
    _ changes: [LeafChange], _ numbers: inout RecordedNumbers, _ database: Database
  ) throws -> (rows: [LeafChange], values: [PackedValue]) {
    var (rows, values): ([LeafChange], [PackedValue]) = ([], [])
    for change in changes {
      guard Self.movingPaths.contains(change.path), let leaf = change.leaf?.stored, leaf.isNumber
      else {
        rows.append(change)
        continue
      }
      let path = try numbers.number(of: change.path, database)
      let count = unlisted[path] ?? 0
      unlisted[path] = (count + 1) % Self.listedEvery
      if count == 0 {
        rows.append(change)
      } else {
        values.append(PackedValue(path: path, leaf: leaf))
      }
    }
    return (rows, values)
  }

  /// All values of its last answer, as changes from nothing; nil where it has not answered.
  func whole() throws -> [LeafChange]? {
    guard !isForgotten else { return nil }
    return switch result {
    case .gate(let reading): try reading.changes(from: nil, list: list, earlierList: nil)
    case .member(let reading): try Leaves(of: reading).changes(from: [:])
    case .failed, nil: nil
    }
  }

  /// What a vtgate said earlier but not in its last answer.
  func older() throws -> [LeafChange] {
    guard case .gate(let last) = result else { return [] }
    var older = VtgateReading()
    if last.flags == nil { older.flags = sticky.flags }
    if last.commandLine == nil { older.commandLine = sticky.commandLine }
    if last.version == nil { older.version = sticky.version }
    let list = list == nil ? stickyList : nil
    guard list != nil || older != VtgateReading() else { return [] }
    return try older.changes(from: nil, list: list, earlierList: nil)
  }
}
