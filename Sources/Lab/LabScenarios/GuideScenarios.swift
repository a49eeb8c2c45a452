package import Lab

/// The seven scenarios of Vitess's buffering guide: its tables, and recordings of a real cluster.
package enum GuideScenarios {
  /// By their number in the guide, from 1, and by name.
  package static let names = [
    "default", "error-handling", "buffering", "two-in-a-row", "buffer-full", "window-too-short",
    "never-catches-up",
  ]

  /// The scenario with a number or name; nil when there is none.
  package static func named(_ text: String) throws(ScenarioError) -> Scenario? {
    guard let index = index(of: text), let file = file(text) else { return nil }
    return try ScenarioFile.read(file, name: names[index])
  }

  /// Its file, as it is written.
  package static func file(_ text: String) -> String? {
    index(of: text).map { String(decoding: files[$0], as: UTF8.self) }
  }

  private static func index(of text: String) -> Int? {
    let index = Int(text).map { $0 - 1 } ?? names.firstIndex(of: text)
    return index.flatMap { names.indices.contains($0) ? $0 : nil }
  }

  private static var files: [[UInt8]] {
    [
      PackageResources.default_toml, PackageResources.error_handling_toml,
      PackageResources.buffering_toml, PackageResources.two_in_a_row_toml,
      PackageResources.buffer_full_toml, PackageResources.window_too_short_toml,
      PackageResources.never_catches_up_toml,
    ]
  }
}
