package import Buffering
package import FleetModel
internal import Terms

/// A vtgate's buffering flags during a recorded failover, and which of them nobody read.
package struct FlagsInForce: Sendable, Equatable {
  /// Those that were not read have Vitess' default, or what counters prove.
  package let flags: RequestBuffer.Configuration
  /// In the order of vtgate's help; `--buffer-drain-concurrency` is never read.
  package let unknown: [Advice.Flag]
  /// How often vtgate tries a query before it returns the error.
  let attempts: Int

  init(_ track: Failover.Track) {
    var flags = RequestBuffer.Configuration()
    flags.size = track.bufferSize ?? flags.size
    flags.window = track.flags.window
    flags.maxFailoverDuration = track.flags.maxFailoverDuration
    flags.minTimeBetweenFailovers = track.flags.minTimeBetweenFailovers
    self.flags = flags
    attempts = track.flags.retryCount + 1
    unknown =
      (track.bufferSize == nil ? [.size] : [])
      + (track.flags.source == .commandLine
        ? [] : [.window, .maxFailoverDuration, .minTimeBetweenFailovers])
  }

  func knows(_ flag: Advice.Flag) -> Bool { !unknown.contains(flag) }
}

/// Flags to try; nil leaves one as it was.
package struct AskedFlags: Sendable, Equatable {
  package var size: Int?
  package var window: Duration?
  package var maxFailoverDuration: Duration?
  package var minTimeBetweenFailovers: Duration?
  package var drainConcurrency: Int?

  package init() {}

  /// What vtgate would run with.
  package func over(_ flags: RequestBuffer.Configuration) -> RequestBuffer.Configuration {
    var flags = flags
    flags.size = size ?? flags.size
    flags.window = window ?? flags.window
    flags.maxFailoverDuration = maxFailoverDuration ?? flags.maxFailoverDuration
    flags.minTimeBetweenFailovers = minTimeBetweenFailovers ?? flags.minTimeBetweenFailovers
    flags.drainConcurrency = drainConcurrency ?? flags.drainConcurrency
    return flags
  }

  func names(_ flag: Advice.Flag) -> Bool {
    switch flag {
    case .size: size != nil
    case .window: window != nil
    case .maxFailoverDuration: maxFailoverDuration != nil
    case .minTimeBetweenFailovers: minTimeBetweenFailovers != nil
    default: false
    }
  }
}
