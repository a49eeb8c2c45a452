import Dashboard
import FleetModel
import Session
import Synchronization
import TerminalKit
import Terms
import Testing
import Timing
import Watching

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A feed of which more waits than can be taken in at once.
struct Backlog: Feed {
  let batches: AsyncStream<[Observation]>
  private let continuation: AsyncStream<[Observation]>.Continuation

  init(_ waiting: [Observation]) {
    (batches, continuation) = AsyncStream.makeStream()
    continuation.yield(waiting)
  }

  func tell(_ batch: [Observation]) { continuation.yield(batch) }

  func start(_ targets: [Target]) async {}
  func grant(_ wishes: Wishes) async {}
  func stop() async { continuation.finish() }
}

/// Who gets a turn while answers wait.
@Suite(.timeLimit(.minutes(1))) struct FairnessTests {
  @MainActor
  @Test func anEndOvertakesAnswersThatWait() async {
    let clock = RunClock()
    let waiting = (0..<20_000).map { number in
      Observation(
        of: "test", at: clock.now,
        .watching(Target(.vtgate, Address(host: "gate\(number)", port: 15001))))
    }
    let screen = MemoryScreen(Size(columns: 80, rows: 24))
    let session = Session(
      settings: .init(
        title: "test", interval: .seconds(1), permission: .never(because: "--read-only")),
      screen: screen, feed: Backlog(waiting), now: { clock.now })
    let ending = Task {
      while session.model.fleet.vtgates.count < 100 { await Task.yield() }
      screen.end(.signal(SIGTERM))
    }
    #expect(await session.run([]) == .signal(SIGTERM))
    await ending.value
    #expect(session.model.fleet.vtgates.count < waiting.count / 10)
  }

  /// What was told together is shown together, however soon the frame.
  @MainActor
  @Test func answersThatCameTogetherShareAFrame() async {
    let clock = RunClock()
    let vtgates = (1...3).map { Target(.vtgate, Address(host: "gate\($0)", port: 15001)) }
    let answers = vtgates.map {
      Observation(
        of: "test", at: clock.now,
        .outcome(
          ScrapeOutcome(
            target: $0, at: clock.now, took: .zero, result: .gate(VtgateReading()))))
    }
    let screen = MemoryScreen(Size(columns: 80, rows: 24))
    let session = Session(
      settings: .init(
        title: "test", interval: .seconds(1), permission: .never(because: "--read-only")),
      screen: screen, feed: Backlog(answers), now: { clock.now })
    var shown: Set<Int> = []
    screen.whileShowing = {
      shown.insert(session.model.fleet.vtgates.values.count { $0.isFresh })
    }
    let ending = Task {
      while !shown.contains(3) { await Task.yield() }
      screen.end(.signal(SIGTERM))
    }
    _ = await session.run(vtgates)
    await ending.value
    #expect(shown == [0, 3])
  }

  /// Whoever has no time to hear an answer cannot call the server silent: what is told of waits as long as
  /// the answer does.
  @MainActor
  @Test func answersThatWaitAreNoSilence() async {
    let start = Instant(secondsSinceEpoch: 1_795_000_000)
    let vtgate = Target(.vtgate, Address(host: "gate1", port: 15001))
    func told(_ news: Observation.News, at second: Int) -> Observation {
      Observation(of: "test", at: start + .seconds(second), news)
    }
    func answer(at second: Int) -> Observation {
      let at = start + .seconds(second)
      return told(
        .outcome(
          ScrapeOutcome(target: vtgate, at: at, took: .zero, result: .gate(VtgateReading()))),
        at: second)
    }
    let clock = Mutex(start)
    let feed = Backlog([answer(at: 0), told(.pace(Pace()), at: 0)])
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
    let watching = Task {
      @MainActor func read(at second: Int) -> Bool {
        session.model.fleet.vtgates[vtgate.address]?.watched.readAt == start + .seconds(second)
      }
      while !read(at: 0) { await Task.yield() }
      // Ten seconds later the answer of the first of them has only just been taken.
      clock.withLock { $0 = start + .seconds(10) }
      feed.tell([answer(at: 1), told(.pace(Pace()), at: 1)])
      while !read(at: 1) { await Task.yield() }
      screen.send(.resized(Size(columns: 90, rows: 24)))
      while session.model.size.columns < 90 { await Task.yield() }
      #expect(!readWhenSilent.contains(start + .seconds(1)))
      // Now all has been heard, and there was no other answer.
      feed.tell([told(.pace(Pace()), at: 10)])
      while !readWhenSilent.contains(start + .seconds(1)) { await Task.yield() }
      screen.end(.signal(SIGTERM))
    }
    _ = await session.run([vtgate])
    await watching.value
  }
}
