internal import DequeModule
internal import NIOCore
internal import NIOPosix

/// The time limits of what is asked on one event loop, with one timer for all of them.
///
/// NIO searches all its timers for one that is cancelled, and of thousands of time limits hardly any
/// is ever reached. Here, those that are no longer in force are passed over when their turn comes.
final class TimeLimits {
  private struct Limit {
    let at: NIODeadline
    let number: Int
    let exchange: HTTPExchange

    var isInForce: Bool { exchange.timeLimit == number }
  }

  private static let here = ThreadSpecificVariable<NIOLoopBoundBox<TimeLimits>>()

  private let loop: any EventLoop
  /// In the order in which they are reached.
  private var limits = Deque<Limit>()
  private var lastNumber = 0
  private var timer: (at: NIODeadline, scheduled: Scheduled<Void>)?

  private init(_ loop: any EventLoop) { self.loop = loop }

  /// Those of an event loop, which must be the one that this is called on.
  static func of(_ loop: any EventLoop) -> TimeLimits {
    loop.preconditionInEventLoop()
    if let known = here.currentValue { return known.value }
    let new = TimeLimits(loop)
    here.currentValue = NIOLoopBoundBox(new, eventLoop: loop)
    return new
  }

  /// Sets a limit in place of an exchange's last one, and returns its number.
  ///
  /// When it is reached the exchange is told, if by then its number is still this one's.
  func set(_ at: NIODeadline, for exchange: HTTPExchange) -> Int {
    while let first = limits.first, !first.isInForce { limits.removeFirst() }
    lastNumber += 1
    // Nearly all last equally long, so this one is nearly always the last to be reached.
    var place = limits.count
    while place > 0, at < limits[place - 1].at { place -= 1 }
    limits.insert(Limit(at: at, number: lastNumber, exchange: exchange), at: place)
    wake(at: at)
    return lastNumber
  }

  private func wake(at deadline: NIODeadline) {
    if let timer {
      guard deadline < timer.at else { return }
      timer.scheduled.cancel()
    }
    let limits = NIOLoopBound(self, eventLoop: loop)
    let scheduled = loop.scheduleTask(deadline: deadline) { limits.value.timeHasPassed() }
    timer = (deadline, scheduled)
  }

  private func timeHasPassed() {
    timer = nil
    let now = NIODeadline.now()
    while let first = limits.first, !first.isInForce || first.at <= now {
      limits.removeFirst()
      if first.isInForce { first.exchange.timeHasPassed() }
    }
    if let first = limits.first { wake(at: first.at) }
  }
}
