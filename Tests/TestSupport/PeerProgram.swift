internal import Foundation
package import Testing

/// Programs of others that some tests run.
package enum PeerProgram {
  /// Where `make test` puts them, and where a package does.
  private static let folders =
    [
      Fixtures.checkout.appending(path: ".build/tools/usr/bin").path, "/usr/bin", "/usr/local/bin",
      "/usr/sbin",
    ] + postgres

  /// Debian keeps the releases of Postgres apart.
  private static var postgres: [String] {
    let root = "/usr/lib/postgresql"
    let releases = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    return releases.sorted { (Int($0) ?? 0) > (Int($1) ?? 0) }.map { "\(root)/\($0)/bin" }
  }

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
