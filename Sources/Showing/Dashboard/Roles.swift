internal import Actions
internal import FleetModel
package import TerminalKit

extension StyleRole {
  package static let stateServing = StyleRole("state.serving")
  package static let stateBuffering = StyleRole("state.buffering")
  package static let stateDraining = StyleRole("state.draining")
  package static let stateNoPrimary = StyleRole("state.no-primary")
  package static let stateNoData = StyleRole("state.no-data")
  package static let good = StyleRole("severity.good")
  package static let warning = StyleRole("severity.warning")
  package static let critical = StyleRole("severity.critical")
  package static let stale = StyleRole("reading.stale")
  package static let missing = StyleRole("reading.missing")
  package static let lab = StyleRole("lab")

  /// Every role there is, for themes to be checked against.
  package static let all =
    kit + [
      stateServing, stateBuffering, stateDraining, stateNoPrimary, stateNoData, good, warning,
      critical, stale, missing, lab,
    ]
}

extension FleetEvent.Severity {
  var role: StyleRole {
    switch self {
    case .notice: .text
    case .good: .good
    case .warning: .warning
    case .critical: .critical
    }
  }
}

extension ActionReport.Outcome {
  var severity: FleetEvent.Severity {
    switch self {
    case .done: .good
    case .partial, .notSent: .warning
    case .failed, .unknown: .critical
    }
  }
}

extension ActionReport.Part.State {
  var role: StyleRole {
    switch self {
    case .pending: .muted
    case .done: .good
    case .failed: .critical
    case .unknown: .warning
    }
  }
}

extension Preflight.Status {
  var role: StyleRole {
    switch self {
    case .pass: .good
    case .warn: .warning
    case .fail: .critical
    }
  }
}

extension Shard.State {
  var role: StyleRole {
    switch self {
    case .blind, .noPrimary: .stateNoPrimary
    case .buffering: .stateBuffering
    case .draining: .stateDraining
    case .disputed: .critical
    case .serving: .stateServing
    case .noData: .stateNoData
    }
  }

  func label(_ glyphs: Glyphs) -> String {
    let glyph =
      switch self {
      case .blind, .noPrimary: glyphs.cross
      case .buffering: glyphs.half
      case .draining: glyphs.halfRight
      case .disputed: glyphs.cross
      case .serving: glyphs.dot
      case .noData: glyphs.ring
      }
    return "\(glyph) \(word)"
  }
}
