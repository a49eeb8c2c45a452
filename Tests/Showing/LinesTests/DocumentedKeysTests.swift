import Actions
import FleetModel
import Foundation
import Lines
import Reporting
import Terms
import TestSupport
import Testing
import Watching
import WhatIf
import Wording

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
    reading.flags = BufferFlags(source: .commandLine)
    reading.flags?.isEnabled = true
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
      _ = watch.tick(at: now)
      told += watch.changes()
    }
    return (told, watch)
  }

  /// Buffering through which a vtgate restarts; then counts and lags of which not all is known.
  private static func doubts() -> (told: [FleetChange], watch: Watch) {
    let start = Instant(secondsSinceEpoch: 1_795_000_000)
    var watch = Watch(Watch.Settings(cluster: "prod", interval: .seconds(1)), at: start)
    var readings = [VtgateReading(), VtgateReading()]
    let gates = [gate, Target(.vtgate, Address(host: "gate2", port: 15001))]
    let primary = TabletAlias(cell: "zone1", uid: 100)
    let replica = TabletAlias(cell: "zone1", uid: 101)
    var flags = BufferFlags(source: .commandLine)
    flags.isEnabled = true
    for index in readings.indices {
      readings[index].processStart = 1
      readings[index].flags = flags
      readings[index].buffers[shard] = BufferCounters()
      readings[index].tablets = GatewayTablets([
        GatewayTablet(
          alias: primary, shard: shard, type: .primary, isServing: true, primaryTermStart: 1,
          address: Address(host: "db1", port: 15100)),
        GatewayTablet(
          alias: replica, shard: shard, type: .replica, isServing: true, replicationLag: 0,
          address: Address(host: "db2", port: 15100)),
        GatewayTablet(
          alias: TabletAlias(cell: "zone1", uid: 102), shard: shard, type: .replica,
          isServing: true, address: Address(host: "db3", port: 15100)),
      ])
    }
    var throttler = ThrottlerReading(source: .status)
    (throttler.isEnabled, throttler.isOpen) = (true, true)
    (throttler.selfValue, throttler.threshold) = (0.2, 5)
    throttler.throttledApps = [
      ThrottledApp(name: "vreplication", expiresAt: start + .seconds(3600), ratio: 0.5)
    ]
    var tablet = TabletReading(throttler: throttler)
    (tablet.alias, tablet.shard, tablet.type) = (replica, shard, .replica)
    var told: [FleetChange] = []
    for second in 1...40 {
      let now = start + .seconds(second)
      func observe(_ news: Observation.News) {
        watch.take(Observation(of: "prod", at: now, news))
      }
      switch second {
      case 4:
        for index in readings.indices {
          readings[index].buffers[shard]?.starts = 1
          readings[index].buffers[shard]?.buffered = 4
        }
      case 5: readings[0].buffers[shard]?.evicted[.windowExceeded] = 1
      case 6:
        readings[0].buffers[shard]?.evicted[.windowExceeded] = 2
        readings[0].buffers[shard]?.stops[.newPrimarySeen] = 1
        readings[0].buffers[shard]?.drained = 2
        readings[0].buffers[shard]?.lastFailoverDuration = .seconds(2)
        readings[1].processStart = start.secondsSinceEpoch + 6
        readings[1].buffers[shard] = BufferCounters()
      case 35: readings[1].buffers[shard]?.unreported = [.evicted]
      default: break
      }
      for (target, reading) in zip(gates, readings) {
        observe(
          .outcome(
            ScrapeOutcome(target: target, at: now, took: .zero, result: .gate(reading))))
      }
      observe(
        .outcome(
          ScrapeOutcome(
            target: Target(.vttablet, Address(host: "db2", port: 15100)), at: now, took: .zero,
            result: .member(tablet))))
      _ = watch.tick(at: now)
      told += watch.changes()
    }
    return (told, watch)
  }

  /// A report of all that a watch has seen, and of what was done meanwhile.
  private static func report(_ watch: Watch) -> Report {
    Report(
      of: "prod", from: watch.began, to: watch.now, utcOffset: 0,
      watch.fleet.failovers.all.compactMap { FailoverReport($0.id, watch) },
      deeds: [
        Report.Deed(
          at: watch.now, action: "reparent", outcome: "done", verdict: "seen", who: "anna@bastion")
      ], notes: [Report.Note(at: watch.now, words: "lunch")], damage: "it is damaged")
  }

  /// A what-if of a failover that is known, with flags that may lose and may not, and of one that is not.
  private static func whatIfs() -> [String] {
    func again(_ watch: Watch) -> FailoverAgain? {
      let all = watch.fleet.failovers.all
      return all.last.map { FailoverAgain($0, among: all, since: watch.began) }
    }
    var asked = AskedFlags()
    asked.size = 20
    var small = asked
    small.minTimeBetweenFailovers = .seconds(600)
    var known = AskedFlags()
    (known.window, known.maxFailoverDuration) = (.seconds(10), .seconds(20))
    let sizes = FlagSweep(.sizes(1...100))
    var lines: [String] = []
    for watch in [changes().watch, doubts().watch] {
      guard let again = again(watch) else { continue }
      for asked in [asked, small, known] {
        lines.append(
          JSONLine().text(
            WhatIfAnswer(again, asked, sweep: sizes), number: 1, interval: .seconds(1), Wording()))
      }
    }
    return lines
  }

  /// What stands in code in the document and is no key: values, and other programs' words.
  private static let values: Set<String> = [
    "acknowledgers", "advice", "agreement", "answered", "blind", "both", "buffering", "cancelled",
    "candidate",
    "copying", "counters", "critical", "default", "degraded", "denied", "done", "down", "draining",
    "entangled", "errors", "event", "failing", "good", "halted", "healthy", "heartbeats", "holding",
    "implausible", "itself", "lagging", "listed", "new", "noted", "notice", "off", "other",
    "partial",
    "pass", "pending", "plan", "promoted", "proxies", "ready", "recovered", "refused", "relayed",
    "released", "remark", "reparent", "replaced", "report", "restarted", "resumed", "room", "seen",
    "sent", "serving", "size", "snapshot", "stall", "switched", "threshold", "throttler",
    "unanswered", "uncounted", "undecided", "unheard", "unreachable", "unreported", "unthrottle",
    "unused", "unverified",
    "waiting", "warn", "warning",
  ]

  @Test func everyKeyOfTheDocumentIsWritten() throws {
    let document = try String(
      contentsOf: Fixtures.checkout.appending(path: "docs/json.md"), encoding: .utf8)
    let named = Set(
      document.matches(of: /`([a-z][A-Za-z]*)`/).map { String($0.1) })
    let now = Instant(secondsSinceEpoch: 1_795_000_000)
    let json = JSONLine()
    var lines: [String] = []
    for (told, watch) in [Self.changes(), Self.doubts()] {
      lines += told.map { json.text($0, at: watch.now) }
      lines.append(json.text(FleetCheck(watch.fleet), at: watch.now))
      lines.append(
        json.text(FleetCheck(watch.fleet, ignoring: [NamePattern("*")]), at: now))
    }
    lines += EventLineTests.kinds.map {
      json.text(FleetEvent(at: now, $0.0, sources: [.init(Self.gate.address, count: 1)]))
    }
    lines.append(
      json.text(
        FleetEvent(
          at: now, .noAnswer(Self.gate, .refused(path: "/metrics", .status(503))))))
    lines += SubjectsTests.advice.map {
      json.text(.advice(Advice($0.0, for: Self.shard)), at: now)
    }
    let order = ReparentOrder(
      .planned, of: Self.shard, expecting: TabletAlias(cell: "zone1", uid: 100))
    let preflight = ReparentPreflight(SubjectsTests.evidence.map { .init(.candidate, .warn, $0.0) })
    lines.append(json.text(.reparent(order), preflight, request: "", at: now))
    var report = ActionReport(.reparent(order), at: now)
    report.sentAt = now
    report.note(.vtctld(Self.gate.address), .done, .promoted(nil))
    report.end(.done, .promoted(nil, of: Self.shard, others: nil), at: now)
    lines.append(json.text(report))
    report.end(.notSent, .notSent(.noVtctldNamed), at: now)
    lines.append(json.text(report))
    lines += [Self.changes().watch, Self.doubts().watch].map { json.text(Self.report($0)) }
    lines += Self.whatIfs()
    lines.append(
      json.text(FleetCheck(problems: [], notes: [], shards: [], gates: .proxies), at: now))
    lines += CheckLineTests.findings.map { json.text(CheckLineTests.check($0.0), at: now) }
    let written = try lines.reduce(into: Set<String>()) { keys, line in
      keys.formUnion(Self.keys(of: try JSONSerialization.jsonObject(with: Data(line.utf8))))
    }
    #expect(named.subtracting(written).subtracting(Self.values) == [])
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
    lines += [watch, Self.doubts().watch].map { JSONLine().text(Self.report($0)) }
    lines += Self.whatIfs()
    var types: Set<String> = []
    var keys: Set<String> = []
    for line in lines {
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
      keys.formUnion(Self.keys(of: object))
      if let type = (object as? [String: Any])?["type"] as? String { types.insert(type) }
    }
    #expect(types == ["shard", "event", "failover", "advice", "check", "report", "what-if"])
    for key in keys.sorted() {
      #expect(document.contains("`\(key)`") || document.contains("\"\(key)\""), "\(key)")
    }
  }
}
