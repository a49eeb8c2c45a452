internal import Synchronization
package import Terms
internal import VitessClient

/// Limits how many requests are made in any second, to all targets together.
///
/// Waiting callers have priority.
final class RequestBudget: RequestLimit {
  private struct State {
    var bucket: TokenBucket
    var waiting = 0
  }

  private let state: Mutex<State>
  private let now: @Sendable () -> Instant

  init(perSecond limit: Int, now: @escaping @Sendable () -> Instant) {
    self.now = now
    state = Mutex(State(bucket: TokenBucket(perSecond: limit, at: now())))
  }

  /// Takes permission for one request, if there is any.
  func take() -> Bool {
    state.withLock { $0.waiting == 0 && $0.bucket.take(at: now()) }
  }

  /// When there will be permission for one request.
  var next: Instant { state.withLock { $0.bucket.next(after: now()) } }

  /// Waits until there is permission for one request.
  func wait() async throws {
    guard !take() else { return }
    state.withLock { $0.waiting += 1 }
    defer { state.withLock { $0.waiting -= 1 } }
    while !state.withLock({ $0.bucket.take(at: now()) }) {
      try await Task.sleep(for: max(.milliseconds(1), next - now()))
    }
  }
}

/// Permission for requests: what may be made at once and what is added within a second together
/// make up the limit, so that no second sees more.
package struct TokenBucket: Sendable {
  private let size: Double
  private let perSecond: Double
  private var tokens: Double
  private var filledAt: Instant

  package init(perSecond limit: Int, at now: Instant) {
    size = max(1, Double(limit) / 4)
    perSecond = Double(limit) - size
    tokens = size
    filledAt = now
  }

  package mutating func take(at now: Instant) -> Bool {
    if now > filledAt {
      tokens = min(size, tokens + (now - filledAt).seconds * perSecond)
      filledAt = now
    }
    guard tokens >= 1 else { return false }
    tokens -= 1
    return true
  }

  package func next(after now: Instant) -> Instant {
    let missing = 1 - tokens - max(0, (now - filledAt).seconds) * perSecond
    return missing > 0 ? now + .nanoseconds(Int64(missing / perSecond * 1e9) + 1) : now
  }
}
