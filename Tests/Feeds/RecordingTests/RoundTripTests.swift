import FleetModel
import Foundation
import GRDB
import Terms
import TestSupport
import Testing
import Watching

@testable import Recording

/// What was told comes back as it was.
@Suite struct RoundTripTests {
  private static let settings = Watch.Settings(
    cluster: InventedCluster.name, interval: .seconds(1))

  @Test(arguments: [1, 2, 3] as [UInt64])
  func whatWasToldComesBack(_ seed: UInt64) async throws {
    var cluster = InventedCluster(seed: seed)
    let steps = cluster.steps(seconds: 60)
    let files = try RecordingFiles()
    let read = try RecordingFiles.steps(try await files.record(steps))
    #expect(read.damage == nil)
    #expect(read.steps.count == steps.count)
    for (number, pair) in zip(read.steps, steps).enumerated() where pair.0 != pair.1 {
      Issue.record("step \(number): \(pair.0) is not \(pair.1)")
      break
    }
  }

  @Test func whatAProxyTellsComesBack() async throws {
    let target = Target(.vtgate, Address(host: "10.0.0.1", port: 15999))
    let route = ShardName(keyspace: "commerce", shard: "-")
    var server = GatewayTablet(
      alias: TabletAlias(cell: "old", uid: 1), shard: route, type: .primary, isServing: true)
    server.database = DatabaseServer(
      name: "old", address: Address(host: "10.0.0.5", port: 3306), engine: "mysql",
      isReadOnly: false, replicates: false)
    func told(_ second: Int, _ proxy: ProxyReading?) -> RecordedStep {
      var reading = VtgateReading()
      reading.tablets = GatewayTablets([server])
      reading.proxy = proxy
      let at = InventedCluster.began + .seconds(second)
      return .observed(
        Observation(
          of: InventedCluster.name, at: at,
          .outcome(
            ScrapeOutcome(
              target: target, at: at, took: .milliseconds(1), result: .gate(reading)))))
    }
    let began = InventedCluster.began + .seconds(2)
    let cutover = ProxyCutover(.holding, from: "old", to: "new", startedAt: began)
    let ended = ProxyCutover(
      .cancelled, from: "old", to: "new", startedAt: began, endedAt: began + .seconds(1),
      reason: "an operator")
    let steps = [
      told(1, ProxyReading(routes: [route: ProxyRoute(server: "old")])),
      told(
        2, ProxyReading(routes: [route: ProxyRoute(server: "old", inFlight: 3, cutover: cutover)])),
      told(3, ProxyReading(routes: [route: ProxyRoute(server: "old", cutover: ended)])),
      told(4, ProxyReading(routes: [route: ProxyRoute(server: "old", fault: .down("refused"))])),
      told(5, ProxyReading(routes: [route: ProxyRoute(server: "old", fault: .down(nil))])),
      told(6, ProxyReading(routes: [route: ProxyRoute(server: "old", fault: .draining)])),
      told(7, ProxyReading()), told(8, nil),
    ]
    let files = try RecordingFiles()
    #expect(try RecordingFiles.steps(try await files.record(steps)).steps == steps)
  }

  @Test func aClosedRecordingIsOneFileWhichSaysWhatItIs() async throws {
    var cluster = InventedCluster(seed: 4)
    let steps = cluster.steps(seconds: 3)
    let files = try RecordingFiles()
    let path = try await files.record(steps)
    #expect(files.names == ["a.sluice"])
    let reader = try RecordingReader(path)
    #expect(reader.info == InventedCluster.info)
    #expect(reader.ended == steps.last?.at)
    let bytes = try Data(contentsOf: URL(filePath: path))
    #expect(bytes.prefix(15) == Data("SQLite format 3".utf8))
    #expect(Array(bytes[68..<72]) == Array("Slui".utf8))
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
  }

  /// Looks moments up, by their seconds: of every server what it had told last before.
  private static func expectAllKnown(
    of steps: [RecordedStep], in path: String, at seconds: [Int]
  ) throws {
    var reader = try RecordingReader(path)
    for second in seconds {
      let moment = InventedCluster.began + .seconds(second)
      var found: [Target: ScrapeOutcome] = [:]
      for step in reader.seek(to: moment) { note(step, in: &found) }
      while let more = reader.next() {
        for step in more where step.at <= moment { note(step, in: &found) }
        if more.last?.at ?? moment >= moment { break }
      }
      var wanted: [Target: ScrapeOutcome] = [:]
      for step in steps where step.at <= moment { note(step, in: &wanted) }
      #expect(found == wanted, "at second \(second)")
      #expect(reader.damage == nil)
    }
  }

  /// Of every server what it had told last before a moment, whether the moment is before a keyframe or
  /// after it.
  @Test func aMomentIsFoundWithAllThatWasKnownThen() async throws {
    var cluster = InventedCluster(seed: 5)
    let steps = cluster.steps(seconds: 400)
    let files = try RecordingFiles()
    let path = try await files.record(steps)
    try Self.expectAllKnown(of: steps, in: path, at: [0, 3, 50, 170, 301, 399])
  }

  /// Keyframes leave out a server that has left, and it is whole when it comes back: read from the
  /// beginning, and from a keyframe in between.
  @Test(arguments: [0, 3]) func aServerThatLeavesIsLeftOut(_ number: Int) async throws {
    var cluster = InventedCluster(seed: 13)
    let steps = InventedCluster.steps(
      cluster.steps(seconds: 400), without: number, from: .seconds(100), to: .seconds(300))
    let files = try RecordingFiles()
    let path = try await files.record(steps)
    #expect(try RecordingFiles.steps(path).steps == steps)
    try Self.expectAllKnown(of: steps, in: path, at: [90, 101, 299, 301, 320, 399])
    let (left, back) = (
      InventedCluster.began + .seconds(100), InventedCluster.began + .seconds(300)
    )
    let kept = try await DatabaseQueue(path: path).read { database in
      try Row.fetchAll(
        database, sql: "SELECT * FROM keyframe WHERE at > ? AND at < ?",
        arguments: [left.nanoseconds, back.nanoseconds]
      ).map { try Set(RecordedKeyframe($0).known().changes.map(\.server)) }
    }
    #expect(!kept.isEmpty)
    #expect(kept.allSatisfy { !$0.contains(number + 1) && $0.count > 5 }, "\(kept)")
  }

  private static func note(_ step: RecordedStep, in outcomes: inout [Target: ScrapeOutcome]) {
    guard case .observed(let observation) = step else { return }
    if case .forgot(let target) = observation.news { outcomes[target] = nil }
    guard case .outcome(let outcome) = observation.news else { return }
    var kept = outcome
    if case .gate(var reading) = outcome.result {
      // What is not read at every poll stands in a keyframe as it was read last.
      (reading.flags, reading.commandLine, reading.tablets) = (nil, nil, nil)
      kept = ScrapeOutcome(
        target: outcome.target, at: outcome.at, took: outcome.took, result: .gate(reading))
    }
    outcomes[outcome.target] = kept
  }

  @Test(arguments: [6, 7, 8, 9, 10, 11] as [UInt64]) func aWatchThatFollowsIsTheOneThatWasRecorded(
    _ seed: UInt64
  ) async throws {
    var cluster = InventedCluster(seed: seed)
    let steps = cluster.steps(seconds: 40)
    let files = try RecordingFiles()
    var reader = try RecordingReader(try await files.record(steps))
    var live = Watch(Self.settings, at: InventedCluster.began)
    let moment = InventedCluster.began + .seconds(31)
    for step in steps where step.at <= moment { _ = live.follow(step) }
    _ = live.settle(at: moment)
    let (watch, ahead) = reader.watch(at: moment, Self.settings)
    #expect(watch.fleet.log.events == live.fleet.log.events)
    #expect(watch.fleet.failovers == live.fleet.failovers)
    #expect(watch.fleet.summaries == live.fleet.summaries)
    #expect(watch.fleet == live.fleet)
    #expect(watch.trends == live.trends)
    #expect(watch == live)
    #expect(ahead.first == steps.first { $0.at > moment })
  }

  /// A moment that was sought follows the last two minutes only; the events go back further.
  @Test func theEventsBeforeASoughtMomentAreThere() async throws {
    var cluster = InventedCluster(seed: 12)
    let steps = cluster.steps(seconds: 400)
    let files = try RecordingFiles()
    let recorder = try Recorder(
      files.path(), InventedCluster.info, pause: .milliseconds(5))
    var live = Watch(Self.settings, at: InventedCluster.began)
    let moment = InventedCluster.began + .seconds(390)
    var found: [FleetEvent] = []
    for (number, step) in steps.enumerated() {
      recorder.take(step)
      for event in live.follow(step) {
        recorder.note(event)
        found.append(event)
      }
      if number % 40 == 39 { try await Task.sleep(for: .milliseconds(7)) }
    }
    await recorder.finish()
    var reader = try RecordingReader(files.path())
    let sought = reader.watch(at: moment, Self.settings).watch.fleet.log.events
    let before = found.filter { $0.at < moment - .seconds(125) }
    #expect(before.count > 20)
    for event in before.suffix(EventLog.capacity / 2) {
      #expect(
        sought.contains { $0.shard == event.shard && $0.kind == event.kind && $0.at <= event.at },
        "\(event)")
    }
    #expect(sought.map(\.at) == sought.map(\.at).sorted())
    #expect(Set(sought.map(\.id)).count == sought.count)
  }
}
