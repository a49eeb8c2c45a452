import FleetModel
import Scrape
import Terms
import Testing

private let origin = Instant(secondsSinceEpoch: 1000)
private let gate = Target(.vtgate, Address(host: "gate", port: 1))
private let tablet = Target(.vttablet, Address(host: "tablet", port: 1))

/// A queue whose polls take a fixed time, driven by a clock of its own.
private struct Drive {
  var queue: PollQueue
  var now = origin
  /// When each target was polled.
  var polls: [(target: Target, at: Instant)] = []
  var took = Duration.milliseconds(4)
  var requests = 1
  var succeeds: (Target) -> Bool = { _ in true }

  init(_ cadence: Cadence, _ targets: [Target]) {
    queue = PollQueue(cadence, origin: origin)
    for target in targets { queue.add(target, at: origin) }
  }

  mutating func run(for duration: Duration) {
    let end = now + duration
    while let due = queue.nextDue(), due <= end {
      now = max(now, due)
      while let target = queue.take(at: now) {
        polls.append((target, now))
        queue.finish(
          target, requests: requests, succeeded: succeeds(target), at: now + took, jitter: 0)
      }
    }
    now = end
  }

  func times(of target: Target, since instant: Instant = origin) -> [Double] {
    polls.filter { $0.target == target && $0.at >= instant }.map { ($0.at - origin).seconds }
  }
}

private func nextDue(_ queue: PollQueue) -> Instant? {
  var queue = queue
  return queue.nextDue()
}

private func expectTaken(
  _ queue: inout PollQueue, at instant: Instant, _ target: Target?,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let taken = queue.take(at: instant)
  #expect(taken == target, sourceLocation: sourceLocation)
}

@Suite struct PollQueueTests {
  @Test func aTargetsBudgetHoldsHoweverOftenItsRateIsChanged() {
    var drive = Drive(Cadence(targetBudget: 10), [gate])
    drive.requests = 3
    for press in 0..<100 {
      drive.queue.watchClosely(press.isMultiple(of: 2) ? [gate] : [], at: drive.now)
      drive.queue.poll(every: .milliseconds(press.isMultiple(of: 3) ? 100 : 1000), at: drive.now)
      drive.run(for: .milliseconds(20))
    }
    for start in drive.times(of: gate) {
      let second = drive.times(of: gate).count { (start..<start + 1).contains($0) }
      #expect(second * 3 <= 10)
    }
  }

  @Test func manyVtgatesWatchedCloselyLeaveTabletsTheirTurn() {
    let gates = (1...40).map { Target(.vtgate, Address(host: "gate", port: $0)) }
    var queue = PollQueue(Cadence(), origin: origin)
    for target in gates + [tablet] { queue.add(target, at: origin) }
    queue.watchClosely(Set(gates + [tablet]), at: origin)
    let turns = (0..<100).map { turn in
      // Vtgates are due again as soon as they have answered.
      let now = origin + .milliseconds(60 * turn)
      let target = queue.take(at: now)
      if let target {
        queue.finish(target, requests: 1, succeeded: true, at: now, jitter: 0)
      }
      return target
    }
    #expect(turns.count { $0 == tablet } >= 15)
  }

  @Test func quietTargetsShareOneGrid() {
    var drive = Drive(Cadence(), [gate, tablet])
    drive.run(for: .seconds(3))
    #expect(drive.times(of: gate) == [0, 1, 2, 3])
    #expect(drive.times(of: tablet) == [0, 1, 2, 3])
  }

  /// Whichever sees a failover first, it is heard of within half the interval.
  @Test func quietVtgatesTakeTurns() {
    let gates = (1...3).map { Target(.vtgate, Address(host: "gate", port: $0)) }
    var drive = Drive(Cadence(), gates + [tablet])
    drive.run(for: .seconds(3))
    #expect(drive.times(of: gates[0]) == [0, 1, 2, 3])
    #expect(drive.times(of: gates[1]) == [0, 0.5, 1.5, 2.5])
    #expect(drive.times(of: gates[2]) == [0, 1, 2, 3])
    #expect(drive.times(of: tablet) == [0, 1, 2, 3])
    // Whoever comes has the turn that fewer have, whoever has left.
    drive.queue.remove(gates[0])
    drive.queue.remove(gates[2])
    let new = Target(.vtgate, Address(host: "gate", port: 4))
    drive.queue.add(new, at: drive.now)
    drive.run(for: .seconds(2))
    #expect(drive.times(of: new) == [3, 4, 5])
    #expect(drive.times(of: gates[1], since: origin + .seconds(3)) == [3.5, 4.5])
  }

  /// The others know then what to expect.
  @Test(arguments: [true, false])
  func aFewVtgatesGoAheadOfMany(_ answer: Bool) {
    let gates = (1...40).map { Target(.vtgate, Address(host: "gate", port: $0)) }
    var drive = Drive(Cadence(), gates)
    drive.took = .milliseconds(20)
    drive.succeeds = { _ in answer }
    drive.run(for: .milliseconds(400))
    let first = drive.polls.filter { $0.at == origin }.map(\.target)
    #expect(Set(first) == Set(gates.prefix(4)))
    let others = Set(gates.dropFirst(4).flatMap { drive.times(of: $0) })
    #expect(others == [answer ? 0.02 : 0.25])
    drive.run(for: .seconds(2))
    #expect(drive.times(of: gates[30]).count == (answer ? 3 : 2))
    // Who comes later need not wait.
    guard answer else { return }
    let late = Target(.vtgate, Address(host: "late", port: 1))
    drive.queue.add(late, at: drive.now)
    #expect(drive.queue.take(at: drive.now) == late)
  }

  /// The first answer is of one that nobody waited for any more.
  @Test func vtgatesThatFailKeepTheirPauseWhenAnotherAnswersFirst() {
    let gates = (1...40).map { Target(.vtgate, Address(host: "gate", port: $0)) }
    var drive = Drive(Cadence(), gates)
    drive.succeeds = { $0 == gates[39] }
    drive.run(for: .milliseconds(400))
    #expect(drive.times(of: gates[39]) == [0.25])
    #expect(gates.dropFirst(4).allSatisfy { drive.times(of: $0) == [0.25] })
  }

  @Test func theIntervalCanBeChanged() {
    var drive = Drive(Cadence(), [gate])
    drive.run(for: .milliseconds(1500))
    drive.queue.poll(every: .seconds(3), at: drive.now)
    drive.run(for: .seconds(7))
    #expect(drive.times(of: gate) == [0, 1, 2, 3, 6])
    // Back at the short one it is asked at once.
    drive.queue.poll(every: .seconds(1), at: drive.now)
    drive.run(for: .seconds(2))
    #expect(drive.times(of: gate, since: origin + .seconds(8)) == [9, 10])
  }

  @Test func failuresAreLeftAloneLongerUpToALimit() {
    var drive = Drive(Cadence(), [gate])
    drive.took = .zero
    drive.succeeds = { _ in false }
    drive.run(for: .seconds(16))
    #expect(drive.times(of: gate) == [0, 1, 3, 7, 11, 15])
  }

  @Test func whatIsWatchedCloselyIsPolledAtOnceAndFast() {
    var drive = Drive(Cadence(), [gate, tablet])
    drive.run(for: .milliseconds(1300))
    drive.queue.watchClosely([gate, tablet], at: drive.now)
    drive.run(for: .milliseconds(500))
    let since = origin + .milliseconds(1300)
    #expect(
      drive.times(of: gate, since: since) == [
        1.3, 1.35, 1.4, 1.45, 1.5, 1.55, 1.6, 1.65, 1.7, 1.75, 1.8,
      ])
    #expect(drive.times(of: tablet, since: since) == [1.3, 1.55, 1.8])
    drive.queue.watchClosely([], at: drive.now)
    drive.run(for: .seconds(2))
    #expect(drive.times(of: gate, since: origin + .milliseconds(1900)) == [2, 3])
  }

  /// The whole fleet may fail over at once.
  @Test(arguments: [true, false])
  func manyTabletsWatchedCloselyShareARate(_ answer: Bool) {
    let tablets = (1...60).map { Target(.vttablet, Address(host: "tablet", port: $0)) }
    var drive = Drive(Cadence(interval: .seconds(5)), [gate] + tablets)
    drive.took = .zero
    drive.succeeds = { answer || $0 == gate }
    drive.queue.watchClosely(Set([gate] + tablets), at: origin)
    drive.run(for: .seconds(10))
    let late = drive.polls.filter { $0.at >= origin + .seconds(5) }
    let rate = Double(late.count { $0.target != gate }) / 5
    #expect(rate > 60 && rate < 100, "\(rate)")
    #expect(drive.times(of: gate, since: origin + .seconds(9)).count == 21)
    // Three keep their own pace.
    drive.queue.watchClosely(Set([gate] + tablets.prefix(3)), at: drive.now)
    drive.run(for: .seconds(6))
    #expect(drive.times(of: tablets[0], since: origin + .seconds(15)).count >= 4)
  }

  /// Whichever sees a failover first, it is heard of after half the time.
  @Test func vtgatesThatAreWatchedCloselyTakeTurns() {
    let other = Target(.vtgate, Address(host: "vtgate-2", port: 15001))
    var drive = Drive(Cadence(), [gate, other])
    drive.run(for: .milliseconds(1300))
    drive.queue.watchClosely([gate, other], at: drive.now)
    drive.run(for: .milliseconds(300))
    let since = origin + .milliseconds(1300)
    let turns = [gate, other].sorted().map { drive.times(of: $0, since: since) }
    #expect(turns[0] == [1.3, 1.35, 1.4, 1.45, 1.5, 1.55, 1.6])
    #expect(turns[1] == [1.3, 1.325, 1.375, 1.425, 1.475, 1.525, 1.575])
  }

  @Test func aDeadTabletOfAShardThatIsWatchedCloselyIsAskedSeveralTimesASecond() throws {
    var drive = Drive(Cadence(), [gate, tablet])
    drive.succeeds = { $0 != tablet }
    drive.run(for: .seconds(60))
    let start = drive.now
    drive.queue.watchClosely([gate, tablet], at: start)
    drive.run(for: .seconds(10))
    let times = drive.times(of: tablet, since: start)
    #expect(try #require(times.first) - (start - origin).seconds < 0.3)
    #expect(zip(times.dropFirst(), times).allSatisfy { $0 - $1 < 0.3 })
    drive.queue.watchClosely([], at: drive.now)
    let end = drive.now
    drive.run(for: .seconds(60))
    #expect(drive.times(of: tablet, since: end).count < 20)
  }

  @Test func aTargetIsNeverAskedAgainBeforeItAnswered() {
    var queue = PollQueue(Cadence(), origin: origin)
    queue.add(gate, at: origin)
    expectTaken(&queue, at: origin, gate)
    queue.watchClosely([gate], at: origin)
    expectTaken(&queue, at: origin + .seconds(60), nil)
    #expect(nextDue(queue) == nil)
    queue.finish(gate, requests: 1, succeeded: true, at: origin + .seconds(3), jitter: 0)
    #expect(nextDue(queue) == origin + .seconds(3))
  }

  @Test func oneTargetsBudgetHoldsInAnySecond() {
    var drive = Drive(Cadence(targetBudget: 20), [gate])
    drive.took = .milliseconds(1)
    drive.requests = 2
    drive.queue.watchClosely([gate], at: drive.now)
    drive.run(for: .seconds(10))
    let times = drive.times(of: gate)
    for start in times {
      #expect(2 * times.count { $0 >= start && $0 < start + 1 } <= 20)
    }
    #expect(times.count > 60)
  }

  @Test func vtgatesGoFirst() {
    let tablets = (1...50).map { Target(.vttablet, Address(host: "tablet", port: $0)) }
    var queue = PollQueue(Cadence(), origin: origin)
    for target in tablets + [gate] { queue.add(target, at: origin) }
    expectTaken(&queue, at: origin, gate)
  }

  @Test func aRemovedTargetIsGone() {
    var queue = PollQueue(Cadence(), origin: origin)
    queue.add(gate, at: origin)
    queue.remove(gate)
    expectTaken(&queue, at: origin, nil)
  }
}

@Suite struct TokenBucketTests {
  @Test func noSecondSeesMoreThanTheLimit() {
    var bucket = TokenBucket(perSecond: 100, at: origin)
    var taken: [Instant] = []
    // Nothing for a while, then as much as there is, at every millisecond.
    for millisecond in 2000..<6000 {
      let now = origin + .milliseconds(millisecond)
      while bucket.take(at: now) { taken.append(now) }
    }
    for start in taken {
      #expect(taken.count { $0 >= start && $0 < start + .seconds(1) } <= 100)
    }
    #expect(taken.count > 300)
  }

  @Test func itSaysWhenThereWillBeMore() {
    var bucket = TokenBucket(perSecond: 100, at: origin)
    while bucket.take(at: origin) {}
    let next = bucket.next(after: origin)
    #expect(next > origin)
    let isTaken = bucket.take(at: next)
    #expect(isTaken)
  }
}
