import Foundation
import Recording
import Terms
import Testing

@Suite struct RecordingFolderTests {
  private static let now = Instant(secondsSinceEpoch: 1_795_788_202)

  private func make(_ name: String, in files: RecordingFiles, age: Duration) throws {
    let path = files.path(name)
    try Data(count: 1000).write(to: URL(filePath: path))
    let date = Date(timeIntervalSince1970: (Self.now - age).secondsSinceEpoch)
    try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: path)
  }

  @Test func aFileIsNamedAfterItsClusterAndItsBegin() {
    let folder = RecordingFolder("/x", cluster: "prod eu/../é")
    #expect(folder.file(at: Self.now) == "/x/sluice-prod-eu-------20261127-140322.sluice")
  }

  @Test func whatIsOldOrTooMuchIsRemovedAndNothingElse() throws {
    let files = try RecordingFiles()
    let others = ["notes.txt", "sluice-us-20261101-000000.sluice", "sluice-eu-today.sluice"]
    for name in others { try make(name, in: files, age: .seconds(1_000_000)) }
    for (day, age) in [(24, 300_000), (25, 200_000), (26, 100_000), (27, 10)] {
      try make("sluice-eu-202611\(day)-000000.sluice", in: files, age: .seconds(age))
    }
    let folder = RecordingFolder(files.folder.path, cluster: "eu")
    #expect(folder.prune(olderThan: nil, size: nil, at: Self.now) == [])
    #expect(
      folder.prune(olderThan: .seconds(250_000), size: nil, at: Self.now)
        == ["sluice-eu-20261124-000000.sluice"])
    #expect(
      folder.prune(olderThan: nil, size: 1500, at: Self.now)
        == ["sluice-eu-20261125-000000.sluice", "sluice-eu-20261126-000000.sluice"])
    #expect(
      Set(files.names) == Set(others + ["sluice-eu-20261127-000000.sluice"]))
  }

  @Test func aFileThatIsBeingWrittenStays() async throws {
    let files = try RecordingFiles()
    let folder = RecordingFolder(files.folder.path, cluster: "eu")
    let path = folder.file(at: Self.now)
    let recorder = try Recorder(path, InventedCluster.info)
    #expect(folder.prune(olderThan: nil, size: 1, at: Self.now) == [])
    await recorder.finish()
    #expect(folder.prune(olderThan: nil, size: 1, at: Self.now).count == 1)
    #expect(files.names == [])
  }
}
