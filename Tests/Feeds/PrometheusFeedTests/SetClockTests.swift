import FleetModel
import Synchronization
import Terms
import TestSupport
import Testing
import Timing
import Watching

/// A Prometheus whose clock is set, or whose place one with another clock takes.
@Suite(.timeLimit(.minutes(1))) struct SetClockTests {
  @Test(arguments: [30, -30]) func itsScrapesGoOnInOurTime(_ seconds: Double) async throws {
    let clock = RunClock()
    // What its clock shows beyond ours.
    let beyond = Mutex(Duration.zero)
    let server = try await StubServer { path in
      let step = beyond.withLock { $0 }
      let now = (clock.now + step).nanoseconds
      guard !path.contains("query=time") else {
        return .body(
          #"{"status":"success","data":{"resultType":"scalar","result":[\#(Double(now) / 1e9),"1"]}}"#
        )
      }
      guard path.contains("vtgate_buffer_size") else {
        return .body(#"{"status":"success","data":{"resultType":"vector","result":[]}}"#)
      }
      // A scrape a second, at another part of it by the other clock.
      let last = Double(now / 1_000_000_000) - (step == .zero ? 0.5 : 0.25)
      let samples = (0..<9).reversed().map { "[\(last - Double($0)),\"100\"]" }
      return .body(
        #"{"status":"success","data":{"resultType":"matrix","result":[{"metric":"#
          + #"{"__name__":"vtgate_buffer_size","instance":"gate:1","job":"vtgate"},"#
          + #""values":[\#(samples.joined(separator: ","))]}]}}"#)
    }
    let observer = Observer(port: server.port, clock: clock)
    await observer.start()
    try await wait(for: "scrapes", upTo: .seconds(20)) { await observer.outcomes.count > 2 }
    beyond.withLock { $0 = .seconds(seconds) }
    let setAt = clock.now
    try await wait(for: "scrapes since", upTo: .seconds(30)) {
      await observer.outcomes.last.map { $0.at > setAt + .seconds(3) && $0.at < clock.now } ?? false
    }
    let times = await observer.outcomes.map(\.at)
    await observer.stop()
    await server.stop()
    #expect(times == times.sorted(), "what is older than what was told")
    #expect(Set(times).count == times.count)
  }
}
