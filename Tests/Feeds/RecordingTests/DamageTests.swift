import FleetModel
import Foundation
import Recording
import Terms
import TestSupport
import Testing
import Watching

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Files that are none of ours, or no longer whole: a sentence, what can be read, and never a crash.
@Suite struct DamageTests {
  private static func recording(_ files: RecordingFiles, seconds: Int = 30) async throws
    -> (path: String, steps: [RecordedStep])
  {
    var cluster = InventedCluster(seed: 7)
    let steps = cluster.steps(seconds: seconds)
    return (try await files.record(steps), steps)
  }

  private static func refusal(_ path: String) -> RecordingFault? {
    do {
      _ = try RecordingReader(path)
      return nil
    } catch { return error }
  }

  @Test func whatIsNoRecordingIsRefused() async throws {
    let files = try RecordingFiles()
    #expect(Self.refusal(files.path("nowhere")) == .missing)
    // As a recorder leaves it that is killed before its first transaction.
    try Data().write(to: URL(filePath: files.path("empty")))
    #expect(Self.refusal(files.path("empty")) == .blank)
    try Data("that is no database at all, but text of some length".utf8)
      .write(to: URL(filePath: files.path("text")))
    #expect(Self.refusal(files.path("text")) == .foreign)
    #expect(Self.refusal(files.folder.path) == .foreign)
  }

  @Test func anotherDatabaseAndANewerOneAreRefused() async throws {
    let files = try RecordingFiles()
    let (path, _) = try await Self.recording(files, seconds: 1)
    var bytes = try Data(contentsOf: URL(filePath: path))
    bytes[63] = 9
    try bytes.write(to: URL(filePath: files.path("newer")))
    #expect(Self.refusal(files.path("newer")) == .newer(9))
    bytes[68] = 0
    try bytes.write(to: URL(filePath: files.path("other")))
    #expect(Self.refusal(files.path("other")) == .foreign)
  }

  @Test func aFileThatIsThereIsNotWrittenOver() async throws {
    let files = try RecordingFiles()
    let recorder = try Recorder(files.path(), InventedCluster.info)
    #expect(throws: RecordingFault.isBeingWritten) {
      _ = try Recorder(files.path(), InventedCluster.info)
    }
    await recorder.finish()
    #expect(throws: RecordingFault.exists) {
      _ = try Recorder(files.path(), InventedCluster.info)
    }
    #expect(throws: RecordingFault.self) {
      _ = try Recorder(files.path("no/such/folder"), InventedCluster.info)
    }
  }

  @Test func aReadOnlyFolderCanBeReadFrom() async throws {
    let files = try RecordingFiles()
    let (path, steps) = try await Self.recording(files, seconds: 5)
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o500], ofItemAtPath: files.folder.path)
    defer {
      try? FileManager.default.setAttributes(
        [.posixPermissions: 0o700], ofItemAtPath: files.folder.path)
    }
    #expect(try RecordingFiles.steps(path).steps == steps)
  }

  /// At each length everything that is still there comes back, and nothing else.
  @Test func ofAFileThatWasCutOffTheRestIsRead() throws {
    let files = try RecordingFiles()
    var cluster = InventedCluster(seed: 7)
    let steps = cluster.steps(seconds: 1200)
    // How much is in one transaction does not depend on the machine's load.
    var recorder = try PastRecorder(files.path(), InventedCluster.info)
    for step in steps { try recorder.take(step) }
    try recorder.finish()
    let bytes = try Data(contentsOf: URL(filePath: files.path()))
    var counts: [Int] = []
    for share in 1...19 {
      let cut = files.path("cut")
      try bytes.prefix(bytes.count * share / 20).write(to: URL(filePath: cut))
      guard let read = try? RecordingFiles.steps(cut) else {
        counts.append(0)
        continue
      }
      #expect(steps.starts(with: read.steps), "\(share) of 20 parts")
      #expect(read.damage != nil, "\(share) of 20 parts")
      counts.append(read.steps.count)
    }
    // Most of it is there when most of the file is.
    #expect(counts.last ?? 0 > steps.count * 8 / 10, "\(counts) of \(steps.count)")
    #expect(counts[9] > steps.count / 4, "\(counts) of \(steps.count)")
  }

  /// What is missing of a few pages looks like empty tables; of the last page alone it is not noticed.
  @Test func aShortFileThatWasCutOffSaysSo() async throws {
    let files = try RecordingFiles()
    let (path, steps) = try await Self.recording(files, seconds: 3)
    let bytes = try Data(contentsOf: URL(filePath: path))
    for share in 1...18 {
      let cut = files.path("cut")
      try bytes.prefix(bytes.count * share / 20).write(to: URL(filePath: cut))
      do throws(RecordingFault) {
        var reader = try RecordingReader(cut)
        var read: [RecordedStep] = []
        while let more = reader.next() { read += more }
        #expect(steps.starts(with: read), "\(share) of 20 parts")
        #expect(reader.damage == .damaged(after: read.last?.at), "\(share) of 20 parts")
      } catch {
        #expect(error == .damaged(after: nil), "\(share) of 20 parts")
      }
    }
  }

  /// Wherever a bit has flipped, what is read is what was told, up to some moment.
  @Test func aBitThatHasFlippedIsNoticed() async throws {
    let files = try RecordingFiles()
    let (path, steps) = try await Self.recording(files)
    let bytes = try Data(contentsOf: URL(filePath: path))
    var dice = Dice(11)
    for _ in 0..<150 {
      var damaged = bytes
      let place = Int.random(in: 0..<bytes.count, using: &dice)
      damaged[place] ^= 1 << UInt8.random(in: 0...7, using: &dice)
      let file = files.path("flipped")
      try damaged.write(to: URL(filePath: file))
      guard let read = try? RecordingFiles.steps(file) else { continue }
      #expect(steps.starts(with: read.steps), "bit in byte \(place)")
    }
  }

  /// Also where what is missing is less than a page, at the end of a short file.
  @Test(arguments: [1, 100, 4000, 8191])
  func aShortFileThatLacksItsEndSaysSo(_ bytes: Int) async throws {
    let files = try RecordingFiles()
    let (path, steps) = try await Self.recording(files, seconds: 3)
    let whole = try Data(contentsOf: URL(filePath: path))
    #expect(try RecordingFiles.steps(path).damage == nil)
    try whole.dropLast(bytes).write(to: URL(filePath: path))
    let read = try RecordingFiles.steps(path)
    #expect(steps.starts(with: read.steps))
    #expect(read.damage != nil)
  }

  /// Whatever bit has flipped, events and failovers are those that were written, or left out.
  @Test func aBitThatHasFlippedInventsNoEvent() async throws {
    let files = try RecordingFiles()
    var cluster = InventedCluster(seed: 8)
    var recorder = try PastRecorder(files.path(), InventedCluster.info)
    for step in cluster.steps(seconds: 60) { try recorder.take(step) }
    try recorder.finish()
    let moment = InventedCluster.began + .seconds(50)
    let settings = Watch.Settings(cluster: InventedCluster.name, interval: .seconds(1))
    var whole = try RecordingReader(files.path())
    let (times, failovers) = (whole.eventTimes(), whole.failovers())
    let live = whole.watch(at: moment, settings).watch
    #expect(times.count > 10 && failovers.count > 1)
    let bytes = try Data(contentsOf: URL(filePath: files.path()))
    var dice = Dice(12)
    var noticed = 0
    for _ in 0..<60 {
      var damaged = bytes
      let place = Int.random(in: 4096..<bytes.count, using: &dice)
      damaged[place] ^= 1 << UInt8.random(in: 0...7, using: &dice)
      try damaged.write(to: URL(filePath: files.path("flipped")))
      guard var reader = try? RecordingReader(files.path("flipped")) else { continue }
      let found = (reader.eventTimes(), reader.failovers())
      #expect(Set(found.0).isSubset(of: times), "bit in byte \(place)")
      #expect(found.1.allSatisfy(failovers.contains), "bit in byte \(place)")
      if found.0 != times || found.1 != failovers { noticed += 1 }
      let sought = reader.watch(at: moment, settings).watch
      guard reader.damage == nil else { continue }
      // Either it is what it was, or it was built without the watch that was kept.
      #expect(
        sought.fleet.vtgates.count == live.fleet.vtgates.count
          && sought.fleet.failovers.all.allSatisfy { failover in
            failovers.contains { $0.shard == failover.shard }
          }, "bit in byte \(place)")
    }
    #expect(noticed > 0)
  }

  @Test func noiseAnywhereEndsNoProgram() async throws {
    let files = try RecordingFiles()
    let (path, _) = try await Self.recording(files, seconds: 10)
    let original = Array(try Data(contentsOf: URL(filePath: path)))
    let mutations = Mutations(of: [original], seed: 3)
    for _ in 0..<100 {
      let file = files.path("noise")
      try Data(mutations.next()).write(to: URL(filePath: file))
      guard var reader = try? RecordingReader(file) else { continue }
      while reader.next() != nil {}
      _ = reader.seek(to: InventedCluster.began + .seconds(5))
      _ = reader.watch(
        at: InventedCluster.began + .seconds(8),
        Watch.Settings(cluster: InventedCluster.name, interval: .seconds(1)))
      _ = (reader.failovers(), reader.eventTimes(), reader.end())
    }
  }
}
