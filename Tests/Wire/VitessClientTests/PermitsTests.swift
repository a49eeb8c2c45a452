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

@Suite struct PermitsTests {
  @Test func aFewHaveOneAtATime() async {
    let permits = Permits(3, patience: .seconds(60))
    let tally = Tally()
    await withTaskGroup { group in
      for _ in 0..<50 {
        group.addTask {
          #expect(await permits.take())
          tally.counts.withLock {
            $0.now += 1
            $0.most = max($0.most, $0.now)
          }
          await Task.yield()
          tally.counts.withLock {
            $0.now -= 1
            $0.ended += 1
          }
          permits.giveBack()
        }
      }
    }
    #expect(tally.counts.withLock { $0.most } <= 3)
    #expect(tally.counts.withLock { $0.ended } == 50)
  }

  /// One that is never given back holds nobody up for ever.
  @Test func whoHasWaitedLongGoesWithout() async {
    let permits = Permits(1, patience: .milliseconds(20))
    #expect(await permits.take())
    #expect(await !permits.take())
    permits.giveBack()
    #expect(await permits.take())
  }
}
