package import Terms

/// Servers that do not answer, and what follows for what can be known.
extension Fleet {
  /// A tablet that some vtgate lists, of which none has ever had word, and which has never answered
  /// here: a record that a vtgate keeps of a tablet that left long ago.
  package func isDeadRecord(_ tablet: TabletState) -> Bool {
    guard tablet.watched.readAt == nil, tablet.watched.failure != nil else { return false }
    var isListed = false
    var last: GatewayTablets?
    for vtgate in vtgates.values {
      // Most vtgates share one list.
      guard let list = vtgate.tablets, last?.shares(list) != true else { continue }
      last = list
      let records = list.tablets(at: tablet.address)
      if records.contains(where: \.hasBeenHeard) { return false }
      isListed = isListed || !records.isEmpty
    }
    return isListed
  }

  /// The shards that serve a shard's whole key range in its place, when it is set aside on purpose:
  /// the source of a finished reshard, whose primary is well and does not serve.
  ///
  /// Nil for every other. One that has served in this run was not set aside then.
  package func successors(of name: ShardName) -> [ShardName]? {
    guard let record = records[name], record.summary?.isPrimaryMissing == true,
      record.lastPrimary == nil, let own = KeyRange(name.shard),
      record.sightings?.records.contains(where: {
        $0.tablet.type == .primary && !$0.tablet.isServing && !$0.tablet.hasError
          && $0.tablet.hasBeenHeard
      }) == true
    else { return nil }
    let others = summaries.filter {
      $0.name.keyspace == name.keyspace && $0.name != name && $0.primaryIsServing
    }
    let ranges = others.compactMap { other in
      KeyRange(other.name.shard).map { (name: other.name, range: $0) }
    }.sorted { $0.range.start < $1.range.start }
    var reached = own.start
    var used: [ShardName] = []
    for (other, range) in ranges where range.start <= reached && range.reaches(beyond: reached) {
      used.append(other)
      guard let end = range.end else { return used }
      reached = end
      if let last = own.end, reached >= last { return used }
    }
    return nil
  }

  mutating func noteFailure(of target: Target, _ failure: ScrapeFailure, at now: Instant) {
    guard target.kind.role == .member else {
      log.append(FleetEvent(at: now, .noAnswer(target, failure)))
      return
    }
    if let tablet = tablets[target.address], isDeadRecord(tablet) {
      guard !hasSaidDeadRecords else { return }
      hasSaidDeadRecords = true
      log.append(FleetEvent(at: now, .deadRecords))
      return
    }
    // Many at once are one piece of news.
    log.append(
      FleetEvent(at: now, .tabletsSilent(failure), sources: [.init(target.address)]))
  }

  /// Notes that no vtgate answers, or that some does again.
  mutating func noteBlindness(at now: Instant) {
    let isBlind = !vtgates.isEmpty && !vtgates.values.contains(where: \.isFresh)
    // Before the first answer nothing was seen that is not seen now.
    let last = vtgates.values.compactMap(\.watched.readAt).max()
    if isBlind, let last, blindSince == nil {
      blindSince = last
      log.append(FleetEvent(at: now, .blind))
    } else if !isBlind, let since = blindSince {
      blindSince = nil
      log.append(FleetEvent(at: now, .sightRegained(after: now - since)))
    }
  }

  /// Notes of a shard that nobody can say anything of it, where others can be told of.
  mutating func noteBlindness(of name: ShardName, was before: ShardSummary?, at now: Instant) {
    let isBlind = records[name]?.summary?.state == .blind
    if isBlind, blindSince == nil, before != nil, saidBlind.insert(name).inserted {
      log.append(FleetEvent(at: now, shard: name, .shardBlind))
    } else if !isBlind, saidBlind.remove(name) != nil {
      log.append(FleetEvent(at: now, shard: name, .shardSeenAgain))
    }
  }
}

/// A shard's range of keyspace IDs, as its name says: `-80`, `80-c0`, `-`; `0` is all of them.
struct KeyRange: Sendable, Equatable {
  /// Hexadecimal without trailing zeros, so that `80` and `8000` are one; empty is the least.
  let start: String
  /// Nil is beyond the greatest.
  let end: String?

  init?(_ shard: String) {
    if shard == "0" {
      (start, end) = ("", nil)
      return
    }
    let parts = shard.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.allSatisfy(\.isHexDigit) }) else { return nil }
    func key(_ text: Substring) -> String {
      var text = text.lowercased()
      while text.hasSuffix("0") { text.removeLast() }
      return text
    }
    start = key(parts[0])
    end = parts[1].isEmpty ? nil : key(parts[1])
  }

  func reaches(beyond key: String) -> Bool { end.map { $0 > key } ?? true }
}
