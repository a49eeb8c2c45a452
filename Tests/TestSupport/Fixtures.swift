package import Foundation

/// Recorded bodies under `Tests/Fixtures`.
package enum Fixtures {
  package static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fixtures")

  /// The top of the checkout.
  package static let checkout = root.deletingLastPathComponent().deletingLastPathComponent()

  /// Reads a fixture; one whose name ends in `.gz` is unpacked.
  package static func data(_ path: String) throws -> Data {
    let url = root.appending(path: path)
    return path.hasSuffix(".gz")
      ? try output(of: "gzip", "-dc", url.path) : try Data(contentsOf: url)
  }

  private static func output(of command: String...) throws -> Data {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = command
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return data
  }

  /// Compresses data as a server would.
  package static func gzip(_ data: Data) throws -> Data {
    let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try data.write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    return try output(of: "gzip", "-c", file.path)
  }

  /// The paths of all fixtures whose name satisfies a condition, sorted.
  package static func paths(where condition: (String) -> Bool) -> [String] {
    let all = FileManager.default.enumerator(atPath: root.path)
    return (all?.compactMap { $0 as? String } ?? []).filter(condition).sorted()
  }

  /// The lines of a recording, each a JSON object.
  package static func objects(_ path: String) throws -> [[String: Any]] {
    try data(path).split(separator: UInt8(ascii: "\n")).compactMap { line in
      try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any]
    }
  }
}
