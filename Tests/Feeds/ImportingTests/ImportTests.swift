import FleetModel
import Foundation
import Importing
import Recording
import Terms
import TestSupport
import Testing
import VitessClient
import Watching

/// What real clusters answered, saved in files, is told again as it was.
@Suite(.timeLimit(.minutes(2))) struct ImportTests {
  private static let timelines = Fixtures.paths {
    $0.hasSuffix(".timeline.ndjson.gz") && $0.contains("/failovers/prs-")
  }

  /// What the vtgate counted from the first to the last of the samples that are saved.
  private struct Truth {
    var counts: BufferCounters
    var times: [Instant] = []
    /// Between two samples at most.
    var interval: Duration

    init?(_ timeline: String, every stride: Int, offset: Int) throws {
      var readings: [(at: Instant, counters: BufferCounters)] = []
      var interval: Duration = .zero
      for (index, line) in try Fixtures.objects(timeline).enumerated() {
        guard index % stride == offset, let at = line["t"] as? Double,
          let lines = (line["vtgate"] as? [String: Any])?["lines"] as? [String]
        else { continue }
        let body = lines.map { $0 + "\n" }.joined()
        let counters = VtgateMetrics(body: body.utf8).reading.buffers.values.first
        let instant = try #require(WrittenMoment(in: "\(at)")).at
        if let last = readings.last { interval = max(interval, instant - last.at) }
        readings.append((instant, counters ?? BufferCounters()))
      }
      guard let first = readings.first, let last = readings.last else { return nil }
      counts = last.counters.since(first.counters)
      self.interval = interval
      times = readings.indices.dropFirst().compactMap { index in
        readings[index].counters.starts != readings[index - 1].counters.starts
          || readings[index].counters.stopsTotal != readings[index - 1].counters.stopsTotal
          ? readings[index].at : nil
      }
    }
  }

  @Test(arguments: timelines, [1, 10]) func aFailoverIsToldAsItWas(
    _ timeline: String, _ stride: Int
  ) throws {
    let files = try SavedFiles()
    try files.save(timeline: timeline, every: stride, offset: stride / 2)
    let truth = try #require(try Truth(timeline, every: stride, offset: stride / 2))
    let watch = try files.watch()
    let failovers = watch.fleet.failovers.all
    var told = BufferCounters()
    for failover in failovers { told.add(failover.counts) }
    #expect(told.starts == truth.counts.starts)
    #expect(told.stops == truth.counts.stops)
    #expect(told.buffered == truth.counts.buffered)
    #expect(told.drained == truth.counts.drained)
    #expect(told.evicted == truth.counts.evicted)
    #expect(told.skippedTotal == truth.counts.skippedTotal)
    for track in failovers.flatMap(\.tracks) where track.started != nil && !track.isDryRun {
      #expect(truth.times.contains { $0 == track.started?.at })
      #expect(track.stopped == nil || truth.times.contains { $0 == track.stopped?.at })
      for moment in [track.started, track.stopped] {
        if let uncertainty = moment?.uncertainty { #expect(uncertainty <= truth.interval) }
      }
    }
    if truth.counts.starts > 0 {
      #expect(failovers.compactMap(\.longestBuffering).last == truth.counts.lastFailoverDuration)
    }
  }

  private static let vtgate = """
    vtgate_buffer_size 1000
    vtgate_buffer_starts{keyspace="commerce",shard_name="0"} 0
    process_start_time_seconds 1.7949e+09

    """

  /// An empty file, one that was cut off and a page of something else are answers that failed; a gap is
  /// silence.
  @Test func whatIsMissingIsNotMadeUp() throws {
    let files = try SavedFiles()
    for second in 0..<20 where !(5..<15).contains(second) {
      try files.save(Self.vtgate, "vtgate-a:15001", "\(1_795_000_000 + second).prom")
    }
    try files.save("", "vtgate-a:15001", "1795000003.prom")
    try files.save(String(Self.vtgate.dropLast(3)), "vtgate-a:15001", "1795000004.prom")
    try files.save("<html><body>no</body></html>\n", "vtgate-a:15001", "1795000015.prom")
    try files.save("who knows", "vtgate-a:15001", "notes.md")
    let saved = try SavedFolder(files.saved.path)
    #expect(saved.leftOut.count == 1)
    var work = Import(saved.samples, of: "real", utcOffset: 0, version: "test")
    #expect(work.info.interval == .seconds(1))
    let path = files.folder.appending(path: "a.sluice").path
    try work.write(to: path)
    #expect(work.accounts.map(\.samples) == [10])
    #expect(work.accounts.map(\.failures) == [3])
    var reader = try RecordingReader(path)
    #expect(reader.info.program.hasPrefix(RecordingInfo.importer))
    var answers: [Instant] = []
    while let steps = reader.next() {
      for case .observed(let observation) in steps {
        if case .outcome(let outcome) = observation.news, case .gate = outcome.result {
          answers.append(outcome.at)
        }
      }
    }
    let seconds = answers.map { Int($0.secondsSinceEpoch) - 1_795_000_000 }
    #expect(seconds == [0, 1, 2, 16, 17, 18, 19])
    let (watch, _) = reader.watch(
      at: Instant(secondsSinceEpoch: 1_795_000_012),
      .init(cluster: "real", interval: .seconds(1)))
    #expect(watch.fleet.vtgates.values.allSatisfy { !$0.isFresh })
  }

  /// Compressed files and pages in JSON beside the metrics are read as what they are.
  @Test func pagesBesideTheMetricsAreRead() throws {
    let files = try SavedFiles()
    let folder = "vitess-22/http/healthy-idle-after-failover"
    for second in 0..<3 {
      try files.save(
        try Fixtures.gzip(try Fixtures.data("\(folder)/vtgate.metrics.txt.gz")),
        "127.0.0.1:15001", "\(1_795_000_000 + second).prom.gz")
    }
    try files.save(
      try Fixtures.data("\(folder)/vtgate.debug-vars.json.gz"), "127.0.0.1:15001", "vars.json")
    try files.save(
      try Fixtures.data("\(folder)/vtgate.debug-gateway.json"), "127.0.0.1:15001",
      "1795000000.5-gateway.json")
    let watch = try files.watch()
    let vtgate = try #require(watch.fleet.vtgates.values.first)
    #expect(vtgate.flags.source == .commandLine)
    #expect(watch.fleet.summaries.first?.primary?.uid == 102)
  }

  /// Among each other, two vtgates' counters would look like restarts.
  @Test func filesOfSeveralServersInOneFolderAreRefused() throws {
    let files = try SavedFiles()
    let body = "vtgate_buffer_size 10\n"
    for second in 0..<3 {
      try files.save(body, "", "vtgate-18001-179500000\(second).prom")
    }
    #expect(try SavedFolder(files.saved.path).samples.count == 3)
    // Another one, at moments of its own.
    try files.save(body, "", "vtgate-18002-1795000005.prom")
    #expect(
      throws: ImportFault.ofSeveralServers(
        files.saved.path, names: ["vtgate-18001", "vtgate-18002"])
    ) { _ = try SavedFolder(files.saved.path) }

    let other = try SavedFiles()
    try other.save(body, "vtgate-a:15001", "one-1795000000.prom")
    try other.save(body, "vtgate-a:15001", "two-1795000001.prom")
    #expect(try SavedFolder(other.saved.path).samples.count == 2)
    try other.save(body, "vtgate-a:15001", "two-1795000000.prom")
    let fault = ImportFault.twiceAtOnce(
      "\(other.saved.path)/vtgate-a:15001", first: "one-1795000000.prom",
      second: "two-1795000000.prom")
    #expect(throws: fault) { _ = try SavedFolder(other.saved.path) }
    #expect(fault.description.contains("each needs a folder of its own"))
  }

  @Test func whatIsNoSuchFolderIsRefused() throws {
    let files = try SavedFiles()
    #expect(throws: ImportFault.missing("/nowhere/at/all")) {
      _ = try SavedFolder("/nowhere/at/all")
    }
    try files.save("nothing", "vtgate-a:15001", "notes.prom")
    #expect(throws: ImportFault.empty(files.saved.path)) { _ = try SavedFolder(files.saved.path) }
    try files.save("nothing", "a:15002", "1795000000.prom")
    #expect(throws: ImportFault.ofNoKnownKind("\(files.saved.path)/a:15002")) {
      _ = try SavedFolder(files.saved.path)
    }
  }
}
