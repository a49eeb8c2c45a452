import FleetModel
import Terms
import Testing
import Watching

/// Verdicts over a shard that do not depend on the second in which somebody looks.
@Suite struct OverduePrimaryTests {
  /// Vtgates of a shard whose primary is dead hold requests, give up, and hold again.
  private static func buffer(_ feed: inout Feed, _ isBuffering: Bool) {
    for index in feed.readings.indices {
      feed.change(index) { counters in
        if isBuffering {
          counters.starts += 1
        } else {
          counters.stops[.maxDurationExceeded, default: 0] += 1
        }
      }
    }
    feed.poll()
    feed.fleet.settle(at: feed.now)
  }

  private static func health(_ feed: Feed) -> (FleetCheck.Health, Shard.State) {
    (FleetCheck(feed.fleet).health, feed.state.state)
  }

  /// Whoever looks once sees what is so for seconds, whether or not something was there before.
  @Test(arguments: [true, false]) func whereThePrimaryStaysAwayBufferingIsNoReplacement(
    _ wasThere: Bool
  ) {
    var feed = Feed()
    if wasThere {
      feed.poll()
      feed.fleet.settle(at: feed.now)
    }
    feed.losePrimary()
    Self.buffer(&feed, true)
    #expect(Self.health(feed) == (.degraded, .buffering))
    #expect(feed.fleet.isUndecided(at: feed.now))
    for _ in 0..<6 {
      feed.poll()
      feed.fleet.settle(at: feed.now)
    }
    #expect(Self.health(feed) == (.failing, .buffering))
    #expect(!feed.fleet.isUndecided(at: feed.now))
    let names = FleetCheck(feed.fleet).problems.map(\.finding.name)
    #expect(names.contains(.primaryUnseen) && names.contains(.holding), "\(names)")
    Self.buffer(&feed, false)
    #expect(Self.health(feed) == (.failing, .noPrimary))
    Self.buffer(&feed, true)
    #expect(Self.health(feed) == (.failing, .buffering))
    // Another begins anew.
    feed.regainPrimary()
    Self.buffer(&feed, false)
    feed.losePrimary()
    Self.buffer(&feed, true)
    #expect(Self.health(feed) == (.degraded, .buffering))
  }

  /// Prometheus tells no settings, and the vtgate is asked directly only once something goes on.
  @Test func whatAVtgateSaysOfItsSettingsCountsForTheFailoverThatGoesOn() throws {
    var feed = Feed()
    feed.poll()
    feed.losePrimary()
    Self.buffer(&feed, true)
    #expect(feed.fleet.failovers.all.first?.tracks.first?.flags.source == .defaults)
    var flags = BufferFlags(source: .commandLine)
    flags.window = .seconds(2)
    flags.maxFailoverDuration = .seconds(4)
    feed.readings[0].flags = flags
    feed.poll()
    feed.fleet.settle(at: feed.now)
    let tracks = try #require(feed.fleet.failovers.all.first?.tracks)
    let asked = try #require(tracks.first { $0.address == Feed.vtgates[0] })
    #expect(asked.flags == flags)
    // Of the other one nobody has said anything.
    #expect(tracks.first { $0.address == Feed.vtgates[1] }?.flags.source == .defaults)
    // Another process may have others.
    flags.window = .seconds(10)
    feed.readings[1].flags = flags
    feed.readings[1].processStart = feed.now.secondsSinceEpoch
    feed.poll()
    feed.fleet.settle(at: feed.now)
    let other = feed.fleet.failovers.all.first?.tracks.first { $0.address == Feed.vtgates[1] }
    #expect(other?.flags.source == .defaults)
  }

  /// The same rule as Prometheus alerts by.
  @Test func whereNoThrottlerTellsItsThresholdTheOperatorsCounts() {
    for (own, standing, lag, isOver) in [
      (nil, 5, 86, true), (nil, 5, 4, false), (nil, nil, 86, false), (100, 5, 86, false),
      (1, 5, 4, true),
    ] as [(Double?, Double?, Double, Bool)] {
      var feed = Feed()
      feed.fleet.lagThreshold = standing
      feed.poll()
      feed.pollTablet(101) {
        $0.threshold = own
        $0.selfValue = lag
      } reading: {
        $0.replicationLag = lag
      }
      feed.fleet.settle(at: feed.now)
      #expect(feed.state.lag.isOverThreshold == isOver, "\(String(describing: own)), \(lag)")
      let names = FleetCheck(feed.fleet).problems.map(\.finding.name)
      #expect(names.contains(.lagOver) == isOver)
    }
  }

  @Test func theThresholdIsTheWatchs() {
    let watch = Watch(
      Watch.Settings(cluster: "prod", interval: .seconds(1), lagThreshold: 7), at: Feed.start)
    #expect(watch.fleet.lagThreshold == 7)
  }
}
