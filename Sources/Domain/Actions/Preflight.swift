/// What speaks for and against an action before it is sent: a line for each check.
package protocol Preflight: Sendable, Equatable {
  associatedtype Check: Sendable, Equatable
  associatedtype Evidence: Sendable, Equatable

  /// In the order of the checks.
  var lines: [PreflightLine<Check, Evidence>] { get }
}

package struct PreflightLine<Check: Sendable & Equatable, Evidence: Sendable & Equatable>:
  Sendable, Equatable
{
  package let check: Check
  package let status: PreflightStatus
  /// What the status is based on.
  package let evidence: Evidence

  package init(_ check: Check, _ status: PreflightStatus, _ evidence: Evidence) {
    self.check = check
    self.status = status
    self.evidence = evidence
  }
}

package enum PreflightStatus: Int, Sendable, Comparable, CaseIterable {
  case pass, warn, fail

  package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

  /// The word used on the screen, in lines and in JSON.
  package var word: String {
    switch self {
    case .pass: "pass"
    case .warn: "warn"
    case .fail: "FAIL"
    }
  }
}

extension Preflight {
  package typealias Line = PreflightLine<Check, Evidence>

  package var failed: [Line] { lines.filter { $0.status == .fail } }
  /// What fails first, then what warns, each in the order of ``lines``.
  package var grouped: [Line] {
    PreflightStatus.allCases.reversed().flatMap { status in
      lines.filter { $0.status == status }
    }
  }
  package var worst: PreflightStatus { lines.map(\.status).max() ?? .pass }
}
