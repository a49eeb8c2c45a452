package import FleetModel
internal import Synchronization
package import Terms
package import Watching

/// The feed that plays a recording, at the pace at which it was observed or at another.
///
///     file ─ RecordingReader ─ steps ─> due at its time ─> playback ─> Session
///                                          ▲
///             play, pause, speed, step, seek, loop
///
/// Time is the recording's. Seeking tells a whole watch as of the new moment, because what a screen
/// shows depends on the minutes before.
package actor Player: Feed {
  /// What a player tells.
  package enum News: Sendable {
    case step(RecordedStep)
    /// Playback moved to another moment; the watch as of then.
    case sought(Watch)
    /// The state of playback has changed.
    case playback(Playback)
  }

  /// How far a paused player steps.
  package enum Stride: Sendable, Equatable {
    case observation, second, event, eventBack, secondBack
  }

  package static let speeds: [Double] = [0.1, 0.25, 0.5, 1, 2, 5, 10, 25, 50, 100]
  /// Steps due within this time of each other are told together.
  private static let patience: Duration = .milliseconds(5)

  /// Room for news not taken yet; time stands still while less than a quarter of it is free.
  private static let capacity = 1 << 15
  /// How soon to check again on a consumer that has fallen behind.
  private static let restForReader: Duration = .milliseconds(20)
  /// A target further away than this is reached by seeking rather than by playing up to it.
  private static let reach: Duration = .seconds(60)

  package nonisolated let batches: AsyncStream<[Observation]>
  package nonisolated let news: AsyncStream<News>
  package nonisolated let info: RecordingInfo

  private let told: AsyncStream<[Observation]>.Continuation
  private let teller: AsyncStream<News>.Continuation
  private nonisolated let position: Mutex<Instant>
  private let settings: Watch.Settings
  private var reader: RecordingReader
  private var playback: Playback
  private let events: [Instant]
  private let failovers: [Instant]
  /// Steps left of the last batch read, next one first.
  private var ahead: ArraySlice<RecordedStep> = []
  /// The moment playback started from, on the wall clock and in the recording.
  private var anchor: (here: ContinuousClock.Instant, there: Instant)
  private var room = Player.capacity
  private var runner: Task<Void, Never>?
  private var sleeper: Task<Void, Never>?

  /// `settings`: for the watches that it creates when seeking.
  package init(_ reader: RecordingReader, _ settings: Watch.Settings, from start: Instant? = nil) {
    (batches, told) = AsyncStream.makeStream(
      bufferingPolicy: .bufferingOldest(Self.capacity))
    (news, teller) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.capacity))
    info = reader.info
    failovers = reader.failovers().map(\.began)
    events = reader.eventTimes()
    self.reader = reader
    self.settings = settings
    let first = start ?? reader.info.began
    position = Mutex(first)
    playback = reader.playback(from: first)
    anchor = (.now, first)
  }

  /// The moment told last.
  package nonisolated var now: Instant { position.withLock { $0 } }

  /// Starts playing; the targets are ignored because the recording names its own.
  package func start(_ targets: [Target]) {
    guard runner == nil else { return }
    let first = playback.position
    if first > playback.began || reader.start != nil { go(to: first) }
    tellPlayback()
    runner = Task { await run() }
  }

  /// Ignored: what was wished for was granted when it was recorded.
  package func grant(_ wishes: Wishes) {}

  package func stop() async {
    runner?.cancel()
    sleeper?.cancel()
    await runner?.value
    told.finish()
    teller.finish()
  }

  // MARK: How it is played

  package func grant(_ wish: Playback.Wish) {
    switch wish {
    case .playOrPause: playOrPause()
    case .faster: changeSpeed(by: 1)
    case .slower: changeSpeed(by: -1)
    case .loop: playback.isLooping.toggle()
    case .seek(let instant): stand(at: instant)
    case .observation:
      playback.isPlaying = false
      while let step = next() {
        tell(step)
        if case .observed = step { break }
      }
    case .second: play(until: playback.position + .seconds(1))
    case .event: if let event = after(in: events) { play(until: event) }
    case .failover: if let failover = after(in: failovers) { stand(at: failover) }
    case .secondBefore: stand(at: playback.position - .seconds(1))
    case .eventBefore: stand(at: before(in: events))
    case .failoverBefore: stand(at: before(in: failovers))
    }
    change()
  }

  /// Plays, from the beginning if the end was reached.
  private func playOrPause() {
    if playback.isAtEnd, !playback.isPlaying { go(to: playback.began) }
    playback.isPlaying.toggle()
  }

  private func changeSpeed(by count: Int) {
    let speeds = Playback.speeds
    let index = (speeds.lastIndex { $0 <= playback.speed } ?? 0) + count
    playback.speed = speeds[min(max(0, index), speeds.count - 1)]
  }

  /// `speed`: recorded seconds per second, clamped to the slowest and the fastest.
  package func set(speed: Double, isLooping: Bool) {
    let speeds = Playback.speeds
    playback.speed = min(speeds[speeds.count - 1], max(speeds[0], speed))
    playback.isLooping = isLooping
    change()
  }

  /// Pauses at a moment, clamped to the recording's beginning and end.
  private func stand(at instant: Instant) {
    playback.isPlaying = false
    go(to: min(max(instant, playback.began), playback.ended))
  }

  private func after(in moments: [Instant]) -> Instant? {
    moments.first { $0 > playback.position }
  }

  private func before(in moments: [Instant]) -> Instant {
    moments.last { $0 < playback.position } ?? playback.began
  }

  private func change() {
    anchor = (.now, playback.position)
    tellPlayback()
    sleeper?.cancel()
  }

  private func tellPlayback() { teller.yield(.playback(playback)) }

  // MARK: Playing

  private func run() async {
    while !Task.isCancelled {
      await sleep(for: playDue())
    }
  }

  /// Tells what is due and returns the time until more will be; nil: nothing until a wish comes.
  private func playDue() -> Duration? {
    guard playback.isPlaying else { return nil }
    let now = ContinuousClock.now
    while let step = peek() {
      let wait = (step.at - anchor.there) / playback.speed - (now - anchor.here)
      guard wait <= Self.patience else { return wait }
      _ = next()
      tell(step)
      guard room > Self.capacity / 4 else {
        anchor = (.now, playback.position)
        return Self.restForReader
      }
    }
    guard playback.isLooping, playback.damage == nil, playback.ended > playback.began else {
      playback.isPlaying = false
      change()
      return nil
    }
    go(to: playback.began)
    change()
    return .zero
  }

  private func sleep(for pause: Duration?) async {
    let task = Task<Void, Never> {
      try? await Task.sleep(for: pause ?? .seconds(3600), tolerance: .milliseconds(2))
    }
    sleeper = task
    await task.value
    sleeper = nil
  }

  /// Tells everything up to a moment and pauses there.
  private func play(until instant: Instant) {
    playback.isPlaying = false
    guard instant - playback.position <= Self.reach, room > Self.capacity / 2 else {
      return go(to: min(instant, playback.ended))
    }
    while let step = peek(), step.at <= instant, room > 1 {
      _ = next()
      tell(step)
    }
    // There may be no step at that very moment.
    move(to: min(max(instant, playback.position), playback.ended))
    tell(.moment(playback.position))
  }

  private func tell(_ step: RecordedStep) {
    move(to: max(step.at, playback.position))
    if case .enqueued(let rest) = teller.yield(.step(step)) { room = rest }
    if case .observed(let observation) = step { told.yield([observation]) }
  }

  private func move(to instant: Instant) {
    playback.position = instant
    position.withLock { $0 = instant }
  }

  private func peek() -> RecordedStep? {
    while ahead.isEmpty {
      guard let steps = reader.next() else {
        playback.isAtEnd = true
        playback.damage = reader.damage?.description
        return nil
      }
      ahead = steps[...]
    }
    return ahead.first
  }

  private func next() -> RecordedStep? {
    guard let step = peek() else { return nil }
    ahead.removeFirst()
    return step
  }

  /// Seeks to a moment and tells the watch as of then.
  private func go(to instant: Instant) {
    let watch: Watch
    (watch, ahead) = reader.watch(at: instant, settings)
    playback.isAtEnd = false
    playback.damage = reader.damage?.description
    move(to: instant)
    teller.yield(.sought(watch))
  }
}

extension RecordingReader {
  /// Positions the reader at a moment, ready to play on from there.
  package func playback(from position: Instant) -> Playback {
    var playback = Playback(from: position, began: info.began, ended: end())
    if info.isImported { playback.importedEvery = info.interval }
    return playback
  }
}
