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
      sluice-TITLE-DATE-TIME.sluice; docs/recording.md describes what is in them. The exit status is 74 \
      when nothing more can be recorded, and 1 when no server has answered.

      For example:
        sluice record --cluster prod-eu --into /var/lib/sluice --keep 336h
      """)

  @OptionGroup var fleet: FleetOptions
  @OptionGroup(title: OptionSection.vtctld) var vtctld: VtctldOptions
  @OptionGroup(title: OptionSection.recording) var files: RecordFolderOptions

  @Option(
    name: .customLong("for"), help: ArgumentHelp("End after this time.", valueName: "duration"))
  var length: TimeArgument?

  /// How long silence may be the servers' beginning.
  private static let patience: Duration = .seconds(10)

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
    warn("recording into \(file)".safe(limit: 1000))
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
    let silence = Task {
      try await Task.sleep(for: Self.patience)
      if !session.hasHeard { warn("no server has answered yet") }
    }
    await session.run(fleet.targets)
    timer.cancel()
    ended.cancel()
    silence.cancel()
    if let fault = recorder.fault {
      warn("\(file): nothing more is recorded: \(fault)")
      throw ExitCode(StandardOutput.failure)
    }
    // Who reads the status of a cron job must not take it for a recording of the cluster.
    if !session.hasHeard {
      warn("\(file): no server has answered, and nothing else is recorded".safe(limit: 1000))
      throw ExitCode.failure
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
