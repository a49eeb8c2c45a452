import Dashboard
import FleetModel
import Session
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
}
