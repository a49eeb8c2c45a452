internal import Actions
package import Dashboard
package import FleetModel
package import Operations
package import Recording
internal import Reporting
package import TerminalKit
package import Terms
internal import Timing
package import Watching

/// The loop: what the screen and the feed report goes into the model, what the model asks for is
/// done, and a frame is shown when something has changed.
///
///     Screen.events ─┐                           ┌─> Canvas ─> Screen.flush
///     Feed.batches ──┼─> Session ─> Model.update ┼─> [Effect]
///     ticks ─────────┘                           └─> Wishes ─> Feed
@MainActor
package final class Session {
  /// How a session ended.
  package enum End: Equatable, Sendable {
    case quit
    case signal(Int32)
  }

  /// How long the end of the program waits for actions that it cancels: whoever ends it wants the
  /// shell back, whatever a server does.
  private static let timeToConclude: Duration = .milliseconds(150)

  package private(set) var model: Model
  private let screen: any Screen
  private let feed: any Feed
  private let clock: @Sendable () -> Instant
  private let access: ClusterAccess?
  private let lab: (any EmbeddedLab)?
  private let themes: (any ThemeSource)?
  private let screenshots: Screenshots
  private var hasAskedForBackground = false
  /// Nil while a recording is shown.
  private let recording: SessionRecorder?
  /// What plays a recording, where that is what is shown.
  private let player: Player?
  /// The moment up to which the model has been told a recording.
  private var told: Instant
  private let announcer: Announcer
  /// The others of this run; nil where there is one cluster.
  weak var clusters: Clusters?
  private var toldAt: ContinuousClock.Instant?
  private let remarks: [String]
  private var meter = CostMeter()
  private var tasks: [Task<Void, Never>] = []
  /// Running actions, by number.
  private var actions: [Int: Task<Void, Never>] = [:]
  private var granted: GrantedWishes
  /// When the next frame is due; nil when nothing is to be shown.
  private var frameDue: ContinuousClock.Instant?
  private var pacing = FramePacing(from: .now)
  /// When the last answers had been taken.
  private var batchEnd = ContinuousClock.now
  private var present: Present
  private var end: AsyncStream<End>.Continuation?

  /// A session that has not begun.
  ///
  /// `lab`: the cluster when it is embedded.
  /// `themes`: what the screen can be shown in; nil when it has no colours to choose.
  /// `screenshots`: where the screen is written to on request. `recorder`: what records all of it;
  /// `recordings`: what makes one when it is asked for.
  /// `remarks`: what the operator should know from the start; they appear among the events.
  package init(
    settings: Model.Settings, screen: any Screen, feed: any Feed,
    now: @escaping @Sendable () -> Instant, attention: Attention = Attention(),
    access: ClusterAccess? = nil, lab: (any EmbeddedLab)? = nil,
    themes: (any ThemeSource)? = nil, screenshots: Screenshots = Screenshots(in: "."),
    recorder: Recorder? = nil, recordings: Recordings? = nil, remarks: [String] = []
  ) {
    player = feed as? Player
    recording =
      player == nil
      ? SessionRecorder(recorder, recordings, by: access?.audit.who, now: now) : nil
    self.screenshots = screenshots
    self.access = access
    self.lab = lab
    self.themes = themes
    self.remarks = remarks
    announcer = Announcer(attention, utcOffset: settings.utcOffset) { text, means in
      screen.attract(text, by: means)
    }
    self.screen = screen
    self.feed = feed
    clock = now
    present = Present(now)
    told = now()
    model = Model(settings: settings, size: screen.size, now: now())
    granted = GrantedWishes(model.watch.wishes, by: feed)
    announcer.mask = { [weak self] in self?.model.mask }
    recording?.tell = { [weak self] news in
      switch news {
      case .recording(let file): self?.advance(.recording(into: file), atOnce: true)
      case .remark(let severity, let words): self?.remark(severity, words)
      }
    }
  }

  /// Shows the dashboard until its user or a signal ends it.
  ///
  /// The first frame comes before any answer.
  package func run(_ targets: [Target]) async -> End {
    for target in targets { update(observed(.watching(target))) }
    for remark in remarks {
      update(observed(.event(FleetEvent(at: now(), .remark(.warning, remark)))))
    }
    announcer.say = { [weak self] remark in
      guard let self else { return }
      advance(observed(.event(remark)))
    }
    showFrame()
    // Only now, because the first frame must not depend on whether or when the terminal answers.
    askForBackground()
    let (ends, continuation) = AsyncStream.makeStream(of: End.self)
    end = continuation
    tasks = [
      Task { [events = screen.events] in
        var turn = Turn()
        for await event in events {
          self.take(event)
          // Otherwise all that is waiting is worked off in one go, and nothing else gets its turn.
          await turn.giveWay()
        }
      },
      Task { [endings = screen.endings] in for await ending in endings { self.take(ending) } },
      Task { await self.follow() },
      Task { await self.tick() }, Task { await self.watchTopo() },
      Task { await self.watchLab() },
    ]
    recording?.begin()
    await feed.start(targets)
    var result = End.quit
    for await end in ends {
      result = end
      break
    }
    for task in tasks { task.cancel() }
    screen.close()
    await endActions()
    await recording?.finish()
    return result
  }

  /// Cancels what is still running, and lets each action write to the audit log what is known of
  /// it.
  private func endActions() async {
    let running = Array(actions.values)
    guard !running.isEmpty else { return }
    for task in running { task.cancel() }
    await atMost(Self.timeToConclude) { for task in running { await task.value } }
  }

  private func follow() async {
    var turn = Turn()
    guard let player else {
      for await batch in feed.batches {
        let before = standing
        present.hear(batch)
        for observation in batch {
          update(.observed(observation))
          await turn.giveWay()
        }
        batchEnd = .now
        let isNews = standing != before
        let watch = model.watch
        let canWait =
          !isNews && watch.closelyWatched.isEmpty
          && pacing.leavesToTheNext(every: watch.wishes.interval, at: batchEnd)
        if !canWait { show(isNews ? .news : .gathered) }
      }
      return
    }
    for await news in player.news {
      switch news {
      case .step(let step):
        told = step.at
        advance(Message(step))
      case .sought(let watch):
        told = watch.now
        advance(.sought(watch), atOnce: true)
      case .playback(let playback): advance(.playing(playback), atOnce: true)
      }
      await turn.giveWay()
    }
  }

  /// Of a recording, not the player's present, which is ahead of the model while a frame is drawn.
  private func now() -> Instant { player == nil ? present.now : told }

  private func tick() async {
    let second = Duration.seconds(1)
    // A quarter past the second, so that none slips into the next one.
    let past = Duration.nanoseconds(now().nanoseconds % second.wholeNanoseconds)
    let first = player == nil ? second + second / 4 - past : second
    for await _ in Ticks(first: first, every: second, tolerance: .milliseconds(10)) {
      if let cost = meter.read(at: now(), bytes: screen.bytesWritten) {
        _ = model.update(.measured(cost))
      }
      wear { (themes) throws(ThemeError) in try themes.reread() }
      // A recording has ticks of its own.
      guard player == nil else { continue }
      // While answers come once a second, what time alone changes is shown with the next ones.
      let doAnswersCome = .now - batchEnd < second + .milliseconds(50)
      doAnswersCome ? update(.tick(now())) : advance(.tick(now()))
    }
  }

  private func watchTopo() async {
    await access?.watchTopo(
      now: clock, unexplained: { self.model.watch.fleet.unexplained(at: self.now()) }
    ) { self.advance(self.observed($0)) }
  }

  /// Follows how the embedded cluster's scenario stands.
  private func watchLab() async {
    while !Task.isCancelled {
      guard let lab, let rehearsal = await lab.rehearsal() else { return }
      if rehearsal != model.rehearsal { advance(.rehearsed(rehearsal)) }
      try? await Task.sleep(for: .milliseconds(250), tolerance: .milliseconds(50))
    }
  }

  private func observed(_ news: Observation.News) -> Message {
    .observed(Observation(of: model.settings.title, at: now(), news))
  }

  private func take(_ event: ScreenEvent) {
    // What was typed for a screen that has gone to the back by now is not meant for what is there.
    guard screen.isInFront || event.reachesAll else { return }
    switch event {
    case .keys(let presses): advance(.keys(presses, at: now()), atOnce: true)
    case .pasted(let text): advance(.pasted(text, at: now()), atOnce: true)
    case .resized(let size): advance(.resized(size), atOnce: true)
    case .focused(let isFocused): advance(.focused(isFocused), atOnce: true)
    case .mouse(let action): advance(.mouse(action, at: now()), atOnce: true)
    case .background(let isDark):
      wear { (themes) throws(ThemeError) in try themes.adopt(backgroundIsDark: isDark) }
    }
  }

  private func take(_ ending: Ending) {
    switch ending {
    case .interrupted: advance(.keys([KeyPress(.control("c"))], at: now()), atOnce: true)
    case .signal(let number): end?.yield(.signal(number))
    }
  }

  private func advance(_ message: Message, atOnce: Bool = false) {
    let before = standing
    update(message)
    show(atOnce ? .atOnce : standing == before ? .gathered : .news)
  }

  /// What an answer changes when it begins or ends something.
  private struct Standing: Equatable {
    let lastEvent: Int?
    let isCalm: Bool
  }

  private var standing: Standing {
    Standing(
      lastEvent: model.watch.fleet.log.events.last?.id, isCalm: model.watch.closelyWatched.isEmpty)
  }

  /// Shows a frame, or has one shown as soon as the last one is old enough.
  private func show(_ occasion: FramePacing.Occasion) {
    let now = ContinuousClock.now
    let due = pacing.due(occasion, isCalm: model.watch.closelyWatched.isEmpty, at: now)
    if occasion == .atOnce, due == now { return showFrame() }
    guard frameDue.map({ due < $0 }) ?? true else { return }
    frameDue = due
    Task {
      if due > now { try? await Task.sleep(for: due - now, tolerance: (due - now) / 10) }
      // Another frame may have shown it, or one may be due earlier.
      if frameDue == due { showFrame() }
    }
  }

  private func update(_ message: Message) {
    recording?.take(message)
    for effect in model.update(message) { perform(effect) }
    for noted in model.takeNoted() { recording?.take(noted) }
    if case .tick = message { recording?.take(model.watch) }
    if granted.follow(model.watch.wishes) { recording?.take(model.watch.wishes) }
  }

  private func remark(_ severity: FleetEvent.Severity, _ words: String) {
    advance(observed(.event(FleetEvent(at: now(), .remark(severity, words.safe())))))
  }

  private func perform(_ effect: Effect) {
    switch effect {
    case .quit: end?.yield(.quit)
    case .redraw: screen.repaint()
    case .news(let event):
      recording?.take(event)
      for remark in announcer.announce(event, at: now()) { advance(observed(.event(remark))) }
    case .act(let id, let report):
      guard let access else { return }
      actions[id] = Task {
        await access.runner(now: clock).perform(report) { report in
          await self.advance(.reported(id, report))
        }
        actions[id] = nil
      }
    case .breakOff(let id): actions[id]?.cancel()
    case .lookUp(let shard, let tablet, let vtgates):
      guard let access else { return }
      Task {
        let facts = await access.facts(of: shard, tablet: tablet, vtgates: vtgates)
        advance(.facts(shard, facts))
      }
    case .lookUpThrottler(let shard, let tablet):
      guard let access else { return }
      Task {
        let (release, apps) = await access.throttler(of: tablet, in: shard.keyspace)
        advance(.lookedUpThrottler(shard, release, recentApps: apps))
      }
    case .lab(let command):
      guard let lab else { return }
      Task { advance(.labAnswered(command, await lab.carryOut(command)), atOnce: true) }
    case .theme(let name):
      wear { (themes) throws(ThemeError) in try themes.choose(name) }
      askForBackground()
    case .copy(let text, let what):
      let copying = screen.copy(text)
      advance(.copied(what, bytes: text.utf8.count, copying), atOnce: true)
    case .writeScreen(let failover): writeScreen(reporting: failover)
    case .record: recording?.toggle { self.model.watch }
    case .saveRecent: recording?.saveRecent()
    case .showCluster(let name): clusters?.show(name)
    case .play(let wish): Task { await player?.grant(wish) }
    case .probeAudit(let wanted):
      Task {
        let failure = await access?.auditFailure()
        advance(.audited(failure: failure, wanted), atOnce: true)
      }
    }
  }

  private func writeScreen(reporting failover: Int?) {
    let (canvas, styles, settings, now) = (drawn, screen.styles, model.settings, now())
    let report = failover.flatMap { Report(of: $0, in: model, by: access?.audit.who) }
    let mask = model.mask
    Task {
      do throws(NewFiles.Failure) {
        let name = try await screenshots.write(
          canvas, styles, of: settings.title, at: now, utcOffset: settings.utcOffset,
          reporting: report, mask: mask)
        advance(
          .wrote(name, in: screenshots.folder, hasReport: report != nil), atOnce: true)
      } catch {
        advance(.notWritten(error.description), atOnce: true)
      }
    }
  }

  /// Asks at most once: a terminal that has not answered once will not answer.
  private func askForBackground() {
    guard !hasAskedForBackground, themes?.wantsBackground == true else { return }
    hasAskedForBackground = true
    screen.askForBackground()
  }

  /// Shows everything in other styles, if there are any; otherwise says why not.
  private func wear(
    _ styles: (any ThemeSource) throws(ThemeError) -> StyleSheet?
  ) {
    guard let themes else { return }
    do throws(ThemeError) {
      guard let styles = try styles(themes) else { return }
      screen.wear(styles)
      advance(.moment(now()), atOnce: true)
    } catch {
      advance(observed(.event(FleetEvent(at: now(), .remark(.warning, error.description.safe())))))
    }
  }

  private var drawn: Canvas {
    var canvas = Canvas(size: screen.size, glyphs: screen.glyphs)
    model.render(into: &canvas)
    return canvas
  }

  private func showFrame() {
    frameDue = nil
    let start = ContinuousClock.now
    update(.moment(now()))
    if screen.isInFront {
      screen.flush(drawn)
      update(.shown)
    }
    tellOthers()
    pacing.noteFrame(from: start, to: .now)
  }

  // MARK: Several clusters

  /// How often the others are told of this cluster at most.
  private static let pauseBetweenGlances: Duration = .milliseconds(200)

  private func tellOthers() {
    guard let clusters,
      toldAt.map({ ContinuousClock.now - $0 >= Self.pauseBetweenGlances }) ?? true,
      let glance = model.glance
    else { return }
    toldAt = .now
    clusters.take(glance)
  }

  /// Takes what the clusters tell of themselves; only the overview shows it.
  func take(_ glances: [ClusterGlance]) {
    if model.settings.cluster == nil {
      advance(.clusters(glances))
    } else {
      update(.clusters(glances))
    }
  }

  /// Shows itself at once, having come to the front.
  func appear() { showFrame() }

  /// Ends as its own end would be: another of the run has ended.
  func end(as end: End) { self.end?.yield(end) }
}

extension Message {
  /// What a step of a recording is to the model.
  fileprivate init(_ step: RecordedStep) {
    self =
      switch step {
      case .observed(let observation): .observed(observation)
      case .tick(let instant): .tick(instant)
      case .moment(let instant): .moment(instant)
      case .operated(let step, let instant): .operated(step, at: instant)
      }
  }
}
