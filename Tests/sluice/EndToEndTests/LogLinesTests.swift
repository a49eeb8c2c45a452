import Dispatch
import Synchronization
import TestSupport
import Testing

@testable import sluice

@Suite struct LogLinesTests {
  /// Nobody takes the first line for a while.
  @Test func whoLogsWaitsForNobody() async throws {
    let written = Mutex<[String]>([])
    let gate = DispatchSemaphore(value: 0)
    let lines = LogLines { line in
      if line == "0" { gate.wait() }
      written.withLock { $0.append(line) }
    }
    for number in 0..<1_500 { lines.add("\(number)") }
    #expect(written.withLock { $0.isEmpty })
    gate.signal()
    try await wait(for: "the lines") { written.withLock { $0.count } == 1_000 }
    lines.add("last")
    lines.finish()
    let all = written.withLock { $0 }
    #expect(all.prefix(1_000) == (0..<1_000).map(String.init)[...])
    #expect(all.suffix(2) == ["500 lines are missing here: nobody took them", "last"])
  }
}
