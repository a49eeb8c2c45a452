internal import ArgumentParser
internal import FleetModel
internal import FoundationEssentials
internal import Operations
internal import Recording
internal import Session
internal import TerminalKit
internal import Terms
internal import Timing
internal import Watching

/// Where what is watched is recorded.
struct RecordOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Record all that is observed into this new file, as docs/recording.md describes.",
      valueName: "file"), completion: .file())
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
    do throws(RecordingFault) {
      return try Recorder(path, RecordingInfo(of: settings, from: now))
    } catch {
      throw ValidationError("\(name): \(error)".safe(limit: 400))
    }
  }
}

extension RecordingInfo {
  /// `began`: when what is recorded begins.
  init(of settings: Watch.Settings, from began: Instant) {
    self.init(
      cluster: settings.cluster, began: began, interval: settings.interval,
      utcOffset: RunClock.utcOffset, program: "sluice \(ProgramVersion.release)")
  }
}

extension Recordings {
  /// In the user's folder of recordings; nil where nothing says where that is.
  static func standard(of settings: Watch.Settings) -> Recordings? {
    let environment = ProcessInfo.processInfo.environment
    guard let state = StateFolder.path({ environment[$0] }) else { return nil }
    return Recordings(
      in: RecordingFolder("\(state)/recordings", cluster: settings.cluster)
    ) { began in RecordingInfo(of: settings, from: began) }
  }
}
