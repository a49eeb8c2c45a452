internal import FoundationEssentials
internal import Terms
internal import VitessClient

/// The series of one vtgate as of one scrape, put together of few that are read.
///
/// Of twenty series a shard next to none moves between two scrapes. At every scrape those are read that
/// say which shards there are, whether they have a primary, and how often buffering began. By vtgate's
/// own rules the other numbers of a shard stay as they are until buffering begins:
///
///     buffering began, goes on, or has just ended ──> they are read
///     never began ──────────────────────────────────> they are 0
///     began once, and is over ──────────────────────> they are what they were
///
/// What else is counted only grows while one process runs, so that it has not moved while its sum has
/// not.
package struct VtgatePage: Sendable {
  /// Which of a shard's numbers a series is.
  struct Number: Hashable, Comparable, Sendable {
    let name: String
    /// `reason`, where the family has it.
    let reason: String?

    static func < (left: Number, right: Number) -> Bool {
      (left.name, left.reason ?? "") < (right.name, right.reason ?? "")
    }
  }

  /// By the lines that they are, up to their values.
  typealias Lines = [String: Double]

  /// What was read of one scrape.
  struct Scrape: Sendable, Equatable {
    /// Series of the vtgate as a whole, and connections; of a vtgate that is read whole, all of them.
    var lines: Lines = [:]
    var starts: [ShardName: Double] = [:]
    var numbers: [ShardName: [Number: Double]] = [:]
    var families: [String: Lines] = [:]

    /// Whether the vtgate answered.
    var isAnswer: Bool { lines[Self.mark] != nil }
    var processStart: Double? { lines[Self.processStart] }

    private static let mark = VtgateMetrics.sizeName + " "
    private static let processStart = VtgateMetrics.processStartName + " "

    /// Whether another process has counted it: then nothing of the earlier one holds any more.
    func isAnew(after earlier: Scrape) -> Bool {
      processStart != earlier.processStart
        || earlier.starts.contains { shard, count in starts[shard].map { $0 < count } ?? true }
    }
  }

  /// What else of a vtgate is read besides what is read at every scrape.
  struct Wants: Sendable {
    var shards: Set<ShardName> = []
    var families: Set<String> = []
    /// Everything, because it does not say which shards it buffers for.
    var isWhole = false
    /// Another process counts, so that nothing is known but what is read.
    var isAnew = false
  }

  /// Nil before the first scrape.
  private var last: Scrape?
  /// The numbers that shards have, and those of shards that were read, in the same order; nil: there is
  /// no such series.
  private var columns: [Number] = []
  private var numbers: [ShardName: [Double?]] = [:]
  /// How many of ``columns`` a shard has for which nothing was buffered yet, by the first that was read.
  private var template: Int?
  /// Shards whose numbers may have moved at the last scrape.
  private var lately: Set<ShardName> = []

  package init() {}

  /// What is wanted besides what several scrapes, in the order of time, say of it.
  func wants(for scrapes: [Scrape]) -> Wants {
    var wants = Wants()
    guard scrapes.contains(where: { !$0.starts.isEmpty }) else {
      wants.isWhole = true
      return wants
    }
    wants.shards = lately
    var before = last
    for scrape in scrapes {
      let isAnew = before.map { scrape.isAnew(after: $0) } ?? false
      wants.isAnew = wants.isAnew || isAnew
      let known = isAnew ? [:] : before?.starts ?? [:]
      for (shard, count) in scrape.starts where count != known[shard] ?? 0 {
        wants.shards.insert(shard)
      }
      before = scrape
    }
    if template == nil || wants.isAnew, let first = scrapes.last?.starts.keys.min() {
      wants.shards.insert(first)
    }
    return wants
  }

  /// What is known of a family, all of it added up.
  func sum(of family: String) -> Double { last?.families[family]?.values.reduce(0, +) ?? 0 }

  /// Takes one more scrape, with what was wanted of it, and returns the lines of the page that it was;
  /// nil where they are those of the scrape before.
  mutating func take(_ scrape: Scrape, _ wants: Wants) -> Data? {
    var scrape = scrape
    let before = last
    guard !wants.isWhole else {
      self = VtgatePage()
      last = scrape
      let isSame = before?.lines == scrape.lines && before?.starts.isEmpty == true
      return isSame ? nil : page(of: scrape)
    }
    if let before, scrape.isAnew(after: before) { self = VtgatePage() }
    var known = last?.families ?? [:]
    for family in wants.families { known[family] = scrape.families[family] ?? [:] }
    scrape.families = known
    let hasMoved = takeNumbers(of: scrape, wants.shards)
    scrape.numbers = [:]
    last = scrape
    guard hasMoved || before != scrape else { return nil }
    return page(of: scrape)
  }

  /// Takes the numbers of shards that were read, and returns whether any of them has moved.
  private mutating func takeNumbers(of scrape: Scrape, _ shards: Set<ShardName>) -> Bool {
    var hasMoved = false
    lately = []
    for shard in shards.sorted() {
      let read = scrape.numbers[shard] ?? [:]
      columns += read.keys.filter { !columns.contains($0) }.sorted()
      if template == nil, !read.isEmpty { template = columns.count }
      let row = scrape.starts[shard] == nil ? nil : columns.map { read[$0] }
      let isSame = row == numbers[shard]
      hasMoved = hasMoved || !isSame
      numbers[shard] = row
      let isAtRest = Self.isAtRest(scrape.starts[shard] ?? 0, read)
      if !isSame || !isAtRest { lately.insert(shard) }
    }
    for shard in numbers.keys where scrape.starts[shard] == nil { numbers[shard] = nil }
    return hasMoved
  }

  /// Whether buffering that began is over, and everybody drained: see ``BufferCounters``.
  private static func isAtRest(_ starts: Double, _ read: [Number: Double]) -> Bool {
    func sum(_ name: String) -> Double {
      read.reduce(0) { $1.key.name == name ? $0 + $1.value : $0 }
    }
    return starts == sum(VtgateMetrics.stopsName)
      && sum(VtgateMetrics.bufferedName)
        == sum(VtgateMetrics.drainedName) + sum(VtgateMetrics.evictedName)
  }

  // MARK: The page

  private func page(of scrape: Scrape) -> Data {
    var text = ""
    text.append(scrape.lines)
    for family in scrape.families.keys.sorted() { text.append(scrape.families[family] ?? [:]) }
    let skipped = scrape.families[VtgateMetrics.skippedName] ?? [:]
    let zeros = columns.prefix(template ?? 0).map { number in
      VtgateMetrics.lastBufferingNames.contains(number.name) ? nil : 0.0
    }
    // In their order: vtgates that know the same shards make the same list of them.
    for shard in scrape.starts.keys.sorted() {
      let starts = Number(name: VtgateMetrics.startsName, reason: nil)
      text.append(starts.line(of: shard), scrape.starts[shard] ?? 0)
      for (number, value) in zip(columns, numbers[shard] ?? zeros) {
        guard let value else { continue }
        let line = number.line(of: shard)
        if number.name != VtgateMetrics.skippedName {
          text.append(line, value)
        } else if skipped[line] == nil {
          // A shard that is new does not change the sum.
          text.append(line, 0)
        }
      }
    }
    return Data(text.utf8)
  }
}

extension VtgatePage.Number {
  /// The labels in the order in which ``SeriesLine`` writes them.
  fileprivate func line(of shard: ShardName) -> String {
    let reason = reason.map { ",reason=\"\($0.labelEscaped)\"" } ?? ""
    return "\(name){keyspace=\"\(shard.keyspace.labelEscaped)\"\(reason)"
      + ",shard_name=\"\(shard.shard.labelEscaped)\"} "
  }
}

extension String {
  /// Appends lines of an exposition, in their order.
  fileprivate mutating func append(_ lines: VtgatePage.Lines) {
    for (line, value) in lines.sorted(by: { $0.key < $1.key }) { append(line, value) }
  }

  fileprivate mutating func append(_ line: String, _ value: Double) {
    append(line)
    append(value.isNaN ? "NaN" : value == .infinity ? "+Inf" : "\(value)")
    append("\n")
  }
}
