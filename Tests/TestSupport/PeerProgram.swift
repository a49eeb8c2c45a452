internal import Foundation
package import Testing

/// Programs of others that some tests run.
package enum PeerProgram {
  /// Where `make test` puts them, and where a package does.
  private static let folders = [
    Fixtures.checkout.appending(path: ".build/tools/usr/bin").path, "/usr/bin", "/usr/local/bin",
    "/usr/sbin",
  ]

  /// Nil where it is not there.
  package static func path(_ name: String) -> String? {
    folders.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }
}

extension Trait where Self == ConditionTrait {
  /// A test that is skipped where programs that it runs are not there.
  package static func needs(_ programs: String...) -> Self {
    .enabled(
      if: programs.allSatisfy { PeerProgram.path($0) != nil },
      "needs \(programs.joined(separator: ", ")): see .ci/tools")
  }
}
