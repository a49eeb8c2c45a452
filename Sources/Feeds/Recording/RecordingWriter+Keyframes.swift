internal import FleetModel
internal import FoundationEssentials
internal import GRDB
internal import Terms
internal import Watching

/// What has been written since the last keyframe, and so whether another is due.
struct SinceKeyframe {
  /// A keyframe is written when what came since the last one is this many times its size.
  private static let factor = 8
  /// It is not written before this many bytes have come.
  private static let least = 1 << 15
  /// With a watch in it, it is written sooner, so that few steps must be followed to reach a moment:
  /// after this many entries, once they take this many times its size.
  private static let entriesOfWatch = 400
  private static let watchFactor = 1.5

  private var bytes = 0
  private var entries = 0
  /// The bytes of the last keyframe.
  private var keyframe = 0

  var isDue: Bool { bytes >= max(Self.least, Self.factor * keyframe) }

  var isDueWithWatch: Bool {
    entries >= Self.entriesOfWatch && Double(bytes) >= Self.watchFactor * Double(keyframe)
  }

  mutating func add(bytes: Int, entries: Int) {
    self.bytes += bytes
    self.entries += entries
  }

  /// `bytes`: of the keyframe that was just written.
  mutating func begin(bytes: Int) {
    self = SinceKeyframe()
    keyframe = bytes
  }
}

extension RecordingWriter {
  /// Writes everything known as if told anew, and the watch if there is one.
  mutating func writeKeyframe(
    before batch: Int64, at instant: Instant, knowing watch: Watch?, to database: Database
  ) throws {
    var entries = EntryWriter(start: instant.nanoseconds)
    var known = PackedWriter()
    func put(
      _ changes: [LeafChange], of server: Int, isOlder: Bool = false,
      _ writer: inout RecordingWriter
    ) throws {
      guard !changes.isEmpty else { return }
      known.put(UInt64(server) << 1 | (isOlder ? 1 : 0))
      known.put(UInt64(changes.count))
      for change in changes {
        known.put(change.leaf, at: try writer.numbers.number(of: change.path, database))
      }
    }
    for (_, server) in servers.sorted(by: { $0.value.id < $1.value.id }) {
      if let watching = server.watching {
        entries.append(.news(Int(watching)), at: instant.nanoseconds)
      }
      if let whole = try server.whole() {
        entries.append(
          .answer(server: server.id, hasChanged: true, took: server.answered?.took ?? 0),
          at: (server.answered?.at ?? instant).nanoseconds)
        try put(whole, of: server.id, &self)
        try put(try server.older(), of: server.id, isOlder: true, &self)
      }
      if let failed = server.failed {
        entries.append(
          .failure(server: server.id, took: failed.took, reason: Int(failed.reason)),
          at: failed.at.nanoseconds)
      }
    }
    for (_, place) in lasting.all {
      entries.append(.news(Int(place.id)), at: place.at.nanoseconds)
    }
    if let pace {
      entries.append(.pace(hasChanged: true), at: instant.nanoseconds)
      try put(try Leaves(of: pace).changes(from: [:]), of: 0, &self)
    }
    let values = Deflated.bytes(of: known.bytes)
    var body: Data?
    if let watch {
      body = try packed(watch, database)
      for row in try past.rows(of: watch) { try database.store(row, before: batch) }
    }
    var checksum = Checksum(of: [.integer(batch), .integer(instant.nanoseconds)])
    for part in [Data(entries.bytes), values, body ?? Data()] { checksum.add(part) }
    try database.insert(
      into: "keyframe",
      [batch, instant.nanoseconds, Data(entries.bytes), values, body, checksum.stored])
    sinceKeyframe.begin(bytes: entries.bytes.count + values.count + (body?.count ?? 0))
  }

  /// The numbers of the lists of tablets in it, followed by the watch as JSON.
  private mutating func packed(_ watch: Watch, _ database: Database) throws -> Data {
    let bare = watch.withoutPast
    let lists = bare.fleet.tabletLists
    var head = PackedWriter()
    head.put(UInt64(lists.count))
    for list in lists { head.put(UInt64(try numbers.number(of: list, database))) }
    return Deflated.bytes(of: head.bytes + (try RecordingText.bytes(bare, apart: lists)))
  }
}
