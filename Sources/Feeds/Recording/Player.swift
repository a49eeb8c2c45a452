package import FleetModel
internal import Synchronization
package import Terms
package import Watching

/// The feed that tells what a recording holds, at the pace at which it was observed or another one.
///
///     file ─ RecordingReader ─ steps ─> due at its time ─> playback ─> Session
///                                          ▲
///             play, pause, speed, step, seek, loop
///
/// Time is the recording's. Whatever goes to another moment tells a watch that has followed the minutes
/// before it, since what stands on a screen rests on those.
package actor Player: Feed {
  /// What a player tells.
  package enum News: Sendable {
    case step(RecordedStep)
    /// Another moment, and what was known then.
    case sought(Watch)
    /// How it is played has changed.
    case playback(Playback)
  }

  /// A stride of a player that stands still.
  package enum Stride: Sendable, Equatable {
    case observation, second, event, eventBack, secondBack
  }

  package static let speeds: [Double] = [0.1, 0.25, 0.5, 1, 2, 5, 10, 25, 50, 100]
  /// Steps that are due within this time of each other are told together.
  private static let patience: Duration = .milliseconds(5)

  /// Room for what the reader has not taken yet; with less than a quarter of it left time stands
  /// still.
  private static let capacity = 1 << 15
  /// How soon a reader that is behind is looked at again.
  private static let restForReader: Duration = .milliseconds(20)
  /// What lies further away is sought and not played up to.
  private static let reach: Duration = .seconds(60)

  package nonisolated let observations: AsyncStream<Observation>
  package nonisolated let news: AsyncStream<News>
  package nonisolated let info: RecordingInfo

  private let told: AsyncStream<Observation>.Continuation
  private let teller: AsyncStream<News>.Continuation
  private nonisolated let position: Mutex<Instant>
  private let settings: Watch.Settings
  private var reader: RecordingReader
  private var playback: Playback
  private let events: [Instant]
  private let failovers: [Instant]
  /// Steps of the batch that was read last, the next one first.
  private var ahead: ArraySlice<RecordedStep> = []
  /// When the steps began to be due, here and in the recording.
  private var anchor: (here: ContinuousClock.Instant, there: Instant)
  private var room = Player.capacity
  private var runner: Task<Void, Never>?
  private var sleeper: Task<Void, Never>?

  /// `settings`: those of the watches that it makes.
  package init(_ reader: RecordingReader, _ settings: Watch.Settings, from start: Instant? = nil) {
    (observations, told) = AsyncStream.makeStream(
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

  /// The moment that was told last.
  package nonisolated var now: Instant { position.withLock { $0 } }

  /// Begins to play; servers are the recording's to name.
  package func start(_ targets: [Target]) {
    guard runner == nil else { return }
    let first = playback.position
    if first > playback.began || reader.start != nil { go(to: first) }
    tellPlayback()
    runner = Task { await run() }
  }

  /// What was wished when it was recorded was granted then.
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

  /// Begins anew where nothing comes any more.
  private func playOrPause() {
    if playback.isAtEnd, !playback.isPlaying { go(to: playback.began) }
    playback.isPlaying.toggle()
  }

  private func changeSpeed(by count: Int) {
    let speeds = Playback.speeds
    let index = (speeds.lastIndex { $0 <= playback.speed } ?? 0) + count
    playback.speed = speeds[min(max(0, index), speeds.count - 1)]
  }

  /// `speed`: recorded seconds a second; beyond the slowest and the fastest it is one of those.
  package func set(speed: Double, isLooping: Bool) {
    let speeds = Playback.speeds
    playback.speed = min(speeds[speeds.count - 1], max(speeds[0], speed))
    playback.isLooping = isLooping
    change()
  }

  /// Stands still at a moment; one outside of the recording is its begin or its end.
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

  /// Tells what is due and returns for how long nothing more will be; nil: until something is changed.
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

  /// Tells all up to a moment and stands still there.
  private func play(until instant: Instant) {
    playback.isPlaying = false
    guard instant - playback.position <= Self.reach, room > Self.capacity / 2 else {
      return go(to: min(instant, playback.ended))
    }
    while let step = peek(), step.at <= instant, room > 1 {
      _ = next()
      tell(step)
    }
    // Nothing may have been told at that very moment.
    move(to: min(max(instant, playback.position), playback.ended))
    tell(.moment(playback.position))
  }

  private func tell(_ step: RecordedStep) {
    move(to: max(step.at, playback.position))
    if case .enqueued(let rest) = teller.yield(.step(step)) { room = rest }
    if case .observed(let observation) = step { told.yield(observation) }
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

  /// Goes to a moment and tells what was known then.
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
  /// The recording at a moment, ready to be played from there.
  package func playback(from position: Instant) -> Playback {
    var playback = Playback(from: position, began: info.began, ended: end())
    if info.isImported { playback.importedEvery = info.interval }
    return playback
  }
}
