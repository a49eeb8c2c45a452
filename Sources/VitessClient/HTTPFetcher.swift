internal import AsyncHTTPClient
package import FleetModel
package import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// What keeps all clients together from asking too much.
///
/// The first request of a poll has leave already; every further one takes its own.
package protocol RequestLimit: Sendable {
  /// Takes leave for one request if there is any.
  func take() -> Bool
  /// Waits until there is leave for one request.
  func wait() async throws
}

/// Fetches pages of Vitess servers over HTTP/1.1, one connection kept per server.
///
/// The caller ends what takes too long by cancelling its task.
///
/// Redirects are never followed: vtgate and vttablet answer an unknown or removed path with 302 to
/// their status page, which must not be taken for an answer.
package final class HTTPFetcher: Sendable {
  /// A page whose body has been read whole.
  package struct Page: Sendable {
    package let status: Int
    package let body: ByteBuffer

    /// A path that the server does not have: vtgate and vttablet lead to their status page instead.
    var isElsewhere: Bool { (300..<400).contains(status) || status == 404 }
  }

  /// The longest body that is read whole, in bytes.
  ///
  /// `/debug/gateway` has about 700 bytes a tablet.
  static let bodyLimit = 16 * 1024 * 1024
  /// The longest streamed body, in bytes; real ones are some megabytes.
  static let streamLimit = 256 * 1024 * 1024

  private let client: HTTPClient
  let tabletLists = SharedTabletLists()
  private let deadline: Duration
  private let limit: (any RequestLimit)?

  /// `deadline`: how long a poll may take, all its requests together.
  package init(deadline: Duration = .seconds(2), limit: (any RequestLimit)? = nil) {
    self.deadline = deadline
    self.limit = limit
    var configuration = HTTPClient.Configuration()
    configuration.redirectConfiguration = .disallow
    configuration.httpVersion = .http1Only
    configuration.timeout.connect = .seconds(2)
    configuration.connectionPool.idleTimeout = .seconds(30)
    configuration.connectionPool.retryConnectionEstablishment = false
    client = HTTPClient(
      eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup.singleton),
      configuration: configuration)
  }

  package func shutdown() async { try? await client.shutdown() }

  /// Takes leave for a request that can as well be made another time.
  func mayAskMore() -> Bool { limit?.take() ?? true }

  /// Waits for leave for a further request of a poll.
  func waitToAskMore() async throws(ScrapeFailure) {
    guard let limit else { return }
    do { try await limit.wait() } catch { throw timedOut }
  }

  private var timedOut: ScrapeFailure {
    ScrapeFailure(.timedOut, "no answer within \(deadline.inTenths)")
  }

  /// Reads a page whole.
  package func page(
    _ path: String, of target: Target
  ) async throws(ScrapeFailure) -> Page {
    try await attempt(path, target) { response in
      let body = try await response.body.collect(upTo: Self.bodyLimit)
      try Task.checkCancellation()
      return Page(status: Int(response.status.code), body: body)
    }
  }

  /// Streams a page's body in the chunks in which it arrives; an answer other than 200 is a failure.
  package func stream<Value: Sendable>(
    _ path: String, of target: Target, into value: Value,
    _ take: @escaping @Sendable (inout Value, UnsafeRawBufferPointer) -> Void
  ) async throws(ScrapeFailure) -> Value {
    try await attempt(path, target) { response in
      guard response.status == .ok else {
        throw ScrapeFailure(.refusedByServer, "\(path) answered \(response.status.code)")
      }
      var value = value
      var total = 0
      for try await chunk in response.body {
        total += chunk.readableBytes
        guard total <= Self.streamLimit else {
          throw ScrapeFailure(
            .notUnderstood, "\(path) is longer than \(Self.streamLimit >> 20) MiB")
        }
        chunk.withUnsafeReadableBytes { take(&value, $0) }
      }
      // A body that was broken off must not pass for a whole one.
      try Task.checkCancellation()
      return value
    }
  }

  /// Makes one call that is never repeated: with a body by POST, which nothing on the way repeats
  /// either, else by GET.
  func call(
    _ url: String, body: String?, within deadline: Duration
  ) async throws(CallFailure) -> Page {
    do {
      var request = HTTPClientRequest(url: url)
      request.headers.add(name: "User-Agent", value: "sluice")
      if let body {
        request.method = .POST
        if !body.isEmpty { request.headers.add(name: "Content-Type", value: "application/json") }
        request.body = .bytes(ByteBuffer(string: body))
      }
      let response = try await client.execute(
        request, deadline: .now() + .nanoseconds(deadline.wholeNanoseconds))
      let body = try await response.body.collect(upTo: Self.bodyLimit)
      return Page(status: Int(response.status.code), body: body)
    } catch {
      throw CallFailure(
        Self.isFromConnecting(error) ? .notSent : .lost,
        "\(url): \(failure(error, url, deadline).description)")
    }
  }

  private func attempt<Value: Sendable>(
    _ path: String, _ target: Target,
    _ read: (HTTPClientResponse) async throws -> Value
  ) async throws(ScrapeFailure) -> Value {
    do {
      var request = HTTPClientRequest(url: "http://\(target.address)\(path)")
      request.headers.add(name: "User-Agent", value: "sluice")
      let response = try await client.execute(
        request, deadline: .now() + .nanoseconds(deadline.wholeNanoseconds))
      return try await read(response)
    } catch let failure as ScrapeFailure {
      throw failure
    } catch {
      // However the cancelled request reports it: its time was up.
      throw Task.isCancelled ? timedOut : failure(error, path, deadline)
    }
  }

  /// Puts the network's errors into an operator's words.
  private func failure(
    _ error: any Error, _ path: String, _ deadline: Duration
  ) -> ScrapeFailure {
    switch error {
    case let error as HTTPClientError
    where error == .deadlineExceeded || error == .connectTimeout || error == .readTimeout:
      return ScrapeFailure(.timedOut, "no answer within \(deadline.inTenths)")
    case let error as HTTPClientError where error == .remoteConnectionClosed:
      return ScrapeFailure(.unreachable, "connection closed in the middle of an answer")
    case let error as HTTPParserError where error == .invalidEOFState:
      return ScrapeFailure(.unreachable, "connection closed in the middle of an answer")
    case is HTTPParserError:
      return ScrapeFailure(.notUnderstood, "\(path) is not HTTP")
    case let error as NIOConnectionError where error.dnsAError != nil || error.dnsAAAAError != nil:
      return ScrapeFailure(.unreachable, "host name cannot be resolved")
    case let error as NIOConnectionError:
      let reason = error.connectionErrors.first.flatMap { $0.error as? IOError }
      return ScrapeFailure(.unreachable, Self.words(for: reason) ?? "cannot connect")
    case let error as IOError:
      return ScrapeFailure(.unreachable, Self.words(for: error) ?? "connection failed")
    case is NIOTooManyBytesError:
      return ScrapeFailure(.notUnderstood, "\(path) is longer than \(Self.bodyLimit >> 20) MiB")
    default:
      return ScrapeFailure(.unreachable, "\(path): \(error)")
    }
  }

  /// There was no connection to send anything on.
  private static func isFromConnecting(_ error: any Error) -> Bool {
    switch error {
    case is NIOConnectionError: true
    case let error as HTTPClientError: error == .connectTimeout
    case let error as IOError:
      [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH].contains(error.errnoCode)
    default: false
    }
  }

  private static func words(for error: IOError?) -> String? {
    switch error?.errnoCode {
    case ECONNREFUSED: "connection refused"
    case ECONNRESET: "connection reset"
    case EHOSTUNREACH, ENETUNREACH: "no route to host"
    case ETIMEDOUT: "connection timed out"
    default: nil
    }
  }
}
