/// How long it takes from the start of buffering to the word on the terminal, with the shard armed.
enum ArmedWatch {
  private static let reparents = 30
  private static let shard = "commerce/0"

  static func measure(_ program: String) async throws -> [Figure] {
    let lab = try await Lab(
      program,
      [
        "--vtgates", "2", "--keyspace", "commerce:0", "--promotion", "300ms",
        "--buffer-min-time-between-failovers", "1s",
      ])
    let child = try Child([program] + lab.watching)
    try await child.until("the shard") { $0.text.contains(shard) }
    try await Task.sleep(for: .seconds(2))
    child.type("a")
    try await child.until("the shard to be armed") { $0.text.contains("ARMED") }
    child.await("BUFFERING")
    let vtgates = try lab.vtgates.map { try Loopback($0) }
    var delays: [Double] = []
    for _ in 0..<reparents {
      try await Task.sleep(for: .milliseconds(2500))
      let before = try starts(vtgates)
      let call = try Loopback(lab.control)
      call.send("POST", "/planned-reparent?shard=\(shard)")
      let began = try await start(vtgates, after: before)
      try await child.until("the word") { ($0.lastWritten("BUFFERING") ?? began) > began }
      if let shown = child.lastWritten("BUFFERING") {
        delays.append((shown - began) / .milliseconds(1))
      }
      _ = try call.answer()
    }
    delays.sort()
    return [
      Figure(
        "armed: from the start of buffering to the word on the terminal",
        "\(delays.quantile(0.5).digits(0)) ms median, \(delays.quantile(0.95).digits(0)) ms p95",
        goal: "25 ms, 50 ms")
    ]
  }

  /// The moment at which the first vtgate was seen to have begun, asking every few milliseconds.
  private static func start(
    _ vtgates: [Loopback], after before: Int
  ) async throws -> ContinuousClock.Instant {
    let end = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < end {
      let asked = ContinuousClock.now
      if try starts(vtgates) > before { return asked }
      try await Task.sleep(for: .milliseconds(4))
    }
    throw Trouble("no failover was buffered")
  }

  /// What all of them have begun to buffer so far.
  private static func starts(_ vtgates: [Loopback]) throws -> Int {
    for vtgate in vtgates { vtgate.send("GET", "/metrics") }
    return try vtgates.reduce(0) { sum, vtgate in
      sum
        + (try vtgate.answer().matches(of: /\nvtgate_buffer_starts\{[^}]*\} ([0-9]+)/)
          .reduce(0) { $0 + (Int($1.1) ?? 0) })
    }
  }
}
