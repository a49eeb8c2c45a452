internal import DequeModule
package import Discovery
package import FleetModel
package import Terms
package import VitessClient
package import Watching

/// The feed that polls the servers itself, with at most one request in flight for each, and
/// discovers tablets as it goes.
///
///     PollQueue ─ due ─> task: probe ─> ScrapeOutcome ─┐
///        ▲  ▲          (cancelled when it is overdue)  ├─> batches
///        │  └── next due <─────────────────────────────┤
///        ├───── tablets named by the gates' answers ───┘
///        └───── servers named by sources: who comes, who goes
///
/// The actor lives on a ``LoopThread``, and the first servers are asked on the same: all polls of
/// an instant leave in one wake-up of it, and an answer is on the books in the one that brought it.
/// A large fleet is spread over the others as well.
package actor Scraper: Feed {
  /// A poll in flight.
  private struct Poll {
    let number: Int
    let startedAt: Instant
    let task: Task<Void, Never>
  }

  /// How many intervals pass without any vtgate listing a tablet before it counts as gone.
  ///
  /// A vtgate that has just started lists none for a moment.
  private static let intervalsUntilForgotten = 10
  /// More tablets than any fleet has: what vtgates list beyond this is not polled, which is
  /// reported.
  static let tabletLimit = 12_000
  /// How soon to check again whether a reader that was behind has caught up.
  private static let restForReader: Duration = .milliseconds(250)
  /// How many servers are asked on one thread before the next one has any.
  private static let serversPerThread = 32

  package nonisolated let batches: AsyncStream<[Observation]>
  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    home.asUnownedSerialExecutor()
  }
  private nonisolated let home = LoopThread.all[0]
  private let cluster: String
  /// Whether those are polled whom vtgates list and sources name.
  private let discovers: Bool
  private let cadence: Cadence
  private let probers: Probers

  /// How long one poll of a target may take, all its pages included; its connection gives up sooner on a
  /// target that sends nothing.
  private let longest: Duration
  private let now: @Sendable () -> Instant
  private let budget: RequestBudget
  private let fetcher: HTTPFetcher
  private var queue: PollQueue
  private var clients: [Target: any Prober] = [:]
  /// Where each server is asked, for as long as it is.
  private var threads: [Target: LoopThread] = [:]
  private var polls: [Target: Poll] = [:]
  /// The polls in the order in which they must end; finished ones are skipped.
  private var deadlines = Deque<(at: Instant, target: Target, number: Int)>()
  private var nextNumber = 0
  private var isRunning = false
  private var outbox: Outbox
  private var alarm: (at: Instant, call: LoopThread.Alarm)?

  /// Targets that the operator named; they are never forgotten.
  private var named: Set<Target> = []
  /// Who else names servers, and whom at the last look.
  private let sources: [any DiscoverySource]
  package private(set) var servers = NamedServers()
  private var looks: [Task<Void, Never>] = []
  /// When what sources say was last told.
  private var heardAt: Instant?
  /// Sources that have been looked at, and who waits for all of them.
  private var lookedAt = 0
  private var waiting: [CheckedContinuation<Void, Never>] = []
  private let place: @Sendable (Address) -> Address
  private var listed = ListedTablets()
  /// Some tablet was listed that is not polled, because there are too many.
  private var hasNoRoom = false

  private var closelyWatched: Set<Target> = []
  private var meter: PaceMeter

  /// `cluster`: the operator's name for it; `sources`: who names servers besides the operator;
  /// `discovers`: whether to poll the tablets that vtgates list, and whom sources name; `deadline`: how long a target may
  /// send nothing when it is asked; one that sends may take ``HTTPFetcher/patience`` times that.
  package init(
    of cluster: String, _ cadence: Cadence = Cadence(), _ access: HTTPAccess = .open,
    probers: Probers = .vitess, sources: [any DiscoverySource] = [], discovers: Bool = true,
    deadline: Duration? = nil, now: @escaping @Sendable () -> Instant
  ) {
    self.cluster = cluster
    self.discovers = discovers
    self.probers = probers
    self.sources = sources
    place = { access.place($0) }
    self.cadence = cadence
    let deadline = deadline ?? max(.seconds(2), cadence.interval)
    longest = deadline * (HTTPFetcher.patience + 1)
    self.now = now
    let budget = RequestBudget(perSecond: cadence.budget, now: now)
    self.budget = budget
    fetcher = HTTPFetcher(deadline: deadline, limit: budget, access)
    queue = PollQueue(cadence, origin: now())
    meter = PaceMeter(cadence, at: now())
    let outbox = Outbox(at: now())
    self.outbox = outbox
    batches = outbox.batches
  }

  /// Starts polling the targets that an operator named.
  package func start(_ targets: [Target]) {
    for target in targets {
      named.insert(target)
      watch(target)
    }
    guard !isRunning else { return }
    isRunning = true
    for source in sources { tell(.source(source.source, SourceStanding())) }
    turn()
    looks = sources.map { source in
      Task {
        var isFirst = true
        await source.follow { look in
          take(look, from: source.source, isFirst: isFirst)
          isFirst = false
        }
      }
    }
  }

  /// Polls these targets beside those that an operator named, and no others.
  package func limit(to targets: Set<Target>) {
    for target in Array(clients.keys) where !named.contains(target) && !targets.contains(target) {
      forget(target)
    }
    for target in targets.sorted() { watch(target) }
  }

  /// Stops all polling and closes the connections.
  package func stop() async {
    // One that asks the system's resolver cannot be broken off, and has nothing to tell any more.
    for look in looks { look.cancel() }
    isRunning = false
    resumeWaiting()
    alarm?.call.cancel()
    let tasks = polls.values.map(\.task)
    polls = [:]
    for task in tasks { task.cancel() }
    for task in tasks { await task.value }
    outbox.handOn()
    outbox.finish()
    await fetcher.shutdown()
  }

  package func grant(_ wishes: Wishes) {
    closelyWatched = wishes.closely
    queue.watchClosely(wishes.closely, at: now())
    queue.poll(every: wishes.interval, at: now())
    setAlarm()
  }

  private func tell(_ news: Observation.News, at instant: Instant? = nil) {
    let now = now()
    outbox.tell(
      Observation(of: cluster, at: instant ?? now, news), isUrgent: !closelyWatched.isEmpty,
      at: now)
  }

  /// Whether the reader is behind by more than two answers of every server: polling on would pile
  /// up answers that are old before anybody sees them.
  package var waitsForReader: Bool { outbox.count > 2 * clients.count + 64 }

  // MARK: The loop

  /// Between two turns the thread sees to its sockets: on a busy machine the next turn is always due, and
  /// an event loop works off everything that is due before it looks at them.
  private static let leastPause: Duration = .milliseconds(5)
  /// The end of the last turn.
  private var turned = Instant(nanoseconds: 0)

  /// Does what is due, and sets the alarm for what comes next.
  private func turn() {
    let now = now()
    endOverdue(at: now)
    // Sending something is the only way to learn how far the reader has come.
    if waitsForReader, now - outbox.lastTold >= Self.restForReader {
      tell(.pace(meter.last), at: now)
      outbox.handOn()
    }
    if !waitsForReader { launchDue(at: now) }
    if outbox.due.map({ $0 <= now }) ?? false { outbox.handOn() }
    turned = self.now()
    setAlarm()
  }

  private var nextTurn: Instant? {
    let due =
      waitsForReader
      ? outbox.lastTold + Self.restForReader : queue.nextDue().map { max($0, budget.next) }
    return [due, deadlines.first?.at, outbox.due].compactMap(\.self).min()
  }

  private func setAlarm() {
    let earliest = turned + Self.leastPause
    // In a large fleet the next turn is always due, and nothing can be due sooner.
    if let alarm, alarm.at <= earliest { return }
    guard isRunning, let next = nextTurn.map({ max($0, earliest) }),
      next != alarm?.at
    else { return }
    alarm?.call.cancel()
    let call = home.call(after: next - now()) {
      self.assumeIsolated { scraper in
        scraper.alarm = nil
        scraper.turn()
      }
    }
    alarm = (next, call)
  }

  private func endOverdue(at now: Instant) {
    while let first = deadlines.first {
      let poll = polls[first.target]
      guard let poll, poll.number == first.number else {
        deadlines.removeFirst()
        continue
      }
      guard first.at <= now else { return }
      deadlines.removeFirst()
      poll.task.cancel()
    }
  }

  private func launchDue(at now: Instant) {
    while let due = queue.nextDue(), due <= now, budget.take(), let target = queue.take(at: now) {
      guard let client = clients[target] else { continue }
      let number = nextNumber
      nextNumber += 1
      let task = Task(executorPreference: threads[target]) {
        await self.poll(target, client, number, startedAt: now)
      }
      polls[target] = Poll(number: number, startedAt: now, task: task)
      deadlines.append((now + longest, target, number))
    }
  }

  // MARK: One poll

  /// Runs on the server's thread.
  @concurrent private nonisolated func poll(
    _ target: Target, _ client: any Prober, _ number: Int, startedAt: Instant
  ) async {
    var client = client
    let before = client.requests
    let result: ScrapeOutcome.Result
    do throws(ScrapeFailure) {
      result = try await client.probe()
    } catch {
      result = .failed(error)
    }
    let end = now()
    let outcome = ScrapeOutcome(target: target, at: end, took: end - startedAt, result: result)
    await finish(outcome, client, number, requests: client.requests - before)
  }

  private func finish(_ outcome: ScrapeOutcome, _ client: any Prober, _ number: Int, requests: Int)
  {
    let target = outcome.target
    guard let poll = polls[target], poll.number == number else { return }
    polls[target] = nil
    clients[target] = client
    var succeeded = true
    if case .failed = outcome.result { succeeded = false }
    queue.finish(
      target, requests: requests, succeeded: succeeded, at: outcome.at,
      jitter: .random(in: -1...1))
    let pace = meter.take(
      target, startedAt: poll.startedAt, requests: requests, succeeded: succeeded,
      besides: closelyWatched, at: outcome.at)
    if let pace { tell(.pace(pace), at: outcome.at) }
    publish(outcome)
    if polls.isEmpty { outbox.handOn() }
    setAlarm()
  }

  // MARK: Which targets there are

  private func watch(_ target: Target) {
    guard clients[target] == nil else { return }
    guard clients.count < Self.tabletLimit || named.contains(target) else {
      hasNoRoom = true
      return
    }
    guard let make = probers[target.kind] else { return }
    tell(.watching(target))
    let number = clients.count / Self.serversPerThread
    threads[target] = LoopThread.all[number % LoopThread.all.count]
    clients[target] = make(target.address, fetcher)
    queue.add(target, at: now())
    setAlarm()
  }

  private func publish(_ outcome: ScrapeOutcome) {
    // Tablets are watched before the answer that lists them is sent, so that nobody who waits for
    // all targets to answer concludes too early that none is outstanding.
    var outcome = outcome
    defer { tell(.outcome(outcome), at: outcome.at) }
    if case .failed = outcome.result { listed.noteSilence(of: outcome.target.address) }
    guard discovers, case .gate(var reading) = outcome.result, let tablets = reading.tablets
    else { return }
    if listed.take(tablets.addresses, of: outcome.target.address) || hasNoRoom {
      hasNoRoom = false
      for address in tablets.addresses.sorted() { watch(Target(.vttablet, address)) }
    }
    if hasNoRoom {
      reading.complaint = reading.complaint ?? .tabletsNotPolled(limit: Self.tabletLimit)
      outcome = ScrapeOutcome(
        target: outcome.target, at: outcome.at, took: outcome.took, result: .gate(reading))
    }
    if listed.mayBeAbsent { forgetAbsent(at: outcome.at) }
  }

  // MARK: Who names servers

  /// Whether every source was looked at once.
  package var hasLooked: Bool { lookedAt >= sources.count }

  package func hasHeardOfServers() async -> Instant? {
    if !hasLooked, isRunning { await withCheckedContinuation { waiting.append($0) } }
    return heardAt
  }

  private func resumeWaiting() {
    for one in waiting { one.resume() }
    waiting = []
  }

  /// Takes what a look at a source brought.
  private func take(
    _ look: Result<ServerList?, DiscoveryFault>, from source: ServerSource, isFirst: Bool
  ) {
    switch look {
    case .success(let list?): take(list, from: source)
    case .success(nil): tellOfSources(servers.take(nil, from: source))
    case .failure(let fault): tellOfSources(servers.take(fault, from: source))
    }
    setAlarm()
    guard isFirst else { return }
    lookedAt += 1
    if hasLooked { resumeWaiting() }
  }

  /// Takes whom a source names now: who is new is polled, and who is named by nobody any more leaves.
  private func take(_ list: ServerList, from source: ServerSource) {
    let change = servers.take(list, from: source, placing: place, at: now())
    if discovers { for target in change.new { watch(target) } }
    tellOfSources(change.news)
    let stays = change.gone.filter { isNamed($0.key) || !discovers }
    tellOfSources(servers.told(noLonger: stays, by: source, at: now()))
    guard discovers else { return }
    for target in change.gone.keys.sorted() where !isNamed(target) {
      if target.kind.role == .member, !listed.isEmpty {
        listed.doubt()
      } else if clients[target] != nil {
        leave(target)
      }
    }
    // With the last vtgate goes what only vtgates listed.
    if !clients.keys.contains(where: { $0.kind.role == .gate }) {
      for target in clients.keys.sorted() where !isNamed(target) { leave(target) }
    }
  }

  private func tellOfSources(_ news: [Observation.News]) {
    guard !news.isEmpty else { return }
    for one in news { tell(one) }
    heardAt = outbox.lastTold
  }

  private func isNamed(_ target: Target) -> Bool {
    named.contains(target) || servers.contains(target)
      || (target.kind.role == .member && listed.contains(target.address))
  }

  private func leave(_ target: Target) {
    forget(target)
    tell(.forgot(target))
  }

  /// Stops polling tablets that no vtgate has named for a while, and no source names.
  private func forgetAbsent(at instant: Instant) {
    let tablets = clients.keys.filter { $0.kind.role == .member && !named.contains($0) }
    let gone = listed.gone(
      of: Set(tablets.map(\.address)), unless: servers.members,
      for: cadence.interval * Self.intervalsUntilForgotten, at: instant)
    for target in tablets where gone.contains(target.address) {
      forget(target)
      tell(.forgot(target), at: instant)
    }
  }

  private func forget(_ target: Target) {
    listed.forget(target)
    clients[target] = nil
    fetcher.forget(target.address)
    threads[target] = nil
    meter.forget(target)
    queue.remove(target)
    polls.removeValue(forKey: target)?.task.cancel()
  }
}
