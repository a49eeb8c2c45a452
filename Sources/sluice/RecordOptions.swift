internal import ArgumentParser
internal import FleetModel
internal import Recording
internal import TerminalKit
internal import Terms
internal import Timing
internal import Watching

/// Where what is watched is recorded.
struct RecordOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Record all that is observed into this new file, as docs/recording.md describes.",
      valueName: "file"))
  var record: String?

  /// Makes the file; nil where nothing is to be recorded.
  func recorder(of settings: Watch.Settings, at now: Instant) throws -> Recorder? {
    guard let record else { return nil }
    return try Recorder.make(record, of: settings, at: now, named: "--record \(record)")
  }
}

extension Recorder {
  /// Makes the file of a recording that begins now.
  ///
  /// `name`: what a refusal calls it.
  static func make(
    _ path: String, of settings: Watch.Settings, at now: Instant, named name: String
  ) throws -> Recorder {
    let info = RecordingInfo(
      cluster: settings.cluster, began: now, interval: settings.interval,
      utcOffset: RunClock.utcOffset, program: "sluice \(Sluice.configuration.version)")
    do throws(RecordingFault) {
      return try Recorder(path, info)
    } catch {
      throw ValidationError("\(name): \(error)".safe(limit: 400))
    }
  }
}
