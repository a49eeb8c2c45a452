import Foundation
import TestSupport

/// A Swift file under `Sources`.
struct SourceFile {
  let wing: String
  let room: String
  let path: String
  let text: String

  static func all() throws -> [SourceFile] {
    let root = Fixtures.checkout.appending(path: "Sources")
    let files =
      FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String } ?? []
    return try files.filter { $0.hasSuffix(".swift") }.map { path in
      let folders = path.split(separator: "/")
      return SourceFile(
        wing: String(folders[0]),
        // The program is a wing of one room.
        room: folders[0] == "sluice" ? "sluice" : String(folders[1]), path: path,
        text: try String(contentsOf: root.appending(path: path), encoding: .utf8))
    }
  }

  private static let modifiers: Set = ["package", "internal", "public", "private"]

  /// The C library goes by a name of each platform, and every room may use it.
  var imports: [String] {
    text.utf8.split(separator: UInt8(ascii: "\n")).compactMap { line in
      let words = line.split(separator: UInt8(ascii: " ")).prefix(4).map { String($0) ?? "" }
      guard let keyword = words.firstIndex(of: "import"), keyword + 1 < words.count,
        words[..<keyword].allSatisfy({ Self.modifiers.contains($0) || $0.hasPrefix("@") })
      else { return nil }
      return words[keyword + 1]
    }.filter { !["Glibc", "Musl", "Darwin"].contains($0) }
  }
}
