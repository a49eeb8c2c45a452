package import FleetModel
internal import VitessClient

/// Polls targets, one task and at most one request in flight each, and finds tablets as it goes.
///
///     Target ─> task: poll ─ deadline ─> ScrapeOutcome ─┐
///        ▲                                              ├─> AsyncStream<Report>
///        └── tablets named by the vtgates' answers ◄────┘
package actor Scraper {
  /// What the scraper tells.
  package enum Report: Sendable, Equatable {
    case watching(Target)
    case outcome(ScrapeOutcome)
    /// The target left the topology and is no longer polled.
    case forgot(Target, at: Instant)
  }

  package struct Configuration: Sendable {
    package var interval: Duration
    /// How long one poll of a target, all its pages together, may take.
    package var deadline: Duration

    package init(interval: Duration = .seconds(1), deadline: Duration? = nil) {
      self.interval = interval
      self.deadline = deadline ?? max(.seconds(2), interval)
    }
  }

  /// How many polls in a row no vtgate names a tablet before it counts as gone.
  ///
  /// A vtgate that has just started names none for a moment.
  private static let absencesUntilForgotten = 10

  package nonisolated let reports: AsyncStream<Report>

  private let configuration: Configuration
  private let now: @Sendable () -> Instant
  private let fetcher = HTTPFetcher()
  private let continuation: AsyncStream<Report>.Continuation
  private let origin: Instant
  private var tasks: [Target: Task<Void, Never>] = [:]
  /// Targets the operator named; they are never forgotten.
  private var named: Set<Target> = []
  /// What each vtgate named last.
  private var sightings: [Address: Set<Address>] = [:]
  private var absences: [Address: Int] = [:]

  package init(configuration: Configuration, now: @escaping @Sendable () -> Instant) {
    self.configuration = configuration
    self.now = now
    origin = now()
    (reports, continuation) = AsyncStream.makeStream(bufferingPolicy: .unbounded)
  }

  /// Starts polling the targets an operator named.
  package func start(_ targets: [Target]) {
    for target in targets {
      named.insert(target)
      watch(target)
    }
  }

  /// Ends all polling and closes the connections.
  package func stop() async {
    for task in tasks.values { task.cancel() }
    for task in tasks.values { await task.value }
    tasks = [:]
    continuation.finish()
    await fetcher.shutdown()
  }

  private func watch(_ target: Target) {
    guard tasks[target] == nil else { return }
    continuation.yield(.watching(target))
    tasks[target] = Task { await self.run(target) }
  }

  private nonisolated func run(_ target: Target) async {
    switch target.kind {
    case .vtgate:
      var client = VtgateClient(target.address, fetcher: fetcher)
      await repeatPolling(target) { deadline throws(ScrapeFailure) in
        .vtgate(try await client.poll(deadline: deadline))
      }
    case .vttablet:
      var client = TabletClient(target.address, fetcher: fetcher)
      await repeatPolling(target) { deadline throws(ScrapeFailure) in
        .tablet(try await client.poll(deadline: deadline))
      }
    }
  }

  private nonisolated func repeatPolling(
    _ target: Target,
    _ poll: (Duration) async throws(ScrapeFailure) -> ScrapeOutcome.Result
  ) async {
    var schedule = PollSchedule(interval: configuration.interval, origin: origin)
    while !Task.isCancelled {
      let start = now()
      let result: ScrapeOutcome.Result
      do throws(ScrapeFailure) {
        result = try await poll(configuration.deadline)
      } catch {
        result = .failed(error)
      }
      guard !Task.isCancelled else { return }
      let end = now()
      await publish(ScrapeOutcome(target: target, at: end, took: end - start, result: result))
      var succeeded = true
      if case .failed = result { succeeded = false }
      let due = schedule.next(after: succeeded, at: end, jitter: .random(in: -1...1))
      try? await Task.sleep(for: max(.zero, due - end), tolerance: .milliseconds(5))
    }
  }

  private func publish(_ outcome: ScrapeOutcome) {
    guard tasks[outcome.target] != nil else { return }
    // Tablets are watched before the answer that names them is told: whoever waits for all targets
    // to have answered never finds none outstanding too early.
    defer { continuation.yield(.outcome(outcome)) }
    if case .failed = outcome.result, sightings.count > 1 {
      // What a dead vtgate named last must not keep tablets that the others saw leave.
      sightings[outcome.target.address] = nil
    }
    guard case .vtgate(let reading) = outcome.result, let tablets = reading.tablets else { return }
    sightings[outcome.target.address] = Set(tablets.compactMap(\.address))
    for address in sightings[outcome.target.address, default: []].sorted() {
      watch(Target(.vttablet, address))
    }
    forgetAbsent(at: outcome.at)
  }

  /// Stops polling tablets that no vtgate has named for a while.
  private func forgetAbsent(at instant: Instant) {
    let present = sightings.values.reduce(into: Set<Address>()) { $0.formUnion($1) }
    for target in tasks.keys where target.kind == .vttablet && !named.contains(target) {
      guard !present.contains(target.address) else {
        absences[target.address] = nil
        continue
      }
      absences[target.address, default: 0] += 1
      guard absences[target.address, default: 0] >= Self.absencesUntilForgotten * sightings.count
      else { continue }
      absences[target.address] = nil
      tasks.removeValue(forKey: target)?.cancel()
      continuation.yield(.forgot(target, at: instant))
    }
  }
}
