internal import Actions
internal import Dashboard
internal import FleetModel
internal import Lines
internal import Recording
internal import Terms
internal import Watching

/// What is recorded of a session: all that reaches its model goes into the file that is being written,
/// if one is, and into the recent past, of which one can be made afterwards.
@MainActor
final class SessionRecorder {
  /// What a session is told of its recordings.
  enum News {
    /// The file into which all of it goes from now on; nil: into none.
    case recording(into: String?)
    case remark(FleetEvent.Severity, String)
  }

  /// Who does what the session does, as the audit log names them.
  private let who: String?
  private let now: () -> Instant
  /// Makes a recording's file when one is asked for; nil where none can be.
  private let recordings: Recordings?
  private var recorder: Recorder?
  private var recent = RecentPast()
  /// What is being done with files.
  private var filing: Task<Void, Never>?
  private var watchdogs: [Task<Void, Never>] = []
  var tell: (News) -> Void = { _ in }

  init(
    _ recorder: Recorder?, _ recordings: Recordings?, by who: String?, now: @escaping () -> Instant
  ) {
    self.recorder = recorder
    self.recordings = recordings
    self.who = who
    self.now = now
  }

  /// Says what is being recorded from the start, if anything is.
  func begin() {
    if let recorder { follow(recorder) }
  }

  // MARK: What is recorded

  func take(_ message: Message) {
    switch message {
    case .observed(let observation): keep(.observed(observation))
    case .moment(let instant): keep(.moment(instant))
    case .tick(let instant): keep(.tick(instant))
    case .reported(let number, let report):
      recorder?.act(number, report: JSONLine().text(report, by: who), at: now())
    default: break
    }
  }

  func take(_ noted: Model.Noted) {
    switch noted {
    case .observed(let observation):
      keep(.observed(observation))
      if case .event(let event) = observation.news, case .noted(let words) = event.kind {
        recorder?.note(words, at: event.at)
      }
    case .operated(let step, let instant): keep(.operated(step, at: instant))
    }
  }

  func take(_ event: FleetEvent) { recorder?.note(event) }
  func take(_ wishes: Wishes) { recorder?.take(wishes, at: now()) }
  /// Takes a watch that has followed what was taken before.
  func take(_ watch: Watch) { recorder?.take(watch) }

  private func keep(_ step: RecordedStep) {
    recorder?.take(step)
    recent.take(step)
  }

  // MARK: Its files

  /// Begins to record with what is known now, or ends it.
  ///
  /// `watch`: as it stands when the file has been made.
  func toggle(_ watch: @escaping @MainActor () -> Watch) {
    file { [self] in
      if let recorder {
        self.recorder = nil
        tell(.recording(into: nil))
        await recorder.finish()
        if recorder.fault == nil { tell(.remark(.notice, "recorded into \(recorder.path)")) }
      } else if let recorder = await makeRecorder(from: now()) {
        let now = now()
        recorder.begin(with: recent.present(at: now), watch(), at: now)
        self.recorder = recorder
        follow(recorder)
        tell(.remark(.notice, "recording into \(recorder.path)"))
      }
    }
  }

  /// Makes a recording of what has been kept of the last minutes.
  func saveRecent() {
    file { [self] in
      let steps = recent.steps
      guard let recorder = await makeRecorder(from: steps.first?.at ?? now()) else { return }
      recorder.take(steps)
      await recorder.finish()
      if let fault = recorder.fault {
        return tell(.remark(.warning, "\(recorder.path): \(fault)"))
      }
      tell(.remark(.notice, "the last minutes are in \(recorder.path)"))
    }
  }

  /// Waits for what is being done with files, and closes the one that is being written.
  func finish() async {
    for watchdog in watchdogs { watchdog.cancel() }
    await filing?.value
    await recorder?.finish()
  }

  /// Does something with a file once what was begun before is done: a key that is pressed twice ends
  /// what it began.
  private func file(_ work: @escaping @MainActor () async -> Void) {
    filing = Task { [before = filing] in
      await before?.value
      await work()
    }
  }

  /// Makes a recording's file; nil where none can be made, which is then said.
  ///
  /// `start`: when what will be in it begins.
  private func makeRecorder(from start: Instant) async -> Recorder? {
    guard let recordings else {
      let words = "nothing can be recorded here: neither XDG_STATE_HOME nor HOME says where"
      tell(.remark(.warning, words))
      return nil
    }
    do throws(RecordingFault) {
      return try await recordings.make(at: now(), from: start)
    } catch {
      tell(.remark(.warning, "nothing is recorded: \(error)"))
      return nil
    }
  }

  /// Says it when a recording ends before it is meant to.
  private func follow(_ recorder: Recorder) {
    tell(.recording(into: recorder.path))
    watchdogs.append(
      Task {
        await recorder.ended()
        guard let fault = recorder.fault else { return }
        if self.recorder === recorder {
          self.recorder = nil
          tell(.recording(into: nil))
        }
        tell(.remark(.warning, "nothing more is recorded: \(fault)"))
      })
  }
}
