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
    let info = RecordingInfo(
      cluster: settings.cluster, began: now, interval: settings.interval,
      utcOffset: RunClock.utcOffset, program: "sluice \(Sluice.configuration.version)")
    do throws(RecordingFault) {
      return try Recorder(record, info)
    } catch {
      throw ValidationError("--record \(record): \(error)".safe(limit: 400))
    }
  }
}
