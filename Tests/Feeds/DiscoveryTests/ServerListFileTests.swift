import Discovery
import FleetModel
import Foundation
import Terms
import Testing

/// Files as they change under the reader.
@Suite struct ServerListFileTests {
  private struct Folder {
    let url = FileManager.default.temporaryDirectory.appending(path: "sd-\(UUID().uuidString)")

    init() throws {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    func write(_ text: String, to name: String) throws {
      try Data(text.utf8).write(to: url.appending(path: name))
    }

    func path(_ name: String) -> String { url.appending(path: name).path }
    func remove() { try? FileManager.default.removeItem(at: url) }
  }

  private static func addresses(_ list: ServerList?) -> [String]? {
    list?.servers.map { "\($0.target.address)" }
  }

  @Test func aChangeCountsOnceItStandsStill() async throws {
    let folder = try Folder()
    defer { folder.remove() }
    try folder.write("- targets: ['a:1', 'b:1']\n", to: "t.yml")
    var file = ServerListFile(folder.path("t.yml"))
    #expect(Self.addresses(try await file.look()) == ["a:1", "b:1"])
    #expect(try await file.look() == nil)
    // Half of what will be written.
    try folder.write("- targets: ['a:1'\n", to: "t.yml")
    #expect(try await file.look() == nil)
    try folder.write("- targets: ['a:1', 'b:1', 'c:1']\n", to: "t.yml")
    #expect(try await file.look() == nil)
    #expect(Self.addresses(try await file.look()) == ["a:1", "b:1", "c:1"])
    #expect(try await file.look() == nil)
  }

  @Test func whatIsWrongStaysWrongUntilItIsMended() async throws {
    let folder = try Folder()
    defer { folder.remove() }
    var file = ServerListFile(folder.path("t.json"))
    await #expect(throws: DiscoveryFault(folder.path("t.json"), "there is no such file")) {
      _ = try await file.look()
    }
    try folder.write("[{\"targets\": \"a:1\"}]", to: "t.json")
    await #expect(
      throws: DiscoveryFault("\(folder.path("t.json")):1:14", "targets must be a list of HOST:PORT")
    ) { _ = try await file.look() }
    // Until it is another one, what is wrong with it stays wrong.
    await #expect(throws: DiscoveryFault.self) { _ = try await file.look() }
    try folder.write("[{\"targets\": [\"a:1\"]}]", to: "t.json")
    await #expect(throws: DiscoveryFault.self) { _ = try await file.look() }
    #expect(Self.addresses(try await file.look()) == ["a:1"])
  }

  @Test func whatIsNoFileIsCalledThat() async throws {
    let folder = try Folder()
    defer { folder.remove() }
    for path in [folder.url.path, "/dev/null"] {
      var file = ServerListFile(path)
      await #expect(throws: DiscoveryFault(path, "it is not a file")) { _ = try await file.look() }
    }
  }

  @Test func aPatternNamesAllFilesOfAFolderThatMatch() async throws {
    let folder = try Folder()
    defer { folder.remove() }
    try folder.write("- targets: ['a:1']", to: "1.yml")
    try folder.write("- targets: ['b:1']", to: "2.yml")
    try folder.write("- targets: ['c:1']", to: "3.json")
    try folder.write("- targets: ['d:1']", to: ".4.yml")
    var file = ServerListFile(folder.path("*.yml"))
    #expect(Self.addresses(try await file.look()) == ["a:1", "b:1"])
    try FileManager.default.removeItem(atPath: folder.path("1.yml"))
    #expect(try await file.look() == nil)
    #expect(Self.addresses(try await file.look()) == ["b:1"])
  }

  @Test func aFileOfAPatternThatCannotBeReadHoldsUpNoOther() async throws {
    let folder = try Folder()
    defer { folder.remove() }
    try folder.write("- targets: ['a:1']", to: "1.yml")
    try folder.write("- targets: 'b:1'", to: "2.yml")
    var file = ServerListFile(folder.path("*.yml"))
    let fault = DiscoveryFault(
      "\(folder.path("2.yml")):1:12", "targets must be a list of HOST:PORT")
    let first = try #require(try await file.look())
    #expect(Self.addresses(first) == ["a:1"])
    #expect(first.servers.map(\.source) == [.file(folder.path("1.yml"))])
    #expect(first.fault == fault)
    // Nobody knows whom it would have named.
    #expect(!first.isWhole)
    // As long as nothing changes, it is the fault that is told again.
    await #expect(throws: fault) { _ = try await file.look() }
    try folder.write("- targets: ['a:1', 'c:1']", to: "1.yml")
    await #expect(throws: fault) { _ = try await file.look() }
    #expect(Self.addresses(try await file.look()) == ["a:1", "c:1"])
    try folder.write("- targets: ['b:1']", to: "2.yml")
    await #expect(throws: fault) { _ = try await file.look() }
    let mended = try #require(try await file.look())
    #expect(Self.addresses(mended) == ["a:1", "c:1", "b:1"])
    #expect(mended.fault == nil && mended.isWhole)
    // What was read once stays when it breaks.
    try folder.write("- targets: 'b:1'", to: "2.yml")
    #expect(try await file.look() == nil)
    let broken = try #require(try await file.look())
    #expect(Self.addresses(broken) == ["a:1", "c:1", "b:1"])
    #expect(broken.fault == fault && broken.isWhole)
  }

  @Test func filesThatAreAllBrokenAreNamedOneByOne() async throws {
    let folder = try Folder()
    defer { folder.remove() }
    for name in 1...5 { try folder.write("no", to: "\(name).yml") }
    var file = ServerListFile(folder.path("*.yml"))
    let fault = try await #require(throws: DiscoveryFault.self) { _ = try await file.look() }
    let words = "\(fault)".replacing(folder.path(""), with: "")
    #expect(words.contains("1.yml:1:1: it is neither"))
    #expect(words.contains("; 3.yml") || words.contains("3.yml:1:1"))
    #expect(!words.contains("4.yml") && words.hasSuffix("; and 2 more"))
  }
}
