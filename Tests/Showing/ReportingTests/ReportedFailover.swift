import FleetModel
import Reporting
import Terms
import Watching

/// A failover that loses requests, watched from before its first sign; and what hostile servers call
/// themselves.
struct ReportedFailover {
  static let start = Instant(secondsSinceEpoch: 1_795_000_000)
  static let gate = Target(.vtgate, Address(host: "gate1.example", port: 15001))
  static let late = Target(.vtgate, Address(host: "gate2.example", port: 15001))

  var cell = "zone1"
  var shard = ShardName(keyspace: "commerce", shard: "0")
  /// The second at which the first poll is made; 6 is in the middle of it.
  var first = 1
  /// The second of the last poll.
  var last = 30
  var flags: BufferFlags?

  func report(
    deeds: [Report.Deed] = [], notes: [Report.Note] = [], damage: String? = nil
  ) -> Report {
    let (watch, collector) = followed()
    return Report(
      of: "prod", from: watch.began, to: watch.now, utcOffset: 3600,
      Array(collector.reports.values), deeds: deeds, notes: notes, damage: damage)
  }

  func followed() -> (watch: Watch, collector: ReportCollector) {
    let began = Self.start + .seconds(first)
    var watch = Watch(Watch.Settings(cluster: "prod", interval: .seconds(1)), at: began)
    var collector = ReportCollector()
    var readings = [VtgateReading(), VtgateReading()]
    for index in readings.indices {
      readings[index].processStart = 1
      readings[index].bufferSize = 10
      readings[index].flags = flags
      readings[index].clientErrors = ["commerce": ["UNAVAILABLE": 1]]
      readings[index].buffers[shard] = BufferCounters()
    }
    for second in 1...last {
      switch second {
      case 5:
        readings[0].buffers[shard]?.starts = 1
        readings[0].buffers[shard]?.buffered = 7
        readings[0].buffers[shard]?.lastRequestsInFlightMax = 7
      case 7:
        readings[0].buffers[shard]?.buffered = 9
        readings[0].buffers[shard]?.lastRequestsInFlightMax = 9
        readings[1].buffers[shard]?.skipped[.lastFailoverTooRecent] = 6
      case 8:
        readings[0].buffers[shard]?.stops[.newPrimarySeen] = 1
        readings[0].buffers[shard]?.lastFailoverDuration = .milliseconds(2345)
        readings[0].buffers[shard]?.drained = 5
        readings[0].buffers[shard]?.evicted[.bufferFull] = 3
        readings[0].clientErrors = ["commerce": ["UNAVAILABLE": 4]]
      case 9: readings[0].buffers[shard]?.drained = 6
      default: break
      }
      let hasPrimary = !(5...7).contains(second)
      for index in readings.indices {
        readings[index].tablets = GatewayTablets([
          GatewayTablet(
            alias: TabletAlias(cell: cell, uid: second < 8 ? 100 : 101), shard: shard,
            type: .primary, isServing: hasPrimary, primaryTermStart: second < 8 ? 1 : 2,
            replicationLag: 0, address: Address(host: "db1", port: 15100))
        ])
      }
      guard second >= first else { continue }
      let now = Self.start + .seconds(second)
      for (target, reading) in zip([Self.gate, Self.late], readings) {
        watch.take(
          Observation(
            of: "prod", at: now,
            .outcome(
              ScrapeOutcome(target: target, at: now, took: .zero, result: .gate(reading)))))
      }
      _ = watch.tick(at: now)
      collector.look(at: watch)
    }
    return (watch, collector)
  }
}
