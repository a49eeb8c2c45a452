import FleetModel
import Foundation
import Terms
import TestSupport
import Testing
import VitessClient

/// Real cutovers of MoveTables, fed to the fleet as one vtgate showed them.
private struct Cutovers {
  static let gate = Address(host: "gate", port: 15001)
  static let commerce = ShardName(keyspace: "commerce", shard: "0")
  static let customer = ShardName(keyspace: "customer", shard: "0")

  let fleet: Fleet
  /// Everything that was said of any moment in between.
  let events: [FleetEvent]
  /// What six clients noted.
  let clientErrors: Int

  /// `release`: `v16` or `v23`; the vtgate is asked every `interval`.
  init(_ release: String, every interval: Duration) throws {
    let folder = "movetables/\(release)"
    let list = try #require(Fixtures.objects("\(folder)-gateway.ndjson.gz").first?["gateway"])
    let tablets = try DebugGateway.decode(JSONSerialization.data(withJSONObject: list))
    var fleet = Fleet()
    var series: [String: String] = [:]
    var changes = try Fixtures.objects("\(folder)-metrics.ndjson.gz")[...]
    func time(_ object: [String: Any]) -> Instant {
      Instant(secondsSinceEpoch: object["t"] as? Double ?? 0)
    }
    let end = (changes.last.map(time) ?? Instant(nanoseconds: 0)) + .seconds(20)
    guard var now = changes.first.map(time) else { throw CocoaError(.fileReadCorruptFile) }
    while now < end {
      while let next = changes.first, time(next) <= now {
        for (name, value) in next where name != "t" && name != "ms" {
          series[name] = value as? String ?? nil
        }
        changes.removeFirst()
      }
      let body = series.map { "\($0.key) \($0.value)\n" }.joined()
      var reading = VtgateMetrics(body: Array(body.utf8)).reading
      reading.tablets = tablets
      fleet.apply(
        ScrapeOutcome(
          target: Target(.vtgate, Self.gate), at: now, took: .zero, result: .gate(reading)))
      fleet.settle(at: now)
      now = now + interval
    }
    self.fleet = fleet
    events = fleet.log.events
    clientErrors =
      try Fixtures.objects("\(folder)-traffic.ndjson.gz")
      .last { $0["kind"] as? String == "total" }?["err"] as? Int ?? 0
  }
}

@Suite struct RecordedSwitchesTests {
  /// Vitess 23.0.0: two switches there and back, one that timed out, one that was cancelled.
  @Test(arguments: [50, 250, 1000])
  func eachBufferedSwitchIsOneAndNoRolledBackReparent(_ milliseconds: Int) throws {
    let cutovers = try Cutovers("v23", every: .milliseconds(milliseconds))
    let all = cutovers.fleet.failovers.all
    #expect(
      all.map(\.shard) == [
        Cutovers.commerce, Cutovers.customer, Cutovers.commerce, Cutovers.customer,
        Cutovers.commerce, Cutovers.commerce,
      ])
    // Three of the four that switched say so; where a health message came between nobody can tell.
    #expect(
      all.map(\.verdict) == [.unchanged, .unchanged, .switched, .switched, .unchanged, .unchanged])
    #expect(all.allSatisfy { $0.primaryAfter == nil })
    #expect(all.map(\.failed.count) == [0, 6, 0, 0, 0, 0])
    #expect(cutovers.clientErrors == 6)
    for failover in all {
      let shard = cutovers.fleet.shard(failover.shard)
      #expect(!shard.advice(at: failover.changed.at).contains { $0.rule == .rolledBack })
    }
    #expect(!cutovers.events.contains { $0.text.contains("serving again") })
  }

  /// Vitess 16.0.7 buffers none of it: every query that failed is seen, as errors of the shard whose
  /// tables were switched away.
  @Test(arguments: [50, 250, 1000])
  func errorsWithoutBufferingAreSeen(_ milliseconds: Int) throws {
    let cutovers = try Cutovers("v16", every: .milliseconds(milliseconds))
    let all = cutovers.fleet.failovers.all
    #expect(all.allSatisfy { $0.kind == .errors && $0.ended != nil })
    #expect(Set(all.map(\.shard)) == [Cutovers.commerce, Cutovers.customer])
    #expect(cutovers.clientErrors == 733)
    #expect(all.compactMap(\.failed.count).reduce(0, +) == cutovers.clientErrors)
    #expect(
      cutovers.events.contains {
        $0.text == "client errors rise without buffering (FAILED_PRECONDITION) at"
          && $0.shard == Cutovers.commerce
      })
  }
}
