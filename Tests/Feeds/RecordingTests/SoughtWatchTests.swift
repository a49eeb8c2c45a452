import FleetModel
import Foundation
import GRDB
import Terms
import TestSupport
import Testing
import Watching

@testable import Recording

/// A moment that is sought far into a recording is what it was for whoever has followed from the start.
@Suite struct SoughtWatchTests {
  private static let settings = Watch.Settings(
    cluster: InventedCluster.name, interval: .seconds(1))

  /// A recording with watches in it, and its steps.
  private static func recording(_ files: RecordingFiles, seed: UInt64, seconds: Int) throws
    -> [RecordedStep]
  {
    var cluster = InventedCluster(seed: seed)
    let steps = cluster.steps(seconds: seconds)
    var recorder = try PastRecorder(files.path(), InventedCluster.info)
    for step in steps { try recorder.take(step) }
    try recorder.finish()
    return steps
  }

  private static func followed(_ steps: [RecordedStep], to moment: Instant) -> Watch {
    var watch = Watch(settings, at: InventedCluster.began)
    for step in steps where step.at <= moment { _ = watch.follow(step) }
    _ = watch.settle(at: moment)
    return watch
  }

  private static func expectSame(_ sought: Watch, _ live: Watch, _ second: Int) {
    #expect(Array(differences(sought.fleet, live.fleet).prefix(5)) == [], "at \(second) s")
    for shard in live.fleet.summaries.map(\.name) {
      let count = FleetTrends.capacity
      let points = live.trends.points(of: shard, until: live.now, count: count)
      #expect(
        sought.trends.points(of: shard, until: live.now, count: count).elementsEqual(points),
        "the points of \(shard) at \(second) s")
    }
    #expect(
      Array(differences(sought.withoutPast, live.withoutPast).prefix(5)) == [], "at \(second) s")
  }

  @Test func whatWasAcknowledgedIsKnownAtASoughtMoment() throws {
    let files = try RecordingFiles()
    var cluster = InventedCluster(seed: 46)
    var steps = cluster.steps(seconds: 90)
    let index = try #require(
      steps.firstIndex { $0.at > InventedCluster.began + .seconds(60) && $0.isTick })
    let moment = steps[index].at
    steps.insert(.operated(.acknowledged(.all), at: moment), at: index + 1)
    var recorder = try PastRecorder(files.path(), InventedCluster.info)
    for step in steps { try recorder.take(step) }
    try recorder.finish()
    let live = Self.followed(steps, to: moment)
    #expect(!live.acknowledged.isEmpty)
    var reader = try RecordingReader(files.path())
    let (sought, _) = reader.watch(at: moment, Self.settings)
    #expect(sought.acknowledged == live.acknowledged)
    #expect(sought.check(sought.fleet).notes == live.check(live.fleet).notes)
  }

  @Test(arguments: [41, 42] as [UInt64])
  func itIsWhatWasKnownFromTheBeginning(_ seed: UInt64) throws {
    let files = try RecordingFiles()
    let steps = try Self.recording(files, seed: seed, seconds: 700)
    var reader = try RecordingReader(files.path())
    for second in [690, 200, 333, 60] {
      let moment = InventedCluster.began + .seconds(second) + .milliseconds(300)
      let (sought, ahead) = reader.watch(at: moment, Self.settings)
      let live = Self.followed(steps, to: moment)
      #expect(live.fleet.failovers.all.count > 3 || second < 300)
      Self.expectSame(sought, live, second)
      // And it goes on from there.
      #expect(ahead.first == steps.first { $0.at > moment })
    }
  }

  /// A recording that is begun later begins with all that its watch knew by then.
  @Test func oneThatWasBegunLaterKnowsWhatWasBefore() async throws {
    var cluster = InventedCluster(seed: 46)
    let steps = cluster.steps(seconds: 700)
    let began = InventedCluster.began + .seconds(600) + .milliseconds(100)
    var live = Watch(Self.settings, at: InventedCluster.began)
    var recent = RecentPast()
    for step in steps where step.at <= began {
      _ = live.follow(step)
      recent.take(step)
    }
    // Whoever begins a recording has looked at that moment.
    _ = live.settle(at: began)
    live.setBaseline()
    let files = try RecordingFiles()
    let recorder = try Recorder(
      files.path(),
      RecordingInfo(
        cluster: InventedCluster.name, began: began, interval: .seconds(1), utcOffset: 0,
        program: "sluice test"), pause: .milliseconds(5))
    recorder.begin(with: recent.present(at: began), live, at: began)
    let moment = began + .seconds(80)
    for (number, step) in steps.filter({ $0.at > began && $0.at <= moment }).enumerated() {
      recorder.take(step)
      _ = live.follow(step)
      if case .tick = step { recorder.take(live) }
      if number % 40 == 39 { try await Task.sleep(for: .milliseconds(7)) }
    }
    await recorder.finish()
    _ = live.settle(at: moment)
    var reader = try RecordingReader(files.path())
    #expect(reader.start == began)
    let first = try #require(reader.keyframe(before: began, isWhole: true))
    #expect(throws: Never.self) { try reader.watch(of: first, Self.settings) }
    Self.expectSame(reader.watch(at: moment, Self.settings).watch, live, 80)
    // And played from its beginning.
    var (played, ahead) = reader.watch(at: began, Self.settings)
    for step in ahead { _ = played.follow(step) }
    while let more = reader.next() { for step in more { _ = played.follow(step) } }
    _ = played.settle(at: moment)
    Self.expectSame(played, live, 80)
    #expect(played.fleet.baselineAt == live.fleet.baselineAt && played.fleet.baselineAt != nil)
  }

  /// So few steps lie between a watch that was kept and any moment that following them takes no time.
  @Test func aWatchIsNeverFar() throws {
    let files = try RecordingFiles()
    _ = try Self.recording(files, seed: 44, seconds: 1500)
    let database = try DatabaseQueue(path: files.path())
    let kept = try database.read {
      try Int64.fetchAll($0, sql: "SELECT batch FROM keyframe WHERE watch IS NOT NULL ORDER BY 1")
    }
    #expect(kept.count > 15)
    #expect(zip(kept, kept.dropFirst()).allSatisfy { $1 - $0 < 120 }, "\(kept)")
  }

  /// A watch that cannot be read is none: the minutes before are followed.
  @Test func aWatchOfAnotherVersionIsPassedOver() throws {
    let files = try RecordingFiles()
    let steps = try Self.recording(files, seed: 45, seconds: 900)
    try DatabaseQueue(path: files.path()).write { database in
      let other = Deflated.bytes(of: [0] + Array("{}".utf8))
      for row in try Row.fetchAll(database, sql: "SELECT batch, at, entries, known FROM keyframe") {
        var sum = Checksum(of: [.integer(row["batch"]), .integer(row["at"])])
        for part in [row["entries"] as Data, row["known"], other] { sum.add(part) }
        try database.execute(
          sql: "UPDATE keyframe SET watch = ?, checksum = ? WHERE batch = ?",
          arguments: [other, sum.stored, row["batch"] as Int64])
      }
    }
    let moment = InventedCluster.began + .seconds(850)
    var reader = try RecordingReader(files.path())
    let (sought, _) = reader.watch(at: moment, Self.settings)
    let live = Self.followed(steps, to: moment)
    #expect(reader.damage == nil)
    #expect(sought.fleet.vtgates.count == live.fleet.vtgates.count)
    // Those that were over are there all the same, as they were.
    let over = live.fleet.failovers.all.prefix {
      $0.ended.map { $0.at < moment - .seconds(120) } ?? false
    }
    #expect(!over.isEmpty)
    let found = Array(sought.fleet.failovers.all.prefix(over.count))
    #expect(Array(differences(found, Array(over)).prefix(5)) == [])
  }
}

/// Where two values differ, as paths; what has no order is compared without one.
private func differences(_ left: Any, _ right: Any, _ path: String = "") -> [String] {
  let (one, other) = (Mirror(reflecting: left), Mirror(reflecting: right))
  if let pair = (left as? [AnyHashable: Any]).flatMap({ l in
    (right as? [AnyHashable: Any]).map { (l, $0) }
  }) {
    return Set(pair.0.keys).union(pair.1.keys).flatMap { key -> [String] in
      guard let l = pair.0[key], let r = pair.1[key] else { return ["\(path)[\(key)] is missing"] }
      return differences(l, r, "\(path)[\(key)]")
    }
  }
  if let sets = (left as? Set<AnyHashable>).flatMap({ l in
    (right as? Set<AnyHashable>).map { (l, $0) }
  }) {
    return sets.0 == sets.1 ? [] : ["\(path): \(sets.0) and \(sets.1)"]
  }
  let (ones, others) = (Array(one.children), Array(other.children))
  guard ones.count == others.count else { return ["\(path): \(ones.count) and \(others.count)"] }
  guard !ones.isEmpty else {
    return "\(left)" == "\(right)" ? [] : ["\(path): \(left) and \(right)"]
  }
  return zip(ones, others).enumerated().flatMap { number, pair in
    differences(pair.0.value, pair.1.value, "\(path).\(pair.0.label ?? "\(number)")")
  }
}

extension RecordedStep {
  fileprivate var isTick: Bool { if case .tick = self { true } else { false } }
}
