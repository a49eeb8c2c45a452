internal import Buffering
internal import Lab
internal import Stats
internal import Terms

/// The `/metrics` of one server, assembled from constant families, live ones, and the buffer's.
///
/// What never changes is written once for all servers of a kind. The buffer's series, most of the
/// page on a vtgate with a thousand shards, are rewritten only for shards whose counters have
/// changed.
struct MetricsPage: Sendable {
  private let catalogue: StatCatalogue
  private var bufferCache = BufferCache()
  private var health: (revision: Int, blocks: [(metric: String, text: [UInt8])]) = (-1, [])
  /// When the vtgate that the caches belong to was started.
  private var startedAt: Instant?

  init(_ server: StatFamily.Server, _ release: VitessRelease) {
    catalogue = StatCatalogue.of(server, release)
  }

  mutating func vtgate(
    _ vtgate: Vtgate, _ release: VitessRelease, at now: Instant, _ lines: inout BufferLines,
    _ texts: inout SharedTexts
  ) -> [UInt8] {
    if startedAt != vtgate.startedAt {
      startedAt = vtgate.startedAt
      bufferCache = BufferCache()
    }
    let standing = StandingText.of(catalogue)
    if health.revision != vtgate.servingRevision {
      health = (
        vtgate.servingRevision,
        standing.texts(of: VtgateStats.health(vtgate)).map { metric, text in
          (metric, texts.shared(text, as: metric))
        }
      )
    }
    var blocks = standing.blocks(with: VtgateStats.families(vtgate, release, at: now))
    blocks += health.blocks
    if release.hasBufferWhenOff || vtgate.buffer.configuration.isEnabled {
      bufferCache.update(vtgate.buffer, catalogue, &lines, &texts)
      blocks += bufferCache.blocks
    }
    return Self.joined(blocks)
  }

  func tablet(_ tablet: Tablet, _ cluster: LabCluster) -> [UInt8] {
    Self.joined(StandingText.of(catalogue).blocks(with: TabletStats.families(tablet, cluster)))
  }

  private static func joined(_ blocks: [(metric: String, text: [UInt8])]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(blocks.reduce(0) { $0 + $1.text.count })
    for block in blocks.sorted(by: { $0.metric < $1.metric }) { bytes += block.text }
    return bytes
  }
}

/// The families of a catalogue that the lab does not change, as text.
private struct StandingText: Sendable {
  private static let cache = SharedCache<StandingText>()

  private let standing: [String: [UInt8]]
  private let help: [String: String]

  static func of(_ catalogue: StatCatalogue) -> StandingText {
    cache.value(for: "\(catalogue.server)\(catalogue.release.rawValue)") {
      var standing: [String: [UInt8]] = [:]
      for family in catalogue.families where !family.series.isEmpty {
        var text = MetricsText()
        text.append(family)
        standing[family.metric] = text.bytes
      }
      return StandingText(
        standing: standing,
        help: Dictionary(uniqueKeysWithValues: catalogue.families.map { ($0.metric, $0.help) }))
    }
  }

  /// The standing families, with the live ones of the same name in their place.
  func blocks(with live: [StatFamily]) -> [(metric: String, text: [UInt8])] {
    var blocks = standing
    for (metric, text) in texts(of: live) { blocks[metric] = text }
    return blocks.map { (metric: $0.key, text: $0.value) }
  }

  /// Families written out, under the help text of the catalogue.
  func texts(of families: [StatFamily]) -> [(metric: String, text: [UInt8])] {
    families.filter { !$0.series.isEmpty }.map { family in
      var family = family
      if let known = help[family.metric], !known.isEmpty { family.help = known }
      var text = MetricsText()
      text.append(family)
      return (family.metric, text.bytes)
    }
  }
}

/// The lines of shards' buffers, shared by all vtgates: most have counted the same, nothing.
struct BufferLines: Sendable {
  fileprivate typealias Variable = BufferVariable

  /// One line of `/metrics`, and where it belongs.
  fileprivate struct Line: Sendable {
    let reason: String
    let text: [UInt8]
  }

  private var known: [ShardName: (counters: RequestBuffer.Counters, lines: [[Line]])] = [:]

  /// The lines of a shard's counters, by variable.
  fileprivate mutating func lines(
    _ counters: RequestBuffer.Counters, _ shard: ShardName
  ) -> [[Line]] {
    if let known = known[shard], known.counters == counters { return known.lines }
    let lines = Variable.all.map { Self.lines($0, counters, shard) }
    known[shard] = (counters, lines)
    return lines
  }

  private static func lines(
    _ variable: Variable, _ counters: RequestBuffer.Counters, _ shard: ShardName
  ) -> [Line] {
    let metric = StatFamily.metricName(of: variable.name, in: "vtgate")
    return variable.series(counters).map { reason, value in
      var text = MetricsText()
      text.sample(
        metric,
        [("keyspace", shard.keyspace)] + (reason.map { [("reason", $0)] } ?? [])
          + [("shard_name", shard.shard)], goFloat(Double(value)))
      return Line(reason: reason ?? "", text: text.bytes)
    }
  }
}

/// The buffer's series of one vtgate, kept as text.
private struct BufferCache: Sendable {
  private typealias Variable = BufferVariable
  private typealias Line = BufferLines.Line

  private var revision = -1
  /// By shard: the revision they were written for, and the lines of each variable.
  private var lines: [ShardName: (revision: Int, lines: [[Line]])] = [:]
  private(set) var blocks: [(metric: String, text: [UInt8])] = []

  mutating func update(
    _ buffer: RequestBuffer, _ catalogue: StatCatalogue, _ shared: inout BufferLines,
    _ texts: inout SharedTexts
  ) {
    guard buffer.revision != revision else { return }
    revision = buffer.revision
    for shard in buffer.knownShards {
      let own = buffer.revision(of: shard)
      guard lines[shard]?.revision != own, let counters = buffer.counters(of: shard) else {
        continue
      }
      lines[shard] = (own, shared.lines(counters, shard))
    }
    blocks = Variable.all.indices.compactMap { index in
      block(index, catalogue).map { ($0.metric, texts.shared($0.text, as: $0.metric)) }
    }
  }

  /// A family's text: its series by keyspace, reason and shard, as client_golang sorts them.
  private func block(
    _ index: Int, _ catalogue: StatCatalogue
  ) -> (metric: String, text: [UInt8])? {
    let variable = Variable.all[index]
    var all: [(keyspace: String, reason: String, shard: String, text: [UInt8])] = []
    for (shard, entry) in lines {
      for line in entry.lines[index] {
        all.append((shard.keyspace, line.reason, shard.shard, line.text))
      }
    }
    guard !all.isEmpty else { return nil }
    all.sort { ($0.keyspace, $0.reason, $0.shard) < ($1.keyspace, $1.reason, $1.shard) }
    let metric = StatFamily.metricName(of: variable.name, in: "vtgate")
    var text = MetricsText()
    text.header(
      StatFamily(
        variable: variable.name, metric: metric, type: variable.type, bounds: nil, labels: [],
        help: catalogue.families.first { $0.metric == metric }?.help ?? ""))
    var bytes = text.bytes
    for line in all { bytes += line.text }
    return (metric, bytes)
  }
}
