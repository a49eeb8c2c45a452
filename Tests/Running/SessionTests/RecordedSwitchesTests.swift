import FleetModel
import Foundation
import Terms
import TestSupport
import Testing
import VitessClient
import Wording

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

  /// `release`: `v16` or `v23`; the vtgate is asked every `interval`, and topo what was recorded of it.
  init(_ release: String, every interval: Duration, asksTopo: Bool = false) throws {
    let folder = "movetables/\(release)"
    var routings = try asksTopo ? Self.routings(folder)[...] : []
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
      while let next = routings.first, next.routing.readAt <= now {
        fleet.apply([next.shard: next.routing])
        routings.removeFirst()
      }
      fleet.settle(at: now)
      now = now + interval
    }
    self.fleet = fleet
    events = Array(fleet.log.events)
    clientErrors =
      try Fixtures.objects("\(folder)-traffic.ndjson.gz")
      .last { $0["kind"] as? String == "total" }?["err"] as? Int ?? 0
  }

  /// What GetShard, GetWorkflows and MoveTables status answered before the switches, after the first,
  /// and after the time-out and the cancel.
  private static func routings(
    _ folder: String
  ) throws -> [(shard: ShardName, routing: ShardRouting)] {
    let actions = try Fixtures.objects("\(folder)-actions.ndjson.gz")
    func answer(_ name: String) -> [String: Any] {
      let text = actions.first { $0["name"] as? String == name }?["stdout"] as? String ?? ""
      return (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any] ?? [:]
    }
    return try ["before", "switched", "after-timeout", "after-cancel"].flatMap { moment in
      let state = answer("status-\(moment)")["traffic_state"] as? String
      // What vtctldclient shows of one workflow is the answer of GetWorkflows with the frozen ones.
      let shown =
        answer("show-\(moment)")["workflows"] ?? answer("getworkflows-\(moment)")["workflows"]
      let workflows = try #require(shown as? [[String: Any]]).map { workflow in
        let places = ["source", "target"].map { workflow[$0] as? [String: Any] ?? [:] }
        let streams = (workflow["shard_streams"] as? [String: Any] ?? [:]).values.flatMap { shard in
          (shard as? [String: Any])?["streams"] as? [[String: Any]] ?? []
        }
        return TrafficWorkflow(
          name: workflow["name"] as? String ?? "", source: places[0]["keyspace"] as? String ?? "",
          sourceShards: Set(places[0]["shards"] as? [String] ?? []),
          target: places[1]["keyspace"] as? String ?? "", tables: ["t1"], trafficState: state,
          isFrozen: streams.allSatisfy { $0["message"] as? String == "FROZEN" })
      }
      return try [("shard", Self.commerce), ("shardc", Self.customer)].map { prefix, shard in
        let name = "\(prefix)-\(moment)"
        let record = try #require(answer(name)["shard"] as? [String: Any])
        let controls = record["tablet_controls"] as? [[String: Any]] ?? []
        let start = actions.first { $0["name"] as? String == name }?["start"] as? Double
        return (
          shard,
          ShardRouting(
            readAt: Instant(secondsSinceEpoch: try #require(start)),
            deniedTables: Set(controls.flatMap { $0["denied_tables"] as? [String] ?? [] }),
            isPrimaryServing: record["is_primary_serving"] as? Bool ?? false, workflows: workflows)
        )
      }
    }
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
    #expect(!cutovers.events.contains { $0.kind.name == .primaryServesAgain })
  }

  /// What topo and the workflow say makes a switch of what counters leave open, and tells one that
  /// did not come about; where nobody asked in time it stays open.
  private static func topo(_ failover: Failover) -> String? {
    failover.routing.map { Wording().words($0, of: failover.shard) }
  }

  @Test(arguments: [50, 250, 1000])
  func topoTellsHowASwitchEnded(_ milliseconds: Int) throws {
    let cutovers = try Cutovers("v23", every: .milliseconds(milliseconds), asksTopo: true)
    let all = cutovers.fleet.failovers.all
    #expect(
      all.map(\.verdict)
        == [.switched, .unchanged, .switched, .switched, .notSwitched, .notSwitched])
    #expect(all[0].kind == .trafficSwitch && all[1].kind == .unchanged)
    #expect(
      Self.topo(all[0])
        == "commerce/0 denies t1; customer.m1: All Reads Switched. Writes Switched")
    for failover in all.suffix(2) {
      #expect(
        Self.topo(failover)
          == "commerce/0 denies no table; customer.m1: All Reads Switched. Writes Not Switched")
    }
    let last = cutovers.fleet.shard(Cutovers.commerce)
    let advice = last.advice(at: try #require(all.last?.changed.at) + .seconds(20))
    #expect(
      advice.contains {
        Wording().finding($0).contains(
          "timed out or was cancelled, and writes stay at zone1-101 (commerce/0")
      }, "\(advice)")
  }

  /// A switch of Vitess 16.0.7 that was killed half-way leaves the table denied on both sides.
  @Test func aSwitchThatWasLeftHalfDoneIsSaid() throws {
    let cutovers = try Cutovers("v16", every: .milliseconds(250), asksTopo: true)
    let last = try #require(cutovers.fleet.failovers.all.last { $0.shard == Cutovers.commerce })
    #expect(last.switching == .halfDone, "\(Self.topo(last) ?? "not asked")")
    #expect(Self.topo(last) == "commerce/0 denies t1; customer.m1: running")
    let advice = cutovers.fleet.shard(Cutovers.commerce).advice(
      at: try #require(last.ended).at + .seconds(20))
    #expect(
      advice.contains { $0.severity == .critical && $0.kind == .switchHalfDone(last.routing) })
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
        $0.kind == .clientErrorsRise(codes: ["FAILED_PRECONDITION"])
          && $0.shard == Cutovers.commerce
      })
  }
}
