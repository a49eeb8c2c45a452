import Foundation
import TestSupport
import Testing

/// What documents say of each other and of the checkout.
@Suite struct DocumentTests {
  private static func text(_ path: String) throws -> String {
    try String(contentsOf: Fixtures.checkout.appending(path: path), encoding: .utf8)
  }

  private static let documents: [String] = {
    let docs = Fixtures.checkout.appending(path: "docs").path
    let files = FileManager.default.enumerator(atPath: docs)?.compactMap { $0 as? String } ?? []
    return ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"]
      + files.filter { $0.hasSuffix(".md") }.sorted().map { "docs/\($0)" }
  }()

  /// Every decision is in the index, under its own number and title.
  @Test func theIndexOfDecisionsIsWhole() throws {
    let index = try Self.text("docs/decisions/README.md")
    let folder = Fixtures.checkout.appending(path: "docs/decisions").path
    let files = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
      .filter { $0 != "README.md" }
    for (number, file) in files.enumerated() {
      let title = try #require(
        Self.text("docs/decisions/\(file)").split(separator: "\n").first?.dropFirst(2))
      let words = try #require(title.split(separator: ". ", maxSplits: 1).last)
      #expect(title.hasPrefix("\(number + 1). "), "\(file)")
      #expect(index.contains("| [\(number + 1)](\(file)) | \(words) |"), "\(file)")
    }
  }

  /// A link to a file leads somewhere.
  @Test(arguments: documents) func linksLeadSomewhere(_ path: String) throws {
    let folder = Fixtures.checkout.appending(path: path).deletingLastPathComponent()
    for link in try Self.text(path).matches(of: /\]\(([^)#:]+)(?:#[^)]*)?\)/) {
      let file = folder.appending(path: String(link.1)).path
      #expect(FileManager.default.fileExists(atPath: file), "\(path) links to \(link.1)")
    }
  }

  /// A path of the checkout that a document names is there.
  @Test(arguments: documents) func pathsAreThere(_ path: String) throws {
    // A record of a decision names what was there when it was made.
    guard !path.hasPrefix("docs/decisions/") else { return }
    for name in try Self.text(path).matches(of: /`((?:Sources|Tests|docs|themes)\/[\w\/.+-]+)`/) {
      let file = Fixtures.checkout.appending(path: String(name.1)).path
      #expect(FileManager.default.fileExists(atPath: file), "\(path) names \(name.1)")
    }
  }
}
