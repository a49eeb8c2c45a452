import Actions
import Foundation
import Lab
import Operations
import Testing

/// Files that the program writes are its own: no link, no stranger, no reader.
@Suite struct OwnFileTests {
  private let folder: String

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "sluice-\(UUID())").path
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
  }

  private func reason(_ name: String, _ purpose: OwnFile.Purpose = .record) -> String? {
    do throws(OwnFile.Failure) {
      close(try OwnFile("\(folder)/\(name)", for: purpose).open())
      return nil
    } catch {
      return error.description
    }
  }

  private func mode(_ name: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")[.posixPermissions] as? Int
  }

  private func set(_ mode: Int, _ name: String) throws {
    try FileManager.default.setAttributes(
      [.posixPermissions: mode], ofItemAtPath: "\(folder)/\(name)")
  }

  @Test func itIsMadeForItsOwnerAloneWithItsFolder() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    #expect(reason("deep/down/audit.jsonl") == nil)
    #expect(try mode("deep/down/audit.jsonl") == 0o600)
    #expect(try mode("deep") == 0o700)
    // One that was left open to others is closed.
    try set(0o666, "deep/down/audit.jsonl")
    #expect(reason("deep/down/audit.jsonl") == nil)
    #expect(try mode("deep/down/audit.jsonl") == 0o600)
    // Who lets others read the events means it, but nobody else writes them.
    #expect(reason("events", .lines) == nil)
    #expect(try mode("events") == 0o600)
    try set(0o666, "events")
    #expect(reason("events", .lines) == nil)
    #expect(try mode("events") == 0o644)
  }

  @Test func noLinkIsFollowedAndNoFolderTrustedThatOthersChange() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let manager = FileManager.default
    try "theirs".write(toFile: "\(folder)/target", atomically: true, encoding: .utf8)
    for (name, target) in [("link", "\(folder)/target"), ("dangling", "\(folder)/made")] {
      try manager.createSymbolicLink(atPath: "\(folder)/\(name)", withDestinationPath: target)
      for purpose in [OwnFile.Purpose.record, .lines] {
        #expect(reason(name, purpose) == "it is a symbolic link: name the file itself")
      }
    }
    #expect(!manager.fileExists(atPath: "\(folder)/made"))
    try manager.linkItem(atPath: "\(folder)/target", toPath: "\(folder)/hard")
    #expect(reason("hard") == "it has another name elsewhere (a hard link)")
    try manager.createDirectory(atPath: "\(folder)/open", withIntermediateDirectories: true)
    try set(0o777, "open")
    #expect(
      reason("open/audit.jsonl")?.hasSuffix("can be changed by others: chmod go-w it") == true)
    // As /tmp: nobody can take away what is another's there.
    try set(0o1777, "open")
    #expect(reason("open/audit.jsonl") == nil)
    #expect(mkfifo("\(folder)/fifo", 0o600) == 0)
    #expect(reason("fifo") == "it is not a file")
    #expect(reason("fifo", .lines) == "nobody reads this FIFO")
    #expect(reason("") == "it is a folder")
  }

  @Test func aLineThatWasCutOffDoesNotTakeTheNextWithIt() async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let lab = try await RunningLab(.v20)
    let path = "\(folder)/audit.jsonl"
    try #"{"phase":"int"#.write(toFile: path, atomically: true, encoding: .utf8)
    _ = try await lab.operate(auditingTo: path).perform(
      .throttle(
        .init(
          app: "a", .throttle(for: .seconds(60), ratio: 1, isExempt: false),
          in: .tablets([lab.tablet(100)]))), progress: quietly)
    await lab.stop()
    let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 3)
    for line in lines.dropFirst() {
      #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line.utf8)) }
    }
  }
}
