/// Waits for work to be done, but not beyond a limit; work not done by then goes on unattended.
package func atMost(_ limit: Duration, _ work: @escaping @Sendable () async -> Void) async {
  let (end, continuation) = AsyncStream.makeStream(of: Never.self)
  Task {
    await work()
    continuation.finish()
  }
  let timer = Task {
    try? await Task.sleep(for: limit)
    continuation.finish()
  }
  for await _ in end {}
  timer.cancel()
}
