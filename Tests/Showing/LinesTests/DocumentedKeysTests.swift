import FleetModel
import Foundation
import Lines
import Terms
import TestSupport
import Testing
import Watching

/// Every key that the encoder writes stands in docs/json.md.
@Suite struct DocumentedKeysTests {
  private static let shard = ShardName(keyspace: "commerce", shard: "0")
  private static let gate = Target(.vtgate, Address(host: "gate1", port: 15001))

  /// Objects whose keys are Vitess' words and not ours.
  private static let open: Set = ["evicted", "skipped", "stops", "codes", "clientErrors"]

  /// A failover with losses, watched from before its first sign until it is over.
  private static func changes() -> (told: [FleetChange], watch: Watch) {
    let start = Instant(secondsSinceEpoch: 1_795_000_000)
    var watch = Watch(Watch.Settings(cluster: "prod", interval: .seconds(1)), at: start)
    var reading = VtgateReading()
    reading.processStart = 1
    reading.bufferSize = 10
    reading.clientErrors = ["commerce": ["UNAVAILABLE": 1]]
    reading.buffers[shard] = BufferCounters()
    var told: [FleetChange] = []
    for second in 1...30 {
      switch second {
      case 4:
        reading.buffers[shard]?.starts = 1
        reading.buffers[shard]?.buffered = 9
        reading.buffers[shard]?.lastRequestsInFlightMax = 9
      case 6:
        reading.buffers[shard]?.stops[.newPrimarySeen] = 1
        reading.buffers[shard]?.drained = 5
        reading.buffers[shard]?.evicted[.windowExceeded] = 4
        reading.buffers[shard]?.skipped[.bufferFull] = 3
        reading.buffers[shard]?.lastFailoverDuration = .seconds(2)
        reading.clientErrors = ["commerce": ["UNAVAILABLE": 8]]
      default: break
      }
      reading.tablets = GatewayTablets([
        GatewayTablet(
          alias: TabletAlias(cell: "zone1", uid: second < 6 ? 100 : 101), shard: shard,
          type: .primary, isServing: !(4...5).contains(second),
          primaryTermStart: second < 6 ? 1 : 2, replicationLag: 0,
          address: Address(host: "db1", port: 15100))
      ])
      let now = start + .seconds(second)
      watch.take(
        Observation(
          of: "prod", at: now,
          .outcome(
            ScrapeOutcome(target: gate, at: now, took: .zero, result: .gate(reading)))))
      _ = watch.settle(at: now)
      told += watch.changes()
    }
    return (told, watch)
  }

  private static func keys(of value: Any) -> Set<String> {
    if let list = value as? [Any] { return list.reduce(into: []) { $0.formUnion(keys(of: $1)) } }
    guard let object = value as? [String: Any] else { return [] }
    return object.reduce(into: Set(object.keys)) { all, entry in
      if !open.contains(entry.key) { all.formUnion(keys(of: entry.value)) }
    }
  }

  @Test func everyKeyIsInTheDocument() throws {
    let document = try String(
      contentsOf: Fixtures.checkout.appending(path: "docs/json.md"), encoding: .utf8)
    let (told, watch) = Self.changes()
    var lines = told.map { JSONLine().text($0, at: watch.now) }
    lines.append(JSONLine().text(FleetCheck(watch.fleet), at: watch.now))
    var types: Set<String> = []
    var keys: Set<String> = []
    for line in lines {
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
      keys.formUnion(Self.keys(of: object))
      if let type = (object as? [String: Any])?["type"] as? String { types.insert(type) }
    }
    #expect(types == ["shard", "event", "failover", "advice", "check"])
    for key in keys.sorted() {
      #expect(document.contains("`\(key)`") || document.contains("\"\(key)\""), "\(key)")
    }
  }
}
