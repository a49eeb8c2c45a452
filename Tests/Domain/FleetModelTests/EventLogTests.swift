import FleetModel
import Terms
import Testing

@Suite struct EventLogTests {
  private static let start = Instant(secondsSinceEpoch: 1_795_000_000)
  private static let shard = ShardName(keyspace: "commerce", shard: "0")
  private static let gates = (1...3).map { Address(host: "gate\($0)", port: 15001) }

  private static func log(_ events: [FleetEvent]) -> [FleetEvent] {
    var log = EventLog()
    for event in events { log.append(event) }
    return Array(log.events)
  }

  private static func event(
    _ kind: FleetEvent.Kind, gate: Int, after seconds: Int = 0, count: Int? = nil,
    shard: ShardName = shard, failover: Int? = nil
  ) -> FleetEvent {
    FleetEvent(
      at: start + .seconds(seconds), shard: shard, kind,
      sources: [.init(gates[gate], count: count)], failover: failover)
  }

  @Test func theSameKindAtAnotherServerIsTheSameNewsForAMoment() {
    let started = FleetEvent.Kind.buffering(.started)
    let events = Self.log([
      Self.event(started, gate: 0), Self.event(started, gate: 1, after: 1),
      Self.event(started, gate: 2, after: 3),
    ])
    #expect(events.map(\.sources.count) == [2, 1])
    #expect(events[0].until == Self.start + .seconds(1))
  }

  @Test func anotherSubjectOrAnotherShardIsOtherNews() {
    let events = Self.log([
      Self.event(.buffering(.evicted(.bufferFull)), gate: 0),
      Self.event(.buffering(.evicted(.contextDone)), gate: 1),
      Self.event(.buffering(.notBuffered(.bufferFull)), gate: 1),
      Self.event(
        .buffering(.evicted(.bufferFull)), gate: 1,
        shard: ShardName(keyspace: "commerce", shard: "80-")),
      Self.event(.combinedBuffering(.evicted(.bufferFull), keyspace: "commerce"), gate: 1),
    ])
    #expect(events.map(\.sources.count) == [1, 1, 1, 1, 1])
  }

  @Test func moreOfItInTheSameFailoverAddsUp() {
    let evicted = FleetEvent.Kind.buffering(.evicted(.bufferFull))
    let events = Self.log([
      Self.event(evicted, gate: 0, count: 3, failover: 7),
      Self.event(evicted, gate: 0, after: 9, count: 4, failover: 7),
      Self.event(evicted, gate: 0, after: 9, count: 5, failover: 8),
    ])
    #expect(events.map(\.count) == [7, 5])
  }

  @Test func whatHasNoServerIsNewsEachTime() {
    let events = Self.log([
      FleetEvent(at: Self.start, .remark(.notice, "so")),
      FleetEvent(at: Self.start, .remark(.notice, "so")),
    ])
    #expect(events.map(\.id) == [1, 2])
  }
}
