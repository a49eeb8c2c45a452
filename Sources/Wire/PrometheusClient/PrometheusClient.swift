package import FleetModel
internal import NIOCore
package import Terms
package import VitessClient

/// What a Prometheus server, or another that speaks its HTTP API, has stored of vtgates and tablets.
///
///     what was scraped ──> StoredServer, one for each set of labels that a scrape adds
///     samples ───────────> StoredAnswer, the lines of `/metrics` of one scrape, put together again
///
/// Samples are asked for as they were scraped, by a range selector (`{…}[600s]`), and not on a grid of
/// steps: a range query repeats the latest value for up to five minutes, so that a vtgate which is gone
/// would seem to answer, and it moves every sample to the next step.
///
/// Source: Prometheus' HTTP API v1, "Instant queries" and "Range vectors"; VictoriaMetrics, Thanos and
/// Mimir answer alike.
package struct PrometheusClient: Sendable {
  private let fetcher: HTTPFetcher
  private let server: Address
  /// What every query asks for besides, such as `cluster="prod"`.
  package let matchers: String
  private let place: @Sendable (Target) -> StoredServer.Place

  /// The longest time whose samples are asked for at once, and the shortest before it is given up.
  private static let spans = Duration.seconds(5)...Duration.seconds(600)

  /// `place`: where a server is reached that listens at an address.
  package init(
    _ server: Address, matchers: String = "", over fetcher: HTTPFetcher,
    placing place: @escaping @Sendable (Address) -> Address = { $0 }
  ) {
    self.fetcher = fetcher
    self.server = server
    self.matchers = matchers
    self.place = { StoredServer.Place(place($0.address)) }
  }

  private init(
    _ client: PrometheusClient, placing place: @escaping @Sendable (Target) -> StoredServer.Place
  ) {
    (fetcher, server, matchers) = (client.fetcher, client.server, client.matchers)
    self.place = place
  }

  /// The same client, to which somebody tells more of servers; `told`: of one where it is reached.
  package func knowing(
    _ told: @escaping @Sendable (Target) -> StoredServer.Place?
  ) -> PrometheusClient {
    PrometheusClient(self) { [place] server in
      let placed = place(server)
      return told(Target(server.kind, placed.address)) ?? placed
    }
  }

  package func shutdown() async { await fetcher.shutdown() }

  // MARK: Which servers

  /// The vtgates that were scraped between two moments, in the order of their addresses.
  ///
  /// Of several targets with one address, scraped by several jobs, the one that was scraped most often
  /// stands for all.
  package func vtgates(
    from start: Instant, to end: Instant
  ) async throws(RelayFault) -> [StoredServer] {
    // It has no labels of its own: those that it has are the scrape's.
    let query =
      "count_over_time(\(selector(VtgateMetrics.sizeName, []))[\((end - start).promText)])"
    let found = try await servers(.vtgate, query, at: end) { series in
      series.samples.last.flatMap { Int(series.text($0.value)) } ?? 0
    }
    guard !found.isEmpty else { throw .knowsNoVtgate(matchers: matchers) }
    return Self.best(of: found).map(\.0).sorted { $0.target < $1.target }
  }

  /// The vtgates that were scraped within a time until now, and when.
  ///
  /// `known`: those of an earlier look, whose labels are not read again.
  package func scrapes(
    within window: Duration, known: [StoredServer.Key: StoredServer] = [:]
  ) async throws(RelayFault) -> [(vtgate: StoredServer, at: [Instant])] {
    let query = "\(selector(VtgateMetrics.sizeName, []))[\(window.promText)]"
    let found = try await servers(.vtgate, query, at: nil, known) { series in
      series.samples.map { Instant(milliseconds: $0.at) }
    }
    let times = Dictionary(found.map { ($0.key, $1) }, uniquingKeysWith: { $0 + $1 })
    return Self.best(of: found.map { ($0, $1.count) }).map { ($0.0, times[$0.0.key] ?? []) }
  }

  /// The targets of some jobs that cannot be scraped now.
  package func failing(
    of jobs: Set<String>
  ) async throws(RelayFault) -> Set<StoredServer.Key> {
    guard !jobs.isEmpty else { return [] }
    var failing: Set<StoredServer.Key> = []
    try await ask("\(selector("up", Self.choice(of: jobs, by: "job"))) == 0", at: nil) { series in
      // Where the jobs cannot be named, those of all are told.
      guard let key = StoredServer.Key(series), key.job.map(jobs.contains) == true else { return }
      failing.insert(key)
    }
    return failing
  }

  /// The server's time of day.
  package func time() async throws(RelayFault) -> Instant {
    var time: Instant?
    try await ask("time()", at: nil) { time = $0.samples.last.map { Instant(milliseconds: $0.at) } }
    guard let time else {
      throw .failed(.notUnderstood(path: Self.page, .ofAnother(than: "Prometheus")))
    }
    return time
  }

  /// The servers whose series a query finds, each with what `value` makes of its own.
  private func servers<Value>(
    _ kind: Target.Kind, _ query: String, at time: Instant?,
    _ known: [StoredServer.Key: StoredServer] = [:], _ value: (StoredSeries) -> Value
  ) async throws(RelayFault) -> [(StoredServer, Value)] {
    var found: [(StoredServer, Value)] = []
    var nameless: RelayFault?
    try await ask(query, at: time) { series in
      let known = StoredServer.Key(series).flatMap { known[$0] }
      guard var server = known ?? StoredServer(kind, series.allLabels, placing: place) else {
        nameless = .hasNoAddress(series["instance"])
        return
      }
      server.alsoScraped = 0
      found.append((server, value(series)))
    }
    if found.isEmpty, let nameless { throw nameless }
    return found
  }

  private static func best(of found: [(StoredServer, scrapes: Int)]) -> [(StoredServer, Int)] {
    var best: [Address: (server: StoredServer, scrapes: Int)] = [:]
    for (server, scrapes) in found {
      guard let known = best[server.target.address] else {
        best[server.target.address] = (server, scrapes)
        continue
      }
      let isBetter = (scrapes, known.server.key.job ?? "") > (known.scrapes, server.key.job ?? "")
      var chosen = isBetter ? server : known.server
      chosen.alsoScraped = known.server.alsoScraped + server.alsoScraped + 1
      best[server.target.address] = (chosen, max(scrapes, known.scrapes))
    }
    return best.values.map { ($0.server, $0.scrapes) }
  }

  // MARK: What they answered

  /// What a vtgate answered from one moment to another, both included, in the order of time.
  package func answers(
    of vtgate: StoredServer, from start: Instant, to end: Instant
  ) async throws(RelayFault) -> [StoredAnswer] {
    let query = selector("up|" + VtgateMetrics.namePattern, vtgate.matchers)
    var answers: [StoredAnswer] = []
    var span = Self.spans.upperBound
    var done = start - .milliseconds(1)
    while done < end {
      let next = min(end, done + span)
      do throws(RelayFault) {
        let found = try await self.answers(
          query, after: done, to: next, markedBy: VtgateMetrics.sizeName)
        answers += found[vtgate.key] ?? []
        done = next
      } catch .failed(.notUnderstood(_, .tooLong)) where span / 2 >= Self.spans.lowerBound {
        span = span / 2
      }
    }
    return answers
  }

  /// What tablets answered after one moment and until another.
  ///
  /// Their own series do not say whose they are, so the scrape's labels have to; `unplaced` are those
  /// of which neither they nor anybody else does. `known`: those of an earlier look, whose labels are read again where they differ.
  package func tablets(
    after start: Instant, to end: Instant, known: [StoredServer.Key: StoredServer] = [:]
  ) async throws(RelayFault) -> (
    found: [(StoredServer, [StoredAnswer])], unplaced: Unplaced
  ) {
    var servers: [StoredServer.Key: StoredServer] = [:]
    var unplaced: [StoredServer.Key: Target?] = [:]
    var answers = StoredAnswers(markedBy: TabletMetrics.stateName)
    // One by one, because the answers of many tablets are long.
    for name in TabletMetrics.relayedNames {
      let names = Self.freshly(name, at: end)
      try await ask("\(selector(names, []))[\((end - start).promText)]", at: end) { series in
        guard let key = StoredServer.Key(series) else { return }
        if servers[key] == nil, unplaced[key] == nil {
          let server = tablet(series, key, known)
          if let server, server.shard != nil {
            servers[key] = server
          } else {
            unplaced[key] = .some(server?.target)
          }
        }
        if servers[key] != nil { answers.take(series) }
      }
    }
    let all = answers.all()
    return (
      servers.map { key, server in (server, (all[key] ?? []).filter { $0.at > start }) },
      Unplaced(count: unplaced.count, targets: Set(unplaced.values.compactMap(\.self)))
    )
  }

  /// Tablets whose shard is not known.
  package struct Unplaced: Sendable {
    package let count: Int
    /// Those whose address is.
    package let targets: Set<Target>
  }

  private func tablet(
    _ series: StoredSeries, _ key: StoredServer.Key, _ known: [StoredServer.Key: StoredServer]
  ) -> StoredServer? {
    let scraped = series.bytes(without: TabletMetrics.labels)
    if let known = known[key], known.scraped == scraped { return known }
    return StoredServer(.vttablet, series.allLabels, scraped: scraped, placing: place)
  }

  private func answers(
    _ selector: String, after start: Instant, to end: Instant, markedBy mark: String
  ) async throws(RelayFault) -> [StoredServer.Key: [StoredAnswer]] {
    var answers = StoredAnswers(markedBy: mark)
    try await ask("\(selector)[\((end - start).promText)]", at: end) { answers.take($0) }
    // Prometheus 2 counts the beginning of a range to it, version 3 does not.
    return answers.all().mapValues { $0.filter { start < $0.at && $0.at <= end } }
  }

  // MARK: Queries

  private static let page = "/api/v1/query"

  /// Names to which no cache has an answer.
  ///
  /// For ten seconds VictoriaMetrics remembers which series a selector picks, and one that is new, such
  /// as those of a shard's first failover, would be missing for as long.
  static func freshly(_ names: String, at time: Instant) -> String {
    "\(names)|at_\(time.nanoseconds / 1_000_000)"
  }

  func selector(_ names: String, _ own: [String]) -> String {
    let all = [#"__name__=~"\#(names)""#] + own + (matchers.isEmpty ? [] : [matchers])
    return "{\(all.joined(separator: ","))}"
  }

  /// `time`: nil for the server's own now.
  func ask(
    _ query: String, at time: Instant?, _ take: (StoredSeries) -> Void
  ) async throws(RelayFault) {
    // Without `nocache`, VictoriaMetrics holds back what is younger than half a minute. What is known
    // only in part is refused by a cluster of it, and by Thanos.
    let path =
      "\(Self.page)?query=\(query.percentEncoded)&nocache=1&deny_partial_response=1"
      + "&partial_response=false"
      + (time.map { "&time=\($0.promText)" } ?? "")
    let page: HTTPFetcher.Page
    do throws(ScrapeFailure) {
      page = try await fetcher.page(path, at: server, isLong: true)
    } catch {
      throw .failed(error.named(Self.page))
    }
    let fault: RelayFault?
    do {
      fault = try page.body.withUnsafeReadableBytes { bytes throws(JSONScanner.Unexpected) in
        try PrometheusAnswer.read(bytes, take)
      }
    } catch {
      throw .failed(
        page.refusal(of: Self.page)
          ?? .notUnderstood(path: Self.page, .ofAnother(than: "Prometheus")))
    }
    if case .refused(let words) = fault {
      throw .refused(words: String(page.hidingSecrets(in: words).prefix(300)))
    }
    if let fault { throw fault }
  }
}

extension ScrapeFailure {
  /// With the path alone where it tells of a whole query.
  fileprivate func named(_ path: String) -> ScrapeFailure {
    if case .notUnderstood(_, let obscurity) = self {
      .notUnderstood(path: path, obscurity)
    } else {
      self
    }
  }
}

extension Instant {
  /// Seconds since 1970, to the millisecond, as Prometheus stores its times.
  fileprivate var promText: String {
    let milliseconds = nanoseconds / 1_000_000
    let rest = String(milliseconds % 1000)
    return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest)"
  }
}

extension Duration {
  /// To the millisecond above.
  var promText: String { "\((wholeNanoseconds + 999_999) / 1_000_000)ms" }
}
