package import Lab

/// The seven scenarios of Vitess's buffering guide, with its tables beside recordings of a real cluster.
package enum GuideScenarios {
  /// By their number in the guide, from 1, and by name.
  package static let names = [
    "default", "error-handling", "buffering", "two-in-a-row", "buffer-full", "window-too-short",
    "never-catches-up",
  ]

  /// The scenario of a number or a name; nil when there is none.
  package static func named(_ text: String) throws(ScenarioError) -> Scenario? {
    let index = Int(text).map { $0 - 1 } ?? names.firstIndex(of: text) ?? -1
    guard names.indices.contains(index) else { return nil }
    return try ScenarioFile.read(String(decoding: files[index], as: UTF8.self), name: names[index])
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
