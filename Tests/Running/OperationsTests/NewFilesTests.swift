import Foundation
import Operations
import Testing

/// Files that are made and never written over.
@Suite struct NewFilesTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-\(UUID())")

  init() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private func write(_ text: String, in path: String? = nil) async -> Result<
    String, NewFiles.Failure
  > {
    do throws(NewFiles.Failure) {
      return .success(
        try await NewFiles(in: path ?? folder.path).write(
          [(".txt", Array(text.utf8)), (".html", Array("<\(text)>".utf8))], named: "shot"))
    } catch {
      return .failure(error)
    }
  }

  private func text(_ name: String) throws -> String {
    try String(contentsOf: folder.appending(path: name), encoding: .utf8)
  }

  private var names: [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()) ?? []
  }

  @Test func theyAreMadeForTheirOwnerAlone() async throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    #expect(try await write("one").get() == "shot")
    #expect(try text("shot.txt") == "one" && text("shot.html") == "<one>")
    for name in names {
      let path = folder.appending(path: name).path
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect(mode == 0o600)
    }
  }

  /// Where one name is taken, by whatever it is, both give way.
  @Test func nothingIsWrittenOverAndNoLinkFollowed() async throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try "mine".write(to: folder.appending(path: "shot.html"), atomically: true, encoding: .utf8)
    for (name, target) in [("shot-2.txt", "made"), ("shot-3.html", "shot.html")] {
      try FileManager.default.createSymbolicLink(
        atPath: folder.appending(path: name).path,
        withDestinationPath: folder.appending(path: target).path)
    }
    #expect(try await write("two").get() == "shot-4")
    #expect(try text("shot.html") == "mine")
    #expect(names == ["shot-2.txt", "shot-3.html", "shot-4.html", "shot-4.txt", "shot.html"])
    for _ in 5...9 { _ = try await write("more").get() }
    let tooMany = await write("too many")
    #expect(throws: NewFiles.Failure.self) { try tooMany.get() }
    #expect(!names.contains("shot-10.txt"))
  }

  @Test func aFolderThatTakesNothingIsNamedWithTheReason() async {
    defer { try? FileManager.default.removeItem(at: folder) }
    guard case .failure(let failure) = await write("three", in: "\(folder.path)/missing") else {
      Issue.record("written into nothing")
      return
    }
    #expect(failure.description == "\(folder.path)/missing: No such file or directory")
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/proc/self")))
  func aFolderThatIsNoPlaceForFilesTakesNone() async {
    guard case .failure(let failure) = await write("four", in: "/proc/self") else {
      Issue.record("written into /proc")
      return
    }
    #expect(failure.description.hasPrefix("/proc/self: "))
  }
}
