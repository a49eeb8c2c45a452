import TestSupport
import Testing

/// What watching a small fleet costs, by what can be counted: a busy machine makes time of no use.
@Suite(
  .serialized, .timeLimit(.minutes(2)),
  .enabled(if: Pty.isPossible, "pseudo-terminals work otherwise here"))
struct CostTests {
  /// Half as much again as `make bench-watch` counts is a regression, and not another machine.
  @Test func asFewWakeUpsAndBytesAsItTakes() async throws {
    let lab = try LabProgram("--vtgates 3 --traffic steady 2>&1")
    defer { lab.end() }
    let vtgates = lab.greeting.matches(of: /--vtgate 127\.0\.0\.1:\d+/).flatMap {
      $0.0.split(separator: " ").map(String.init)
    }
    #expect(vtgates.count == 6)
    let pty = try Pty([sluice, "--no-config"] + vtgates, columns: 160, rows: 50)
    try await pty.wait(for: "customer/0")
    // The start asks for what is asked once.
    try await pty.pause(.seconds(5))
    var (wakes, bytes) = (Double.infinity, 0.0)
    // Other work on the same cores makes answers come apart, each with a wake-up of its own.
    for _ in 0..<3 where wakes >= 30 {
      pty.forget()
      let (start, before) = (ContinuousClock.now, pty.wakes)
      try await pty.pause(.seconds(10))
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      wakes = Double(pty.wakes - before) / seconds
      bytes = Double(pty.output.count) / seconds
    }
    #expect(wakes > 1 && wakes < 30, "\(wakes) wake-ups a second")
    #expect(bytes > 10 && bytes < 600, "\(bytes) bytes a second")
  }
}
