package import FleetModel
internal import Lines
package import Operations
package import Recording
internal import TerminalKit
package import Terms
internal import Timing
package import Watching

/// The dashboard without a screen: a line for each change, until the program ends.
///
/// It watches as the screen does, at the fast rate wherever there are signs of a failover.
@MainActor
package final class LineSession {
  package enum Format: Sendable { case plain, json }

  /// Answers that arrive within this time of the first share one look.
  private static let gathering: Duration = .milliseconds(10)

  private let access: ClusterAccess?
  private let feed: any Feed
  private let clock: @Sendable () -> Instant
  private let format: Format
  private let plain: PlainLine
  private let json = JSONLine()
  private let write: (String) -> Void
  private let announcer: Announcer
  private let recorder: Recorder?
  private var present: Present
  private var watch: Watch
  private var granted: GrantedWishes
  private var isLookDue = false

  /// `write`: takes one line without its line ending.
  package init(
    settings: Watch.Settings, feed: any Feed, format: Format, utcOffset: Int,
    now: @escaping @Sendable () -> Instant, attention: Attention = Attention(),
    access: ClusterAccess? = nil, recorder: Recorder? = nil,
    write: @escaping (String) -> Void
  ) {
    self.recorder = recorder
    announcer = Announcer(attention, utcOffset: utcOffset)
    self.access = access
    self.feed = feed
    clock = now
    present = Present(now)
    self.format = format
    self.write = write
    plain = PlainLine(utcOffset: utcOffset)
    watch = Watch(settings, at: now())
    granted = GrantedWishes(watch.wishes, by: feed)
  }

  /// Watches until the feed is stopped or the task is cancelled.
  package func run(_ targets: [Target]) async {
    announcer.say = { [weak self] remark in self?.observe(.event(remark)) }
    for target in targets { observe(.watching(target)) }
    let ticks = Task {
      for await _ in Ticks(first: .seconds(1), every: .seconds(1), tolerance: .milliseconds(50)) {
        look(.tick(present.now))
      }
    }
    // The rules in the topology are part of the rows.
    let topo = Task {
      await access?.watchTopo(
        now: clock, unexplained: { self.watch.fleet.unexplained(at: self.present.now) }
      ) {
        self.observe($0)
      }
    }
    let recording = Task {
      await recorder?.ended()
      guard let fault = recorder?.fault else { return }
      let remark = "nothing more is recorded: \(fault)".safe()
      observe(.event(FleetEvent(at: present.now, .remark(.warning, remark))))
    }
    await feed.start(targets)
    var turn = Turn()
    for await batch in feed.batches {
      present.hear(batch)
      for observation in batch {
        take(observation)
        lookSoon()
        // Otherwise all that is waiting is worked off in one go, and nothing else gets its turn.
        await turn.giveWay()
      }
    }
    ticks.cancel()
    topo.cancel()
    recording.cancel()
    await recorder?.finish()
  }

  /// Whether any server has answered.
  package var hasHeard: Bool {
    watch.fleet.vtgates.values.contains { $0.watched.readAt != nil }
      || watch.fleet.tablets.values.contains { $0.watched.readAt != nil }
  }

  /// Tells what a recording holds, as fast as it can be read; `start`: from when on.
  ///
  /// - Returns: why nothing more can be read, where that is not its end.
  package func tell(_ reader: RecordingReader, from start: Instant? = nil) -> RecordingFault? {
    var reader = reader
    if let start = start ?? reader.start {
      let (past, ahead) = reader.watch(at: start, watch.settings)
      watch = past
      _ = watch.changes()
      for step in ahead { follow(step) }
    }
    while let steps = reader.next() {
      for step in steps { follow(step) }
    }
    return reader.damage
  }

  private func follow(_ step: RecordedStep) {
    switch step {
    case .observed(let observation): take(observation)
    case .tick, .moment: look(step)
    case .operated(let step, let instant): watch.take(step, at: instant)
    }
  }

  private func observe(_ news: Observation.News) {
    take(Observation(of: watch.settings.cluster, at: present.now, news))
  }

  private func take(_ observation: Observation) {
    recorder?.take(.observed(observation))
    watch.take(observation)
  }

  private func lookSoon() {
    guard !isLookDue else { return }
    isLookDue = true
    Task {
      try? await Task.sleep(for: Self.gathering, tolerance: .milliseconds(1))
      isLookDue = false
      look(.moment(present.now))
    }
  }

  /// Brings the watch up to a moment and tells its news.
  private func look(_ step: RecordedStep) {
    recorder?.take(step)
    for event in watch.follow(step) {
      recorder?.note(event)
      for remark in announcer.announce(event, at: step.at) { observe(.event(remark)) }
    }
    if case .tick = step { recorder?.take(watch) }
    if granted.follow(watch.wishes) { recorder?.take(watch.wishes, at: watch.now) }
    for change in watch.changes() {
      write(
        format == .plain ? plain.text(change, at: watch.now) : json.text(change, at: watch.now))
    }
  }
}
