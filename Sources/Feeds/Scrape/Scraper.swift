internal import DequeModule
package import FleetModel
package import Terms
package import VitessClient
package import Watching

/// The feed that asks the servers themselves, at most one request in flight each, and finds tablets as
/// it goes.
///
///     PollQueue ─ due ─> task: probe ─> ScrapeOutcome ─┐
///        ▲  ▲            (cancelled at its deadline)   ├─> observations
///        │  └── next due <─────────────────────────────┤
///        └───── tablets named by the gates' answers ───┘
///
/// The actor keeps the books only: probes run beside it, several at a time.
package actor Scraper: Feed {
  /// A poll in flight.
  private struct Poll {
    let number: Int
    let startedAt: Instant
    let task: Task<Void, Never>
  }

  /// How many intervals long no vtgate names a tablet before it counts as gone.
  ///
  /// A vtgate that has just started names none for a moment.
  private static let intervalsUntilForgotten = 10
  /// More tablets than a fleet has: what vtgates name beyond them is not polled, and they are said to.
  static let tabletLimit = 12_000
  /// Room for whatever polls in flight can still tell once the reader is behind.
  private static let capacity = 1 << 16
  /// How soon a reader that was behind is looked at again.
  private static let restForReader: Duration = .milliseconds(250)

  package nonisolated let observations: AsyncStream<Observation>
  private let cluster: String
  private let cadence: Cadence
  private let probers: Probers

  /// How long one poll of a target, all its pages together, may take.
  private let deadline: Duration
  private let now: @Sendable () -> Instant
  private let budget: RequestBudget
  private let fetcher: HTTPFetcher
  private let continuation: AsyncStream<Observation>.Continuation
  private var queue: PollQueue
  private var clients: [Target: any Prober] = [:]
  private var polls: [Target: Poll] = [:]
  /// The polls in the order in which they must end; finished ones are passed over.
  private var deadlines = Deque<(at: Instant, target: Target, number: Int)>()
  private var nextNumber = 0
  private var runner: Task<Void, Never>?
  /// Observations that the reader had not taken when the last one was told.
  private var untaken = 0
  private var lastTold: Instant
  private var sleeper: (until: Instant?, task: Task<Void, Never>)?

  /// Targets the operator named; they are never forgotten.
  private var named: Set<Target> = []
  /// What each vtgate named last.
  private var sightings: [Address: Set<Address>] = [:]
  /// Since when no vtgate has named a tablet.
  private var absentSince: [Address: Instant] = [:]
  /// Some tablet may be named by nobody; as long as nothing changes, none is.
  private var mayBeAbsent = false
  /// Some tablet was named that is not polled because there are too many.
  private var hasNoRoom = false

  private var lastStart: [Target: Instant] = [:]
  private var closelyWatched: Set<Target> = []
  private var pace = Pace()
  private var pacedAt: Instant

  /// `cluster`: what the operator calls it; `deadline`: of one poll, with all its pages.
  package init(
    of cluster: String, _ cadence: Cadence = Cadence(), probers: Probers = .vitess,
    deadline: Duration? = nil, now: @escaping @Sendable () -> Instant
  ) {
    self.cluster = cluster
    self.probers = probers
    self.cadence = cadence
    self.deadline = deadline ?? max(.seconds(2), cadence.interval)
    self.now = now
    let budget = RequestBudget(perSecond: cadence.budget, now: now)
    self.budget = budget
    fetcher = HTTPFetcher(deadline: self.deadline, limit: budget)
    queue = PollQueue(cadence, origin: now())
    pacedAt = now()
    lastTold = pacedAt
    (observations, continuation) = AsyncStream.makeStream(
      bufferingPolicy: .bufferingOldest(Self.capacity))
  }

  /// Starts polling the targets an operator named.
  package func start(_ targets: [Target]) {
    for target in targets {
      named.insert(target)
      watch(target)
    }
    if runner == nil { runner = Task { await run() } }
  }

  /// Ends all polling and closes the connections.
  package func stop() async {
    runner?.cancel()
    wake()
    await runner?.value
    let tasks = polls.values.map(\.task)
    polls = [:]
    for task in tasks { task.cancel() }
    for task in tasks { await task.value }
    continuation.finish()
    await fetcher.shutdown()
  }

  package func grant(_ wishes: Wishes) {
    closelyWatched = wishes.closely
    queue.watchClosely(wishes.closely, at: now())
    queue.poll(every: wishes.interval, at: now())
    wakeIfDue()
  }

  private func tell(_ news: Observation.News, at instant: Instant? = nil) {
    let instant = instant ?? now()
    lastTold = instant
    if case .enqueued(let room) = continuation.yield(Observation(of: cluster, at: instant, news)) {
      untaken = Self.capacity - room
    }
  }

  /// The reader has not yet taken two answers of every server: asking on would pile up what is old
  /// before anybody sees it.
  package var waitsForReader: Bool { untaken > 2 * clients.count + 64 }

  // MARK: The loop

  private func run() async {
    while !Task.isCancelled {
      let now = now()
      endOverdue(at: now)
      // Telling is the only way to learn how far the reader has come.
      if waitsForReader, now - lastTold >= Self.restForReader { tell(.pace(pace), at: now) }
      if !waitsForReader { launchDue(at: now) }
      await sleep(until: nextWake)
    }
  }

  private var nextWake: Instant? {
    let due =
      waitsForReader
      ? lastTold + Self.restForReader : queue.nextDue().map { max($0, budget.next) }
    return [due, deadlines.first?.at].compactMap(\.self).min()
  }

  private func sleep(until instant: Instant?) async {
    let now = now()
    let pause = instant.map { max(.zero, $0 - now) } ?? .seconds(3600)
    let task = Task<Void, Never> {
      try? await Task.sleep(for: pause, tolerance: min(.milliseconds(5), pause / 10))
    }
    sleeper = (instant, task)
    await task.value
    sleeper = nil
  }

  private func wake() { sleeper?.task.cancel() }

  /// Wakes the loop if something is due before it would wake.
  private func wakeIfDue() {
    guard let sleeper, let next = nextWake else { return }
    if sleeper.until.map({ next < $0 }) ?? true { wake() }
  }

  private func endOverdue(at now: Instant) {
    while let first = deadlines.first {
      let poll = polls[first.target]
      if let poll, poll.number == first.number {
        guard first.at <= now else { return }
        poll.task.cancel()
      }
      deadlines.removeFirst()
    }
  }

  private func launchDue(at now: Instant) {
    while let due = queue.nextDue(), due <= now, budget.take(), let target = queue.take(at: now) {
      guard let client = clients[target] else { continue }
      let number = nextNumber
      nextNumber += 1
      let task = Task { await poll(target, client, number, startedAt: now) }
      polls[target] = Poll(number: number, startedAt: now, task: task)
      deadlines.append((now + deadline, target, number))
    }
  }

  // MARK: One poll

  /// Off the actor: reading an answer takes longer than keeping the books.
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
    notePace(of: target, startedAt: poll.startedAt, requests, succeeded, at: outcome.at)
    publish(outcome)
    wakeIfDue()
  }

  private func notePace(
    of target: Target, startedAt: Instant, _ requests: Int, _ succeeded: Bool, at now: Instant
  ) {
    pace.requestsPerSecond += requests
    if let last = lastStart.updateValue(startedAt, forKey: target), succeeded,
      !closelyWatched.contains(target)
    {
      switch target.kind.role {
      case .gate: pace.vtgateInterval = max(pace.vtgateInterval, startedAt - last)
      case .member: pace.tabletInterval = max(pace.tabletInterval, startedAt - last)
      }
    }
    let passed = now - pacedAt
    guard passed >= max(.seconds(1), cadence.interval) else { return }
    pace.requestsPerSecond = Int((Double(pace.requestsPerSecond) / passed.seconds).rounded())
    pace.budget = cadence.budget
    pace.targetBudget = cadence.targetBudget
    tell(.pace(pace), at: now)
    pace = Pace()
    pacedAt = now
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
    clients[target] = make(target.address, fetcher)
    queue.add(target, at: now())
    wakeIfDue()
  }

  private func publish(_ outcome: ScrapeOutcome) {
    // Tablets are watched before the answer that names them is told: whoever waits for all targets
    // to have answered never finds none outstanding too early.
    var outcome = outcome
    defer { tell(.outcome(outcome), at: outcome.at) }
    if case .failed = outcome.result, sightings.count > 1 {
      // What a dead vtgate named last must not keep tablets that the others saw leave.
      mayBeAbsent = mayBeAbsent || sightings[outcome.target.address] != nil
      sightings[outcome.target.address] = nil
    }
    guard case .gate(var reading) = outcome.result, let tablets = reading.tablets else { return }
    if sightings[outcome.target.address] != tablets.addresses || hasNoRoom {
      sightings[outcome.target.address] = tablets.addresses
      hasNoRoom = false
      for address in tablets.addresses.sorted() { watch(Target(.vttablet, address)) }
      mayBeAbsent = true
    }
    if hasNoRoom {
      reading.complaint = reading.complaint ?? .tabletsNotPolled(limit: Self.tabletLimit)
      outcome = ScrapeOutcome(
        target: outcome.target, at: outcome.at, took: outcome.took, result: .gate(reading))
    }
    if mayBeAbsent { forgetAbsent(at: outcome.at) }
  }

  /// Stops polling tablets that no vtgate has named for a while.
  private func forgetAbsent(at instant: Instant) {
    // Most vtgates name the very same.
    var last: Set<Address> = []
    var present: Set<Address> = []
    for addresses in sightings.values where addresses != last {
      present.formUnion(addresses)
      last = addresses
    }
    mayBeAbsent = false
    for target in Array(clients.keys) where target.kind.role == .member && !named.contains(target) {
      guard !present.contains(target.address) else {
        absentSince[target.address] = nil
        continue
      }
      mayBeAbsent = true
      let since = absentSince[target.address] ?? instant
      absentSince[target.address] = since
      guard instant - since >= cadence.interval * Self.intervalsUntilForgotten else { continue }
      forget(target)
      tell(.forgot(target), at: instant)
    }
  }

  private func forget(_ target: Target) {
    absentSince[target.address] = nil
    clients[target] = nil
    lastStart[target] = nil
    queue.remove(target)
    polls.removeValue(forKey: target)?.task.cancel()
  }
}
