import Buffering
import FleetModel
import Lab
import Terms
import TestSupport
import Testing
import WhatIf

/// A failover of the lab under some flags foretells the same failover under others.
///
/// For each of 200 random stories: the lab runs with flags A and is polled once a second; a forecast is
/// made for flags B; the lab runs again with B and the same seed. What is called exact must be equal, and
/// everything else must lie between its bounds.
@Suite struct ForetoldTests {
  /// Clients that each query some times a second; how they take errors and waiting differs.
  private static func profile(_ dice: inout Dice) -> TrafficProfile {
    var profile = TrafficProfile(name: "dice")
    (profile.persistent, profile.pooled, profile.oneOff) = (
      Int.random(in: 3...25, using: &dice), 0, 0
    )
    profile.think = .milliseconds(Int.random(in: 150...1500, using: &dice))
    profile.retries = [nil, 0, 3].randomElement(using: &dice) ?? nil
    profile.retryTime = .milliseconds(Int.random(in: 50...3000, using: &dice))
    if Int.random(in: 0..<4, using: &dice) == 0 {
      profile.readTimeout = .milliseconds(Int.random(in: 500...4000, using: &dice))
    }
    if Int.random(in: 0..<6, using: &dice) == 0 {
      profile.deadline = .milliseconds(Int.random(in: 500...6000, using: &dice))
    }
    return profile
  }

  private static func flags(_ dice: inout Dice) -> RequestBuffer.Configuration {
    var flags = RequestBuffer.Configuration()
    flags.size = Int.random(in: 1...40, using: &dice)
    flags.window = .milliseconds(Int.random(in: 1000...9000, using: &dice))
    flags.maxFailoverDuration =
      flags.window + .milliseconds(Int.random(in: 0...4000, using: &dice))
    flags.minTimeBetweenFailovers =
      flags.maxFailoverDuration * 2 + .milliseconds(Int.random(in: 0...20_000, using: &dice))
    flags.drainConcurrency = Int.random(in: 1...4, using: &dice)
    return flags
  }

  private static func story(_ dice: inout Dice) -> LabFailover.Story {
    var story = LabFailover.Story()
    story.release = [.v16, .v20, .v22].randomElement(using: &dice) ?? .v22
    story.profile = profile(&dice)
    story.promotion = .milliseconds(Int.random(in: 200...7000, using: &dice))
    story.seed = UInt64.random(in: 1...1_000_000, using: &dice)
    story.phase = .milliseconds(Int.random(in: 0...999, using: &dice))
    let first = Duration.milliseconds(2200 + Int.random(in: 0...999, using: &dice))
    story.reparents = [first]
    switch Int.random(in: 0..<8, using: &dice) {
    case 0, 1:
      let pause = Duration.milliseconds(Int.random(in: 4000...25_000, using: &dice))
      story.reparents.append(first + story.promotion + pause)
    case 2: story.keyspaces = [("commerce", ["-80", "80-"])]
    case 3: story.keyspaces = [("commerce", ["0"]), ("customer", ["0"])]
    default: break
    }
    return story
  }

  private static func asked(_ dice: inout Dice, _ story: LabFailover.Story) -> AskedFlags {
    let flags = flags(&dice)
    var asked = AskedFlags()
    // Draining otherwise changes nothing that is counted, but the lab's later random numbers.
    if story.reparents.count * story.shards.count == 1 {
      asked.drainConcurrency = flags.drainConcurrency
    }
    let which = Int.random(in: 0..<6, using: &dice)
    if which != 1 { asked.size = flags.size }
    if which > 0 {
      (asked.window, asked.maxFailoverDuration) = (flags.window, flags.maxFailoverDuration)
    }
    if which > 4 { asked.minTimeBetweenFailovers = flags.minTimeBetweenFailovers }
    return asked
  }

  /// How much was told: a forecast that always says "not known" is never wrong either.
  private struct Tally {
    var (exact, bounded, unknown, answers, refusals) = (0, 0, 0, 0, 0)
  }

  @Test(arguments: 0..<8) func theLabCountsWhatWasForetold(share: Int) throws {
    var tally = Tally()
    for seed in 0..<25 { try Self.tell(UInt64(share * 25 + seed), &tally) }
    #expect(tally.answers >= 12)
    #expect(tally.exact > tally.bounded + tally.unknown)
  }

  private static func tell(_ seed: UInt64, _ tally: inout Tally) throws {
    var dice = Dice(seed &* 7919 &+ 1)
    let story = story(&dice)
    let before = flags(&dice)
    let asked = asked(&dice, story)
    let recorded = LabFailover(story, before)
    let after = asked.over(before)
    var rerun: LabFailover?
    var avoided: Forecast.Avoided?
    for shard in story.shards {
      let whatIf: WhatIf
      do {
        whatIf = try recorded.again(shard)
      } catch is RecordedOutage.Refusal {
        tally.refusals += 1
        return
      }
      let counted = recorded.counts[shard] ?? BufferCounters()
      compare(whatIf.reproduction(), counted, "seed \(seed), as it was")
      do throws(WhatIf.Unanswered) {
        let forecast = try whatIf.forecast(asked)
        let lab = rerun ?? LabFailover(story, after)
        rerun = lab
        // What was before it is taken as it was.
        guard lab.history == recorded.history else { return }
        compare(
          forecast, lab.counts[shard] ?? BufferCounters(), "seed \(seed), \(asked)", &tally)
        avoided = avoided.map { $0 + forecast.avoided } ?? forecast.avoided
        tally.answers += 1
      } catch {
        tally.refusals += 1
        return
      }
    }
    let fewer = recorded.failed - (rerun?.failed ?? 0)
    let (least, most) = (avoided?.least ?? .min, avoided?.most ?? .max)
    #expect(least <= fewer && fewer <= most, "seed \(seed): \(fewer), told \(least) to \(most)")
  }

  private static func compare(_ forecast: Forecast, _ counts: BufferCounters, _ what: String) {
    var tally = Tally()
    compare(forecast, counts, what, &tally)
  }

  private static func compare(
    _ forecast: Forecast, _ counts: BufferCounters, _ what: String, _ tally: inout Tally
  ) {
    for row in Forecast.Row.all {
      let told = forecast[row]
      let counted =
        switch row {
        case .starts: counts.starts
        case .stops(let reason): counts.stops[reason, default: 0]
        case .buffered: counts.buffered
        case .drained: counts.drained
        case .evicted(let reason): counts.evicted[reason, default: 0]
        case .skipped(let reason): counts.skipped[reason, default: 0]
        // The vtgate tells that of its last one: it is looked at where this one was buffered.
        case .peak: forecast.starts.least == 1 ? counts.lastRequestsInFlightMax ?? 0 : 0
        }
      #expect(
        told.least <= counted && counted <= told.most ?? .max,
        "\(row), \(what): \(counted), told \(told)")
      #expect(told.least <= told.likely && told.likely <= told.most ?? .max)
      if told.isExact {
        tally.exact += 1
      } else if told.isUnknown {
        tally.unknown += 1
      } else {
        tally.bounded += 1
      }
    }
  }
}
