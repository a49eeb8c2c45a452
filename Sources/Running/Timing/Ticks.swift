internal import Dispatch
internal import Terms

/// Something that comes around again and again, for the main actor.
///
/// A repeating timer is armed once. A task that sleeps arms one each time, which wakes a thread of
/// the system's, and comes back through a thread of the pool, which wakes another.
package struct Ticks: AsyncSequence {
  package typealias Element = Void

  private let stream: AsyncStream<Void>

  /// `first`: the time until the first one.
  package init(first: Duration, every interval: Duration, tolerance: Duration) {
    let (stream, continuation) = AsyncStream.makeStream(
      of: Void.self, bufferingPolicy: .bufferingNewest(1))
    self.stream = stream
    // Sources may be used from any thread, which Dispatch does not say on Linux.
    nonisolated(unsafe) let timer = DispatchSource.makeTimerSource(queue: .main)
    timer.schedule(
      deadline: .now() + first.dispatched, repeating: interval.dispatched,
      leeway: tolerance.dispatched)
    timer.setEventHandler { continuation.yield() }
    continuation.onTermination = { _ in timer.cancel() }
    timer.activate()
  }

  package func makeAsyncIterator() -> AsyncStream<Void>.Iterator { stream.makeAsyncIterator() }
}

extension Duration {
  fileprivate var dispatched: DispatchTimeInterval { .nanoseconds(Int(wholeNanoseconds)) }
}
