import Discovery
import FleetModel
import PrometheusClient
import PrometheusFeed
import Scrape
import Terms
import TestSupport
import Timing
import VitessClient
import Watching

/// Somebody who watches what a feed tells, as a session does.
actor Observer {
  let feed: PrometheusFeed
  private let clock: RunClock
  private(set) var watch: Watch
  private(set) var outcomes: [ScrapeOutcome] = []
  private var task: Task<Void, Never>?

  /// `port`: of who tells, on loopback; `sources`: who names servers beside it; `deadline`: how long who
  /// tells may send nothing.
  init(
    port: Int, clock: RunClock, matchers: String = "", sources: [any DiscoverySource] = [],
    deadline: Duration = .seconds(5),
    map place: @escaping @Sendable (Address) -> Address = { $0 }
  ) {
    self.clock = clock
    let server = Address(host: "127.0.0.1", port: port)
    let client = PrometheusClient(
      server, matchers: matchers, over: HTTPFetcher(deadline: deadline), placing: place)
    feed = PrometheusFeed(
      of: "lab", client, at: server,
      direct: Scraper(of: "lab", sources: sources, discovers: false) { clock.now },
      interval: .seconds(1), now: { clock.now })
    watch = Watch(.init(cluster: "lab", interval: .seconds(1)), at: clock.now)
  }

  func start(_ targets: [Target] = []) async {
    await feed.start(targets)
    task = Task {
      for await observation in feed.observations { await take(observation) }
    }
  }

  func stop() async {
    await feed.stop()
    await task?.value
  }

  private func take(_ observation: Observation) async {
    watch.take(observation)
    if case .outcome(let outcome) = observation.news { outcomes.append(outcome) }
    await settle()
  }

  /// Brings the watch up to now, and grants what it wishes.
  func settle() async {
    let wishes = watch.wishes
    _ = watch.tick(at: clock.now)
    if watch.wishes != wishes { await feed.grant(watch.wishes) }
  }

  func arm(_ shard: ShardName) async {
    watch.arm(shard)
    await feed.grant(watch.wishes)
  }

  func disarm(_ shard: ShardName) async {
    watch.disarm(shard)
    await feed.grant(watch.wishes)
  }

  var fleet: Fleet { watch.fleet }
  var relay: Relay? { watch.fleet.relay }

  func shard(_ name: String) -> ShardSummary? {
    watch.fleet.summaries.first { $0.name.description == name }
  }
}
