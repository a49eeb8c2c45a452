internal import Actions
internal import FleetModel
package import TerminalKit

extension StyleRole {
  // The state of a shard, a vtgate or a failover, as a word or a row.
  package static let stateServing = StyleRole("state.serving")
  package static let stateDetected = StyleRole("state.detected")
  package static let stateBuffering = StyleRole("state.buffering")
  package static let stateDraining = StyleRole("state.draining")
  package static let stateRecovered = StyleRole("state.recovered")
  package static let stateLost = StyleRole("state.lost")
  package static let stateGaveUp = StyleRole("state.gave-up")
  package static let stateCoolDown = StyleRole("state.cool-down")
  package static let stateNoPrimary = StyleRole("state.no-primary")
  package static let stateDisputed = StyleRole("state.disputed")
  package static let stateNoData = StyleRole("state.no-data")

  // The same as a bar, a line or a column of a chart: in the state's colour, without a background.
  package static let phaseServing = StyleRole("phase.serving")
  package static let phaseDetected = StyleRole("phase.detected")
  package static let phaseBuffering = StyleRole("phase.buffering")
  package static let phaseDraining = StyleRole("phase.draining")
  package static let phaseLost = StyleRole("phase.lost")
  package static let phaseNoPrimary = StyleRole("phase.no-primary")

  package static let good = StyleRole("severity.good")
  package static let warning = StyleRole("severity.warning")
  package static let critical = StyleRole("severity.critical")
  /// How many queries failed, if any.
  package static let failed = StyleRole("failed")
  package static let stale = StyleRole("reading.stale")
  package static let dormant = StyleRole("reading.dormant")
  package static let missing = StyleRole("reading.missing")
  /// A throttled app, and one that is denied nearly all.
  package static let throttled = StyleRole("throttled")
  package static let throttledFully = StyleRole("throttled.fully")
  package static let lab = StyleRole("lab")

  /// The dashboard's roles, and what each is for.
  package static let dashboard: KeyValuePairs<StyleRole, String> = [
    stateServing: "a shard that serves",
    stateDetected: "a failover that no vtgate buffers yet",
    stateBuffering: "buffering",
    stateDraining: "draining, and a new primary seen",
    stateRecovered: "a failover that ended well",
    stateLost: "requests that were lost, and how a failover ended that lost some",
    stateGaveUp: "buffering that was given up, a switch that stopped half way",
    stateCoolDown: "the time until another failover is buffered",
    stateNoPrimary: "no primary, and a fleet that nobody tells of",
    stateDisputed: "a primary that vtgates disagree about",
    stateNoData: "nothing told",
    phaseServing: "a primary's line",
    phaseDetected: "the time between two polls in which buffering began",
    phaseBuffering: "buffering, as a bar, as a column of a chart, and the name of a row",
    phaseDraining: "draining, likewise",
    phaseLost: "losses, likewise",
    phaseNoPrimary: "no primary, likewise",
    good: "events that are good news, checks that pass",
    warning: "events and checks to look at",
    critical: "events and checks to act on",
    failed: "how many queries failed, where any did",
    stale: "a reading that is older than it should be, or rests on another source",
    dormant: "a throttler that nobody asks",
    missing: "what is not known",
    throttled: "a throttled app",
    throttledFully: "one that is denied nearly all",
    lab: "LAB, and a screen that stands still",
    ClusterHue.blue.role: "the title of a cluster of this colour",
    ClusterHue.violet.role: "likewise",
    ClusterHue.green.role: "likewise",
    ClusterHue.yellow.role: "likewise",
    ClusterHue.red.role: "likewise",
    Ramp.held.role: "requests held, against the buffer's size",
    Ramp.held.over: "a buffer that is full",
    Ramp.lag.role: "lag, against the throttler's threshold",
    Ramp.lag.over: "lag over it",
    Ramp.window.role: "time, against a window or a maximum",
    Ramp.window.over: "time beyond it",
  ]

  /// Every role, to check themes against.
  package static let all = kit.map(\.key) + dashboard.map(\.key)
}

extension StyleRole {
  /// Groups of roles that must be told apart from each other with any kind of colour vision.
  package static let distinct: [[StyleRole]] = [
    [
      .stateServing, .stateDetected, .stateBuffering, .stateDraining, .stateLost, .stateCoolDown,
      .stateNoData,
    ],
    [.stateServing, .stateDetected, .stateBuffering, .stateDraining, .stateNoPrimary],
    [.phaseServing, .phaseDetected, .phaseBuffering, .phaseDraining, .phaseLost],
    [.phaseServing, .phaseDetected, .phaseBuffering, .phaseDraining, .phaseNoPrimary],
    [.good, .warning, .critical],
    [.throttled, .throttledFully], ClusterHue.allCases.map(\.role),
    [Ramp.held.role(at: 0), Ramp.held.over], [Ramp.lag.role(at: 0), Ramp.lag.over],
    [Ramp.window.role(at: 0), Ramp.window.over],
  ]
}

extension Ramp {
  /// Requests held, against the size of the buffer.
  package static let held = Ramp("held")
  /// Lag, or a custom metric, against the throttler's threshold.
  package static let lag = Ramp("lag")
  /// Time, against a window or a maximum.
  package static let window = Ramp("window")
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

extension PreflightStatus {
  var role: StyleRole {
    switch self {
    case .pass: .good
    case .warn: .warning
    case .fail: .critical
    }
  }
}

extension ThrottledApp {
  /// Plain unless nearly nothing gets through.
  var role: StyleRole { !isExempt && deniedShare >= 0.9 ? .throttledFully : .throttled }
}

extension Shard.State {
  var role: StyleRole {
    switch self {
    case .blind, .noPrimary: .stateNoPrimary
    case .buffering, .holding: .stateBuffering
    case .draining: .stateDraining
    case .disputed: .stateDisputed
    case .serving: .stateServing
    case .noData: .stateNoData
    }
  }

  /// The role of what stands beside the word, in its colour.
  var phaseRole: StyleRole {
    switch self {
    case .blind, .noPrimary, .disputed: .phaseNoPrimary
    case .buffering, .holding: .phaseBuffering
    case .draining: .phaseDraining
    case .serving, .noData: .text
    }
  }

  func label(_ glyphs: Glyphs) -> String { "\(glyph(glyphs)) \(word)" }

  func glyph(_ glyphs: Glyphs) -> Character {
    switch self {
    case .blind, .noPrimary, .disputed: glyphs.cross
    case .buffering, .holding: glyphs.half
    case .draining: glyphs.halfRight
    case .serving: glyphs.dot
    case .noData: glyphs.ring
    }
  }
}

extension Failover {
  func glyph(_ glyphs: Glyphs) -> Character {
    switch phase {
    case .detected: glyphs.cross
    case .buffering: glyphs.half
    case .newPrimarySeen, .draining: glyphs.halfRight
    case .settling, .ended: failed.isSomething ? glyphs.warning : glyphs.dot
    }
  }
}
