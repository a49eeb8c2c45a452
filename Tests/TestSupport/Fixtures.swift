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
    guard path.hasSuffix(".gz") else { return try Data(contentsOf: url) }
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["gzip", "-dc", url.path]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return data
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
