internal import NIOCore
internal import Synchronization
package import Terms

/// For how long servers that have been asked have sent nothing.
///
/// Only that is a server's silence: where a hundred answers of megabytes come at once, each takes as long
/// as reading them takes here, and one that has come may have to wait for its turn to be decoded.
package final class ServerSilence: Sendable {
  /// What is on its way from one server.
  final class Wait: Sendable {
    /// When it was asked or last sent something, on the loops' clock; 0 while nothing is asked of it.
    private let since = Atomic<UInt64>(0)

    var length: Duration {
      let since = since.load(ordering: .relaxed)
      return since == 0
        ? .zero : .nanoseconds(max(0, Int64(NIODeadline.now().uptimeNanoseconds) - Int64(since)))
    }

    func goesOn() { since.store(NIODeadline.now().uptimeNanoseconds, ordering: .relaxed) }
    func ends() { since.store(0, ordering: .relaxed) }
  }

  private let waits = Mutex<[HTTPOrigin: Wait]>([:])

  func wait(for origin: HTTPOrigin) -> Wait {
    waits.withLock { waits in
      let wait = waits[origin] ?? Wait()
      waits[origin] = wait
      return wait
    }
  }

  /// Zero while nothing is asked of it; nil where it was never asked over HTTP.
  package func length(of server: Address) -> Duration? {
    waits.withLock { $0[HTTPOrigin(server)] }?.length
  }

  package func forget(_ server: Address) {
    waits.withLock { $0[HTTPOrigin(server)] = nil }
  }
}
