/// Waits for work to be done, but no longer than a time; what is not done by then goes on unheeded.
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
