package import FleetModel
package import PrometheusClient
package import Scrape
package import Terms
package import Watching

/// The feed that lets Prometheus, or another server with its API, tell of a fleet that it scrapes.
///
///     PrometheusClient ─ scrapes, as they were ─> RelayedServers ─ outcomes ─┐
///     Scraper, of the servers that are watched closely ─ outcomes ───────────┴─> observations
///
/// An outcome has the time of its scrape, so a moment is as uncertain as two scrapes are apart. Servers
/// of a shard that is watched closely are asked directly as well; while one of them answers, what
/// Prometheus has of it is old news, and one that cannot be reached stays with Prometheus.
package actor PrometheusFeed: Feed {
  /// More than all vtgates and tablets of any fleet tell at once.
  private static let capacity = 1 << 16
  /// Between two questions for what is new.
  private static let leastPause: Duration = .seconds(1)
  /// The longest such time for tablets, and while there are none.
  private static let tabletPauses = Duration.seconds(2)...Duration.seconds(10)
  /// How far back to look for servers before it is known how often they are scraped.
  private static let firstLook: Duration = .seconds(300)
  /// How long a scrape may take before its samples are stored: Prometheus' default timeout.
  private static let longestScrape: Duration = .seconds(10)
  /// A server of which there is no sign for so long is gone.
  private static let intervalsUntilForgotten = 10
  /// How long those are waited for at first who name servers besides.
  private static let longestFirstLook: Duration = .seconds(3)
  /// Who has told nothing for as long is not merely slow, however often it scrapes.
  private static let longestSilence: Duration = .seconds(5)
  /// Nor is one that has answered nothing for so many intervals: what is known is too old to be shown.
  private static let intervalsOfSilence = 2

  package nonisolated let batches: AsyncStream<[Observation]>
  private let continuation: AsyncStream<[Observation]>.Continuation
  private let cluster: String
  /// As the operator described it.
  private let described: PrometheusClient
  /// The same, knowing what sources tell of servers.
  private var client: PrometheusClient
  private let direct: Scraper
  private let now: @Sendable () -> Instant

  private var relay: Relay
  private var vtgates = RelayedServers<KeptVtgate>()
  private var tablets = RelayedServers<KeptTablet>()
  private var closely = CloselyWatched()
  /// Those that are asked directly now.
  private var asked: Set<Target> = []
  private var besides = NamedBesides()
  /// Tablets that are scraped, and of which nobody knows the shard.
  private var unplaced: Set<Target> = []
  /// What is known of tablets is to be read again, because somebody tells more of them.
  private var readsTabletsAgain = false
  private var wishes: Wishes
  private var pace = Pace()
  /// When the look began that is under way.
  private var lookBegan: Instant?
  /// When a question was last answered.
  private var heardAt: Instant?
  private var clock = RelayClock()
  /// How many vtgates are asked for in one query.
  private var together = 40
  private var stored = StoredScrapes()
  private var tabletsAskedTo: Instant?
  private var failuresAskedAt: Instant?
  private var tasks: [Task<Void, Never>] = []

  /// `cluster`: the operator's name for it; `server`: who tells; `direct`: what asks the servers of a
  /// shard that is watched closely, which polls nobody by itself but knows whom sources name.
  package init(
    of cluster: String, _ client: PrometheusClient, at server: Address, direct: Scraper,
    interval: Duration, now: @escaping @Sendable () -> Instant
  ) {
    self.cluster = cluster
    described = client
    self.client = client
    self.direct = direct
    self.now = now
    relay = Relay(server)
    wishes = Wishes(interval: interval)
    (batches, continuation) = AsyncStream.makeStream(
      bufferingPolicy: .bufferingOldest(Self.capacity))
  }

  /// Begins; the targets that an operator named are asked directly all the time.
  package func start(_ targets: [Target]) async {
    guard tasks.isEmpty else { return }
    tellPace()
    closely.named = Set(targets)
    asked = closely.named
    for target in targets { tell(.watching(target), at: now()) }
    await direct.start(targets)
    tasks = [
      Task { await watchVtgates() }, Task { await watchDelay() },
      Task { [direct] in
        for await observation in direct.observations { await take(observation) }
      },
    ]
  }

  package func hasHeardOfServers() async -> Instant? { await direct.hasHeardOfServers() }

  package func grant(_ wishes: Wishes) async {
    self.wishes = wishes
    await followClosely()
  }

  package func stop() async {
    let tasks = tasks
    for task in tasks { task.cancel() }
    await direct.stop()
    for task in tasks { await task.value }
    continuation.finish()
    await client.shutdown()
  }

  private func tell(_ news: Observation.News, at instant: Instant) {
    continuation.yield([Observation(of: cluster, at: instant, news)])
  }

  private func tellPace() {
    pace.relay = relay
    tell(.pace(pace), at: now())
  }

  // MARK: Vtgates

  private func watchVtgates() async {
    // Servers have the addresses from the beginning that sources know of them.
    let start = now()
    while await !direct.hasLooked, now() - start < Self.longestFirstLook, !Task.isCancelled {
      await pause(.milliseconds(20))
    }
    while !Task.isCancelled {
      let began = now()
      lookBegan = began
      await takeNamed()
      do throws(RelayFault) {
        try await askForVtgates()
        relay.fault = nil
        relay.failingSince = nil
        await finishFirstRound()
      } catch {
        guard !Task.isCancelled else { return }
        relay.fault = error
        relay.tabletFault = nil
        relay.failingSince = relay.failingSince ?? began
      }
      note(delay: now() - began)
      lookBegan = nil
      noteUnscraped()
      forgetAbsent()
      await followClosely()
      tellPace()
      await pause(max(wishes.interval, Self.leastPause) - (now() - began))
    }
  }

  /// Tells of a look that takes longer than scrapes are apart while it lasts.
  ///
  /// What is known meanwhile is old because Prometheus is slow, and not because a server is silent. One
  /// that answers nothing any more is not slow.
  private func watchDelay() async {
    while !Task.isCancelled {
      await pause(Self.leastPause)
      guard let lookBegan else { continue }
      let time = now() - lookBegan
      let heardAt = max(heardAt ?? lookBegan, lookBegan)
      if relay.fault == nil, isSilent(since: vtgates.hasToldNothing ? lookBegan : heardAt) {
        (relay.fault, relay.failingSince) = (.unheard, vtgates.hasToldNothing ? lookBegan : heardAt)
        note(delay: .zero)
      } else if let interval = relay.interval, time > interval {
        note(delay: time)
      } else {
        continue
      }
      tellPace()
    }
  }

  private func isSilent(since heardAt: Instant) -> Bool {
    let longest = (relay.interval ?? .zero) * Self.intervalsOfSilence
    return now() - heardAt > max(longest, Self.longestSilence)
  }

  private func note(delay: Duration) {
    guard let interval = relay.interval else { return }
    relay.delay = relay.fault == nil && delay > interval ? delay : nil
    // It is told a moment after it is stored.
    pace.vtgateInterval = interval + Self.leastPause + (relay.delay ?? .zero)
  }

  /// Tablets follow the vtgates, whose scrapes say how far back to ask.
  private func finishFirstRound() async {
    guard !relay.hasTold, relay.interval != nil else { return }
    await lookForTablets()
    relay.hasTold = true
    guard !Task.isCancelled else { return }
    tasks.append(Task { await watchTablets() })
  }

  private func pause(_ time: Duration) async {
    let time = max(.milliseconds(20), time)
    try? await Task.sleep(for: time, tolerance: time / 10)
  }

  private func askForVtgates() async throws(RelayFault) {
    let window = relay.interval.map { max($0 * 2, Self.longestScrape) + silence }
    let found = try await client.scrapes(
      within: window ?? Self.firstLook, known: vtgates.servers)
    heardAt = now()
    guard !found.isEmpty || !vtgates.isEmpty else {
      throw .knowsNoVtgate(matchers: client.matchers)
    }
    let interval = vtgates.interval ?? StoredScrapes.interval(of: found.map(\.at))
    if let interval, interval != relay.interval {
      relay.interval = interval
      note(delay: .zero)
      // How old a reading may be must be known before it comes.
      tellPace()
    }
    let latest = found.flatMap(\.at).max()
    if clock.isDue(at: now(), interval: relay.interval, latest: latest) { await askForTime() }
    let present = found.map(\.vtgate)
    for server in vtgates.take(present, at: now()) { tell(.watching(server.target), at: now()) }
    stored.note(found, at: now())
    try await tellScrapes(found)
    try await askForFailures()
    forgetGone(from: &vtgates, every: relay.interval)
  }

  /// What it has stored can be told without it.
  private func askForTime() async {
    let asked = now()
    let step: Duration
    do throws(RelayFault) {
      step = clock.take(try await client.time(), asked: asked, at: now())
      relay.clockFault = nil
    } catch {
      clock.noteUntold(at: now())
      if clock.offset == nil { relay.clockFault = error }
      return
    }
    guard step != .zero else { return }
    vtgates.shift(by: step)
    tablets.shift(by: step)
    tabletsAskedTo = nil
  }

  /// For how long nothing has come.
  private var silence: Duration {
    relay.failingSince.map { min(now() - $0, Self.firstLook) } ?? .zero
  }

  /// Whether all of a scrape is there; at the first look its own time has to say so.
  private func isSettled(_ scrape: StoredScrapes.Scrape, isFirst: Bool) -> Bool {
    guard isFirst else {
      return stored.isSettled(scrape, at: now(), between: Self.leastPause)
    }
    return now() + (clock.offset ?? .zero) - scrape.at >= StoredScrapes.settling
  }

  /// Asks for what was counted at scrapes that are new, and tells it.
  private func tellScrapes(
    _ found: [(vtgate: StoredServer, at: [Instant])]
  ) async throws(RelayFault) {
    let isFirst = vtgates.hasToldNothing
    var wanted: [Target: Set<Instant>] = [:]
    for (vtgate, times) in found {
      let new = times.filter { time in
        vtgates.isNews(of: vtgate.target, at: time)
          && isSettled(.init(target: vtgate.target, at: time), isFirst: isFirst)
      }
      // Two, so that what has changed between them is known at once.
      let latest = isFirst ? new.suffix(2) : new[...]
      if !latest.isEmpty { wanted[vtgate.target] = Set(latest) }
    }
    var rest = found.map(\.vtgate).filter { wanted[$0.target] != nil }
      .sorted { $0.target < $1.target }[...]
    // Some at a time, so that the first are on the screen while others are asked for.
    while !rest.isEmpty {
      let asked = client.fitting(rest.prefix(together))
      do throws(RelayFault) {
        try await tellScrapes(of: asked, wanted)
        rest = rest.dropFirst(asked.count)
      } catch .failed(.notUnderstood(_, .tooLong)) where asked.count > 1 {
        together = asked.count / 2
      }
    }
  }

  private func tellScrapes(
    of asked: ArraySlice<StoredServer>, _ wanted: [Target: Set<Instant>]
  ) async throws(RelayFault) {
    let scrapes = asked.reduce(into: [:]) { $0[$1.key] = wanted[$1.target] }
    var pages = vtgates.pages(of: asked)
    let answers = try await client.answers(of: scrapes, &pages)
    heardAt = now()
    if relay.fault == .unheard {
      (relay.fault, relay.failingSince) = (nil, nil)
      tellPace()
    }
    vtgates.keep(pages, of: asked)
    let outcomes = asked.flatMap { vtgate in
      vtgates.outcomes(of: vtgate, answers[vtgate.key] ?? [], offBy: clock.offset ?? .zero)
    }
    if !outcomes.isEmpty { clock.noteNews(at: now()) }
    tell(outcomes)
  }

  /// In the order of time, and never what is older than what was told of a server.
  private func tell(_ outcomes: [ScrapeOutcome]) {
    var batch: [Observation] = []
    for outcome in outcomes.sorted(by: { ($0.at, $0.target) < ($1.at, $1.target) })
    where !closely.answers(outcome.target, at: now()) && closely.isNews(outcome) {
      batch.append(Observation(of: cluster, at: outcome.at, .outcome(outcome)))
    }
    if !batch.isEmpty { continuation.yield(batch) }
  }

  // MARK: Tablets

  private func watchTablets() async {
    while !Task.isCancelled {
      await pause(tablets.isEmpty ? Self.tabletPauses.upperBound : tabletPause)
      await lookForTablets()
    }
  }

  private func lookForTablets() async {
    do throws(RelayFault) {
      try await askForTablets()
      relay.tabletFault = nil
    } catch {
      // What keeps vtgates away too is told of them, who are asked for more often.
      if relay.fault == nil, !Task.isCancelled { relay.tabletFault = error }
    }
  }

  private var tabletPause: Duration {
    let pause = max((relay.interval ?? .zero) / 3, wishes.interval, Self.tabletPauses.lowerBound)
    return min(pause, Self.tabletPauses.upperBound)
  }

  private func askForTablets() async throws(RelayFault) {
    // Without it is not known how far back to ask.
    guard let interval = relay.interval else { return }
    let clockOffset = clock.offset ?? .zero
    let end = now() + clockOffset - StoredScrapes.settling
    // Where one is missing, its scrape may have taken long.
    let isBehind = tablets.isBehind(
      by: max(interval, relay.tabletInterval ?? .zero) + tabletPause + StoredScrapes.settling * 2,
      at: end)
    let overlap = isBehind ? Self.longestScrape : StoredScrapes.settling
    // How often tablets are scraped, the first look has to find out: it may be more rarely than vtgates.
    let span = min(tabletsAskedTo.map { end - $0 + overlap } ?? Self.firstLook, Self.firstLook)
    let look = TabletLook(
      client, known: readsTabletsAgain ? [:] : tablets.servers, to: end, atLeast: interval * 2)
    readsTabletsAgain = false
    let (found, unplaced) =
      try await tabletsAskedTo == nil
      ? look.first(within: span, unlessGoneFor: Self.intervalsUntilForgotten)
      : look.tablets(within: span)
    heardAt = now()
    tabletsAskedTo = end
    relay.unplaced = unplaced.count
    self.unplaced = unplaced.targets
    for server in tablets.take(found.map(\.0), at: now()) {
      tell(.watching(server.target), at: now())
    }
    let isFirst = pace.tabletInterval == .zero
    var outcomes: [ScrapeOutcome] = []
    for (server, answers) in found {
      let news = answers.filter { tablets.isNews(of: server.target, at: $0.at) }
      outcomes += tablets.outcomes(of: server, isFirst ? news.suffix(1) : news, offBy: clockOffset)
    }
    let own = tablets.interval ?? StoredScrapes.interval(of: found.map { $0.1.map(\.at) })
    relay.tabletInterval = own ?? relay.tabletInterval
    pace.tabletInterval = max(interval, relay.tabletInterval ?? .zero) + tabletPause
    if isFirst { tellPace() }
    tell(outcomes)
    forgetGone(from: &tablets, every: relay.tabletInterval ?? interval)
  }

  // MARK: Servers that cannot be scraped, or are gone

  private func askForFailures() async throws(RelayFault) {
    guard failuresAskedAt.map({ now() - $0 >= tabletPause }) ?? true else { return }
    failuresAskedAt = now()
    let failing = try await client.failing(of: vtgates.jobs.union(tablets.jobs))
    heardAt = now()
    let at = now()
    let failed = vtgates.failed(failing, at: at) + tablets.failed(failing, at: at)
    for target in failed where !closely.answers(target, at: at) {
      let outcome = ScrapeOutcome(
        target: target, at: at, took: .zero, result: .failed(.notScraped))
      tell(.outcome(outcome), at: at)
    }
  }

  /// `interval`: between two scrapes of one of them.
  private func forgetGone(
    from servers: inout RelayedServers<some KeptAnswer>, every interval: Duration?
  ) {
    // As long as there is one scrape of each, nobody can be missed.
    guard let interval else { return }
    let at = now()
    for target in servers.forget(unseenFor: interval * Self.intervalsUntilForgotten, at: at)
    where !closely.named.contains(target) {
      closely.forget(target)
      tell(.forgot(target), at: at)
    }
  }

  /// A server that nobody but itself tells of leaves when it is silent.
  private func forgetAbsent() {
    guard let interval = relay.interval else { return }
    let at = now()
    let absent = closely.forgetAbsent(
      silentFor: interval * Self.intervalsUntilForgotten,
      unlessNamed: { isTold($0) || besides.contains($0) }, at: at)
    for target in absent { tell(.forgot(target), at: at) }
  }

  // MARK: Servers that sources name besides

  private func isTold(_ target: Target) -> Bool {
    vtgates.contains(target) || tablets.contains(target) || unplaced.contains(target)
  }

  /// Takes whom sources name: they know where servers are reached, and whose tablets are.
  private func takeNamed() async {
    guard let gone = besides.take(await direct.servers, at: now()) else { return }
    let places = besides.places { vtgates.contains($0) || tablets.contains($0) }
    client = described.knowing { places[$0] }
    readsTabletsAgain = true
    let left = gone.sorted().filter { !isTold($0) && closely.forget($0) }
    guard !left.isEmpty else { return }
    await followClosely()
    for target in left { tell(.forgot(target), at: now()) }
  }

  /// Says which of them Prometheus does not scrape, once it has told what it has.
  private func noteUnscraped() {
    guard relay.hasTold, relay.fault == nil, let interval = relay.interval else { return }
    let now = now()
    func isKnown(_ target: Target) -> Bool { isTold(target) || closely.answers(target, at: now) }
    relay.unscrapedGates = besides.unscraped(.gate, every: interval, at: now, unlessKnown: isKnown)
    guard relay.tabletFault == nil else { return }
    relay.unscrapedTablets = besides.unscraped(
      .member, every: interval, at: now, unlessKnown: isKnown)
  }

  // MARK: Servers that are asked directly

  private func followClosely() async {
    let besides = besides.concerned(by: wishes.shards, unlessTold: isTold)
    let targets = closely.targets(for: wishes, besides: besides, unlessTold: isTold, at: now())
    relay.unreached = closely.unreached
    asked = targets.union(closely.named)
    await direct.limit(to: targets)
    var own = wishes
    own.closely = targets
    await direct.grant(own)
  }

  /// What a server has said itself.
  private func take(_ observation: Observation) async {
    switch observation.news {
    case .outcome(let outcome):
      // One that was on its way when its server was left alone would bring that back.
      guard asked.contains(outcome.target) else { return }
      let follows = closely.take(outcome, for: wishes)
      if follows.tellsOutcome { tell(.outcome(outcome), at: outcome.at) }
      if follows.changesTargets { await followClosely() }
    case .pace(let own):
      (pace.requestsPerSecond, pace.budget) = (own.requestsPerSecond, own.budget)
      pace.targetBudget = own.targetBudget
    case .event, .shards, .source: tell(observation.news, at: observation.at)
    default: break
    }
  }
}
