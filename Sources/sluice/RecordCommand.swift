internal import ArgumentParser
internal import FleetModel
internal import Operations
internal import Recording
internal import Session
internal import TerminalKit
internal import Terms
internal import Timing
internal import Watching

struct RecordCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "record",
    abstract: "Record a cluster without a screen, a new file a day, for a service or a cron job.",
    discussion: """
      It goes on until it is ended by a signal, or for as long as --for says. Files are called \
      sluice-TITLE-DATE-TIME.sluice; docs/recording.md describes what is in them.

      For example:
        sluice record --cluster prod-eu --into /var/lib/sluice --keep 336h
      """)

  @OptionGroup var fleet: FleetOptions
  @OptionGroup(title: OptionSection.vtctld) var vtctld: VtctldOptions
  @OptionGroup(title: OptionSection.recording) var files: RecordFolderOptions

  @Option(
    name: .customLong("for"), help: ArgumentHelp("End after this time.", valueName: "duration"))
  var length: TimeArgument?

  func validate() throws {
    try fleet.requireTargets()
    if let length, length.duration <= .zero { throw ValidationError("--for must be more than 0") }
  }

  @MainActor
  func run() async throws {
    for remark in fleet.remarks + vtctld.remarks { warn(remark) }
    let folder = RecordingFolder(files.into, cluster: fleet.title)
    let clock = RunClock()
    let end = length.map { clock.now + $0.duration }
    let ending = Ending()
    let interruption = Interruption { _ in Task { await ending.come() } }
    while true {
      let now = clock.now
      let feed = try fleet.feed(clock, vtctld)
      guard await ending.take(feed), end.map({ now < $0 }) ?? true else { break }
      try await record(
        folder, feed, clock, until: [end, nextDay(after: now)].compactMap(\.self).min())
      folder.prune(
        olderThan: files.age?.duration, size: files.size.map { $0 << 20 }, at: clock.now)
    }
    interruption.end()
  }

  /// Records into one file until a moment, or until the feed is stopped.
  @MainActor
  private func record(
    _ folder: RecordingFolder, _ feed: any Feed, _ clock: RunClock, until end: Instant?
  ) async throws {
    let file = folder.file(at: clock.now)
    let recorder = try Recorder.make(file, of: fleet.watching, at: clock.now, named: file)
    let session = LineSession(
      settings: fleet.watching, feed: feed, format: .plain, utcOffset: RunClock.utcOffset,
      now: { clock.now },
      access: ClusterAccess(
        vtctld: try vtctld.client(try fleet.access), vtadmin: vtctld.vtadminClient,
        try fleet.access,
        audit: vtctld.audit(cluster: fleet.title)),
      recorder: recorder, write: { _ in })
    let timer = Task {
      guard let end else { return }
      try await Task.sleep(for: max(.zero, end - clock.now))
      await feed.stop()
    }
    let ended = Task {
      await recorder.ended()
      await feed.stop()
    }
    await session.run(fleet.targets)
    timer.cancel()
    ended.cancel()
    if let fault = recorder.fault {
      warn("\(file): nothing more is recorded: \(fault)")
      throw ExitCode(StandardOutput.failure)
    }
  }

  private func nextDay(after now: Instant) -> Instant {
    let day = Duration.seconds(86_400)
    return Instant(nanoseconds: now.nanoseconds / day.wholeNanoseconds * day.wholeNanoseconds) + day
  }
}

/// The end of the program, and the feed that is stopped by it.
private actor Ending {
  private var hasCome = false
  private var feed: (any Feed)?

  func come() async {
    hasCome = true
    await feed?.stop()
  }

  /// False once the end has come.
  func take(_ feed: any Feed) -> Bool {
    self.feed = feed
    return !hasCome
  }
}
