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
  let observations: AsyncStream<Observation>
  private let continuation: AsyncStream<Observation>.Continuation

  init(_ waiting: [Observation]) {
    (observations, continuation) = AsyncStream.makeStream()
    for observation in waiting { continuation.yield(observation) }
  }

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
}
