internal import NIOCore
internal import NIOPosix
internal import Terms

/// A thread that waits for all of its sockets at once, one of NIO's event loops, as an executor.
///
///     sockets ─┐
///     alarms ──┼─> one wake-up ─> answers are parsed, polls end, the books are kept
///     jobs ────┘
///
/// Whatever runs on it can ask servers, read their answers and hand them on without waking another
/// thread: a hop costs more than most answers do. Nothing on it may take long: a long answer is read
/// elsewhere (``HTTPFetcher/Page/read(_:)``), or in pieces (``BodyReader``). Nor may it always have
/// something due, or it never looks at its sockets.
package final class LoopThread: SerialExecutor, TaskExecutor {
  /// One for each processor.
  package static let all = MultiThreadedEventLoopGroup.singleton.makeIterator().map {
    LoopThread($0)
  }

  private let loop: any EventLoop

  private init(_ loop: any EventLoop) { self.loop = loop }

  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    loop.execute { [self] in
      job.runSynchronously(
        isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
    }
  }

  package func checkIsolated() { loop.preconditionInEventLoop() }

  /// Something that will be called; cancelled on its own thread, it never is.
  package struct Alarm: Sendable {
    fileprivate let scheduled: Scheduled<Void>

    package func cancel() { scheduled.cancel() }
  }

  /// Calls on this thread, once; `pause`: from now on.
  package func call(after pause: Duration, _ act: @escaping @Sendable () -> Void) -> Alarm {
    Alarm(scheduled: loop.scheduleTask(in: .nanoseconds(max(0, pause.wholeNanoseconds)), act))
  }

  /// The event loops for connections that are opened here: the one of this thread, or else any.
  static var here: any EventLoopGroup {
    MultiThreadedEventLoopGroup.currentEventLoop ?? MultiThreadedEventLoopGroup.singleton
  }
}
