package import Testing

/// Waits until a condition holds, looking every 20 ms; fails the test when it does not in time.
package func wait(
  for what: String, upTo limit: Duration = .seconds(10),
  sourceLocation: SourceLocation = #_sourceLocation, until condition: () async throws -> Bool
) async throws {
  let end = ContinuousClock.now + limit
  while ContinuousClock.now < end {
    if try await condition() { return }
    try await Task.sleep(for: .milliseconds(20))
  }
  Issue.record("waited \(limit) in vain for \(what)", sourceLocation: sourceLocation)
}
