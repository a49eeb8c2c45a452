package import FleetModel
package import Operations
package import Terms
internal import Synchronization
internal import Timing
package import Watching

/// One look at a cluster, for those who want to know how it is and leave.
package enum Look {
  /// By then a mere change is over, and anything that remains is a fault.
  private static let timeToDecide: Duration = .seconds(7)

  /// Watches until every server has answered or failed once.
  ///
  /// `deadline`: how long to wait for that at most. `looksTwice`: goes on, for ``timeToDecide`` at
  /// most, if one look cannot tell whether something is wrong or only changing. `access`: the way to
  /// topo, which says what is meant to be without a primary.
  package static func take(
    _ targets: [Target], settings: Watch.Settings, feed: any Feed, deadline: Duration,
    looksTwice: Bool = false, access: ClusterAccess? = nil,
    now: @escaping @Sendable () -> Instant
  ) async -> Watch {
    let start = now()
    let topo = Task { (news: await access?.topo(at: start) ?? [], at: now()) }
    var watch = Watch(settings, at: start)
    for target in targets {
      watch.take(Observation(of: settings.cluster, at: start, .watching(target)))
    }
    await feed.start(targets)
    let named = Mutex<Instant?>(nil)
    await atMost(deadline) {
      let last = await feed.hasHeardOfServers()
      named.withLock { $0 = last }
    }
    var outstanding = Outstanding(targets, heard: named.withLock(\.self))
    let timer = Task {
      try? await Task.sleep(for: looksTwice ? max(deadline, timeToDecide) : deadline)
      await feed.stop()
    }
    var present = Present(now)
    for await batch in feed.batches {
      present.hear(batch)
      for observation in batch {
        watch.take(observation)
        outstanding.take(observation)
      }
      guard outstanding.isEmpty || (looksTwice && now() - start >= deadline) else { continue }
      guard looksTwice else { break }
      _ = watch.settle(at: present.now)
      if now() - start >= timeToDecide || !watch.fleet.isUndecided(at: present.now) { break }
    }
    // While topo is waited for nobody is asked, and nobody is silent.
    let end = present.now
    timer.cancel()
    await feed.stop()
    await atMost(max(.zero, deadline - (now() - start))) { _ = await topo.value }
    topo.cancel()
    let (known, at) = await topo.value
    for news in known {
      var news = news
      // It failed because it was broken off here.
      if case .topoFailed = news, at - start >= deadline {
        news = .topoFailed(
          CallFailure(.unreachable, nil, .noAnswer(within: deadline, to: "GetKeyspaces")))
      }
      watch.take(Observation(of: settings.cluster, at: at, news))
    }
    _ = watch.tick(at: end)
    return watch
  }

  /// What has to be heard yet: an answer or a failure of each server, and whom sources name.
  private struct Outstanding {
    private var servers: Set<Target>
    /// Who tells of servers knows first which there are.
    private var isTold = true
    /// When sources' word was told, until it has been taken.
    private var naming: Instant?

    init(_ servers: [Target], heard: Instant?) { (self.servers, naming) = (Set(servers), heard) }

    var isEmpty: Bool { servers.isEmpty && isTold && naming == nil }

    mutating func take(_ observation: Observation) {
      if let naming, observation.at >= naming { self.naming = nil }
      switch observation.news {
      case .watching(let target): servers.insert(target)
      case .outcome(let outcome): servers.remove(outcome.target)
      case .forgot(let target): servers.remove(target)
      case .pace(let pace):
        // Whoever has told nothing yet may still do so.
        isTold = pace.relay.map { $0.hasTold || ($0.fault ?? .unheard) != .unheard } ?? true
      default: break
      }
    }
  }
}
