import Dashboard
import FleetModel
import Session
import Synchronization
import TerminalKit
import Terms
import Testing
import Watching

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Whoever has no time to hear an answer cannot call the server silent: what is told of waits as long as
/// the answer does.
@MainActor
@Suite(.timeLimit(.minutes(1))) struct HeardLateTests {
  private nonisolated static let start = Instant(secondsSinceEpoch: 1_795_000_000)
  private static let vtgate = Target(.vtgate, Address(host: "gate1", port: 15001))
  private static let shard = ShardName(keyspace: "commerce", shard: "0")

  private static func told(_ news: Observation.News, at second: Int) -> Observation {
    Observation(of: "test", at: start + .seconds(second), news)
  }

  /// An answer that names a shard, or none.
  private static func answer(at second: Int, namesShard: Bool = false) -> Observation {
    var reading = VtgateReading()
    if namesShard { reading.buffers[shard] = BufferCounters() }
    let at = start + .seconds(second)
    return told(
      .outcome(ScrapeOutcome(target: vtgate, at: at, took: .zero, result: .gate(reading))),
      at: second)
  }

  private static func pace(at second: Int) -> Observation { told(.pace(Pace()), at: second) }

  private func wait(for isSo: @MainActor () -> Bool) async { while !isSo() { await Task.yield() } }

  @Test func onTheScreen() async {
    let clock = Mutex(Self.start)
    let feed = Backlog([Self.answer(at: 0), Self.pace(at: 0)])
    let screen = MemoryScreen(Size(columns: 80, rows: 24))
    let session = Session(
      settings: .init(
        title: "test", interval: .seconds(1), permission: .never(because: "--read-only")),
      screen: screen, feed: feed, now: { clock.withLock { $0 } })
    var readWhenSilent: Set<Instant?> = []
    screen.whileShowing = {
      for vtgate in session.model.fleet.vtgates.values where !vtgate.isFresh {
        readWhenSilent.insert(vtgate.watched.readAt)
      }
    }
    func hasRead(at second: Int) -> Bool {
      session.model.fleet.vtgates[Self.vtgate.address]?.watched.readAt
        == Self.start + .seconds(second)
    }
    let watching = Task {
      await wait { hasRead(at: 0) }
      // Ten seconds later the answer of the first of them has only just been taken.
      clock.withLock { $0 = Self.start + .seconds(10) }
      feed.tell([Self.answer(at: 1), Self.pace(at: 1)])
      await wait { hasRead(at: 1) }
      screen.send(.resized(Size(columns: 90, rows: 24)))
      await wait { session.model.size.columns == 90 }
      #expect(!readWhenSilent.contains(Self.start + .seconds(1)))
      // Now all has been heard, and there was no other answer.
      feed.tell([Self.pace(at: 10)])
      await wait { readWhenSilent.contains(Self.start + .seconds(1)) }
      screen.end(.signal(SIGTERM))
    }
    _ = await session.run([Self.vtgate])
    await watching.value
  }

  @Test func inLines() async {
    let clock = Mutex(Self.start)
    let feed = Backlog([Self.answer(at: 0), Self.pace(at: 0)])
    var lines: [String] = []
    let session = LineSession(
      settings: .init(cluster: "test", interval: .seconds(1)), feed: feed, format: .json,
      utcOffset: 0, now: { clock.withLock { $0 } }, write: { lines.append($0) })
    func areLines(_ type: String) -> Bool { lines.contains { $0.contains("\"\(type)\"") } }
    let watching = Task {
      clock.withLock { $0 = Self.start + .seconds(10) }
      feed.tell([Self.answer(at: 1, namesShard: true), Self.pace(at: 1)])
      await wait { areLines("shard") }
      #expect(!areLines("blind"), "\(lines)")
      feed.tell([Self.pace(at: 10)])
      await wait { areLines("blind") }
      await feed.stop()
    }
    await session.run([Self.vtgate])
    await watching.value
  }

  @Test func atOneLook() async {
    // Once it has begun, it has no time for ten seconds.
    let hasBegun = Mutex(false)
    let watch = await Look.take(
      [Self.vtgate], settings: .init(cluster: "test", interval: .seconds(1)),
      feed: Backlog([Self.answer(at: 0), Self.pace(at: 0)]), deadline: .seconds(10),
      now: {
        hasBegun.withLock { hasBegun in
          defer { hasBegun = true }
          return hasBegun ? Self.start + .seconds(10) : Self.start
        }
      })
    #expect(watch.fleet.vtgates.values.allSatisfy { $0.isFresh })
  }
}
