import Synchronization
import TestSupport
import Testing
import VitessClient

private final class Tally: Sendable {
  struct Counts {
    var (now, most, ended) = (0, 0, 0)
  }

  let counts = Mutex(Counts())
}

@Suite struct TurnsTests {
  @Test func aFewHaveATurnAtATime() async {
    let turns = Turns(3, patience: .seconds(60))
    let tally = Tally()
    await withTaskGroup { group in
      for _ in 0..<50 {
        group.addTask {
          #expect(await turns.take())
          tally.counts.withLock {
            $0.now += 1
            $0.most = max($0.most, $0.now)
          }
          await Task.yield()
          tally.counts.withLock {
            $0.now -= 1
            $0.ended += 1
          }
          turns.giveBack()
        }
      }
    }
    #expect(tally.counts.withLock { $0.most } <= 3)
    #expect(tally.counts.withLock { $0.ended } == 50)
  }

  /// A turn that is never given back holds nobody up for ever.
  @Test func whoHasWaitedLongGoesWithout() async {
    let turns = Turns(1, patience: .milliseconds(20))
    #expect(await turns.take())
    #expect(await !turns.take())
    turns.giveBack()
    #expect(await turns.take())
  }
}
