internal import FleetModel
package import FoundationEssentials
package import Terms
internal import VitessClient

/// What one scrape of a vtgate brought.
package struct VtgateAnswer: Sendable, Equatable {
  package let at: Instant
  /// The lines of `/metrics` that matter; nil where they are those of the scrape before.
  package let metrics: Data?
}

/// The scrapes of several vtgates at one look, as far as they were read until now.
struct VtgateRound {
  private struct Looked {
    /// By milliseconds since 1970; those that are looked for, and no others.
    var scrapes: [Int64: VtgatePage.Scrape]
    var page: VtgatePage
    var wants = VtgatePage.Wants()
    /// By family.
    var sums: [String: Double] = [:]

    /// The scrapes that the vtgate answered.
    var inOrder: [(at: Int64, scrape: VtgatePage.Scrape)] {
      scrapes.filter(\.value.isAnswer).sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
  }

  private var looked: [StoredServer.Key: Looked]
  private var line = SeriesLine()
  /// The label that names shards, as the server spells it; nil before one was seen.
  private(set) var shardLabel: String?

  /// `scrapes`: the times of those that are looked for, and no others.
  init(_ scrapes: [StoredServer.Key: Set<Instant>], _ pages: [StoredServer.Key: VtgatePage]) {
    looked = scrapes.reduce(into: [:]) { looked, entry in
      let none = entry.value.map { ($0.nanoseconds / 1_000_000, VtgatePage.Scrape()) }
      looked[entry.key] = Looked(
        scrapes: Dictionary(none, uniquingKeysWith: { $1 }),
        page: pages[entry.key] ?? VtgatePage())
    }
  }

  // MARK: What is read

  /// Families that are read whole, when their sum has moved.
  static let families = [VtgateMetrics.skippedName] + VtgateMetrics.errorNames
  /// What is read of a shard while buffering may move it.
  static let shardNames =
    VtgateMetrics.bufferingNames + VtgateMetrics.lastBufferingNames + [VtgateMetrics.skippedName]

  mutating func take(_ series: StoredSeries) {
    guard let key = StoredServer.Key(series), let isWhole = looked[key]?.wants.isWhole,
      let name = series["__name__"], name.isOfMetric
    else { return }
    if isWhole {
      addLine(series, name, to: key) { $0.lines[$1] = $2 }
    } else if name == VtgateMetrics.startsName {
      guard let shard = series.ownShard else { return }
      if shardLabel == nil { shardLabel = series.nameOfShard }
      add(series, to: key) { $0.starts[shard] = $1 }
    } else {
      takeOther(series, name, to: key)
    }
  }

  private mutating func takeOther(
    _ series: StoredSeries, _ name: String, to key: StoredServer.Key
  ) {
    if Self.shardNames.contains(name), let shard = series.ownShard {
      let number = VtgatePage.Number(name: name, reason: series.own("reason"))
      add(series, to: key) { $0.numbers[shard, default: [:]][number] = $1 }
    }
    if Self.families.contains(name) {
      addLine(series, name, to: key) { $0.families[name, default: [:]][$1] = $2 }
    } else if !Self.shardNames.contains(name) {
      addLine(series, name, to: key) { $0.lines[$1] = $2 }
    }
  }

  private mutating func addLine(
    _ series: StoredSeries, _ name: String, to key: StoredServer.Key,
    _ put: (inout VtgatePage.Scrape, String, Double) -> Void
  ) {
    // Of its own it has one series each, whatever labels a scrape adds.
    var text = "\(name) "
    if !VtgateMetrics.ownNames.contains(name) {
      line.write(series, name)
      text = String(decoding: line.bytes, as: UTF8.self)
    }
    add(series, to: key) { put(&$0, text, $1) }
  }

  private mutating func add(
    _ series: StoredSeries, to key: StoredServer.Key,
    _ put: (inout VtgatePage.Scrape, Double) -> Void
  ) {
    for sample in series.samples {
      guard let value = series.number(sample.value) else { continue }
      guard let index = looked.index(forKey: key),
        let place = looked.values[index].scrapes.index(forKey: sample.at)
      else { continue }
      put(&looked.values[index].scrapes.values[place], value)
    }
  }

  // MARK: What else is wanted

  /// Some vtgate counts several shards together, or has one that is called as that is.
  var combines: Bool {
    looked.values.contains {
      $0.inOrder.contains { $0.scrape.starts.keys.contains(where: \.isCombined) }
    }
  }

  mutating func decide() {
    for index in looked.values.indices {
      let looked = looked.values[index]
      self.looked.values[index].wants = looked.page.wants(for: looked.inOrder.map(\.scrape))
    }
  }

  /// Takes the sum of one family of a vtgate; a family without one has no series.
  mutating func take(sum series: StoredSeries) {
    guard let key = StoredServer.Key(series), let name = series["__name__"],
      let sum = series.samples.last.flatMap({ series.number($0.value) })
    else { return }
    looked[key]?.sums[name] = sum
  }

  mutating func compareSums() {
    for index in looked.values.indices where !looked.values[index].wants.isWhole {
      let one = looked.values[index]
      for family in Self.families
      where one.wants.isAnew || one.sums[family] ?? 0 != one.page.sum(of: family) {
        looked.values[index].wants.families.insert(family)
      }
    }
  }

  /// The vtgates that are read whole.
  var wholes: [StoredServer.Key] { looked.filter(\.value.wants.isWhole).keys.sorted() }

  func wanting(_ family: String) -> [StoredServer.Key] {
    looked.filter { $0.value.wants.families.contains(family) }.keys.sorted()
  }

  /// The vtgates of which some shards are wanted, and these shards.
  var wantingShards: (vtgates: [StoredServer.Key], shards: Set<ShardName>) {
    let wanting = looked.filter { !$0.value.wants.shards.isEmpty }
    return (
      wanting.keys.sorted(), wanting.values.reduce(into: []) { $0.formUnion($1.wants.shards) }
    )
  }

  /// Ends the look: what each scrape brought, in the order of time, and what is known from now on.
  consuming func finish() -> (
    answers: [StoredServer.Key: [VtgateAnswer]], pages: [StoredServer.Key: VtgatePage]
  ) {
    var answers: [StoredServer.Key: [VtgateAnswer]] = [:]
    var pages: [StoredServer.Key: VtgatePage] = [:]
    for (key, one) in looked {
      var page = one.page
      answers[key] = one.inOrder.map { at, scrape in
        VtgateAnswer(at: Instant(milliseconds: at), metrics: page.take(scrape, one.wants))
      }
      pages[key] = page
    }
    return (answers, pages)
  }
}

extension ShardName {
  /// As a vtgate names several of them together (`--stats_combine_dimensions`).
  fileprivate var isCombined: Bool {
    keyspace == VtgateReading.combinedLabel || shard == VtgateReading.combinedLabel
  }
}
