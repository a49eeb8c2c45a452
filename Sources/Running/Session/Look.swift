package import FleetModel
package import Operations
package import Terms
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
    var unanswered = Set(targets)
    // Who tells of servers knows first which there are.
    var isTold = true
    await feed.start(targets)
    await atMost(deadline) { await feed.hasHeardOfServers() }
    let timer = Task {
      try? await Task.sleep(for: looksTwice ? max(deadline, timeToDecide) : deadline)
      await feed.stop()
    }
    for await observation in feed.observations {
      watch.take(observation)
      switch observation.news {
      case .watching(let target): unanswered.insert(target)
      case .outcome(let outcome): unanswered.remove(outcome.target)
      case .forgot(let target): unanswered.remove(target)
      case .pace(let pace): isTold = pace.relay.map { $0.hasTold || $0.fault != nil } ?? true
      default: break
      }
      // A gate's answer names members before it is reported as an outcome.
      guard (unanswered.isEmpty && isTold) || (looksTwice && now() - start >= deadline) else {
        continue
      }
      guard looksTwice else { break }
      _ = watch.settle(at: now())
      if now() - start >= timeToDecide || !watch.fleet.isUndecided(at: now()) { break }
    }
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
    _ = watch.tick(at: now())
    return watch
  }
}
